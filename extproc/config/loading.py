"""From a YAML file to a checked Config, in phases: syntax, shape, references."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TypeVar

import msgspec
import yaml

from extproc.config.document import Config
from extproc.config.listening import HIGHEST_PORT, check_listening, port_of
from extproc.config.prices import check_prices
from extproc.config.servers import check_servers
from extproc.config.tenants import check_tenants
from extproc.errors import ConfigError

MAX_DOCUMENT_BYTES: Final = 1 << 20
_UNREADABLE: Final = (
    yaml.YAMLError,
    RecursionError,
    ValueError,  # PyYAML's own, for the thirteenth month; bytes that are not UTF-8 among them
    LookupError,  # as above, for `!!bool maybe`
    AttributeError,  # as above, for `!!timestamp soon`
)
T = TypeVar("T")


def default_path() -> Path:
    """The config document that ships with the package: two tiers on one machine."""
    return Path(__file__).with_name("default.yaml")


def load(path: Path) -> Config:
    """Read and check the document at `path`; ConfigError names the bad key."""
    try:
        with path.open("rb") as file:
            text = file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    if len(text) > MAX_DOCUMENT_BYTES:
        raise ConfigError(f"{path} is over {MAX_DOCUMENT_BYTES} bytes")
    return decode(text)


def decode(text: bytes) -> Config:
    """Check a document's syntax, shape and references; ConfigError names the bad key."""
    config = convert(_parse(text), Config)
    _check_references(config)
    return config


def convert(value: object, kind: type[T], *, path: str = "$") -> T:
    """`value` as `kind`, with msgspec's complaint turned into a ConfigError below `path`."""
    try:
        return msgspec.convert(value, kind, strict=True)
    except msgspec.ValidationError as error:
        message, _, where = str(error).partition(" - at `")
        raise ConfigError(message, path=path + where.partition("$")[2].rstrip("`")) from error


def _parse(text: bytes) -> object:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        _check_node(node, "$")
        return yaml.safe_load(text)
    except _UNREADABLE as error:
        mark = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        what = getattr(error, "problem", None) or "it cannot be read"
        raise ConfigError(f"the document is not YAML: {what}{where}") from error


def _check_node(node: yaml.Node | None, path: str) -> None:
    """YAML keeps the last of two equal keys, where an operator meant both; and it takes half a
    surrogate pair for text, which cannot be written anywhere.
    """
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(key.value)
            if name in seen:
                raise ConfigError("the key stands twice", path=f"{path}.{name}")
            seen.add(name)
            _check_node(value, f"{path}.{name}")
    elif isinstance(node, yaml.SequenceNode):
        for position, item in enumerate(node.value):
            _check_node(item, f"{path}[{position}]")
    elif node is not None:
        node.value.encode()


def _check_references(config: Config) -> None:
    names = [tier.name for tier in config.tiers]
    for position, tier in enumerate(config.tiers):
        _refuse_taken(tier.name, names, f"$.tiers[{position}].name")
        models = [other.model for other in config.tiers]
        _refuse_taken(tier.model, models, f"$.tiers[{position}].model")
        if tier.model in config.models.aliases:
            raise ConfigError(
                "a tier's own model is also an alias", path=f"$.tiers[{position}].model"
            )
        _check_ports(tier.endpoints, f"$.tiers[{position}].endpoints")
    check_servers(config)
    if config.default_tier not in names:
        raise ConfigError(
            f"no tier is called {config.default_tier!r}; there are: {', '.join(names)}",
            path="$.default_tier",
        )
    named = {f"$.shadows[{at}]": name for at, name in enumerate(config.shadows)}
    if config.experiment is not None:
        named["$.experiment.policy"] = config.experiment.policy
    for path, name in named.items():
        if name not in config.policies:
            raise ConfigError(f"`policies` has no {name!r}", path=path)
    check_prices(config.prices, names)
    check_listening(config.server)
    _check_tenants(config)
    _check_ports((config.gateway.listen,), "$.gateway.listen")
    if config.server.deadline_seconds >= config.gateway.message_timeout_seconds:
        raise ConfigError(
            "must be below gateway.message_timeout_seconds, or Envoy gives up first",
            path="$.server.deadline_seconds",
        )


def _check_tenants(config: Config) -> None:
    if config.tenants is not None:
        check_tenants(
            config.tenants,
            tiers=[tier.name for tier in config.tiers],
            models=(*config.models.aliases, *(tier.model for tier in config.tiers)),
            policies=config.policies,
            prices=config.prices,
            redis=config.state.redis is not None,
            workers=config.server.workers,
        )


def _refuse_taken(name: str, names: Iterable[str], path: str) -> None:
    if Counter(names)[name] > 1:
        raise ConfigError(f"{name!r} stands twice", path=path)


def _check_ports(addresses: Iterable[str], path: str) -> None:
    for address in addresses:
        if port_of(address) > HIGHEST_PORT:
            raise ConfigError(f"{address}: no such port", path=path)
