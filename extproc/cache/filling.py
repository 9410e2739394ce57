"""Watches one response and keeps it where it may be given again.

What it learns too late, or not at all, it does not keep: another tier's answer, one that is too
large, compressed, in error, cut short, or whose decision was not the policy's own, or an
experiment's.
"""

from collections.abc import Callable, Mapping
from typing import Final

from typing_extensions import override

from extproc.cache.answer import EVENTS, JSON, Entry, prepared
from extproc.cache.question import Question
from extproc.decision import Decision, Reason
from extproc.exchange import Exchange, Watcher
from extproc.headers import SERVED_BY

_OK: Final = 200
_OWN: Final = frozenset(
    {
        Reason.REQUESTED_MODEL, Reason.CLIENT_PREFERENCE, Reason.RULE, Reason.SCORE_ABOVE,
        Reason.SCORE_BELOW, Reason.FIXED, Reason.POLICY, Reason.TIER_RESTRICTED,
    }
)  # fmt: skip
"""Reasons that hold for whoever asks the same; load, budgets and conversations do not."""
Done = Callable[[Entry | None, str], None]


class Filling(Watcher):
    """Calls `done` once, with the entry, or with None and why there is none."""

    def __init__(
        self,
        exchange: Exchange,
        question: Question,
        *,
        limit: int,
        clock: Callable[[], float],
        done: Done,
    ) -> None:
        self._exchange = exchange
        self._policy = exchange.context.policy
        self._question = question
        self._limit = limit
        self._clock = clock
        self._done: Done | None = done
        self._type = ""
        self._tier = ""
        self._pieces: list[bytes] = []
        self._size = 0

    @override
    def began(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether the body is worth a look."""
        flaw = self._flaw(status, headers)
        if flaw is not None:
            self._end(None, flaw)
            return False
        return True

    @override
    def came(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """One more piece; nothing is learnt of its tokens."""
        if self._done is None:
            return {}
        self._size += len(piece)
        if self._size > self._limit:
            self._end(None, "oversize")
            return {}
        self._pieces.append(piece)
        if last:
            self._finish()
        return {}

    @override
    def ended(self) -> None:
        """Without its last piece it is not whole."""
        self._end(None, "cut_short")

    def _flaw(self, status: int, headers: Mapping[str, str]) -> str | None:
        decision = self._exchange.decision
        self._type = headers.get("content-type", "")
        self._tier = headers.get(SERVED_BY, "")
        length = headers.get("content-length", "0")
        if status != _OK:
            return "status"
        if decision is None or not self._is_own(decision):
            return "decision"
        if self._tier != decision.tier:
            return "stand_in"
        kind = self._type.partition(";")[0].strip().lower()
        if kind != (EVENTS if self._question.stream else JSON):
            return "type"
        if headers.get("content-encoding", "identity") != "identity":
            return "encoding"
        return "oversize" if length.isdecimal() and int(length) > self._limit else None

    def _is_own(self, decision: Decision) -> bool:
        """Whether all who ask the same get that decision: an experiment gives some another policy,
        which the question does not know of.
        """
        usual = self._exchange.context.policy == self._policy
        return usual and decision.reason in _OWN and decision.failure is None

    def _finish(self) -> None:
        question = self._question
        whole = b"".join(self._pieces)
        body = prepared(question.api, whole, stream=question.stream, tools=question.terms.tools)
        if body is None:
            self._end(None, "not_whole")
            return
        entry = Entry(stored=self._clock(), content_type=self._type, tier=self._tier, body=body)
        self._end(entry, "stored")

    def _end(self, entry: Entry | None, result: str) -> None:
        done, self._done = self._done, None
        self._pieces.clear()
        if done is not None:
            done(entry, result)
