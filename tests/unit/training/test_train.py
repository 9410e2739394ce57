"""From labelled prompts to the artifact."""

from pathlib import Path

import numpy as np
import pytest
from semantic_builders import labelled_folder, said, tokens

from extproc.signals.semantic import ARTIFACT, TOKENS, Semantic
from extproc.signals.semantic.container import read
from extproc.signals.semantic.model import KIND
from extproc.training import seeds
from extproc.training.dataset import load
from extproc.training.fitting import Settings
from extproc.training.train import FROZEN, Trained, examples, left_out, train


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Made-up labelled prompts."""
    return labelled_folder(tmp_path_factory.mktemp("labelled"))


@pytest.fixture(scope="module")
def trained(folder: Path) -> Trained:
    """What they train."""
    return train(folder)


def test_the_same_data_gives_the_same_bytes(folder: Path, trained: Trained) -> None:
    """On any day."""
    assert trained.artifact == train(folder).artifact


def test_the_manifest_says_where_it_comes_from(folder: Path, trained: Trained) -> None:
    """Files, rows, settings, tokens and date, inside the file."""
    manifest = trained.manifest

    assert (48, FROZEN, tokens().digest) == (
        manifest["rows"],
        manifest["date"],
        manifest["tokens"],
    )
    assert list(load(folder).files) == manifest["files"]
    assert Settings().described() == manifest["settings"]
    assert len(seeds.rows()) == manifest["seeds"]["rows"]


def test_the_artifact_can_be_served(tmp_path: Path, trained: Trained) -> None:
    """Longer is harder in the made-up data, and so it is found."""
    path = tmp_path / "artifact.bin"
    path.write_bytes(trained.artifact)
    semantic = Semantic(path)
    short, long = (
        semantic.score(said("Which force moves 3 of 4 things? 5 " * times)).judgement.difficulty
        for times in (1, 4)
    )

    assert short < long


def test_a_row_is_judged_by_a_model_that_never_saw_its_family(folder: Path) -> None:
    """Its own error makes no difference to its score."""
    rows = load(folder).rows
    labelled = examples((*rows, *seeds.rows()), tokens())
    domains = sorted(set(labelled.domains.tolist()))
    family = labelled.families == "mmlu-pro"
    other = type(labelled)(
        **{
            name: np.where(family, 0.9, labelled.errors) if name == "errors" else value
            for name in labelled.__slots__
            for value in [getattr(labelled, name)]
        }
    )
    before, after = (left_out(data, Settings(), domains) for data in (labelled, other))

    assert np.array_equal(before[family], after[family])
    assert not np.array_equal(before[~family], after[~family])


def test_what_ships_was_trained_with_these_settings() -> None:
    """A change of the settings, the seeds or the tokens needs a new artifact."""
    manifest = read(ARTIFACT, KIND).manifest

    assert Settings().described() == manifest["settings"]
    assert tokens().digest == manifest["tokens"]
    assert len(seeds.rows()) == manifest["seeds"]["rows"]
    assert TOKENS.is_file()
