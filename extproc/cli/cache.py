"""Look at the cache of answers, or purge it.

`stats` says what requests found, as the running router counts them, and what is in Redis; `purge`
removes what is in Redis and has every process forget what it keeps itself.
"""

import argparse
import urllib.request
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from extproc.cache.depot import depot
from extproc.cache.measures import REQUESTS
from extproc.cli.common import add_config
from extproc.config import Config, RedisServer, load
from extproc.errors import ConfigError, TiergateError

_MIB: Final = 1 << 20
_SECONDS: Final = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("action", choices=("stats", "purge"))
    parser.add_argument("--tenant", help="this tenant's answers only (default: all)")
    add_config(parser)


def run(arguments: argparse.Namespace) -> int:
    """0 where it is done; TiergateError where Redis or the router does not answer."""
    config = load(arguments.config)
    if config.cache is None:
        raise ConfigError("there is no cache: the section is not there", path="$.cache")
    tenant, redis = arguments.tenant, config.state.redis
    purging = arguments.action == "purge"
    if redis is None and (purging or tenant is not None):
        raise ConfigError(
            "nothing is shared: what a process keeps ends with it, or with its time to live",
            path="$.state.redis",
        )
    if not purging and tenant is None:
        print(_requests(config))
    if redis is not None:
        print(_purged(redis, tenant) if purging else _stock(redis, tenant))
    return 0


def _purged(server: RedisServer, tenant: str | None) -> str:
    with depot(server, tenant) as answers:
        return f"purged     {answers.purge()} answers"


def _stock(server: RedisServer, tenant: str | None) -> str:
    with depot(server, tenant) as answers:
        stock = answers.stock()
    return f"in Redis   {stock.entries} answers, {stock.size / _MIB:.1f} MiB"


def _requests(config: Config) -> str:
    """What requests found, and which share of those that looked found something."""
    url = f"http://{config.server.admin}/metrics"
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response:
            text: str = response.read().decode()
    except OSError as error:
        raise TiergateError(f"no router answers at {url}: {error}") from None
    found = dict.fromkeys(("hit", "semantic", "miss", "bypass"), 0)
    for family in text_string_to_metric_families(text):
        if family.name == REQUESTS:
            found |= {one.labels["result"]: int(one.value) for one in family.samples}
    looked = found["hit"] + found["semantic"] + found["miss"]
    rate = (found["hit"] + found["semantic"]) / looked if looked else 0.0
    counts = ", ".join(f"{count} {result}" for result, count in found.items())
    return f"requests   {counts}; hit rate {rate:.1%}"
