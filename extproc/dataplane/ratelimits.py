"""What is left of a tenant's limits, on every answer of a tier: the router's words, in headers."""

from extproc.dataplane.pattern import Tree
from extproc.headers import METADATA_NAMESPACE, RATE_LIMITS


def show(routes: Tree) -> None:
    """Add the headers; a tier's own of those names are not believed."""
    routes["response_headers_to_remove"].extend(RATE_LIMITS)
    for name in RATE_LIMITS:
        value = f"%DYNAMIC_METADATA({METADATA_NAMESPACE}:{name})%"
        routes["response_headers_to_add"].append(
            {
                "header": {"key": name, "value": value},
                "append_action": "OVERWRITE_IF_EXISTS_OR_ADD",
            }
        )
