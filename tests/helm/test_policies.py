"""Checkov's policies: every one holds, but for those below, each with its reason.

It has an environment of its own, since it pins what the project needs otherwise:

    python3 -m venv .venv-checkov && .venv-checkov/bin/pip install checkov==3.3.30
"""

import json
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from charts import CHART, ENVIRONMENTS, ROOT, rendered

CHECKOV: Final = ROOT / ".venv-checkov/bin/checkov"
EXCEPTIONS: Final = {
    "CKV_K8S_11": "no CPU limit: a throttled router answers late, and requests divide a busy node",
    "CKV_K8S_43": "a digest is the operator's to pin (`image.digest`); a release is the default",
    "CKV_K8S_15": "releases do not change, so a node need not ask the registry again",
    "CKV_K8S_35": "Redis' password goes by environment, where clients of every language look",
    "CKV_K8S_8": "the pod of `helm test` ends by itself",
    "CKV_K8S_9": "as above",
    "CKV_K8S_38": "with `config.fleet` the router asks Kubernetes where replicas are: one verb",
    "CKV_DOCKER_7": "the base's release is the default of BASE, which tests/image looks at",
    "CKV_DOCKER_2": "Kubernetes has probes of its own and ignores HEALTHCHECK",
}


def failed(folder: Path, framework: str) -> list[dict[str, Any]]:
    """The checks that do not hold for the files in `folder`; at least one must have been made."""
    if not CHECKOV.exists():
        pytest.skip("NOT CHECKED: there is no checkov in .venv-checkov")
    flags = ("--compact", "--quiet", "--skip-download", "--output", "json")
    argv = (CHECKOV, "--directory", folder, "--framework", framework, *flags)
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    assert said["summary"]["passed"]
    found: list[dict[str, Any]] = said["results"]["failed_checks"]
    return found


@pytest.mark.parametrize(
    "values",
    [*ENVIRONMENTS, CHART / "ci/redis-values.yaml", CHART / "ci/fleet-values.yaml"],
    ids=lambda path: path.stem,
)
def test_rendered_objects_keep_the_policies(values: Path, tmp_path: Path) -> None:
    """Whole environments, and the features with pods or rights of their own."""
    (tmp_path / "all.yaml").write_text(yaml.safe_dump_all(rendered(values)))

    assert [] == [
        f"{one['check_id']} {one['check_name']}: {one['resource']}"
        for one in failed(tmp_path, "kubernetes")
        if one["check_id"] not in EXCEPTIONS
    ]


def test_the_dockerfile_keeps_the_policies(tmp_path: Path) -> None:
    """As above."""
    (tmp_path / "Dockerfile").write_text((ROOT / "Dockerfile").read_text())

    assert [] == [
        one["check_id"]
        for one in failed(tmp_path, "dockerfile")
        if one["check_id"] not in EXCEPTIONS
    ]
