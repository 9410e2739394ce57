"""The ledger on the command line."""

import asyncio
import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from documents import document_file
from usage_builders import entry

from extproc.cli import run
from extproc.config import load
from extproc.usage.accounting import ledger_of
from extproc.usage.entry import Entry

TODAY = datetime.now(UTC).date().isoformat()
ENTRIES = (
    entry("a", day=TODAY, cost=5, cost_dearest=1_000_007),
    entry("b", day=TODAY, tenant="", unknown=1, estimated_cost=3),
    entry("c", day="2001-01-01", tenant="old"),
)


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    """A config whose ledger holds the entries."""
    file = document_file(tmp_path, usage={"ledger": str(tmp_path / "ledger.sqlite")})
    asyncio.run(_write(file, ENTRIES))
    return file


async def _write(file: Path, entries: tuple[Entry, ...]) -> None:
    ledger = ledger_of(load(file))
    assert ledger is not None
    await ledger.write(entries)
    await ledger.close()


def test_a_table_for_people(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Dollars, a dash for what has no name, and a line of sums; older days stay out."""
    assert 0 == run(["ledger", "--config", str(file)])

    lines = [line.split() for line in capsys.readouterr().out.splitlines() if line.strip()]
    assert ["tenant", "tier", "requests", "unknown"] == lines[0][:4]
    nobody, acme, total = lines[2], lines[3], lines[5]
    assert (["-", "fast", "1", "1"], "0.000003") == (nobody[:4], nobody[-1])
    assert (["acme", "fast", "1", "0"], "1.000002") == (acme[:4], acme[-3])
    assert (["all", "2", "1"], "1.000002") == (total[:3], total[-3])


def test_json_has_all(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole micro-dollars, by any of the names, from any day."""
    status = run(
        ["ledger", "--config", str(file), "--since", "2001-01-01", "--by", "day", "--json"]
    )
    old, today = json.loads(capsys.readouterr().out)

    assert 0 == status
    assert ("2001-01-01", 1) == (old["day"], old["requests"])
    assert (TODAY, 2, 1_000_002) == (
        today["day"],
        today["requests"],
        today["saved_against_dearest"],
    )


def test_csv_has_all(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same numbers, with a head."""
    assert 0 == run(["ledger", "--config", str(file), "--since", "1d", "--by", "tenant", "--csv"])

    nobody, acme = csv.DictReader(capsys.readouterr().out.splitlines())
    assert ("", "acme", "5") == (nobody["tenant"], acme["tenant"], acme["cost"])


def test_without_a_ledger_there_is_nothing_to_show(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The config names none, and then one that is not there."""
    assert 2 == run(["ledger", "--config", str(document_file(tmp_path))])
    missing = document_file(tmp_path, usage={"ledger": str(tmp_path / "none.sqlite")})
    assert 1 == run(["ledger", "--config", str(missing)])

    config, file = capsys.readouterr().err.splitlines()
    assert "$.usage.ledger" in config
    assert "there is no ledger" in file
    assert not (tmp_path / "none.sqlite").exists()


@pytest.mark.parametrize(
    "words",
    [("--since", "0d"), ("--since", "yesterday"), ("--by", "tenant,tenant"), ("--by", "colour")],
    ids=" ".join,
)
def test_what_makes_no_sense_is_refused(file: Path, words: tuple[str, str]) -> None:
    """As argparse does."""
    with pytest.raises(SystemExit, match="2"):
        run(["ledger", "--config", str(file), *words])
