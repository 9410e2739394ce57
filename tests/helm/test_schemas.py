"""Every rendered object is one that the API server takes."""

import copy
from collections.abc import Callable
from pathlib import Path

import crds
import kubernetes_validate
import pytest
from charts import (
    CHART,
    DEFAULT,
    ENVIRONMENTS,
    EVERY,
    VERSIONS,
    Manifest,
    document,
    only,
    rendered,
    title,
)

from extproc.config import decode

BUILT_IN = (
    *("v1", "apps/v1", "autoscaling/v2", "policy/v1"),
    *("networking.k8s.io/v1", "rbac.authorization.k8s.io/v1"),
)
UNDEFINED = ("external-secrets.io/v1", "inference.networking.k8s.io/v1")
"""Kinds whose definitions are not to be had here."""


def test_no_template_asks_for_a_version() -> None:
    """What is rendered is the same for all, so that a few of them show it for every case."""
    texts = [path.read_text() for path in (CHART / "templates").rglob("*") if path.is_file()]

    assert [] == [text for text in texts if "Capabilities" in text]


@pytest.mark.parametrize(
    ("values", "version"),
    [
        *((values, version) for values in EVERY for version in (VERSIONS[0], VERSIONS[-1])),
        *((values, version) for values in ENVIRONMENTS for version in VERSIONS[1:-1]),
    ],
    ids=lambda one: getattr(one, "stem", one),
)
def test_each_kubernetes_takes_its_own_kinds(values: Path, version: str) -> None:
    """Every case with the first and the last version, whole environments with all; and no field
    is one that it would drop.
    """
    manifests = rendered(values, version=version)
    own = [manifest for manifest in manifests if manifest["apiVersion"] in BUILT_IN]
    for manifest in own:
        kubernetes_validate.validate(manifest, version, strict=True)

    assert {"Deployment", "Service", "ConfigMap"} <= {manifest["kind"] for manifest in own}


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_custom_resources_follow_their_definitions(values: Path) -> None:
    """Fields, types and rules; what is not checked is listed above, and nothing else."""
    found = [
        f"{title(manifest)} {complaint}"
        for manifest in rendered(values)
        if manifest["apiVersion"] not in (*BUILT_IN, *UNDEFINED)
        for complaint in crds.complaints(manifest)
    ]

    assert [] == found


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_the_router_takes_its_document(values: Path) -> None:
    """The one in the ConfigMap, whatever was laid over it."""
    config = decode(document(rendered(values)))

    assert config.default_tier == config.tiers[0].name


def _spoil(kind: str, name: str, spoil: Callable[[Manifest], None]) -> Manifest:
    manifest = copy.deepcopy(only(rendered(DEFAULT), kind, name))
    spoil(manifest["spec"])
    return manifest


@pytest.mark.parametrize(
    "manifest",
    [
        pytest.param(("VirtualService", lambda spec: spec.update(host=[])), id="field"),
        pytest.param(("VirtualService", lambda spec: spec.update(hosts="a")), id="type"),
        pytest.param(
            ("VirtualService", lambda spec: spec["http"][0].update(timeout="0s")), id="rule"
        ),
        pytest.param(
            ("Gateway", lambda spec: spec["servers"][0]["port"].pop("protocol")), id="missing"
        ),
    ],
)
def test_planted_errors_are_found(
    manifest: tuple[str, Callable[[Manifest], None]],
) -> None:
    """What the checks above rest on does bite."""
    kind, spoil = manifest

    assert list(crds.complaints(_spoil(kind, "tiergate-gateway", spoil)))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda spec: spec.update(replica=1), id="field"),
        pytest.param(lambda spec: spec.update(minReadySeconds="a"), id="type"),
        pytest.param(lambda spec: spec.pop("selector"), id="missing"),
    ],
)
def test_planted_errors_of_built_in_kinds_are_found(spoil: Callable[[Manifest], None]) -> None:
    """As above."""
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(
            _spoil("Deployment", "tiergate-router", spoil), VERSIONS[-1], strict=True
        )
