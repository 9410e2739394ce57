"""Checking a config document."""

import json
from pathlib import Path

import pytest
from builders import config
from documents import document_file

from extproc.cli import run
from extproc.cli.common import bootstrap_of
from extproc.dataplane.pattern import connection_manager, named


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


@pytest.mark.parametrize(
    ("timeout", "status", "said"),
    [
        ("0.5s", 0, "the proxy does what the config says, 2 tiers"),
        ("9s", 1, "tiergate.ext_proc.message_timeout is 9s, and should be 0.5s"),
    ],
)
def test_a_running_proxy_is_held_against_the_config(
    timeout: str, status: int, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its dump; each drift is a line, and the status says whether there is one."""
    bootstrap = bootstrap_of(config())
    manager = connection_manager(bootstrap)
    named(manager["http_filters"], "tiergate.ext_proc")["typed_config"]["message_timeout"] = timeout
    resources = bootstrap["static_resources"]
    sections = {
        "static_listeners": [{"listener": one} for one in resources["listeners"]],
        "static_clusters": [{"cluster": one} for one in resources["clusters"]],
        "static_route_configs": [{"route_config": manager["route_config"]}],
    }
    dump = tmp_path / "dump.json"
    dump.write_text(json.dumps({"configs": [sections]}))
    file = document_file(tmp_path)

    assert status == run(["check", "--config", str(file), "--live", str(dump)])
    assert said in capsys.readouterr().out
