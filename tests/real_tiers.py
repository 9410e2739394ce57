"""What the tests of real tiers hold in their hands."""

import json
import os
import signal
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from processes import Running, until

from extproc.config import Config


@dataclass(slots=True, kw_only=True)
class Tier:
    """One real vLLM."""

    process: Running
    address: str

    def kill(self) -> None:
        """End all its processes without a word of warning."""
        os.killpg(self.process.process.pid, signal.SIGKILL)
        self.process.wait()


@dataclass(slots=True, kw_only=True)
class Fleet:
    """The tiers by name, and the config that they were started from."""

    config: Config
    tiers: dict[str, Tier]


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Envoy and the router before the fleet, and Envoy's word on each request's tokens."""

    address: str
    usage_log: Path

    def usage(self, request_id: str) -> dict[str, Any]:
        """What Envoy wrote of that request, once it has."""
        found: list[dict[str, Any]] = []

        def written() -> bool:
            lines = self.usage_log.read_text().splitlines() if self.usage_log.exists() else []
            found[:] = [line for line in map(json.loads, lines) if line["id"] == request_id]
            return bool(found)

        until(written, what="the access log")
        return found[0]
