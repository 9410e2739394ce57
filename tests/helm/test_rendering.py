"""The chart as helm sees it, and what it does not leave to chance."""

import re
import urllib.parse
from pathlib import Path

import pytest
import yaml
from charts import CHART, DEFAULT, EVERY, Manifest, helm, of_kind, only, rendered, title

import extproc

WORKLOADS = ("Deployment", "StatefulSet")


def pods(manifests: tuple[Manifest, ...]) -> list[Manifest]:
    """What every pod is made from."""
    made = [one["spec"]["template"]["spec"] for one in of_kind(manifests, *WORKLOADS)]
    return [*made, *(one["spec"] for one in of_kind(manifests, "Pod"))]


def containers(pod: Manifest) -> list[Manifest]:
    """Those that run, and those that run before."""
    return [*pod["containers"], *pod.get("initContainers", [])]


def test_helm_has_nothing_against_the_chart() -> None:
    """Not even a warning."""
    assert "0 chart(s) failed" in helm("lint", "--strict", CHART)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("default", ["WARNING: anybody", "-n istio-ingress exec deploy/tiergate-gateway -c"]),
        ("jwt", []),
        ("tenants", ["-n llm exec deploy/tiergate-gateway-istio -c"]),
        ("no-mesh", ["The mesh is off"]),
        ("older-istio", ["WARNING: anybody", "No tier stands in for another"]),
    ],
)
def test_who_installs_is_told_what_comes_next(case: str, expected: list[str]) -> None:
    """Where the proxies are, and what is open."""
    values = CHART / f"ci/{case}-values.yaml"
    where = ("--namespace", "llm", "--dry-run=client", "--values", values)
    said = helm("install", "tiergate", CHART, *where).partition("NOTES:")[2]

    assert "fast: Qwen/Qwen2.5-1.5B-Instruct (vllm)" in said
    assert [] == [one for one in expected if one not in said]
    assert ("WARNING" in said) is ("WARNING: anybody" in expected)


def test_the_package_stands_alone(tmp_path: Path) -> None:
    """The files that are links here are files there, and it renders the same."""
    helm("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.glob("tiergate-*.tgz")

    assert rendered(DEFAULT) == rendered(DEFAULT, chart=package)


def test_chart_and_package_are_of_one_release() -> None:
    """The image of that version is what runs."""
    chart = yaml.safe_load((CHART / "Chart.yaml").read_bytes())

    assert (extproc.__version__, extproc.__version__) == (chart["version"], chart["appVersion"])


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_pods_keep_the_restricted_standard(values: Path) -> None:
    """Nothing runs as root, writes to its image, or speaks to Kubernetes."""
    for pod in pods(rendered(values)):
        assert (True, "RuntimeDefault") == (
            pod["securityContext"]["runAsNonRoot"],
            pod["securityContext"]["seccompProfile"]["type"],
        )
        assert (
            values.stem == "fleet-values" and "router" in pod.get("serviceAccountName", "")
        ) is pod["automountServiceAccountToken"]
        for container in containers(pod):
            assert {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            } == container["securityContext"], container["name"]


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_images_are_releases_or_digests(values: Path) -> None:
    """None that names another one tomorrow."""
    images = [one["image"] for pod in pods(rendered(values)) for one in containers(pod)]
    pattern = re.compile(r"[a-z0-9./-]+(:v?\d[\w.-]+|@sha256:[0-9a-f]{64})")

    assert [] == [image for image in images if not pattern.fullmatch(image)]


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_every_container_has_its_bounds(values: Path) -> None:
    """Requests for the scheduler, and a limit of memory."""
    for pod in pods(rendered(values)):
        for one in containers(pod):
            assert {"cpu", "memory"} <= set(one["resources"]["requests"]), one["name"]
            assert "memory" in one["resources"]["limits"], one["name"]


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_a_pod_has_the_time_that_its_end_takes(values: Path) -> None:
    """preStop, the drain, and a rest; and the sidecar stays as long."""
    for manifest in of_kind(rendered(values), *WORKLOADS):
        pod = manifest["spec"]["template"]["spec"]
        hooks = [one["lifecycle"]["preStop"] for one in pod["containers"] if "lifecycle" in one]
        for hook in hooks:
            assert hook["sleep"]["seconds"] < pod["terminationGracePeriodSeconds"], title(manifest)


@pytest.mark.parametrize("values", EVERY, ids=lambda path: path.stem)
def test_no_secret_is_rendered(values: Path) -> None:
    """Secrets come by name."""
    assert [] == list(of_kind(rendered(values), "Secret"))


def test_a_change_of_policy_starts_no_new_pod() -> None:
    """The router reads it again by itself; what it cannot take up starts pods."""

    def checksum(more: str) -> str:
        manifests = rendered(DEFAULT, more=more)
        (router,) = (one for one in of_kind(manifests, "Deployment") if "router" in title(one))
        found: str = router["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
        return found

    plain = checksum("{}")
    assert plain == checksum("{config: {policy: {fixed: fast}}}")
    assert plain != checksum("{config: {default_tier: reasoning}}")


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        pytest.param("{}", ("http://tiergate-gateway.istio-ingress.svc.cluster.local:80", None)),
        pytest.param(
            "{istio: {api: gateway, gateway: {port: 8080, hosts: [a.test, b.test]}}}",
            ("http://tiergate-gateway-istio.llm.svc.cluster.local:8080", "a.test"),
        ),
        pytest.param(
            "{istio: {gateway: {hosts: ['*.a.test'], tls: {secretName: s, httpToo: true}}}}",
            ("http://tiergate-gateway.istio-ingress.svc.cluster.local:80", "test.a.test"),
        ),
        pytest.param(
            "{istio: {gateway: {hosts: [a.test], tls: {secretName: s}}}}",
            ("https://a.test", "a.test"),
        ),
        pytest.param(
            "{test: {url: 'https://b.test'}, istio: {gateway: {hosts: [a.test]}}}",
            ("https://b.test", None),
        ),
    ],
)
def test_the_charts_own_test_asks_an_address_that_listens(
    more: str, expected: tuple[str, str | None]
) -> None:
    """By the scheme, the port and the name that the gateway has; and it may go there."""
    manifests = rendered(more=more)
    (pod,) = of_kind(manifests, "Pod")
    env = {one["name"]: one["value"] for one in pod["spec"]["containers"][0]["env"]}
    policy = only(manifests, "NetworkPolicy", "tiergate-test")
    (way,) = policy["spec"]["egress"]
    url = urllib.parse.urlsplit(expected[0])
    port = url.port or {"http": 80, "https": 443}[url.scheme]

    assert expected == (env["GATEWAY"], env.get("HOST"))
    assert [{"protocol": "TCP", "port": port}] == way["ports"]


def test_files_of_others_are_shipped_where_they_are() -> None:
    """Each dashboard in a ConfigMap, each file of rules in a PrometheusRule."""
    manifests = rendered(CHART / "ci/monitoring-values.yaml")
    names = {title(one) for one in of_kind(manifests, "PrometheusRule")}
    boards = {name for one in of_kind(manifests, "ConfigMap") if "dash" in (name := title(one))}

    assert names == {
        f"PrometheusRule/tiergate-{file.stem}" for file in (CHART / "files/rules").glob("*.yaml")
    }
    assert boards == {
        f"ConfigMap/tiergate-dashboard-{file.stem}"
        for file in (CHART / "files/dashboards").glob("*.json")
    }
