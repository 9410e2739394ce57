"""What is kept of tenants."""

import msgspec
import pytest

from extproc.tenancy.values import Registry, Tenant, TenantName


@pytest.mark.parametrize("name", ["acme", "auth0|5f7c8ec7", "a.b-c_d@e:f+g"])
def test_names_of_issuers_are_names(name: str) -> None:
    """A token's subject is not the operator's to choose."""
    assert name == msgspec.convert(name, TenantName)


@pytest.mark.parametrize("name", ["", "a b", "-a", "a\n", "ä", "a{b}", "a" * 129])
def test_what_would_not_stand_in_a_key_or_a_label_is_none(name: str) -> None:
    """Neither spaces nor braces, and no more than 128 characters."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(name, TenantName)


def test_a_registry_is_what_was_written() -> None:
    """As JSON and back."""
    registry = Registry(version=7, tenants={"acme": Tenant(plan="standard", revoked=True)})

    assert registry == msgspec.json.decode(msgspec.json.encode(registry), type=Registry)
