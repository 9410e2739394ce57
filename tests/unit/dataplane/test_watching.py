"""What Envoy's filter is told where the router looks at responses."""

from typing import Any

import pytest
from builders import config

from extproc.dataplane.pattern import Tree, connection_manager, named, shipped
from extproc.dataplane.watching import SHOWN, watch


def watched(**sections: object) -> Tree:
    """The filter of a document with these sections."""
    processor: Tree = named(connection_manager(shipped())["http_filters"], "tiergate.ext_proc")[
        "typed_config"
    ]
    watch(processor, config(**sections))
    return processor


def shown(processor: Tree) -> set[str]:
    """The headers that the router sees."""
    return {one["exact"] for one in processor["forward_rules"]["allowed_headers"]["patterns"]}


@pytest.mark.parametrize(
    "sections", [{}, {"affinity": {"responses": False}}], ids=["nothing", "affinity"]
)
def test_where_nobody_looks_nothing_changes(sections: dict[str, Any]) -> None:
    """The shipped filter stays as it is."""
    processor = watched(**sections)

    assert not {"allow_mode_override", "max_message_timeout"} & processor.keys()
    assert not set(SHOWN) & shown(processor)


@pytest.mark.parametrize("sections", [{"affinity": {}}, {"cache": {"wait_seconds": 0}}], ids=str)
def test_whoever_looks_is_shown_status_encoding_and_tier(sections: dict[str, Any]) -> None:
    """And may ask for the body, request by request."""
    processor = watched(**sections)

    assert processor["allow_mode_override"] is True
    assert set(SHOWN) <= shown(processor)
    assert "max_message_timeout" not in processor


def test_whoever_waits_may_take_its_time() -> None:
    """A second more than it takes at most."""
    assert "8s" == watched(cache={"wait_seconds": 7})["max_message_timeout"]
