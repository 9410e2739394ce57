"""Bugs and broken peers: the default tier answers, and the reason says so."""

from builders import body, chat, headers
from playbook import Playbook, go_on, steered

from extproc._pb import ext_proc_pb2 as pb

FALLBACK = steered("fast", reason="router_failed", model="")


def stopped() -> float:
    """A clock that has broken."""
    raise RuntimeError("the clock stands")


def test_a_router_that_raises_is_a_fallback() -> None:
    """The request is served, and the error behind it is told."""
    book = Playbook(clock=stopped)

    assert [go_on("request_headers"), FALLBACK] == book.play(headers(), body(chat()))
    (outcome,) = book.observer.outcomes
    assert "RuntimeError('the clock stands')" == repr(outcome.decision and outcome.decision.failure)
    assert book.processor.done


def test_a_body_without_headers_is_a_fallback() -> None:
    """An Envoy that is set up to send no headers still gets an answer to each body."""
    book = Playbook()

    assert [FALLBACK] == book.play(body(chat()))
    assert ["router_failed"] == book.reasons()


def test_headers_that_make_no_sense_go_on() -> None:
    """Without a path there is nothing to decide by: told as a bug, decided at the body."""
    book = Playbook()
    empty = pb.ProcessingRequest(request_headers=pb.HttpHeaders())

    assert [go_on("request_headers"), FALLBACK] == book.play(empty, body(chat()))
    assert [KeyError] == [type(error) for error in book.observer.errors]


def test_a_length_that_is_no_number_goes_on() -> None:
    """The body tells its length itself."""
    book = Playbook()

    play = book.play(headers(more={"content-length": "many"}), body(chat()))

    assert go_on("request_headers") == play[0]
    assert ["fixed"] == book.reasons()
    assert [ValueError] == [type(error) for error in book.observer.errors]


def test_what_the_failure_held_stays_out_of_the_answer() -> None:
    """Neither client nor upstream see the error's text."""
    play = Playbook(clock=stopped).play(headers(), body(chat()))

    assert b"clock" not in play[-1].SerializeToString()
