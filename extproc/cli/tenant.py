"""Tenants and their API keys: create, list, rotate, revoke.

A key is shown once, when it is made. A change reaches every replica within a second.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias

from rich.console import Console
from rich.table import Table

from extproc.cli.common import add_config
from extproc.config import Config, load
from extproc.errors import ConfigError
from extproc.tenancy.registry import Changed, create, revoke, rotate
from extproc.tenancy.storage import Storage, storage
from extproc.tenancy.values import Registry, RegistryError

Change: TypeAlias = Callable[[Registry, argparse.Namespace, int], Changed]
_TRIES: Final = 5
_DAY: Final = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = {name: actions.add_parser(name, help=text) for name, text in _HELP.items()}
    for one in made.values():
        add_config(one)
        one.add_argument("--json", action="store_true", help="JSON on stdout instead of text")
    for name in CHANGES:
        made[name].add_argument("tenant", metavar="TENANT", help="its name")
    made["create"].add_argument("--plan", required=True, help="one of tenants.plans")
    made["rotate"].add_argument(
        "--overlap", type=int, default=_DAY, metavar="SECONDS",
        help="how long the old keys still hold (default: a day)",
    )  # fmt: skip
    made["revoke"].add_argument("--key", metavar="ID", help="this key alone, not the tenant")


def run(arguments: argparse.Namespace) -> int:
    """0; RegistryError where there is no such tenant, or the registry cannot be had."""
    config = load(arguments.config)
    if config.tenants is None:
        raise ConfigError("the document has no such section", path="$.tenants")
    if arguments.action == "list":
        registry = asyncio.run(_read(config))
        _list(registry, as_json=arguments.json)
        return 0
    _say(asyncio.run(_change(config, arguments)), arguments)
    return 0


def _create(registry: Registry, arguments: argparse.Namespace, now: int) -> Changed:
    return create(registry, arguments.tenant, plan=arguments.plan, now=now)


def _rotate(registry: Registry, arguments: argparse.Namespace, now: int) -> Changed:
    return rotate(registry, arguments.tenant, overlap=max(arguments.overlap, 0), now=now)


def _revoke(registry: Registry, arguments: argparse.Namespace, now: int) -> Changed:
    return revoke(registry, arguments.tenant, key=arguments.key, now=now)


_HELP: Final = {
    "create": "a new tenant, and its first key",
    "list": "all tenants and the ids of their keys",
    "rotate": "a new key; the old ones end after a while",
    "revoke": "shut a tenant out, or end one key of it",
}
CHANGES: Final[Mapping[str, Change]] = {"create": _create, "rotate": _rotate, "revoke": _revoke}


async def _read(config: Config) -> Registry:
    kept = storage(config)
    try:
        return await kept.read(None)
    finally:
        await kept.close()


async def _change(config: Config, arguments: argparse.Namespace) -> Changed:
    assert config.tenants is not None  # noqa: S101 - `run` has looked
    if arguments.action == "create" and arguments.plan not in config.tenants.plans:
        plans = ", ".join(config.tenants.plans)
        raise RegistryError(f"no plan is called {arguments.plan!r}; there are: {plans}")
    kept = storage(config)
    try:
        now = int(time.time())
        return await changed(kept, lambda old: CHANGES[arguments.action](old, arguments, now))
    finally:
        await kept.close()


async def changed(kept: Storage, change: Callable[[Registry], Changed]) -> Changed:
    """Make a change on what is there; again where another one came between, and not for ever."""
    for _ in range(_TRIES):
        old = await kept.read(None)
        made = change(old)
        if await kept.write(old, made.registry):
            return made
    raise RegistryError("others keep changing the registry; nothing was changed")


def _say(made: Changed, arguments: argparse.Namespace) -> None:
    if arguments.json:
        said = {"tenant": arguments.tenant, "version": made.registry.version}
        print(json.dumps({**said, "key": made.key} if made.key else said))
    elif made.key:
        print(f"{made.key}\n\nThis is the only time that the key is shown.")
    else:
        print(f"{arguments.key or arguments.tenant} is revoked.")


def _list(registry: Registry, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_plain(registry, name) for name in sorted(registry.tenants)]))
        return
    table = Table()
    for name in ("tenant", "plan", "key", "created", "expires"):
        table.add_column(name, overflow="fold")
    for name, tenant in sorted(registry.tenants.items()):
        if not tenant.keys:
            table.add_row(name, tenant.plan, "revoked" if tenant.revoked else "-", "", "")
        for key in tenant.keys:
            ends = "-" if key.expires is None else _time(key.expires)
            table.add_row(name, tenant.plan, key.id, _time(key.created), ends)
    Console().print(table)


def _plain(registry: Registry, name: str) -> dict[str, Any]:
    tenant = registry.tenants[name]
    keys = [{"id": key.id, "created": key.created, "expires": key.expires} for key in tenant.keys]
    return {"tenant": name, "plan": tenant.plan, "revoked": tenant.revoked, "keys": keys}


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"
