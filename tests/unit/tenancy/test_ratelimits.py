"""OpenAI's headers."""

import pytest

from extproc.tenancy.admission import Admission, Verdict
from extproc.tenancy.ratelimits import duration, left, retry_after

SAID = Admission(
    verdict=Verdict.ADMITTED,
    requests=59,
    requests_ms=1000,
    tokens=149_984,
    tokens_ms=360_000,
    retry_ms=0,
    spent=0,
    local=False,
)


def test_both_limits_are_told() -> None:
    """In the words of OpenAI's own documentation."""
    assert {
        "x-ratelimit-limit-requests": "60",
        "x-ratelimit-remaining-requests": "59",
        "x-ratelimit-reset-requests": "1s",
        "x-ratelimit-limit-tokens": "150000",
        "x-ratelimit-remaining-tokens": "149984",
        "x-ratelimit-reset-tokens": "6m0s",
    } == left(SAID, requests=60, tokens=150_000)


def test_a_limit_that_is_not_there_is_not_told() -> None:
    """Of either kind."""
    assert 3 == len(left(SAID, requests=60, tokens=0))
    assert all(name.endswith("tokens") for name in left(SAID, requests=0, tokens=9))


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "0ms"),
        (999, "999ms"),
        (1000, "1s"),
        (1500, "1.5s"),
        (60_000, "1m0s"),
        (61_001, "1m1.001s"),
    ],
)
def test_durations_are_written_as_go_does(ms: int, text: str) -> None:
    """OpenAI's clients parse these."""
    assert text == duration(ms)


@pytest.mark.parametrize(("ms", "text"), [(0, "1"), (1, "1"), (1001, "2")])
def test_a_client_comes_not_too_early(ms: int, text: str) -> None:
    """Whole seconds, upwards."""
    assert text == retry_after(ms)
