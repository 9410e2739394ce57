"""What the cache makes of a config."""

import asyncio
from typing import Any

from builders import config
from prometheus_client import CollectorRegistry
from state_builders import RecordingListener

from extproc.cache import AnswerCache
from extproc.cache.stage import CacheStage
from extproc.state import Store

ENTRIES = "tiergate_cache_entries"


def concern(registry: CollectorRegistry | None = None) -> AnswerCache:
    """One with a store of this process."""
    store = Store(config().state, RecordingListener())
    return AnswerCache(store, registry or CollectorRegistry())


def stage(made: AnswerCache, **section: Any) -> CacheStage:  # noqa: ANN401 - the section's
    """The stage of a config with this section."""
    (one,) = made.stages(config(cache=section))
    assert isinstance(one, CacheStage)
    return one


async def test_without_the_section_there_is_nothing() -> None:
    """And nothing to end."""
    registry = CollectorRegistry()
    made = concern(registry)
    await made.start()

    assert ((), ()) == (made.stages(config()), made.adjusters(config()))
    assert 0.0 == registry.get_sample_value(ENTRIES)
    await made.stop()
    await concern().stop()


async def test_what_is_kept_outlives_a_config() -> None:
    """Unless its bounds change."""
    made = concern()
    first, second = stage(made), stage(made, ttl_seconds=5)
    third = stage(made, memory_bytes=1 << 21)

    assert first._answers is second._answers
    assert first._answers is not third._answers
    await made.stop()


async def test_entries_are_counted() -> None:
    """Those of this process."""
    registry = CollectorRegistry()
    made = concern(registry)
    stage(made)

    assert 0.0 == registry.get_sample_value(ENTRIES)
    await made.stop()


async def test_an_index_lives_as_long_as_it_is_wanted() -> None:
    """And begins anew where its size changes."""
    made = concern()
    similar = [
        stage(made, **section)._answers.similar
        for section in (
            {},
            {"similar": True, "similarity": {"max_questions": 5}},
            {"similar": True, "similarity": {"max_questions": 5, "threshold": 0.5}},
            {"rules": [{"similar": True}], "similarity": {"max_questions": 6}},
            {"similarity": {"max_questions": 6}},
        )
    ]

    assert [None, 5, 5, 6, None] == [one and one.most for one in similar]
    assert similar[1] is similar[2]
    await made.stop()


async def test_it_follows_nothing_where_nothing_is_shared() -> None:
    """Without Redis there is nobody who could purge."""
    store = Store(config().state, RecordingListener())
    made = AnswerCache(store, CollectorRegistry(), every=0.001)
    one = stage(made)
    await made.start()
    await asyncio.sleep(0.01)

    assert {} == one._answers.purges
    await made.stop()
