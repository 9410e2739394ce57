"""Tenants for tests: a registry, its keys, and what a plan gives them."""

from typing import Any

from builders import config

from extproc.config import Config
from extproc.exchange import Exchange
from extproc.request import Api, parse
from extproc.tenancy.registry import Changed, create
from extproc.tenancy.values import Registry

NOW = 1_700_000_000
"""Seconds of the wall clock at which tests make keys."""


def tenanted(file: str = "tenants.json", jwt: object = None, **plan: Any) -> Config:  # noqa: ANN401
    """The builders' config with one plan, `standard`, of those fields."""
    return config(tenants={"plans": {"standard": plan}, "file": file, "jwt": jwt})


def registered(name: str = "acme", *, registry: Registry | None = None) -> Changed:
    """A registry with one tenant more, and that one's key."""
    return create(registry or Registry(), name, plan="standard", now=NOW)


def arriving(key: str = "", body: bytes = b"", **headers: str) -> Exchange:
    """A request with a key; names of headers have underscores here."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        named["authorization"] = f"Bearer {key}"
    exchange = Exchange(headers=named, api=Api.CHAT, body=body)
    if body:
        exchange.request = parse(Api.CHAT, body)
    return exchange


def jwt(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - of the section `jwt`
    """Tokens of one issuer whose keys are in a file."""
    return {"issuer": "https://id.test/", "audiences": ["llm"], "jwks_file": "/keys.json", **fields}
