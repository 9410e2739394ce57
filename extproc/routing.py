"""What one config makes of requests: swapped as a whole when the config changes."""

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeAlias

from extproc.config import Config
from extproc.exchange import Exchange
from extproc.headers import PREFER
from extproc.router import Adjuster, Router
from extproc.stages import Effect, Stage
from extproc.state import Call, Result
from extproc.targets import Catalogue

Run: TypeAlias = Callable[[Sequence[Call]], Awaitable[Sequence[Result]]]
Steps: TypeAlias = Generator[Effect, Sequence[Result], None]
_WANTED: Final = frozenset({":method", ":path", "content-length", "x-request-id", PREFER})


async def nowhere(calls: Sequence[Call]) -> Sequence[Result]:
    """What answers where no stage asks anything: nothing ever gets here."""
    raise RuntimeError(f"{len(calls)} calls, and no shared state to run them")


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """`run` is what answers the calls of the `stages`; with `closed`, a request that they could not
    check is refused when something fails. `wanted` are all headers that anything reads.
    """

    router: Router
    catalogue: Catalogue
    max_body_bytes: int
    stages: tuple[Stage, ...] = ()
    run: Run = nowhere
    closed: bool = False
    wanted: frozenset[str] = field(init=False)
    watches: bool = field(init=False)

    def __post_init__(self) -> None:
        wanted = _WANTED.union(*(stage.headers for stage in self.stages))
        object.__setattr__(self, "wanted", wanted)
        object.__setattr__(self, "watches", any(stage.watches for stage in self.stages))

    def consult(self, exchange: Exchange) -> Steps:
        """Ask shared state all that the stages want, in one round trip, and tell them what it said,
        one after the other, until one has an answer of its own.
        """
        if not self.stages:
            return
        asked = [(stage, stage.asks(exchange)) for stage in self.stages]
        calls = [call for _, some in asked for call in some]
        results = (yield partial(self.run, calls)) if calls else ()
        at = 0
        for stage, some in asked:
            effect = stage.told(exchange, results[at : at + len(some)])
            at += len(some)
            while effect is not None:
                effect = stage.told(exchange, (yield effect))
            if exchange.answer is not None:
                return


def routing(
    config: Config,
    *,
    stages: Sequence[Stage] = (),
    adjusters: Sequence[Adjuster] = (),
    run: Run = nowhere,
    closed: bool = False,
) -> Routing:
    """All that a config makes of requests; ConfigError where it cannot."""
    return Routing(
        router=Router(config, adjusters=adjusters, looks=any(stage.looks for stage in stages)),
        catalogue=Catalogue(config),
        max_body_bytes=config.server.max_body_bytes,
        stages=tuple(stages),
        run=run,
        closed=closed,
    )
