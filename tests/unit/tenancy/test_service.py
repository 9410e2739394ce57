"""Tenants as a concern of the process."""

import asyncio
from pathlib import Path

import pytest
from builders import RecordingObserver, chat, config
from msgspec.structs import replace
from prometheus_client import CollectorRegistry
from tenancy_builders import arriving, registered, tenanted
from waiting import until

from extproc.config import Config
from extproc.errors import InvalidApiKey
from extproc.state import Store
from extproc.tenancy import Tenancy
from extproc.tenancy.storage import FileStorage
from extproc.tenancy.values import Registry


def tenancy_of(config: Config, observer: RecordingObserver | None = None) -> Tenancy:
    """The concern of a process with that config."""
    told = observer or RecordingObserver()
    return Tenancy(config, told, Store(config.state, told), CollectorRegistry())


async def test_without_tenants_it_does_nothing() -> None:
    """Anybody may ask."""
    tenancy = tenancy_of(config())
    await tenancy.start()

    assert ((), ()) == (tenancy.stages(config()), tenancy.adjusters(config()))
    await tenancy.stop()


async def test_it_admits_by_the_registry(tmp_path: Path) -> None:
    """As it is when it starts, and as it becomes."""
    file = tmp_path / "tenants.json"
    made = tenanted(str(file))
    acme = registered()
    await FileStorage(file).write(Registry(), acme.registry)
    tenancy = tenancy_of(made)
    stage, _ = tenancy.stages(made)
    await tenancy.start()

    exchange = arriving(acme.key, chat())
    stage.arrived(exchange)
    assert "acme" == exchange.context.tenant
    with pytest.raises(InvalidApiKey):
        stage.arrived(arriving())
    await tenancy.stop()


@pytest.mark.parametrize(("workers", "leased"), [(1, True), (2, False)])
async def test_without_redis_one_process_hears_how_requests_end(
    workers: int, *, leased: bool
) -> None:
    """Workers do not, and keep nothing for it."""
    plans = {"standard": {"tokens_per_minute": 9}}
    made = config(tenants={"file": "t.json", "plans": plans}, server={"workers": workers})
    _, limits = tenancy_of(made).stages(made)
    exchange = arriving(body=chat())
    exchange.context = replace(exchange.context, tenant="acme", plan="standard")

    limits.asks(exchange)
    assert leased is ("lease" in exchange.facts)


async def test_it_follows_the_ledger_where_there_are_budgets(tmp_path: Path) -> None:
    """And ends what it began."""
    files = {"file": str(tmp_path / "tenants.json"), "plans": {"standard": {"budget": {"hard": 1}}}}
    made = config(tenants=files, usage={"ledger": str(tmp_path / "usage.db")})
    observer = RecordingObserver()
    tenancy = tenancy_of(made, observer)

    await tenancy.start()
    await asyncio.sleep(0)
    await tenancy.stop()
    assert [] == observer.errors


async def test_it_keeps_tenants_to_their_tiers() -> None:
    """By one adjuster."""
    made = tenanted()

    assert 1 == len(tenancy_of(made).adjusters(made))


async def test_it_starts_where_the_registry_cannot_be_read(tmp_path: Path) -> None:
    """It says so, and looks again."""
    made = tenanted(str(tmp_path))
    observer = RecordingObserver()
    tenancy = tenancy_of(made, observer)

    await tenancy.start()
    await asyncio.sleep(0)
    assert ["RegistryError"] == [type(error).__name__ for error in observer.errors]
    await tenancy.stop()


async def test_a_gauge_says_whether_the_tenants_are_those_of_now(tmp_path: Path) -> None:
    """A key that was revoked meanwhile may still open."""
    file = tmp_path / "tenants.json"
    await FileStorage(file).write(Registry(), registered().registry)
    registry, told = CollectorRegistry(), RecordingObserver()
    made = tenanted(str(file))
    tenancy = Tenancy(made, told, Store(made.state, told), registry)

    async def shows(value: float) -> bool:
        """Whether that is what Prometheus reads."""
        return registry.get_sample_value("tiergate_tenants_current") == value

    assert await shows(0.0)
    await tenancy.start()
    assert await shows(1.0)
    kept = file.rename(tmp_path / "away.json")
    await until(lambda: shows(0.0))
    kept.rename(file)
    await until(lambda: shows(1.0))
    await tenancy.stop()
