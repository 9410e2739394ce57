"""From credentials to a tenant."""

from typing import Any

import pytest
from tenancy_builders import NOW, jwt, registered, tenanted

from extproc.errors import InvalidApiKey, Unavailable
from extproc.tenancy.authentication import Authenticator
from extproc.tenancy.registry import Directory, revoke
from extproc.tenancy.values import Registry

ACME = registered()
BOTH = registered("umbrella", registry=ACME.registry)


def authenticator(
    registry: Registry = BOTH.registry,
    **tokens: Any,  # noqa: ANN401 - of the section `jwt`
) -> Authenticator:
    """One that knows two tenants, and tokens where anything is said of them."""
    config = tenanted(jwt=jwt(**tokens) if tokens else None).tenants
    assert config is not None
    directory = Directory(registry)
    return Authenticator(config, lambda: directory, lambda: NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": f"Bearer {ACME.key}"},
        {"authorization": f"bearer  {ACME.key} "},
        {"x-api-key": ACME.key},
        {"x-api-key": ACME.key, "authorization": f"Bearer {ACME.key}"},
        {"x-api-key": ACME.key, "authorization": ""},
    ],
    ids=["authorization", "spelt otherwise", "x-api-key", "both", "an empty one"],
)
def test_a_key_in_either_header_is_the_tenants(headers: dict[str, str]) -> None:
    """As OpenAI's clients and as Anthropic's send it."""
    assert "acme" == authenticator().tenant(headers).name


@pytest.mark.parametrize(
    "headers",
    [
        {"x-api-key": "none"},
        {"x-api-key": ACME.key, "authorization": f"Bearer {BOTH.key}"},
        {"x-api-key": ACME.key, "authorization": "Basic YTpi"},
        {"authorization": ACME.key},
        {"authorization": f"Basic {ACME.key}"},
        {"x-tiergate-tenant": "acme"},
    ],
    ids=["no key", "two tenants", "one of them wrong", "no scheme", "another scheme", "a claim"],
)
def test_anything_else_is_refused_alike(headers: dict[str, str]) -> None:
    """Nothing is said of what was wrong; a claim is nothing where no tokens are verified."""
    with pytest.raises(InvalidApiKey, match=r"^The API key is not valid\.$") as caught:
        authenticator().tenant(headers)

    assert {"www-authenticate": 'Bearer realm="tiergate"'} == caught.value.headers


def test_no_credential_is_asked_for_one() -> None:
    """The client may not have known."""
    with pytest.raises(InvalidApiKey, match=r"^An API key is needed\.$"):
        authenticator().tenant({})


def test_a_registry_not_read_yet_is_not_the_clients_fault() -> None:
    """It is asked to come again."""
    config = tenanted().tenants
    assert config is not None

    with pytest.raises(Unavailable):
        Authenticator(config, lambda: None).tenant({"x-api-key": ACME.key})


def test_a_claim_names_a_tenant() -> None:
    """Envoy has verified the token that it is from."""
    assert "acme" == authenticator(claim="sub").tenant({"x-tiergate-tenant": "acme"}).name


def test_a_claim_of_nobody_known_is_refused() -> None:
    """Unless the config has a plan for those."""
    with pytest.raises(InvalidApiKey):
        authenticator(claim="sub").tenant({"x-tiergate-tenant": "new"})

    known = authenticator(plan="standard").tenant({"x-tiergate-tenant": "auth0|7"})
    assert ("auth0|7", "standard") == (known.name, known.tenant.plan)


def test_a_claim_that_is_no_name_is_refused() -> None:
    """It would stand in keys and labels."""
    with pytest.raises(InvalidApiKey):
        authenticator(plan="standard").tenant({"x-tiergate-tenant": "a b"})


def test_a_claim_of_a_revoked_tenant_is_refused() -> None:
    """Although its tokens are still good, and strangers are welcome."""
    gone = revoke(BOTH.registry, "acme", now=NOW).registry

    with pytest.raises(InvalidApiKey):
        authenticator(gone, plan="standard").tenant({"x-tiergate-tenant": "acme"})


def test_a_claim_and_a_key_must_agree() -> None:
    """Who asks must be clear."""
    named = {"x-tiergate-tenant": "acme"}

    assert "acme" == authenticator(claim="sub").tenant({**named, "x-api-key": ACME.key}).name
    with pytest.raises(InvalidApiKey):
        authenticator(claim="sub").tenant({**named, "x-api-key": BOTH.key})
