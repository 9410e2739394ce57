"""Labelled chats under the config that ships: what a person would expect of each.

A change of patterns, keywords or weights that moves a line here is a change of behaviour, to be
judged line by line.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from extproc.config import default_path, load
from extproc.request import Api
from extproc.router import Router

CORPUS = Path(__file__).with_name("corpus.jsonl")
CASES: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text().splitlines()]
ROUTER = Router(load(default_path()), clock=lambda: 0.0)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_chat_goes_where_a_person_expects(case: dict[str, Any]) -> None:
    """Tier and reason; on failure the score's shares show what moved it."""
    body = json.dumps({"model": "auto", **case["request"]}).encode()

    decision = ROUTER.route(Api.CHAT, body)

    assert (case["tier"], case["reason"]) == (decision.tier, decision.reason), decision.shares


def test_the_corpus_has_both_kinds_in_numbers() -> None:
    """One that is all easy, or all hard, would prove nothing; and no line stands twice."""
    tiers = [case["tier"] for case in CASES]

    assert min(tiers.count("fast"), tiers.count("reasoning")) >= 20
    assert len(CASES) == len({case["id"] for case in CASES})
