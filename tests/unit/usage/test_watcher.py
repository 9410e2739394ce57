"""Who reads usage in responses."""

from typing import Any

import pytest

from extproc.exchange import Exchange
from extproc.usage.watcher import UsageStage, Watcher


@pytest.mark.parametrize(
    ("headers", "curious"),
    [
        ({"content-type": "application/json"}, True),
        ({"content-type": "text/event-stream; charset=utf-8"}, True),
        ({"content-type": "Application/JSON", "content-encoding": "identity"}, True),
        ({"content-type": "application/json", "content-encoding": "gzip"}, False),
        ({"content-type": "text/plain"}, False),
        ({}, False),
    ],
    ids=str,
)
def test_it_wants_to_see_what_it_can_read(headers: dict[str, str], *, curious: bool) -> None:
    """JSON and events, unless they are compressed."""
    assert curious == Watcher().began(200, headers)


def test_it_says_what_it_has_read() -> None:
    """Whoever wanted to see the body, it gets all of it."""
    watcher = Watcher()
    watcher.began(200, {"content-type": "application/json"})
    said = watcher.came(b'{"usage":{"prompt_tokens":3}}', last=True)
    watcher.ended()

    assert {"prompt_tokens": 3} == said


def test_what_another_wanted_to_see_is_none_of_its_business() -> None:
    """A compressed answer is shown to it, too."""
    watcher = Watcher()
    watcher.began(200, {"content-type": "application/json", "content-encoding": "gzip"})

    assert {} == watcher.came(b'{"usage":{"prompt_tokens":3}}', last=True)


def test_each_request_of_a_tier_is_watched() -> None:
    """By a watcher of its own."""
    stage, exchanges = UsageStage(), [Exchange(headers={}), Exchange(headers={})]
    for exchange in exchanges:
        stage.decided(exchange)

    watchers: list[Any] = [one for exchange in exchanges for one in exchange.watchers]
    assert stage.watches
    assert 2 == len({id(one) for one in watchers})
