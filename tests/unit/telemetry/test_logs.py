"""Events as JSON lines on stderr."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from builders import decision, outcome, record

from extproc.decision import Reason
from extproc.state import Failure
from extproc.telemetry import BROKEN_OFF, LogObserver, Tokens, configure

Lines = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Lines]:
    """The lines since the last call, as JSON; logging is undone afterwards."""
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    structlog.reset_defaults()


def test_a_request_is_one_line(lines: Lines) -> None:
    """Every field of the record, with a level and a time in UTC."""
    configure("info")
    LogObserver().completed(record(path='/a"b\n'))

    (line,) = lines()

    assert ("request", "info", '/a"b\n', 0.02) == (
        line["event"],
        line["level"],
        line["path"],
        line["duration"],
    )
    assert line["timestamp"].endswith("Z")


@pytest.mark.parametrize(
    ("status", "level"),
    [(200, "info"), (404, "info"), (500, "warning"), (503, "warning"), (0, "warning")],
    ids=str,
)
def test_a_failed_request_is_a_warning(lines: Lines, status: int, level: str) -> None:
    """An error of the gateway or a tier, or no answer at all; a client's own fault is none."""
    configure("info")
    LogObserver().completed(record(status=status))

    assert [level] == [line["level"] for line in lines()]


def test_an_answer_that_breaks_off_is_a_warning(lines: Lines) -> None:
    """And no sample leaves it out."""
    configure("info")
    LogObserver(sample=0.0).completed(record(details=BROKEN_OFF))

    assert ["warning"] == [line["level"] for line in lines()]


def test_a_decision_shows_at_debug(lines: Lines) -> None:
    """With its signals, and without text."""
    configure("debug")
    LogObserver().decided(outcome(decision=decision(signals={"code": 1.0})))
    LogObserver().decided(outcome(Reason.MALFORMED_REQUEST))

    judged, refused = lines()

    assert ("decision", "r-1", "fixed", 0.001, {"code": 1.0}) == (
        judged["event"],
        judged["request_id"],
        judged["reason"],
        judged["seconds"],
        judged["signals"],
    )
    assert ("malformed_request", {}) == (refused["reason"], refused["signals"])


def test_a_decision_does_not_show_at_info(lines: Lines) -> None:
    """One line a request is enough."""
    configure("info")
    LogObserver().decided(outcome(decision=decision()))

    assert [] == lines()


def failing() -> Exception:
    """An error with a traceback, and a piece of a prompt in its message."""
    try:
        return RuntimeError(int("the secret prompt"))
    except ValueError as error:
        return error


def test_a_failure_behind_a_decision_is_an_error(lines: Lines) -> None:
    """Kind and place are told; the message, which may hold a prompt, is not."""
    configure("info")
    LogObserver().decided(outcome(Reason.POLICY_FAILED, decision=decision(failure=failing())))

    (line,) = lines()

    assert ("decision_failed", "error", "policy_failed", "ValueError", "r-1") == (
        line["event"],
        line["level"],
        line["reason"],
        line["error"],
        line["request_id"],
    )
    assert line["traceback"][-1].endswith("failing")
    assert "secret" not in json.dumps(line)


def test_a_bug_elsewhere_is_an_error(lines: Lines) -> None:
    """As above, without a request."""
    configure("error")
    LogObserver().failed(failing())

    (line,) = lines()

    assert ("internal_error", "ValueError") == (line["event"], line["error"])
    assert "secret" not in json.dumps(line)


def test_a_reading_of_the_config_is_told(lines: Lines) -> None:
    """A rejected one with the reason, at error; a good one at info."""
    configure("info")
    LogObserver().config_loaded("$.x: is wrong")
    LogObserver().config_loaded(None)

    rejected, loaded = lines()

    assert ("config_rejected", "error", "$.x: is wrong") == (
        rejected["event"],
        rejected["level"],
        rejected["error"],
    )
    assert ("config_loaded", "info") == (loaded["event"], loaded["level"])


def test_what_json_does_not_know_is_shown_as_python_does(lines: Lines) -> None:
    """A stray value never loses a line."""
    configure("info")
    structlog.get_logger().info("odd", value=complex(1, 2))

    assert ["(1+2j)"] == [line["value"] for line in lines()]


def test_redis_going_and_coming_back_is_a_line_each(lines: Lines) -> None:
    """However often it is asked between."""
    configure("info")
    observer = LogObserver()
    for failure in (None, Failure("timeout"), Failure("timeout"), None, None):
        observer.stored(seconds=0.01, failure=failure)

    assert [("redis_away", "timeout"), ("redis_back", None)] == [
        (line["event"], line.get("kind")) for line in lines()
    ]


@pytest.mark.parametrize(("sample", "lines_of_ok"), [(0.0, 0), (1.0, 100)], ids=["none", "all"])
def test_a_share_of_what_went_well_is_written(
    lines: Lines, sample: float, lines_of_ok: int
) -> None:
    """And every failure."""
    configure("info")
    observer = LogObserver(sample)
    for number in range(100):
        observer.completed(record(request_id=f"r-{number}"))
        observer.completed(record(request_id=f"r-{number}", status=503))

    levels = [line["level"] for line in lines()]
    assert (lines_of_ok, 100) == (levels.count("info"), levels.count("warning"))


def test_replicas_choose_the_same_requests(lines: Lines) -> None:
    """By the request's id."""
    configure("info")
    for _ in range(2):
        observer = LogObserver(0.5)
        for number in range(400):
            observer.completed(record(request_id=f"r-{number}"))

    written = [line["request_id"] for line in lines()]
    half = len(written) // 2
    assert written[:half] == written[half:]
    assert 150 < half < 250


def test_a_line_has_the_time_of_a_token(lines: Lines) -> None:
    """Of a stream; else it is null."""
    configure("info")
    tokens = Tokens(prompt=5, completion=3)
    for streamed in (True, False):
        LogObserver().completed(record(tokens=tokens, streamed=streamed, duration=0.25))

    assert [0.12, None] == [line["seconds_per_token"] for line in lines()]


def test_a_line_has_tokens_and_the_traces_id(lines: Lines) -> None:
    """As plain values; what stages say among themselves is left out."""
    configure("info")
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    made = record(tokens=Tokens(prompt=5, completion=3), trace=trace, facts={"lease": "x"})
    LogObserver().completed(made)

    (line,) = lines()
    assert {"prompt": 5, "completion": 3, "cached": 0, "reasoning": 0} == line["tokens"]
    assert "0af7651916cd43dd8448eb211c80319c" == line["trace_id"]
    assert set() == {"facts", "trace"} & set(line)
