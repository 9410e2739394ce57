"""Unit tests of the list of requests."""

import hashlib
from collections.abc import Mapping

import pytest
from multidict import CIMultiDict

from extproc.engines.sim.journal import Journal


def recorded(headers: Mapping[str, str] | None = None, body: bytes = b"{}") -> Journal:
    """A journal with one request."""
    journal = Journal()
    journal.record("/v1/chat/completions", headers or {}, body)
    return journal


def test_body_is_kept_as_a_digest() -> None:
    """A test can tell the bytes apart, nobody can read them."""
    body = b'{"model":"m","stream":true,"messages":["secret"]}'
    (entry,) = recorded(body=body).entries

    assert (hashlib.sha256(body).hexdigest(), len(body)) == (entry.body_sha256, entry.body_length)
    assert "secret" not in repr(entry)


def test_model_and_stream_are_read() -> None:
    """The two fields that routing depends on are told."""
    (entry,) = recorded(body=b'{"model":"m","stream":true}').entries

    assert ("m", True) == (entry.model, entry.stream)


@pytest.mark.parametrize("body", [b"", b"[]", b'{"model":3}', b'{"model":"\xff"}'])
def test_unreadable_body_has_no_model(body: bytes) -> None:
    """A body that says nothing about its model is recorded all the same."""
    (entry,) = recorded(body=body).entries

    assert (None, None) == (entry.model, entry.stream)


def test_headers_of_the_gateway_are_kept() -> None:
    """The request id and the gateway's headers are kept, in lower case, all others are not."""
    (entry,) = recorded(
        {"X-Request-Id": "1", "X-Tiergate-Tier": "fast", "Authorization": "secret"}
    ).entries

    assert {"x-request-id": "1", "x-tiergate-tier": "fast"} == entry.headers


def test_repeated_header_shows_every_value() -> None:
    """A header that came twice, as a forged one might, is seen to have come twice."""
    headers: CIMultiDict[str] = CIMultiDict()
    headers.add("X-Tiergate-Tier", "forged")
    headers.add("x-tiergate-tier", "fast")
    (entry,) = recorded(headers).entries

    assert {"x-tiergate-tier": "forged, fast"} == entry.headers


def test_oldest_are_forgotten() -> None:
    """The list is bounded; the last requests stay."""
    journal = Journal()
    for number in range(1001):
        journal.record(f"/{number}", {}, b"")

    assert ("/1", 1000) == (journal.entries[0].path, len(journal.entries))
