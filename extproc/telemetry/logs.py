"""Events as JSON lines on stderr: one line a request, and whatever else happens."""

import logging
import sys
import traceback
from typing import Any
from zlib import crc32

import msgspec
import structlog

from extproc.state import Failure
from extproc.telemetry.observer import Completed, Outcome

LEVELS = ("debug", "info", "warning", "error")
_PARTS = 1 << 16
_FIELDS = [name for name in Completed.__struct_fields__ if name not in {"facts", "trace"}]


def configure(level: str) -> None:
    """Send every event of at least `level` (one of LEVELS) to stderr, one JSON object a line."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(_encode),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


def _encode(event: Any, **_: Any) -> str:  # noqa: ANN401 - structlog's own signature
    return msgspec.json.encode(event, enc_hook=repr).decode()


class LogObserver:
    """Writes what happened, as it was last configured; a request's line comes when Envoy has ended
    it.
    """

    def __init__(self, sample: float = 1.0) -> None:
        self._kept = int(sample * _PARTS)
        # Unbound, structlog would make a new logger for every event, those below the level too.
        self._log = structlog.get_logger().bind()
        self._redis_answers = True
        self._writes_info = self._log.is_enabled_for(logging.INFO)
        self._writes_debug = self._log.is_enabled_for(logging.DEBUG)

    def decided(self, outcome: Outcome) -> None:
        """At debug, all that led to the decision; a failure behind it at error."""
        decision = outcome.decision
        if decision is not None and decision.failure is not None:
            self._log.error(
                "decision_failed",
                reason=outcome.reason,
                request_id=outcome.request_id,
                **_described(decision.failure),
            )
        if self._writes_debug:
            self._log.debug(
                "decision",
                request_id=outcome.request_id,
                reason=outcome.reason,
                seconds=round(outcome.seconds, 6),
                signals=decision.signals if decision else {},
            )

    def completed(self, record: Completed) -> None:
        """The request's one line; an error of the gateway or a tier is a warning, and so is an
        answer that broke off.
        """
        if record.has_failed:
            self._log.warning("request", **_said(record))
        elif self._writes_info and crc32(record.request_id.encode()) % _PARTS < self._kept:
            self._log.info("request", **_said(record))

    def failed(self, error: Exception) -> None:
        """A bug, with where it happened."""
        self._log.error("internal_error", **_described(error))

    def config_loaded(self, error: str | None) -> None:
        """The config that is in force from now on, or why it is not."""
        if error:
            self._log.error("config_rejected", error=error)
        else:
            self._log.info("config_loaded")

    def stored(self, *, seconds: float, failure: Failure | None) -> None:
        """A line when Redis goes away, and one when it is back."""
        if failure is None and not self._redis_answers:
            self._log.info("redis_back")
        elif failure is not None and self._redis_answers:
            self._log.error("redis_away", kind=failure.kind, seconds=round(seconds, 6))
        self._redis_answers = failure is None


def _said(record: Completed) -> dict[str, Any]:
    """Every field but the stages' own facts, as a reservation's name; the trace by its id."""
    said = {name: getattr(record, name) for name in _FIELDS}
    if record.tokens is not None:
        said["tokens"] = msgspec.structs.asdict(record.tokens)
    said["seconds_per_token"] = record.seconds_per_token
    said["trace_id"] = record.trace[3:35]
    return said


def _described(error: Exception) -> dict[str, Any]:
    """Kind and place of an error. Its message stays out: it may hold a piece of a prompt."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__qualname__, "traceback": places}
