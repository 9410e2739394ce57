"""Ordered rules over signals: the first that matches decides.

    rules:
      - name: long-context            # optional; shows in the decision
        when: {prompt_tokens: {at_least: 4000}, tools: {at_most: 0}}
        then: reasoning               # a tier or a policy
      - otherwise: fast               # the last one, and needed

A rule matches where every condition holds. A signal that has no value meets no condition.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType

from extproc.config.loading import convert
from extproc.decision import Reason, Verdict
from extproc.errors import ConfigError
from extproc.policies.base import Policy, Scope
from extproc.request import InferenceRequest

Label = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


class Bounds(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An interval that holds both its ends; an end that is not given is open."""

    at_least: float = float("-inf")
    at_most: float = float("inf")


class RuleNode(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One entry of the list."""

    name: Label | None = None
    when: dict[str, Bounds] | UnsetType = UNSET
    then: Any = UNSET
    otherwise: Any = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Conditions that must all hold, and what to do then."""

    conditions: tuple[tuple[str, float, float], ...]
    target: Policy

    def matches(self, signals: Mapping[str, float]) -> bool:
        """Whether every condition holds."""
        for name, low, high in self.conditions:
            value = signals.get(name)
            if value is None or not low <= value <= high:
                return False
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules in order; the last has no condition."""

    rules: tuple[Rule, ...]

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The verdict of the first rule that matches."""
        rule = next(rule for rule in self.rules if rule.matches(signals))
        return rule.target.decide(request, signals)


def build(parameters: object, scope: Scope) -> Policy:
    """The parameter is the list of rules; ConfigError names the bad key."""
    nodes = convert(parameters, list[RuleNode], path=scope.path)
    if not nodes or nodes[-1].otherwise is UNSET:
        raise ConfigError("the last rule must be `otherwise`", path=scope.path)
    last = len(nodes) - 1
    return Rules(
        rules=tuple(
            _rule(node, position, scope.at(f"[{position}]"), last=position == last)
            for position, node in enumerate(nodes)
        )
    )


def _rule(node: RuleNode, position: int, scope: Scope, *, last: bool) -> Rule:
    label = f"rules:{node.name or ('otherwise' if last else position)}"
    if last:
        if node.when is not UNSET or node.then is not UNSET:
            raise ConfigError("`otherwise` stands alone", path=scope.path)
        target = scope.at(".otherwise").target(node.otherwise, Reason.RULE, label)
        return Rule(conditions=(), target=target)
    if node.otherwise is not UNSET or isinstance(node.when, UnsetType) or node.then is UNSET:
        raise ConfigError("a rule has `when` and `then`", path=scope.path)
    if not node.when:
        raise ConfigError("at least one condition is needed", path=f"{scope.path}.when")
    return Rule(
        conditions=tuple(
            (scope.at(f".when.{name}").signal(name), bounds.at_least, bounds.at_most)
            for name, bounds in node.when.items()
        ),
        target=scope.at(".then").target(node.then, Reason.RULE, label),
    )
