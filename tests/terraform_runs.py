"""Real terraform for tests: where it and its provider come from, and what it said.

A provider is looked for where `TF_CLI_CONFIG_FILE` says, if that file is there; else in the folder
`TIERGATE_TERRAFORM_MIRROR`; else in a folder of mirrored providers near the root of the disk; else
terraform asks the public registry. Without terraform or its provider a test is skipped, loudly.
"""

import fcntl
import functools
import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

Json = dict[str, Any]
TREE: Final = Path(__file__).parents[1] / "terraform"
ROOTS: Final = tuple(
    str(path.parent.relative_to(TREE)) for path in sorted(TREE.glob("**/versions.tf"))
)
"""Every folder that terraform can be run in: modules, environments, bootstrap."""
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
UNREACHABLE: Final = "Failed to query available provider packages"


class Done(NamedTuple):
    """A run that has ended."""

    status: int
    said: str


class Mocked(NamedTuple):
    """A run of a root's own tests: its status, its complaints, and the state after each apply."""

    status: int
    said: str
    states: list[Json]


class Terraform:
    """Terraform in a copy of the tree, so that nothing is left in the project."""

    def __init__(self, tree: Path) -> None:
        found = shutil.which("terraform")
        if found is None:
            pytest.skip("NOT CHECKED BY TERRAFORM ITSELF: there is no terraform on PATH")
        self._program = found
        self.tree = tree
        self._environment = {**os.environ, "CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1"}
        self._environment["TF_CLI_CONFIG_FILE"] = str(_settings(tree.parent))

    def run(self, root: str, *words: str, **environment: str) -> Done:
        """One command in one root; after five minutes it is ended, and its status is 124."""
        words = (self._program, f"-chdir={self.tree / root}", *words)
        settings = {**self._environment, **environment}
        with subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=settings
        ) as process:
            try:
                said, _ = process.communicate(timeout=300)
            except subprocess.TimeoutExpired:
                process.kill()
                return Done(124, process.communicate()[0])
        return Done(process.returncode, said)

    def ready(self, root: str) -> None:
        """The root initialised, once for all processes of a test run."""
        with locked(self.tree / root / "init"):
            if (self.tree / root / ".terraform").exists():
                return
            status, said = self.run(root, "init", "-backend=false", "-input=false", "-no-color")
            if UNREACHABLE in said:
                pytest.skip(f"NOT CHECKED BY TERRAFORM ITSELF: {PROVIDER} cannot be had")
            assert status == 0, said

    def mocked(self, root: str) -> Mocked:
        """The root's own tests, run once for all processes of a test run."""
        self.ready(root)
        kept = self.tree / root / "mocked.json"
        with locked(kept):
            if not kept.exists():
                done = self.run(root, "test", "-json", "-verbose")
                kept.write_text(json.dumps(_told(done)))
            return Mocked(*json.loads(kept.read_text()))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock beside `path` that other processes of the test run wait for."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def copied(folder: Path) -> Path:
    """A copy of the tree in `folder`, without the guards that forbid its end."""
    with locked(folder / "terraform"):
        tree = folder / "terraform"
        if not tree.exists():
            leave = shutil.ignore_patterns(".terraform", "guard.tf", "*.tfstate*", "*.lock.hcl")
            shutil.copytree(TREE, tree, ignore=leave)
    return tree


def _told(done: Done) -> Mocked:
    """What `terraform test -json` said, without the provider's schemas of 13 MB that it repeats."""
    events: list[Json] = [json.loads(line) for line in done.said.splitlines() if line[:1] == "{"]
    complaints = [event["diagnostic"] for event in events if event.get("type") == "diagnostic"]
    states = [event["test_state"] for event in events if event.get("type") == "test_state"]
    kept = [{"values": {"root_module": state.get("root_module", {})}} for state in states]
    return Mocked(done.status, json.dumps(complaints, indent=1), kept)


def _settings(folder: Path) -> Path:
    """The file of settings that terraform is to read."""
    preset = Path(os.environ.get("TF_CLI_CONFIG_FILE", ""))
    if preset.is_file():
        return preset
    file = folder / "terraform.rc"
    mirror = _mirror()
    file.write_text(
        f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror}" }}\n}}\n'
        if mirror
        else ""
    )
    return file


@functools.cache
def _mirror() -> Path | None:
    """A folder of providers: the one that is named, or one at most two folders below the root."""
    if named := os.environ.get("TIERGATE_TERRAFORM_MIRROR"):
        return Path(named)
    places = (found for depth in ("*", "*/*") for found in Path("/").glob(f"{depth}/{PROVIDER}"))
    return next((place.parents[2] for place in places if place.parts[1] != "proc"), None)


def resources(state: Mapping[str, Any]) -> Iterator[Json]:
    """Every managed resource of a state, with those of the modules that it calls."""
    yield from _below(state["values"]["root_module"])


def _below(module: Json) -> Iterator[Json]:
    yield from (one for one in module.get("resources", []) if one["mode"] == "managed")
    for child in module.get("child_modules", []):
        yield from _below(child)
