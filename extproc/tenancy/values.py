"""Tenants and their keys as they are kept: nothing here opens a door by itself."""

from collections.abc import Mapping
from typing import Annotated

from msgspec import Meta, Struct

from extproc.errors import TiergateError

TenantName = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@|:+-]{0,127}\Z")]
"""Also the subject of a token: `auth0|123` is one. Never a space, a quote or a brace."""


class Key(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is kept of an API key: `digest` says whether a secret is right, and not what it is.

    `created` and `expires` are seconds since the epoch; without the latter it holds until revoked.
    """

    id: str
    salt: bytes
    digest: bytes
    created: int
    expires: int | None = None


class Tenant(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One tenant. A revoked one stays known, so that a token in its name is refused too."""

    plan: str
    keys: tuple[Key, ...] = ()
    revoked: bool = False


class Registry(Struct, frozen=True, kw_only=True):
    """All tenants by name. A later state has a higher `version`."""

    version: int = 0
    tenants: Mapping[TenantName, Tenant] = {}


class RegistryError(TiergateError):
    """Raised where the registry cannot be read or written, or has no such tenant or key."""
