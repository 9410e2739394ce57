"""Streamed answers: what a tier sends goes to the client as it comes, byte for byte."""

import http.client
import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import builders
import gateway as harness
import pytest
from calls import CHAT, JSON
from gateway import Gateway

TOKENS = 25
SAID = [{"role": "user", "content": "hello"}]
STREAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "chat": (CHAT, {"messages": SAID, "max_tokens": TOKENS}),
    "completions": ("/v1/completions", {"prompt": "hello", "max_tokens": TOKENS}),
    "responses": ("/v1/responses", {"input": "hello", "max_output_tokens": TOKENS}),
    "messages": ("/v1/messages", {"messages": SAID, "max_tokens": TOKENS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A streamed response: each event with the seconds after the first one at which it came."""

    status: int
    headers: dict[str, str]
    events: list[bytes]
    times: list[float]

    def data(self) -> list[Any]:
        """The events' values, the final `[DONE]` left out."""
        lines = [line for event in self.events for line in event.splitlines()]
        said = [line.removeprefix(b"data: ") for line in lines if line.startswith(b"data: ")]
        return [json.loads(value) for value in said if value != b"[DONE]"]

    def bytes(self) -> bytes:
        """All events, without the clock's time and the ids that a tier draws."""
        changing = rb'(?<="created":)\d+|(?<="created_at":)\d+|(?<=msg_)\w+|(?<=resp_)\w+'
        return re.sub(changing, b"", b"".join(self.events))


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose tiers take their time for every token."""
    folder = tmp_path_factory.mktemp("slow")
    with harness.running(
        folder, policy={"fixed": "fast"}, profile="qwen2.5-1.5b-t4", **harness.PATIENT
    ) as running:
        yield running


def stream(
    address: tuple[str, int], path: str, fields: dict[str, Any], request_id: str | None = None
) -> Stream:
    """The events of a streamed answer, each timed as it comes."""
    body = json.dumps({"model": "auto", "stream": True, "temperature": 0, **fields}).encode()
    named = {} if request_id is None else {"x-request-id": request_id}
    connection = http.client.HTTPConnection(*address, timeout=30)
    connection.request("POST", path, body, {"content-type": JSON, **named})
    response = connection.getresponse()
    events, times = [b""], [time.monotonic()]
    for line in response:
        events[-1] += line
        if line == b"\n":
            times.append(time.monotonic())
            events.append(b"")
    connection.close()
    return Stream(
        status=response.status,
        headers={name.lower(): value for name, value in response.getheaders()},
        events=events[:-1],
        times=[moment - times[1] for moment in times[1:]],
    )


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_is_passed_on_as_it_comes(slow: Gateway, kind: str) -> None:
    """Events come one after another while the tier makes them, not at once at the end."""
    path, fields = STREAMS[kind]

    answer = stream(slow.address, path, fields)

    assert (200, "text/event-stream") == (
        answer.status,
        answer.headers["content-type"].partition(";")[0],
    )
    whole = answer.times[-1]
    assert whole > TOKENS * 0.01
    assert len({int(10 * moment / whole) for moment in answer.times}) >= 9


@pytest.mark.parametrize("kind", STREAMS)
def test_a_stream_is_the_tiers_own_byte_for_byte(slow: Gateway, kind: str) -> None:
    """The client reads exactly what it would have read from the tier itself."""
    path, fields = STREAMS[kind]
    tier = slow.tiers["fast"][0]
    host, _, port = tier.address.rpartition(":")
    stream((host, int(port)), path, fields)  # so that both find the same prompt in the cache

    passed = stream(slow.address, path, fields)
    own = stream((host, int(port)), path, fields, passed.headers["x-request-id"])

    assert own.bytes() == passed.bytes()


@pytest.mark.parametrize("kind", ["chat", "completions"])
def test_a_stream_ends_with_done(gateway: Gateway, kind: str) -> None:
    """OpenAI's end of a stream comes through, once, as the last event."""
    path, fields = STREAMS[kind]

    answer = stream(gateway.address, path, fields)

    assert b"data: [DONE]\n\n" == answer.events[-1]
    assert 1 == answer.events.count(b"data: [DONE]\n\n")


def test_usage_comes_when_it_is_asked_for(gateway: Gateway) -> None:
    """With `include_usage` the last chunk counts the tokens, and has no choice."""
    fields = {"messages": SAID, "max_tokens": 7, "stream_options": {"include_usage": True}}

    last = stream(gateway.address, CHAT, fields).data()[-1]

    assert ([], 7) == (last["choices"], last["usage"]["completion_tokens"])


def test_a_stream_says_where_it_came_from(gateway: Gateway) -> None:
    """The verdict stands in the headers of a streamed answer too."""
    fields = {"messages": [{"role": "user", "content": "Find the integral."}], "max_tokens": 7}

    answer = stream(gateway.address, CHAT, fields)

    assert ("reasoning", "score_above", "reasoning") == (
        answer.headers["x-tiergate-tier"],
        answer.headers["x-tiergate-reason"],
        answer.headers["x-tiergate-served-by"],
    )
    assert {builders.REASONING_MODEL} == {chunk["model"] for chunk in answer.data()}


def test_a_bad_stream_request_is_refused_as_json(gateway: Gateway) -> None:
    """What is refused before a tier is asked is no stream: status and JSON as for any other."""
    answer = stream(gateway.address, CHAT, {"messages": "hello"})

    assert (400, JSON) == (answer.status, answer.headers["content-type"])
