"""What an operator sees of the second tier, and removes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cache_builders import entry
from processes import free_port
from redis_server import RedisServer, needs_redis

from extproc.cache.answer import encode
from extproc.cache.depot import Stock, depot
from extproc.cache.question import space
from extproc.cache.shared import PREFIX
from extproc.config import RedisServer as Named
from extproc.errors import TiergateError

pytestmark = needs_redis
SIZE = len(encode(entry()))


@pytest.fixture(name="named")
def _named(tmp_path: Path) -> Iterator[Named]:
    """A Redis with two answers of one tenant and one of another, and something else."""
    with RedisServer(tmp_path) as server:
        for tenant, key in (("a", "1"), ("a", "2"), ("b", "1")):
            place = f"tiergate:{PREFIX}{space(tenant)}:{key}"
            server.said("SET", place, encode(entry()).decode("latin-1"))
        server.said("SET", "tiergate:affinity:1", "fast pod")
        yield Named(url=server.url)


@pytest.mark.parametrize(("tenant", "many"), [(None, 3), ("a", 2), ("b", 1), ("c", 0)])
def test_it_counts_what_is_kept(named: Named, tenant: str | None, many: int) -> None:
    """Of all tenants or of one."""
    with depot(named, tenant) as answers:
        stock = answers.stock()

    assert many == stock.entries
    assert (many > 0) == (stock.size >= many * SIZE > 0)


def test_a_purge_removes_answers_and_nothing_else(named: Named) -> None:
    """Of the tenant that it is for."""
    with depot(named, "a") as answers:
        assert 2 == answers.purge()
    with depot(named) as answers:
        assert 1 == answers.stock().entries
        assert 1 == answers.purge()
        assert Stock(entries=0, size=0) == answers.stock()
        assert "fast pod" == answers._client.get("tiergate:affinity:1").decode()  # type: ignore[union-attr]


def test_a_redis_that_is_away_is_told_of() -> None:
    """As an error of ours."""
    with (
        pytest.raises(TiergateError, match="Redis"),
        depot(Named(url=f"redis://127.0.0.1:{free_port()}/0")) as answers,
    ):
        answers.stock()
