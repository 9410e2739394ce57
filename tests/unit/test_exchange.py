"""One request on its way through the stages."""

from http import HTTPStatus

from extproc.context import Context
from extproc.decision import Reason
from extproc.exchange import Answer, Exchange


def test_exchanges_share_nothing() -> None:
    """What one stage writes is of that request alone."""
    one, two = Exchange(headers={}), Exchange(headers={})
    one.facts["tenant"] = "a"
    one.upstream["x-a"] = "b"
    one.removed.append("x-c")

    assert ({}, {}, [], [], Context()) == (
        two.facts,
        two.upstream,
        two.removed,
        two.watchers,
        two.context,
    )


def test_an_answer_is_json_that_went_well() -> None:
    """Unless it says otherwise."""
    answer = Answer(reason=Reason.MODELS_LISTED, body=b"{}")

    assert (HTTPStatus.OK, {"content-type": "application/json"}) == (answer.status, answer.headers)
