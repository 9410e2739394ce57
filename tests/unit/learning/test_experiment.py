"""A share of sessions gets another policy."""

import json
from collections.abc import Mapping

import pytest
from builders import chat

from extproc.config import Experiment
from extproc.context import Context
from extproc.decisionlog.lines import Assignment
from extproc.exchange import Exchange
from extproc.learning.experiment import Randomise, assign, session_of
from extproc.request import Api, parse

HALF = Experiment(name="trial", policy="cautious", share=0.5)


def exchange(
    body: bytes | None = None, api: Api = Api.CHAT, headers: Mapping[str, str] | None = None
) -> Exchange:
    """A request whose body has been read."""
    body = body or chat()
    return Exchange(headers=headers or {}, body=body, request=parse(api, body))


def arm(experiment: Experiment, one: Exchange, header: str | None = None) -> str | None:
    """What the stage makes of a request: the policy that is to judge it."""
    Randomise(experiment, header).told(one, ())
    return one.context.policy


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_the_share_is_kept(share: float) -> None:
    """Over many sessions."""
    experiment = Experiment(name="trial", policy="cautious", share=share)
    arms = [assign(experiment, str(session)).arm for session in range(5000)]

    assert share == pytest.approx(arms.count("candidate") / 5000, abs=0.03)


def test_a_session_keeps_its_arm() -> None:
    """In every process; another seed or name draws anew."""
    sessions = [str(session) for session in range(200)]
    drawn = [assign(HALF, session) for session in sessions]
    other = Experiment(name="trial", policy="cautious", share=0.5, seed=1)

    assert drawn == [assign(HALF, session) for session in sessions]
    assert drawn != [assign(other, session) for session in sessions]


def test_the_arm_says_which_policy_judges() -> None:
    """And is kept for the logs."""
    found = {arm(HALF, one): one for one in (exchange(chat(str(n))) for n in range(30))}

    assert {None, "cautious"} == set(found)
    assert Assignment(name="trial", arm="control", share=0.5) == found[None].notes[Assignment]
    assert {"experiment": "trial:candidate"} == found["cautious"].facts


def test_a_tenants_own_policy_goes_before() -> None:
    """Such a request is not part of the experiment."""
    one = exchange()
    one.context = Context(policy="strict")

    assert "strict" == arm(HALF, one)
    assert Assignment not in one.notes


def test_what_is_no_conversation_is_left_out() -> None:
    """Each embedding stands alone."""
    one = exchange(b'{"model": "auto", "input": "x"}', Api.EMBEDDINGS)

    assert arm(HALF, one) is None
    assert {} == one.facts
    assert session_of(Exchange(headers={}), None) is None


def test_all_turns_share_a_session() -> None:
    """By the conversation's beginning."""
    said = [{"role": "user", "content": "a"}]
    later = [*said, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    turns = [json.dumps({"model": "auto", "messages": some}).encode() for some in (said, later)]

    assert 1 == len({session_of(exchange(turn), None) for turn in turns})


def test_a_header_may_name_the_session() -> None:
    """Where the config says which."""
    first, second = (exchange(chat(text), headers={"x-session": "s"}) for text in "ab")

    assert {"x-session"} == Randomise(HALF, "x-session").headers
    assert session_of(first, "x-session") == session_of(second, "x-session")
    assert session_of(first, None) != session_of(second, None)
