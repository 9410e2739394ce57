"""A bootstrap read into Envoy's typed messages: finds a wrong name or type without running Envoy.

It knows no ranges and no references between parts; those only Envoy itself checks.
"""

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Any

from extproc.dataplane.pattern import Tree
from extproc.errors import ConfigError

PACKAGE = "envoy_data_plane"


def check_types(bootstrap: Tree) -> None:
    """Read every message of `bootstrap`, extensions included; ConfigError names what is wrong."""
    messages = _module("envoy.config.bootstrap.v3")
    try:
        for url in _extensions(bootstrap):
            _module(url.rpartition("/")[2].rpartition(".")[0])
        messages.Bootstrap.from_dict(_readable(bootstrap))
    except (ImportError, KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"this is no bootstrap of Envoy's: {error.args[0]}") from error


def _module(name: str) -> ModuleType:
    """The messages of one protobuf package; importing them is what makes them known."""
    try:
        importlib.import_module(PACKAGE)
    except ImportError:
        raise ConfigError("Envoy's messages are missing: pip install 'tiergate[local]'") from None
    return importlib.import_module(f"{PACKAGE}.{name}")


def _extensions(node: object) -> Iterator[str]:
    """Every `@type` below `node`."""
    if isinstance(node, dict):
        yield from (url for key, url in node.items() if key == "@type")
    children = node.values() if isinstance(node, dict) else node
    if isinstance(children, list | type({}.values())):
        for child in children:
            yield from _extensions(child)


def _readable(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`node` without the names the reader itself misspells: it looks for `consecutive_5_xx`."""
    if isinstance(node, dict):
        return {key: _readable(value) for key, value in node.items() if not key.endswith("_5xx")}
    if isinstance(node, list):
        return [_readable(value) for value in node]
    return node
