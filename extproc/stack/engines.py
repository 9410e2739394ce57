"""What can stand behind a tier: an interface, and the simulator. See `vllm` for the real thing."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from extproc.config import ModelServer
from extproc.stack.child import Child

READY_SECONDS: Final = 30.0
_SIMULATOR: Final = (sys.executable, "-m", "extproc.engines.sim")


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """How to start one replica, and what it is to a person; `announces` as of `Child.start`."""

    argv: tuple[str, ...]
    what: str
    env: Mapping[str, str] = field(default_factory=dict)
    announces: bool = True


class Engine(Protocol):
    """One way to have a tier's replicas on this machine.

    `together` tells whether replicas may start at the same time.
    """

    @property
    def together(self) -> bool:
        """Whether replicas may start side by side."""
        ...

    def launch(self, server: ModelServer, endpoint: str) -> Launch:
        """How to start the replica that the config places at `endpoint`.

        OSError where it cannot be there, ConfigError where the config cannot be met.
        """
        ...

    async def ready(self, server: ModelServer, endpoint: str, child: Child) -> str:
        """Its `host:port` once it answers; ChildError where it ends or takes too long."""
        ...


class Simulator:
    """A simulated vLLM on a free port for each endpoint."""

    together = True

    def launch(self, server: ModelServer, endpoint: str) -> Launch:
        """It listens where there is room, so the endpoint does not matter."""
        del endpoint
        tier = server.tier
        arguments = ("--served-model-name", *server.names, "--profile", tier.profile)
        more = ("--port", "0", "--max-model-len", str(tier.max_model_len))
        # As a real tier is started: every stream tells its usage.
        argv = (*_SIMULATOR, *arguments, *more, "--enable-force-include-usage")
        return Launch(argv=argv, what=f"{tier.model}, simulated")

    async def ready(self, server: ModelServer, endpoint: str, child: Child) -> str:
        """What it says of itself."""
        del server, endpoint
        said = await child.ready(READY_SECONDS)
        address: str = said["url"].removeprefix("http://")
        return address
