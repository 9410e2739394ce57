"""The shipped bootstrap as a tree."""

import pytest
import yaml

from extproc.dataplane.pattern import (
    clone,
    connection_manager,
    named,
    shipped,
    shipped_path,
    virtual_host,
)


def test_the_shipped_file_is_read_as_it_stands() -> None:
    """The renderer's pattern is the file that runs on a laptop."""
    assert yaml.safe_load(shipped_path().read_bytes()) == shipped()


def test_each_tree_is_ones_own() -> None:
    """What one caller changes, the next does not see."""
    shipped()["admin"]["address"] = "elsewhere"

    assert "elsewhere" != shipped()["admin"]["address"]


def test_a_clone_has_no_anchors() -> None:
    """Two places that share an anchor in YAML are edited apart."""
    tree = clone(yaml.safe_load("{first: &a {x: 1}, second: *a}"))
    tree["first"]["x"] = 2

    assert {"first": {"x": 2}, "second": {"x": 1}} == tree


def test_a_part_is_found_by_its_name() -> None:
    """The first of that name."""
    assert {"name": "b", "x": 2} == named([{"name": "a"}, {"name": "b", "x": 2}], "b")


def test_a_name_that_is_not_there_is_a_key_error() -> None:
    """A renamed pattern stops the renderer; it never renders half a bootstrap."""
    with pytest.raises(KeyError, match="c"):
        named([{"name": "a"}], "c")


def test_the_connection_manager_is_the_listeners_only_filter() -> None:
    """There is one way in."""
    assert "gateway" == connection_manager(shipped())["stat_prefix"]


def test_the_virtual_host_holds_every_route() -> None:
    """There is one virtual host, for every name."""
    assert ["*"] == virtual_host(shipped())["domains"]
