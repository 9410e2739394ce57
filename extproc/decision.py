"""What the router says of a request: values only, no behaviour."""

import enum
from collections.abc import Mapping
from typing import Final, final

from msgspec import Struct

NO_TIER: Final = "none"
"""Stands for the tier where none answers: metric label, log and metadata value."""


@final
@enum.unique
class Reason(enum.StrEnum):
    """Why a request was answered as it was: response header, log key and metric label at once.

    Attributes:
        REQUESTED_MODEL: the client named a tier's own model, which pins that tier.
        CLIENT_PREFERENCE: the client named a tier in `x-tiergate-prefer`.
        RULE: a rule of the policy matched.
        SCORE_ABOVE: the weighted score reached the threshold.
        SCORE_BELOW: the weighted score did not.
        FIXED: the policy always says this tier.
        POLICY: a policy of the operator's own decided.
        TIER_RESTRICTED: the tenant may not use the tier that was chosen; one of its own answers.
        BUDGET_SOFT: the tenant's budget is nearly spent; its cheapest tier answers.
        AFFINITY_KEPT: the conversation stays on its tier; the policy's word was not clear enough.
        AFFINITY_TOOL_LOOP: the conversation stays on its tier until the tools are done.
        AFFINITY_RAISED: the conversation goes on with a dearer tier.
        AFFINITY_LOWERED: the conversation goes on with a cheaper tier, after a pause.
        STEERED: the dearer tier has its share, and the score was near the threshold.
        SPILLOVER_UNREADY: the tier has no replica; another answers.
        SPILLOVER_SATURATED: the tier is full; another answers what may move.
        SPILLOVER_SLO: the tier would be late; another answers what may move.
        DEADLINE_EXCEEDED: the decision took too long; the default tier answers.
        SIGNAL_FAILED: a signal raised; the default tier answers.
        POLICY_FAILED: the policy raised or named no tier of ours; the default tier answers.
        ROUTER_FAILED: the router itself raised; the default tier answers.
        ROUTER_UNAVAILABLE: Envoy got no decision in time; the default tier answers.
        MODELS_LISTED: the router answered from its config.
        CACHE_HIT: the same was asked before; that answer is given again.
        CACHE_SEMANTIC: the like was asked before; that answer is given.
        MALFORMED_REQUEST: refused with 400.
        INVALID_API_KEY: refused with 401.
        TIER_NOT_ALLOWED: refused with 403.
        MODEL_NOT_ALLOWED: refused with 403.
        PATH_NOT_FOUND: refused with 404.
        MODEL_NOT_FOUND: refused with 404.
        METHOD_NOT_ALLOWED: refused with 405.
        UNAUTHENTICATED: refused by the mesh with 401, for its token.
        FORBIDDEN: refused by the mesh with 403, for want of a token or of its leave.
        REQUEST_TIMEOUT: refused by Envoy with 408.
        REQUEST_TOO_LARGE: refused with 413.
        REQUEST_LIMIT: refused with 429: the tenant's requests of a minute are used up.
        TOKEN_LIMIT: refused with 429: the tenant's tokens of a minute are used up.
        CONCURRENCY_LIMIT: refused with 429: the tenant has all the requests under way it may have.
        BUDGET_HARD: refused with 429: the tenant's budget of the month is spent.
        SHED: refused with 429: all tiers are busy, and others come first.
        OVERLOADED: refused with 503: all tiers are far beyond what they can take.

    """

    REQUESTED_MODEL = "requested_model"
    CLIENT_PREFERENCE = "client_preference"
    RULE = "rule"
    SCORE_ABOVE = "score_above"
    SCORE_BELOW = "score_below"
    FIXED = "fixed"
    POLICY = "policy"
    TIER_RESTRICTED = "tier_restricted"
    BUDGET_SOFT = "budget_soft"
    AFFINITY_KEPT = "affinity_kept"
    AFFINITY_TOOL_LOOP = "affinity_tool_loop"
    AFFINITY_RAISED = "affinity_raised"
    AFFINITY_LOWERED = "affinity_lowered"
    STEERED = "steered"
    SPILLOVER_UNREADY = "spillover_unready"
    SPILLOVER_SATURATED = "spillover_saturated"
    SPILLOVER_SLO = "spillover_slo"
    DEADLINE_EXCEEDED = "deadline_exceeded"
    SIGNAL_FAILED = "signal_failed"
    POLICY_FAILED = "policy_failed"
    ROUTER_FAILED = "router_failed"
    ROUTER_UNAVAILABLE = "router_unavailable"
    MODELS_LISTED = "models_listed"
    CACHE_HIT = "cache_hit"
    CACHE_SEMANTIC = "cache_semantic"
    MALFORMED_REQUEST = "malformed_request"
    INVALID_API_KEY = "invalid_api_key"
    TIER_NOT_ALLOWED = "tier_not_allowed"
    MODEL_NOT_ALLOWED = "model_not_allowed"
    PATH_NOT_FOUND = "path_not_found"
    MODEL_NOT_FOUND = "model_not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    REQUEST_TIMEOUT = "request_timeout"
    REQUEST_TOO_LARGE = "request_too_large"
    REQUEST_LIMIT = "request_limit"
    TOKEN_LIMIT = "token_limit"  # noqa: S105 - a limit's name
    CONCURRENCY_LIMIT = "concurrency_limit"
    BUDGET_HARD = "budget_hard"
    SHED = "shed"
    OVERLOADED = "overloaded"


class Verdict(Struct, frozen=True, kw_only=True):
    """What a policy says: a tier and why.

    `score` is in [0, 1] where the policy has one, and `margin` is what it lies above the threshold
    that decided, below it where that is negative; `shares` are the signals' parts of it, which add
    up to the score before it is bounded; `path` is the way through nested policies, as
    `rules:code>threshold`.
    """

    tier: str
    reason: Reason = Reason.POLICY
    score: float | None = None
    margin: float | None = None
    shares: Mapping[str, float] = {}
    path: str = "custom"


class Decision(Struct, frozen=True, kw_only=True):
    """Which tier answers a request, and all that is said of it.

    `pinned` keeps other tiers from standing in; `coverage` is the share of the text that was read,
    in [0, 1], or None where no text had to be judged; `model` is the name that the client asked
    for; `body` is the request's new body, or None where the client's own goes on untouched;
    `failure` is what went wrong where the decision is a fallback.
    """

    tier: str
    reason: Reason
    model: str
    policy: str = ""
    score: float | None = None
    margin: float | None = None
    shares: Mapping[str, float] = {}
    signals: Mapping[str, float] = {}
    coverage: float | None = None
    pinned: bool = False
    body: bytes | None = None
    failure: Exception | None = None
