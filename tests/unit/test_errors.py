"""The two families of errors."""

import inspect
from http import HTTPStatus

import pytest

from extproc import errors
from extproc.decision import Reason
from extproc.errors import (
    ConfigError,
    MalformedRequest,
    MethodNotAllowed,
    ModelNotFound,
    RequestError,
    RequestTooLarge,
    TiergateError,
    Unavailable,
    UnknownPath,
)

REFUSALS = [
    (MalformedRequest("no"), HTTPStatus.BAD_REQUEST, Reason.MALFORMED_REQUEST),
    (UnknownPath("no"), HTTPStatus.NOT_FOUND, Reason.PATH_NOT_FOUND),
    (ModelNotFound("no"), HTTPStatus.NOT_FOUND, Reason.MODEL_NOT_FOUND),
    (
        MethodNotAllowed("no"),
        HTTPStatus.METHOD_NOT_ALLOWED,
        Reason.METHOD_NOT_ALLOWED,
    ),
    (RequestTooLarge("no"), HTTPStatus.REQUEST_ENTITY_TOO_LARGE, Reason.REQUEST_TOO_LARGE),
    (Unavailable("no"), HTTPStatus.SERVICE_UNAVAILABLE, Reason.ROUTER_FAILED),
]


@pytest.mark.parametrize(
    ("error", "status", "reason"), REFUSALS, ids=[type(row[0]).__name__ for row in REFUSALS]
)
def test_each_refusal_has_its_status_and_reason(
    error: RequestError, status: HTTPStatus, reason: Reason
) -> None:
    """A refusal carries the HTTP status and the reason that the client and the metrics see."""
    assert (status, reason) == (error.status, error.reason)


def test_a_refusal_keeps_its_message_and_the_field_at_fault() -> None:
    """The message is the exception's text, and `param` names the field."""
    error = MalformedRequest("It is no object.", param="messages[0]")

    assert ("It is no object.", "messages[0]") == (str(error), error.param)


def test_a_refusal_may_have_headers_of_its_own() -> None:
    """As 405 has `allow`; the usual one has none."""
    error = MethodNotAllowed("POST alone.", headers={"allow": "POST"})

    assert [{"allow": "POST"}, {}] == [error.headers, UnknownPath("no").headers]


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ConfigError("is wrong", path="$.tiers[0]"), "$.tiers[0]: is wrong"),
        (ConfigError("is wrong"), "is wrong"),
    ],
    ids=["key", "document"],
)
def test_a_config_error_begins_with_the_path(error: ConfigError, text: str) -> None:
    """An operator reads first where the fault is; without a key it is the whole document."""
    assert text == str(error)


def test_the_tree_in_the_docstring_names_every_error() -> None:
    """The drawn tree is complete, and each refusal stands with its status."""
    drawn = inspect.getdoc(errors) or ""
    classes = [
        kind
        for _, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, TiergateError)
    ]

    assert [] == [kind.__name__ for kind in classes if kind.__name__ not in drawn]
    for error, status, _ in REFUSALS:
        line = next(line for line in drawn.splitlines() if type(error).__name__ in line)
        assert f" {status.value} " in line
