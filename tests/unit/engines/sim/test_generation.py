"""Unit tests of the way from sampling parameters to sequences."""

import pytest
from sim_builders import settings

from extproc.engines.sim import generation
from extproc.engines.sim.answer import Output, Sampling
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.generation import Generation, Usage
from extproc.engines.sim.sequence import FinishReason

OUTPUT = Output(pieces=("a", "b"), finish_reason=FinishReason.LENGTH)


class TestUsage:
    """The wording of usage."""

    @pytest.mark.parametrize("created", [True, False])
    def test_openai_has_the_cached_tokens(self, created: bool) -> None:
        """The usage tells how much of the prompt came from the cache, and for chats what went."""
        assert {
            "prompt_tokens": 5,
            "total_tokens": 7,
            "completion_tokens": 2,
            "prompt_tokens_details": {
                "cached_tokens": 4,
                "created_cache_tokens": 1 if created else None,
                "multimodal_tokens": None,
            },
            "completion_tokens_details": None,
        } == Usage(prompt=5, completion=2, cached=4, created=1).openai(created=created)

    @pytest.mark.parametrize(
        ("created", "details"),
        [(True, {"cached_tokens": 4, "created_cache_tokens": 1}), (False, {"cached_tokens": 4})],
    )
    def test_a_stream_leaves_out_what_is_null(self, created: bool, details: dict[str, int]) -> None:
        """At the end of a stream only what has a value is told."""
        usage = Usage(prompt=5, completion=2, cached=4, created=1).streamed(created=created)

        assert details == usage["prompt_tokens_details"]


class TestGeneration:
    """The sequences of a request."""

    def test_each_prompt_has_a_group(self) -> None:
        """The n answers to one prompt are a group; another prompt has another."""
        subject = Generation(
            prompts=((1,), (2,)), outputs=(OUTPUT,) * 4, budgets=(2, 3), n=2
        ).sequences(0.0)

        assert [(1,), (1,), (2,), (2,)] == [sequence.prompt for sequence in subject]
        assert subject[0].group is subject[1].group is not subject[2].group

    def test_no_outputs_are_pooling_requests(self) -> None:
        """A generation without outputs has one sequence for each prompt, with nothing to say."""
        (sequence,) = Generation(prompts=((1, 2),)).sequences(3.0)

        assert ((), 3.0) == (sequence.output, sequence.arrived_at)

    def test_usage_counts_a_prompt_once(self) -> None:
        """Prompts count once however many answers they have; answers count each."""
        subject = Generation(prompts=((1, 2, 3),), outputs=(OUTPUT, OUTPUT), budgets=(2,), n=2)
        sequences = subject.sequences(0.0)
        sequences[0].cached_tokens, sequences[1].cached_tokens = 1, 2

        assert Usage(prompt=3, completion=4, cached=1) == subject.usage(sequences, block_size=0)

    def test_whole_blocks_go_to_the_cache(self) -> None:
        """Of a prompt's whole blocks, those that were not there already are created."""
        subject = Generation(prompts=((1, 2, 3, 4, 5),), outputs=(OUTPUT,), budgets=(2,))
        sequences = subject.sequences(0.0)
        sequences[0].cached_tokens = 2

        assert 2 == subject.usage(sequences, block_size=2).created


class TestEncodePrompt:
    """Prompts against the context length."""

    def test_prompt_may_fill_the_context(self) -> None:
        """A prompt as long as the context fits."""
        assert 12 == len(generation.encode_prompt("a" * 60, settings(max_model_len=12)))

    def test_overflow_is_told_in_the_words_of_vllm(self) -> None:
        """The message counts one token beyond what fits, and says `at least`."""
        with pytest.raises(ApiError) as caught:
            generation.encode_prompt("a" * 500, settings(max_model_len=12))

        assert (
            "This model's maximum context length is 12 tokens. However, your prompt contains at "
            "least 13 input tokens, which exceeds this limit even without any output tokens. "
            "Please reduce the length of the input prompt. (parameter=input_tokens, value=13)"
        ) == caught.value.message

    def test_answer_beyond_the_context(self) -> None:
        """An answer longer than the whole context is refused by itself."""
        with pytest.raises(ApiError, match="max_tokens=13 cannot be greater than max_model_len=12"):
            generation.check_limit(13, settings(max_model_len=12))


class TestPlan:
    """The answers that are decided beforehand."""

    def test_length_defaults_to_the_context(self) -> None:
        """Without `max_tokens` an answer may fill what the prompt leaves of the context."""
        subject = generation.plan([(1, 2)], Sampling(ignore_eos=True), settings(max_model_len=20))

        assert ((18,), 18) == (subject.budgets, subject.completion_tokens)

    def test_prompt_that_fills_the_context_leaves_no_answer(self) -> None:
        """Where the prompt takes it all, vLLM complains about `max_tokens`."""
        with pytest.raises(ApiError, match="max_tokens must be at least 1, got 0"):
            generation.plan([(1,) * 20], Sampling(), settings(max_model_len=20))

    def test_choices_differ(self) -> None:
        """The n answers to one prompt are n different ones."""
        subject = generation.plan([(1,)], Sampling(n=3), settings())

        assert 3 == len({output.text for output in subject.outputs})

    def test_grammar_goes_before_sampling(self) -> None:
        """A forced answer is that text, whatever stop strings say."""
        sampling = Sampling(stop=("a",), min_tokens=50)
        subject = generation.plan([(1,)], sampling, settings(), forced='{"a":1}')

        assert '{"a":1}' == subject.outputs[0].text


@pytest.mark.parametrize(
    ("sampling", "message"),
    [
        (Sampling(max_tokens=0), "max_tokens must be at least 1, got 0."),
        (Sampling(n=0), "n must be at least 1, got 0."),
        (Sampling(top_p=0), "top_p must be in (0, 1], got 0."),
        (Sampling(temperature=-0.5), "temperature must be non-negative, got -0.5."),
        (Sampling(min_tokens=-1), "min_tokens must be greater than or equal to 0, got -1."),
        (
            Sampling(max_tokens=2, min_tokens=3),
            "min_tokens must be less than or equal to max_tokens=2, got 3.",
        ),
        (Sampling(temperature=0.0, n=2), "n must be 1 when using greedy sampling, got 2."),
    ],
)
def test_check_sampling(sampling: Sampling, message: str) -> None:
    """A parameter out of range is refused in vLLM's words."""
    with pytest.raises(ApiError) as caught:
        generation.check_sampling(sampling)

    assert caught.value.message.startswith(message)
