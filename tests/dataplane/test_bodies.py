"""What of a client's body reaches a tier: every byte of it, or all but what its tier needs."""

import json
from collections.abc import Iterator

import builders
import gateway as harness
import pytest
from calls import Reply, digest, reached, send
from gateway import Gateway

SOME_TEXT = '[{"role": "user", "content": "hello"}]'


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose reasoning tier serves no alias and thinks only when it is told to."""
    tiers = builders.tiers(
        serves_aliases=False, chat_template_kwargs={"budget": 64, "enable_thinking": True}
    )
    folder = tmp_path_factory.mktemp("strict")
    with harness.running(
        folder, tiers=tiers, policy={"fixed": "reasoning"}, **harness.PATIENT
    ) as running:
        yield running


def arrived(gateway: Gateway, reply: Reply) -> tuple[str, str]:
    """The tier that a request reached, and the digest of the body that it had there."""
    ((tier, seen),) = reached(gateway, reply)
    return tier, seen["body_sha256"]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f' \n\t{{ "model" :\r\n"auto" , "messages":{SOME_TEXT}}} \n', id="spaces"),
        pytest.param(f'{{"\\u006dodel":"\\u0061uto","messages":{SOME_TEXT}}}', id="escaped names"),
        pytest.param(
            '{"model":"auto","messages":[{"role":"user",'
            '"content":"\\/ \\u00e9 é \\ud83d\\ude00 😀"}]}',
            id="escaped and plain text",
        ),
        pytest.param(
            f'{{"model":"auto","messages":{SOME_TEXT},"temperature":1E-0,"seed":12345678901234567890}}',
            id="numbers as written",
        ),
        pytest.param(
            f'{{"model":"auto","messages":{SOME_TEXT},"x-unknown":{{"a":[1,{{"a":null}}]}}}}',
            id="unknown fields",
        ),
        pytest.param(f'{{"messages":{SOME_TEXT},"user":"","model":"auto"}}', id="any order"),
    ],
)
def test_a_body_reaches_its_tier_byte_for_byte(gateway: Gateway, body: str) -> None:
    """What the client wrote is what the tier reads, however it was written."""
    sent = body.encode()

    reply = send(gateway, sent)

    assert 200 == reply.status, reply.body
    assert ("fast", digest(sent)) == arrived(gateway, reply)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        pytest.param(
            f'{{"model": "auto", "messages": {SOME_TEXT}, "temperature": 1.0}}',
            '{"chat_template_kwargs":{"budget":64,"enable_thinking":true},'
            f'"model": "large/model-3b", "messages": {SOME_TEXT}, "temperature": 1.0}}',
            id="none of the client's",
        ),
        pytest.param(
            f'{{"messages":{SOME_TEXT},'
            '"chat_template_kwargs" : { "a": [1, "é"] },"model":"auto"}',
            f'{{"messages":{SOME_TEXT},"chat_template_kwargs" : '
            '{"a":[1, "é"],"budget":64,"enable_thinking":true},"model":"large/model-3b"}',
            id="beside the client's",
        ),
        pytest.param(
            ' {"chat_template_kwargs":{"enable_thinking":false},'
            f'"model":"auto","messages":{SOME_TEXT}}}',
            ' {"chat_template_kwargs":{"enable_thinking":true,"budget":64},'
            f'"model":"large/model-3b","messages":{SOME_TEXT}}}',
            id="over the client's",
        ),
        pytest.param(
            f'{{"model":"auto","chat_template_kwargs":null,"messages":{SOME_TEXT}}}',
            '{"model":"large/model-3b","chat_template_kwargs":'
            f'{{"budget":64,"enable_thinking":true}},"messages":{SOME_TEXT}}}',
            id="instead of null",
        ),
    ],
)
def test_a_tier_gets_the_fields_it_needs_and_no_other_change(
    strict: Gateway, sent: str, expected: str
) -> None:
    """The model's name and the template's arguments are spliced in; all else stays as written."""
    reply = send(strict, sent.encode())

    assert 200 == reply.status, reply.body
    assert ("reasoning", digest(expected.encode())) == arrived(strict, reply)


def test_another_api_than_chat_gets_the_model_alone(strict: Gateway) -> None:
    """Only chats have a template: other bodies are given the tier's model and nothing else."""
    sent = b'{"prompt": "hello",  "model": "auto"}'

    reply = send(strict, sent, path="/v1/completions")

    assert 200 == reply.status, reply.body
    expected = b'{"prompt": "hello",  "model": "large/model-3b"}'
    assert ("reasoning", digest(expected)) == arrived(strict, reply)


def test_a_pinned_model_needs_no_other_name(strict: Gateway) -> None:
    """A body that names the tier's own model keeps it, and still gets the template's arguments."""
    sent = f'{{"model":"large/model-3b","messages":{SOME_TEXT}}}'

    reply = send(strict, sent.encode())

    arguments = '{"chat_template_kwargs":{"budget":64,"enable_thinking":true},'
    assert ("reasoning", digest(f"{arguments}{sent[1:]}".encode())) == arrived(strict, reply)


def test_a_tier_without_such_needs_gets_the_body_as_it_is(strict: Gateway) -> None:
    """Next to a tier whose bodies are changed, the other tier's still are not."""
    sent = builders.chat()

    reply = send(strict, sent, headers=[("x-tiergate-prefer", "fast")])

    assert ("fast", digest(sent)) == arrived(strict, reply)


def test_a_body_that_grows_beyond_the_limit_is_refused(strict: Gateway) -> None:
    """The limit holds for what a tier gets: a body that edits make too large is 413, by name."""
    limit = strict.config.server.max_body_bytes
    empty = builders.chat(filler="")
    sent = builders.chat(filler="x" * (limit - len(empty)))

    reply = send(strict, sent)

    assert (413, "request_too_large", None) == reply.refusal()
    assert [] == reached(strict, reply)


@pytest.mark.parametrize(
    "text", ["plain", "naïve café", "数学", "😀" * 100, "\x00\x1f\x7f", '"\\'], ids=repr
)
def test_any_text_is_served(gateway: Gateway, text: str) -> None:
    """Characters of every kind, escaped by the client's encoder or not, are no obstacle."""
    fields = {"model": "auto", "messages": [{"role": "user", "content": text}]}
    raw = json.dumps(fields, ensure_ascii=False).encode()

    statuses = [send(gateway, body).status for body in (raw, json.dumps(fields).encode())]

    assert [200, 200] == statuses
