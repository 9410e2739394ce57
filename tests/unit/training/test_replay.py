"""What another policy would have decided."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import config
from decision_lines import decided, ended

from extproc.config import Config
from extproc.decisionlog.lines import Line, OutcomeLine
from extproc.decisionlog.reading import Read
from extproc.errors import ConfigError
from extproc.training.replay import Replayed, disagreements, of_log, of_prompts, shares


def long_to_reasoning(tokens: int = 100, signal: str = "prompt_tokens", **more: Any) -> Config:  # noqa: ANN401
    """A policy by one signal."""
    rule = {"when": {signal: {"at_least": tokens}}, "then": "reasoning"}
    return config(policy={"rules": [rule, {"otherwise": "fast"}]}, **more)


def log(*lines: Line) -> Read:
    """Ten decisions for the fast tier, of 0 to 180 tokens, and more."""
    signals = [{"prompt_tokens": 20.0 * n, "turns": 1.0} for n in range(10)]
    made = [decided(f"r-{n}", signals=one) for n, one in enumerate(signals)]
    outcomes = {line.request_id: line for line in lines if isinstance(line, OutcomeLine)}
    more = [line for line in lines if not isinstance(line, OutcomeLine)]
    return Read(decisions=[*made, *more], outcomes=outcomes, torn=0)


def flips(found: Replayed) -> list[str]:
    """The requests that the two decide differently."""
    return [case.name for case in found.cases if case.before != case.after]


def test_a_policy_decides_from_logged_signals() -> None:
    """What the client asked for is not its own to decide."""
    asked = decided("r-99", reason="client_preference", signals={})
    found = of_log(log(asked), long_to_reasoning())

    assert [f"r-{n}" for n in range(5, 10)] == flips(found)
    assert 10 == len(found.cases)
    assert [] == found.unknown


def test_two_policies_may_be_replayed_against_each_other() -> None:
    """Whatever was in force."""
    found = of_log(log(), long_to_reasoning(100), long_to_reasoning(140))

    assert ["r-5", "r-6"] == flips(found)


def test_a_signal_that_the_log_has_not_is_named() -> None:
    """A policy with new keywords needs new traffic; rules and weights alike."""
    weights = {"keywords.legal": {"weight": 1}}
    scored = {"threshold": {"at": 0.5, "above": "reasoning", "below": "fast", "weights": weights}}
    more = {"signals": {"keywords": {"legal": ["contract"]}}}
    by_rule = of_log(log(), long_to_reasoning(1, "keywords.legal", **more))
    by_score = of_log(log(), config(policy=scored, **more))

    assert [["keywords.legal"]] * 2 == [by_rule.unknown, by_score.unknown]
    assert "in no line of the log, so taken as absent: keywords.legal" in shares(by_rule)


def test_a_policy_that_fails_is_counted_so() -> None:
    """It looks at a text that the log has not; or names no tier of the config."""
    found = of_log(log(), config(policy={"acme:Broken": None}))

    assert {"failed"} == {case.after for case in found.cases}


def test_nothing_to_replay_is_refused() -> None:
    """Where clients always say which tier."""
    only = Read(decisions=[decided(reason="client_preference")], outcomes={}, torn=0)

    with pytest.raises(ConfigError, match="the policy's own"):
        of_log(only, config())


def test_shares_flips_and_costs_are_said() -> None:
    """Costs where the log knows each tier's."""
    outcomes = (
        ended("r-0", cost_microdollars=1000),
        ended("r-1", cost_microdollars=3000),
        ended("r-2", cost_microdollars=10_000, served_by="reasoning"),
        ended("r-3"),
    )
    said = list(shares(of_log(log(*outcomes), long_to_reasoning())))

    assert "| fast | 100.0% | 50.0% |" in said
    assert "5 of 10 decisions differ (50.0%)" in said
    assert "  fast → reasoning: 5" in said
    assert "at each tier's mean cost of a request: $0.0200 before, $0.0600 after" == said[-1]
    assert "cost" not in "".join(shares(of_log(log(*outcomes[:2]), long_to_reasoning())))


def test_disagreements_are_shown_by_signal() -> None:
    """The one that sets them apart, with its largest cases; one that does not is left out."""
    said = list(disagreements(of_log(log(), long_to_reasoning()), 2))

    assert [
        "prompt_tokens: 140 on average where they differ, 40 elsewhere",
        "         180  fast → reasoning  r-9",
        "         160  fast → reasoning  r-8",
    ] == said


def test_what_is_small_where_they_differ_is_shown_small_first() -> None:
    """The other way round."""
    short = config(
        policy={
            "rules": [
                {"when": {"prompt_tokens": {"at_most": 30}}, "then": "reasoning"},
                {"otherwise": "fast"},
            ]
        }
    )

    assert "           0  fast → reasoning  r-0" in list(disagreements(of_log(log(), short)))


@pytest.mark.parametrize("tokens", [0, 10_000])
def test_nothing_sets_apart_where_all_or_none_differ(tokens: int) -> None:
    """There is nothing to set them apart from."""
    assert [] == list(disagreements(of_log(log(), long_to_reasoning(tokens))))


def test_prompts_are_decided_anew(tmp_path: Path) -> None:
    """By both configs as a whole, and named by their text."""
    path = tmp_path / "prompts.jsonl"
    prompts = ("hello", "Prove\nit. " * 100)
    path.write_text("".join(json.dumps({"prompt": text}) + "\n" for text in prompts))
    cautious = config(policy={"fixed": "fast"}, models={"aliases": ["gpt"]})
    found = of_prompts(path, long_to_reasoning(), cautious)

    assert [("fast", "fast"), ("fast", "reasoning")] == [
        (case.before, case.after) for case in found.cases
    ]
    assert "Prove it. Prove it." == flips(found)[0][:19]
    assert found.cases[1].signals["prompt_tokens"] > 100


def test_no_prompts_are_refused(tmp_path: Path) -> None:
    """As an empty file."""
    (tmp_path / "none").touch()

    with pytest.raises(ConfigError, match="none is empty"):
        of_prompts(tmp_path / "none", config(), config())
