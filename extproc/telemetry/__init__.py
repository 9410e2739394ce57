"""What happened, told to whoever counts or writes it; the path of a request calls one method.

Prompts never come this far: an observer sees reasons, numbers and names.
"""

from extproc.telemetry.logs import LEVELS, LogObserver, configure
from extproc.telemetry.metrics import MetricsObserver
from extproc.telemetry.observer import (
    BROKEN_OFF,
    Completed,
    Observer,
    Observers,
    Outcome,
    Tokens,
    Unmoved,
)
from extproc.telemetry.tally import Counts, Tallies
from extproc.telemetry.totals import Snapshot, counted

__all__ = [
    "BROKEN_OFF",
    "LEVELS",
    "Completed",
    "Counts",
    "LogObserver",
    "MetricsObserver",
    "Observer",
    "Observers",
    "Outcome",
    "Snapshot",
    "Tallies",
    "Tokens",
    "Unmoved",
    "configure",
    "counted",
]
