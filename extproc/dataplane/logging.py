"""Envoy's own log lines, for whoever collects what the proxies write: the same keys as the router's
`request` line, so that one query finds both. Times are in milliseconds here, and say so.
"""

from collections.abc import Mapping
from typing import Final

from extproc.dataplane.pattern import Tree, connection_manager
from extproc.headers import METADATA_NAMESPACE, REASON, SERVED_BY, USAGE_NAMESPACE


def _fact(name: str) -> str:
    return f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:{name})%"


def _tokens(name: str) -> str:
    return f"%DYNAMIC_METADATA({USAGE_NAMESPACE}:{name}_tokens)%"


KEYS: Final[Mapping[str, str | Mapping[str, str]]] = {
    "event": "request",
    "timestamp": "%START_TIME%",
    "request_id": "%REQ(x-request-id)%",
    "path": "%PATH(NQ)%",  # without the query, which may hold a key
    "status": "%RESPONSE_CODE%",
    "details": "%RESPONSE_CODE_DETAILS%",
    "reason": f"%RESP({REASON})%",
    "tier": _fact("tier"),
    "served_by": f"%RESP({SERVED_BY})%",
    "score": _fact("score"),
    "policy": _fact("policy"),
    "attempts": "%UPSTREAM_REQUEST_ATTEMPT_COUNT%",
    "first_byte_ms": "%RESPONSE_DURATION%",
    "duration_ms": "%DURATION%",
    "upstream": "%UPSTREAM_CLUSTER%",
    "received": "%BYTES_RECEIVED%",
    "sent": "%BYTES_SENT%",
    "tenant": _fact("tenant"),
    "model": _fact("model"),
    "tokens": {name: _tokens(name) for name in ("prompt", "completion", "cached", "reasoning")},
    "trace": "%REQ(traceparent)%",
}


def log(bootstrap: Tree) -> None:
    """Have Envoy write a line of each request to its standard output."""
    connection_manager(bootstrap)["access_log"].append(
        {
            "name": "envoy.access_loggers.stdout",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3"
                ".StdoutAccessLog",
                "log_format": {"json_format": KEYS},
            },
        }
    )
