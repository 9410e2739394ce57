"""Unit tests of the scheduler, in virtual time."""

import pytest
from sim_builders import run, sequence, settings, step

from extproc.engines.sim.profiles import LatencyProfile
from extproc.engines.sim.scheduler import QueueFull, Scheduler
from extproc.engines.sim.sequence import FinishReason, Sequence

SLOW = LatencyProfile(base_ms=10.0, sequence_ms=1.0, prefill_token_ms=0.5, num_gpu_blocks=1)


class TestLife:
    """A sequence from its arrival to its end."""

    def test_prefill_gives_the_first_token(self) -> None:
        """The step that computes the whole prompt generates the first token."""
        scheduler = Scheduler(settings())
        subject = sequence(prompt=10, output=3)
        scheduler.add([subject])
        result = step(scheduler)

        assert [(subject, True)] == [(token.sequence, token.first) for token in result.tokens]

    def test_one_token_a_step(self) -> None:
        """After the prefill every step generates one token, until the output is complete."""
        scheduler = Scheduler(settings())
        scheduler.add([sequence(output=3)])

        assert [1, 1, 1] == [len(result.tokens) for result in run(scheduler)]

    def test_finished_sequence_has_its_reason(self) -> None:
        """A sequence ends with the reason that was planned for it."""
        scheduler = Scheduler(settings())
        subject = sequence(output=1)
        scheduler.add([subject])

        assert (subject,) == step(scheduler).finished
        assert FinishReason.STOP is subject.finished

    def test_pooling_ends_with_its_prefill(self) -> None:
        """An empty output generates nothing and ends when the prompt is computed."""
        scheduler = Scheduler(settings())
        subject = sequence(output=0)
        scheduler.add([subject])
        result = step(scheduler)

        assert ((), (subject,)) == (result.tokens, result.finished)

    def test_finished_sequence_frees_its_blocks(self) -> None:
        """When all is done the cache is empty again."""
        scheduler = Scheduler(settings())
        scheduler.add([sequence(), sequence(first_token=500)])
        run(scheduler)

        assert 0.0 == scheduler.kv_usage


class TestTime:
    """How long steps take, and what that means for latencies."""

    def test_step_lasts_as_the_profile_says(self) -> None:
        """Duration = base + a share for each sequence + one for each token of prompt."""
        scheduler = Scheduler(settings(profile=SLOW))
        scheduler.add([sequence(prompt=10), sequence(prompt=20, first_token=500)])

        assert 3.027 == pytest.approx(scheduler.schedule(3.0).ends_at)

    def test_decoding_costs_no_prefill(self) -> None:
        """A step that only decodes costs the base and the share of its sequences."""
        scheduler = Scheduler(settings(profile=SLOW))
        scheduler.add([sequence(prompt=10)])
        now = step(scheduler).plan.ends_at

        assert now + 0.011 == pytest.approx(scheduler.schedule(now).ends_at)

    def test_speed_divides_durations(self) -> None:
        """At ten times the speed a step takes a tenth."""
        scheduler = Scheduler(settings(profile=SLOW, speed=10.0))
        scheduler.add([sequence(prompt=10)])

        assert 0.0016 == pytest.approx(scheduler.schedule(0.0).ends_at)

    def test_latencies_are_measured_from_arrival_and_token(self) -> None:
        """The first token's latency counts from arrival, the others' from the token before."""
        scheduler = Scheduler(settings(profile=SLOW))
        scheduler.add([sequence(prompt=10, output=2, arrived_at=1.0)])
        first, second = run(scheduler, now=2.0)

        assert 1.016 == pytest.approx(first.tokens[0].latency)
        assert 0.011 == pytest.approx(second.tokens[0].latency)

    def test_prefill_of_one_delays_the_tokens_of_another(self) -> None:
        """A long prompt that joins the batch makes everybody's next token late."""
        scheduler = Scheduler(settings(profile=SLOW))
        scheduler.add([sequence(prompt=10)])
        now = step(scheduler).plan.ends_at
        scheduler.add([sequence(prompt=100, first_token=500)])

        assert 0.062 == pytest.approx(step(scheduler, now).tokens[0].latency)


class TestBatching:
    """Who computes how much in one step."""

    def test_sequences_run_together(self) -> None:
        """New sequences join those that run already."""
        scheduler = Scheduler(settings())
        scheduler.add([sequence()])
        step(scheduler)
        scheduler.add([sequence(first_token=500)])

        assert 2 == len(step(scheduler).tokens)

    def test_max_num_seqs_bounds_the_batch(self) -> None:
        """No more than `max-num-seqs` run at once; the rest wait in order of arrival."""
        scheduler = Scheduler(settings(max_num_seqs=2))
        subjects = [sequence(first_token=100 * index) for index in range(3)]
        scheduler.add(subjects)
        result = step(scheduler)

        assert subjects[:2] == [token.sequence for token in result.tokens]
        assert (2, 1) == (scheduler.running, scheduler.waiting)

    def test_long_prompt_is_computed_in_chunks(self) -> None:
        """A prompt over the token budget takes several steps before its first token."""
        scheduler = Scheduler(settings(max_num_batched_tokens=40))
        scheduler.add([sequence(prompt=100, output=1)])

        assert [40, 40, 20] == [result.plan.prefill_tokens for result in run(scheduler)]

    def test_decoding_goes_before_prefill(self) -> None:
        """The budget serves running sequences first; what is left goes to a waiting prompt."""
        scheduler = Scheduler(settings(max_num_batched_tokens=20))
        scheduler.add([sequence(prompt=10)])
        step(scheduler)
        scheduler.add([sequence(prompt=30, first_token=500)])

        assert [1, 19] == [count for _, count in step(scheduler).plan.scheduled]

    def test_exhausted_budget_leaves_out_the_rest(self) -> None:
        """Sequences beyond the budget of a step are left for the next."""
        scheduler = Scheduler(settings(max_num_batched_tokens=2))
        scheduler.add([sequence(prompt=1, first_token=100 * index) for index in range(3)])
        step(scheduler)

        assert 2 == len(step(scheduler).tokens)


class TestPrefixCache:
    """What need not be computed."""

    def test_equal_beginning_is_not_computed_again(self) -> None:
        """Full blocks of an earlier prompt are reused; only the rest is prefill."""
        scheduler = Scheduler(settings(block_size=4))
        scheduler.add([sequence(prompt=10, output=1)])
        run(scheduler)
        subject = sequence(prompt=14, output=1)
        scheduler.add([subject])

        assert 6 == step(scheduler).plan.prefill_tokens
        assert 8 == subject.cached_tokens

    def test_last_token_is_always_computed(self) -> None:
        """A prompt that is cached completely still computes its last block."""
        scheduler = Scheduler(settings(block_size=4))
        scheduler.add([sequence(prompt=8, output=1)])
        run(scheduler)
        subject = sequence(prompt=8, output=1)
        scheduler.add([subject])
        run(scheduler)

        assert 4 == subject.cached_tokens

    def test_nothing_is_reused_when_caching_is_off(self) -> None:
        """Without prefix caching the same prompt is computed twice."""
        scheduler = Scheduler(settings(block_size=4, enable_prefix_caching=False))
        scheduler.add([sequence(prompt=8, output=1)])
        run(scheduler)
        scheduler.add([sequence(prompt=8, output=1)])

        assert 8 == step(scheduler).plan.prefill_tokens

    def test_admission_is_reported_once(self) -> None:
        """A sequence is admitted in the step that first runs it, and in no other."""
        scheduler = Scheduler(settings())
        subject = sequence(output=2)
        scheduler.add([subject])

        assert [(subject,), ()] == [result.plan.admitted for result in run(scheduler)]


def crowded() -> tuple[Scheduler, list[Sequence]]:
    """Two sequences whose prompts fill a cache of four blocks but for one."""
    scheduler = Scheduler(settings(num_gpu_blocks=4, block_size=4, max_model_len=16))
    subjects = [sequence(prompt=6, output=10, first_token=100 * index) for index in range(2)]
    scheduler.add(subjects)
    return scheduler, subjects


class TestKvPressure:
    """What happens when blocks run out."""

    def test_prompt_waits_for_blocks(self) -> None:
        """A prompt that does not fit the free blocks stays in the queue, and holds none."""
        scheduler = Scheduler(settings(num_gpu_blocks=4, block_size=4, max_model_len=16))
        scheduler.add([sequence(prompt=10, output=2), sequence(prompt=10, first_token=100)])
        step(scheduler)

        assert (1, 1, 0.75) == (scheduler.running, scheduler.waiting, scheduler.kv_usage)

    def test_youngest_is_preempted(self) -> None:
        """When blocks run out the sequence admitted last gives up its own."""
        scheduler, (older, younger) = crowded()
        results = run(scheduler)

        assert (0, 1) == (older.preemptions, younger.preemptions)
        assert 1 == sum(result.plan.preempted for result in results)

    def test_preempted_sequence_finishes_all_the_same(self) -> None:
        """What was preempted is recomputed and loses no token."""
        scheduler, subjects = crowded()
        run(scheduler)

        assert [10, 10] == [subject.generated for subject in subjects]

    def test_youngest_may_preempt_itself(self) -> None:
        """A sequence that needs a block while it is the youngest goes back to the queue."""
        scheduler = Scheduler(settings(num_gpu_blocks=4, block_size=4, max_model_len=16))
        older = sequence(prompt=8, output=4)
        younger = sequence(prompt=4, output=8, first_token=100)
        scheduler.add([older, younger])
        step(scheduler)
        step(scheduler)

        assert (0, 1) == (older.preemptions, younger.preemptions)

    def test_nobody_is_admitted_in_a_step_that_preempts(self) -> None:
        """The blocks that a preemption frees are for those that run."""
        scheduler, _ = crowded()
        results = run(scheduler)
        (preempting,) = [result for result in results if result.plan.preempted]

        assert 1 == len(preempting.plan.scheduled)


class TestQueueCap:
    """Who may wait."""

    def test_arrivals_that_can_start_are_not_waiting(self) -> None:
        """With a cap of 0, as many are taken as can run at once."""
        scheduler = Scheduler(settings(max_num_seqs=2, max_waiting=0))
        scheduler.add([sequence(), sequence(first_token=500)])

        with pytest.raises(QueueFull):
            scheduler.add([sequence()])

    def test_queue_behind_a_full_batch_is_capped(self) -> None:
        """Once sequences are passed over, only `max-waiting` may wait."""
        scheduler = Scheduler(settings(max_num_seqs=1, max_waiting=1))
        scheduler.add([sequence(output=9)])
        step(scheduler)
        scheduler.add([sequence()])
        step(scheduler)

        with pytest.raises(QueueFull):
            scheduler.add([sequence()])

    def test_all_or_none_of_a_request_are_queued(self) -> None:
        """A request of several sequences that does not fit leaves the queue as it was."""
        scheduler = Scheduler(settings(max_num_seqs=1, max_waiting=1))

        with pytest.raises(QueueFull):
            scheduler.add([sequence() for _ in range(3)])
        assert 0 == scheduler.waiting


class TestAbort:
    """Sequences that nobody waits for any more."""

    def test_running_sequence_frees_its_blocks(self) -> None:
        """An aborted sequence leaves the batch and the cache at once."""
        scheduler = Scheduler(settings())
        subject = sequence()
        scheduler.add([subject])
        step(scheduler)

        assert scheduler.abort(subject)
        assert (0, 0.0) == (scheduler.running, scheduler.kv_usage)

    def test_waiting_sequence_leaves_the_queue(self) -> None:
        """An aborted sequence that never ran is forgotten."""
        scheduler = Scheduler(settings())
        subject = sequence()
        scheduler.add([subject])
        scheduler.abort(subject)

        assert (FinishReason.ABORT, 0) == (subject.finished, scheduler.waiting)

    def test_finished_sequence_is_not_aborted(self) -> None:
        """What has ended by itself keeps its reason."""
        scheduler = Scheduler(settings())
        subject = sequence(output=1)
        scheduler.add([subject])
        run(scheduler)

        assert not scheduler.abort(subject)
        assert FinishReason.STOP is subject.finished

    def test_abort_during_a_step_drops_its_token(self) -> None:
        """A step that was under way generates nothing for a sequence aborted meanwhile."""
        scheduler = Scheduler(settings())
        subject, other = sequence(), sequence(first_token=500)
        scheduler.add([subject, other])
        plan = scheduler.schedule(0.0)
        scheduler.abort(subject)

        assert [other] == [token.sequence for token in scheduler.update(plan).tokens]
