"""Locust's users against the real Envoy, the real router and simulated tiers, for a few seconds."""

import csv
import subprocess
from pathlib import Path
from typing import Final

import gateway
import yaml
from processes import PYTHON

from extproc.config import default_path

ROOT: Final = Path(__file__).parents[2]
SECONDS: Final = 4
NAMES: Final = {
    "chat",
    "conversation",
    "stream",
    "stream: first token",
    "burst",
    "long prompt",
    "tenant",
}


def locust(folder: Path, host: str, *users: str) -> subprocess.CompletedProcess[str]:
    """A headless run, which leaves its results in `folder`."""
    options = ("--headless", "--users", "12", "--spawn-rate", "12", "--run-time", f"{SECONDS}s")
    results = ("--csv", folder / "run", "--html", folder / "run.html", "--only-summary")
    argv = (PYTHON, "-m", "locust", "--locustfile", "load/locustfile.py", "--host", host)
    return subprocess.run(
        [str(word) for word in (*argv, *options, *results, *users)],
        cwd=ROOT,
        env={"PATH": "", "TIERGATE_THINK": "0.05", "TIERGATE_API_KEYS": "one,two"},
        check=False,
        capture_output=True,
        text=True,
        timeout=50,
    )


def rows(folder: Path) -> dict[str, dict[str, str]]:
    """The summary's rows by name."""
    with (folder / "run_stats.csv").open() as file:
        return {row["Name"]: row for row in csv.DictReader(file)}


def test_every_kind_of_user_is_served(tmp_path: Path) -> None:
    """All get what they came for, from the tier that the shipped policy means for them; results
    are HTML and CSV.
    """
    shipped = yaml.safe_load(default_path().read_bytes())
    sections = {name: shipped[name] for name in ("signals", "policy")}
    with gateway.running(tmp_path, **sections, **gateway.PATIENT) as running:
        run = locust(tmp_path, running.url)

    assert 0 == run.returncode, run.stdout + run.stderr
    assert NAMES | {"Aggregated"} == rows(tmp_path).keys()
    assert {"0"} == {row["Failure Count"] for row in rows(tmp_path).values()}
    assert "Tenant" in (tmp_path / "run.html").read_text()


def test_the_wrong_tier_is_a_failure(tmp_path: Path) -> None:
    """A gateway that sends everything to one tier fails those who meant the other."""
    with gateway.running(tmp_path, policy={"fixed": "fast"}, **gateway.PATIENT) as running:
        run = locust(tmp_path, running.url, "Chat")

    assert 1 == run.returncode
    assert int(rows(tmp_path)["chat"]["Failure Count"]) > 0
    assert "fast answered, not reasoning" in run.stdout + run.stderr
