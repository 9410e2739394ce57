"""The cache's part of a request: look, wait for the same question's answer, or watch the answer."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from extproc.cache import shared
from extproc.cache.answer import Entry
from extproc.cache.answers import Answers
from extproc.cache.directives import read
from extproc.cache.filling import Filling
from extproc.cache.flights import Flight
from extproc.cache.measures import Measures
from extproc.cache.question import Question, ask
from extproc.config import Cache
from extproc.config.forwarding import SECRETS
from extproc.decision import Reason
from extproc.exchange import Answer, Exchange
from extproc.headers import CACHE
from extproc.stages import Effect, Patient, Stage
from extproc.state import Call, Result

CONTROL: Final = "cache-control"
_RESULTS: Final = {Reason.CACHE_HIT: "hit", Reason.CACHE_SEMANTIC: "semantic"}


@dataclass(slots=True, kw_only=True)
class _Note:
    """What is known between two steps: the entry once it is found, the flight to be waited for."""

    question: Question
    entry: Entry | None = None
    ahead: Flight | None = None


class CacheStage(Stage):
    """Answers what was answered before; `revision` names the config that answers depend on."""

    headers = frozenset({CONTROL, *SECRETS})
    watches = True

    def __init__(
        self, settings: Cache, answers: Answers, measures: Measures, revision: str
    ) -> None:
        self._settings = settings
        self._answers = answers
        self._measures = measures
        self._revision = revision

    @override
    def asks(self, exchange: Exchange) -> Sequence[Call]:
        """Look in this process; what is not there may be in Redis."""
        question = self._question(exchange)
        if question is None:
            self._say(exchange, "bypass")
            return ()
        note = exchange.notes[CacheStage] = _Note(question=question)
        if not question.said.look:
            return ()
        note.entry = self._answers.here(question)
        return () if note.entry is not None else (shared.get(question.place),)

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """Answer; or wait for whoever asked the same before; or let it go on and watch."""
        note: _Note | None = exchange.notes.get(CacheStage)
        if note is None:
            return None
        self._take(note, results)
        if note.entry is not None:
            self._answer(exchange, note.entry, Reason.CACHE_HIT)
            return None
        alike = self._alike(note.question)
        if alike is not None:
            self._answer(exchange, alike, Reason.CACHE_SEMANTIC)
            return None
        waited, note.ahead = note.ahead is not None, None
        if note.question.said.look and not waited:
            note.ahead = self._answers.flights.ahead(
                note.question.place, self._settings.wait_seconds
            )
        if note.ahead is not None:
            return self._wait(note.ahead)
        self._say(exchange, "miss")
        self._watch(exchange, note.question)
        return None

    def _question(self, exchange: Exchange) -> Question | None:
        if exchange.request is None:
            return None
        return ask(
            exchange.request,
            exchange.body,
            self._settings,
            said=read(exchange.headers.get(CONTROL, "")),
            context=exchange.context,
            revision=self._revision,
            shown="" if exchange.context.tenant else _shown(exchange.headers),
        )

    def _alike(self, question: Question) -> Entry | None:
        if not question.said.look:
            return None
        return self._answers.alike(question, self._settings.similarity.threshold)

    def _take(self, note: _Note, results: Sequence[Result]) -> None:
        """What Redis knew, or what the flight brought."""
        if note.ahead is not None:
            landing = note.ahead.landing
            note.entry = landing.result() if landing.done() else None
        elif note.entry is None and results:
            note.entry = self._answers.fitting(note.question, shared.entry(results[0]))
            if note.entry is not None:
                self._answers.found(note.question, note.entry)

    def _wait(self, flight: Flight) -> Effect:
        seconds = self._settings.wait_seconds

        async def wait() -> Sequence[Result]:
            await asyncio.wait({flight.landing}, timeout=seconds)
            return ()

        return Patient(wait, seconds=seconds)

    def _watch(self, exchange: Exchange, question: Question) -> None:
        """Fill the cache with the answer, and tell those who wait for it."""
        flights = self._answers.flights
        flight = flights.begin(question.place)

        def done(entry: Entry | None, result: str) -> None:
            self._measures.answered(result)
            if entry is not None:
                self._answers.keep(question, entry)
            flights.land(flight, entry)

        exchange.watchers.append(
            Filling(
                exchange,
                question,
                limit=self._settings.max_entry_bytes,
                clock=self._answers.local.now,
                done=done,
            )
        )

    def _answer(self, exchange: Exchange, entry: Entry, reason: Reason) -> None:
        result = _RESULTS[reason]
        self._say(exchange, result)
        exchange.facts["cached_tier"] = entry.tier
        age = max(self._answers.local.now() - entry.stored, 0.0)
        exchange.answer = Answer(
            reason=reason,
            body=entry.body,
            headers={"content-type": entry.content_type, "age": str(int(age)), CACHE: result},
        )

    def _say(self, exchange: Exchange, result: str) -> None:
        exchange.facts["cache"] = result
        self._measures.asked(result)


def _shown(headers: Mapping[str, str]) -> str:
    """Where there are no tenants, a tier or the mesh may ask for these: what it has answered to one
    client it might refuse another (RFC 9111, section 3.5).
    """
    shown = [headers.get(name, "") for name in SECRETS]
    return "\n".join(shown) if any(shown) else ""
