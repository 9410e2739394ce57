"""One request on its way through the stages: what is known of it so far, and what is to be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol

from msgspec import Struct

from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.request import Api, InferenceRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of the router's own, in place of a tier's."""

    reason: Reason
    body: bytes
    status: HTTPStatus = HTTPStatus.OK
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


class Watcher(Protocol):
    """Looks at the response of one request; it changes nothing of it."""

    def began(self, status: int, headers: Mapping[str, str]) -> bool:
        """The response's headers; whether its body is to be shown too, to every watcher."""

    def came(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """A piece of the body; what is now known for the access log, in `tiergate.usage`."""

    def ended(self) -> None:
        """Nothing more comes: the response is complete, or the client or the tier has gone."""


class Exchange(Struct, kw_only=True):
    """What stages read and write. Headers have lower-case names.

    `api` is None for a request that the catalogue answers; `request` and `body` are there once the
    body is read, and `decision` once it is made. `facts` go to the access log as metadata beside
    the decision's own; `upstream` are headers for the tier, and `removed` those it must not see;
    `answer` ends the exchange without a decision. Watchers added before the response begins see it.
    `notes` are what a stage keeps for itself between its steps, under its own class.
    """

    headers: Mapping[str, str]
    request_id: str = ""
    api: Api | None = None
    body: bytes = b""
    request: InferenceRequest | None = None
    context: Context = Context()
    decision: Decision | None = None
    answer: Answer | None = None
    facts: dict[str, str] = {}
    upstream: dict[str, str] = {}
    removed: list[str] = []
    watchers: list[Watcher] = []
    notes: dict[type, Any] = {}
