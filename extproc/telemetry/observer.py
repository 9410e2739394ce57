"""The interface of telemetry, and the values that it is told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from msgspec import Struct

from extproc.decision import Decision, Reason
from extproc.state import Failure


class Outcome(Struct, frozen=True, kw_only=True):
    """How the router answered one request.

    `seconds` is what the answer took in this process; `decision` is None where the request went to
    no tier.
    """

    reason: Reason
    seconds: float
    request_id: str
    decision: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What Envoy says of one request when it has ended, whoever answered it.

    `served_by` is the tier that truly answered, `attempts` how often Envoy asked; `first_byte` and
    `duration` are seconds, None where nothing was sent.
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


class Observers:
    """Several observers as one."""

    def __init__(self, observers: Sequence[Observer]) -> None:
        self._observers = tuple(observers)

    def decided(self, outcome: Outcome) -> None:
        """Tell each."""
        for observer in self._observers:
            observer.decided(outcome)

    def completed(self, record: Completed) -> None:
        """Tell each."""
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
