"""Printing the Envoy bootstrap."""

from pathlib import Path

import pytest
import yaml
from builders import config
from documents import document_file

from extproc.cli import run
from extproc.cli.common import bootstrap_of


def test_the_bootstrap_is_yaml(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As the config has it, ready to be given to Envoy."""
    file = document_file(tmp_path, gateway={"listen": "0.0.0.0:80"})

    assert 0 == run(["render", "envoy", "--config", str(file)])
    printed = yaml.safe_load(capsys.readouterr().out)
    assert bootstrap_of(config(gateway={"listen": "0.0.0.0:80"})) == printed


def test_what_to_print_must_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    """There may be more to print one day."""
    with pytest.raises(SystemExit) as caught:
        run(["render", "nginx"])

    assert 2 == caught.value.code
    assert "envoy" in capsys.readouterr().err
