"""Reads the config again when its file changes or SIGHUP comes; the last good one stays otherwise.

The file is looked at once a second rather than watched: a Kubernetes ConfigMap changes by swapping
a link two folders up, which file notifications miss and a look does not.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from extproc.config import Config, load, patience
from extproc.errors import ConfigError

INTERVAL: Final = 1.0
_FIXED_AT_START: Final = (
    "server",
    "gateway",
    "tiers",
    "default_tier",
    "state",
    "usage",
    "decision_log",
    "telemetry",
)
"""What Envoy, a listening socket or a connection was built from; it changes with a restart."""


class Reloader:
    """Hands each good config to `apply` and each complaint, or None, to `report`."""

    def __init__(
        self,
        path: Path,
        config: Config,
        *,
        apply: Callable[[Config], None],
        report: Callable[[str | None], None],
    ) -> None:
        self._path = path
        self._config = config
        self._apply = apply
        self._report = report
        self._seen = _fingerprint(path)

    def reload(self) -> None:
        """Read, check and apply the file as a whole, or keep what is in force."""
        self._seen = _fingerprint(self._path)
        try:
            config = load(self._path)
            _check_unchanged(self._config, config)
            self._apply(config)
        except ConfigError as error:
            self._report(str(error))
        else:
            self._config = config
            self._report(None)

    async def watch(self, interval: float = INTERVAL) -> None:
        """Reload whenever the file is not the one last seen; runs until it is cancelled."""
        while True:
            await asyncio.sleep(interval)
            if _fingerprint(self._path) != self._seen:
                self.reload()


def _fingerprint(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _check_unchanged(old: Config, new: Config) -> None:
    before = _fixed(old)
    for path, value in _fixed(new).items():
        if value != before[path]:
            raise ConfigError("a change here needs a restart", path=path)


def _fixed(config: Config) -> Mapping[str, object]:
    tenants, affinity = config.tenants, config.affinity
    return {
        **{f"$.{section}": getattr(config, section) for section in _FIXED_AT_START},
        "$.affinity": affinity and (affinity.header, affinity.responses),
        "$.cache": patience(config),
        "$.tenants": tenants is None,
        "$.tenants.file": tenants and tenants.file,
        "$.tenants.jwt": tenants and tenants.jwt,
    }
