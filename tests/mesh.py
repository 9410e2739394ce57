"""Rendered mesh manifests as the bootstrap that a gateway proxy would run.

What istiod makes of its own objects is made here in the same shape, without TLS; what EnvoyFilters
say is put onto it word for word.
"""

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import charts
import patches
import yaml
from charts import Manifest, of_kind

Tree = dict[str, Any]
Endpoints = Mapping[str, Sequence[tuple[str, int]]]
"""Where the pods of each service are, by the host and the port that the mesh knows: `host:port`."""
_FILTERS: Final = "type.googleapis.com/envoy.extensions.filters.http"
_OPTIONS: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_RUNTIME: Final = {"re2.max_program_size.error_level": 32768}
"""What istiod starts every proxy with, and Envoy alone has another default for."""
_JWT: Final = "envoy.filters.http.jwt_authn"


def bootstrap(manifests: tuple[Manifest, ...], endpoints: Endpoints) -> Tree:
    """The proxy of the release's gateway, listening on a free port of loopback."""
    made: Tree = {
        "admin": {"address": _address("127.0.0.1", 0)},
        "layered_runtime": {"layers": [{"name": "istio", "static_layer": _RUNTIME}]},
        "static_resources": {
            "listeners": [_listener(manifests)],
            "clusters": list(_clusters(manifests, endpoints)),
        },
    }
    for envoy_filter in of_kind(manifests, "EnvoyFilter"):
        patches.apply(made, copy.deepcopy(envoy_filter))
    return made


def _address(host: str, port: int) -> Tree:
    return {"socket_address": {"address": host, "port_value": port}}


def _listener(manifests: tuple[Manifest, ...]) -> Tree:
    manager = {
        "@type": "type.googleapis.com/envoy.extensions.filters.network."
        "http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "outbound_0.0.0.0_80",
        "use_remote_address": True,
        "normalize_path": True,
        "http_filters": [
            *_authentication(manifests),
            *_authorization(manifests),
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_FILTERS}.router.v3.Router"},
            },
        ],
        "route_config": {
            "name": "http.80",
            "virtual_hosts": [
                {"name": "all", "domains": _domains(manifests), "routes": list(_routes(manifests))}
            ],
        },
    }
    return {
        "name": "gateway",
        "address": _address("127.0.0.1", 0),
        "filter_chains": [{"filters": [{"name": patches.MANAGER, "typed_config": manager}]}],
    }


def _domains(manifests: tuple[Manifest, ...]) -> list[str]:
    """Whom the routes are for."""
    found = {
        host
        for one in of_kind(manifests, "VirtualService", "HTTPRoute")
        for host in one["spec"].get("hosts", one["spec"].get("hostnames", ["*"]))
    }
    return sorted(found)


def _authentication(manifests: tuple[Manifest, ...]) -> Iterator[Tree]:
    for one in of_kind(manifests, "RequestAuthentication"):
        rules = one["spec"]["jwtRules"]
        providers = {
            f"origins-{place}": {
                "issuer": rule["issuer"],
                "local_jwks": {"inline_string": rule["jwks"]},
                "forward": rule["forwardOriginalToken"],
                "payload_in_metadata": "payload",
                "audiences": rule.get("audiences", []),
            }
            for place, rule in enumerate(rules)
        }
        some = [{"provider_name": name} for name in providers]
        requires = {"requires_any": {"requirements": [*some, {"allow_missing": {}}]}}
        yield {
            "name": _JWT,
            "typed_config": {
                "@type": f"{_FILTERS}.jwt_authn.v3.JwtAuthentication",
                "providers": providers,
                "rules": [{"match": {"prefix": "/"}, "requires": requires}],
            },
        }


def _authorization(manifests: tuple[Manifest, ...]) -> Iterator[Tree]:
    policies = {
        f"ns[{one['metadata']['namespace']}]-policy[{one['metadata']['name']}]-{place}": {
            "permissions": [_permission(rule["to"])],
            "principals": [_principal(rule["from"])],
        }
        for one in of_kind(manifests, "AuthorizationPolicy")
        if one["metadata"]["labels"]["app.kubernetes.io/component"] == "gateway"
        for place, rule in enumerate(one["spec"]["rules"])
    }
    if policies:
        yield {
            "name": "envoy.filters.http.rbac",
            "typed_config": {
                "@type": f"{_FILTERS}.rbac.v3.RBAC",
                "rules": {"action": "ALLOW", "policies": policies},
            },
        }


def _permission(to: Sequence[Tree]) -> Tree:
    return _any(
        {
            "and_rules": {
                "rules": [
                    _any(
                        {"header": {"name": ":method", "string_match": {"exact": method}}}
                        for method in one["operation"]["methods"]
                    ),
                    _any({"url_path": {"path": _text(path)}} for path in one["operation"]["paths"]),
                ]
            }
        }
        for one in to
    )


def _any(rules: Iterator[Tree] | Sequence[Tree]) -> Tree:
    return {"or_rules": {"rules": list(rules)}}


def _text(pattern: str) -> Tree:
    if pattern.endswith("*"):
        return {"prefix": pattern.removesuffix("*")}
    return {"exact": pattern}


def _principal(source: Sequence[Tree]) -> Tree:
    """Whose token was accepted; istiod reads the issuer out of the token in the same way."""
    issuers = [
        principal.removesuffix("/*")
        for one in source
        for principal in one["source"]["requestPrincipals"]
    ]
    path = [{"key": "payload"}, {"key": "iss"}]
    matchers = [
        {"filter": _JWT, "path": path, "value": {"string_match": {"exact": issuer}}}
        for issuer in issuers
    ]
    ids = [{"sourced_metadata": {"metadata_matcher": matcher}} for matcher in matchers]
    return {"or_ids": {"ids": ids}}


def _routes(manifests: tuple[Manifest, ...]) -> Iterator[Tree]:
    for service in of_kind(manifests, "VirtualService"):
        for route in service["spec"]["http"]:
            yield from _classic(route, _hashing(manifests))
    found = [
        (rule, match)
        for route in of_kind(manifests, "HTTPRoute")
        for rule in route["spec"]["rules"]
        for match in rule["matches"]
    ]
    # The more headers a match asks for, the earlier it is tried.
    for rule, match in sorted(found, key=lambda pair: -len(pair[1].get("headers", ()))):
        yield _standard(rule, match, _hashing(manifests))


def _hashing(manifests: tuple[Manifest, ...]) -> Mapping[str, str]:
    """By host, the header that chooses the pod."""
    return {
        rule["spec"]["host"]: balancer["consistentHash"]["httpHeaderName"]
        for rule in of_kind(manifests, "DestinationRule")
        if "consistentHash" in (balancer := rule["spec"]["trafficPolicy"]["loadBalancer"])
    }


def _classic(route: Tree, hashing: Mapping[str, str]) -> Iterator[Tree]:
    for match in route["match"]:
        headers = {":method": match["method"]} if "method" in match else {}
        headers |= match.get("headers", {})
        made: Tree = {"name": route["name"], "match": _match(match["uri"], headers)}
        if "directResponse" in route:
            yield {**made, "direct_response": route["directResponse"]}
            continue
        (destination,) = (one["destination"] for one in route["route"])
        action = _action(destination["host"], destination["port"]["number"], hashing)
        action["timeout"] = route.get("timeout", "0s")
        action["retry_policy"] = _retries(route["retries"])
        yield {**made, "route": action}


def _match(uri: Tree, headers: Mapping[str, Tree]) -> Tree:
    path = {"prefix": uri["prefix"]} if "prefix" in uri else {"safe_regex": {"regex": uri["regex"]}}
    asked = [{"name": name, "string_match": value} for name, value in headers.items()]
    return {**path, "headers": asked}


def _retries(retries: Tree) -> Tree:
    """Numbers among the conditions are statuses."""
    words = retries["retryOn"].split(",")
    return {
        "retry_on": ",".join(word for word in words if not word.isdigit()),
        "retriable_status_codes": [int(word) for word in words if word.isdigit()],
        "num_retries": retries["attempts"],
        "retry_host_predicate": [_previous_hosts()],
        "host_selection_retry_max_attempts": 5,
    }


def _previous_hosts() -> Tree:
    kind = "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3"
    return {
        "name": "envoy.retry_host_predicates.previous_hosts",
        "typed_config": {"@type": f"{kind}.PreviousHostsPredicate"},
    }


def _standard(rule: Tree, match: Tree, hashing: Mapping[str, str]) -> Tree:
    assert "RegularExpression" == match["path"]["type"]
    headers = {":method": {"exact": match["method"]}}
    headers |= {one["name"]: {"exact": one["value"]} for one in match.get("headers", ())}
    (backend,) = rule["backendRefs"]
    action = _action(f"{backend['name']}.llm.svc.cluster.local", backend["port"], hashing)
    action["timeout"] = rule["timeouts"]["request"]
    made = _match({"regex": match["path"]["value"]}, headers)
    return {"name": rule["name"], "match": made, "route": action}


def _action(host: str, port: int, hashing: Mapping[str, str]) -> Tree:
    return {
        "cluster": f"outbound|{port}||{host}",
        "hash_policy": [{"header": {"header_name": hashing[host]}}],
    }


def _clusters(manifests: tuple[Manifest, ...], endpoints: Endpoints) -> Iterator[Tree]:
    rules = {rule["spec"]["host"]: rule["spec"] for rule in of_kind(manifests, "DestinationRule")}
    for service in of_kind(manifests, "Service"):
        meta = service["metadata"]
        host = f"{meta['name']}.{meta['namespace']}.svc.cluster.local"
        for port in service["spec"]["ports"]:
            where = endpoints.get(f"{host}:{port['port']}", ())
            yield _cluster(host, port["port"], port["appProtocol"], where, rules.get(host))
    for entry in of_kind(manifests, "ServiceEntry"):
        (host,), (port,) = entry["spec"]["hosts"], entry["spec"]["ports"]
        where = [
            address
            for one in entry["spec"]["endpoints"]
            for address in endpoints[f"{one['address']}:{one['ports'][port['name']]}"]
        ]
        yield _cluster(host, port["number"], port["protocol"].lower(), where, rules[host])


def _cluster(
    host: str, port: int, protocol: str, where: Sequence[tuple[str, int]], rule: Tree | None
) -> Tree:
    name = f"outbound|{port}||{host}"
    cluster: Tree = {
        "name": name,
        "type": "STATIC",
        "connect_timeout": "10s",
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {
                    "lb_endpoints": [
                        {"endpoint": {"address": _address(*one)}, "metadata": _workload(host)}
                        for one in where
                    ]
                }
            ],
        },
    }
    if protocol == "grpc":
        cluster["typed_extension_protocol_options"] = {
            _OPTIONS: {
                "@type": f"type.googleapis.com/{_OPTIONS}",
                "explicit_http_config": {"http2_protocol_options": {}},
            }
        }
    if rule is not None:
        _follow(cluster, rule["trafficPolicy"])
    return cluster


def _workload(host: str) -> Tree:
    """What istiod writes at each endpoint: name, namespace, canonical name, revision, cluster."""
    name, namespace, *_ = host.split(".")
    words = f"{name};{namespace};{name};latest;Kubernetes"
    return {"filter_metadata": {"istio": {"workload": words}}}


def _follow(cluster: Tree, policy: Tree) -> None:
    pool = policy["connectionPool"]
    cluster["connect_timeout"] = pool["tcp"]["connectTimeout"]
    cluster["circuit_breakers"] = {
        "thresholds": [
            {
                "max_connections": pool["tcp"]["maxConnections"],
                "max_pending_requests": pool["http"]["http1MaxPendingRequests"],
                "max_requests": pool["http"]["http2MaxRequests"],
                "max_retries": 2**32 - 1,
                **_budget(policy.get("retryBudget")),
            }
        ]
    }
    cluster.update(_balancer(policy["loadBalancer"]))
    if "outlierDetection" in policy:
        cluster["outlier_detection"] = _outliers(policy["outlierDetection"])


def _balancer(chosen: Tree) -> Tree:
    """Which replica a request gets."""
    if "simple" in chosen:
        return {"lb_policy": chosen["simple"]}
    least = chosen["consistentHash"]["ringHash"]["minimumRingSize"]
    return {"lb_policy": "RING_HASH", "ring_hash_lb_config": {"minimum_ring_size": least}}


def _budget(budget: Tree | None) -> Tree:
    """What istiod sets of retries in place of its number."""
    if budget is None:
        return {}
    percent, least = budget["percent"], budget["minRetryConcurrency"]
    return {"retry_budget": {"budget_percent": {"value": percent}, "min_retry_concurrency": least}}


def _outliers(detection: Tree) -> Tree:
    names = {
        "consecutive5xxErrors": "consecutive_5xx",
        "consecutiveGatewayErrors": "consecutive_gateway_failure",
    }
    return {
        names.get(key) or re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", key): value
        for key, value in detection.items()
    }


def gateway_sections(manifests: tuple[Manifest, ...]) -> Tree:
    """The rendered config document without the addresses, which a test chooses."""
    document: Tree = yaml.safe_load(charts.document(manifests))
    for address in ("listen", "services", "admin"):
        del document["server"][address]
    return document
