"""Who may ask, for what, and how much: the section `tenants`."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct

from extproc.config.prices import Money
from extproc.errors import ConfigError

Count = Annotated[int, Meta(ge=1)]
PlanName = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Word = Annotated[str, Meta(min_length=1)]


class Budget(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tenant may cost in one calendar month (UTC), in dollars, above 0.

    Past `soft` the cheapest tier of the plan answers; past `hard` none does.
    """

    soft: Money | None = None
    hard: Money | None = None

    def __post_init__(self) -> None:
        if any(limit is not None and not Decimal(limit) for limit in (self.soft, self.hard)):
            raise ValueError("must be above 0")
        if Decimal(self.soft or 0) > Decimal(self.hard or "Infinity"):
            raise ValueError("soft is above hard, and would never be reached")


class Plan(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the tenants of a plan may have; what is None is not limited.

    `models` are names that a client may ask for, aliases among them; `policy` is one of the
    document's `policies`; `priority` is 0 for the usual, and lower for what may wait. The limits
    hold for each tenant by itself.
    """

    tiers: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None
    models: Annotated[tuple[Word, ...], Meta(min_length=1)] | None = None
    policy: Word | None = None
    priority: Annotated[int, Meta(ge=-100, le=100)] = 0
    requests_per_minute: Count | None = None
    tokens_per_minute: Count | None = None
    concurrent_requests: Count | None = None
    budget: Budget = Budget()


class Jwt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tokens that Envoy verifies; `claim` names the tenant.

    The keys are in the file `jwks_file` on Envoy's machine, or behind `jwks_url`, whose server must
    show a certificate of one of the authorities in `ca_file` where it is https. A tenant that the
    registry does not know is of `plan`; without one it is refused.
    """

    issuer: Word
    audiences: Annotated[tuple[Word, ...], Meta(min_length=1)]
    claim: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]+$")] = "sub"
    plan: PlanName | None = None
    jwks_file: Word | None = None
    jwks_url: (
        Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9_.-]+(:[0-9]{1,5})?/\S*$")] | None
    ) = None
    ca_file: Word = "/etc/ssl/certs/ca-certificates.crt"


class Tenants(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """With this section, nobody is served without a credential, and nobody while the router is
    down.

    The tenants themselves are kept in Redis where `state` has one, and in `file` otherwise.
    A request that does not bound its answer is taken for one of `output_tokens` until it has ended.
    One that has not ended after `lease_seconds` no longer counts as concurrent.
    """

    plans: Annotated[Mapping[PlanName, Plan], Meta(min_length=1)]
    file: Word | None = None
    jwt: Jwt | None = None
    output_tokens: Count = 1024
    lease_seconds: Annotated[int, Meta(ge=60, le=86_400)] = 900


def check_tenants(
    tenants: Tenants,
    *,
    tiers: Collection[str],
    models: Collection[str],
    policies: Collection[str],
    prices: Collection[str],
    redis: bool,
    workers: int,
) -> None:
    """ConfigError where a plan names what is not there, or what the limits need is missing."""
    for name, plan in tenants.plans.items():
        path = f"$.tenants.plans.{name}"
        _check_names(plan.tiers or (), tiers, "tier", f"{path}.tiers")
        _check_names(plan.models or (), models, "model", f"{path}.models")
        _check_names(filter(None, (plan.policy,)), policies, "policy", f"{path}.policy")
        if plan.budget != Budget():
            _check_prices(plan.tiers or tiers, prices, f"{path}.budget")
        if not redis and workers > 1 and (plan.concurrent_requests or plan.budget != Budget()):
            raise ConfigError("several workers can keep this only through state.redis", path=path)
    if redis == (tenants.file is not None):
        word = "is not used with" if redis else "is needed without"
        raise ConfigError(f"{word} state.redis", path="$.tenants.file")
    if tenants.jwt is not None:
        _check_jwt(tenants.jwt, tenants.plans)


def _check_prices(tiers: Collection[str], prices: Collection[str], path: str) -> None:
    """What has no price would cost nothing, and the budget would never end."""
    missing = [tier for tier in tiers if tier not in prices]
    if missing:
        raise ConfigError(f"needs a price in $.prices of {', '.join(missing)}", path=path)


def _check_jwt(jwt: Jwt, plans: Collection[str]) -> None:
    if (jwt.jwks_file is None) == (jwt.jwks_url is None):
        raise ConfigError("needs either jwks_file or jwks_url", path="$.tenants.jwt")
    _check_names(filter(None, (jwt.plan,)), plans, "plan", "$.tenants.jwt.plan")


def _check_names(
    names: "Collection[str] | filter[str]",
    known: Collection[str],
    kind: Literal["tier", "model", "policy", "plan"],
    path: str,
) -> None:
    for name in names:
        if name not in known:
            there = ", ".join(known) or "none"
            raise ConfigError(f"no {kind} is called {name!r}; there are: {there}", path=path)
