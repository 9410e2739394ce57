"""What the cache counts."""

from prometheus_client import CollectorRegistry

from extproc.cache.measures import Measures


def test_requests_answers_and_entries_are_counted() -> None:
    """By what came of them."""
    registry = CollectorRegistry()
    measures = Measures(registry, lambda: 3.0)
    measures.asked("hit")
    measures.answered("stored")
    measures.answered("stored")

    assert (1.0, 2.0, 3.0) == (
        registry.get_sample_value("tiergate_cache_requests_total", {"result": "hit"}),
        registry.get_sample_value("tiergate_cache_answers_total", {"result": "stored"}),
        registry.get_sample_value("tiergate_cache_entries"),
    )
