"""Questions, answers and stages for tests of the cache."""

import json
from typing import Any

from builders import chat, config
from prometheus_client import CollectorRegistry
from state_builders import RecordingListener

from extproc.cache.answer import Entry
from extproc.cache.answers import Answers
from extproc.cache.directives import read
from extproc.cache.local import Local
from extproc.cache.measures import Measures
from extproc.cache.question import Question, ask
from extproc.cache.stage import CacheStage
from extproc.config import Cache
from extproc.context import Context
from extproc.decision import Decision
from extproc.exchange import Exchange
from extproc.request import Api, parse
from extproc.state import Store

HELLO = chat("hello", temperature=0)
"""A deterministic chat."""


class Clock:
    """Seconds of the wall that a test adds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        """Now."""
        return self.now


def question(
    body: bytes | None = None,
    *,
    api: Api = Api.CHAT,
    control: str = "",
    context: Context | None = None,
    revision: str = "",
    **settings: Any,  # noqa: ANN401 - the section's
) -> Question | None:
    """What a body asks, by default a deterministic chat."""
    content = HELLO if body is None else body
    return ask(
        parse(api, content),
        content,
        Cache(**settings),
        said=read(control),
        context=context or Context(),
        revision=revision,
    )


def asked(body: bytes | None = None, **more: Any) -> Question:  # noqa: ANN401 - as `question`
    """The same, where there must be one."""
    made = question(body, **more)
    assert made is not None
    return made


def completion(text: str = "Hi.", *, finish: str = "stop", **fields: object) -> bytes:
    """A tier's answer to a chat."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": text},
        "finish_reason": finish,
    }
    usage = {"prompt_tokens": 9, "completion_tokens": 2, "total_tokens": 11}
    return json.dumps({"id": "c-1", "choices": [choice], "usage": usage, **fields}).encode()


def events(*payloads: object, done: bool = True) -> bytes:
    """A stream of these values."""
    texts = [json.dumps(payload) for payload in payloads] + (["[DONE]"] if done else [])
    return "".join(f"data: {text}\n\n" for text in texts).encode()


def entry(body: bytes = b"{}", *, stored: float = 1_000_000.0) -> Entry:
    """A stored answer."""
    return Entry(stored=stored, content_type="application/json", tier="fast", body=body)


class Process:
    """One process of the router: a stage and what it keeps."""

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - the section's
        self.clock = Clock()
        self.registry = CollectorRegistry()
        self.settings = Cache(**settings)
        self.store = Store(config().state, RecordingListener())
        local = Local(memory_bytes=1 << 22, max_entry_bytes=1 << 16, clock=self.clock)
        self.answers = Answers(local, self.store)
        measures = Measures(self.registry, lambda: float(len(local)))
        self.stage = CacheStage(self.settings, self.answers, measures, "")

    def close(self) -> None:
        """End what cleans up."""
        self.answers.local.close()

    def exchange(self, body: bytes | None = None, *, tenant: str = "", **headers: str) -> Exchange:
        """A request whose body is read."""
        content = HELLO if body is None else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        made = Exchange(headers=named, api=Api.CHAT, request=parse(Api.CHAT, content), body=content)
        made.context = Context(tenant=tenant)
        return made

    async def look(self, exchange: Exchange) -> Exchange:
        """Until the stage has said what it has to say."""
        effect = self.stage.told(exchange, await self.store.run(self.stage.asks(exchange)))
        while effect is not None:
            effect = self.stage.told(exchange, await effect())
        return exchange

    def count(self, name: str, result: str) -> float:
        """A counter's value."""
        return self.registry.get_sample_value(f"{name}_total", {"result": result}) or 0.0


def respond(
    exchange: Exchange,
    decision: Decision,
    *pieces: bytes,
    status: int = 200,
    **headers: str,
) -> None:
    """Let the watchers see a response of the decided tier, whole unless there is no piece."""
    exchange.decision = decision
    said = {
        "content-type": "application/json",
        "x-tiergate-served-by": decision.tier,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    for watcher in exchange.watchers:
        if watcher.began(status, said):
            for at, piece in enumerate(pieces):
                watcher.came(piece, last=at == len(pieces) - 1)
        watcher.ended()
