"""What policies share: the interface, and what a config node may refer to."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeAlias

from msgspec import structs

from extproc.decision import Reason, Verdict
from extproc.errors import ConfigError
from extproc.request import InferenceRequest


class Policy(Protocol):
    """Decides from values alone: no I/O, no state, well under a millisecond."""

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The tier for one request; whatever it raises sends the request to the default tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Where in the config a policy is built, and which names it may use there.

    `nest` builds a policy that stands inside another one.
    """

    tiers: Collection[str]
    signals: Collection[str]
    nest: "Callable[[object, Scope], Policy]"
    path: str = "$.policy"

    def at(self, step: str) -> "Scope":
        """The same names, one step further down."""
        return replace(self, path=self.path + step)

    def under(self, path: str) -> "Scope":
        """The same names, elsewhere in the config."""
        return replace(self, path=path)

    def signal(self, name: str) -> str:
        """`name`, or ConfigError where no signal is called so."""
        if name not in self.signals:
            known = ", ".join(sorted(self.signals))
            raise ConfigError(f"no such signal; there are: {known}", path=self.path)
        return name

    def target(self, node: object, reason: Reason, label: str) -> Policy:
        """What stands where a tier may stand: a tier's name, or a policy of its own."""
        if not isinstance(node, str):
            return Labelled(policy=self.nest(node, self), label=label)
        if node not in self.tiers:
            known = ", ".join(self.tiers)
            raise ConfigError(f"no tier is called {node!r}; there are: {known}", path=self.path)
        return Leaf(verdict=Verdict(tier=node, reason=reason, path=label))


Builder: TypeAlias = Callable[[object, Scope], Policy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """Always the same verdict."""

    verdict: Verdict

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The verdict, whatever the request."""
        del request, signals
        return self.verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A nested policy whose verdicts say through which label they came."""

    policy: Policy
    label: str

    def decide(self, request: InferenceRequest, signals: Mapping[str, float]) -> Verdict:
        """The nested policy's verdict with the way to it."""
        verdict = self.policy.decide(request, signals)
        return structs.replace(verdict, path=f"{self.label}>{verdict.path}")
