"""The interface of telemetry, and the values that it is told."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final, Protocol

from msgspec import Struct

from extproc.decision import Decision, Reason
from extproc.state import Failure

BROKEN_OFF: Final = "upstream_reset_after_response_started"
"""How Envoy's details begin where a tier did not end its answer. The status stays what it was."""


class Outcome(Struct, frozen=True, kw_only=True):
    """How the router answered one request.

    `seconds` is what the answer took in this process, and `stages` what each part of it did: `read`
    the body, ask shared `state`, `decide`. `decision` is None where the request went to no tier.
    """

    reason: Reason
    seconds: float
    request_id: str
    decision: Decision | None = None
    stages: Mapping[str, float] = {}


class Tokens(Struct, frozen=True, kw_only=True, gc=False):
    """The tokens of one request, as the model server counts them.

    `cached` of the prompt's came from a prefix cache, `reasoning` of the completion's were thought
    and not said: neither is counted besides.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    reasoning: int = 0


class Completed(Struct, frozen=True, kw_only=True, gc=False):
    """What Envoy says of one request when it has ended, whoever answered it.

    `request_id` is never empty: an entry without one has a name made of what it says. `started` is
    in seconds since 1970. `served_by` is the tier that truly answered, `attempts` how often Envoy
    asked, `upstream` the cluster it asked; `first_byte` and `duration` are seconds, None where
    nothing was sent; `streamed` says that the answer was events. `received` and `sent` are bytes of
    the bodies.

    `tenant` is empty where nobody is told apart; `model` is the name that the client asked for;
    `tokens` is None where nobody could read them, and `cost_microdollars` where they or a price are
    unknown; `estimated_microdollars` is what a tier's work has probably cost where nobody could
    read its tokens, and 0 elsewhere. `facts` is all that stages have said of the request.

    `trace` is the W3C trace context (`traceparent`) that the tier got, empty where there was none;
    `decision_seconds` is how long Envoy waited for the router, None where it was not told to say.
    """

    request_id: str
    path: str
    status: int
    details: str
    reason: str
    tier: str
    served_by: str
    score: str
    policy: str
    attempts: int
    first_byte: float | None
    duration: float | None
    started: float = 0.0
    upstream: str = ""
    streamed: bool = False
    received: int = 0
    sent: int = 0
    tenant: str = ""
    model: str = ""
    tokens: Tokens | None = None
    cost_microdollars: int | None = None
    estimated_microdollars: int = 0
    facts: Mapping[str, str] = {}
    trace: str = ""
    decision_seconds: float | None = None

    @property
    def is_broken(self) -> bool:
        """Whether its tier did not bring to an end what its status calls a good answer."""
        return self.status < HTTPStatus.BAD_REQUEST and self.details.startswith(BROKEN_OFF)

    @property
    def has_failed(self) -> bool:
        """Whether the client got an error of the gateway or of a tier, half an answer, or none."""
        ended = 0 < self.status < HTTPStatus.INTERNAL_SERVER_ERROR
        return not ended or self.is_broken

    @property
    def seconds_per_token(self) -> float | None:
        """Of a streamed answer, the time of each token after the first; None without two tokens."""
        if not self.streamed or self.tokens is None or self.tokens.completion < 2:  # noqa: PLR2004
            return None
        if self.first_byte is None or self.duration is None:
            return None
        return (self.duration - self.first_byte) / (self.tokens.completion - 1)


class Observer(Protocol):
    """Is told what happened; it must not raise, and must not take long."""

    def decided(self, outcome: Outcome) -> None:
        """The router answered a request."""

    def completed(self, record: Completed) -> None:
        """Envoy ended a request."""

    def failed(self, error: Exception) -> None:
        """A bug showed itself outside of any decision."""

    def config_loaded(self, error: str | None) -> None:
        """The config was read: None where it is now in force, else why the last good one stays."""

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """Redis was asked, and answered or failed after `seconds`."""


class Unmoved:
    """An observer that does nothing: the base of one to whom little matters."""

    def decided(self, outcome: Outcome) -> None:
        """Nothing."""

    def completed(self, record: Completed) -> None:
        """Nothing."""

    def failed(self, error: Exception) -> None:
        """Nothing."""

    def config_loaded(self, error: str | None) -> None:
        """Nothing."""

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """Nothing."""


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = list(observers)
        self._account: Callable[[Completed], Completed] = lambda record: record

    def account(self, step: Callable[[Completed], Completed]) -> None:
        """Have each completed request pass `step` before anybody is told of it."""
        self._account = step

    def add(self, observer: Observer) -> None:
        """One more."""
        self._observers.append(observer)

    def decided(self, outcome: Outcome) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.decided(outcome)

    def completed(self, record: Completed) -> None:
        """Tell each, with what it cost."""
        record = self._account(record)
        for observer in self._observers:
            observer.completed(record)

    def failed(self, error: Exception) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.failed(error)

    def config_loaded(self, error: str | None) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.config_loaded(error)

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.stored(seconds=seconds, failure=failure)
