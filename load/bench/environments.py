"""Environments for the peers: what they need is theirs alone, and never meets Tiergate's own."""

import shutil
import subprocess
import venv
from collections.abc import Mapping, Sequence
from enum import StrEnum, unique
from pathlib import Path
from typing import Final

from load.bench.processes import ROOT

FOLDER: Final = ROOT / ".bench"


@unique
class Environment(StrEnum):
    """Each is a folder under `.bench`."""

    LITELLM = "litellm"
    FASTAPI = "fastapi"
    """For proxies that decide by `extproc.router`: its libraries, and two ways to go on."""
    RUST = "rust"


_PACKAGES: Final[Mapping[Environment, Sequence[str]]] = {
    Environment.LITELLM: ("litellm[proxy]==1.106.2",),
    Environment.FASTAPI: ("fastapi==0.165.0", "uvicorn[standard]==0.54.0", "httpx==0.28.1"),
    Environment.RUST: ("vllm-router==0.1.17", "sglang-router==0.3.2"),
}
_LOCKED: Final[Mapping[Environment, Path]] = {Environment.FASTAPI: ROOT / "requirements.lock"}
"""What is installed first: the router's own libraries, aiohttp among them."""


def folder(environment: Environment) -> Path:
    """Where it is, or will be."""
    return FOLDER / environment


def program(environment: Environment, name: str) -> Path:
    """A command of it."""
    return folder(environment) / "bin" / name


def install(environment: Environment) -> Path:
    """Its folder, once it holds what it is for; CalledProcessError where pip fails."""
    place, packages = folder(environment), _PACKAGES[environment]
    mark = place / "installed"
    wanted = "\n".join(packages)
    if mark.exists() and mark.read_text() == wanted:
        return place
    shutil.rmtree(place, ignore_errors=True)
    venv.create(place, with_pip=True)
    lock = _LOCKED.get(environment)
    if lock is not None:
        _pip(place, "--require-hashes", "--requirement", str(lock))
    _pip(place, *packages)
    mark.write_text(wanted)
    return place


def _pip(place: Path, *words: str) -> None:
    pip = (str(place / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check")
    subprocess.run((*pip, "-qq", *words), check=True)
