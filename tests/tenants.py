"""Tenants of a real gateway: made by the command, known by their keys."""

import json
from http import HTTPStatus
from typing import Any

import builders
import commands
import faults
from calls import Reply, send
from gateway import Gateway
from processes import until

SECOND = 1.0
"""What a change of the registry may take."""


def tenant(gateway: Gateway, *words: str) -> Any:  # noqa: ANN401 - what the command prints
    """`tiergate tenant` with the gateway's config."""
    done = commands.run("tenant", *words, "--json", "--config", gateway.config_file)
    assert 0 == done.status, done.errors
    return json.loads(done.out)


def created(gateway: Gateway, name: str, plan: str = "all") -> str:
    """The key of a new tenant that the gateway knows by now."""
    key: str = tenant(gateway, "create", name, "--plan", plan)["key"]
    until(lambda: known(gateway, key), seconds=SECOND, what="the tenant to be known")
    return key


def known(gateway: Gateway, key: str) -> bool:
    """Whether the key opens the gateway; no limit counts that."""
    return send(gateway, path="/v1/models", headers=[("x-api-key", key)]).status == HTTPStatus.OK


def ask(gateway: Gateway, key: str | None, text: str = faults.PLAIN, **fields: Any) -> Reply:  # noqa: ANN401
    """One chat with that key."""
    headers = [] if key is None else [("authorization", f"Bearer {key}")]
    return send(gateway, builders.chat(text, **fields), headers=headers)


def refused(reply: Reply) -> tuple[int, str]:
    """Status and code of a refusal."""
    assert "application/json" == reply.headers["content-type"]
    return reply.status, reply.json()["error"]["code"]
