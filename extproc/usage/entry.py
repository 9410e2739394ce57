"""One request as the ledger counts it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Final

from msgspec import Struct

from extproc.decision import NO_TIER
from extproc.request import Api
from extproc.telemetry import BROKEN_OFF, Completed, Tokens
from extproc.usage.estimate import Estimator
from extproc.usage.prices import Book

COLUMNS: Final = (
    "requests",
    "refused",
    "failed",
    "known",
    "unknown",
    "unpriced",
    "prompt_tokens",
    "completion_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost",
    "cost_cheapest",
    "cost_dearest",
    "estimated_prompt_tokens",
    "estimated_completion_tokens",
    "estimated_cost",
)
"""Numbers of requests, of tokens, and of micro-dollars.

`refused` ended with 4xx, `failed` with 5xx, without an answer or in the middle of one. `known` are
those whose tokens are counted here, `unknown` those that a tier has worked on and whose tokens
nobody could read; the rest used none. `unpriced` are known, and their tier had no price. What the
same tokens would have cost on the cheapest tier, and on the dearest, is in `cost_cheapest` and
`cost_dearest`. The estimates are of the unknown.
"""
Amounts = Mapping[str, int]
"""By column; those that are absent are zero."""


_DAY_SECONDS: Final = 86_400


class Group(Struct, frozen=True, kw_only=True, gc=False):
    """What amounts are summed by: the day (UTC, `2026-01-31`) on which a request began, its tenant,
    the tier that answered, and that tier's model; empty where there is none.
    """

    day: str
    tenant: str
    tier: str
    model: str


class Entry(Struct, frozen=True, kw_only=True, gc=False):
    """What one request adds. `id` is the same when the request is told of again."""

    id: str
    group: Group
    amounts: Amounts


class Accountant:
    """Makes entries by one config: `models` are the tiers' own."""

    def __init__(self, book: Book, models: Mapping[str, str], estimator: Estimator) -> None:
        self.book = book
        self._models = models
        self._estimator = estimator

    def entry(self, record: Completed, cost: int | None) -> Entry:
        """The entry of one request, which cost so many micro-dollars where that is known."""
        tier = tier_of(record)
        group = Group(
            day=_day(int(record.started) // _DAY_SECONDS),
            tenant=record.tenant,
            tier=tier,
            model=self._models.get(tier, ""),
        )
        return Entry(id=record.request_id, group=group, amounts=self._amounts(record, tier, cost))

    def _amounts(self, record: Completed, tier: str, cost: int | None) -> Amounts:
        amounts = {"requests": 1}
        status = record.status
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            amounts["refused"] = 1
        elif is_failed(record):
            amounts["failed"] = 1
        if record.tokens is not None:
            self._estimator.learn(record, record.tokens)
            amounts |= _known(record.tokens)
            amounts |= self._cost(cost, record.tokens)
        elif is_unknown(record):
            amounts |= self._unknown(record, tier)
        return amounts

    def _cost(self, cost: int | None, tokens: Tokens) -> Amounts:
        """Without a price there is nothing to compare: it would all look saved."""
        if cost is None:
            return {"unpriced": 1, "cost": 0, "cost_cheapest": 0, "cost_dearest": 0}
        return {
            "unpriced": 0,
            "cost": cost,
            "cost_cheapest": self.book.cost(self.book.cheapest, tokens) or 0,
            "cost_dearest": self.book.cost(self.book.dearest, tokens) or 0,
        }

    def _unknown(self, record: Completed, tier: str) -> Amounts:
        tokens = self._estimator.tokens(record)
        return {
            "unknown": 1,
            "estimated_prompt_tokens": tokens.prompt,
            "estimated_completion_tokens": tokens.completion,
            "estimated_cost": self.book.cost(tier, tokens) or 0,
        }


def _known(tokens: Tokens) -> Amounts:
    return {
        "known": 1,
        "prompt_tokens": tokens.prompt,
        "completion_tokens": tokens.completion,
        "cached_tokens": tokens.cached,
        "reasoning_tokens": tokens.reasoning,
    }


@lru_cache(maxsize=4)
def _day(number: int) -> str:
    return datetime.fromtimestamp(number * _DAY_SECONDS, UTC).date().isoformat()


def tier_of(record: Completed) -> str:
    """The tier that answered; where a client went before it did, the one that was asked."""
    if record.served_by != NO_TIER:
        return record.served_by
    return record.tier if record.attempts else NO_TIER


def is_unknown(record: Completed) -> bool:
    """Whether a tier has worked on it and did not say how much. A tier's refusal costs no tokens,
    and neither does counting them; where Envoy refuses in the place of a tier, that may have begun.
    """
    begun = record.status < HTTPStatus.BAD_REQUEST or record.details.startswith(_BEGUN)
    worked = record.attempts > 0 and begun
    return record.tokens is None and worked and record.path != Api.TOKENIZE


def is_failed(record: Completed) -> bool:
    """Whether it ended without an answer, or in the middle of one."""
    broken = record.details not in _WHOLE and not record.details.startswith("tiergate_")
    return record.has_failed or broken


_BEGUN: Final = (BROKEN_OFF, "stream_idle_timeout")
"""What Envoy says where it gave up on an answer that it had not passed on, or on waiting for it."""
_WHOLE: Final = frozenset({"via_upstream", "direct_response", ""})
"""What Envoy says of a response that went to its end."""
