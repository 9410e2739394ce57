"""Names that come from outside, as labels of metrics: so many, and no more."""

from typing import Final

OTHER: Final = "other"


class Bounded:
    """Keeps the first `most` names; every later one is `other`. The empty name stays empty."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def __call__(self, name: str) -> str:
        """The label for a name, the same each time."""
        if not name or name in self._known:
            return name
        if len(self._known) >= self._most:
            return OTHER
        self._known.add(name)
        return name
