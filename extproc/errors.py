"""The two families of errors, and nothing else.

    TiergateError
    ├── RequestError              answered to the client as an OpenAI-shaped JSON error
    │   ├── MalformedRequest      400   the body is not what the API says; `param` names the field
    │   ├── InvalidApiKey         401   no credential, or one that proves no tenant
    │   ├── TierNotAllowed        403   the tenant may not use the tier that the client wishes for
    │   ├── ModelNotAllowed       403   the tenant may not use the model
    │   ├── UnknownPath           404   nothing is served under this path
    │   ├── ModelNotFound         404   the model's name is neither an alias nor a tier's own
    │   ├── MethodNotAllowed      405   the path exists, the method does not
    │   ├── RequestTooLarge       413   the body is over `server.max_body_bytes`
    │   ├── LimitExceeded         429   the tenant has had what it may have for now
    │   │   ├── RequestLimit            … its requests of a minute
    │   │   ├── TokenLimit              … its tokens of a minute
    │   │   ├── ConcurrencyLimit        … its requests under way
    │   │   └── BudgetSpent             … its money of a month
    │   ├── Shed                  429   all tiers are busy, and others come first
    │   ├── Overloaded            503   all tiers are far beyond what they can take
    │   └── Unavailable           503   the router failed where it may not fail open
    └── ConfigError               ends a command with status 2 and the path of the bad key

Whatever else is raised is a bug: it is logged with its traceback, counted, and the request goes to
the default tier with a reason that says so.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from extproc.decision import Reason


class TiergateError(Exception):
    """What Tiergate raises on purpose."""


class RequestError(TiergateError):
    """A request that cannot be served as it stands.

    `message` is shown to the client, so it never holds the prompt; `param` names the field at fault
    in OpenAI's notation (`messages[2].content`), or is None where no field is. `reason` is also the
    `code` of the client's JSON error; `headers` are added to those of every answer.
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    reason: ClassVar[Reason] = Reason.MALFORMED_REQUEST
    kind: ClassVar[str] = "invalid_request_error"
    """OpenAI's `type` of the error."""

    def __init__(
        self, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.headers = headers or {}


class MalformedRequest(RequestError):
    """Raised when a body is not JSON, not an object, or a field we read has the wrong shape."""


class InvalidApiKey(RequestError):
    """Raised where no credential came, or none that proves a tenant; it never says which part of it
    was wrong.
    """

    status = HTTPStatus.UNAUTHORIZED
    reason = Reason.INVALID_API_KEY


class TierNotAllowed(RequestError):
    """Raised where a client wishes for a tier that its tenant may not use."""

    status = HTTPStatus.FORBIDDEN
    reason = Reason.TIER_NOT_ALLOWED


class ModelNotAllowed(RequestError):
    """Raised where a client names a model that there is, and that its tenant may not use."""

    status = HTTPStatus.FORBIDDEN
    reason = Reason.MODEL_NOT_ALLOWED


class UnknownPath(RequestError):
    """Raised for a path that the gateway does not serve, a tier's own admin paths included."""

    status = HTTPStatus.NOT_FOUND
    reason = Reason.PATH_NOT_FOUND


class ModelNotFound(RequestError):
    """Raised for a model that is neither a public alias nor the name of a tier's model."""

    status = HTTPStatus.NOT_FOUND
    reason = Reason.MODEL_NOT_FOUND


class MethodNotAllowed(RequestError):
    """Raised when a served path is asked with a wrong method; the header `allow` names those that
    it takes.
    """

    status = HTTPStatus.METHOD_NOT_ALLOWED
    reason = Reason.METHOD_NOT_ALLOWED


class RequestTooLarge(RequestError):
    """Raised when a body is over the configured limit."""

    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    reason = Reason.REQUEST_TOO_LARGE


class LimitExceeded(RequestError):
    """Raised where a tenant has had what it may have for now; the headers say until when."""

    status = HTTPStatus.TOO_MANY_REQUESTS


class RequestLimit(LimitExceeded):
    """Raised where the requests of a minute are used up."""

    reason = Reason.REQUEST_LIMIT
    kind = "requests"


class TokenLimit(LimitExceeded):
    """Raised where the tokens of a minute are used up."""

    reason = Reason.TOKEN_LIMIT
    kind = "tokens"


class ConcurrencyLimit(LimitExceeded):
    """Raised where all requests that a tenant may have under way are."""

    reason = Reason.CONCURRENCY_LIMIT
    kind = "requests"


class BudgetSpent(LimitExceeded):
    """Raised where a tenant's budget of the month is spent."""

    reason = Reason.BUDGET_HARD
    kind = "insufficient_quota"


class Shed(RequestError):
    """Raised where all tiers are busy and others come first; `retry-after` says for how long."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    reason = Reason.SHED
    kind = "rate_limit_error"


class Overloaded(RequestError):
    """Raised where all tiers have far more to do than they can; `retry-after` as above."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    reason = Reason.OVERLOADED
    kind = "server_error"


class Unavailable(RequestError):
    """Raised where the router has failed and must not let the request through unchecked."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    reason = Reason.ROUTER_FAILED
    kind = "server_error"


class ConfigError(TiergateError):
    """Raised for a config document that cannot be used; `path` is that of the bad key, or `$`."""

    def __init__(self, message: str, *, path: str = "$") -> None:
        super().__init__(message if path == "$" else f"{path}: {message}")
        self.message = message
        self.path = path
