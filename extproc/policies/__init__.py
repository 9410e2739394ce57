"""Policies: from a request and its signals to a tier, with the reason.

A policy stands in the config as one mapping of its name to its parameters, and wherever a tier may
stand another policy may stand too:

    policy:
      rules:
        - when: {effort: {at_least: 0.75}}
          then: reasoning
        - otherwise: {threshold: {at: 0.5, above: reasoning, below: fast, weights: {...}}}

A name with a colon is the import path of a class of the operator's own (see `custom`).
"""

from collections.abc import Mapping
from typing import Final

from extproc.errors import ConfigError
from extproc.policies import custom, fixed, rules, threshold
from extproc.policies.base import Builder, Leaf, Policy, Scope

__all__ = ["BUILT_IN", "Leaf", "Policy", "Scope", "build"]

BUILT_IN: Final[Mapping[str, Builder]] = {
    "fixed": fixed.build,
    "rules": rules.build,
    "threshold": threshold.build,
}


def build(node: object, scope: Scope) -> Policy:
    """The policy that a config node describes; ConfigError names the bad key."""
    if not isinstance(node, Mapping) or len(node) != 1:
        raise ConfigError("a policy is one name with its parameters", path=scope.path)
    ((name, parameters),) = node.items()
    below = scope.at(f".{name}")
    if ":" in str(name):
        return custom.build(str(name), parameters, below)
    if name not in BUILT_IN:
        known = ", ".join(BUILT_IN)
        raise ConfigError(f"no such policy; there are: {known}", path=below.path)
    return BUILT_IN[name](parameters, below)
