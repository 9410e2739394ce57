"""The concern: what of it runs, by the config."""

import asyncio
from typing import Any

import builders
import pytest
from aiohttp import web
from metrics_server import answering
from prometheus_client import CollectorRegistry
from waiting import until

from extproc.config import Config
from extproc.errors import ConfigError
from extproc.fleet import Fleet
from extproc.fleet.spill import Spill
from extproc.state import Store

STEER = {"tier": "reasoning", "share": 0.5, "period_seconds": 0.01}


def fleet(config: Config, registry: CollectorRegistry | None = None) -> Fleet:
    """One of a process that began with this config."""
    store = Store(config.state, builders.RecordingObserver())
    return Fleet(config, store, registry or CollectorRegistry())


def config(**section: Any) -> Config:  # noqa: ANN401 - the section's own keys
    """The builders' config with a fleet."""
    return builders.config(fleet=section)


async def test_without_a_section_nothing_of_it_runs() -> None:
    """No adjuster, no stage, no scrape."""
    plain = builders.config()
    made = fleet(plain)
    await made.start()
    await made.stop()

    assert ((), ()) == (made.adjusters(plain), made.stages(plain))


def test_the_load_has_its_say_after_what_steers() -> None:
    """A request that was steered to a full tier may come back."""
    with_steer = config(steer=STEER)
    kinds = [type(one).__name__ for one in fleet(with_steer).adjusters(with_steer)]

    assert ["Steered", "Spill"] == kinds
    assert [Spill] == [type(one) for one in fleet(config()).adjusters(config())]
    assert ["Sending"] == [type(one).__name__ for one in fleet(config()).stages(config())]


def test_saturation_is_told_by_the_limits_in_force() -> None:
    """A tier of which nothing is known is full."""
    registry = CollectorRegistry()
    fleet(config(), registry)

    assert 1.0 == registry.get_sample_value("tiergate_fleet_saturation", {"tier": "fast"})


async def test_tiers_are_scraped_and_steered() -> None:
    """Real replicas, whose counters make the share of the period; each period has its step."""
    counts = {"fast": 0, "reasoning": 0}

    def replica(tier: str) -> Any:  # noqa: ANN401 - a handler
        """One whose count grows with each scrape."""

        async def page(_: web.Request) -> web.Response:
            """One scrape: five requests more on one tier for each on the other."""
            counts[tier] += 5 if tier == "reasoning" else 1
            return web.Response(
                text="vllm:num_requests_running 0\nvllm:num_requests_waiting 0\n"
                f"vllm:kv_cache_usage_perc 0\n"
                f"vllm:time_to_first_token_seconds_count {counts[tier]}\n"
            )

        return page

    async with answering(replica("fast")) as fast, answering(replica("reasoning")) as reasoning:
        tiers = builders.tiers(endpoints=[reasoning])
        tiers[0]["endpoints"] = [fast]
        section = {"steer": STEER, "scrape": {"interval_seconds": 0.005}}
        made_of = builders.config(tiers=tiers, fleet=section)
        made = fleet(made_of)
        made.adjusters(made_of)
        await made.start()
        try:
            await until(lambda: _raised(made))
        finally:
            await made.stop()

    assert all(load.known for load in made.loads.values())


async def _raised(made: Fleet) -> bool:
    await asyncio.sleep(0)
    return made._steering.offset > 0


async def test_a_fleet_that_does_not_steer_may_begin_to() -> None:
    """By a reload."""
    made = fleet(config())
    await made.start()
    await asyncio.sleep(0)
    await made.stop()

    assert 2 == len(made.adjusters(config(steer=STEER)))


@pytest.mark.parametrize(
    ("section", "path"),
    [
        (None, "$.fleet: a change here needs a restart"),
        ({"scrape": {"interval_seconds": 2}}, "$.fleet.scrape: a change here needs a restart"),
        (
            {"kubernetes": {"services": {"fast": "x"}}},
            "$.fleet.kubernetes: a change here needs a restart",
        ),
        ({"tiers": {"medium": {}}}, "$.fleet.tiers.medium: no tier is called 'medium'"),
        (
            {"steer": {**STEER, "tier": "medium"}},
            "$.fleet.steer.tier: no tier is called 'medium'",
        ),
        ({"steer": {**STEER, "tier": "fast"}}, "$.fleet.steer.tier: no tier is cheaper"),
        (
            {"steer": {"tier": "reasoning", "dollars_per_day": 1}},
            "$.fleet.steer.dollars_per_day: needs the tier's price",
        ),
    ],
)
def test_a_section_that_cannot_be_is_refused(section: dict[str, Any] | None, path: str) -> None:
    """What scrapes was built from stays, and what is named exists."""
    changed = builders.config() if section is None else config(**section)
    with pytest.raises(ConfigError) as raised:
        fleet(config()).adjusters(changed)

    assert str(raised.value).startswith(path)


def test_a_fleet_does_not_begin_by_a_reload() -> None:
    """Nothing would scrape it."""
    with pytest.raises(ConfigError, match="restart"):
        fleet(builders.config()).adjusters(config())


def test_a_service_of_a_tier_that_does_not_exist_is_refused() -> None:
    """At the start as later."""
    wrong = config(kubernetes={"services": {"medium": "vllm"}})
    with pytest.raises(ConfigError, match=r"kubernetes\.services\.medium"):
        fleet(wrong).adjusters(wrong)


def test_a_tier_s_replicas_are_its_service_s_where_it_has_one() -> None:
    """And its endpoints otherwise."""
    made = fleet(config(kubernetes={"services": {"fast": "vllm-fast"}}))
    assert made._scraper is not None
    kinds = {tier: type(one).__name__ for tier, one in made._scraper._discoveries.items()}

    assert {"fast": "Slices", "reasoning": "Listed"} == kinds
