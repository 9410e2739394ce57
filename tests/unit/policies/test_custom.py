"""A policy of the operator's own."""

import pytest
from acme import Always, ByLength
from builders import request, scope

from extproc.decision import Reason, Verdict
from extproc.errors import ConfigError
from extproc.policies import custom


def test_a_dataclass_gets_its_parameters() -> None:
    """Fields are parameters, defaults included."""
    policy = custom.build("acme:ByLength", {"long": "reasoning", "short": "fast"}, scope())

    assert ByLength(long="reasoning", short="fast", limit=100) == policy
    assert Verdict(tier="fast", reason=Reason.POLICY, path="custom") == policy.decide(request(), {})


def test_a_struct_may_need_no_parameters() -> None:
    """`acme:Always:` with nothing after it means all defaults."""
    assert Always(tier="fast") == custom.build("acme:Always", None, scope())


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere:Policy", "cannot import it: .*No module named 'nowhere'"),
        ("acme_broken:Policy", r"cannot import it: ZeroDivisionError\(.*\)"),
        ("acme:Missing", "cannot import it: .*no attribute 'Missing'"),
        (":Policy", "cannot import it"),
        ("acme:", "cannot import it"),
        ("acme:dataclass", "not a class with a `decide` method"),
        ("acme:Indecisive", "not a class with a `decide` method"),
        ("acme:Plain", "neither a dataclass nor a msgspec struct"),
    ],
    ids=[
        "module",
        "broken-module",
        "class",
        "no-module",
        "no-class",
        "function",
        "no-decide",
        "plain",
    ],
)
def test_what_cannot_be_a_policy_is_refused(name: str, message: str) -> None:
    """The complaint says what is wrong with the class, under the key that names it."""
    with pytest.raises(ConfigError, match=message) as caught:
        custom.build(name, None, scope().at(f".{name}"))

    assert f"$.policy.{name}" == caught.value.path


@pytest.mark.parametrize(
    ("parameters", "path", "message"),
    [
        ({"long": "a", "short": "b", "maximum": 1}, "$.policy.maximum", "no such parameter"),
        ({"long": "a"}, "$.policy", "missing required field `short`"),
        ({"long": "a", "short": "b", "limit": "x"}, "$.policy.limit", "Expected `int`"),
        (["a", "b"], "$.policy", "Expected `object`"),
    ],
    ids=["unknown", "missing", "type", "list"],
)
def test_parameters_are_checked(parameters: object, path: str, message: str) -> None:
    """An operator's policy gets the same care as a built-in one."""
    with pytest.raises(ConfigError, match=message) as caught:
        custom.build("acme:ByLength", parameters, scope())

    assert path == caught.value.path


@pytest.mark.parametrize(
    ("tier", "message"),
    [("slow", r"it refuses its parameters: KeyError\('slow'\)"), ("none", "there is no such tier")],
    ids=["any-error", "value-error"],
)
def test_a_class_may_refuse_its_parameters(tier: str, message: str) -> None:
    """Whatever it raises, a running router must be able to keep its last good config."""
    with pytest.raises(ConfigError, match=message) as caught:
        custom.build("acme:Picky", {"tier": tier}, scope())

    assert "$.policy" == caught.value.path
