"""The picture for a terminal."""

from builders import config, record
from rich.console import Console

from extproc.console.state import Replica, State, state
from extproc.console.terminal import picture
from extproc.state import Failure
from extproc.telemetry import BROKEN_OFF, MetricsObserver, Tokens

NOW = 10_000.0
BUSY = (
    record(started=NOW, tokens=Tokens(prompt=5, completion=3), score="0.123"),
    record(started=NOW, served_by="reasoning", status=0, duration=None, first_byte=1.5),
)


def drawn(shown: State, lines: int = 5, width: int = 200) -> str:
    """What a terminal shows, by default a wide one."""
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        console.print(picture(shown, lines))
    return captured.get()


def test_tiers_and_requests_are_shown() -> None:
    """Times in their own units, tokens, and a request whose client went."""
    text = drawn(state(config(), BUSY, (), now=NOW))

    assert "2 requests in 5 minutes, 1 failed" in text
    assert "10 ms / 10 ms" in text
    assert "1.50 s / 1.50 s" in text
    assert "5 / 3" in text
    assert "gone" in text
    assert "0.123" in text
    assert "█" in text
    assert "saturation" not in text


def test_an_answer_that_broke_off_is_seen() -> None:
    """Its status would call it good."""
    text = drawn(state(config(), [record(started=NOW, details=BROKEN_OFF)], (), now=NOW))

    assert "1 requests in 5 minutes, 1 failed" in text
    assert "broken off" in text


def test_only_so_many_lines_are_shown() -> None:
    """The newest."""
    text = drawn(state(config(), BUSY, (), now=NOW), lines=1)

    assert ("gone" in text, "0.123" in text) == (True, False)


def test_a_narrow_terminal_shows_all_figures() -> None:
    """Of what only helps, as much as there is room for: the bars of the last seconds."""
    rows = [record(started=NOW, served_by="reasoning", first_byte=0.042, duration=0.345)] * 20
    text = drawn(state(config(), rows, (), now=NOW), width=90)
    row = next(line for line in text.splitlines() if line.startswith("reasoning"))

    assert " ".join(row.split()).startswith(
        "reasoning 100.0% 20 0 42 ms / 42 ms 345 ms / 345 ms 0 / 0"
    )
    assert "█" in text
    assert max(map(len, text.splitlines())) <= 90


def test_a_path_is_shown_as_it_came() -> None:
    """What would be a style, or the wrong end of one, comes from whoever may send requests."""
    text = drawn(state(config(), [record(started=NOW, path="/v1/[/]")], (), now=NOW))

    assert "/v1/[/]" in text


def test_a_busy_routers_span_is_said() -> None:
    """In place of the five minutes."""
    text = drawn(state(config(), BUSY, (), now=NOW, since=NOW - 33))

    assert "2 requests in 33 s, 1 failed, 0.06 a second" in text


def test_replicas_are_shown_where_they_are_known() -> None:
    """One that is not ready stands out."""
    one, two = (
        Replica(tier="fast", address=name, ready=ready, running=2, waiting=0, saturation=0.5)
        for name, ready in (("a:1", True), ("b:2", False))
    )
    text = drawn(state(config(), (), (), now=NOW, replicas=[one, two]))

    assert "50%" in text
    assert ["yes", "no"] == [
        line.split()[2] for line in text.splitlines() if line.startswith(("a:1", "b:2"))
    ]


def test_what_is_wrong_is_said() -> None:
    """In the heading."""
    metrics = MetricsObserver()
    metrics.config_loaded("$.x: is wrong")
    metrics.stored(seconds=0.1, failure=Failure("timeout"))
    text = drawn(state(config(), (), metrics.snapshot(), now=NOW))

    assert "the config on disk is not in force" in text
    assert "Redis does not answer" in text
