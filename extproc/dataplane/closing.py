"""What turns Envoy's share from failing open to failing closed: nobody passes unchecked."""

from typing import Any, Final

from extproc.config.forwarding import API_KEY, AUTHORIZATION
from extproc.dataplane.pattern import Tree, named
from extproc.dataplane.routes import DEFAULT

_OVERWRITE: Final = "OVERWRITE_IF_EXISTS_OR_ADD"
_CEL: Final = "type.googleapis.com/envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter"
_UNCHECKED: Final = (
    "response.code_details.startsWith('ext_proc_error') || xds.route_name == '" + DEFAULT + "'"
)


def close(manager: Tree) -> None:
    """Refuse with 503 what the router has not answered.

    Envoy's filter lets a request pass whose stream the router ends in order and without a word,
    whatever its failure mode. Such a request has no verdict: so the route without one leads
    nowhere, too.
    """
    processor = named(manager["http_filters"], "tiergate.ext_proc")["typed_config"]
    processor["failure_mode_allow"] = False
    # Credentials end at the router, so it must be able to remove them.
    written = processor["mutation_rules"]["allow_expression"]
    written["regex"] = "|".join((written["regex"], AUTHORIZATION, API_KEY))
    fallback = named(manager["http_filters"], "tiergate.fallback")["typed_config"]["metadata"][0]
    fallback["value"]["tier"] = "none"
    default = named(manager["route_config"]["virtual_hosts"][0]["routes"], DEFAULT)
    del default["route"]
    default["direct_response"] = {"status": 503}
    # Behind the first, which lets the router's own answers pass.
    manager["local_reply_config"]["mappers"].insert(1, _mapper())


def _mapper() -> Tree:
    said = {
        "message": "The gateway cannot check who is asking; try again soon.",
        "type": "server_error",
        "param": None,
        "code": "router_unavailable",
    }
    return {
        "filter": {
            "extension_filter": {
                "name": "envoy.access_loggers.extension_filters.cel",
                "typed_config": {"@type": _CEL, "expression": _UNCHECKED},
            }
        },
        "status_code": 503,
        "headers_to_add": [
            _header("x-tiergate-tier", "none"),
            _header("x-tiergate-reason", "router_unavailable"),
            _header("x-tiergate-served-by", "none"),
            _header("retry-after", "1"),
        ],
        "body_format_override": {"json_format": {"error": said}},
    }


def _header(key: str, value: str) -> dict[str, Any]:
    return {"header": {"key": key, "value": value}, "append_action": _OVERWRITE}
