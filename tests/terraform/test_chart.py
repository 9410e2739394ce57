"""The generated values are ones that the chart takes, and what it renders lands on the nodes."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from charts import RefusedError, of_kind, only, rendered
from terraform_life import Life

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def manifests(life: Life, tmp_path: Path) -> tuple[dict[str, Any], ...]:
    """The chart with dev's values."""
    file = tmp_path / "values.yaml"
    file.write_text(life.values)
    return rendered(file)


def test_schema(manifests: tuple[dict[str, Any], ...]) -> None:
    """Helm, which judges values by the schema, takes every key."""
    assert manifests


def test_schema_refuses(life: Life) -> None:
    """A key that the chart does not know is found: the test above can fail."""
    values = {**yaml.safe_load(life.values), "tiersz": []}

    with pytest.raises(RefusedError, match="tiersz"):
        rendered(more=yaml.safe_dump(values))


def test_pods_find_their_nodes(manifests: tuple[dict[str, Any], ...]) -> None:
    """A tier's pods select that tier's nodes and tolerate their taints."""
    pod = only(manifests, "Deployment", "tiergate-fast")["spec"]["template"]["spec"]

    assert {"tiergate.io/tier": "fast"} == pod["nodeSelector"]
    assert {"tiergate.io/tier", "nvidia.com/gpu"} == {it["key"] for it in pod["tolerations"]}


def test_service_accounts(manifests: tuple[dict[str, Any], ...], life: Life) -> None:
    """The service accounts that have a role are the ones that the chart makes."""
    made = {account["metadata"]["name"] for account in of_kind(manifests, "ServiceAccount")}
    platform = life.state["values"]["outputs"]["platform"]["value"]
    wanted = {
        name.partition("/")[2]
        for workload, name in platform["service_accounts"].items()
        if workload.startswith("tier-")
    }

    assert {"tiergate-fast", "tiergate-reasoning"} == wanted
    assert wanted <= made


def test_the_file_system_is_mounted(manifests: tuple[dict[str, Any], ...]) -> None:
    """Each tier has a volume of the file system that was made."""
    volumes = [volume["spec"]["csi"]["driver"] for volume in of_kind(manifests, "PersistentVolume")]

    assert ["fsx.csi.aws.com"] * 2 == volumes
