"""Messages that nobody needs to be asked about go on unchanged."""

import pytest
from builders import body, chat, headers
from playbook import Playbook, go_on

from extproc._pb import ext_proc_pb2 as pb

LATER = {
    "response_headers": pb.ProcessingRequest(response_headers=pb.HttpHeaders()),
    "response_body": pb.ProcessingRequest(response_body=pb.HttpBody(body=b"x")),
    "request_trailers": pb.ProcessingRequest(request_trailers=pb.HttpTrailers()),
    "response_trailers": pb.ProcessingRequest(response_trailers=pb.HttpTrailers()),
}


@pytest.mark.parametrize(("kind", "message"), LATER.items(), ids=LATER)
def test_responses_and_trailers_go_on(kind: str, message: pb.ProcessingRequest) -> None:
    """An Envoy with another processing mode gets the matching answer, and no event is told."""
    book = Playbook()

    assert [go_on(kind)] == book.play(message)
    assert ([], False) == (book.reasons(), book.processor.done)


def test_a_message_of_an_unknown_kind_is_not_answered() -> None:
    """A later Envoy may send what this protocol does not know yet."""
    assert [None] == Playbook().play(pb.ProcessingRequest())


def test_a_whole_exchange_goes_through() -> None:
    """Headers, body, response: the decision is made at the body and nowhere else."""
    book = Playbook()

    play = book.play(headers(), body(chat()), LATER["response_headers"], LATER["response_body"])

    assert [
        "request_headers",
        "request_body",
        "response_headers",
        "response_body",
    ] == [reply.WhichOneof("response") for reply in play]
    assert ["fixed"] == book.reasons()
