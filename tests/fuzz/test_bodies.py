"""Bodies of any bytes: every one has an answer, and none is a bug."""

import random
from typing import Final

import builders
import pytest
from hypothesis import given, strategies as st

from extproc._pb import ext_proc_pb2 as pb
from extproc.processor import StreamProcessor
from extproc.request import Api

MODELS: Final = b'{"model": "auto", '
SEEDS: Final[dict[Api, bytes]] = {
    Api.CHAT: builders.chat("Prove it.", tools=[{"type": "function"}], max_tokens=5, n=1),
    Api.COMPLETIONS: MODELS + b'"prompt": ["a", [1, 2]], "stream": true}',
    Api.RESPONSES: MODELS + b'"input": [{"type": "message", "role": "user", "content": "x"}]}',
    Api.MESSAGES: MODELS + b'"system": "s", "messages": [{"role": "user", "content": [{}]}]}',
    Api.EMBEDDINGS: MODELS + b'"input": "text", "encoding_format": "float"}',
    Api.TOKENIZE: MODELS + b'"prompt": "text"}',
}
PIECES: Final = (
    b'{"',
    b'"}',
    b"[",
    b"]",
    b"null",
    b"1e999",
    b"\\ud800",
    b"\xff",
    b'"model":',
    b"\0",
)


def answered(api: Api, body: bytes) -> tuple[str, list[Exception]]:
    """The kind of answer to one body, and the bugs that it showed."""
    observer = builders.RecordingObserver()
    processor = StreamProcessor(builders.routed(policy=POLICY), observer)
    processor.handle(builders.headers(api.value))
    reply = processor.handle(builders.body(body))
    processor.close()
    assert isinstance(reply, bytes)
    failures = [outcome.decision.failure for outcome in observer.outcomes if outcome.decision]
    bugs = [*observer.errors, *(failure for failure in failures if failure is not None)]
    return str(pb.ProcessingResponse.FromString(reply).WhichOneof("response")), bugs


POLICY: Final = {
    "threshold": {
        "at": 0.5,
        "above": "reasoning",
        "below": "fast",
        "weights": {"prompt_tokens": {"weight": 0.5}, "mathematics": {"weight": 0.5}},
    }
}
ANSWERS: Final = {"request_body", "immediate_response"}


@given(api=st.sampled_from(Api), body=st.binary(max_size=200))
def test_any_bytes_are_answered(api: Api, body: bytes) -> None:
    """Most of them by a refusal."""
    kind, bugs = answered(api, body)

    assert kind in ANSWERS
    assert [] == bugs


@given(api=st.sampled_from(Api), seed=st.integers(0, 1 << 32), edits=st.integers(1, 6))
def test_bodies_that_are_nearly_right_are_answered(api: Api, seed: int, edits: int) -> None:
    """Bytes taken out, put in, doubled and swapped for others."""
    chance = random.Random(seed)
    body = SEEDS[api]
    for _ in range(edits):
        start, stop = sorted(chance.choices(range(len(body) + 1), k=2))
        piece = chance.choice([b"", body[start:stop] * 2, *PIECES])
        body = body[:start] + piece + body[stop:]
    kind, bugs = answered(api, body)

    assert kind in ANSWERS
    assert [] == bugs


@pytest.mark.parametrize("api", list(Api))
def test_the_seeds_are_right(api: Api) -> None:
    """Or the test above would only try what is refused anyway."""
    assert ("request_body", []) == answered(api, SEEDS[api])
