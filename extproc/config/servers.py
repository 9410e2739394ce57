"""The servers behind the tiers: one for each tier, or one for several that share its endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.config.document import Config, Tier
from extproc.config.vllm import DECLARED
from extproc.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelServer:
    """One model on its replicas, under the names of all `tiers` that it answers for.

    `names` begins with the first tier's model, which is what vLLM writes into its answers; the
    aliases come last.
    """

    tiers: tuple[Tier, ...]
    names: tuple[str, ...]

    @property
    def tier(self) -> Tier:
        """The first of its tiers; what the server is started with is the same in all of them."""
        return self.tiers[0]

    @property
    def weights(self) -> str:
        """What vLLM loads: a folder or a hub's id."""
        return weights_of(self.tier)


def servers(config: Config) -> tuple[ModelServer, ...]:
    """The servers of all tiers, in the order of their first tier."""
    groups: dict[tuple[str, ...], list[Tier]] = {}
    for tier in config.tiers:
        groups.setdefault(tier.endpoints, []).append(tier)
    return tuple(_server(tuple(tiers), config.models.aliases) for tiers in groups.values())


def weights_of(tier: Tier) -> str:
    """What a tier's vLLM loads: its own name unless `weights` says otherwise."""
    return tier.weights or tier.model


def check_servers(config: Config) -> None:
    """Raises ConfigError for tiers that could not share a server and do, and for wrong flags."""
    owners: dict[str, int] = {}
    for position, tier in enumerate(config.tiers):
        _check_flags(tier, position)
        for address in tier.endpoints:
            other = config.tiers[owners.setdefault(address, position)]
            _check_alike(tier, other, position)


def _check_alike(tier: Tier, other: Tier, position: int) -> None:
    ours, theirs = _started_with(tier), _started_with(other)
    for key, value in ours.items():
        if value != theirs[key]:
            raise ConfigError(
                f"shares an endpoint with the tier {other.name!r}, so it must not differ in this",
                path=f"$.tiers[{position}].{key}",
            )


def _started_with(tier: Tier) -> Mapping[str, object]:
    return {
        "endpoints": tier.endpoints,
        "weights": weights_of(tier),
        "serves_aliases": tier.serves_aliases,
        "max_model_len": tier.max_model_len,
        "vllm": tier.vllm,
        "profile": tier.profile,
    }


def _check_flags(tier: Tier, position: int) -> None:
    for flag in tier.vllm.flags:
        if flag.removeprefix("no-") in DECLARED:
            raise ConfigError(
                "follows from a key of the document and cannot be given as a flag",
                path=f"$.tiers[{position}].vllm.flags.{flag}",
            )


def _server(tiers: tuple[Tier, ...], aliases: tuple[str, ...]) -> ModelServer:
    own = tuple(tier.model for tier in tiers)
    return ModelServer(tiers=tiers, names=own + (aliases if tiers[0].serves_aliases else ()))
