"""What one object says of another is true: names, ports, selectors, and who reaches whom."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from charts import EVERY, Manifest, document, of_kind, rendered, title

from extproc.config import Config, ModelServer, decode, host_port, servers
from extproc.engines.vllm.flags import command
from extproc.engines.vllm.hardware import HARDWARE, Kind

WORKLOADS = ("Deployment", "StatefulSet")
Manifests = tuple[Manifest, ...]


@pytest.fixture(params=EVERY, ids=lambda path: path.stem)
def manifests(request: pytest.FixtureRequest) -> Manifests:
    """One case of the chart."""
    values: Path = request.param
    return rendered(values)


def workloads(manifests: Manifests) -> list[Manifest]:
    """What has pods."""
    return list(of_kind(manifests, *WORKLOADS))


def labels(workload: Manifest) -> dict[str, str]:
    """Of its pods."""
    found: dict[str, str] = workload["spec"]["template"]["metadata"]["labels"]
    return found


def selected(manifests: Manifests, selector: dict[str, str]) -> list[Manifest]:
    """The workloads whose pods carry all of these labels."""
    return [one for one in workloads(manifests) if selector.items() <= labels(one).items()]


def ports(workload: Manifest) -> dict[str, int]:
    """Of its pods, by name."""
    return {
        port["name"]: port["containerPort"]
        for container in workload["spec"]["template"]["spec"]["containers"]
        for port in container.get("ports", ())
    }


def hosts(manifests: Manifests) -> dict[str, Manifest]:
    """The services by the name that the cluster knows."""
    return {
        f"{one['metadata']['name']}.{one['metadata']['namespace']}.svc.cluster.local": one
        for one in of_kind(manifests, "Service")
    }


def test_names_are_taken_once(manifests: Manifests) -> None:
    """An object of the same kind and name would replace the first."""
    found = [(title(one), one["metadata"].get("namespace")) for one in manifests]

    assert len(found) == len(set(found))


def test_a_workload_selects_its_own_pods(manifests: Manifests) -> None:
    """And nobody else's."""
    for one in workloads(manifests):
        assert [one] == selected(manifests, one["spec"]["selector"]["matchLabels"])


def test_a_service_leads_to_a_port_of_its_pods(manifests: Manifests) -> None:
    """By the name that the container gives it, at the same number."""
    for service in of_kind(manifests, "Service"):
        (workload,) = selected(manifests, service["spec"]["selector"])
        for port in service["spec"]["ports"]:
            assert port["port"] == ports(workload)[port["targetPort"]], title(service)


def own_monitors(manifests: Manifests) -> list[Manifest]:
    """The monitors of what the chart itself runs; the others look into other namespaces."""
    some = of_kind(manifests, "PodMonitor")
    return [one for one in some if "namespaceSelector" not in one["spec"]]


def test_budgets_and_monitors_select_one_workload(manifests: Manifests) -> None:
    """A PodDisruptionBudget, a PodMonitor: each is about somebody."""
    for one in (*of_kind(manifests, "PodDisruptionBudget"), *own_monitors(manifests)):
        assert 1 == len(selected(manifests, one["spec"]["selector"]["matchLabels"])), title(one)


def test_a_monitor_reads_a_port_that_is_there(manifests: Manifests) -> None:
    """The sidecar's, where there is one, or else the container's own."""
    for monitor in own_monitors(manifests):
        (workload,) = selected(manifests, monitor["spec"]["selector"]["matchLabels"])
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        annotations = workload["spec"]["template"]["metadata"]["annotations"]
        if "port" in endpoint:
            assert endpoint["port"] in ports(workload)
        else:
            assert int(annotations["prometheus.io/port"]) in ports(workload).values()


def test_a_scaler_has_a_target_that_leaves_it_the_number(manifests: Manifests) -> None:
    """Replicas in both places would fight at every upgrade."""
    named = {title(one): one for one in workloads(manifests)}
    for scaler in of_kind(manifests, "HorizontalPodAutoscaler", "ScaledObject"):
        target = scaler["spec"]["scaleTargetRef"]
        workload = named[f"{target.get('kind', 'Deployment')}/{target['name']}"]
        assert "replicas" not in workload["spec"], title(scaler)


def test_pods_run_as_accounts_that_are_there(manifests: Manifests) -> None:
    """One for each workload, without a token."""
    accounts = {one["metadata"]["name"]: one for one in of_kind(manifests, "ServiceAccount")}
    used = [one["spec"]["template"]["spec"]["serviceAccountName"] for one in workloads(manifests)]

    assert sorted(used) == sorted(accounts)
    assert {False} == {one["automountServiceAccountToken"] for one in accounts.values()}


def test_volumes_are_mounted_and_mounts_are_volumes(manifests: Manifests) -> None:
    """Claims of the workload's own count."""
    for one in workloads(manifests):
        pod = one["spec"]["template"]["spec"]
        claims = {
            claim["metadata"]["name"] for claim in one["spec"].get("volumeClaimTemplates", ())
        }
        mounted = {
            mount["name"]
            for container in (*pod["containers"], *pod.get("initContainers", ()))
            for mount in container.get("volumeMounts", ())
        }
        assert mounted == {volume["name"] for volume in pod["volumes"]} | claims, title(one)


def test_the_documents_endpoints_are_services(manifests: Manifests) -> None:
    """At a port that they have."""
    config = decode(document(manifests))
    for tier in config.tiers:
        for endpoint in tier.endpoints:
            host, port = host_port(endpoint)
            assert port in {one["port"] for one in hosts(manifests)[host]["spec"]["ports"]}


def destinations(manifests: Manifests) -> Iterator[tuple[str, str, int]]:
    """Every place that the mesh's objects lead to, with the object that says so."""
    for one in of_kind(manifests, "VirtualService"):
        routes = [to for route in one["spec"]["http"] for to in route.get("route", ())]
        for to in routes:
            yield title(one), to["destination"]["host"], to["destination"]["port"]["number"]
    for one in of_kind(manifests, "HTTPRoute"):
        (rule,) = one["spec"]["rules"]
        (to,) = rule["backendRefs"]
        if "port" in to:
            yield title(one), f"{to['name']}.llm.svc.cluster.local", to["port"]
    for one in of_kind(manifests, "EnvoyFilter"):
        for name in clusters(one["spec"]):
            _, port, _, host = name.split("|")
            yield title(one), host, int(port)


def clusters(node: object) -> Iterator[str]:
    """Istio's names of clusters, wherever they stand."""
    if isinstance(node, dict):
        for value in node.values():
            yield from clusters(value)
    elif isinstance(node, list):
        for value in node:
            yield from clusters(value)
    elif isinstance(node, str) and node.startswith("outbound|"):
        yield node


def test_the_mesh_leads_to_services_that_are_there(manifests: Manifests) -> None:
    """Or to the entry for the router's workers, whose endpoints are."""
    known = {
        (host, port["port"])
        for host, service in hosts(manifests).items()
        for port in service["spec"]["ports"]
    }
    for entry in of_kind(manifests, "ServiceEntry"):
        assert {
            (one["address"], port)
            for one in entry["spec"]["endpoints"]
            for port in one["ports"].values()
        } <= known
        known |= {
            (host, port["number"])
            for host in entry["spec"]["hosts"]
            for port in entry["spec"]["ports"]
        }

    assert [] == [one for one in destinations(manifests) if one[1:] not in known]


def test_rules_are_for_hosts_that_are_there(manifests: Manifests) -> None:
    """A DestinationRule for nobody says nothing, and nobody says so."""
    entries = {host for one in of_kind(manifests, "ServiceEntry") for host in one["spec"]["hosts"]}
    for rule in of_kind(manifests, "DestinationRule"):
        assert rule["spec"]["host"] in hosts(manifests).keys() | entries


def test_gateways_and_routes_name_each_other(manifests: Manifests) -> None:
    """Within one namespace, where names need no more."""
    gateways = {
        (one["metadata"]["name"], one["metadata"]["namespace"])
        for one in of_kind(manifests, "Gateway")
    }
    for one in of_kind(manifests, "VirtualService"):
        space = one["metadata"]["namespace"]
        assert {(name, space) for name in one["spec"]["gateways"]} <= gateways
    for one in of_kind(manifests, "HTTPRoute"):
        space = one["metadata"]["namespace"]
        assert {(parent["name"], space) for parent in one["spec"]["parentRefs"]} <= gateways


def test_filters_and_policies_are_where_the_proxies_are(manifests: Manifests) -> None:
    """An EnvoyFilter holds for pods of its own namespace only."""
    spaces = {one["metadata"]["namespace"] for one in of_kind(manifests, "Gateway")}

    assert spaces == {one["metadata"]["namespace"] for one in of_kind(manifests, "EnvoyFilter")}


def test_policies_select_somebody(manifests: Manifests) -> None:
    """Each AuthorizationPolicy is for the proxies or for one workload, at its ports."""
    for one in of_kind(manifests, "AuthorizationPolicy"):
        if one["metadata"]["labels"]["app.kubernetes.io/component"] == "gateway":
            continue
        (workload,) = selected(manifests, one["spec"]["selector"]["matchLabels"])
        allowed = {
            int(port)
            for rule in one["spec"]["rules"]
            for to in rule["to"]
            for port in to["operation"]["ports"]
        }
        serving = {port for name, port in ports(workload).items() if name != "http-admin"}
        assert serving <= allowed, title(one)


def reached(policy: Manifest) -> dict[int, list[Manifest]]:
    """Who may come in, by port."""
    return {
        port["port"]: rule["from"]
        for rule in policy["spec"].get("ingress", ())
        for port in rule["ports"]
    }


def test_everything_is_denied_first(manifests: Manifests) -> None:
    """To and from every pod of the release."""
    denied = [
        one
        for one in of_kind(manifests, "NetworkPolicy")
        if one["metadata"]["name"] == "tiergate-deny"
    ]

    (policy,) = denied
    assert ["Ingress", "Egress"] == policy["spec"]["policyTypes"]
    assert "ingress" not in policy["spec"]
    assert workloads(manifests) == selected(manifests, policy["spec"]["podSelector"]["matchLabels"])


def test_the_proxies_that_istio_starts_are_not_denied(manifests: Manifests) -> None:
    """Their pods get the labels of the Gateway's infrastructure, or else of the Gateway itself."""
    for one in of_kind(manifests, "Gateway"):
        if one["apiVersion"].startswith("gateway.networking.k8s.io"):
            theirs = (
                one["spec"].get("infrastructure", {}).get("labels") or one["metadata"]["labels"]
            )
            assert [] == [
                title(policy)
                for policy in of_kind(manifests, "NetworkPolicy", "PeerAuthentication")
                if _chosen(policy).items() <= theirs.items()
            ]


def _chosen(policy: Manifest) -> dict[str, str]:
    spec = policy["spec"]
    found: dict[str, str] = spec.get("podSelector", spec.get("selector"))["matchLabels"]
    return found


def test_the_gateway_reaches_what_it_is_led_to(manifests: Manifests) -> None:
    """Each port that a service offers to the mesh is open to the proxies, and to nobody else."""
    policies = {one["metadata"]["name"]: one for one in of_kind(manifests, "NetworkPolicy")}
    for service in of_kind(manifests, "Service"):
        name = service["metadata"]["name"]
        if name == "tiergate-redis":
            continue
        for port in service["spec"]["ports"]:
            if port["name"] != "http-admin":
                (who, *_) = reached(policies[name])[port["port"]]
                assert {"kubernetes.io/metadata.name", "gateway.networking.k8s.io/gateway-name"} & {
                    *who.get("namespaceSelector", {}).get("matchLabels", {}),
                    *who["podSelector"]["matchLabels"],
                }, title(service)


def test_only_the_router_reaches_redis(manifests: Manifests) -> None:
    """And may go there."""
    policies = {one["metadata"]["name"]: one for one in of_kind(manifests, "NetworkPolicy")}
    if "tiergate-redis" in policies:
        (who,) = reached(policies["tiergate-redis"])[6379]
        (router,) = selected(manifests, who["podSelector"]["matchLabels"])
        ways = policies["tiergate-router"]["spec"]["egress"]

        assert "tiergate-router" == router["metadata"]["name"]
        assert 6379 in {port["port"] for way in ways for port in way["ports"]}


def started(config: Config, manifests: Manifests) -> Iterator[tuple[ModelServer, Manifest]]:
    """Each server of the document with the container that is it."""
    named = {one["metadata"]["name"]: one for one in workloads(manifests)}
    for server in servers(config):
        host, _ = host_port(server.tier.endpoints[0])
        pod = named[host.partition(".")[0]]["spec"]["template"]["spec"]
        yield server, pod["containers"][0]


def test_vllm_is_started_as_tiergate_starts_it(manifests: Manifests) -> None:
    """Word for word what `tiergate render vllm` prints, for the hardware that the flags are of."""
    for server, container in started(decode(document(manifests)), manifests):
        if "command" in container:
            said = [
                command(server, HARDWARE[kind], host="0.0.0.0", port=8000)  # noqa: S104
                for kind in Kind
            ]
            env = {one["name"]: one.get("value") for one in container["env"]}
            assert container["args"] in [list(one.arguments) for one in said]
            assert said[0].env.items() <= env.items()
        else:
            names = container["args"][container["args"].index("--served-model-name") + 1 :]
            assert list(server.names) == names[: len(server.names)]
