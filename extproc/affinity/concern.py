"""Affinity as one of the services: a stage and an adjuster for each config."""

from collections.abc import Sequence

from extproc.affinity.hysteresis import hysteresis
from extproc.affinity.stage import AffinityStage
from extproc.config import Config
from extproc.router import Adjuster
from extproc.stages import Stage
from extproc.state import Store


class Affinity:
    """Remembers conversations in `store`, where the config has a section `affinity`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def start(self) -> None:
        """Nothing goes on in the background."""

    async def stop(self) -> None:
        """What was posted is the store's to send."""

    def stages(self, config: Config) -> Sequence[Stage]:
        """One, where it is wanted."""
        return () if config.affinity is None else (AffinityStage(config.affinity, self._store),)

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """One, where it is wanted."""
        return () if config.affinity is None else (hysteresis(config, config.affinity),)
