"""Tenants that come, change keys and go."""

from time import perf_counter

import pytest
from tenancy_builders import NOW, registered

from extproc.tenancy.keys import mint
from extproc.tenancy.registry import Changed, Directory, create, revoke, rotate
from extproc.tenancy.values import Registry, RegistryError


def whose(changed: Changed, key: str, *, after: float = 0.0) -> str | None:
    """The name of the tenant whose key that is, some seconds after all began."""
    known = Directory(changed.registry).of_key(key, NOW + after)
    return None if known is None else known.name


def test_a_key_finds_its_tenant() -> None:
    """Among others."""
    one = registered("acme")
    both = registered("umbrella", registry=one.registry)

    assert ("acme", "umbrella") == (whose(both, one.key), whose(both, both.key))


def test_a_strange_key_finds_nobody() -> None:
    """Whether its id is known or not."""
    one = registered()
    known = one.key[:12] + mint(0).text[12:]

    assert (None, None) == (whose(one, mint(0).text), whose(one, known))


def test_a_tenant_is_found_by_name() -> None:
    """For who is known by other means than a key."""
    directory = Directory(registered().registry)

    found = directory.of_name("acme")
    assert found is not None
    assert ("acme", "standard") == (found.name, found.tenant.plan)
    assert directory.of_name("other") is None


def test_every_change_is_a_later_version() -> None:
    """Also where the clock stands still, or the registry was begun anew."""
    one = registered().registry
    two = registered("other", registry=one).registry
    anew = create(Registry(), "other", plan="standard", now=NOW + 1).registry

    assert 0 < one.version < two.version < anew.version


def test_a_name_is_taken_once() -> None:
    """A second creation would make keys that nobody asked for."""
    with pytest.raises(RegistryError, match="'acme' already"):
        registered(registry=registered().registry)


def test_a_name_must_be_one() -> None:
    """It stands in logs, metrics and keys of Redis."""
    with pytest.raises(RegistryError, match="cannot be a tenant's name"):
        registered("a b")


def test_a_rotated_key_holds_for_a_while() -> None:
    """Then the new one is the only one."""
    old = registered()
    new = rotate(old.registry, "acme", overlap=60, now=NOW)

    assert ("acme", "acme") == (whose(new, old.key, after=59), whose(new, new.key, after=59))
    assert (None, "acme") == (whose(new, old.key, after=60), whose(new, new.key, after=60))


def test_a_second_rotation_lengthens_no_life() -> None:
    """And forgets the keys that have ended."""
    first = registered()
    second = rotate(first.registry, "acme", overlap=60, now=NOW)
    third = rotate(second.registry, "acme", overlap=600, now=NOW + 30)
    fourth = rotate(third.registry, "acme", overlap=600, now=NOW + 90)

    assert (None, "acme") == (whose(third, first.key, after=60), whose(third, second.key, after=60))
    assert 3 == len(fourth.registry.tenants["acme"].keys)


def test_a_revoked_tenant_has_no_keys() -> None:
    """Its name stays known as that of one who was shut out."""
    one = registered()
    gone = revoke(one.registry, "acme", now=NOW)

    assert whose(gone, one.key) is None
    assert gone.registry.tenants["acme"].revoked


def test_a_revoked_tenant_may_come_back() -> None:
    """With a new key, and on another plan."""
    gone = revoke(registered().registry, "acme", now=NOW)
    back = create(gone.registry, "acme", plan="other", now=NOW)

    assert "acme" == whose(back, back.key)
    assert ("other", False) == (
        back.registry.tenants["acme"].plan,
        back.registry.tenants["acme"].revoked,
    )


def test_one_key_of_several_is_revoked() -> None:
    """The others hold."""
    old = registered()
    new = rotate(old.registry, "acme", overlap=600, now=NOW)
    less = revoke(new.registry, "acme", key=old.key[3:11], now=NOW)

    assert (None, "acme") == (whose(less, old.key), whose(less, new.key))


def test_a_key_that_is_not_there_is_not_revoked() -> None:
    """Or the operator would believe that it no longer opens anything."""
    with pytest.raises(RegistryError, match="no key 'aaaaaaaa'"):
        revoke(registered().registry, "acme", key="aaaaaaaa", now=NOW)


@pytest.mark.parametrize(
    "registry", [Registry(), revoke(registered().registry, "acme", now=NOW)[0]]
)
def test_a_tenant_that_is_not_there_is_not_changed(registry: Registry) -> None:
    """Be it unknown or shut out."""
    with pytest.raises(RegistryError, match="no tenant 'acme'"):
        rotate(registry, "acme", overlap=0, now=NOW)


def test_an_unknown_id_takes_as_long_as_a_wrong_secret() -> None:
    """Or who guesses would learn the ids first. The shortest of many times, taken in turns."""
    one = registered()
    directory = Directory(one.registry)
    wrong = {"secret": one.key[:12] + mint(0).text[12:], "id": mint(0).text}
    shortest = dict.fromkeys(wrong, float("inf"))

    for _ in range(3000):
        for name, key in wrong.items():
            began = perf_counter()
            directory.of_key(key, NOW)
            shortest[name] = min(shortest[name], perf_counter() - began)

    assert 0.7 < shortest["id"] / shortest["secret"] < 1.4
