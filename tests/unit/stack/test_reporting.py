"""What a person, or a script, sees of the stack."""

import json
from typing import Any

import pytest
from builders import record

from extproc.stack.reporting import JsonReporter, Reporter, TerminalReporter, reporter_for

URLS = ("http://127.0.0.1:8080", "http://127.0.0.1:9003", "auto")


def request_line(**fields: Any) -> str:  # noqa: ANN401 - the fields' own types differ
    """A request's event as the router logs it."""
    said = record(**fields)
    names = said.__struct_fields__
    return json.dumps({"event": "request", **{name: getattr(said, name) for name in names}})


@pytest.mark.parametrize(
    ("json_ready", "terminal", "kind"),
    [
        (False, True, TerminalReporter),
        (False, False, JsonReporter),
        (True, True, JsonReporter),
        (True, False, JsonReporter),
    ],
    ids=["person", "pipe", "script-at-a-terminal", "script"],
)
def test_a_person_at_a_terminal_gets_text(
    json_ready: bool, terminal: bool, kind: type[Reporter]
) -> None:
    """Everybody else gets lines that a program can read."""
    assert kind is type(reporter_for(json_ready=json_ready, terminal=terminal))


def test_a_script_gets_one_line_on_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    """Steps and the children's words are on stderr, each as one JSON object."""
    reporter = JsonReporter(json_ready=True)
    reporter.step("router decides")
    reporter.line("router", '{"event":"config_loaded"}')
    reporter.line("envoy", "bad bootstrap")
    reporter.ready(*URLS)

    out, err = capsys.readouterr()
    assert {"event": "ready", "gateway": URLS[0], "admin": URLS[1]} == json.loads(out)
    assert [
        {"event": "up", "step": "router decides"},
        {"event": "config_loaded"},
        {"event": "said", "by": "envoy", "text": "bad bootstrap"},
    ] == [json.loads(line) for line in err.splitlines()]


@pytest.mark.parametrize("text", ["{'a': 1}", "{", "[1]", "7", "", '"quoted"'])
def test_only_json_objects_go_through_as_they_are(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A child may print anything, Python's own dictionaries included."""
    JsonReporter(json_ready=True).line("fast-0", text)

    said = json.loads(capsys.readouterr().err)
    assert {"event": "said", "by": "fast-0", "text": text} == said


def test_without_a_script_stdout_shows_how_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    """The address and a line to paste."""
    JsonReporter(json_ready=False).ready(*URLS)

    out, err = capsys.readouterr()
    assert out.startswith("Ready: http://127.0.0.1:8080 (admin http://127.0.0.1:9003)\n")
    assert "\nConsole: http://127.0.0.1:9003/console\n" in out
    assert "curl -i http://127.0.0.1:8080/v1/chat/completions" in out
    assert '{"model": "auto", "messages": [' in out
    assert "" == err


def test_a_person_sees_steps_and_how_to_try(capsys: pytest.CaptureFixture[str]) -> None:
    """All on stderr: there is nothing to pipe."""
    reporter = TerminalReporter()
    reporter.step("router decides")
    reporter.ready(*URLS)

    out, err = capsys.readouterr()
    assert "" == out
    assert err.startswith("  router decides\n\nReady: http://127.0.0.1:8080")


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({}, ["200", "20", "ms", "fast", "fixed", "/v1/chat/completions"]),
        (
            {
                "served_by": "reasoning",
                "score": "0.700",
                "reason": "score_above",
                "path": "/v1/chat",
            },
            ["200", "20", "ms", "fast", "->", "reasoning", "score_above", "0.700", "/v1/chat"],
        ),
        (
            {"status": 0, "duration": None, "tier": "none", "served_by": "none"},
            ["-", "-", "none", "fixed", "/v1/chat/completions"],
        ),
        ({"served_by": "none", "status": 503}, ["503", "20", "ms", "fast", "fixed"]),
    ],
    ids=["plain", "stood-in", "unanswered", "failed"],
)
def test_a_person_sees_a_line_for_each_request(
    fields: dict[str, Any], columns: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Status, time, the way it took, and why."""
    TerminalReporter().line("router", request_line(**fields))

    assert columns == capsys.readouterr().err.split()[: len(columns)]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('{"event":"config_loaded","level":"info"}', False),
        ('{"event":"listening"}', False),
        ('{"event":"config_rejected","level":"error"}', True),
        ('{"event":"odd","level":"warning"}', True),
        ("Traceback", True),
        ("{'a': 1}", True),
    ],
    ids=["info", "no-level", "error", "warning", "text", "braces"],
)
def test_a_person_sees_what_matters_of_the_rest(
    text: str, shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Warnings, errors and whatever is no event, with who said it."""
    TerminalReporter().line("router", text)

    assert (f"  router: {text}\n" if shown else "") == capsys.readouterr().err
