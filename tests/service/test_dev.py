"""The launcher, in a root of its own with empty lock files."""

import subprocess
import sys
from pathlib import Path

import pytest

from extproc import dev
from extproc.dev import LAST_LOCK, RUN_LOCK, STEPS, SYSTEM, TEST_LOCK, equip, install, main

PROGRAMS = sorted({step[0] for steps in STEPS.values() for step in steps} | {"python"})
SCRIPT = '#!/bin/sh\necho "$(basename "$0") $*" >> "{log}"\n[ "$1 $2" != "{fails}" ]\n'


APT = """#!/bin/sh
echo "apt-get $*" >> "{folder}/log"
[ "$2" = install ] && cp "{folder}/chromium" "{folder}/{brings}"
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with all programs of the system that tests use."""
    folder = tmp_path / "programs"
    folder.mkdir()
    for name in SYSTEM:
        _program(folder / name, "#!/bin/sh\n")
    return folder


def _program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(0o755)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose lock files ask for nothing."""
    (tmp_path / "tests").mkdir()
    for lock in (RUN_LOCK, TEST_LOCK):
        (tmp_path / lock).write_text("")
    return tmp_path


def furnish(root: Path, fails: str = "nothing") -> Path:
    """An environment of programs that note how they were called; the log of it.

    A program whose first two words are `fails` ends with status 1.
    """
    log, programs = root / "log", root / ".venv" / "bin"
    programs.mkdir(parents=True)
    for name in PROGRAMS:
        _program(programs / name, SCRIPT.format(log=log, fails=fails))
    return log


def called(log: Path) -> list[str]:
    """Program and first argument of each call."""
    return [" ".join(line.split()[:2]) for line in log.read_text().splitlines()]


def test_a_fresh_root_gets_an_environment_of_its_own(root: Path) -> None:
    """With pip in it; and where a later step fails, nothing counts as installed."""
    environment = root / ".venv"

    assert 0 != install(environment, root, RUN_LOCK)
    assert (environment / "bin" / "pip").exists()
    assert [] == list(environment.glob("*.installed"))


def test_the_lock_is_installed_with_hashes_and_then_the_project(root: Path) -> None:
    """What another package has older copies of comes after it; the project itself comes last,
    without anything that the lock does not name.
    """
    log = furnish(root)

    assert 0 == install(root / ".venv", root, TEST_LOCK)
    first, last, project = log.read_text().splitlines()
    assert first.endswith(f"--require-hashes -r {TEST_LOCK}")
    assert last.endswith(f"--require-hashes --force-reinstall --no-deps -r {LAST_LOCK}")
    assert project.endswith("--no-deps --no-build-isolation --editable .")


def test_an_unchanged_lock_is_not_installed_again(root: Path) -> None:
    """The second start costs nothing; each lock is remembered by itself."""
    log = furnish(root)
    for lock in (RUN_LOCK, RUN_LOCK, TEST_LOCK, TEST_LOCK):
        assert 0 == install(root / ".venv", root, lock)

    assert 5 == len(called(log))


def test_a_changed_lock_is_installed(root: Path) -> None:
    """By its content, whatever its time."""
    log = furnish(root)
    install(root / ".venv", root, RUN_LOCK)
    (root / RUN_LOCK).write_text("# changed\n")
    install(root / ".venv", root, RUN_LOCK)

    assert 4 == len(called(log))


def test_a_lock_that_cannot_be_installed_is_tried_again(root: Path) -> None:
    """The status is pip's, and the project is not installed upon half of its needs."""
    log = furnish(root, fails="-m pip")

    assert 1 == install(root / ".venv", root, RUN_LOCK)
    assert 1 == install(root / ".venv", root, RUN_LOCK)
    assert ["python -m"] * 2 == called(log)


@pytest.mark.parametrize("command", STEPS)
def test_a_command_runs_its_steps_in_order(root: Path, programs: Path, command: str) -> None:
    """After the installation, each by the environment's own program."""
    log = furnish(root)

    assert 0 == main([command], root, path=str(programs))
    expected = [" ".join(step[:2]) for step in STEPS[command]]
    assert expected == called(log)[3:]


def test_a_program_that_is_missing_is_installed(
    programs: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """By the package that has it, and that one alone."""
    (programs / "promtool").unlink()
    _program(programs / "apt-get", APT.format(folder=programs, brings="promtool"))

    equip(str(programs))
    equip(str(programs))

    assert [
        "apt-get -qq update",
        "apt-get -qq install --yes --no-install-recommends prometheus",
    ] == (programs / "log").read_text().splitlines()
    assert "" == capfd.readouterr().err


@pytest.mark.parametrize("has_apt", [True, False], ids=["apt fails", "no apt"])
def test_what_cannot_be_installed_is_said(
    programs: Path, capfd: pytest.CaptureFixture[str], *, has_apt: bool
) -> None:
    """The tests that need it are skipped, and nobody may overlook that."""
    (programs / "redis-server").unlink()
    if has_apt:
        _program(programs / "apt-get", APT.format(folder=programs, brings="else"))

    equip(str(programs))

    said = "tiergate: NOT CHECKED HERE: whatever needs redis-server (package redis-server)\n"
    assert said == capfd.readouterr().err


def test_the_first_step_that_fails_ends_a_command(root: Path) -> None:
    """Its status is the command's, and no later step runs."""
    log = furnish(root, fails="format --check")

    assert 1 == main(["quick"], root)
    assert "ruff format" == called(log)[-1]


@pytest.mark.parametrize("argv", [[], ["tset"], ["test", "unit"]], ids=["none", "typo", "more"])
def test_an_unknown_command_shows_the_help(
    root: Path, argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is installed for it."""
    assert 2 == main(argv, root)
    assert "python3 -m extproc.dev up" in capsys.readouterr().err
    assert not (root / ".venv").exists()


def test_an_old_python_is_told_so(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything that it would not understand."""
    assert 1 == main(["up"], root, python=(3, 10))
    assert "tiergate needs Python 3.11 or newer\n" == capsys.readouterr().err


def test_up_becomes_the_command(root: Path) -> None:
    """The launcher's process turns into it, with all of its arguments."""
    log = furnish(root)
    code = (
        f"from pathlib import Path; from extproc.dev import main; main(ARGV, Path({str(root)!r}))"
    )
    argv = ["up", "--engine", "none"]

    subprocess.run([sys.executable, "-c", code.replace("ARGV", repr(argv))], check=True)

    assert "python -m extproc up --engine none" == log.read_text().splitlines()[-1]


@pytest.mark.parametrize("flags", [[], ["-S"]], ids=["python", "without-site-packages"])
def test_the_module_is_a_program(flags: list[str]) -> None:
    """It needs nothing but Python's own library."""
    argv = [sys.executable, *flags, "-m", "extproc.dev", "nonsense"]

    done = subprocess.run(argv, cwd=dev.ROOT, capture_output=True, check=False)

    assert (2, b"") == (done.returncode, done.stdout)
