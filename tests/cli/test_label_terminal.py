"""`tiergate label` at a terminal, with simulated tiers: what a person sees, presses and keeps."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import TIERGATE
from model_server import ModelServer, model_server
from processes import PYTHON, Running, until
from terminal import CTRL_C, Terminal

SIMULATOR = (PYTHON, "-m", "extproc.engines.sim", "--port", "0", "--served-model-name", "small")


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One server that is both tiers."""
    log = tmp_path_factory.mktemp("sim") / "log"
    with Running((*SIMULATOR, "large"), log) as process:
        yield process.ready()["url"]


@pytest.fixture(scope="module")
def judge() -> Iterator[ModelServer]:
    """It cannot tell the answers apart."""
    with model_server(lambda _: "[[tie]]") as server:
        yield server


def command(folder: Path, url: str, *more: str, many: int = 3) -> tuple[str, ...]:
    """The command line over so many prompts."""
    prompts = folder / "prompts.jsonl"
    prompts.write_text("".join(json.dumps({"prompt": f"why {n}?"}) + "\n" for n in range(many)))
    files = ("--prompts", str(prompts), "--output", str(folder / "own.jsonl"))
    return (*TIERGATE, "label", *files, "--gateway", url, "--models", "small", "large", *more)


def kept(folder: Path) -> list[tuple[float, float]]:
    """The grades on the disk, in order."""
    lines = (folder / "own.jsonl").read_text().splitlines()
    return [(line["fast"], line["reasoning"]) for line in map(json.loads, lines)]


def test_a_person_labels_quits_and_goes_on(tmp_path: Path, simulator: str) -> None:
    """One pair a screen; what was said before the end is kept."""
    with Terminal(command(tmp_path, simulator, "--by", "hand", "--rate", "1000")) as terminal:
        terminal.until("Start? [y/N] ")
        terminal.press(b"y\n")
        for many, key in enumerate((b"=\n", b"q\n"), 1):
            _prompted(terminal, many)
            terminal.press(key)
        assert 1 == terminal.wait()
    assert "1 labelled" in terminal.screen
    assert [(1.0, 1.0)] == kept(tmp_path)

    with Terminal(command(tmp_path, simulator, "--by", "hand", "--yes")) as terminal:
        terminal.until("3 prompts, 1 of them labelled")
        for many in (1, 2):
            _prompted(terminal, many)
            terminal.press(b"0\n")
        assert 0 == terminal.wait()
    assert [(1.0, 1.0), (0.0, 0.0), (0.0, 0.0)] == kept(tmp_path)


def test_who_does_not_say_yes_pays_nothing(tmp_path: Path, simulator: str) -> None:
    """The estimate is all that happened."""
    with Terminal(command(tmp_path, simulator, "--by", "hand")) as terminal:
        terminal.until("Start? [y/N] ")
        terminal.press(b"\n")
        assert 1 == terminal.wait()
    assert "together" in terminal.screen
    assert [] == kept(tmp_path)


def test_ctrl_c_ends_what_was_begun_and_loses_nothing(
    tmp_path: Path, simulator: str, judge: ModelServer
) -> None:
    """A bar shows how far it is; the same command goes on from there."""
    judged = ("--by", "judge", "--judge", f"{judge.url}/v1", "--judge-model", "judge", "--yes")
    slow = command(tmp_path, simulator, *judged, "--rate", "60", many=40)
    with Terminal(slow) as terminal:
        terminal.until("%")
        _until_some(tmp_path)
        terminal.press(CTRL_C)
        assert 1 == terminal.wait()
    assert "Traceback" not in terminal.screen
    some = len(kept(tmp_path))
    assert f"{some} labelled, 0 skipped, 0 failed, {40 - some} left" in terminal.screen

    quick = command(tmp_path, simulator, *judged, "--rate", "10000", many=40)
    with Terminal(quick) as terminal:
        assert 0 == terminal.wait()
    assert [(1.0, 1.0)] * 40 == kept(tmp_path)


def test_a_second_ctrl_c_waits_for_nobody(tmp_path: Path, simulator: str) -> None:
    """Not even for what was begun."""
    with Terminal(
        command(tmp_path, simulator, "--by", "hand", "--yes", "--rate", "0.1")
    ) as terminal:
        terminal.until("loses nothing")
        terminal.press(CTRL_C)
        terminal.until("Ctrl-C again")
        terminal.press(CTRL_C)
        assert 1 == terminal.wait()
    assert "0 labelled" in terminal.screen
    assert "Traceback" not in terminal.screen


def _prompted(terminal: Terminal, many: int) -> None:
    """Wait until the person has been asked so often."""
    while terminal.screen.count("quit > ") < many:
        terminal.screen += terminal._read()


def _until_some(folder: Path) -> None:
    until(lambda: len(kept(folder)) >= 2, what="two labels")
