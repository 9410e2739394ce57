"""The routes: two for each tier, one without a verdict, and those that Envoy answers itself."""

from collections.abc import Sequence

from extproc import headers
from extproc.config import Config, Tier
from extproc.dataplane.addresses import duration
from extproc.dataplane.clusters import composite_name, stand_ins
from extproc.dataplane.pattern import PATTERN_TIER, Tree, clone, named

DEFAULT = "default"


def routes(pattern: Sequence[Tree], config: Config) -> list[Tree]:
    """All routes for `config`, cloned from those of the pattern, in the order of matching."""
    made = [route for tier in config.tiers for route in _of_tier(pattern, config, tier)]
    fallback = clone(named(pattern, DEFAULT))
    fallback["route"] = _action(pattern, config, config.tier(config.default_tier))
    answered = [clone(route) for route in pattern if "direct_response" in route]
    return [*made, fallback, *answered]


def pinned_name(tier: str) -> str:
    """The route of requests that only `tier` may answer."""
    return f"pinned-{tier}"


def _of_tier(pattern: Sequence[Tree], config: Config, tier: Tier) -> tuple[Tree, Tree]:
    pinned = _matching(named(pattern, pinned_name(PATTERN_TIER)), tier.name)
    pinned["name"] = pinned_name(tier.name)
    pinned["route"] = _alone(pattern, config, tier)
    chosen = _matching(named(pattern, PATTERN_TIER), tier.name)
    chosen["name"] = tier.name
    chosen["route"] = _action(pattern, config, tier)
    return pinned, chosen


def _matching(pattern: Tree, tier: str) -> Tree:
    route = clone(pattern)
    named(route["match"]["headers"], headers.TIER)["string_match"]["exact"] = tier
    return route


def _action(pattern: Sequence[Tree], config: Config, tier: Tier) -> Tree:
    """To the tier and, attempt by attempt, to its stand-ins; without any, to the tier alone."""
    others = stand_ins(config, tier)
    if not others:
        return _alone(pattern, config, tier)
    action = _going_to(composite_name(tier.name), named(pattern, PATTERN_TIER), config)
    action["retry_policy"]["num_retries"] = len(others)
    return action


def _alone(pattern: Sequence[Tree], config: Config, tier: Tier) -> Tree:
    return _going_to(tier.name, named(pattern, pinned_name(PATTERN_TIER)), config)


def _going_to(cluster: str, pattern: Tree, config: Config) -> Tree:
    action = clone(pattern["route"])
    action["cluster"] = cluster
    action["idle_timeout"] = duration(config.gateway.idle_seconds)
    return action
