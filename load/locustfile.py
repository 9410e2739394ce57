"""Users of the gateway, for Locust: `locust -f load/locustfile.py --host http://127.0.0.1:8080`.

Name classes to have only these: `locust -f load/locustfile.py Chat Streaming …`. Two variables of
the environment change what they do:

    TIERGATE_API_KEYS   keys separated by commas; each tenant's user takes one, by turns
    TIERGATE_THINK      multiplies every pause: 1 is a person, 0.1 a short test

An answer without a verdict of the gateway counts as a failure, and so does one from another tier
than the prompt is meant for. A tenant over its limits must be told when to come back.
"""

import itertools
import json
import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from locust import HttpUser, between, task
from typing_extensions import override

from load.bench.prompts import EASY, HARD, chat

PATH: Final = "/v1/chat/completions"
THINK: Final = float(os.environ.get("TIERGATE_THINK", "1"))
KEYS: Final = os.environ.get("TIERGATE_API_KEYS", "none").split(",")
_OK: Final = 200
_TOO_MANY: Final = 429
_LONG: Final = 40_000
_BURST: Final = 8
_TURNS: Final = (2, 6)
_PROMPTS: Final = ((EASY, "fast"), (EASY, "fast"), (HARD, "reasoning"))
"""What people ask, and which tier is to answer: two in three are easy."""
_next_key = itertools.cycle(KEYS).__next__


def pause(least: float, most: float) -> Callable[[HttpUser], float]:
    """Seconds that a user thinks."""
    return between(least * THINK, most * THINK)


class Person(HttpUser):
    """Whoever asks the gateway for chats."""

    abstract = True

    @override
    def on_start(self) -> None:
        """Every user has a key, and so has a tenant."""
        self.dice = random.Random()  # noqa: S311 - users, not secrets
        self.client.headers["authorization"] = f"Bearer {_next_key()}"
        self.client.headers["content-type"] = "application/json"

    def ask(self, name: str, body: bytes, tier: str = "") -> Mapping[str, Any]:
        """One answer under that name; empty where it failed."""
        with self.client.post(PATH, body, name=name, catch_response=True) as answer:
            problem = verdict(answer.status_code, answer.headers, tier)
            if problem:
                answer.failure(problem)
                return {}
            said: Mapping[str, Any] = answer.json()
            return said


def verdict(status: int, headers: Mapping[str, str], tier: str) -> str:
    """What is wrong with an answer; empty where nothing is."""
    if status != _OK:
        return f"status {status}, reason {headers.get('x-tiergate-reason')}"
    decided = headers.get("x-tiergate-tier", "none")
    if decided == "none":
        return "no verdict"
    return "" if tier in {"", decided} else f"{decided} answered, not {tier}"


class Chat(Person):
    """Asks one thing at a time."""

    wait_time = pause(2, 8)

    @task
    def asks(self) -> None:
        """An easy or a hard question."""
        prompt, tier = self.dice.choice(_PROMPTS)
        self.ask("chat", chat(prompt), tier)


class Conversation(Person):
    """Goes on about what was answered, for a few turns."""

    wait_time = pause(2, 8)

    @task
    def talks(self) -> None:
        """One conversation: each turn sends all the turns before it."""
        messages: list[Mapping[str, str]] = []
        for _ in range(self.dice.randint(*_TURNS)):
            messages.append({"role": "user", "content": EASY})
            said = self.ask("conversation", _body(messages), "fast")
            if not said:
                return
            messages.append(said["choices"][0]["message"])
            self.wait()  # type: ignore[no-untyped-call]


class Streaming(Person):
    """Reads answers as they are written."""

    wait_time = pause(2, 8)

    @task
    def reads(self) -> None:
        """Its first token is an entry of its own in the statistics."""
        prompt, tier = self.dice.choice(_PROMPTS)
        body = chat(prompt, streamed=True)
        begun = time.perf_counter()
        with self.client.post(
            PATH, body, name="stream", stream=True, catch_response=True
        ) as answer:
            problem = verdict(answer.status_code, answer.headers, tier)
            last = b""
            for line in answer.iter_lines():
                if line.startswith(b"data: "):
                    if not last:
                        self._report(begun, len(line))
                    last = line
            if problem or last != b"data: [DONE]":
                answer.failure(problem or "the stream has no end")

    def _report(self, begun: float, length: int) -> None:
        self.environment.events.request.fire(
            request_type="SSE",
            name="stream: first token",
            response_time=(time.perf_counter() - begun) * 1000,
            response_length=length,
            exception=None,
            context={},
        )


class Burst(Person):
    """Silent for long, and then many requests without a pause: a script."""

    wait_time = pause(20, 40)

    @task
    def runs(self) -> None:
        """All of them at the speed of the answers."""
        for _ in range(_BURST):
            self.ask("burst", chat(EASY), "fast")


class LongPrompt(Person):
    """Sends documents."""

    wait_time = pause(10, 30)

    @task
    def sends(self) -> None:
        """Long enough for any policy to see that it is long."""
        self.ask("long prompt", chat(EASY, size=_LONG))


class Tenant(Person):
    """Asks without a pause, so as to meet its limits."""

    wait_time = pause(0.1, 0.2)

    @task
    def insists(self) -> None:
        """Being limited is no failure; not being told for how long is."""
        with self.client.post(PATH, chat(EASY), name="tenant", catch_response=True) as answer:
            if answer.status_code != _TOO_MANY:
                problem = verdict(answer.status_code, answer.headers, "fast")
            else:
                problem = "" if "retry-after" in answer.headers else "limited without retry-after"
            if problem:
                answer.failure(problem)
            else:
                answer.success()


def _body(messages: Sequence[Mapping[str, str]]) -> bytes:
    return json.dumps({"model": "auto", "messages": messages, "max_tokens": 64}).encode()
