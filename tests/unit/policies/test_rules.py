"""Ordered rules over signals."""

from collections.abc import Mapping

import pytest
from builders import request, scope

from extproc.decision import Reason, Verdict
from extproc.errors import ConfigError
from extproc.policies import Policy, rules

LONG = {"name": "long", "when": {"tokens": {"at_least": 100}}, "then": "reasoning"}
OTHERWISE = {"otherwise": "fast"}


def policy(*nodes: object) -> Policy:
    """Rules over the signals `tokens` and `tools`."""
    return rules.build(list(nodes), scope("tokens", "tools"))


@pytest.mark.parametrize(
    ("bounds", "value", "matches"),
    [
        ({"at_least": 5}, 5.0, True),
        ({"at_least": 5}, 4.9, False),
        ({"at_most": 5}, 5.0, True),
        ({"at_most": 5}, 5.1, False),
        ({"at_least": 1, "at_most": 2}, 1.5, True),
        ({}, 0.0, True),
    ],
    ids=["at-low-end", "below", "at-high-end", "above", "between", "any-value"],
)
def test_an_interval_holds_its_ends(
    bounds: Mapping[str, float], value: float, matches: bool
) -> None:
    """Both ends belong to it, and an end that is not given is open."""
    decide = policy({"when": {"tokens": bounds}, "then": "reasoning"}, OTHERWISE).decide

    assert ("reasoning" if matches else "fast") == decide(request(), {"tokens": value}).tier


def test_a_signal_without_a_value_meets_no_condition() -> None:
    """Silence is not zero: even an interval that holds everything does not hold it."""
    decide = policy({"when": {"tokens": {}}, "then": "reasoning"}, OTHERWISE).decide

    assert "fast" == decide(request(), {}).tier


def test_every_condition_must_hold() -> None:
    """Two conditions are an `and`."""
    both = {"tokens": {"at_least": 1}, "tools": {"at_most": 0}}
    decide = policy({"when": both, "then": "reasoning"}, OTHERWISE).decide

    assert "reasoning" == decide(request(), {"tokens": 1.0, "tools": 0.0}).tier
    assert "fast" == decide(request(), {"tokens": 1.0, "tools": 1.0}).tier


def test_the_first_rule_that_matches_decides() -> None:
    """Order is precedence, and the verdict names the rule."""
    second = {"when": {"tokens": {"at_least": 1}}, "then": "fast"}
    decide = policy(LONG, second, OTHERWISE).decide

    assert Verdict(tier="reasoning", reason=Reason.RULE, path="rules:long") == decide(
        request(), {"tokens": 100.0}
    )


@pytest.mark.parametrize(
    ("tokens", "path"),
    [(100.0, "rules:long"), (10.0, "rules:1"), (0.0, "rules:otherwise")],
    ids=["name", "position", "last"],
)
def test_a_rule_without_a_name_is_called_by_its_place(tokens: float, path: str) -> None:
    """A decision can always be traced to its rule."""
    second = {"when": {"tokens": {"at_least": 10}}, "then": "fast"}

    assert path == policy(LONG, second, OTHERWISE).decide(request(), {"tokens": tokens}).path


def test_a_rule_may_lead_to_a_policy() -> None:
    """`then` and `otherwise` take policies as well."""
    inner = {"rules": [LONG, {"otherwise": {"fixed": "fast"}}]}
    decide = policy({"when": {"tools": {"at_least": 1}}, "then": inner}, OTHERWISE).decide

    verdict = decide(request(), {"tools": 1.0, "tokens": 0.0})

    assert "rules:0>rules:otherwise>fixed" == verdict.path


@pytest.mark.parametrize(
    ("nodes", "path", "message"),
    [
        ([], "$.policy", "must be `otherwise`"),
        ([LONG], "$.policy", "must be `otherwise`"),
        ([OTHERWISE, OTHERWISE], "$.policy[0]", "has `when` and `then`"),
        ([{"when": LONG["when"]}, OTHERWISE], "$.policy[0]", "has `when` and `then`"),
        ([{"then": "fast"}, OTHERWISE], "$.policy[0]", "has `when` and `then`"),
        ([{**LONG, "when": {}}, OTHERWISE], "$.policy[0].when", "at least one condition"),
        ([{**OTHERWISE, "then": "fast"}], "$.policy[0]", "stands alone"),
        ([{**OTHERWISE, "when": {}}], "$.policy[0]", "stands alone"),
        ([{**LONG, "when": {"token": {}}}, OTHERWISE], "$.policy[0].when.token", "no such signal"),
        ([{**LONG, "then": "medium"}, OTHERWISE], "$.policy[0].then", "no tier"),
        ([LONG, {"otherwise": "medium"}], "$.policy[1].otherwise", "no tier"),
        ([{**LONG, "name": "Not A Label"}, OTHERWISE], "$.policy[0].name", "regex"),
        ([{"wen": {}}, OTHERWISE], "$.policy[0]", "unknown field `wen`"),
        ([{**LONG, "when": {"tokens": {"min": 1}}}, OTHERWISE], "$.policy[0].when[...]", "`min`"),
        ({"otherwise": "fast"}, "$.policy", "Expected `array`"),
    ],
    ids=[
        "none",
        "no-otherwise",
        "otherwise-first",
        "no-then",
        "no-when",
        "no-condition",
        "otherwise-then",
        "otherwise-when",
        "signal",
        "then-tier",
        "otherwise-tier",
        "label",
        "misspelt",
        "bound",
        "no-list",
    ],
)
def test_a_wrong_rule_is_named_by_its_path(nodes: object, path: str, message: str) -> None:
    """A rule that could never match, or matches by mistake, is refused when the config is read."""
    with pytest.raises(ConfigError, match=message) as caught:
        rules.build(nodes, scope("tokens", "tools"))

    assert path == caught.value.path
