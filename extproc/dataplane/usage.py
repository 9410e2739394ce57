"""Envoy's share where the router reads usage itself: none of the filters that would do it."""

from extproc.dataplane.pattern import Tree, named
from extproc.headers import USAGE_NAMESPACE

_READERS = ("tiergate.usage_json", "tiergate.usage_stream")


def leave_to_router(manager: Tree) -> None:
    """Take the readers of usage out of the chain, and take its metadata from the router."""
    filters = manager["http_filters"]
    manager["http_filters"] = [one for one in filters if one["name"] not in _READERS]
    processor = named(filters, "tiergate.ext_proc")["typed_config"]
    processor["metadata_options"]["receiving_namespaces"]["untyped"].append(USAGE_NAMESPACE)
