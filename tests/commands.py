"""`tiergate` as scripts run it, and the processes that it leaves behind, if any."""

import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import builders
import yaml
from processes import PYTHON, Running

ANY = "127.0.0.1:0"
TIERGATE = (PYTHON, "-m", "extproc")


class Ended(NamedTuple):
    """A command that ran to its end."""

    status: int
    out: str
    errors: list[str]


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None) -> Ended:
    """Run `tiergate` to its end."""
    done = subprocess.run(
        [*TIERGATE, *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env=environment,
    )
    return Ended(done.returncode, done.stdout, done.stderr.splitlines())


def up(log: Path, *arguments: str | Path) -> Running:
    """`tiergate up` for a script, on free ports unless the arguments say otherwise."""
    return Running((*TIERGATE, "up", "--gateway", ANY, "--admin", ANY, "--json", *arguments), log)


def config_file(folder: Path, **sections: object) -> Path:
    """The builders' document with `sections` put in."""
    return written(folder, builders.document(**sections))


def written(folder: Path, document: Mapping[str, Any]) -> Path:
    """The document as a file."""
    file = folder / "tiergate.yaml"
    file.write_text(yaml.safe_dump(dict(document)))
    return file


def children(pid: int) -> dict[int, str]:
    """All descendants of a process that run, each with its command line."""
    found: dict[int, str] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        child = int(folder.name)
        if _parent(child) in {pid, *found} and child not in found:
            found |= {child: _command(child), **children(child)}
    return found


def alive(pids: Iterable[int]) -> list[int]:
    """Those of the processes that still run."""
    return [pid for pid in pids if _parent(pid) is not None]


def _parent(pid: int) -> int | None:
    """None where the process has ended, be it reaped or not."""
    try:
        state, parent, *_ = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state == "Z" else int(parent)


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
