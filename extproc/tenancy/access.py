"""What each plan opens, worked out once for a config."""

from collections.abc import Mapping
from dataclasses import dataclass

from extproc.config import Config, Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`tiers` and `models` are None where the plan opens all of them."""

    plan: Plan
    tiers: frozenset[str] | None
    models: frozenset[str] | None


def accesses(config: Config) -> Mapping[str, Access]:
    """The plans of `config` by their names."""
    plans = {} if config.tenants is None else config.tenants.plans
    return {name: _access(plan, config) for name, plan in plans.items()}


def _access(plan: Plan, config: Config) -> Access:
    """A tier's own name goes with its tier; an alias is for all, unless models are named."""
    tiers = None if plan.tiers is None else frozenset(plan.tiers)
    if tiers is None and plan.models is None:
        return Access(plan=plan, tiers=None, models=None)
    open_ = {tier.model for tier in config.tiers if tiers is None or tier.name in tiers}
    models = open_.union(config.models.aliases)
    if plan.models is not None:
        models.intersection_update(plan.models)
    return Access(plan=plan, tiers=tiers, models=frozenset(models))
