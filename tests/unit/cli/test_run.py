"""The command line as a whole."""

import subprocess
import sys
from pathlib import Path

import pytest
from documents import document_file

from extproc import __version__
from extproc.cli import COMMANDS, run


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing else is done."""
    with pytest.raises(SystemExit) as caught:
        run(["--version"])

    assert 0 == caught.value.code
    assert f"tiergate {__version__}\n" == capsys.readouterr().out


@pytest.mark.parametrize(
    "program",
    [["-m", "extproc"], [Path(sys.executable).with_name("tiergate")]],
    ids=["module", "tiergate"],
)
def test_it_is_a_program_under_two_names(program: list[str]) -> None:
    """The status of the command is the process's."""
    done = subprocess.run(
        [sys.executable, *program, "check", "--config", "nowhere.yaml"],
        capture_output=True,
        text=True,
        check=False,
    )

    expected = "tiergate: cannot read nowhere.yaml: No such file or directory\n"
    assert (2, "", expected) == (done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its first line stands in the list of commands, too."""
    for argv in (["--help"], [command, "--help"]):
        with pytest.raises(SystemExit) as caught:
            run(argv)
        assert 0 == caught.value.code

    out = capsys.readouterr().out
    first = str(COMMANDS[command].__doc__).splitlines()[0]
    assert 2 == " ".join(out.split()).count(" ".join(first.split()))


@pytest.mark.parametrize("argv", [[], ["fly"], ["check", "--fast"]], ids=["none", "word", "flag"])
def test_a_wrong_command_line_ends_with_2(
    argv: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With how it should have been, on stderr."""
    with pytest.raises(SystemExit) as caught:
        run(argv)

    assert 2 == caught.value.code
    assert "usage: tiergate" in capsys.readouterr().err


def test_a_wrong_config_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One line on stderr, with the path of the bad key, and nothing on stdout."""
    file = document_file(tmp_path, default_tier="medium")

    assert 2 == run(["check", "--no-envoy", "--config", str(file)])
    out, err = capsys.readouterr()
    expected = "tiergate: $.default_tier: no tier is called 'medium'; there are: fast, reasoning\n"
    assert ("", expected) == (out, err)


def test_what_the_system_refuses_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line on stderr."""
    assert 1 == run(["explain", str(tmp_path / "none.json")])
    out, err = capsys.readouterr()
    assert ("", 1) == (out, err.count("\n"))
    assert err.startswith("tiergate: [Errno 2] No such file")
