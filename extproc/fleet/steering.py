"""Keeps a tier to its share of requests, or all tiers to a speed of spending, by the threshold.

Each period the threshold before the tier moves by `gain` times what the share was missed by, or by
`gain` times the part by which the spending was: an integral controller. With one period between a
step and what comes of it, it does not swing while `gain` times what the measure falls by for one
unit of threshold is below 1.

What was done is read from the tiers' own counters, so every replica of the router measures the
same; where there is Redis, they also take their steps in turns and hold the same offset, and
without it each holds its own.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from extproc.config.fleet import Steer
from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.fleet.tier import TierLoad
from extproc.request import InferenceRequest
from extproc.state import Arg, Call, Memory, Operation, Result
from extproc.telemetry import Tokens
from extproc.usage.prices import MILLION, Book

KEY: Final = "fleet:steer"
_DAY: Final = 86_400.0
_FINE: Final = 1_000_000
"""Redis returns whole numbers: offsets travel in millionths."""
_KEPT_PERIODS: Final = 100

_SCRIPT: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1e6
local period, step, highest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local kept = redis.call('HMGET', KEYS[1], 'offset', 'at')
local offset = tonumber(kept[1] or 0)
if not kept[2] or math.abs(now - tonumber(kept[2])) >= period * 0.9 then
  offset = math.min(math.max(offset + step, 0), highest)
  redis.call('HSET', KEYS[1], 'offset', offset, 'at', now)
  redis.call('EXPIRE', KEYS[1], math.ceil(period * 100))
end
return offset
"""


def _local(memory: Memory, keys: tuple[str, ...], args: tuple[Arg, ...]) -> Result:
    period, step, highest = float(args[0]), int(args[1]), int(args[2])
    now = memory.now()
    offset, at = memory.get(keys[0]) or (0, float("-inf"))
    if abs(now - at) >= period * 0.9:  # also where the clock was put back
        offset = min(max(offset + step, 0), highest)
        memory.put(keys[0], (offset, now), period * _KEPT_PERIODS)
    return int(offset)


STEP: Final = Operation(name="fleet.steer", script=_SCRIPT, local=_local)
"""The offset in millionths, moved by a step unless another replica took one in this period."""


class Done(Struct, frozen=True, kw_only=True):
    """What the tiers have done so far: requests begun, and dollars spent."""

    at: float
    begun: Mapping[str, float]
    dollars: float


class Steering:
    """Holds the offset of the threshold, in [0, `highest`].

    `measured` is the share, or the speed of spending in dollars a day, of the last period; None
    before the first one and after one without requests.
    """

    def __init__(
        self, loads: Mapping[str, TierLoad], clock: Callable[[], float] = monotonic
    ) -> None:
        self.offset = 0.0
        self.measured: float | None = None
        self._loads = loads
        self._clock = clock
        self._before: Done | None = None

    def calls(self, config: Steer, book: Book) -> Sequence[Call]:
        """To be made once a period: the step that the last one calls for."""
        done, before = self._done(book), self._before
        self._before = done
        self.measured = None if before is None else _measure(config, before, done)
        step = config.gain * missed(config, self.measured)
        args = (config.period_seconds, round(step * _FINE), round(config.highest * _FINE))
        return (Call(operation=STEP, keys=(KEY,), args=args),)

    def told(self, results: Sequence[Result]) -> None:
        """The offset that holds from now on."""
        (offset,) = results
        assert isinstance(offset, int)  # noqa: S101 - what the operation returns
        self.offset = offset / _FINE

    def _done(self, book: Book) -> Done:
        spent = (
            book.cost(tier, Tokens(prompt=int(load.prompt), completion=int(load.generated)))
            for tier, load in self._loads.items()
        )
        return Done(
            at=self._clock(),
            begun={tier: load.started for tier, load in self._loads.items()},
            dollars=sum(one or 0 for one in spent) / MILLION,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Steered:
    """An adjuster: the next cheaper tier answers what is less than the offset above the threshold
    before `tier`. A conversation that is on that tier stays: the share is of those that come.
    """

    steering: Steering
    tier: str
    cheaper: Sequence[str]

    def __call__(self, decision: Decision, request: InferenceRequest, context: Context) -> Decision:
        """The decision, or one for a cheaper tier."""
        if decision.tier != self.tier or decision.reason is not Reason.SCORE_ABOVE:
            return decision
        if decision.margin is None or decision.margin >= self.steering.offset:
            return decision
        if context.stays_on(self.tier):
            looping = request.conversation.in_tool_loop
            reason = Reason.AFFINITY_TOOL_LOOP if looping else Reason.AFFINITY_KEPT
            return replace(decision, reason=reason)
        for tier in self.cheaper:
            if context.allows(tier):
                return replace(decision, tier=tier, reason=Reason.STEERED)
        return decision


def missed(config: Steer, measured: float | None) -> float:
    """How far above the bound: of the share as it is, of the spending as a part of it, in [-1, 1];
    0 where nothing was measured.
    """
    if measured is None:
        return 0.0
    if config.share is not None:
        return measured - config.share
    assert config.dollars_per_day is not None  # noqa: S101 - Steer has one of the two
    return min(measured / config.dollars_per_day - 1.0, 1.0)


def _measure(config: Steer, before: Done, done: Done) -> float | None:
    if config.share is None:
        return (done.dollars - before.dollars) / (done.at - before.at) * _DAY
    begun = {tier: count - before.begun[tier] for tier, count in done.begun.items()}
    total = sum(begun.values())
    return begun[config.tier] / total if total else None
