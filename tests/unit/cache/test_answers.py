"""All that a process keeps."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from cache_builders import Process, asked, entry

from extproc.cache.shared import ALL

NOW = 1_000_000.0


@pytest.fixture(name="process")
def _process() -> Iterator[Process]:
    made = Process()
    yield made
    made.close()


def test_what_is_kept_is_here(process: Process) -> None:
    """For its time to live."""
    process.answers.keep(asked(ttl_seconds=60), entry())
    process.clock.now += 59

    assert entry() == process.answers.here(asked(ttl_seconds=60))
    process.clock.now += 1
    assert process.answers.here(asked(ttl_seconds=60)) is None


def test_shorter_terms_hold_at_once(process: Process) -> None:
    """For what was kept under longer ones too."""
    process.answers.keep(asked(ttl_seconds=60), entry())
    process.clock.now += 30

    assert process.answers.here(asked(ttl_seconds=30)) is None


def test_a_client_may_want_a_younger_one(process: Process) -> None:
    """Than the terms do."""
    process.answers.keep(asked(), entry())
    process.clock.now += 30

    assert process.answers.here(asked(control="max-age=30")) is None
    assert process.answers.here(asked(control="max-age=31")) is not None


@pytest.mark.parametrize("space", [asked().space, ALL], ids=["tenant", "all"])
def test_what_was_purged_does_not_count(process: Process, space: str) -> None:
    """What came after it does."""
    process.answers.keep(asked(), entry())
    process.answers.purges = {"another": NOW + 9}
    assert process.answers.here(asked()) is not None

    process.answers.purges = {space: NOW}
    assert process.answers.here(asked()) is None
    process.answers.keep(asked(), entry(stored=NOW + 1))
    assert process.answers.here(asked()) is not None


def test_what_another_process_kept_is_kept_here_for_the_rest(process: Process) -> None:
    """Of its time; nothing where that is over."""
    question = asked(ttl_seconds=60)
    process.answers.found(question, entry(stored=NOW - 60))
    assert 0 == len(process.answers.local)

    process.answers.found(question, entry(stored=NOW - 59))
    process.clock.now += 0.9
    assert process.answers.local.get(question.place) is not None
    process.clock.now += 0.1
    assert process.answers.local.get(question.place) is None


def test_without_an_index_nothing_is_alike(process: Process) -> None:
    """It is opt-in."""
    question = replace(asked(), text="hello", around="a")
    process.answers.keep(question, entry())

    assert process.answers.alike(question, -1) is None
