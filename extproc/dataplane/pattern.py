"""The shipped bootstrap as a plain tree, and the ways into it that the renderer needs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import yaml

Tree: TypeAlias = dict[str, Any]
"""A mapping of an Envoy document. Its shape is Envoy's, which `validate` checks."""

PATTERN_TIER: Final = "fast"
"""The tier of the shipped file whose routes and clusters every tier is cloned from."""


def shipped_path() -> Path:
    """The bootstrap that ships with the package: the default config on one machine."""
    return Path(__file__).with_name("envoy.yaml")


def shipped() -> Tree:
    """The shipped bootstrap; each call gives a tree of its own."""
    return clone(yaml.safe_load(shipped_path().read_bytes()))


def clone(tree: Tree) -> Tree:
    """A copy that shares nothing, not even where the YAML has an anchor: editing one place of it
    leaves all others alone, which `copy.deepcopy` does not promise.
    """
    copied: Tree = json.loads(json.dumps(tree))
    return copied


def named(trees: Sequence[Tree], name: str) -> Tree:
    """The one of that `name`; KeyError where there is none."""
    for tree in trees:
        if tree["name"] == name:
            return tree
    raise KeyError(name)


def connection_manager(bootstrap: Tree) -> Tree:
    """The HTTP connection manager's own configuration."""
    listener = bootstrap["static_resources"]["listeners"][0]
    manager: Tree = listener["filter_chains"][0]["filters"][0]["typed_config"]
    return manager


def virtual_host(bootstrap: Tree) -> Tree:
    """The one virtual host: its routes are the gateway's."""
    host: Tree = connection_manager(bootstrap)["route_config"]["virtual_hosts"][0]
    return host
