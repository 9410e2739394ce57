"""Tokens that Envoy verifies before the router is asked: a claim of a good one names the tenant."""

from typing import Final
from urllib.parse import urlsplit

from extproc.config import Jwt
from extproc.config.forwarding import AUTHORIZATION
from extproc.dataplane.addresses import duration, is_fixed, socket_address
from extproc.dataplane.pattern import Tree, connection_manager
from extproc.headers import TENANT

CLUSTER: Final = "tiergate_jwks"
_FILTER: Final = "type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication"
_TLS: Final = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"
_PROVIDER: Final = "tenants"
_TIMEOUT: Final = duration(5)
_KEPT: Final = duration(600)


def verify(bootstrap: Tree, jwt: Jwt) -> None:
    """Put the filter before all others, and the issuer's cluster beside them.

    A missing or wrong token passes without a tenant, since an API key is no token and stands in the
    same header: the router refuses what has neither. A header of that name from a client was
    removed before any filter.
    """
    connection_manager(bootstrap)["http_filters"].insert(0, _filter(jwt))
    if jwt.jwks_url is not None:
        bootstrap["static_resources"]["clusters"].append(_cluster(jwt.jwks_url, jwt.ca_file))


def _filter(jwt: Jwt) -> Tree:
    provider = {
        "issuer": jwt.issuer,
        "audiences": list(jwt.audiences),
        # By default a token may also stand in the query string, which is logged everywhere.
        "from_headers": [{"name": AUTHORIZATION, "value_prefix": "Bearer "}],
        "claim_to_headers": [{"header_name": TENANT, "claim_name": jwt.claim}],
        "require_expiration": True,
        **_keys(jwt),
    }
    allowed = [{"provider_name": _PROVIDER}, {"allow_missing_or_failed": {}}]
    passes = {"requires_any": {"requirements": allowed}}
    return {
        "name": "tiergate.tokens",
        "typed_config": {
            "@type": _FILTER,
            "providers": {_PROVIDER: provider},
            "rules": [{"match": {"prefix": "/"}, "requires": passes}],
        },
    }


def _keys(jwt: Jwt) -> Tree:
    if jwt.jwks_url is None:
        return {"local_jwks": {"filename": jwt.jwks_file}}
    uri = {"uri": jwt.jwks_url, "cluster": CLUSTER, "timeout": _TIMEOUT}
    fetched = {"http_uri": uri, "cache_duration": _KEPT, "async_fetch": {}}
    return {"remote_jwks": fetched}


def _cluster(url: str, ca_file: str) -> Tree:
    parts = urlsplit(url)
    host = parts.hostname or ""
    secure = parts.scheme == "https"
    address = f"{host}:{parts.port or (443 if secure else 80)}"
    endpoint = {"endpoint": {"address": socket_address(address)}}
    cluster: Tree = {
        "name": CLUSTER,
        "type": "STATIC" if is_fixed(address) else "STRICT_DNS",
        "connect_timeout": _TIMEOUT,
        "load_assignment": {
            "cluster_name": CLUSTER,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }
    if secure:
        cluster["transport_socket"] = _tls(host, ca_file)
    return cluster


def _tls(host: str, ca_file: str) -> Tree:
    named = [{"san_type": "DNS", "matcher": {"exact": host}}]
    trusted = {"trusted_ca": {"filename": ca_file}, "match_typed_subject_alt_names": named}
    context = {"@type": _TLS, "sni": host, "common_tls_context": {"validation_context": trusted}}
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}
