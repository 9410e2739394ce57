"""Decision logs as the commands read them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from extproc.decisionlog.files import written
from extproc.decisionlog.lines import DecisionLine, Line, OutcomeLine
from extproc.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What the files hold: decisions by time, outcomes by request, and how many lines were no
    line of ours (a crash or a full disk tears one).
    """

    decisions: Sequence[DecisionLine]
    outcomes: dict[str, OutcomeLine]
    torn: int


def read(paths: Sequence[Path]) -> Read:
    """The lines of files, and of all files of a folder; ConfigError where they hold no decision."""
    decoder = msgspec.json.Decoder(Line)
    decisions: list[DecisionLine] = []
    outcomes: dict[str, OutcomeLine] = {}
    torn = 0
    for text in _texts(paths):
        try:
            line = decoder.decode(text)
        except (msgspec.DecodeError, UnicodeDecodeError):
            torn += 1
            continue
        if isinstance(line, DecisionLine):
            decisions.append(line)
        else:
            outcomes[line.request_id] = line
    if not decisions:
        raise ConfigError("there is no decision in it", path=", ".join(map(str, paths)))
    decisions.sort(key=lambda line: line.time)
    return Read(decisions=decisions, outcomes=outcomes, torn=torn)


def expand(paths: Sequence[Path]) -> list[Path]:
    """The files that paths name, folders being all of theirs."""
    return [file for path in paths for file in (written(path) if path.is_dir() else [path])]


def _texts(paths: Sequence[Path]) -> Iterator[bytes]:
    for path in expand(paths):
        with path.open("rb") as file:
            yield from (line for line in file if line.strip())
