"""What clients say of caches."""

import pytest

from extproc.cache.directives import Directives, read


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", Directives()),
        ("no-store", Directives(look=False, keep=False)),
        ("max-age=60, no-store", Directives(look=False, keep=False)),
        ("no-cache", Directives(look=False)),
        ("No-Cache, max-age=60", Directives(look=False, max_age=60)),
        ("max-age=0", Directives(look=False, max_age=0)),
        ("max-age=60", Directives(max_age=60)),
        ('private, MAX-AGE="60"', Directives(max_age=60)),
        ("max-age", Directives()),
        ("max-age=soon", Directives()),
        ("max-age=-1", Directives()),
        ("max-age=²", Directives()),
        ("max-stale=60, only-if-cached", Directives()),
    ],
)
def test_directives(header: str, expected: Directives) -> None:
    """What cannot be read is as if it was not there."""
    assert expected == read(header)


@pytest.mark.parametrize(
    ("header", "asked"),
    [("", False), ("max-age=60", True), ("max-age=0", False), ("no-cache, max-age=60", False)],
)
def test_an_age_asks_for_an_old_answer(header: str, *, asked: bool) -> None:
    """Unless the client wants a new one."""
    assert asked == read(header).asked
