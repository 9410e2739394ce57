"""Looks at each decision after the answer has been given: shadows, drift, and the decision log."""

import asyncio
import hashlib
import os
import secrets
import time
import zlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec
from prometheus_client import CollectorRegistry
from typing_extensions import override

from extproc.config import Config
from extproc.decision import Decision, Reason
from extproc.decisionlog.files import Files
from extproc.decisionlog.lines import Assignment, DecisionLine, Line, Message, OutcomeLine
from extproc.decisionlog.writer import Writer
from extproc.exchange import Exchange
from extproc.learning.drift import Drift
from extproc.learning.experiment import Randomise, session_of
from extproc.learning.shadows import ShadowMetrics, Shadows
from extproc.policies import Policy
from extproc.request import InferenceRequest
from extproc.router import Adjuster
from extproc.signals.baseline import Baseline, read
from extproc.stages import Stage
from extproc.telemetry import Completed, Unmoved

HASH_KEY: Final = "TIERGATE_HASH_KEY"
"""The variable with the key of hashes: what is equal has equal hashes wherever the key is."""
JUDGED: Final = frozenset(
    {Reason.RULE, Reason.SCORE_ABOVE, Reason.SCORE_BELOW, Reason.FIXED, Reason.POLICY}
)
"""Reasons of decisions that are the policy's own."""
_RANGE: Final = 1 << 32


class Recorder(Unmoved):
    """A concern of the services, and an observer of what Envoy tells."""

    def __init__(self, config: Config, registry: CollectorRegistry) -> None:
        self._log = config.decision_log
        self._writer = Writer(registry)
        self._shadow_metrics = ShadowMetrics(registry)
        self._drift = Drift(registry, config.tiers[0].name)
        self._key = _hash_key()
        self._header = _header(config)
        self._shadows = Shadows({}, frozenset(), self._shadow_metrics)
        self._waiting: list[Exchange] = []

    async def start(self) -> None:
        """Begin to write; a disk that cannot be written to is counted, not raised."""
        if self._log is not None:
            opened = partial(
                Files,
                Path(self._log.folder),
                max_bytes=self._log.max_bytes,
                files=self._log.files,
            )
            self._writer.start(opened)

    async def stop(self) -> None:
        """Write what is still to be written."""
        self._look()
        await asyncio.to_thread(self._writer.stop)

    def stages(self, config: Config) -> Sequence[Stage]:
        """None where nothing of it is turned on."""
        stages: list[Stage] = []
        if config.experiment is not None:
            stages.append(Randomise(config.experiment, _header(config)))
        if config.shadows or self._log or _baseline(config):
            stages.append(_Look(self))
        return stages

    def adjusters(self, config: Config) -> Sequence[Adjuster]:
        """None: what is looked at here has no effect."""
        del config
        return ()

    def follow(self, config: Config, policies: Mapping[str | None, Policy]) -> None:
        """The config that is in force from now on, and its policies."""
        self._drift.compare_with(_baseline(config))
        shadows = {name: policies[name] for name in config.shadows}
        tiers = frozenset(tier.name for tier in config.tiers)
        self._shadows = Shadows(shadows, tiers, self._shadow_metrics)

    def steered(self, exchange: Exchange) -> None:
        """A request got its tier; it is looked at once the loop has sent the answer."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._look)
        self._waiting.append(exchange)

    @override
    def completed(self, record: Completed) -> None:
        """Envoy ended a request."""
        if self._sampled(record.request_id):
            self._put(_outcome(record))

    def _look(self) -> None:
        waiting, self._waiting = self._waiting, []
        for exchange in waiting:
            decision, request = exchange.decision, exchange.request
            assert decision is not None  # noqa: S101 - it was steered
            assert request is not None  # noqa: S101 - as above
            shadows: Mapping[str, str] = {}
            if decision.reason in JUDGED:
                shadows = self._shadows.judge(request, decision)
                self._drift.observe(decision)
            if self._sampled(exchange.request_id):
                self._put(self._line(exchange, request, decision, shadows))

    def _sampled(self, request_id: str) -> bool:
        """The same for a decision and its outcome, in whichever process."""
        if self._log is None:
            return False
        return zlib.crc32(request_id.encode()) < self._log.sample * _RANGE

    def _put(self, line: Line) -> None:
        self._writer.put(msgspec.json.encode(line) + b"\n")

    def _line(
        self,
        exchange: Exchange,
        request: InferenceRequest,
        decision: Decision,
        shadows: Mapping[str, str],
    ) -> DecisionLine:
        texts = (segment.text for segment in request.conversation.segments)
        session = session_of(exchange, self._header)
        return DecisionLine(
            time=time.time(),
            request_id=exchange.request_id,
            api=request.api,
            model=decision.model,
            tier=decision.tier,
            reason=decision.reason,
            policy=decision.policy,
            score=decision.score,
            coverage=decision.coverage,
            signals=decision.signals,
            tenant=exchange.context.tenant,
            session="" if session is None else self._hash(session),
            prompt=self._hash("\0".join(texts)),
            pinned=decision.pinned,
            failure="" if decision.failure is None else type(decision.failure).__qualname__,
            shadows=shadows,
            experiment=exchange.notes.get(Assignment),
            messages=_messages(request) if self._log is not None and self._log.prompts else (),
        )

    def _hash(self, text: str) -> str:
        return hashlib.blake2b(text.encode(), digest_size=12, key=self._key).hexdigest()


class _Look(Stage):
    """Tells the recorder of each decision."""

    looks = True

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    @override
    def decided(self, exchange: Exchange) -> None:
        """What comes after the answer is the recorder's."""
        self._recorder.steered(exchange)


def _hash_key() -> bytes:
    """The operator's, or one for this process and the workers that it will start: a hash without a
    key would tell a guessed text from others.
    """
    given = os.environ.get(HASH_KEY) or secrets.token_hex(32)
    os.environ[HASH_KEY] = given
    return hashlib.blake2b(given.encode()).digest()


def _outcome(record: Completed) -> OutcomeLine:
    tokens = record.tokens
    return OutcomeLine(
        time=time.time(),
        request_id=record.request_id,
        status=record.status,
        reason=record.reason,
        tier=record.tier,
        served_by=record.served_by,
        attempts=record.attempts,
        first_byte=record.first_byte,
        duration=record.duration,
        prompt_tokens=None if tokens is None else tokens.prompt,
        completion_tokens=None if tokens is None else tokens.completion,
        cost_microdollars=record.cost_microdollars,
    )


def _messages(request: InferenceRequest) -> tuple[Message, ...]:
    return tuple(Message(role, text) for role, text in request.conversation.segments)


def _header(config: Config) -> str | None:
    """The one that names sessions, where conversations are kept together at all."""
    return None if config.affinity is None else config.affinity.header


def _baseline(config: Config) -> Baseline | None:
    """What the artifact in use was calibrated for."""
    semantic = config.signals.semantic
    if not semantic.enabled or semantic.artifact is None:
        return None
    return read(Path(semantic.artifact))
