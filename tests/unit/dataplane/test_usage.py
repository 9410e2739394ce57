"""Envoy's share where the router reads usage itself."""

from builders import config

from extproc.dataplane import render
from extproc.dataplane.pattern import Tree, connection_manager, named


def manager(source: str) -> Tree:
    """The connection manager for a source of usage."""
    made = render(
        config(usage={"source": source}),
        gateway="127.0.0.1:1",
        router="127.0.0.1:2",
        envoy_admin="127.0.0.1:3",
    )
    return connection_manager(made)


def test_nobody_reads_usage_twice() -> None:
    """All other filters stay, in their order."""
    both = [[one["name"] for one in manager(source)["http_filters"]] for source in SOURCES]

    assert both[1] == [name for name in both[0] if not name.startswith("tiergate.usage")]
    assert 2 == len(both[0]) - len(both[1])


def test_envoy_takes_it_from_the_router() -> None:
    """Without its namespace Envoy would drop it, and without the mode no response would come."""
    before, after = (
        named(manager(source)["http_filters"], "tiergate.ext_proc")["typed_config"]
        for source in SOURCES
    )
    spaces = [one["metadata_options"]["receiving_namespaces"]["untyped"] for one in (before, after)]

    assert [["tiergate"], ["tiergate", "tiergate.usage"]] == spaces
    assert (None, True) == (before.get("allow_mode_override"), after["allow_mode_override"])


SOURCES = ("envoy", "processor")
