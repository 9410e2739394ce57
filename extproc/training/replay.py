"""What another policy would have decided: of a decision log from its signals, of prompts anew.

A log holds no text, so a policy that looks at the request itself sees an empty one, and a signal
that the log does not have counts as absent; `Replayed.unknown` names these.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, pstdev
from typing import Final

from typing_extensions import override

from extproc.config import Config
from extproc.decisionlog.lines import DecisionLine
from extproc.decisionlog.reading import Read
from extproc.errors import ConfigError
from extproc.learning.recorder import JUDGED
from extproc.learning.shadows import FAILED
from extproc.request import Api, Conversation, InferenceRequest
from extproc.request.lines import Line, decode, split
from extproc.router import Router

EXAMPLES: Final = 3
_SIGNALS: Final = 5
_SHOWN: Final = 60
_MICRO: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One request: the tiers that two policies choose for it, and what they saw."""

    name: str
    signals: Mapping[str, float]
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """The cases, signals that were asked for and stand in none of them, and what a request costs
    each tier on average, in dollars, where the log says so.
    """

    cases: Sequence[Case]
    unknown: Sequence[str] = ()
    costs: Mapping[str, float] = field(default_factory=dict)


def of_log(read: Read, policy: Config, against: Config | None = None) -> Replayed:
    """The decisions that a policy made; `against` or else the log says what was decided before.
    ConfigError where there are none.
    """
    lines = [line for line in read.decisions if line.reason in JUDGED]
    if not lines:
        raise ConfigError("no decision in it was the policy's own")
    asked: set[str] = set()
    after = _tiers(lines, policy, asked)
    before = [line.tier for line in lines] if against is None else _tiers(lines, against, asked)
    known = {name for line in lines for name in line.signals}
    cases = [
        Case(name=line.request_id, signals=line.signals, before=old, after=new)
        for line, old, new in zip(lines, before, after, strict=True)
    ]
    return Replayed(cases=cases, unknown=sorted(asked - known), costs=_costs(read))


def of_prompts(path: Path, policy: Config, against: Config) -> Replayed:
    """Lines of `prompt` or `messages`, each decided by both configs as a whole."""
    routers = (Router(against), Router(policy))
    aliases = [config.models.aliases[0] for config in (against, policy)]
    cases: list[Case] = []
    for number, text in enumerate(split(path.read_bytes()), 1):
        where = f"{path}:{number}"
        line = decode(text, Line, where)
        said = line.conversation(where)
        before, after = (
            router.route(Api.CHAT, line.body(where, alias))
            for router, alias in zip(routers, aliases, strict=True)
        )
        begun = " ".join(segment.text[:_SHOWN] for segment in said.segments)
        name = " ".join(begun.split())[:_SHOWN]
        signals = {**before.signals, **after.signals}
        cases.append(Case(name=name, signals=signals, before=before.tier, after=after.tier))
    if not cases:
        raise ConfigError(f"{path} is empty")
    return Replayed(cases=cases)


def shares(found: Replayed) -> Iterator[str]:
    """Each tier's share before and after, flips, and costs; Markdown."""
    cases = found.cases
    before, after = (Counter(getattr(case, when) for case in cases) for when in ("before", "after"))
    yield "| tier | before | after |"
    yield "|---|---|---|"
    for tier in sorted(before | after):
        yield f"| {tier} | {before[tier] / len(cases):.1%} | {after[tier] / len(cases):.1%} |"
    flips = Counter((case.before, case.after) for case in cases if case.before != case.after)
    yield ""
    yield f"{flips.total()} of {len(cases)} decisions differ ({flips.total() / len(cases):.1%})"
    for (old, new), many in flips.most_common():
        yield f"  {old} → {new}: {many}"
    if found.costs and set(before | after) <= found.costs.keys():
        spent, would_be = (
            sum(found.costs[tier] * many for tier, many in one.items()) for one in (before, after)
        )
        yield f"at each tier's mean cost of a request: ${spent:.4f} before, ${would_be:.4f} after"
    if found.unknown:
        yield f"in no line of the log, so taken as absent: {', '.join(found.unknown)}"


def disagreements(found: Replayed, examples: int = EXAMPLES) -> Iterator[str]:
    """The signals that most set apart where the two differ, by the difference of means in standard
    deviations; each with the requests where it does so most.
    """
    differ = [case for case in found.cases if case.before != case.after]
    same = [case for case in found.cases if case.before == case.after]
    if not differ or not same:
        return
    names = sorted({name for case in found.cases for name in case.signals})
    apart = {name: _apart(name, differ, same) for name in names}
    for name in sorted(names, key=lambda name: -abs(apart[name]))[:_SIGNALS]:
        if apart[name]:
            mean, rest = (_mean(name, some) for some in (differ, same))
            yield f"{name}: {mean:g} on average where they differ, {rest:g} elsewhere"
            utmost = sorted(
                differ, key=lambda case: case.signals.get(name, 0.0), reverse=apart[name] > 0
            )
            for case in utmost[:examples]:
                value = case.signals.get(name, 0.0)
                yield f"  {value:>10g}  {case.before} → {case.after}  {case.name}"


class _Watched(dict[str, float]):
    """Signals that remember what was asked for."""

    def __init__(self, values: Mapping[str, float], asked: set[str]) -> None:
        super().__init__(values)
        self._asked = asked

    @override
    def __contains__(self, name: object) -> bool:
        self._asked.add(str(name))
        return super().__contains__(name)

    @override
    def get(self, name: str, default: float | None = None) -> float | None:  # type: ignore[override]
        self._asked.add(name)
        return super().get(name, default)


def _tiers(lines: Sequence[DecisionLine], config: Config, asked: set[str]) -> list[str]:
    policy = Router(config).policies[None]
    tiers = {tier.name for tier in config.tiers}
    found: list[str] = []
    for line in lines:
        request = InferenceRequest(
            api=Api(line.api), model=line.model, conversation=Conversation(), fields={}
        )
        try:
            tier = policy.decide(request, _Watched(line.signals, asked)).tier
        except Exception:  # noqa: BLE001 - a policy of the operator's may raise anything
            tier = FAILED
        found.append(tier if tier in tiers else FAILED)
    return found


def _costs(read: Read) -> Mapping[str, float]:
    spent: dict[str, list[int]] = {}
    for outcome in read.outcomes.values():
        if outcome.cost_microdollars is not None:
            spent.setdefault(outcome.served_by, []).append(outcome.cost_microdollars)
    return {tier: fmean(some) / _MICRO for tier, some in spent.items()}


def _mean(name: str, cases: Sequence[Case]) -> float:
    return fmean(case.signals.get(name, 0.0) for case in cases)


def _apart(name: str, differ: Sequence[Case], same: Sequence[Case]) -> float:
    spread = pstdev(case.signals.get(name, 0.0) for case in (*differ, *same))
    return (_mean(name, differ) - _mean(name, same)) / spread if spread else 0.0
