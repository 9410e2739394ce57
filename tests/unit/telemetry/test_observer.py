"""Several observers as one."""

import pytest
from builders import RecordingObserver, outcome, record
from msgspec.structs import replace

from extproc.telemetry import BROKEN_OFF, Observers, Tokens, Unmoved


def test_each_observer_is_told_everything() -> None:
    """Every event reaches every observer, in order and as it is."""
    first, second = RecordingObserver(), RecordingObserver()
    both, error = Observers([first, second]), RuntimeError("bug")

    both.decided(outcome())
    both.completed(record())
    both.failed(error)
    both.config_loaded("$.x: is wrong")
    both.config_loaded(None)

    for observer in (first, second):
        assert ([outcome()], [record()]) == (observer.outcomes, observer.records)
        assert ([error], ["$.x: is wrong", None]) == (observer.errors, observer.loads)


def test_one_more_may_listen() -> None:
    """Who comes later, too; one to whom little matters is not moved by the rest."""
    told = RecordingObserver()
    observers = Observers([])
    observers.add(told)
    observers.add(Unmoved())
    observers.decided(outcome())
    observers.completed(record())
    observers.failed(RuntimeError("bug"))
    observers.config_loaded(None)
    observers.stored(seconds=0.1, failure=None)

    assert ([outcome()], [record()]) == (told.outcomes, told.records)


def test_a_request_is_priced_before_anybody_is_told() -> None:
    """Whoever settles a budget needs to know."""
    told = RecordingObserver()
    observers = Observers([told])
    observers.account(lambda one: replace(one, cost_microdollars=7))
    observers.completed(record())

    assert [7] == [one.cost_microdollars for one in told.records]


@pytest.mark.parametrize(
    ("status", "details", "expected"),
    [
        (200, "via_upstream", (False, False)),
        (404, "via_upstream", (False, False)),
        (503, "via_upstream", (False, True)),
        (0, "downstream_remote_disconnect", (False, True)),
        (200, "downstream_remote_disconnect", (False, False)),
        (200, f"{BROKEN_OFF}{{protocol_error}}", (True, True)),
        (502, f"{BROKEN_OFF}{{protocol_error}}", (False, True)),
    ],
)
def test_an_answer_that_breaks_off_has_failed(
    status: int, details: str, expected: tuple[bool, bool]
) -> None:
    """Whatever its status said; who leaves in the middle has not been failed."""
    said = record(status=status, details=details)

    assert expected == (said.is_broken, said.has_failed)


def test_the_time_of_a_token_is_a_streams() -> None:
    """From the first byte to the last, for each token after the first."""
    streamed = record(streamed=True, first_byte=0.5, duration=2.5, tokens=Tokens(completion=11))

    assert 0.2 == streamed.seconds_per_token


@pytest.mark.parametrize(
    "fields",
    [
        {"streamed": False},
        {"tokens": None},
        {"tokens": Tokens(completion=1)},
        {"first_byte": None},
        {"duration": None},
    ],
    ids=str,
)
def test_a_token_may_have_no_time(fields: dict[str, object]) -> None:
    """Where it was not streamed, was the only one, or did not arrive."""
    streamed = {"streamed": True, "tokens": Tokens(completion=11)}

    assert record(**{**streamed, **fields}).seconds_per_token is None


def test_no_observer_is_fine() -> None:
    """Nobody has to listen."""
    nobody = Observers([])

    nobody.decided(outcome())
    nobody.completed(record())
    nobody.failed(RuntimeError("bug"))
    nobody.config_loaded(None)
