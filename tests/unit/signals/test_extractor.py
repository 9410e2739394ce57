"""All signals of a request together."""

from pathlib import Path

import pytest
from builders import config, request

from extproc.config import Signals
from extproc.errors import ConfigError
from extproc.signals import Extractor


def test_the_names_are_those_of_every_signal() -> None:
    """A policy may name each of these and no other."""
    names = Extractor(Signals(keywords={"mine": ("word",)})).names

    assert {
        "prompt_tokens",
        "output_tokens",
        "turns",
        "tools",
        "tool_results",
        "tool_loop",
        "images",
        "structured_output",
        "code",
        "mathematics",
        "keywords.mine",
        "effort",
    } == names


def test_a_request_has_the_signals_that_it_speaks_of() -> None:
    """All names have a value but those on which the client was silent."""
    extractor = Extractor(config().signals)
    extraction = extractor(request("def f(x): return x", reasoning_effort="high"))

    assert {"output_tokens"} == extractor.names - extraction.values.keys()
    assert (1.0, 0.75) == (extraction.values["code"], extraction.values["effort"])


@pytest.mark.parametrize(
    ("text", "seen", "coverage"),
    [
        ("word" + "." * 1020, 1.0, 0.25),
        ("." * 1020 + "word", 1.0, 0.25),
        ("." * 510 + "word" + "." * 510, 0.0, 0.25),
        ("." * 100 + "word", 1.0, 1.0),
    ],
    ids=["head", "tail", "middle", "short"],
)
def test_only_the_ends_of_a_long_text_are_searched(text: str, seen: float, coverage: float) -> None:
    """What is read is bounded, and the share that was read is said."""
    extractor = Extractor(Signals(read_chars=256, keywords={"mine": ("word",)}))
    extraction = extractor(request(text))

    assert (seen, coverage) == (extraction.values["keywords.mine"], extraction.coverage)


def test_a_long_text_counts_whole() -> None:
    """Its length is not cut where its search is."""
    extraction = Extractor(Signals(read_chars=256))(request("a" * 4000))

    assert 1000.0 == extraction.values["prompt_tokens"]


def test_the_semantic_signal_is_off_by_default() -> None:
    """It costs memory, and is for whoever measured that it helps."""
    assert "difficulty" not in Extractor(config().signals).names


def test_the_semantic_signal_can_be_enabled() -> None:
    """It joins the others under its own names, and the smaller coverage is the request's."""
    extract = Extractor(config(signals={"semantic": {"enabled": True}}).signals)
    extraction = extract(request("word " * 2_000))

    assert {"difficulty", "difficulty.coverage", "domain.code"} <= extract.names
    assert extraction.coverage == extraction.values["difficulty.coverage"] < 0.5


def test_an_artifact_of_ones_own_is_used(tmp_path: Path) -> None:
    """And one that is not there stops the start."""
    chosen = {"enabled": True, "artifact": str(tmp_path / "own.bin")}

    with pytest.raises(ConfigError, match=r"cannot read .*own\.bin"):
        Extractor(config(signals={"semantic": chosen}).signals)
