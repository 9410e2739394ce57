"""How many replicas keep the first token within its limit, and what they cost a month.

With --rate: the fewest replicas of each tier. Without: the highest rate that --replicas of each
tier bear. Timing comes from the profiles that the config names, traffic from a mix in YAML; the
simulated vLLM's own scheduler runs both in virtual time.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from extproc.config import Config, default_path, load
from extproc.engines.sim.profiles import PROFILES
from extproc.engines.sim.settings import Settings
from extproc.errors import ConfigError
from load.plan.capacity import Tier, monthly
from load.plan.traffic import Mix, load as load_mix

CHAT = Path(__file__).resolve().parents[1] / "mixes" / "chat.yaml"
G4DN_XLARGE = 0.526
"""Dollars an hour: one T4, on demand, us-east-1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What is found for one tier, whose own requests a second are `rate`; `most` is the rate that
    its replicas would bear.
    """

    tier: Tier
    replicas: int
    rate: float
    most: float


def main(argv: Sequence[str]) -> int:
    """0, or 2 where the arguments, the config or the mix are wrong."""
    said = _arguments().parse_args(argv)
    try:
        tiers = _tiers(said, load(said.config), load_mix(said.mix))
        lines = _replicas(tiers, said.rate) if said.rate else _rates(tiers, said.replicas)
    except (ConfigError, msgspec.MsgspecError, ValueError, KeyError, OSError) as error:
        print(f"load.plan: {error}", file=sys.stderr)
        return 2
    print(_table(lines, said.hourly))
    return 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m load.plan", description=__doc__)
    parser.add_argument("--config", type=Path, default=default_path())
    parser.add_argument("--mix", type=Path, default=CHAT)
    parser.add_argument(
        "--slo",
        type=_limit,
        action="append",
        metavar="TIER=MS",
        help="milliseconds to the first token (fast=100, reasoning=500)",
    )
    parser.add_argument("--quantile", type=float, default=0.95, help="share that must be in time")
    parser.add_argument("--rate", type=float, help="requests a second, of all tiers together")
    parser.add_argument("--replicas", type=int, default=1, help="of each tier, without --rate")
    parser.add_argument("--gateway-ms", type=float, default=1.0, help="what the gateway adds")
    parser.add_argument("--hourly", type=float, default=G4DN_XLARGE, help="dollars a replica")
    parser.add_argument("--minutes", type=float, default=10.0, help="of traffic to simulate")
    parser.add_argument("--seed", type=int, default=1)
    return parser


def _limit(text: str) -> tuple[str, float]:
    tier, _, milliseconds = text.partition("=")
    return tier, float(milliseconds) / 1000


def _tiers(said: argparse.Namespace, config: Config, mix: Mix) -> list[tuple[Tier, float]]:
    """Each tier of the mix and its share; KeyError or ValueError where the config has none such."""
    limits = dict(said.slo or (("fast", 0.1), ("reasoning", 0.5)))
    return [
        (
            Tier(
                name=name,
                kind=kind,
                settings=_settings(config, name),
                limit=limits[name],
                quantile=said.quantile,
                gateway=said.gateway_ms / 1000,
                seconds=said.minutes * 60,
                seed=said.seed,
            ),
            kind.share,
        )
        for name, kind in mix.tiers.items()
    ]


def _settings(config: Config, name: str) -> Settings:
    tier = config.tier(name)
    profile = PROFILES[tier.profile]
    return Settings(
        served_model_names=(tier.model,),
        profile=profile,
        num_gpu_blocks=profile.num_gpu_blocks,
        max_model_len=tier.max_model_len,
    )


def _replicas(tiers: Sequence[tuple[Tier, float]], rate: float) -> list[Line]:
    """The fewest replicas of each tier for so many requests a second."""
    lines = []
    for tier, share in tiers:
        replicas = tier.least(rate * share)
        most = tier.most(replicas)
        lines.append(Line(tier=tier, replicas=replicas, rate=rate * share, most=most))
    return lines


def _rates(tiers: Sequence[tuple[Tier, float]], replicas: int) -> list[Line]:
    """What all tiers bear together, in the mix's shares: the tightest one bounds the others."""
    most = [tier.most(replicas) for tier, _ in tiers]
    total = min(rate / share for rate, (_, share) in zip(most, tiers, strict=True))
    return [
        Line(tier=tier, replicas=replicas, rate=total * share, most=rate)
        for rate, (tier, share) in zip(most, tiers, strict=True)
    ]


def _table(lines: Sequence[Line], hourly: float) -> str:
    rows = [
        "| tier | replicas | requests/s | would bear | first token | limit |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for line in lines:
        tier = line.tier
        reached = tier.first_token(line.rate, line.replicas)
        rows.append(
            f"| {tier.name} | {line.replicas} | {line.rate:.2f} | {line.most:.2f} "
            f"| {reached * 1000:.0f} ms | {tier.limit * 1000:.0f} ms at p{tier.quantile * 100:g} |"
        )
    replicas = sum(line.replicas for line in lines)
    rate = sum(line.rate for line in lines)
    rows.append(
        f"\n{replicas} replicas, {rate:.2f} requests a second, "
        f"${monthly(replicas, hourly):,.2f} a month at ${hourly:g} an hour each."
    )
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
