"""Two trees of one message, written by hand and printed by Envoy."""

import pytest

from extproc.dataplane.live.compare import differences


@pytest.mark.parametrize(
    ("wanted", "live"),
    [
        pytest.param({"a": "0.5s"}, {"a": "0.500s"}, id="duration"),
        pytest.param({"a": 8388608}, {"a": "8388608"}, id="large number"),
        pytest.param({"a": "NONE", "b": False, "c": 0}, {}, id="first values"),
        pytest.param({}, {"a": [], "b": {}}, id="empty"),
        pytest.param({"a": {"value": 0}}, {"a": {}}, id="wrapped zero"),
        pytest.param({"cluster_name": "router"}, {"cluster_name": "outbound|1||h"}, id="cluster"),
        pytest.param([{"a": 1}, "b"], [{"a": 1}, "b"], id="list"),
    ],
)
def test_one_thing_may_be_spelt_in_two_ways(wanted: object, live: object) -> None:
    """Protobuf's JSON leaves out what is not set, and writes numbers its own way."""
    assert [] == list(differences(wanted, live))


@pytest.mark.parametrize(
    ("wanted", "live", "expected"),
    [
        pytest.param({"a": True}, {}, "a is not set, and should be True", id="not set"),
        pytest.param({}, {"a": 1}, "a is 1, and should be not set", id="too much"),
        pytest.param({"a": {"b": 1}}, {"a": {"b": 2}}, "a.b is 2, and should be 1", id="deep"),
        pytest.param({"a": [1]}, {"a": [2]}, "a[0] is 2, and should be 1", id="item"),
        pytest.param({"a": [1]}, {}, "a has 0 entries, and should have 1", id="missing item"),
        pytest.param({"a": "1s"}, {"a": "2s"}, "a is 2s, and should be 1s", id="duration"),
        pytest.param({"a": {"b": 1}}, {}, "a.b is not set, and should be 1", id="no message"),
    ],
)
def test_each_difference_is_named(wanted: object, live: object, expected: str) -> None:
    """By the way to it, with both values."""
    assert [expected] == list(differences(wanted, live))
