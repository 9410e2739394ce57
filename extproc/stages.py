"""What a request passes on its way to a decision and after it: tenants, affinity, caches, …

    headers ──► arrived            refuse early, before the body is read
    body    ──► asks ─┐            what shared state must say: all stages' calls, one round trip
                told ◄┘            refuse, answer, or add to the context
                (the router decides)
                decided            headers for the tier, what is to be remembered

A stage does no I/O: it names what is to be awaited, and whoever carries the stream awaits it.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from extproc.exchange import Exchange
from extproc.state import Call, Result

Effect: TypeAlias = Callable[[], Awaitable[Sequence[Result]]]
"""What must be awaited before a stream goes on. It must not raise, and must end in time."""


@dataclass(frozen=True, slots=True)
class Patient:
    """An effect that may take longer than Envoy usually waits: it is told to wait for `seconds`,
    at most once a request.
    """

    effect: Effect
    seconds: float

    def __call__(self) -> Awaitable[Sequence[Result]]:
        """As the effect."""
        return self.effect()


class Stage:
    """One concern. Each method does nothing unless a stage says otherwise, and any may raise
    RequestError to refuse the request; another error sends it to the default tier.
    """

    headers: frozenset[str] = frozenset()
    """The request headers that it reads, in lower case."""
    watches: bool = False
    """Whether it may look at responses: Envoy must be told before the body has come."""
    looks: bool = False
    """Whether it reads the signals of decisions, of those too that needed none."""

    def arrived(self, exchange: Exchange) -> None:
        """The headers are there, and nothing else."""

    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """The body is read: what shared state is to say."""
        del exchange
        return ()

    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """What it said, in the order of the calls; or what else must be awaited. Then `told` comes
        again with that.
        """
        del exchange, results
        return None

    def decided(self, exchange: Exchange) -> None:
        """The decision is made, and can still be added to: `exchange.decision`."""

    def left(self, exchange: Exchange) -> None:
        """The stream ended before any reply was made: nothing will be told of it. It must not
        raise.
        """
