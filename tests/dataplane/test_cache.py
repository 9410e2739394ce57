"""Answers that are given again, through the real Envoy."""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import gateway as harness
import pytest
from builders import REASONING_MODEL, chat
from calls import Reply, reached, send, tier_requests
from gateway import Gateway
from openai import OpenAI
from tenants import created

PATHS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hi {}."}]}),
    "completions": ("/v1/completions", {"prompt": "Hi {}.", "max_tokens": 400}),
    "messages": (
        "/v1/messages",
        {"messages": [{"role": "user", "content": "Hi {}."}], "max_tokens": 200},
    ),
    "responses": ("/v1/responses", {"input": "Hi {}.", "store": False}),
}
USUAL = 2.0
"""Seconds that Envoy waits for a decision."""
SIMILAR = {"similar": True}


@pytest.fixture(scope="module")
def cached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway with a cache, whose tiers take their time."""
    folder = tmp_path_factory.mktemp("cached")
    with harness.running(
        folder,
        policy=harness.POLICY,
        cache={**SIMILAR, "max_entry_bytes": 1 << 20},
        profile="qwen2.5-1.5b-t4",
        flags=("--speed", "20"),
        server={**harness.IMPATIENT, "deadline_seconds": USUAL / 2},
        gateway={"message_timeout_seconds": USUAL},
    ) as running:
        yield running


def ask(gateway: Gateway, text: str, **fields: Any) -> Reply:  # noqa: ANN401 - the API's
    """One deterministic chat."""
    headers = fields.pop("headers", ())
    return send(gateway, chat(text, **{"temperature": 0, **fields}), headers=headers)


def found(reply: Reply) -> str:
    """What the cache said of a request that was answered."""
    assert 200 == reply.status, reply.body
    return reply.headers["x-tiergate-cache"]


def say(kind: str, word: str, **fields: Any) -> tuple[str, bytes]:  # noqa: ANN401 - the API's
    """Path and body of a deterministic request."""
    path, more = PATHS[kind]
    body = json.dumps({"model": "auto", "temperature": 0, **more, **fields})
    return path, body.replace("{}", word).encode()


def unmarked(body: bytes) -> bytes:
    """A body without the count that says whose cache it came from."""
    for name in (b"prompt_tokens_details", b"input_tokens_details"):
        body = body.replace(name, b"details")
    return b"".join(
        part for part in body.split(b",") if b"cached_tokens" not in part and b"details" not in part
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("kind", PATHS)
def test_the_second_answer_is_the_first(cached: Gateway, kind: str, *, stream: bool) -> None:
    """Byte for byte but for the cached tokens, of the same type; and no tier is asked."""
    path, body = say(kind, f"{kind}{stream}", stream=stream)
    first, second = (send(cached, body, path=path) for _ in range(2))

    assert ["miss", "hit"] == [found(first), found(second)]
    assert first.headers["content-type"] == second.headers["content-type"]
    assert unmarked(first.body) == unmarked(second.body)
    assert [] == reached(cached, second)
    assert ("none", "cache_hit") == (
        second.headers["x-tiergate-tier"],
        second.headers["x-tiergate-reason"],
    )
    assert second.headers["age"].isdecimal()


def test_the_usage_is_intact_with_the_prompt_marked_as_cached(cached: Gateway) -> None:
    """A client's own account stays right."""
    first, second = (ask(cached, "count").json()["usage"] for _ in range(2))
    details = second.pop("prompt_tokens_details")
    first.pop("prompt_tokens_details")

    assert first == second
    assert first["prompt_tokens"] == details["cached_tokens"]


def test_openais_client_reads_a_replayed_stream(cached: Gateway) -> None:
    """As it reads a live one."""
    with OpenAI(base_url=f"{cached.url}/v1", api_key="none") as client:
        texts = []
        for _ in range(2):
            stream = client.chat.completions.create(
                model="auto",
                messages=[{"role": "user", "content": "Read this."}],
                temperature=0,
                stream=True,
                stream_options={"include_usage": True},
            )
            chunks = [*stream]
            text = "".join(
                choice.delta.content or "" for chunk in chunks for choice in chunk.choices
            )
            texts.append((text, chunks[-1].usage is not None))

    assert texts[0] == texts[1]
    assert texts[0][0]


def test_embeddings_are_given_again(cached: Gateway) -> None:
    """Whatever they say of a temperature."""
    body = json.dumps({"model": "auto", "input": "hello"}).encode()

    assert ["miss", "hit"] == [found(send(cached, body, path="/v1/embeddings")) for _ in range(2)]


@pytest.mark.parametrize(
    ("fields", "control", "expected"),
    [
        ({"temperature": 1}, "", ["bypass", "bypass"]),
        ({"temperature": 1}, "max-age=60", ["miss", "hit"]),
        ({}, "no-store", ["bypass", "bypass"]),
        ({}, "no-cache", ["miss", "miss"]),
        ({"seed": 4}, "", ["miss", "hit"]),
        ({"max_tokens": 2}, "", ["miss", "miss"]),
        ({"tools": [{"type": "function", "function": {"name": "pay"}}]}, "", ["bypass"] * 2),
    ],
    ids=str,
)
def test_what_is_kept(
    cached: Gateway, fields: dict[str, Any], control: str, expected: list[str]
) -> None:
    """Deterministic and whole answers without tools, unless the client says otherwise."""
    headers = [("cache-control", control)] if control else []
    text = f"keep {fields} {control}"

    assert expected == [found(ask(cached, text, headers=headers, **fields)) for _ in range(2)]


def test_an_error_is_not_kept(cached: Gateway) -> None:
    """The next one asks the tier again."""
    for replicas in cached.tiers.values():
        replicas[0].fault(status=500)
    failed = ask(cached, "fail")
    for replicas in cached.tiers.values():
        replicas[0].heal()

    assert failed.status >= 500
    assert ["miss", "hit"] == [found(ask(cached, "fail")) for _ in range(2)]


def test_another_tiers_answer_is_not_kept(cached: Gateway) -> None:
    """A stand-in's quality is not what the policy chose."""
    cached.tiers["fast"][0].fault(status=503)
    stood_in = ask(cached, "stand in")
    cached.tiers["fast"][0].heal()

    assert "reasoning" == stood_in.headers["x-tiergate-served-by"]
    assert "miss" == found(ask(cached, "stand in"))


def test_no_header_of_a_client_changes_anothers_answer(cached: Gateway) -> None:
    """Forged verdicts, encodings and ids: what is kept is what whoever asks would have got."""
    forged = [
        ("x-tiergate-cache", "hit"),
        ("x-tiergate-tier", "reasoning"),
        ("x-tiergate-served-by", "fast"),
        ("accept-encoding", "gzip"),
        ("x-request-id", "poison"),
        ("x-forwarded-host", "evil.example"),
        ("accept-language", "xx"),
    ]
    first = ask(cached, "poison", headers=forged)
    second = ask(cached, "poison")

    assert ("miss", "fast") == (found(first), first.headers["x-tiergate-served-by"])
    assert "hit" == found(second)
    assert b"evil" not in second.body
    assert unmarked(first.body) == unmarked(second.body)


def test_credentials_that_a_tier_may_judge_never_share_an_answer(cached: Gateway) -> None:
    """The gateway has no tenants here, so it cannot know what the tier would say of another one."""
    alice, bob = ([("authorization", f"Bearer {name}")] for name in ("alice", "bob"))
    asked = [alice, alice, bob, ()]

    assert ["miss", "hit", "miss", "miss"] == [
        found(ask(cached, "whose", headers=headers)) for headers in asked
    ]


def test_a_wish_and_a_pinned_model_are_other_questions(cached: Gateway) -> None:
    """Their answers come from another tier."""
    plain = ask(cached, "wish")
    wished = ask(cached, "wish", headers=[("x-tiergate-prefer", "reasoning")])
    pinned = ask(cached, "wish", model=REASONING_MODEL)

    assert ["miss"] * 3 == [found(plain), found(wished), found(pinned)]
    assert "hit" == found(ask(cached, "wish", headers=[("x-tiergate-prefer", "reasoning")]))


def test_a_question_in_other_words_is_answered(cached: Gateway) -> None:
    """And one with another number is not."""
    asked = ["How tall is a tree of 7 years?", "how tall is a tree of 7 years, please?"]
    other = "How tall is a tree of 8 years?"

    assert ["miss", "semantic", "miss"] == [found(ask(cached, text)) for text in (*asked, other)]


def test_a_large_answer_is_given_again(cached: Gateway) -> None:
    """Envoy takes an answer of its own that is as large as the bound of what is kept."""
    inputs = [f"text {number}" for number in range(60)]
    body = json.dumps({"model": "auto", "input": inputs}).encode()
    first, second = (send(cached, body, path="/v1/embeddings") for _ in range(2))

    assert ["miss", "hit"] == [found(first), found(second)]
    assert unmarked(first.body) == unmarked(second.body)
    assert len(first.body) > 300_000


def together(gateway: Gateway, text: str, many: int) -> list[Reply]:
    """The same question by so many clients at once."""
    with ThreadPoolExecutor(many) as clients:
        return list(clients.map(lambda _: ask(gateway, text), range(many)))


def test_the_same_question_at_once_is_asked_once(cached: Gateway) -> None:
    """A dozen clients wait for one answer, longer than Envoy usually waits for a decision."""
    fast = cached.tiers["fast"][0]
    before = tier_requests(cached)
    fast.fault(delay_seconds=1.5 * USUAL)
    replies = together(cached, "once", 12)
    fast.heal()

    assert 1 == tier_requests(cached) - before
    assert ["hit"] * 11 + ["miss"] == sorted(map(found, replies))
    assert 1 == len({unmarked(reply.body) for reply in replies})


def test_a_first_one_that_fails_fails_nobody_else(cached: Gateway) -> None:
    """Those who waited ask for themselves."""
    fast = cached.tiers["fast"][0]
    fast.fault(delay_seconds=0.5, status=400, count=1)
    replies = together(cached, "the first one fails", 6)
    fast.heal()

    assert [200] * 5 + [400] == sorted(reply.status for reply in replies)


def test_a_hit_is_faster_than_a_miss(cached: Gateway) -> None:
    """In one run, on one machine."""
    seconds: dict[str, list[float]] = {"miss": [], "hit": []}
    for number in range(40):
        for expected, times in seconds.items():
            started = time.perf_counter()
            reply = ask(cached, f"speed {number}")
            times.append(time.perf_counter() - started)
            assert expected == found(reply)
    hit, miss = (1000 * median(seconds[result]) for result in ("hit", "miss"))
    print(f"\nhit {hit:.1f} ms, miss {miss:.1f} ms (medians)")  # noqa: T201

    assert hit < miss


def test_what_the_cache_found_is_counted(cached: Gateway) -> None:
    """By the router, which adds up to what it was asked."""
    before = cached.metric("tiergate_cache_requests_total", result="hit")
    ask(cached, "counted")
    ask(cached, "counted")

    assert before + 1 == cached.metric("tiergate_cache_requests_total", result="hit")
    assert 0 < cached.metric("tiergate_cache_entries")


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Gateway]:
    """A gateway that tells tenants apart, one of which wants no cache."""
    with harness.running(
        tmp_path,
        policy=harness.POLICY,
        tenants={"plans": {"all": {}}, "file": str(tmp_path / "tenants.json")},
        cache={**SIMILAR, "rules": [{"tenants": ["shy"], "when": "never"}]},
        **harness.PATIENT,
    ) as running:
        yield running


def test_tenants_never_share_an_answer(keyed: Gateway) -> None:
    """Two ask the same, in the same words and in others; each is answered for itself. A third has
    terms of its own.
    """
    keys = {name: [("x-api-key", created(keyed, name))] for name in ("acme", "other", "shy")}
    texts = ("What is the secret of 7?", "what's the secret of 7, please?")
    said = {
        name: [found(ask(keyed, text, headers=key)) for text in (*texts, texts[0])]
        for name, key in keys.items()
    }

    assert {
        "acme": ["miss", "semantic", "hit"],
        "other": ["miss", "semantic", "hit"],
        "shy": ["bypass"] * 3,
    } == said
