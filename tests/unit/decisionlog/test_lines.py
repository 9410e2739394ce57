"""The schema of the decision log."""

import json

import msgspec

from extproc.decisionlog.lines import DecisionLine, Line, OutcomeLine

DECISION = DecisionLine(
    time=1.5, request_id="r", api="/v1/chat/completions", model="auto", tier="fast", reason="fixed"
)


def test_what_has_nothing_to_say_is_left_out() -> None:
    """A line is as long as what it says."""
    said = {
        "kind": "decision",
        "time": 1.5,
        "request_id": "r",
        "api": "/v1/chat/completions",
        "model": "auto",
        "tier": "fast",
        "reason": "fixed",
    }
    assert said == json.loads(msgspec.json.encode(DECISION))


def test_a_reader_tells_the_kinds_apart() -> None:
    """And passes over fields that it does not know."""
    outcome = OutcomeLine(
        time=2, request_id="r", status=200, reason="fixed", tier="fast", served_by="fast"
    )
    text = msgspec.json.encode(outcome)[:-1] + b',"later":1}'

    assert outcome == msgspec.json.decode(text, type=Line)
    assert DECISION == msgspec.json.decode(msgspec.json.encode(DECISION), type=Line)
