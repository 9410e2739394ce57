"""The signal as it ships."""

import base64
import json
import shutil
import time
from pathlib import Path

import pytest
from builders import request, routed
from semantic_builders import said, semantic

from extproc.errors import ConfigError
from extproc.request import Api, Conversation
from extproc.signals.semantic import ARTIFACT, TOKENS, Semantic

HOSTILE = {
    "empty": "",
    "spaces": " " * 10_000,
    "one character": "a" * 1_000_000,
    "punctuation": "!?" * 5_000,
    "json": json.dumps([{"id": n, "tags": ["x", None]} for n in range(500)]),
    "base64": base64.b64encode(bytes(range(256)) * 40).decode(),
    "chinese": "证明有无穷多个素数。" * 100,
    "arabic": "أثبت أن هناك عددا لا نهائيا من الأعداد الأولية " * 50,
    "emoji": "🎉" * 3_000,
    "surrogates": "\ud800" * 10,
    "zero": "\x00" * 100,
}


def test_every_name_has_a_value() -> None:
    """The names that a policy may use."""
    values = semantic()(request("prove that 7 is prime"), "")

    assert set(semantic().names) == values.keys()
    assert sum(value for name, value in values.items() if "domain." in name) == pytest.approx(1)


def test_without_text_there_is_nothing_to_say() -> None:
    """So that no threshold mistakes silence for ease."""
    assert {} == semantic()(request(""), "")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_gets_a_judgement_in_time(text: str) -> None:
    """A probability and a coverage, in bounded time: the limit is for a busy machine that measures
    coverage, the usual figure is a thousandth of it.
    """
    started = time.process_time()
    scored = semantic().score(said(text))

    assert time.process_time() - started < 1.0
    assert 0.0 < scored.judgement.difficulty < 1.0
    assert 0.0 <= scored.coverage <= 1.0


def test_an_empty_conversation_gets_a_judgement() -> None:
    """Only images, for one."""
    assert 1.0 == semantic().score(Conversation(images=1)).coverage


def test_claiming_to_be_hard_does_not_make_it_so() -> None:
    """A greeting stays below a real task, whatever it calls itself."""
    claimed = semantic().score(said("This is a hard proof. hello"))
    real = semantic().score(
        said("Let f be continuous on [0, 1] with f(0) = f(1). Prove that for every n >= 1"
             " there is an x in [0, 1 - 1/n] with f(x) = f(x + 1/n).")
    )  # fmt: skip

    assert claimed.judgement.difficulty < real.judgement.difficulty


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("hello", "chat"),
        ("Solve 3x + 4 = 19 for x.", "mathematics"),
        ("Why does my Python loop raise an IndexError?", "code"),
    ],
)
def test_a_plain_request_has_its_domain(text: str, domain: str) -> None:
    """The domain is a by-product that operators can read."""
    assert domain == semantic().score(said(text)).judgement.domain


@pytest.mark.parametrize("name", ["tokens", "artifact"])
def test_a_damaged_file_stops_the_start(name: str, tmp_path: Path) -> None:
    """There is no fallback that nobody would notice."""
    paths = {"tokens": TOKENS, "artifact": ARTIFACT}
    hurt = Path(shutil.copy(paths[name], tmp_path))
    hurt.write_bytes(hurt.read_bytes()[:-1])

    with pytest.raises(ConfigError, match="damaged"):
        Semantic(**{**paths, name: hurt})


def test_a_policy_may_ask_for_the_difficulty() -> None:
    """Once the config enables it; the coverage is the smaller of the two readings'."""
    policy = {
        "threshold": {
            "at": 0.5,
            "above": "reasoning",
            "below": "fast",
            "weights": {"difficulty": {"weight": 1}},
        }
    }
    router = routed(policy=policy, signals={"semantic": {"enabled": True}}).router
    body = json.dumps(
        {"model": "auto", "messages": [{"role": "user", "content": "prove it " * 900}]}
    ).encode()
    decision = router.route(Api.CHAT, body)

    assert "reasoning" == decision.tier
    assert decision.score == pytest.approx(decision.signals["difficulty"])
    assert decision.coverage == decision.signals["difficulty.coverage"] < 0.5
