"""A policy of the operator's own: a class named in the config by its import path.

    policy:
      acme.routing:NightShift: {tier_by_day: fast, tier_by_night: reasoning}

The class is a dataclass or a msgspec struct whose fields are the parameters, and has the `decide`
of `Policy`. Parameters are checked against the fields' types; an unknown one is refused. What it
returns is checked too: a tier that does not exist counts as the policy's failure.
"""

import dataclasses
import importlib
from collections.abc import Collection

import msgspec

from extproc.config.loading import convert
from extproc.errors import ConfigError
from extproc.policies.base import Policy, Scope


def build(name: str, parameters: object, scope: Scope) -> Policy:
    """An instance of the class at `module:Class`; ConfigError names what is wrong with it."""
    kind = _import(name, scope.path)
    given = {} if parameters is None else convert(parameters, dict[str, object], path=scope.path)
    for key in given.keys() - _fields(kind, scope.path):
        raise ConfigError("no such parameter", path=f"{scope.path}.{key}")
    try:
        policy: Policy = convert(given, kind, path=scope.path)
    except ConfigError:
        raise
    except Exception as error:
        raise ConfigError(f"it refuses its parameters: {error!r}", path=scope.path) from error
    return policy


def _import(name: str, path: str) -> type:
    module, _, attribute = name.partition(":")
    try:
        kind = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a module that is imported may raise anything
        raise ConfigError(f"cannot import it: {error!r}", path=path) from error
    if not isinstance(kind, type) or not callable(getattr(kind, "decide", None)):
        raise ConfigError("it is not a class with a `decide` method", path=path)
    return kind


def _fields(kind: type, path: str) -> Collection[str]:
    if dataclasses.is_dataclass(kind):
        return {field.name for field in dataclasses.fields(kind)}
    if issubclass(kind, msgspec.Struct):
        return set(kind.__struct_fields__)
    raise ConfigError("it is neither a dataclass nor a msgspec struct", path=path)
