"""What the Helm chart makes of values, as helm itself says it."""

import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import yaml

from extproc.errors import ConfigError

CHART: Final = Path("helm/tiergate")
"""Where the repository has it."""
RELEASE: Final = "tiergate"
_MESH: Final = ("istio.io", "gateway.networking.k8s.io", "inference.networking.k8s.io")
_TIMEOUT_SECONDS: Final = 60
Manifest = dict[str, Any]


def mesh(chart: Path, values: Sequence[Path], namespace: str) -> list[Manifest]:
    """The objects of Istio and of the Gateway API; ConfigError as `rendered`."""
    return [one for one in rendered(chart, values, namespace) if _group(one).endswith(_MESH)]


def document(chart: Path, values: Sequence[Path], namespace: str) -> bytes:
    """The config document that the router is given; ConfigError as `rendered`."""
    for one in rendered(chart, values, namespace):
        if one["kind"] == "ConfigMap" and one["metadata"]["name"] == f"{RELEASE}-config":
            text: str = one["data"]["tiergate.yaml"]
            return text.encode()
    raise ConfigError(f"{chart} renders no config document")


def rendered(chart: Path, values: Sequence[Path], namespace: str) -> Iterator[Manifest]:
    """Every object of a release; ConfigError has helm's words, or says that there is no helm."""
    helm = shutil.which("helm")
    if helm is None:
        raise ConfigError("there is no helm here, and the chart is its to render")
    given = [word for file in values for word in ("--values", str(file))]
    done = subprocess.run(
        [helm, "template", RELEASE, str(chart), "--namespace", namespace, *given],
        capture_output=True,
        text=True,
        check=False,
        timeout=_TIMEOUT_SECONDS,
    )
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if not line.startswith("level=")]
        raise ConfigError(" ".join(" ".join(lines).split()))
    yield from (one for one in yaml.safe_load_all(done.stdout) if one)


def _group(manifest: Manifest) -> str:
    group, _, _ = str(manifest["apiVersion"]).rpartition("/")
    return group
