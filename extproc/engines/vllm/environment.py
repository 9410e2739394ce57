"""vLLM's own Python environment, away from the router's dependencies.

Its libraries and the router's are hundreds of packages with opinions about each other's versions;
two processes need not agree.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from extproc.engines.vllm.hardware import Kind
from extproc.errors import TiergateError

VERSION: Final = "0.32.0"
"""The release that the contract test compares the simulator with."""
VARIABLE: Final = "TIERGATE_VLLM"
FOLDER: Final = ".venv-vllm"
LOCK: Final = Path(__file__).with_name("requirements-cpu.lock")
COMMAND: Final = "tiergate engines install vllm"
_MARK: Final = "tiergate.installed"
_PACKAGE: Final = "lib/python3.*/site-packages/vllm/__init__.py"
_OLD_GPUS: Final = ("7.",)
_DETECT: Final = ("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader")


class VllmError(TiergateError):
    """Raised when vLLM, or a model for it, cannot be had or cannot be started."""


def folder_of(given: Path | None) -> Path:
    """Where the environment is: as `given`, as $TIERGATE_VLLM says, or `.venv-vllm` here."""
    return given or Path(os.environ.get(VARIABLE) or FOLDER)


def python_of(given: Path | None) -> Path:
    """The Python that has vLLM; VllmError where none has.

    Where no environment is given, that of this very process will do as a last resort: the extra
    `tiergate[vllm]` puts vLLM there.
    """
    folders = [folder_of(given)] + ([] if given else [Path(sys.prefix)])
    for folder in folders:
        if any(folder.glob(_PACKAGE)):
            return (folder / "bin" / "python").absolute()
    raise VllmError(f"there is no vLLM in {folders[0]}: {COMMAND}")


def detect(program: Sequence[str] = _DETECT) -> Kind:
    """The kind of this machine, by what NVIDIA's driver says of its first card."""
    if shutil.which(program[0]) is None:
        return Kind.CPU
    said = subprocess.run(program, capture_output=True, text=True, check=False)
    if said.returncode != 0 or not said.stdout.strip():
        return Kind.CPU
    return Kind.T4 if said.stdout.startswith(_OLD_GPUS) else Kind.GPU


def install(folder: Path, kind: Kind, say: Callable[[str], None], lock: Path = LOCK) -> None:
    """Bring the environment to what this release of Tiergate wants; quick where it is there.

    Without a GPU that is the `lock` file, hash by hash. VllmError where pip fails.
    """
    words = requirements(kind, lock)
    wanted = _digest(words, lock)
    mark = folder / _MARK
    if mark.exists() and mark.read_text() == wanted:
        say(f"vLLM {VERSION} is in {folder}")
        return
    say(f"installing vLLM {VERSION} for {kind} into {folder}, which takes some minutes")
    if not (folder / "bin" / "python").exists():
        venv.create(folder, with_pip=True)
    pip(folder / "bin" / "python", "install", *words)
    mark.write_text(wanted)


def requirements(kind: Kind, lock: Path = LOCK) -> tuple[str, ...]:
    """What pip is told to install on a machine of that kind.

    The lock is complete and leaves out what vLLM names and does not need on a CPU (torchvision
    among it, whose build does not fit that torch), hence no dependencies beyond it.
    """
    if kind is Kind.CPU:
        return ("--no-deps", "--require-hashes", "--requirement", str(lock))
    return (f"vllm=={VERSION}", "gguf")


def pip(python: Path, *words: str) -> None:
    """Run pip of an environment; its words go to stderr. VllmError where it fails."""
    argv = (str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *words)
    status = subprocess.run(argv, stdout=2, check=False).returncode
    if status != 0:
        raise VllmError(
            f"pip {words[0]} ended with status {status}; its own words are above. "
            "PyTorch's builds for the CPU are not on PyPI: pip needs their index as an extra one"
        )


def _digest(words: Sequence[str], lock: Path) -> str:
    return hashlib.sha256("\n".join(words).encode() + lock.read_bytes()).hexdigest()
