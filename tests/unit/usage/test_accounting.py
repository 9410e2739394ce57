"""Usage as a concern of the process."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import structlog
from builders import config, record
from prometheus_client import CollectorRegistry
from usage_builders import DAY, PRICES, tokens

from extproc.config import Config
from extproc.telemetry import configure
from extproc.usage import Accounting
from extproc.usage.accounting import ledger_of
from extproc.usage.ledger import LedgerError
from extproc.usage.redis import RedisLedger
from extproc.usage.sqlite import SqliteLedger

STARTED = 1_767_312_000.0  # on DAY


def priced(**sections: Any) -> Config:  # noqa: ANN401 - as the builders'
    """A config with prices."""
    return config(prices=PRICES, **sections)


def test_the_ledger_is_redis_or_a_file_or_none() -> None:
    """Redis goes before a file."""
    state = {"redis": {"url": "redis://127.0.0.1:1/0"}}
    usage = {"ledger": "ledger.sqlite"}
    kinds = [RedisLedger, SqliteLedger, type(None)]
    sections: list[dict[str, Any]] = [{"state": state, "usage": usage}, {"usage": usage}, {}]

    assert kinds == [type(ledger_of(config(**one))) for one in sections]


async def test_a_request_is_priced_counted_and_kept(tmp_path: Path) -> None:
    """From the access log to the file."""
    registry = CollectorRegistry()
    made = priced(usage={"ledger": str(tmp_path / "ledger.sqlite")})
    accounting = Accounting(made, registry)
    await accounting.start()
    told = accounting.account(record(tokens=tokens(1000, 100), started=STARTED))
    accounting.account(record(request_id="r-2", status=404, attempts=0, started=STARTED))
    waiting = registry.get_sample_value("tiergate_ledger_pending")
    await accounting.stop()
    ledger = ledger_of(made)
    assert ledger is not None
    (row,) = await ledger.read(DAY, DAY)
    await ledger.close()

    assert (140, 140) == (told.cost_microdollars, row.amounts["cost"])
    assert 2 == registry.get_sample_value("tiergate_ledger_records_total", {"result": "written"})
    assert 2 == waiting
    assert 0 == registry.get_sample_value("tiergate_ledger_pending")


def test_without_a_ledger_it_is_priced_and_counted() -> None:
    """And nothing is begun or ended."""
    accounting = Accounting(priced(), CollectorRegistry())

    async def account() -> int | None:
        """From start to stop."""
        await accounting.start()
        told = accounting.account(record(tokens=tokens(1000, 100)))
        await accounting.stop()
        return told.cost_microdollars

    assert 140 == asyncio.run(account())


def test_what_nobody_could_read_is_estimated() -> None:
    """For whoever keeps a budget; what is known is not."""
    accounting = Accounting(priced(), CollectorRegistry())
    known = accounting.account(record(tokens=tokens(1000, 100)))
    unknown = accounting.account(record(received=40_000, sent=4_000))

    assert (140, 0) == (known.cost_microdollars, known.estimated_microdollars)
    assert unknown.cost_microdollars is None
    assert unknown.estimated_microdollars > 0


def test_a_config_that_is_read_again_has_its_own_prices() -> None:
    """From the moment that it is in force."""
    accounting = Accounting(priced(), CollectorRegistry())
    later = config(prices={"fast": {"per_million_tokens": {"input": 1, "output": 1}}})

    accounting.reprice(later)

    assert 1100 == accounting.account(record(tokens=tokens(1000, 100))).cost_microdollars


def test_a_process_without_an_access_log_has_no_gauge(tmp_path: Path) -> None:
    """Of several, the lowest is shown: it would always be nothing."""
    registry = CollectorRegistry()
    Accounting(priced(usage={"ledger": str(tmp_path / "ledger.sqlite")}), registry)

    assert registry.get_sample_value("tiergate_ledger_pending") is None


def test_the_router_reads_usage_where_it_is_told_to() -> None:
    """And nowhere else; it has no word in any decision."""
    made = config(usage={"source": "processor"})
    plain = Accounting(config(), CollectorRegistry())

    assert ((), ()) == (plain.stages(config()), plain.adjusters(config()))

    (stage,) = Accounting(made, CollectorRegistry()).stages(made)
    assert stage.watches


def test_a_ledger_that_fails_is_logged_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    """And so is what it never got."""
    configure("error")
    registry = CollectorRegistry()
    accounting = Accounting(priced(), registry)
    accounting.ledger_failed(LedgerError("full", "no room"))
    accounting.lost(3)
    structlog.reset_defaults()

    failed, lost = map(json.loads, capsys.readouterr().err.splitlines())
    assert ("ledger_failed", "full") == (failed["event"], failed["kind"])
    assert ("ledger_lost", 3) == (lost["event"], lost["records"])
    assert 1 == registry.get_sample_value("tiergate_ledger_failures_total", {"kind": "full"})
    assert 3 == registry.get_sample_value("tiergate_ledger_records_total", {"result": "lost"})
