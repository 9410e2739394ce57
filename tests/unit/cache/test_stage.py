"""What the cache says to requests."""

import asyncio
from collections.abc import Iterator

import pytest
from builders import chat, decision
from cache_builders import Process, asked, completion, entry, respond

from extproc.cache.answer import encode
from extproc.cache.similar import Similar, embedding
from extproc.decision import Reason
from extproc.exchange import Exchange
from extproc.signals.semantic import TOKENS
from extproc.signals.semantic.tokens import Tokens
from extproc.stages import Patient

ANSWER = completion("Hi.")


@pytest.fixture(name="process")
def _process() -> Iterator[Process]:
    made = Process()
    yield made
    made.close()


def said(exchange: Exchange) -> str:
    """What is told of the request."""
    result = exchange.facts["cache"]
    assert (exchange.answer is not None) == (result in {"hit", "semantic"})
    return result


async def turn(process: Process, exchange: Exchange, answer: bytes = ANSWER) -> str:
    """One request that is answered by a tier, if it must be."""
    await process.look(exchange)
    respond(exchange, decision(), answer)
    return said(exchange)


async def test_what_was_answered_is_answered_again(process: Process) -> None:
    """With its age, and by whom it was."""
    assert "miss" == await turn(process, process.exchange())
    process.clock.now += 7.9
    again = await process.look(process.exchange())

    assert ("hit", "fast") == (said(again), again.facts["cached_tier"])
    assert again.answer is not None
    assert Reason.CACHE_HIT is again.answer.reason
    assert b'"cached_tokens":9' in again.answer.body
    assert {
        "content-type": "application/json",
        "age": "7",
        "x-tiergate-cache": "hit",
    } == again.answer.headers
    assert (1.0, 1.0) == (
        process.count("tiergate_cache_requests", "hit"),
        process.count("tiergate_cache_requests", "miss"),
    )


async def test_what_may_not_be_kept_is_passed_by(process: Process) -> None:
    """Neither looked for nor watched."""
    exchange = await process.look(process.exchange(chat("hello")))

    assert ("bypass", []) == (said(exchange), exchange.watchers)


async def test_a_client_may_want_a_new_answer(process: Process) -> None:
    """It takes the old one's place."""
    await turn(process, process.exchange())
    assert "miss" == await turn(
        process, process.exchange(cache_control="no-cache"), completion("Hello.")
    )

    again = await process.look(process.exchange())
    assert again.answer is not None
    assert b"Hello." in again.answer.body


async def test_tenants_do_not_meet(process: Process) -> None:
    """What one has asked, another asks for the first time."""
    await turn(process, process.exchange(tenant="a"))

    assert "miss" == await turn(process, process.exchange(tenant="b"))
    assert "hit" == await turn(process, process.exchange(tenant="a"))


async def test_credentials_do_not_meet(process: Process) -> None:
    """Where there are no tenants: whoever judges them behind the gateway is not asked for a hit."""
    await turn(process, process.exchange(authorization="Bearer a"))

    assert "miss" == await turn(process, process.exchange(authorization="Bearer b"))
    assert "miss" == await turn(process, process.exchange(x_api_key="Bearer a"))
    assert "miss" == await turn(process, process.exchange())
    assert "hit" == await turn(process, process.exchange(authorization="Bearer a"))


async def test_a_tenant_may_have_several_keys(process: Process) -> None:
    """What one of them has asked, the others need not."""
    await turn(process, process.exchange(tenant="a", authorization="Bearer a"))

    assert "hit" == await turn(process, process.exchange(tenant="a", x_api_key="b"))


async def test_what_another_process_knows_is_known(process: Process) -> None:
    """And from then on in this one too."""
    exchange = process.exchange()
    (call,) = process.stage.asks(exchange)
    assert (f"cache:answer:{asked().place}",) == call.keys

    process.stage.told(exchange, [encode(entry(b"{}"))])

    assert "hit" == said(exchange)
    assert "hit" == said(await process.look(process.exchange()))


async def test_the_same_question_is_asked_once(process: Process) -> None:
    """Who comes while it is answered waits, and Envoy is told for how long."""
    first = await process.look(process.exchange())
    seconds = [process.exchange() for _ in range(3)]
    effects = [
        process.stage.told(one, await process.store.run(process.stage.asks(one))) for one in seconds
    ]
    waiting = [asyncio.ensure_future(effect()) for effect in effects if effect is not None]
    await asyncio.sleep(0)
    respond(first, decision(), ANSWER)

    for one, results in zip(seconds, await asyncio.gather(*waiting), strict=True):
        assert process.stage.told(one, results) is None
    assert ["hit"] * 3 == [said(one) for one in seconds]
    assert [10.0] * 3 == [effect.seconds for effect in effects if isinstance(effect, Patient)]


async def test_one_that_fails_fails_nobody_else(process: Process) -> None:
    """Whoever waited asks for itself, at once."""
    first = await process.look(process.exchange())
    second = process.exchange()
    effect = process.stage.told(second, await process.store.run(process.stage.asks(second)))
    assert effect is not None
    respond(first, decision(), ANSWER, status=500)

    assert process.stage.told(second, await effect()) is None
    assert ("miss", 1) == (said(second), len(second.watchers))


async def test_nobody_waits_longer_than_the_terms_say() -> None:
    """Then it asks for itself."""
    process = Process(wait_seconds=0.01)
    await process.look(process.exchange())
    second = await process.look(process.exchange())

    assert "miss" == said(second)
    process.close()


async def test_waiting_may_be_off() -> None:
    """Each request then goes its way."""
    process = Process(wait_seconds=0)
    await process.look(process.exchange())
    second = process.exchange()

    assert process.stage.told(second, await process.store.run(process.stage.asks(second))) is None
    process.close()


async def test_whoever_wants_a_new_answer_does_not_wait(process: Process) -> None:
    """For an older question's."""
    await process.look(process.exchange())
    second = process.exchange(cache_control="no-cache")

    assert process.stage.told(second, await process.store.run(process.stage.asks(second))) is None
    assert "miss" == said(second)


async def test_a_question_in_other_words_is_answered() -> None:
    """Where that is wanted, and not for a client that wants a new answer."""
    process = Process(similar=True)
    process.answers.similar = Similar(embedding(Tokens(TOKENS)), most=10)
    await turn(process, process.exchange(chat("What is the capital of France?", temperature=0)))
    words = chat("Please, what's the capital of France?", temperature=0)

    again = await process.look(process.exchange(words))

    assert "semantic" == said(again)
    assert again.answer is not None
    assert Reason.CACHE_SEMANTIC is again.answer.reason
    assert "semantic" == again.answer.headers["x-tiergate-cache"]
    assert "miss" == await turn(process, process.exchange(words, cache_control="no-cache"))
    other = chat("What is the capital of Germany?", temperature=0)
    assert "miss" == await turn(process, process.exchange(other))
    process.close()


async def test_an_answer_that_is_gone_answers_nothing() -> None:
    """The index may know more than the first tier has room for."""
    process = Process(similar=True)
    process.answers.similar = Similar(embedding(Tokens(TOKENS)), most=10)
    await turn(process, process.exchange(chat("What is the capital of France?", temperature=0)))
    process.clock.now += 4000

    words = chat("Please, what's the capital of France?", temperature=0)
    assert "miss" == await turn(process, process.exchange(words))
    process.close()


async def test_nothing_is_said_of_what_has_no_body(process: Process) -> None:
    """The catalogue answers some requests by itself."""
    exchange = Exchange(headers={})

    assert () == process.stage.asks(exchange)
    assert process.stage.told(exchange, ()) is None
