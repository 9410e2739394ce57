"""Envoy's access log entries, written by its published messages."""

from datetime import UTC, datetime

import pytest
from envoy.data.accesslog.v3 import accesslog_pb2 as envoy
from envoy.service.accesslog.v3 import als_pb2
from google.protobuf.json_format import ParseDict

from extproc._pb.accesslog_pb2 import StreamAccessLogsMessage
from extproc.accesslog import completed
from extproc.telemetry import Completed, Tokens

ENTRY: dict[str, dict[str, object]] = {
    "common_properties": {
        "upstream_cluster": "tier_fast",
        "upstream_request_attempt_count": 2,
        "start_time": "2026-01-02T03:04:05.5Z",
        "time_to_first_downstream_tx_byte": "0.25s",
        "time_to_last_downstream_tx_byte": "61.5s",
        "metadata": {
            "filter_metadata": {
                "tiergate": {
                    "tier": "fast",
                    "reason": "score_below",
                    "score": "0.123",
                    "policy": "threshold",
                    "model": "auto",
                    "tenant": "acme",
                },
                "tiergate.usage": {
                    "prompt_tokens": 20,
                    "completion_tokens": 7,
                    "cached_tokens": 16,
                    "reasoning_tokens": 3,
                },
                "envoy.other": {"tier": "not ours"},
            }
        },
    },
    "request": {
        "path": "/v1/chat/completions?key=secret",
        "request_id": "r-1",
        "request_body_bytes": 80,
    },
    "response": {
        "response_code": 200,
        "response_code_details": "via_upstream",
        "response_headers": {
            "x-tiergate-served-by": "reasoning",
            "content-type": "text/event-stream; charset=utf-8",
        },
        "response_body_bytes": 900,
    },
}


def said(*entries: dict[str, object]) -> list[Completed]:
    """What we read of Envoy's own bytes."""
    logs = als_pb2.StreamAccessLogsMessage.HTTPAccessLogEntries(
        log_entry=[ParseDict(entry, envoy.HTTPAccessLogEntry()) for entry in entries]
    )
    wire = als_pb2.StreamAccessLogsMessage(http_logs=logs).SerializeToString()
    return list(completed(StreamAccessLogsMessage.FromString(wire)))


def changed(part: str, **fields: object) -> dict[str, object]:
    """The entry with fields of one part replaced."""
    return {**ENTRY, part: {**ENTRY[part], **fields}}


def test_a_request_that_a_tier_answered() -> None:
    """Every field, the asked and the answering tier apart; a query string is left out."""
    assert [
        Completed(
            request_id="r-1",
            path="/v1/chat/completions",
            status=200,
            details="via_upstream",
            reason="score_below",
            tier="fast",
            served_by="reasoning",
            score="0.123",
            policy="threshold",
            attempts=2,
            first_byte=0.25,
            duration=61.5,
            started=datetime(2026, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC).timestamp(),
            upstream="tier_fast",
            streamed=True,
            received=80,
            sent=900,
            tenant="acme",
            model="auto",
            tokens=Tokens(prompt=20, completion=7, cached=16, reasoning=3),
            facts={
                "tier": "fast",
                "reason": "score_below",
                "score": "0.123",
                "policy": "threshold",
                "model": "auto",
                "tenant": "acme",
            },
        )
    ] == said({**ENTRY})


def test_each_entry_is_a_request_of_its_own() -> None:
    """Envoy sends several at once, in order."""
    first, second = said({**ENTRY}, changed("request", request_id="r-2"))

    assert ("r-1", "r-2") == (first.request_id, second.request_id)


def test_a_message_may_tell_of_nothing() -> None:
    """The first message of a stream may hold its node alone."""
    assert [] == list(completed(StreamAccessLogsMessage()))


def test_what_envoy_does_not_say_is_empty() -> None:
    """A connection that ended early has no status, no times and no tier."""
    assert [
        Completed(
            request_id=said({})[0].request_id,
            path="",
            status=0,
            details="",
            reason="router_unavailable",
            tier="none",
            served_by="none",
            score="",
            policy="",
            attempts=0,
            first_byte=None,
            duration=None,
        )
    ] == said({})


def test_a_reason_in_the_response_goes_before_the_metadata() -> None:
    """What the client was told is what is counted."""
    told = {"x-tiergate-reason": "malformed_request"}
    (record,) = said(changed("response", response_headers=told))

    assert ("malformed_request", "none") == (record.reason, record.served_by)


@pytest.mark.parametrize("reason", ["made up", "FIXED", " fixed"])
def test_a_reason_is_one_of_the_closed_set(reason: str) -> None:
    """A word that somebody else wrote never becomes a label."""
    (record,) = said(changed("response", response_headers={"x-tiergate-reason": reason}))

    assert "router_unavailable" == record.reason


def usage(counts: dict[str, int], path: str = "/v1/chat/completions") -> Tokens | None:
    """The tokens of an entry whose metadata holds `counts`."""
    (record,) = said(
        {
            "common_properties": {"metadata": {"filter_metadata": {"tiergate.usage": counts}}},
            "request": {"path": path},
        }
    )
    return record.tokens


@pytest.mark.parametrize("counts", [{}, {"prompt_tokens": 3}, {"completion_tokens": 3}], ids=str)
def test_half_a_usage_is_none(counts: dict[str, int]) -> None:
    """A stream of /v1/messages says the prompt's tokens first, and may break off then."""
    assert usage(counts) is None


def test_embeddings_have_no_completion() -> None:
    """Their prompt is all there is to count."""
    assert Tokens(prompt=3) == usage({"prompt_tokens": 3}, "/v1/embeddings")


def test_an_entry_without_an_id_is_named_by_what_it_says() -> None:
    """So that the same entry sent again is known again, and another one is not."""
    first, again, other = said({}, {}, changed("request", request_id=""))

    assert first.request_id == again.request_id != other.request_id
    assert 32 == len(first.request_id)


def test_messages_count_the_cache_besides() -> None:
    """Of 20 tokens of the prompt, 16 were read from the cache and 3 were put there."""
    counts = {
        "prompt_tokens": 1,
        "cache_read_tokens": 16,
        "cache_created_tokens": 3,
        "completion_tokens": 7,
    }

    assert Tokens(prompt=20, completion=7, cached=16) == usage(counts, "/v1/messages")


@pytest.mark.parametrize("count", [-1, 10**9 + 1], ids=str)
def test_a_count_out_of_bounds_is_not_believed(count: int) -> None:
    """Then nothing is."""
    assert usage({"prompt_tokens": 3, "completion_tokens": count}) is None


def test_how_long_envoy_waited_for_the_router() -> None:
    """For its answers to headers and body, in the words of Envoy's own filter."""
    state = {
        "@type": "type.googleapis.com/google.protobuf.Struct",
        "value": {"request_header_latency_us": 250, "request_body_total_latency_us": 1750},
    }
    kept = {"filter_state_objects": {"tiergate.ext_proc": state}}
    (record,) = said(changed("common_properties", **kept))

    assert 0.002 == record.decision_seconds
