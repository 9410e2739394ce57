"""What an artifact's calibration saw: the shape of traffic that its threshold was chosen for.

It stands in the artifact's manifest, so that a threshold and what it rests on travel together.
"""

from bisect import bisect_right
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final

from msgspec import Meta, Struct

from extproc.config.loading import convert

KEY: Final = "baseline"
_Share = Annotated[float, Meta(ge=0, le=1)]


class Baseline(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares of the labelled prompts, each mapping adding up to 1.

    `difficulty` are the shares of the bins that `edges` part, a value on an edge belonging to the
    bin above it; `domains` of each prompt's domain; `reasoning` is the chosen share.
    """

    edges: tuple[float, ...]
    difficulty: tuple[_Share, ...]
    domains: Mapping[str, _Share]
    reasoning: _Share

    def bin(self, difficulty: float) -> int:
        """The place in `difficulty` of a value."""
        return bisect_right(self.edges, difficulty)


def read(path: Path) -> Baseline | None:
    """The baseline of the artifact at `path`, None where it was not calibrated; ConfigError where
    the file cannot be used.
    """
    from extproc.signals.semantic import container  # noqa: PLC0415 - brings in NumPy
    from extproc.signals.semantic.model import KIND  # noqa: PLC0415 - as above

    said = container.read(path, KIND).manifest.get(KEY)
    return None if said is None else convert(said, Baseline, path=f"{path}: {KEY}")
