"""Who asks, and for what: the first thing that a request passes."""

from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from typing_extensions import override

from extproc.config import Config
from extproc.config.forwarding import CREDENTIALS
from extproc.errors import ModelNotAllowed, TierNotAllowed, Unavailable
from extproc.exchange import Exchange
from extproc.headers import PREFER
from extproc.stages import Stage
from extproc.state import Call
from extproc.tenancy.access import Access
from extproc.tenancy.authentication import Authenticator


class Admission(Stage):
    """Finds the tenant of each request before its body is read, and refuses those without one."""

    headers = frozenset(CREDENTIALS)

    def __init__(
        self, config: Config, authenticator: Authenticator, accesses: Mapping[str, Access]
    ) -> None:
        self._authenticator = authenticator
        self._accesses = accesses
        self._tiers = frozenset(tier.name for tier in config.tiers)
        self._models = frozenset(tier.model for tier in config.tiers).union(config.models.aliases)

    @override
    def arrived(self, exchange: Exchange) -> None:
        """Whose request it is, and what that tenant may have. No tier sees the credentials."""
        exchange.removed.extend(CREDENTIALS)
        known = self._authenticator.tenant(exchange.headers)
        exchange.facts["tenant"] = known.name
        access = self._accesses.get(known.tenant.plan)
        if access is None:
            raise Unavailable("The gateway has no such plan as the one of this key.")
        exchange.context = replace(
            exchange.context,
            tenant=known.name,
            plan=known.tenant.plan,
            tiers=access.tiers,
            models=access.models,
            policy=access.plan.policy,
            priority=access.plan.priority,
        )

    @override
    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """Nothing; but the tenant must be allowed the model and the tier that it names. What there
        is not at all is for the router to say.
        """
        context, request = exchange.context, exchange.request
        assert request is not None  # noqa: S101 - the body is read
        if context.models is not None and request.model in self._models - context.models:
            raise ModelNotAllowed("This key may not use the model.", param="model")
        wish = exchange.headers.get(PREFER)
        if context.tiers is not None and wish in self._tiers - context.tiers:
            raise TierNotAllowed("This key may not use the tier.", param=PREFER)
        return ()
