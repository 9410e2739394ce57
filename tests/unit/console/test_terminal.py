"""The picture for a terminal."""

from builders import config, record
from rich.console import Console

from extproc.console.state import Replica, State, state
from extproc.console.terminal import picture
from extproc.state import Failure
from extproc.telemetry import MetricsObserver, Tokens

NOW = 10_000.0
BUSY = (
    record(started=NOW, tokens=Tokens(prompt=5, completion=3), score="0.123"),
    record(started=NOW, served_by="reasoning", status=0, duration=None, first_byte=1.5),
)


def drawn(shown: State, lines: int = 5) -> str:
    """What a wide terminal shows."""
    console = Console(width=200, force_terminal=False)
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


def test_only_so_many_lines_are_shown() -> None:
    """The newest."""
    text = drawn(state(config(), BUSY, (), now=NOW), lines=1)

    assert ("gone" in text, "0.123" in text) == (True, False)


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
