"""From a fresh clone to a running gateway, or to passed tests, with nothing but Python.

    python3 -m extproc.dev up [ARGUMENTS OF tiergate up]
    python3 -m extproc.dev test
    python3 -m extproc.dev quick

The first run makes `.venv` and installs the hash-pinned lock file into it; later runs do so again
only when the lock has changed. `test` also installs the programs that tests use, where apt can, and
says which it did not get. Standard library alone: nothing else is there yet.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

ROOT: Final = Path(__file__).resolve().parent.parent
RUN_LOCK: Final = "requirements.lock"
TEST_LOCK: Final = "tests/requirements.lock"
LAST_LOCK: Final = "tests/last.lock"
"""What another package of the test lock carries older copies of: whichever comes last stays."""
SYSTEM: Final[Mapping[str, str]] = {
    "redis-server": "redis-server",
    "promtool": "prometheus",
    "chromium": "chromium",
}
"""Programs that tests use, each with its Debian package; without one, some tests are skipped."""
OLDEST: Final = (3, 11)
Step = tuple[str, ...]
"""A command line whose first word is a program of the environment."""

_YAML: Final = "{extends: relaxed, rules: {line-length: disable}}"
_LINT: Final[Sequence[Step]] = (
    ("ruff", "check", "--quiet"),
    ("ruff", "format", "--check", "--quiet"),
    ("lint-imports", "--no-cache"),
    ("interrogate", "--quiet", "tests"),
    ("codespell",),
    ("yamllint", "--strict", "--config-data", _YAML, "envoy", "extproc/config"),
    ("mypy",),
)
STEPS: Final[Mapping[str, Sequence[Step]]] = {
    "quick": (
        *_LINT,
        ("pytest", "--quiet", "--numprocesses=2", "tests/unit", "tests/conversation"),
    ),
    "test": (
        *_LINT,
        ("coverage", "erase"),
        ("coverage", "run", "-m", "pytest", "--numprocesses=2", "--ignore=tests/vllm"),
        # Real model servers, one after the other: they have the machine to themselves.
        ("coverage", "run", "-m", "pytest", "-p", "no:randomly", "tests/vllm"),
        ("coverage", "combine", "--quiet"),
        ("coverage", "report"),
    ),
}


def main(
    argv: Sequence[str],
    root: Path = ROOT,
    python: tuple[int, int] = sys.version_info[:2],
    path: str | None = None,
) -> int:
    """Run one command; the status of the first step that failed, or 0. The system's programs are
    looked for on `path`, or on PATH.
    """
    if python < OLDEST:
        print("tiergate needs Python 3.11 or newer", file=sys.stderr)
        return 1
    environment = root / ".venv"
    if argv[:1] == ["up"]:
        return install(environment, root, RUN_LOCK) or _become(environment, argv)
    if len(argv) != 1 or argv[0] not in STEPS:
        print(__doc__, file=sys.stderr)
        return 2
    if argv[0] == "test":
        equip(path)
    status = install(environment, root, TEST_LOCK)
    for step in STEPS[argv[0]]:
        status = status or _run(environment, step, root)
    return status


def install(environment: Path, root: Path, lock: str) -> int:
    """Bring the environment to what `lock` says; the status of the step that failed, or 0."""
    wanted = hashlib.sha256((root / lock).read_bytes()).hexdigest()
    mark = environment / f"{Path(lock).parent.name or 'run'}.installed"
    if mark.exists() and mark.read_text() == wanted:
        return 0
    print(f"tiergate: installing {lock} into {environment}", file=sys.stderr)
    if not (environment / "bin" / "python").exists():
        venv.create(environment, with_pip=True)
    pip = ("python", "-m", "pip", "install", "-qq", "--disable-pip-version-check")
    locked = (*pip, "--require-hashes")
    status = _run(environment, (*locked, "-r", lock), root)
    if lock == TEST_LOCK:
        again = (*locked, "--force-reinstall", "--no-deps", "-r", LAST_LOCK)
        status = status or _run(environment, again, root)
    status = status or _run(
        environment, (*pip, "--no-deps", "--no-build-isolation", "--editable", "."), root
    )
    if status == 0:
        mark.write_text(wanted)
    return status


def equip(path: str | None = None) -> None:
    """Install the programs that are missing on `path`, or on PATH, where there is apt; say loudly
    which stay so.
    """
    missing = [
        package for program, package in SYSTEM.items() if shutil.which(program, path=path) is None
    ]
    apt = shutil.which("apt-get", path=path)
    if missing and apt:
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for words in (("update",), ("install", "--yes", "--no-install-recommends", *missing)):
            subprocess.run([apt, "-qq", *words], env=quiet, stdout=sys.stderr, check=False)
    for program, package in SYSTEM.items():
        if shutil.which(program, path=path) is None:
            what = f"tiergate: NOT CHECKED HERE: whatever needs {program} (package {package})"
            print(what, file=sys.stderr)


def _become(environment: Path, argv: Sequence[str]) -> NoReturn:
    """Turn this process into `tiergate`, so that signals reach it without a go-between."""
    program = str(environment / "bin" / "python")
    os.execv(program, [program, "-m", "extproc", *argv])


def _run(environment: Path, step: Step, root: Path) -> int:
    program = environment / "bin" / step[0]
    path = f"{environment / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    print(f"tiergate: {' '.join(step)}", file=sys.stderr)
    completed = subprocess.run(
        [str(program), *step[1:]], cwd=root, env={**os.environ, "PATH": path}, check=False
    )
    return completed.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
