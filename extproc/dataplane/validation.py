"""Whether Envoy accepts a bootstrap: its typed messages first, then Envoy itself."""

import json
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from extproc.dataplane.binary import envoy_binary
from extproc.dataplane.pattern import Tree
from extproc.dataplane.typed import check_types
from extproc.errors import ConfigError

TIMEOUT_SECONDS: Final = 60
"""Validation takes a tenth of a second; resolving the names of clusters may take longer."""

FLAGS: Final = (
    *("--mode", "validate", "--use-dynamic-base-id"),
    *("--log-level", "critical", "--log-format", "%v"),
)


def validate(bootstrap: Tree) -> None:
    """Check `bootstrap` without opening a socket; ConfigError says what is wrong in Envoy's words,
    or that Envoy is missing.
    """
    check_types(bootstrap)
    with tempfile.TemporaryDirectory(prefix="tiergate-") as folder:
        path = Path(folder) / "envoy.json"
        path.write_text(json.dumps(bootstrap), encoding="utf-8")
        complaint = _complaint(envoy_binary(), path)
    if complaint:
        raise ConfigError(f"Envoy refuses the bootstrap: {complaint}")


def _complaint(envoy: Path, path: Path) -> str:
    """What Envoy has against the file; empty where it accepts it."""
    done = subprocess.run(
        [envoy, *FLAGS, "--config-path", path],
        capture_output=True,
        text=True,
        check=False,
        timeout=TIMEOUT_SECONDS,
    )
    return _in_short(done.stderr) if done.returncode else ""


def _in_short(words: str) -> str:
    """Envoy's reason alone: it stands last, behind the whole document it prints on some errors."""
    reason = words.rpartition("\n: ")[2] if "\n: " in words else words.partition(": ")[2]
    return " ".join(reason.split()) or words.strip()
