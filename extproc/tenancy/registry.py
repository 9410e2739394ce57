"""What becomes of a registry when a tenant comes, changes keys or goes; and whose a key is."""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec
from msgspec.structs import replace

from extproc.tenancy.keys import mint, proves, split
from extproc.tenancy.values import Key, Registry, RegistryError, Tenant, TenantName

_NOBODY: Final = mint(0).key
"""What a secret is held against where its id is unknown, so that this takes no less time."""


class Changed(NamedTuple):
    """A registry after a change, and the new key's text where there is one."""

    registry: Registry
    key: str = ""


class Known(NamedTuple):
    """A tenant and its name."""

    name: str
    tenant: Tenant


class Directory:
    """Finds tenants by key or by name, for one state of the registry."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._keys = {
            key.id: (Known(name, tenant), key)
            for name, tenant in registry.tenants.items()
            for key in tenant.keys
        }

    def of_key(self, text: str, now: float) -> Known | None:
        """The tenant whose key this is at `now`; a wrong key takes as long as a right one."""
        name, secret = split(text)
        known, key = self._keys.get(name, (None, _NOBODY))
        proved = proves(secret, key)
        if not proved or (key.expires is not None and key.expires <= now):
            return None
        return known

    def of_name(self, name: str) -> Known | None:
        """The tenant of that name, a revoked one included."""
        tenant = self.registry.tenants.get(name)
        return None if tenant is None else Known(name, tenant)


def create(registry: Registry, name: str, *, plan: str, now: int) -> Changed:
    """A new tenant with a first key; RegistryError where there is one of that name already.

    One that was revoked may come back, on any plan.
    """
    try:
        msgspec.convert(name, TenantName)
    except msgspec.ValidationError:
        raise RegistryError(f"{name!r} cannot be a tenant's name") from None
    known = registry.tenants.get(name)
    if known is not None and not known.revoked:
        raise RegistryError(f"there is a tenant {name!r} already; rotate makes a new key")
    minted = mint(now)
    return Changed(_with(registry, name, Tenant(plan=plan, keys=(minted.key,)), now), minted.text)


def rotate(registry: Registry, name: str, *, overlap: int, now: int) -> Changed:
    """A new key; the others of that tenant end after `overlap` seconds, if not sooner."""
    tenant = _active(registry, name)
    ends = now + overlap
    ending = (_ending(key, ends) for key in tenant.keys if _valid(now)(key))
    minted = mint(now)
    keys = (*ending, minted.key)
    return Changed(_with(registry, name, replace(tenant, keys=keys), now), minted.text)


def revoke(registry: Registry, name: str, *, key: str | None = None, now: int) -> Changed:
    """The tenant is shut out; or one key of it ends, the one whose id that is."""
    tenant = _active(registry, name)
    if key is None:
        gone = Tenant(plan=tenant.plan, revoked=True)
        return Changed(_with(registry, name, gone, now))
    kept = tuple(one for one in tenant.keys if one.id != key)
    if kept == tenant.keys:
        raise RegistryError(f"the tenant {name!r} has no key {key!r}")
    return Changed(_with(registry, name, replace(tenant, keys=kept), now))


def _active(registry: Registry, name: str) -> Tenant:
    tenant = registry.tenants.get(name)
    if tenant is None or tenant.revoked:
        raise RegistryError(f"there is no tenant {name!r}")
    return tenant


def _ending(key: Key, ends: int) -> Key:
    return replace(key, expires=ends if key.expires is None else min(key.expires, ends))


def _valid(now: int) -> Callable[[Key], bool]:
    return lambda key: key.expires is None or key.expires > now


def _with(registry: Registry, name: str, tenant: Tenant, now: int) -> Registry:
    """Versions follow the clock, so that a registry begun anew is later than what it replaces."""
    version = max(registry.version + 1, now * 1000)
    return Registry(version=version, tenants={**registry.tenants, name: tenant})
