"""Two real vLLM servers behind the real Envoy and the real router."""

import http.client
import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
from contract_calls import Answer, call
from contract_requests import ALIAS, Request
from real_tiers import Fleet, Front

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]

EASY: Final = "Say a few words about trees."
HARD: Final = "Find the integral of the polynomial."
COUNTS: Final = ("prompt_tokens", "completion_tokens")


def chat(text: str, **fields: Any) -> Request:  # noqa: ANN401 - JSON
    """A short chat under the public alias."""
    messages = [{"role": "user", "content": text}]
    body = {"model": ALIAS, "messages": messages, "max_tokens": 8, "temperature": 0, **fields}
    return Request(body=body)


def verdict(answer: Answer) -> tuple[int, str | None]:
    """The status, and the tier that truly answered."""
    return answer.status, answer.headers.get("x-tiergate-served-by")


@pytest.mark.parametrize(("text", "tier"), [(EASY, "fast"), (HARD, "reasoning")])
def test_a_request_is_steered_to_its_tier(front: Front, fleet: Fleet, text: str, tier: str) -> None:
    """The tier that the policy names answers under the alias, with its own name in the answer."""
    answer = call(front.address, chat(text))

    assert (200, tier) == verdict(answer)
    assert fleet.config.tier(tier).model == answer.json()["model"]


@pytest.mark.parametrize("tier", ["fast", "reasoning"])
def test_a_tiers_own_model_pins_it(front: Front, fleet: Fleet, tier: str) -> None:
    """VLLM serves each tier's name beside the alias, so the body needs no edit."""
    answer = call(front.address, chat(EASY, model=fleet.config.tier(tier).model))

    assert (200, tier) == verdict(answer)


def test_the_model_answers_with_sense(front: Front) -> None:
    """The weights that were made of a quantised file are the model's, their order undone right."""
    answer = call(front.address, chat("What is the capital of France?", max_tokens=16))

    assert "Paris" in answer.json()["choices"][0]["message"]["content"]


def test_a_stream_passes_as_it_is_made(front: Front) -> None:
    """The first token is there long before the last; the whole says what one answer would."""
    seen = list(_events(front.address, chat(EASY, stream=True, max_tokens=64, ignore_eos=True)))
    texts = [choice["delta"].get("content") or "" for event in seen for choice in event["choices"]]
    whole = call(front.address, chat(EASY, max_tokens=64, ignore_eos=True))

    assert len(seen) > 8
    assert whole.json()["choices"][0]["message"]["content"] == "".join(texts)


def test_the_access_log_has_the_answers_own_usage(front: Front) -> None:
    """What is accounted is what vLLM told the client, of streams too, though none asked for it.

    All in one test, since Envoy writes its file every ten seconds.
    """
    told = {}
    for text in (EASY, HARD):
        for stream in (False, True):
            answer = call(front.address, chat(text, stream=stream))
            usage = (answer.chunks()[-1] if stream else answer.json())["usage"]
            cached = usage["prompt_tokens_details"]["cached_tokens"]
            counts = {name: usage[name] for name in COUNTS}
            told[answer.headers["x-request-id"]] = {**counts, "cached_tokens": cached}
    logged = {one: front.usage(one) for one in told}

    assert told == {one: {name: logged[one][name] for name in told[one]} for one in told}
    assert ["fast", "fast", "reasoning", "reasoning"] == [logged[one]["tier"] for one in told]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/completions", {"prompt": "Trees are", "max_tokens": 4}),
        ("/v1/responses", {"input": "Say hello.", "max_output_tokens": 4}),
        ("/v1/messages", {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 4}),
        ("/tokenize", {"prompt": "Trees are"}),
    ],
)
def test_every_api_is_served(front: Front, path: str, body: dict[str, Any]) -> None:
    """The other paths of the gateway end at the same servers."""
    answer = call(front.address, Request(path=path, body={"model": ALIAS, **body}))

    assert (200, "fast") == verdict(answer)


def test_vllms_own_refusal_reaches_the_client(front: Front) -> None:
    """A prompt that only vLLM can measure is refused by it, in its own words."""
    answer = call(front.address, chat("word " * 2000))

    assert (400, "fast") == verdict(answer)
    assert "maximum context length" in answer.message()


def test_a_killed_tier_is_stood_in_for(front: Front, fleet: Fleet) -> None:
    """The next request of a tier that was killed is the other's; one that pins it gets 503."""
    fleet.tiers["fast"].kill()
    pinned = fleet.config.tier("fast").model

    assert [(200, "reasoning")] * 3 == [verdict(call(front.address, chat(EASY))) for _ in range(3)]
    assert (503, "none") == verdict(call(front.address, chat(EASY, model=pinned)))


def _events(address: str, request: Request) -> Iterator[dict[str, Any]]:
    host, _, port = address.rpartition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=120)
    body = json.dumps(request.body)
    connection.request("POST", request.path, body, {"content-type": "application/json"})
    response = connection.getresponse()
    while line := response.readline():
        if line.startswith(b"data: {"):
            yield json.loads(line.removeprefix(b"data: "))
    connection.close()
