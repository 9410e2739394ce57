"""Tests of extproc.native.replies: blocks of answers, read by a decoder that knows no table."""

from http import HTTPStatus

import wire

from extproc.native import replies
from extproc.native.errors import Status


def test_a_response_begins_as_grpc_says() -> None:
    """The status of HTTP says nothing of the call's."""
    assert {":status": "200", "content-type": "application/grpc"} == wire.fields(replies.RESPONSE)


def test_a_call_that_was_served_ends_with_ok() -> None:
    """And without a message."""
    assert {"grpc-status": "0"} == wire.fields(replies.OK)


def test_a_message_is_percent_encoded_and_cut() -> None:
    """As gRPC has it: a percent sign and whatever is no printable ASCII is encoded."""
    said = wire.fields(replies.trailers(Status.INTERNAL, "50% of \u00fc" + "x" * 200))

    assert "13" == said["grpc-status"]
    assert "50%25 of %C3%BCxx" == said["grpc-message"][:17]
    assert 126 == len(said["grpc-message"])


def test_what_is_not_implemented_says_what_is() -> None:
    """A client that compresses must learn that nothing but plain messages is read."""
    said = wire.fields(replies.trailers(Status.UNIMPLEMENTED, "no"))

    assert "identity" == said["grpc-accept-encoding"]


def test_an_unknown_method_is_answered_by_one_block() -> None:
    """Trailers-Only: all headers in the frame that ends the stream."""
    said = wire.fields(replies.UNKNOWN_METHOD)

    assert ("200", "12") == (said[":status"], said["grpc-status"])


def test_what_is_no_call_gets_a_status_of_http() -> None:
    """A client that does not speak gRPC does not read its status either."""
    said = wire.fields(replies.http(HTTPStatus.UNSUPPORTED_MEDIA_TYPE))

    assert {":status": "415"} == said
