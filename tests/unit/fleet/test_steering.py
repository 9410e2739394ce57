"""A share, or a speed of spending, held by the threshold."""

import asyncio
import itertools
import random
from pathlib import Path
from typing import Any

import builders
import pytest
from builders import decision
from fleet_builders import Tiers
from redis_server import RedisServer, needs_redis

from extproc.config import Price, RedisServer as RedisConfig, State
from extproc.config.fleet import Steer
from extproc.config.prices import PerMillionTokens
from extproc.context import Context, Remembered
from extproc.decision import Reason
from extproc.fleet.steering import STEP, Steered, Steering, missed
from extproc.state import Memory, Store
from extproc.usage.prices import Book

SHARE = Steer(tier="reasoning", share=0.2)
DOLLARS = Steer(tier="reasoning", dollars_per_day=86.4)
PRICES = {"reasoning": Price(per_million_tokens=PerMillionTokens(input=1, output=2))}


def begin(tiers: Tiers, *, fast: float, reasoning: float, seconds: float = 10.0) -> None:
    """So many requests in all begin on each tier, and so many seconds pass."""
    tiers.clock.now += seconds
    tiers.say("fast", started=fast)
    tiers.say("reasoning", started=reasoning, prompt=reasoning, generated=reasoning)


async def period(steering: Steering, store: Store, config: Steer = SHARE) -> None:
    """The step at its end."""
    steering.told(await store.run(steering.calls(config, Book(PRICES))))


def held(clock: Any) -> Store:  # noqa: ANN401 - the tests' clock
    """State of this process alone, whose time is the test's."""
    store = Store(State(), builders.RecordingObserver())
    store.memory = Memory(clock=clock)
    return store


def test_scores_near_the_threshold_go_to_the_cheaper_tier() -> None:
    """Those less than the offset above it."""
    steering = Steering({})
    steering.offset = 0.1
    adjust = Steered(steering=steering, tier="reasoning", cheaper=("fast",))
    margins = (0.0, 0.09, 0.1, 0.5)
    made = [
        adjust(
            decision("reasoning", Reason.SCORE_ABOVE, margin=margin), builders.request(), Context()
        )
        for margin in margins
    ]

    assert ["fast", "fast", "reasoning", "reasoning"] == [one.tier for one in made]
    assert [Reason.STEERED] * 2 == [one.reason for one in made[:2]]


@pytest.mark.parametrize(
    ("tier", "reason", "fields"),
    [
        ("fast", Reason.SCORE_ABOVE, {"margin": 0.0}),
        ("reasoning", Reason.RULE, {"margin": 0.0}),
        ("reasoning", Reason.SCORE_ABOVE, {}),
    ],
    ids=["another-tier", "a-rule", "no-score"],
)
def test_other_decisions_stay(tier: str, reason: Reason, fields: dict[str, Any]) -> None:
    """The threshold has no part in them."""
    steering = Steering({})
    steering.offset = 0.5
    adjust = Steered(steering=steering, tier="reasoning", cheaper=("fast",))
    asked = decision(tier, reason, **fields)

    assert asked is adjust(asked, builders.request(), Context())


@pytest.mark.parametrize(
    ("last", "reason"),
    [("user", Reason.AFFINITY_KEPT), ("tool", Reason.AFFINITY_TOOL_LOOP)],
)
def test_a_conversation_is_not_steered_away_from_its_tier(last: str, reason: Reason) -> None:
    """Least of all in a tool loop; one that is elsewhere is steered as any other."""
    steering = Steering({})
    steering.offset = 0.5
    adjust = Steered(steering=steering, tier="reasoning", cheaper=("fast",))
    asked = decision("reasoning", Reason.SCORE_ABOVE, margin=0.0)
    request = builders.request(messages=[{"role": "user", "content": "a"}, {"role": last}])
    made = [
        adjust(asked, request, Context(remembered=Remembered(tier=tier, idle=1)))
        for tier in ("reasoning", "fast")
    ]

    assert [("reasoning", reason), ("fast", Reason.STEERED)] == [
        (one.tier, one.reason) for one in made
    ]


def test_a_tenant_is_not_steered_to_a_tier_that_it_may_not_use() -> None:
    """Then the dear one answers."""
    steering = Steering({})
    steering.offset = 0.5
    adjust = Steered(steering=steering, tier="reasoning", cheaper=("fast",))
    asked = decision("reasoning", Reason.SCORE_ABOVE, margin=0.0)
    context = Context(tiers=frozenset({"reasoning"}))

    assert asked is adjust(asked, builders.request(), context)


async def test_a_share_that_is_missed_moves_the_threshold() -> None:
    """By the gain times what it is missed by, and never below the policy's own."""
    tiers = Tiers()
    steering, store = Steering(tiers.loads, tiers.clock), held(tiers.clock)
    await period(steering, store)
    first = (steering.measured, steering.offset)
    begin(tiers, fast=5, reasoning=5)
    await period(steering, store)
    above = (steering.measured, steering.offset)
    begin(tiers, fast=15, reasoning=5)
    await period(steering, store)
    below = (steering.measured, steering.offset)
    begin(tiers, fast=25, reasoning=5)
    await period(steering, store)

    assert ((None, 0.0), (0.5, 0.03), (0.0, 0.01)) == (first, above, below)
    assert 0.0 == steering.offset


async def test_without_requests_the_threshold_stays() -> None:
    """Nothing was measured."""
    tiers = Tiers()
    steering, store = Steering(tiers.loads, tiers.clock), held(tiers.clock)
    await period(steering, store)
    begin(tiers, fast=5, reasoning=5)
    await period(steering, store)
    tiers.clock.now += 10
    await period(steering, store)

    assert (None, 0.03) == (steering.measured, steering.offset)


async def test_spending_is_measured_in_dollars_a_day() -> None:
    """By the tiers' own counts of tokens: here 3 dollars for a million requests."""
    tiers = Tiers()
    steering, store = Steering(tiers.loads, tiers.clock), held(tiers.clock)
    await period(steering, store, DOLLARS)
    begin(tiers, fast=0, reasoning=5000)
    await period(steering, store, DOLLARS)

    assert 129.6 == pytest.approx(steering.measured)
    assert 0.05 == steering.offset


@pytest.mark.parametrize(
    ("config", "measured", "by"),
    [
        (SHARE, None, 0.0),
        (SHARE, 0.5, 0.3),
        (SHARE, 0.0, -0.2),
        (DOLLARS, 86.4, 0.0),
        (DOLLARS, 0.0, -1.0),
        (DOLLARS, 9999.0, 1.0),
    ],
)
def test_what_is_missed_is_bounded(config: Steer, measured: float | None, by: float) -> None:
    """However much was spent, a period moves the threshold by no more than the gain."""
    assert by == pytest.approx(missed(config, measured))


@pytest.mark.parametrize("seed", range(3))
async def test_the_share_settles_without_swinging(seed: int) -> None:
    """Scores spread evenly over the upper half, and a bound of a fifth: within five minutes the
    share is there, and from then on the threshold moves by less than a hundredth a period.
    """
    chance = random.Random(seed)
    tiers = Tiers()
    steering, store = Steering(tiers.loads, tiers.clock), held(tiers.clock)
    counts, offsets = {"fast": 0.0, "reasoning": 0.0}, []
    for _ in range(60):
        for _ in range(1000):
            above = chance.random() - 0.5 >= steering.offset
            counts["reasoning" if above else "fast"] += 1
        begin(tiers, **counts)
        await period(steering, store)
        offsets.append(steering.offset)

    settled = offsets[30:]
    assert 0.3 == pytest.approx(sum(settled) / len(settled), abs=0.02)
    assert max(abs(a - b) for a, b in itertools.pairwise(settled)) < 0.01


async def test_the_offset_has_a_highest() -> None:
    """Whatever the scores are."""
    tiers = Tiers()
    steering, store = Steering(tiers.loads, tiers.clock), held(tiers.clock)
    config = Steer(tier="reasoning", share=0.1, gain=1.0, highest=0.3)
    for count in range(5):
        begin(tiers, fast=0, reasoning=count)
        await period(steering, store, config)

    assert 0.3 == steering.offset


@needs_redis
async def test_replicas_share_one_offset_through_redis(tmp_path: Path) -> None:
    """Of two that measure the same, one takes the step and both hold it."""
    with RedisServer(tmp_path) as server:
        state = State(redis=RedisConfig(url=server.url, deadline_seconds=1.0))
        stores = [Store(state, builders.RecordingObserver()) for _ in range(2)]
        tiers = Tiers()
        replicas = [Steering(tiers.loads, tiers.clock) for _ in stores]
        begin(tiers, fast=0, reasoning=1)
        config = Steer(tier="reasoning", share=0.2, period_seconds=0.2)
        for steering in replicas:
            steering.calls(config, Book({}))
        begin(tiers, fast=5, reasoning=6)
        offsets = []
        for steering, store in zip(replicas, stores, strict=True):
            await period(steering, store, config)
            offsets.append(steering.offset)
        await asyncio.sleep(0.2)
        begin(tiers, fast=10, reasoning=11)
        await period(replicas[1], stores[1], config)
        for store in stores:
            await store.stop()

    assert [0.03, 0.03, 0.06] == [*offsets, replicas[1].offset]


def test_of_several_processes_one_takes_a_period_s_step() -> None:
    """The others learn where it stands; after most of a period the next step may be another's, also
    where the clock was put back.
    """
    times = (0.0, 1.0, 8.9, 9.1, -3600.0)
    memory = Memory(clock=lambda: 0.0)
    offsets = []
    for now in times:
        memory.now = lambda now=now: now  # type: ignore[misc]
        offsets.append(STEP.local(memory, ("key",), (10.0, 30_000, 500_000)))

    assert [30_000, 30_000, 30_000, 60_000, 90_000] == offsets
