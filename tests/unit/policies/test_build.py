"""From a config node to a policy."""

import pytest
from builders import request, scope

from extproc.errors import ConfigError
from extproc.policies import BUILT_IN, build

NODES = {
    "fixed": "fast",
    "rules": [{"otherwise": "fast"}],
    "threshold": {"at": 0.5, "above": "fast", "below": "fast", "weights": {"a": {"weight": 1}}},
    "acme:Always": None,
}


@pytest.mark.parametrize(("name", "parameters"), NODES.items(), ids=NODES)
def test_a_node_is_a_name_with_parameters(name: str, parameters: object) -> None:
    """Every built-in policy, and one with a colon in its name, can be built and asked."""
    policy = build({name: parameters}, scope("a"))

    assert "fast" == policy.decide(request(), {"a": 1.0}).tier


def test_no_built_in_policy_is_left_out_of_these_tests() -> None:
    """A new policy comes with a test."""
    assert set(BUILT_IN) == {name for name in NODES if ":" not in name}


@pytest.mark.parametrize("node", [None, "fast", [], {}, {"fixed": "fast", "rules": []}])
def test_what_is_not_one_name_is_refused(node: object) -> None:
    """Two policies side by side would leave open which one decides."""
    with pytest.raises(ConfigError, match=r"\$\.policy: a policy is one name"):
        build(node, scope())


def test_an_unknown_name_is_refused_with_those_that_exist() -> None:
    """The complaint stands at the name."""
    with pytest.raises(ConfigError, match="there are: fixed, rules, threshold") as caught:
        build({"fixd": "fast"}, scope())

    assert "$.policy.fixd" == caught.value.path
