"""Arguments that several commands share."""

import argparse
from pathlib import Path

import pytest
from builders import config

from extproc.cli.common import ENVOY_ADMIN, add_config, address, bootstrap_of, endpoint
from extproc.config import default_path
from extproc.dataplane import render


@pytest.mark.parametrize(
    ("argv", "path"),
    [([], default_path()), (["--config", "a.yaml"], Path("a.yaml"))],
    ids=["default", "given"],
)
def test_the_config_is_a_path(argv: list[str], path: Path) -> None:
    """Without one it is the document that ships."""
    parser = argparse.ArgumentParser()
    add_config(parser)

    assert path == parser.parse_args(argv).config


@pytest.mark.parametrize("text", ["127.0.0.1:0", "[::1]:80", "name.svc:65535"])
def test_an_address_is_taken_as_it_is(text: str) -> None:
    """As the config spells it."""
    assert text == address(text)


@pytest.mark.parametrize("text", ["", "8080", ":8080", "a:b", "::1:80", "a:65536", "http://a:1"])
def test_what_is_no_address_is_told_so(text: str) -> None:
    """Before anything is started."""
    with pytest.raises(argparse.ArgumentTypeError, match="is not HOST:PORT"):
        address(text)


@pytest.mark.parametrize("text", ["127.0.0.1:80", "unix:/run/tiergate/router.sock"])
def test_an_endpoint_may_be_a_socket(text: str) -> None:
    """For Envoy on the same machine."""
    assert text == endpoint(text)


@pytest.mark.parametrize("text", ["unix:relative", "unix:", "80", "a:70000"])
def test_what_is_no_endpoint_is_refused(text: str) -> None:
    """Before anything is started."""
    with pytest.raises(argparse.ArgumentTypeError, match="is not HOST:PORT or unix:/PATH"):
        endpoint(text)


def test_the_bootstrap_has_an_endpoint_for_each_worker() -> None:
    """And the services' own address."""
    made = config(server={"listen": "127.0.0.1:7001", "workers": 2, "transport": "native"})

    assert bootstrap_of(made) == render(
        made,
        gateway="127.0.0.1:8080",
        router=("127.0.0.1:7001", "127.0.0.1:7011"),
        services="127.0.0.1:9004",
        envoy_admin=ENVOY_ADMIN,
    )


def test_the_bootstrap_has_the_configs_own_addresses() -> None:
    """As a deployment runs it; Envoy's admin page stays on loopback."""
    made = config(gateway={"listen": "127.0.0.1:7000"}, server={"listen": "127.0.0.1:7001"})

    assert bootstrap_of(made) == render(
        made, gateway="127.0.0.1:7000", router="127.0.0.1:7001", envoy_admin=ENVOY_ADMIN
    )
    assert ENVOY_ADMIN.startswith("127.0.0.1:")
