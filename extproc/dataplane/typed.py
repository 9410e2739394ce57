"""A bootstrap read into Envoy's typed messages: finds a wrong name or type without running Envoy.

It knows no ranges and no references between parts; those only Envoy itself checks.
"""

import importlib
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any, Final

from extproc.dataplane.pattern import Tree
from extproc.errors import ConfigError

PACKAGE: Final = "envoy_data_plane"
MISSING: Final = "Envoy's messages are missing: pip install 'tiergate[local]'"


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
    with warnings.catch_warnings():
        # The messages are declared in a way their own library has grown out of.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            importlib.import_module(PACKAGE)
        except ImportError:
            raise ConfigError(MISSING) from None
        return importlib.import_module(f"{PACKAGE}.{name}")


def _extensions(node: object) -> Iterator[str]:
    """Every `@type` in `node`."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "@type":
                yield value
            yield from _extensions(value)
    elif isinstance(node, list):
        for value in node:
            yield from _extensions(value)


def _readable(node: Any) -> Any:  # noqa: ANN401 - any JSON value
    """`node` without the names the reader itself misspells: it looks for `consecutive_5_xx`."""
    if isinstance(node, dict):
        return {key: _readable(value) for key, value in node.items() if not key.endswith("_5xx")}
    if isinstance(node, list):
        return [_readable(value) for value in node]
    return node
