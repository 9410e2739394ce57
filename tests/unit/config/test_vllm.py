"""The section of a tier that says how vLLM runs it."""

import msgspec
import pytest
from builders import config, tiers

from extproc.config import DECLARED, Vllm


@pytest.mark.parametrize(
    "section",
    [
        {"dtype": "fp8"},
        {"gpu_memory_utilization": 1.5},
        {"kv_cache_gib": 0},
        {"max_num_seqs": 0},
        {"reasoning_parser": "--host"},
        {"flags": {"--seed": 1}},
        {"flags": {"seed": [1]}},
        {"env": {"lower": "x"}},
        {"ready_seconds": 0},
        {"unknown": 1},
    ],
    ids=str,
)
def test_what_no_server_could_be_started_with_is_refused(section: dict[str, object]) -> None:
    """By the document's own reader, with the key's path."""
    with pytest.raises(msgspec.ValidationError, match="vllm"):
        config(tiers=tiers(vllm=section))


def test_every_key_stands_for_a_flag_that_cannot_be_given_twice() -> None:
    """Whatever the section declares is not to be found among `flags`."""
    own = {"flags", "env", "ready_seconds", "kv_cache_gib"}
    keys = {field.replace("_", "-") for field in Vllm.__struct_fields__ if field not in own}

    assert keys <= DECLARED
