"""Why a vLLM did not start, as its own lines tell; the lines are vLLM 0.32's."""

import pytest

from extproc.engines.vllm.causes import cause

LINES = {
    "not enough memory": (
        "(EngineCore pid=17914) ERROR 11-23 14:58:30 [core.py:1510] ValueError: To serve at least "
        "one request with the model's max seq len (8192), (0.18 GiB KV cache is needed, which is "
        "larger than the available KV cache memory (0.01 GiB)."
    ),
    "no such model": (
        "OSError: We couldn't connect to 'https://hub' to load the files, and couldn't find them "
        "in the cached files."
    ),
    "max_model_len is more than the model's own": (
        "  Value error, User-specified max_model_len (99999) is greater than the derived "
        "max_model_len (max_position_embeddings=8192.0)"
    ),
    "the hardware has no such type of number": (
        "ValueError: Bfloat16 is only supported on GPUs with compute capability of at least 8.0."
    ),
    "the port is taken": "OSError: [Errno 98] Address already in use",
    "vLLM knows no such flag or value": (
        "api_server.py: error: unrecognized arguments: --fast-mode"
    ),
}


@pytest.mark.parametrize("known", LINES)
def test_a_known_cause_is_named_with_its_line(known: str) -> None:
    """Among what came before and after, and without the logger's own words."""
    said = cause(["INFO loading", LINES[known], "RuntimeError: See root cause above."])

    assert said is not None
    assert said.startswith(f"{known}: ")
    assert "pid=" not in said
    assert "ERROR" not in said


@pytest.mark.parametrize("lines", [[], ["RuntimeError: something else"]], ids=["none", "other"])
def test_an_unknown_cause_is_not_guessed(lines: list[str]) -> None:
    """The lines stand for themselves then."""
    assert cause(lines) is None


def test_a_long_line_is_cut() -> None:
    """A message is for a person to read."""
    assert len(cause(["out of memory " + "x" * 5000]) or "") < 500
