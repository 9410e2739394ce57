"""Secrets that are planted in requests are nowhere in what the gateway writes or shows."""

import contextlib
import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from builders import chat
from calls import CHAT, JSON, send
from collector import Collector, collecting
from gateway import PATIENT, POLICY, Gateway, get, running
from processes import until

PLANTED: Final = "planted5f2c9e"
"""Stands in prompts, keys, names and broken JSON alike."""
BODIES: Final = {
    "prompt": chat(f"my password is {PLANTED}", max_tokens=2),
    "mathematics": chat(f"What is 12 * 30, {PLANTED}?", max_tokens=2),
    "user": chat("hello", user=PLANTED, metadata={"key": PLANTED}, max_tokens=2),
    "tool": chat("hello", tools=[{"type": "function", "function": {"name": PLANTED}}]),
    "broken JSON": b'{"model": "auto", "messages": [{"content": "' + PLANTED.encode(),
    "wrong type": chat("hello", messages={PLANTED: PLANTED}),
    "policy that fails": chat(f"fail {PLANTED}", max_tokens=2),
}


@pytest.fixture(scope="module", name="written")
def _written(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """All that was written and shown, by where, after every body was sent."""
    folder = tmp_path_factory.mktemp("redaction")
    with collecting() as collector, _running(folder, collector) as gateway:
        for body in BODIES.values():
            headers = [("content-type", JSON), ("authorization", f"Bearer {PLANTED}")]
            send(gateway, body, path=f"{CHAT}?api_key={PLANTED}", headers=headers)
        until(
            lambda: (
                gateway.metric("tiergate_requests_total")
                == gateway.envoy_stat("http.gateway.downstream_rq_completed")
            ),
            what="all records",
        )
        shown = {
            page: get(f"{gateway.router_admin}/{page}").decode()
            for page in ("metrics", "config", "console/state")
        }
        gateway.router.end()
        gateway.envoy.send(signal.SIGTERM)
        gateway.envoy.wait()
        assert gateway.envoy.process.stdout is not None
        yield {
            **shown,
            "router's log": gateway.router.errors(),
            "Envoy's log": gateway.envoy.errors(),
            "Envoy's lines": gateway.envoy.process.stdout.read().decode(),
            "decision log": "".join(path.read_text() for path in (folder / "decisions").iterdir()),
            "spans": str(collector.spans),
            "metrics sent": str(collector.metrics),
        }


def _running(folder: Path, collector: Collector) -> contextlib.AbstractContextManager[Gateway]:
    return running(
        folder,
        policy=POLICY,
        log_level="debug",
        telemetry={"otlp": {"endpoint": collector.address}, "envoy_log": True},
        decision_log={"folder": str(folder / "decisions")},
        affinity={},
        cache={},
        **PATIENT,
    )


def test_what_is_written_is_nothing_that_was_sent(written: dict[str, str]) -> None:
    """At the chattiest level, in every place."""
    assert [] == [place for place, text in written.items() if PLANTED in text]


def test_everything_was_written_somewhere(written: dict[str, str]) -> None:
    """The places that are searched are not empty."""
    lines = written["router's log"].count('"event":"request"')

    assert len(BODIES) <= lines
    assert len(BODIES) <= written["spans"].count("chat")
    assert [] == [place for place, text in written.items() if not text and place != "Envoy's log"]


def test_envoys_lines_say_what_the_routers_do(written: dict[str, str]) -> None:
    """Key by key, of each request."""
    ours = {line["request_id"]: line for line in _requests(written["router's log"])}
    theirs = {line["request_id"]: line for line in _requests(written["Envoy's lines"])}
    same = ("path", "status", "reason", "tier", "details", "attempts", "model")
    told = [name for name in theirs if name in ours and ours[name]["attempts"]]

    assert ours.keys() == theirs.keys()
    assert [] != told
    for name in told:
        assert [str(ours[name][key]) for key in same] == [str(theirs[name][key]) for key in same]


def _requests(text: str) -> list[dict[str, object]]:
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == "request" and line["request_id"]]
