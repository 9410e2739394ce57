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

    @property
    def since(self) -> float:
        """When the oldest of them ended: of what began since then none is missing. 0 while all that
        ever came are kept.
        """
        if len(self._records) != self._records.maxlen:
            return 0.0
        oldest = self._records[0]
        return oldest.started + (oldest.duration or 0.0)
