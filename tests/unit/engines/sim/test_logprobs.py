"""Unit tests of simulated log probabilities."""

from typing import Any

from extproc.engines.sim import logprobs


def only_entry(piece: str, count: int) -> dict[str, Any]:
    """The entry of a chat's only token."""
    subject: Any = logprobs.chat([piece], count)
    (entry,) = subject["content"]
    return dict(entry)


def test_alternatives_decrease() -> None:
    """The sampled token comes first and every alternative is less likely than the one before."""
    ranked = logprobs.alternatives("a", 4)
    values = [value for _, value in ranked]

    assert "a" == ranked[0][0]
    assert sorted(values, reverse=True) == values
    assert 4 == len(dict(ranked))


def test_chat_lists_tokens_with_their_bytes() -> None:
    """A chat's entry has the token, its bytes and as many alternatives as asked for."""
    entry = only_entry("é", 2)

    assert ["token", "logprob", "bytes", "top_logprobs"] == list(entry)
    assert ([195, 169], 2) == (entry["bytes"], len(entry["top_logprobs"]))


def test_chat_without_alternatives() -> None:
    """Without alternatives the entry still has the token's own value."""
    entry = only_entry("a", 0)

    assert ("a", []) == (entry["token"], entry["top_logprobs"])


def test_completion_has_parallel_lists() -> None:
    """A completion's lists run in parallel, offsets counting from the given start."""
    subject = logprobs.completion(["ab", "c"], 1, offset=10)
    assert subject is not None

    assert ([10, 12], ["ab", "c"]) == (subject["text_offset"], subject["tokens"])


def test_nothing_asked_nothing_said() -> None:
    """Where log probabilities were not asked for, there are none."""
    assert logprobs.chat(["a"], None) is logprobs.completion(["a"], None) is None
