"""vLLM's page, as the simulator writes it and as a stranger might."""

import pytest
from fleet_builders import reading
from hypothesis import given, strategies as st
from sim_builders import settings

from extproc.engines.sim.metrics import Metrics
from extproc.engines.sim.scheduler import Scheduler
from extproc.fleet.exposition import Unreadable, read

GAUGES = b"""\
vllm:num_requests_running{engine="0",model_name="m"} 3
vllm:num_requests_waiting{engine="0",model_name="m"} 4.0
vllm:kv_cache_usage_perc{engine="0",model_name="m"} 0.5
"""


def test_a_simulated_replica_is_read() -> None:
    """Every name is found on a page that has all of vLLM's."""
    made = settings()

    assert reading() == read(Metrics(made, Scheduler(made)).exposition())


def test_engines_are_added_up() -> None:
    """Of their KV usage the highest counts."""
    page = GAUGES + GAUGES.replace(b'"0"', b'"1"').replace(b"0.5", b"0.75")

    assert reading(running=6.0, waiting=8.0, kv=0.75) == read(page)


def test_counters_are_read_by_their_names_on_the_page() -> None:
    """A histogram gives its sum or its count, and a counter all that its labels tell apart."""
    page = (
        GAUGES
        + b"""\
vllm:admission_rejections_total{reason="a"} 1
vllm:admission_rejections_total{reason="b"} 2
vllm:time_to_first_token_seconds_count{engine="0"} 10
vllm:time_to_first_token_seconds_sum{engine="0"} 99
vllm:prompt_tokens_total{engine="0"} 20
vllm:generation_tokens_total{engine="0"} 30
vllm:request_prefill_kv_computed_tokens_sum{engine="0"} 40
vllm:request_prefill_time_seconds_sum{engine="0"} 50
vllm:request_prefill_time_seconds_count{engine="0"} 60
vllm:request_prefill_time_seconds_bucket{engine="0",le="0.3"} 7
"""
    )
    counted = {
        "rejected": 3.0,
        "started": 10.0,
        "start_seconds": 99.0,
        "prompt": 20.0,
        "generated": 30.0,
    }

    assert read(page) == reading(
        running=3.0,
        waiting=4.0,
        kv=0.5,
        computed=40.0,
        prefilled=60.0,
        prefill_seconds=50.0,
        **counted,
    )


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<html>upstream request timeout",
        GAUGES.replace(b"kv_cache", b"gpu_cache"),
        GAUGES.replace(b"4.0", b"NaN"),
        GAUGES.replace(b"4.0", b"-1"),
        GAUGES.replace(b"4.0", b"+Inf"),
        GAUGES.replace(b"4.0", b"many"),
        GAUGES.replace(b" 3\n", b"\n"),
        GAUGES.replace(b'"m"', b'"m', 1),
        b"\xff" + GAUGES,
    ],
    ids=["empty", "html", "gauge-gone", "nan", "negative", "infinite", "word", "no-value",
         "unclosed", "not-utf8"],
)  # fmt: skip
def test_another_page_is_refused(page: bytes) -> None:
    """Nothing is made up for what it does not say."""
    with pytest.raises(Unreadable):
        read(page)


@given(st.lists(st.sampled_from([*b'{}",= \n\\#0e+N', *GAUGES]), max_size=80).map(bytes))
def test_no_bytes_break_the_reader(noise: bytes) -> None:
    """Whatever a port answers that is no vLLM's."""
    for page in (noise, GAUGES.replace(b" 3", noise), GAUGES.replace(b'engine="0"', noise)):
        try:
            assert 0 <= read(page).kv
        except Unreadable:
            continue
