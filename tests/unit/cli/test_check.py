"""Checking a config document."""

from pathlib import Path

import pytest
from documents import document_file

from extproc.cli import run


@pytest.mark.parametrize(
    ("flags", "checked"),
    [([], "config and Envoy bootstrap"), (["--no-envoy"], "config")],
    ids=["with-envoy", "without"],
)
def test_a_good_config_is_told_so(
    flags: list[str], checked: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was checked is said, as the real Envoy may be left out."""
    file = document_file(tmp_path)

    assert 0 == run(["check", "--config", str(file), *flags])
    assert f"{file}: {checked} are good, 2 tiers\n" == capsys.readouterr().out


def test_the_policy_is_checked_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The document alone does not know what a policy takes."""
    file = document_file(tmp_path, policy={"rules": [{"otherwise": "medium"}]})

    assert 2 == run(["check", "--no-envoy", "--config", str(file)])
    assert "$.policy.rules[0].otherwise: no tier is called 'medium'" in capsys.readouterr().err


def test_what_only_envoy_minds_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The router could listen on a name, Envoy cannot."""
    file = document_file(tmp_path, gateway={"listen": "localhost:8080"})

    assert 2 == run(["check", "--config", str(file)])
    assert "localhost:8080" in capsys.readouterr().err
