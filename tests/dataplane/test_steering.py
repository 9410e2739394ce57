"""Which tier answers, and what the response says of it."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import builders
import gateway as harness
import pytest
from calls import reached, send, verdict
from gateway import Gateway

EASY = "hello"
HARD = "Find the integral of the polynomial."
CONTENTS: Mapping[str, Callable[[str], list[dict[str, Any]]]] = {
    "string": lambda text: [{"role": "user", "content": text}],
    "parts": lambda text: [{"role": "user", "content": [{"type": "text", "text": text}]}],
    "second part": lambda text: [
        {
            "role": "user",
            "content": [
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                {"type": "text", "text": text},
            ],
        }
    ],
    "system": lambda text: [
        {"role": "system", "content": text},
        {"role": "user", "content": "go on"},
    ],
    "earlier turn": lambda text: [
        {"role": "user", "content": text},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "go on"},
    ],
    "tool result": lambda text: [
        {"role": "user", "content": "look it up"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [
                {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
            ],
        },
        {"role": "tool", "tool_call_id": "c", "content": text},
    ],
}


def bodies(text: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """A body for each API and each shape of its input, with the path it goes to."""
    said = [{"role": "user", "content": text}]
    parts = [{"role": "user", "content": [{"type": "input_text", "text": text}]}]
    blocks = [{"role": "user", "content": [{"type": "text", "text": text}]}]
    output = {"type": "function_call_output", "call_id": "c", "output": text}
    return {
        "chat": ("/v1/chat/completions", {"messages": said}),
        "completion": ("/v1/completions", {"prompt": text, "max_tokens": 8}),
        "completion of a list": ("/v1/completions", {"prompt": ["one", text], "max_tokens": 8}),
        "responses of text": ("/v1/responses", {"input": text}),
        "responses of messages": ("/v1/responses", {"input": said}),
        "responses of parts": ("/v1/responses", {"input": parts}),
        "responses of a tool": ("/v1/responses", {"input": [*parts, output]}),
        "responses by instructions": ("/v1/responses", {"input": "go", "instructions": text}),
        "messages": ("/v1/messages", {"messages": said, "max_tokens": 8}),
        "messages of blocks": ("/v1/messages", {"messages": blocks, "max_tokens": 8}),
        "messages by system": (
            "/v1/messages",
            {"messages": [{"role": "user", "content": "go"}], "system": text, "max_tokens": 8},
        ),
        "embeddings": ("/v1/embeddings", {"input": text}),
        "embeddings of a list": ("/v1/embeddings", {"input": ["one", text]}),
        "tokenize": ("/tokenize", {"prompt": text}),
        "tokenize of messages": ("/tokenize", {"messages": said}),
    }


@pytest.fixture(scope="module")
def by_rules(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose rules look at the client's effort, under two aliases."""
    rules = [
        {"name": "effort-high", "when": {"effort": {"at_least": 0.75}}, "then": "reasoning"},
        {"otherwise": "fast"},
    ]
    folder = tmp_path_factory.mktemp("rules")
    models = {"aliases": ["auto", "tiergate/auto", "gpt-4o"]}
    with harness.running(
        folder, policy={"rules": rules}, models=models, **harness.PATIENT
    ) as running:
        yield running


@pytest.mark.parametrize(
    ("text", "tier", "reason", "score"),
    [
        pytest.param(EASY, "fast", "score_below", "0.000", id="easy"),
        pytest.param(HARD, "reasoning", "score_above", "0.900", id="hard"),
    ],
)
def test_a_request_goes_to_the_tier_its_text_asks_for(
    gateway: Gateway, text: str, tier: str, reason: str, score: str
) -> None:
    """The policy's tier answers, and five headers say which, why, and on what grounds."""
    reply = send(gateway, builders.chat(text))

    assert 200 == reply.status
    assert {
        "tier": tier,
        "reason": reason,
        "score": score,
        "coverage": "1.00",
        "served-by": tier,
    } == verdict(reply)
    assert [tier] == [name for name, _ in reached(gateway, reply)]
    assert gateway.config.tier(tier).model == reply.json()["model"]


@pytest.mark.parametrize("shape", CONTENTS)
@pytest.mark.parametrize(
    ("text", "tier"), [(EASY, "fast"), (HARD, "reasoning")], ids=["easy", "hard"]
)
def test_text_is_found_wherever_a_conversation_holds_it(
    gateway: Gateway, shape: str, text: str, tier: str
) -> None:
    """Content as text or as parts, by whichever role and in whichever turn, is judged alike."""
    body = {"model": "auto", "messages": CONTENTS[shape](text)}

    reply = send(gateway, json.dumps(body).encode())

    assert (200, tier) == (reply.status, reply.headers["x-tiergate-served-by"])


@pytest.mark.parametrize("kind", bodies(EASY))
@pytest.mark.parametrize(
    ("text", "tier"), [(EASY, "fast"), (HARD, "reasoning")], ids=["easy", "hard"]
)
def test_every_api_is_steered(gateway: Gateway, kind: str, text: str, tier: str) -> None:
    """All APIs that the tiers serve, in every shape of input, go where the text belongs."""
    path, fields = bodies(text)[kind]

    reply = send(gateway, json.dumps({"model": "auto", **fields}).encode(), path=path)

    assert (200, tier) == (reply.status, reply.headers["x-tiergate-served-by"])


def test_text_that_was_not_read_is_owned_up_to(gateway: Gateway) -> None:
    """Of a text longer than `read_chars` only the share that was searched is claimed."""
    length = 4 * gateway.config.signals.read_chars

    reply = send(gateway, builders.chat("word " * (length // 5) + "w" * (length % 5)))

    assert "0.25" == reply.headers["x-tiergate-coverage"]


@pytest.mark.parametrize("alias", ["auto", "tiergate/auto", "gpt-4o"])
def test_every_alias_lets_the_policy_decide(by_rules: Gateway, alias: str) -> None:
    """Any public alias is answered, by the tier that the policy names."""
    reply = send(by_rules, builders.chat(model=alias))

    assert 200 == reply.status
    assert "rule" == reply.headers["x-tiergate-reason"]


def test_a_rule_has_no_score(by_rules: Gateway) -> None:
    """Where the policy has no number, no header makes one up."""
    reply = send(by_rules, builders.chat())

    assert {
        "tier": "fast",
        "reason": "rule",
        "coverage": "1.00",
        "served-by": "fast",
    } == verdict(reply)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        pytest.param("/v1/chat/completions", {"reasoning_effort": "high"}, id="chat"),
        pytest.param("/v1/responses", {"reasoning": {"effort": "high"}}, id="responses"),
    ],
)
def test_the_clients_effort_is_a_signal(
    by_rules: Gateway, path: str, fields: dict[str, object]
) -> None:
    """A client that asks for more effort gets the tier that a rule keeps for it."""
    said = [{"role": "user", "content": EASY}]
    body = {"model": "auto", "messages": said, "input": said, **fields}

    reply = send(by_rules, json.dumps(body).encode(), path=path)

    assert (200, "reasoning") == (reply.status, reply.headers["x-tiergate-served-by"])


@pytest.mark.parametrize("effort", ["none", "minimal", "low", "medium", None])
def test_less_effort_than_the_rules_bound_stays_below(
    by_rules: Gateway, effort: str | None
) -> None:
    """An effort under the bound, or none at all, does not meet the rule."""
    reply = send(by_rules, builders.chat(reasoning_effort=effort))

    assert (200, "fast") == (reply.status, reply.headers["x-tiergate-served-by"])


@pytest.mark.parametrize(
    ("model", "tier"),
    [(builders.FAST_MODEL, "fast"), (builders.REASONING_MODEL, "reasoning")],
)
@pytest.mark.parametrize("text", [EASY, HARD], ids=["easy", "hard"])
def test_a_tiers_own_model_pins_it(gateway: Gateway, model: str, tier: str, text: str) -> None:
    """Who names a tier's model gets that tier, whatever the text; nothing was judged."""
    reply = send(gateway, builders.chat(text, model=model))

    assert 200 == reply.status
    assert {"tier": tier, "reason": "requested_model", "served-by": tier} == verdict(reply)
    assert model == reply.json()["model"]


@pytest.mark.parametrize("tier", ["fast", "reasoning"])
@pytest.mark.parametrize("text", [EASY, HARD], ids=["easy", "hard"])
def test_a_client_may_prefer_a_tier(gateway: Gateway, tier: str, text: str) -> None:
    """`x-tiergate-prefer` with an alias is followed, whatever the text."""
    reply = send(gateway, builders.chat(text), headers=[("x-tiergate-prefer", tier)])

    assert 200 == reply.status
    assert {"tier": tier, "reason": "client_preference", "served-by": tier} == verdict(reply)


def test_a_model_is_a_stronger_word_than_a_preference(gateway: Gateway) -> None:
    """Of a pinned model and a preferred tier that contradict each other, the model counts."""
    body = builders.chat(model=builders.FAST_MODEL)

    reply = send(gateway, body, headers=[("x-tiergate-prefer", "reasoning")])

    assert ("requested_model", "fast") == (
        reply.headers["x-tiergate-reason"],
        reply.headers["x-tiergate-served-by"],
    )


@pytest.mark.parametrize("name", ["huge", "FAST", "", "fast,reasoning"])
def test_a_tier_that_does_not_exist_cannot_be_preferred(gateway: Gateway, name: str) -> None:
    """A preference that cannot be met is refused, and the error names the header."""
    reply = send(gateway, builders.chat(), headers=[("x-tiergate-prefer", name)])

    assert (400, "malformed_request", "x-tiergate-prefer") == reply.refusal()


def test_a_query_string_does_not_change_the_way(gateway: Gateway) -> None:
    """Clients that add a query, as some do for an API version, are served as others."""
    reply = send(gateway, builders.chat(HARD), path="/v1/chat/completions?api-version=1")

    assert (200, "reasoning") == (reply.status, reply.headers["x-tiergate-served-by"])
