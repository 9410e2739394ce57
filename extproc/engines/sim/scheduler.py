"""The engine's scheduler: which sequence computes how many tokens in which step. No I/O, no clock.

It follows vLLM's V1 scheduler: running sequences first, in order of admission, then the waiting
queue first come first served; a token budget per step shared by decoding and (chunked) prefill;
KV blocks taken as they are needed, and the youngest sequence preempted when there are none, to be
recomputed later. A step is two calls, as in vLLM: `schedule` says what runs and how long it takes,
`update` applies it. Time is an argument, so a test runs hours of traffic in virtual time.
"""

from collections import deque
from collections.abc import Sequence as Seq
from dataclasses import dataclass, field

from extproc.engines.sim.kvcache import BlockPool
from extproc.engines.sim.sequence import FinishReason, Sequence
from extproc.engines.sim.settings import Settings


class QueueFull(Exception):
    """Raised when a request would wait beyond the cap of the waiting queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """What one step computes, from `started_at` to `ends_at` seconds.

    `scheduled` pairs a sequence with its number of tokens; `admitted` are those that run for the
    first time; `preempted` counts those that lost their KV blocks.
    """

    started_at: float
    ends_at: float
    scheduled: tuple[tuple[Sequence, int], ...]
    admitted: tuple[Sequence, ...]
    prefill_tokens: int
    preempted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One generated token; `latency`: seconds since arrival if `first`, else since the last one."""

    sequence: Sequence
    first: bool
    latency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """What a step brought about: tokens, completed prefills and finished sequences."""

    plan: StepPlan
    tokens: tuple[Token, ...]
    prefilled: tuple[Sequence, ...]
    finished: tuple[Sequence, ...]


@dataclass(slots=True, kw_only=True)
class _Batch:
    budget: int
    scheduled: list[tuple[Sequence, int]] = field(default_factory=list)
    admitted: list[Sequence] = field(default_factory=list)
    prefill_tokens: int = 0
    preempted: int = 0

    def take(self, sequence: Sequence, count: int) -> None:
        self.scheduled.append((sequence, count))
        self.budget -= count
        if sequence.prefilling:
            self.prefill_tokens += count


class Scheduler:
    """The waiting queue, the running batch and the KV cache of one replica."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._pool = BlockPool(
            num_blocks=settings.num_gpu_blocks,
            enable_prefix_caching=settings.enable_prefix_caching,
        )
        self._waiting: deque[Sequence] = deque()
        self._running: list[Sequence] = []
        self._passed_over = False

    @property
    def waiting(self) -> int:
        """The number of sequences that wait for room."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """The number of sequences in the batch."""
        return len(self._running)

    @property
    def kv_usage(self) -> float:
        """The fraction of KV blocks in use, in [0, 1]."""
        return self._pool.usage

    def add(self, sequences: Seq[Sequence]) -> None:
        """Queue the sequences of one request, all or none; raises QueueFull."""
        cap = self._settings.max_waiting
        if cap is not None:
            # Arrivals of this very moment may start with the next step: they are not waiting yet.
            starting = 0 if self._passed_over else self._settings.max_num_seqs - self.running
            if self.waiting + len(sequences) > cap + starting:
                raise QueueFull
        self._waiting.extend(sequences)

    def abort(self, sequence: Sequence) -> bool:
        """End a sequence wherever it is; False where it had already ended."""
        if sequence.finished is not None:
            return False
        if sequence in self._running:
            self._finish(sequence, FinishReason.ABORT)
        else:
            self._waiting.remove(sequence)
            sequence.finished = FinishReason.ABORT
        return True

    def schedule(self, now: float) -> StepPlan:
        """Choose the work of the step that starts at `now` seconds."""
        batch = _Batch(budget=self._settings.max_num_batched_tokens)
        self._continue_running(batch)
        if batch.preempted == 0:
            self._admit(batch, now)
        self._passed_over = bool(self._waiting)
        duration = self._settings.profile.step_seconds(
            sequences=len(batch.scheduled), prefill_tokens=batch.prefill_tokens
        )
        return StepPlan(
            started_at=now,
            ends_at=now + duration / self._settings.speed,
            scheduled=tuple(batch.scheduled),
            admitted=tuple(batch.admitted),
            prefill_tokens=batch.prefill_tokens,
            preempted=batch.preempted,
        )

    def update(self, plan: StepPlan) -> StepResult:
        """Apply a step that has ended; sequences aborted meanwhile are left out."""
        tokens: list[Token] = []
        prefilled: list[Sequence] = []
        finished: list[Sequence] = []
        for sequence, count in plan.scheduled:
            if sequence.finished is not None:
                continue
            self._compute(sequence, count)
            if sequence.computed < sequence.total:
                continue
            if sequence.generated == 0:
                prefilled.append(sequence)
            if sequence.output:
                tokens.append(_generate(sequence, plan.ends_at))
            if sequence.generated == len(sequence.output):
                self._finish(sequence, sequence.finish_reason)
                finished.append(sequence)
        return StepResult(
            plan=plan, tokens=tuple(tokens), prefilled=tuple(prefilled), finished=tuple(finished)
        )

    def _continue_running(self, batch: _Batch) -> None:
        index = 0
        while index < len(self._running) and batch.budget > 0:
            sequence = self._running[index]
            count = min(sequence.total - sequence.computed, batch.budget)
            if not self._grow(sequence, count, batch):
                break
            batch.take(sequence, count)
            index += 1

    def _grow(self, sequence: Sequence, count: int, batch: _Batch) -> bool:
        needed = self._blocks_for(sequence.computed + count) - len(sequence.blocks)
        while (blocks := self._pool.allocate(needed)) is None:
            victim = self._running[-1]
            self._preempt(victim)
            batch.preempted += 1
            if victim is sequence:
                return False
        sequence.blocks.extend(blocks)
        return True

    def _admit(self, batch: _Batch, now: float) -> None:
        while self._waiting and batch.budget > 0 and self.running < self._settings.max_num_seqs:
            sequence = self._waiting[0]
            if not self._start(sequence, batch):
                break
            self._waiting.popleft()
            self._running.append(sequence)
            if sequence.cached_tokens is None:
                sequence.cached_tokens = sequence.computed
                sequence.scheduled_at = max(now, sequence.arrived_at)
                batch.admitted.append(sequence)

    def _start(self, sequence: Sequence, batch: _Batch) -> bool:
        size = self._settings.block_size
        # The last token is always computed, as its logits are what the first new token comes from.
        reusable = (sequence.total - 1) // size
        cached = self._pool.lookup(sequence.block_hashes(size)[:reusable])
        count = min(sequence.total - len(cached) * size, batch.budget)
        self._pool.acquire(cached)
        blocks = self._pool.allocate(self._blocks_for(len(cached) * size + count) - len(cached))
        if blocks is None:
            self._pool.release(cached)
            return False
        sequence.blocks = cached + blocks
        sequence.published = len(cached)
        sequence.computed = len(cached) * size
        batch.take(sequence, count)
        return True

    def _compute(self, sequence: Sequence, count: int) -> None:
        sequence.computed += count
        size = self._settings.block_size
        hashes = sequence.block_hashes(size)
        full = sequence.computed // size
        for index in range(sequence.published, full):
            self._pool.publish(sequence.blocks[index], hashes[index])
        sequence.published = full

    def _preempt(self, sequence: Sequence) -> None:
        self._running.remove(sequence)
        self._pool.release(sequence.blocks)
        sequence.blocks = []
        sequence.computed = 0
        sequence.preemptions += 1
        self._waiting.appendleft(sequence)

    def _finish(self, sequence: Sequence, reason: FinishReason) -> None:
        self._running.remove(sequence)
        self._pool.release(sequence.blocks)
        sequence.blocks = []
        sequence.finished = reason
        sequence.group.finish(sequence)

    def _blocks_for(self, tokens: int) -> int:
        return -(-tokens // self._settings.block_size)


def _generate(sequence: Sequence, now: float) -> Token:
    previous = sequence.last_token_at
    sequence.generated += 1
    sequence.last_token_at = now
    if previous is None:
        sequence.first_token_at = now
        return Token(sequence=sequence, first=True, latency=max(0.0, now - sequence.arrived_at))
    return Token(sequence=sequence, first=False, latency=max(0.0, now - previous))
