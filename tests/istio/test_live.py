"""`tiergate check --live` with dumps of real proxies: what runs is what should, until it is not."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from charts import CHART, ROOT
from gateway import Gateway, get
from processes import PYTHON


def checked(gateway: Gateway, folder: Path, dump: bytes) -> tuple[int, str]:
    """The command's status and its last line."""
    file = folder / "dump.json"
    file.write_bytes(dump)
    argv = (PYTHON, "-m", "extproc", "check", "--config", gateway.config_file, "--live", file)
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    return done.returncode, (done.stdout or done.stderr).splitlines()[-1]


def test_a_proxy_of_the_mesh_does_what_the_config_says(meshed: Gateway, tmp_path: Path) -> None:
    """Of either API."""
    dump = get(f"{meshed.envoy_admin}/config_dump")

    assert (0, f"{tmp_path}/dump.json: the proxy does what the config says, 2 tiers") == checked(
        meshed, tmp_path, dump
    )


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('"failure_mode_allow": true', '"failure_mode_allow": false', "failure_mode_allow is"),
        ('"remove": "x-tiergate-tier"', '"remove": "x-tiergate-tear"', "x-tiergate-tear"),
        ('"cluster": "tier_reasoning"', '"cluster": "tier_fast"', "x-tiergate-tier=reasoning goes"),
    ],
)
def test_a_drift_is_named(
    meshed: Gateway, tmp_path: Path, old: str, new: str, expected: str
) -> None:
    """With the place, and what should be there."""
    dump = json.dumps(json.loads(get(f"{meshed.envoy_admin}/config_dump")))
    status, said = checked(meshed, tmp_path, dump.replace(old, new).encode())

    assert 1 == status
    assert expected in said


def test_the_charts_own_test_passes(meshed: Gateway) -> None:
    """`helm test` runs this file in a pod."""
    environment = {**os.environ, "GATEWAY": meshed.url, "MODEL": "auto"}
    done = subprocess.run(
        (PYTHON, CHART / "files/test.py"),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "tier: fast reason: score_below") == (done.returncode, done.stdout.splitlines()[1])


def test_the_charts_own_test_asks_by_the_name_that_is_served(
    hosted: tuple[Gateway, dict[str, str]],
) -> None:
    """A gateway that is for some hosts alone has nothing for its service's own name."""
    gateway, environment = hosted
    done = [
        subprocess.run(
            (PYTHON, CHART / "files/test.py"),
            env={**os.environ, **environment, **more},
            capture_output=True,
            text=True,
            check=False,
        )
        for more in ({}, {"HOST": ""})
    ]

    assert [0, 1] == [one.returncode for one in done], done[0].stderr
    assert "404" in done[1].stderr
    assert "test.llm.test" == environment["HOST"], gateway.url


def test_the_charts_own_test_fails_without_a_router(routerless: Gateway) -> None:
    """Though somebody answers."""
    environment = {**os.environ, "GATEWAY": routerless.url, "MODEL": "auto"}
    done = subprocess.run(
        (PYTHON, CHART / "files/test.py"), env=environment, capture_output=True, check=False
    )

    assert 1 == done.returncode
