"""The cache as one of the services: what lives as long as the process, and a stage a config."""

import asyncio
import contextlib
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from extproc.cache import shared
from extproc.cache.answers import Answers, Likeness
from extproc.cache.local import Local
from extproc.cache.measures import Measures
from extproc.cache.question import revision
from extproc.cache.stage import CacheStage
from extproc.config import Cache, Config, Similarity
from extproc.router import Adjuster
from extproc.stages import Stage
from extproc.state import Store


class AnswerCache:
    """Keeps answers, where the config has a section `cache`. Each `every` seconds it asks what was
    purged.
    """

    def __init__(self, store: Store, registry: CollectorRegistry, *, every: float = 1.0) -> None:
        self._store = store
        self._every = every
        self._answers: Answers | None = None
        self._measures = Measures(registry, self._count)
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Follow what is purged."""
        self._following = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Forget all."""
        if self._following is not None:
            self._following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._following
        if self._answers is not None:
            self._answers.local.close()

    def stages(self, config: Config) -> Sequence[Stage]:
        """One, where it is wanted. Other bounds begin anew in this process."""
        settings = config.cache
        if settings is None:
            return ()
        answers = self._kept(settings)
        return (CacheStage(settings, answers, self._measures, revision(config)),)

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """None: an answer is given before there is a decision."""
        del config
        return ()

    def _kept(self, settings: Cache) -> Answers:
        bounds = (settings.memory_bytes, settings.max_entry_bytes)
        if self._answers is None or self._answers.local.bounds != bounds:
            if self._answers is not None:
                self._answers.local.close()
            local = Local(memory_bytes=bounds[0], max_entry_bytes=bounds[1])
            self._answers = Answers(local, self._store)
        wanted, index = settings.similarity, self._answers.similar
        if not settings.compares:
            self._answers.similar = None
        elif index is None or index.most != wanted.max_questions:
            self._answers.similar = _similar(wanted)
        return self._answers

    def _count(self) -> float:
        return 0.0 if self._answers is None else float(len(self._answers.local))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            if self._answers is not None and self._store.shared:
                (result,) = await self._store.run([shared.purged()])
                self._answers.purges = shared.purges(result) or self._answers.purges


def _similar(settings: Similarity) -> Likeness:
    """An empty index; ConfigError where the table of tokens cannot be used."""
    from extproc.cache.similar import Similar, embedding  # noqa: PLC0415 - brings in NumPy
    from extproc.signals.semantic import TOKENS  # noqa: PLC0415
    from extproc.signals.semantic.tokens import Tokens  # noqa: PLC0415

    return Similar(embedding(Tokens(TOKENS)), most=settings.max_questions)
