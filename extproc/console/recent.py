"""The requests that ended last."""

from collections import deque
from collections.abc import Sequence

from typing_extensions import override

from extproc.telemetry import Completed, Unmoved


class Recent(Unmoved):
    """Keeps the last `keep` records; what they hold of a request is numbers, names and reasons."""

    def __init__(self, keep: int) -> None:
        self._records: deque[Completed] = deque(maxlen=keep)

    @override
    def completed(self, record: Completed) -> None:
        """Keep it."""
        self._records.append(record)

    @property
    def records(self) -> Sequence[Completed]:
        """Those that are kept, the oldest first."""
        return tuple(self._records)
