"""What was written by `helm/generate.py` is what it would write now."""

import importlib.util
import subprocess
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from charts import ROOT, tool


def script() -> ModuleType:
    """The script, which stands in no package."""
    spec = importlib.util.spec_from_file_location("generate", ROOT / "helm/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_nothing_has_drifted() -> None:
    """README, the renderer's optional parts and the plain manifests: run `helm/generate.py`."""
    wanted = script().generated(tool("helm"))
    old = [str(path.relative_to(ROOT)) for path, text in wanted.items() if path.read_text() != text]

    assert [] == old


def test_every_key_is_explained_or_explains_itself() -> None:
    """The README has a row for every leaf of the values."""
    values = yaml.safe_load((ROOT / "helm/tiergate/values.yaml").read_bytes())
    text = (ROOT / "helm/tiergate/README.md").read_text()

    assert [] == [key for key in values if f"| `{key}" not in text]


@pytest.mark.parametrize("folder", ["classic", "gateway-api"])
def test_kustomize_builds_the_plain_manifests(folder: str) -> None:
    """All of them, and nothing else."""
    path = ROOT / "istio" / folder
    argv = (tool("kubectl"), "kustomize", path)
    built = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    names = [
        {(one["kind"], one["metadata"]["name"]) for one in yaml.safe_load_all(text)}
        for text in (built, (path / "tiergate.yaml").read_text())
    ]

    assert names[0] == names[1]


@pytest.mark.parametrize(
    "path", sorted((ROOT / "helm/examples").rglob("*.yaml")), ids=lambda path: path.parent.name
)
def test_examples_lead_to_files_that_are_there(path: Path) -> None:
    """The chart by its folder or its version, and the values by theirs."""
    for one in yaml.safe_load_all(path.read_bytes()):
        source = one["spec"].get("source", {})
        for file in source.get("helm", {}).get("valueFiles", ()):
            assert (ROOT / source["path"] / file).is_file()
        assert one["metadata"]["namespace"]
