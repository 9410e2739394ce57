"""Looking at the cache, and purging it."""

import asyncio
from pathlib import Path

import pytest
import yaml
from builders import config
from documents import document_file
from processes import free_port
from redis_server import RedisServer, needs_redis

from extproc.admin import Admin
from extproc.cache.measures import Measures
from extproc.cli import run
from extproc.telemetry import MetricsObserver


def file(folder: Path, **sections: object) -> str:
    """A document with a cache."""
    return str(document_file(folder, cache={}, **sections))


def test_without_a_cache_there_is_nothing_to_see(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The config is not what the command is for."""
    path = document_file(tmp_path)

    assert 2 == run(["cache", "stats", "--config", str(path)])
    assert "$.cache" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [("purge",), ("purge", "--tenant", "acme"), ("stats", "--tenant", "acme")]
)
def test_without_redis_nothing_can_be_purged_or_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    """No command reaches into a process."""
    assert 2 == run(["cache", *words, "--config", file(tmp_path)])
    assert "$.state.redis" in capsys.readouterr().err


def test_a_router_that_is_away_is_told_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its counts are on its own page."""
    server = {"admin": f"127.0.0.1:{free_port()}"}

    assert 1 == run(["cache", "stats", "--config", file(tmp_path, server=server)])
    assert f"no router answers at http://{server['admin']}/metrics" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ((), "requests   0 hit, 0 semantic, 0 miss, 0 bypass; hit rate 0.0%\n"),
        (
            ("hit", "semantic", "miss", "miss", "bypass"),
            "requests   1 hit, 1 semantic, 2 miss, 1 bypass; hit rate 50.0%\n",
        ),
    ],
    ids=["none", "some"],
)
async def test_what_requests_found_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], found: tuple[str, ...], expected: str
) -> None:
    """As the router's page has it."""
    metrics = MetricsObserver()
    measures = Measures(metrics.registry, lambda: 0.0)
    for result in found:
        measures.asked(result)
    admin = Admin(config, metrics)
    port = await admin.start("127.0.0.1:0")
    path = file(tmp_path, server={"admin": f"127.0.0.1:{port}"})

    assert 0 == await asyncio.to_thread(run, ["cache", "stats", "--config", path])
    await admin.stop()

    assert expected == capsys.readouterr().out


@needs_redis
def test_one_tenants_answers_are_counted_and_purged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The router need not run for it."""
    with RedisServer(tmp_path) as redis:
        path = file(tmp_path, state={"redis": {"url": redis.url}})
        for action in ("stats", "purge"):
            assert 0 == run(["cache", action, "--tenant", "acme", "--config", path])

    assert yaml.safe_load(Path(path).read_text())["cache"] == {}
    assert "in Redis   0 answers, 0.0 MiB\npurged     0 answers\n" == capsys.readouterr().out


@needs_redis
async def test_all_is_told_of_a_cache_in_two_tiers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was found, and what is kept."""
    admin = Admin(config, MetricsObserver())
    port = await admin.start("127.0.0.1:0")
    with RedisServer(tmp_path) as redis:
        path = file(
            tmp_path,
            state={"redis": {"url": redis.url}},
            server={"admin": f"127.0.0.1:{port}"},
        )
        assert 0 == await asyncio.to_thread(run, ["cache", "stats", "--config", path])
    await admin.stop()

    assert ["requests", "in"] == [line.split()[0] for line in capsys.readouterr().out.splitlines()]
