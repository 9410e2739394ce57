"""Conversations with tool loops, made up from a seed, and played through a router's decisions."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

from builders import RecordingObserver, body, headers
from typing_extensions import override

from extproc.processor import StreamProcessor
from extproc.routing import Routing

PLAIN: Final = ("Where can I eat tonight?", "Tell me more.", "And with children?", "Thank you.")
HARD: Final = (
    "Prove that the sum of two odd numbers is even.",
    "Solve x^2 + 3x = 4 and show each step of the calculation.",
    "Refactor this:\n```python\ndef f(x):\n    return [y ** 2 for y in x]\n```",
)
MIDDLING: Final = ("What is 17 * 23?", "How many days are 1000 hours?")
RESULTS: Final = (
    "23 degrees and rain",
    'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    x = 1 / 0',
    "sin(x) + 2 * 3 = 7; integral from 0 to 1",
)
SECTIONS: Final[dict[str, Any]] = {
    "signals": {"semantic": {"enabled": True}},
    "policy": {
        "threshold": {
            "at": 0.55,
            "above": "reasoning",
            "below": "fast",
            "weights": {"difficulty": {"weight": 1.0}},
        }
    },
}
"""A policy whose score goes up and down with what is said last."""
AFFINITY: Final = {"band": 0.03, "idle_seconds": 120}
"""As wide as that score's own noise."""
Message = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request of a conversation: what is said so far, the seconds since the one before, and
    whether the model is in the middle of calling tools.
    """

    messages: Sequence[Message]
    pause: float
    loop: bool


def conversations(count: int, *, seed: int = 1) -> list[list[Request]]:
    """So many, of 3 to 10 turns of the user; every third turn calls tools, up to five times."""
    chance = random.Random(seed)
    return [list(_conversation(chance, number)) for number in range(count)]


def _conversation(chance: random.Random, number: int) -> Iterator[Request]:
    said: list[Message] = [{"role": "system", "content": "You are an agent."}]
    for turn in range(chance.randint(3, 10)):
        kind = chance.choices((PLAIN, MIDDLING, HARD), (5, 3, 2))[0]
        text = chance.choice(kind)
        said.append({"role": "user", "content": f"{text} (case {number})" if turn == 0 else text})
        yield Request(messages=tuple(said), pause=chance.lognormvariate(5, 1.5), loop=False)
        if chance.random() < 1 / 3:
            for call in range(chance.randint(1, 5)):
                said.append({"role": "assistant", "content": "", "tool_calls": [{"id": f"{call}"}]})
                result = chance.choice(RESULTS)
                said.append({"role": "tool", "tool_call_id": f"{call}", "content": result})
                yield Request(messages=tuple(said), pause=chance.uniform(0.1, 20), loop=True)
        said.append({"role": "assistant", "content": f"Answer {number}.{turn}"})


@dataclass(slots=True)
class Played:
    """What came of it: seconds of each decision, its reason, and how often the tier changed."""

    conversations: int = 0
    switches: int = 0
    in_loops: int = 0
    dear: int = 0
    seconds: list[float] = field(default_factory=list)
    reasons: Counter[str] = field(default_factory=Counter)

    def percentile(self, share: float) -> float:
        """Seconds that this share of the decisions took at most."""
        ordered = sorted(self.seconds)
        return ordered[min(int(share * len(ordered)), len(ordered) - 1)]

    @override
    def __str__(self) -> str:
        return (
            f"{self.conversations} conversations, {len(self.seconds)} requests: "
            f"{self.switches / self.conversations:.2f} switches a conversation, "
            f"{self.in_loops} in tool loops, {self.dear / len(self.seconds):.1%} reasoning; "
            f"p50 {1000 * self.percentile(0.5):.2f} ms, p99 {1000 * self.percentile(0.99):.2f} ms; "
            f"{dict(self.reasons)}"
        )


async def play(
    routing: Routing,
    talks: Sequence[Sequence[Request]],
    *,
    pass_time: Callable[[float], None] = lambda _: None,
    at_once: int = 1,
    rest: float = 0.0,
) -> Played:
    """Each conversation's requests one after the other, `at_once` conversations beside each other,
    and `rest` seconds between two requests; `pass_time` is told of each pause.
    """
    played = Played(conversations=len(talks))
    waiting = iter(talks)

    async def go() -> None:
        """The client's side."""
        for talk in waiting:
            before = ""
            for request in talk:
                pass_time(request.pause)
                await asyncio.sleep(rest)
                tier = await _decide(routing, request, played)
                played.switches += before not in {"", tier}
                played.in_loops += request.loop and before != tier
                played.dear += tier == "reasoning"
                before = tier

    await asyncio.gather(*(go() for _ in range(at_once)))
    return played


async def _decide(routing: Routing, request: Request, played: Played) -> str:
    observer = RecordingObserver()
    processor = StreamProcessor(routing, observer)
    said = json.dumps({"model": "auto", "messages": request.messages}).encode()
    processor.handle(headers())
    started = perf_counter()
    reply = processor.handle(body(said))
    while callable(reply):
        reply = processor.resume(await reply())
    played.seconds.append(perf_counter() - started)
    processor.close()
    (outcome,) = observer.outcomes
    assert outcome.decision is not None
    played.reasons[outcome.reason.value] += 1
    return outcome.decision.tier
