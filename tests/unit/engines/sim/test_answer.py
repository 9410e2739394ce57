"""Unit tests of what the simulated model says."""

from collections.abc import Iterator
from itertools import islice, repeat

from extproc.engines.sim import answer
from extproc.engines.sim.answer import Output, Sampling
from extproc.engines.sim.sequence import FinishReason


def prose(
    *, prompt: tuple[int, ...] = (1, 2), index: int = 0, seed: int = 0, temperature: float = 1.0
) -> str:
    """The first tokens that the model says."""
    text, _ = answer.prose(
        model="tiny",
        prompt=prompt,
        sampling=Sampling(seed=seed, temperature=temperature),
        seed=0,
        index=index,
    )
    return "".join(islice(text, 60))


def generate(source: Iterator[str], *, budget: int = 99, natural: int | None = 5) -> Output:
    """An output without stop strings."""
    return answer.generate(source, natural=natural, sampling=Sampling(), budget=budget)


class TestProse:
    """The text that the model would go on with."""

    def test_model_introduces_itself(self) -> None:
        """A reader sees which model answers."""
        assert prose().startswith("This is tiny, simulated. I read 2 tokens:")

    def test_same_request_same_answer(self) -> None:
        """The answer depends on nothing but the request."""
        assert prose(seed=1) == prose(seed=1)

    def test_other_request_other_answer(self) -> None:
        """Another prompt, choice or seed gives another answer."""
        answers = {prose(), prose(prompt=(3,)), prose(index=1), prose(seed=7)}

        assert 4 == len(answers)

    def test_greedy_ignores_the_seed(self) -> None:
        """At temperature 0 there is only one answer."""
        assert prose(temperature=0.0, seed=1) == prose(temperature=0.0, seed=2)

    def test_length_is_that_of_a_chat(self) -> None:
        """Natural lengths scatter, within bounds."""
        lengths = {
            answer.prose(model="m", prompt=(n,), sampling=Sampling(), seed=0, index=0)[1]
            for n in range(50)
        }

        assert len(lengths) > 20
        assert 12 <= min(lengths) < max(lengths) <= 1024


class TestGenerate:
    """Where an answer ends by itself or by its budget."""

    def test_natural_end_adds_the_end_token(self) -> None:
        """An answer that ends by itself has one token more, without text."""
        output = generate(repeat("a"))

        assert (("a",) * 5 + ("",), FinishReason.STOP) == (output.pieces, output.finish_reason)

    def test_budget_cuts_off(self) -> None:
        """An answer over its budget ends there with `length`, and no end token."""
        output = generate(repeat("a"), budget=3)

        assert (("a",) * 3, FinishReason.LENGTH) == (output.pieces, output.finish_reason)

    def test_end_of_the_source_ends_the_answer(self) -> None:
        """Without a natural length the answer is all of the source."""
        assert ("a", "b", "") == generate(iter("ab"), natural=None).pieces

    def test_ignored_end_goes_on_to_the_budget(self) -> None:
        """With `ignore_eos` only the budget ends an answer."""
        output = answer.generate(
            repeat("a"), natural=2, sampling=Sampling(ignore_eos=True), budget=9
        )

        assert 9 == len(output.pieces)

    def test_min_tokens_delay_the_end(self) -> None:
        """The model may not end before `min_tokens`."""
        output = answer.generate(repeat("a"), natural=2, sampling=Sampling(min_tokens=4), budget=9)

        assert 5 == len(output.pieces)

    def test_tokens_match_pieces(self) -> None:
        """Every piece is one token, the end token included."""
        assert 6 == len(generate(repeat("a")).tokens)


class TestStop:
    """Where a stop string ends an answer."""

    def test_text_ends_before_the_stop_string(self) -> None:
        """A stop string ends the answer, is not part of it, and is named."""
        output = answer.generate(
            iter(["one", " two", " three"]), natural=9, sampling=Sampling(stop=("two",)), budget=9
        )

        assert ("one ", FinishReason.STOP, "two") == (
            output.text,
            output.finish_reason,
            output.stop_reason,
        )

    def test_stop_string_across_tokens(self) -> None:
        """A stop string is found where it spans tokens; all of them have been generated."""
        output = answer.generate(
            iter(["xa", "b", "cy", "z"]), natural=9, sampling=Sampling(stop=("abc",)), budget=9
        )

        assert ("x", 3) == (output.text, len(output.pieces))

    def test_first_of_several_wins(self) -> None:
        """Of several stop strings the one that comes first in the text counts."""
        output = answer.generate(
            iter(["a b c"]), natural=9, sampling=Sampling(stop=("c", "b", "")), budget=9
        )

        assert "b" == output.stop_reason

    def test_stop_string_waits_for_min_tokens(self) -> None:
        """A stop string that ends before `min_tokens` does not stop."""
        output = answer.generate(
            repeat("s"), natural=9, sampling=Sampling(stop=("s",), min_tokens=3), budget=9
        )

        assert ("ss", 3) == (output.text, len(output.pieces))
