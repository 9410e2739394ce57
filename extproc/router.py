"""From a body to a decision: synchronous, pure, and without knowledge of Envoy."""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from extproc.config import Config, Tier
from extproc.context import Context
from extproc.decision import Decision, Reason
from extproc.errors import MalformedRequest, ModelNotFound
from extproc.headers import PREFER
from extproc.policies import Leaf, Policy, Scope, build
from extproc.request import Api, Edit, InferenceRequest, Span, parse, spans, splice
from extproc.signals import Extraction, Extractor

Clock = Callable[[], float]
Adjuster = Callable[[Decision, InferenceRequest, Context], Decision]
"""What may change a decision after the policy: affinity, budgets, the tiers' load. It leaves a
pinned one alone."""
_TEMPLATED: Final = frozenset({Api.CHAT, Api.RESPONSES, Api.MESSAGES})
"""Where vLLM answers by the model's chat template, and takes arguments for it."""
_UNREAD: Final = Extraction()
_SHOWN: Final = 80
"""Characters of a client's own word that an error repeats."""


class Router:
    """Decides for one config. ConfigError where the policy or a word list is wrong.

    `clock` gives seconds that only grow; what takes longer than `server.deadline_seconds` by it is
    answered by the default tier. The `adjusters` come one after the other. `policies` are those of
    the config by their names, the common one under None. Unless somebody `looks` at the signals of
    each decision, a policy that has one verdict alone is spared them.
    """

    def __init__(
        self,
        config: Config,
        clock: Clock = time.monotonic,
        adjusters: Sequence[Adjuster] = (),
        *,
        looks: bool = True,
    ) -> None:
        self._config = config
        self._deadline = config.server.deadline_seconds
        self._clock = clock
        self._adjusters = tuple(adjusters)
        self._tiers: Mapping[str, Tier] = {tier.name: tier for tier in config.tiers}
        self._pins = {tier.model: tier.name for tier in config.tiers}
        self._aliases = frozenset(config.models.aliases)
        self._extract = Extractor(config.signals)
        scope = Scope(tiers=tuple(self._tiers), signals=self._extract.names, nest=build)
        self.policies: Mapping[str | None, Policy] = {None: build(config.policy, scope)} | {
            name: build(node, scope.under(f"$.policies.{name}"))
            for name, node in config.policies.items()
        }
        fixed = {name for name, policy in self.policies.items() if isinstance(policy, Leaf)}
        self._spared = frozenset() if looks else frozenset(fixed)

    def route(self, api: Api, body: bytes, *, prefer: str | None = None) -> Decision:
        """The decision for one body; RequestError where it cannot be served.

        `prefer` is the client's wish from its header. A signal or a policy that fails or takes too
        long never fails the request: the decision is then the default tier's and says so.
        """
        request = parse(api, body)
        return self._fit(self._chosen(request, Context(prefer=prefer), frozenset()), request, body)

    def decide(self, request: InferenceRequest, body: bytes, context: Context) -> Decision:
        """As `route`, of a body that was read before, with all that is known besides, and with what
        the adjusters have to say: they count it as a request.
        """
        decision = self._chosen(request, context, self._spared)
        for adjust in self._adjusters:
            decision = adjust(decision, request, context)
        return self._fit(decision, request, body)

    def _chosen(
        self, request: InferenceRequest, context: Context, spared: frozenset[str | None]
    ) -> Decision:
        started = self._clock()
        decision = self._asked_for(request, context.prefer)
        if decision is not None:
            return decision
        unread = context.policy in spared
        decision = self._judged(request, context.policy, None if unread else self._extract)
        if decision.failure is None and self._clock() - started > self._deadline:
            return self._late(decision)
        return decision

    def _asked_for(self, request: InferenceRequest, prefer: str | None) -> Decision | None:
        """What the client itself settled, by the model's name or by its wish."""
        pinned = self._pins.get(request.model)
        if pinned is not None:
            reason = Reason.REQUESTED_MODEL
            return Decision(tier=pinned, reason=reason, model=request.model, pinned=True)
        if request.model not in self._aliases:
            shown = request.model[:_SHOWN]
            raise ModelNotFound(f"The model `{shown}` does not exist.", param="model")
        if prefer is None:
            return None
        if prefer not in self._tiers:
            tiers = ", ".join(self._tiers)
            raise MalformedRequest(f"No such tier; there are: {tiers}.", param=PREFER)
        return Decision(tier=prefer, reason=Reason.CLIENT_PREFERENCE, model=request.model)

    def _judged(
        self, request: InferenceRequest, policy: str | None, extract: Extractor | None
    ) -> Decision:
        """What signals and that policy say, or the default tier where one of them fails."""
        extraction = _UNREAD
        reason = Reason.SIGNAL_FAILED
        try:
            if extract is not None:
                extraction = extract(request)
            reason = Reason.POLICY_FAILED
            verdict = self.policies[policy].decide(request, extraction.values)
            self._tiers[verdict.tier]  # a policy of the operator's may name anything
        except Exception as error:  # noqa: BLE001 - the default tier answers, and says why
            return Decision(
                tier=self._config.default_tier,
                reason=reason,
                model=request.model,
                coverage=extraction.coverage,
                signals=extraction.values,
                failure=error,
            )
        return Decision(
            tier=verdict.tier,
            reason=verdict.reason,
            model=request.model,
            policy=verdict.path,
            score=verdict.score,
            margin=verdict.margin,
            shares=verdict.shares,
            coverage=extraction.coverage,
            signals=extraction.values,
        )

    def _late(self, decision: Decision) -> Decision:
        """The default tier, where the judgement came after its time."""
        return replace(
            self.fallback(Reason.DEADLINE_EXCEEDED, model=decision.model),
            coverage=decision.coverage,
            signals=decision.signals,
        )

    def fallback(self, reason: Reason, *, model: str = "") -> Decision:
        """The default tier, for a reason that is not the request's own."""
        return Decision(tier=self._config.default_tier, reason=reason, model=model)

    def _fit(self, decision: Decision, request: InferenceRequest, body: bytes) -> Decision:
        """The decision with the edits that its tier needs; most need none.

        A body that names the tier's own model fits no other tier, so nothing may stand in.
        """
        tier = self._tiers[decision.tier]
        renamed = not tier.serves_aliases and not decision.pinned
        templated = bool(tier.chat_template_kwargs) and request.api in _TEMPLATED
        if not (renamed or templated):
            return decision
        places = spans(body)
        edits: list[Edit] = []
        if renamed:
            edits.append(Edit(span=places["model"], value=msgspec.json.encode(tier.model)))
        if templated:
            edits.append(_template_edit(tier, request, body, places))
        return replace(decision, body=splice(body, edits), pinned=decision.pinned or renamed)


def _template_edit(
    tier: Tier, request: InferenceRequest, body: bytes, places: Mapping[str, Span]
) -> Edit:
    """The tier's `chat_template_kwargs` over the client's own."""
    merged = {**(request.template_kwargs or {}), **tier.chat_template_kwargs}
    value = msgspec.json.encode(merged)
    span = places.get("chat_template_kwargs")
    if span is not None:
        return Edit(span=span, value=value)
    start = body.index(b"{") + 1
    return Edit(span=Span(start, start), value=b'"chat_template_kwargs":' + value + b",")
