"""What a person, or a script, sees of the stack while it runs."""

import json
import sys
from collections.abc import Mapping
from typing import Any, Final, Protocol, TextIO

_CURL: Final = """\
curl -i {gateway}/v1/chat/completions -H 'content-type: application/json' \\
  -d '{{"model": "{model}", "messages": [{{"role": "user", "content": "Prove that 2+2=4."}}]}}'"""


class Reporter(Protocol):
    """Is told what the stack does."""

    def step(self, text: str) -> None:
        """Something began or was reached."""

    def line(self, child: str, text: str) -> None:
        """A child wrote a line to its stderr."""

    def ready(self, gateway: str, admin: str, model: str) -> None:
        """Requests can be served; `gateway` and `admin` are URLs."""


class JsonReporter:
    """For scripts: the one JSON line on stdout, everything else on stderr."""

    def __init__(self, *, json_ready: bool) -> None:
        self._json_ready = json_ready

    def step(self, text: str) -> None:
        """A JSON line on stderr."""
        _write(sys.stderr, json.dumps({"event": "up", "step": text}))

    def line(self, child: str, text: str) -> None:
        """The child's own words; those that are not JSON are wrapped."""
        _write(sys.stderr, text if _event(text) else _wrapped(child, text))

    def ready(self, gateway: str, admin: str, model: str) -> None:
        """The line that scripts wait for."""
        if self._json_ready:
            said = {"event": "ready", "gateway": gateway, "admin": admin}
            _write(sys.stdout, json.dumps(said))
        else:
            _write(sys.stdout, _welcome(gateway, admin, model))


class TerminalReporter:
    """For people: steps as they happen, then a line a request."""

    def step(self, text: str) -> None:
        """An indented line."""
        _write(sys.stderr, f"  {text}")

    def line(self, child: str, text: str) -> None:
        """A request's event as columns; of other events those that matter, as they are."""
        event = _event(text)
        if event.get("event") == "request":
            _write(sys.stderr, _columns(event))
        elif not event or event.get("level") in {"warning", "error"}:
            _write(sys.stderr, f"  {child}: {text}")

    def ready(self, gateway: str, admin: str, model: str) -> None:
        """The address, and a line to paste."""
        _write(sys.stderr, "\n" + _welcome(gateway, admin, model) + "\n")


def reporter_for(*, json_ready: bool, terminal: bool) -> Reporter:
    """The reporter that suits where the output goes."""
    return (
        TerminalReporter() if terminal and not json_ready else JsonReporter(json_ready=json_ready)
    )


def _welcome(gateway: str, admin: str, model: str) -> str:
    curl = _CURL.format(gateway=gateway, model=model)
    where = f"Ready: {gateway} (admin {admin})\nConsole: {admin}/console"
    return f"{where}\nTry it:\n\n{curl}\n\nCtrl-C ends it."


def _columns(event: Mapping[str, Any]) -> str:
    duration = event["duration"]
    took = "-" if duration is None else f"{duration * 1000:.0f} ms"
    score = f" {event['score']}" if event["score"] else ""
    tier, served = event["tier"], event["served_by"]
    way = tier if served in {tier, "none"} else f"{tier} -> {served}"
    why = f"{event['reason']}{score}"
    return f"{event['status'] or '-':>5} {took:>9}  {way:<22} {why:<28} {event['path']}"


def _event(text: str) -> Mapping[str, Any]:
    """The JSON object that a line is; an empty one for other lines, braces or not."""
    try:
        event = json.loads(text)
    except ValueError:
        return {}
    return event if isinstance(event, dict) else {}


def _wrapped(child: str, text: str) -> str:
    return json.dumps({"event": "said", "by": child, "text": text})


def _write(stream: TextIO, text: str) -> None:
    stream.write(text + "\n")
    stream.flush()
