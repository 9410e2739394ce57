"""What is known of one replica."""

from dataclasses import dataclass

from extproc.config.fleet import Limits
from extproc.fleet.exposition import Reading


@dataclass(slots=True, kw_only=True)
class Replica:
    """`reading` is the last good scrape, made at `read_at`, when `sent` requests had gone to its
    tier; `gone` says that nobody listens there.

    `refusing` says that it turned requests away between its last two scrapes.
    """

    reading: Reading | None = None
    read_at: float = float("-inf")
    sent: float = 0.0
    gone: bool = False
    refusing: bool = False

    def backlog(self, *, sent: float, done: float) -> float:
        """Requests that wait, reckoned on from the last scrape: `sent` have come since and `done`
        have begun. Where none waited there is room, and how much nobody knows.
        """
        if self.reading is None or not self.reading.waiting:
            return 0.0
        return max(self.reading.waiting + sent - done, 0.0)

    def saturation(self, limits: Limits, backlog: float) -> float:
        """max(queue / limit, KV / limit), and at least 1 while it refuses: 0 idle, 1 full.

        https://github.com/llm-d/llm-d-router: the utilisation detector's formula.
        """
        if self.reading is None:
            return 1.0
        load = max(backlog / limits.queue, self.reading.kv / limits.kv)
        return max(load, 1.0) if self.refusing else load
