"""From own labels to an artifact and a threshold."""

from pathlib import Path

import numpy as np
import pytest
from semantic_builders import labels_file, said, semantic

from extproc.errors import ConfigError
from extproc.signals.semantic import Semantic
from extproc.training.budget import Budget
from extproc.training.calibration import Calibration, calibration
from extproc.training.own import load


def made(folder: Path, share: float) -> Calibration:
    """The calibration of made-up labels for a share."""
    return calibration(load(labels_file(folder)), Budget(kind="reasoning", amount=share), None)


def test_the_artifact_ranks_what_the_labels_say(tmp_path: Path) -> None:
    """It loads beside the shipped tokens, and its threshold parts the prompts."""
    found = made(tmp_path, 0.5)
    path = tmp_path / "own.bin"
    path.write_bytes(found.artifact)
    own = Semantic(path)
    short, long = (own.score(said("say it again " * many)).judgement.difficulty for many in (1, 40))

    assert short < found.threshold <= long
    assert found.apgr > 0.7
    assert found.interval[0] < found.apgr < found.interval[1]


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_no_more_than_the_share_reaches_the_threshold(tmp_path: Path, share: float) -> None:
    """From none to all."""
    found = made(tmp_path, share)
    path = tmp_path / "own.bin"
    path.write_bytes(found.artifact)
    own, labels = Semantic(path), load(tmp_path / "own.jsonl")
    scores = np.array([own.score(one).judgement.difficulty for one in labels.conversations])

    assert (scores >= found.threshold).mean() == pytest.approx(share, abs=0.03)


def test_scores_that_are_alike_are_not_sent_beyond_the_share(tmp_path: Path) -> None:
    """One prompt many times, of which a part is more than was asked for: none is sent then."""
    path = tmp_path / "own.jsonl"
    path.write_text('{"prompt": "prove it", "fast": 0, "reasoning": 1}\n' * 60)
    found = calibration(load(path), Budget(kind="reasoning", amount=0.3), None)

    assert (0.3, 0.0) == (found.share, found.sent)


@pytest.mark.parametrize("many", [60, 200, 400])
def test_labels_that_the_scores_part_wholly_have_a_threshold(tmp_path: Path, many: int) -> None:
    """As few labels may be: their probabilities stay apart, and the budget is used and kept."""
    labels = load(labels_file(tmp_path, many))
    found = calibration(labels, Budget(kind="reasoning", amount=0.29), None)

    assert 0.25 < found.sent <= 0.29


def test_the_same_labels_give_the_same_artifact(tmp_path: Path) -> None:
    """On any day; the manifest says how many there were."""
    assert made(tmp_path, 0.3).artifact == made(tmp_path, 0.3).artifact
    assert semantic().tokens.encode() in made(tmp_path, 0.3).artifact


def test_tiers_without_a_gap_have_nothing_to_route_for(tmp_path: Path) -> None:
    """And no threshold."""
    labels = load(labels_file(tmp_path, 60, reasoning=0))

    with pytest.raises(ConfigError, match="nothing to route for"):
        calibration(labels, Budget(kind="reasoning", amount=0.5), None)
