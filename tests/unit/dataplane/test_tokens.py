"""Tokens that Envoy verifies."""

from pathlib import Path
from typing import Any

import certifi
import pytest
from tenancy_builders import jwt, tenanted

from extproc.dataplane import render, validate
from extproc.dataplane.pattern import Tree, connection_manager, named


def rendered(**tokens: Any) -> Tree:  # noqa: ANN401 - of the section `jwt`
    """The bootstrap for tokens of that kind."""
    config = tenanted(jwt=jwt(**tokens))
    return render(config, gateway="127.0.0.1:1", router="127.0.0.1:2", envoy_admin="127.0.0.1:3")


def provider(bootstrap: Tree) -> Tree:
    """What is said of the one issuer."""
    filters = connection_manager(bootstrap)["http_filters"]
    found: Tree = named(filters, "tiergate.tokens")["typed_config"]["providers"]["tenants"]
    return found


def test_tokens_are_verified_first_of_all() -> None:
    """Before the router is asked, and before anything else."""
    bootstrap = rendered(claim="org")

    assert "tiergate.tokens" == connection_manager(bootstrap)["http_filters"][0]["name"]
    said = provider(bootstrap)
    assert ("https://id.test/", ["llm"]) == (said["issuer"], said["audiences"])
    assert [{"header_name": "x-tiergate-tenant", "claim_name": "org"}] == said["claim_to_headers"]


def test_keys_come_from_a_file() -> None:
    """On Envoy's machine."""
    assert {"filename": "/keys.json"} == provider(rendered())["local_jwks"]


@pytest.mark.parametrize(
    ("url", "host", "port", "kind"),
    [
        ("https://id.test/keys", "id.test", 443, "STRICT_DNS"),
        ("https://id.test:8443/keys", "id.test", 8443, "STRICT_DNS"),
        ("http://127.0.0.1/keys", "127.0.0.1", 80, "STATIC"),
    ],
)
def test_keys_come_from_the_issuer(url: str, host: str, port: int, kind: str) -> None:
    """By a cluster of its own, whose server must be who it says it is where that can be."""
    bootstrap = rendered(jwks_file=None, jwks_url=url, ca_file="/ca.pem")

    assert url == provider(bootstrap)["remote_jwks"]["http_uri"]["uri"]
    cluster = named(bootstrap["static_resources"]["clusters"], "tiergate_jwks")
    endpoint = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]
    assert {"address": host, "port_value": port} == endpoint["address"]["socket_address"]
    assert kind == cluster["type"]
    socket = cluster.get("transport_socket", {}).get("typed_config")
    assert (host if url.startswith("https") else None) == (socket and socket["sni"])


@pytest.mark.parametrize("kept", ["file", "url"])
def test_envoy_accepts_it(kept: str, tmp_path: Path) -> None:
    """The real one; it reads the files."""
    file = tmp_path / "keys.json"
    file.write_text('{"keys": [{"kty": "oct", "alg": "HS256", "k": "c2VjcmV0", "kid": "1"}]}')
    places: dict[str, dict[str, Any]] = {
        "file": {"jwks_file": str(file)},
        "url": {"jwks_file": None, "jwks_url": "https://127.0.0.1/k", "ca_file": certifi.where()},
    }

    bootstrap = rendered(**places[kept])
    assert "tiergate.tokens" in str(bootstrap)
    validate(bootstrap)
