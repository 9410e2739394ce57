"""From a config to vLLM's command line."""

from pathlib import Path

import pytest
from builders import FAST_MODEL, REASONING_MODEL, config, tiers

from extproc.config import DECLARED, ModelServer, default_path, load, servers
from extproc.engines.vllm.flags import Command, command
from extproc.engines.vllm.hardware import HARDWARE, Kind

PAGE = Path(__file__).parents[4] / "docs" / "real-tiers.md"


def server(**fields: object) -> ModelServer:
    """The reasoning tier's server, the tier with `fields` put in."""
    return servers(config(tiers=tiers(**fields)))[-1]


def made(kind: Kind = Kind.T4, **fields: object) -> Command:
    """How it is started on a machine of that kind."""
    return command(server(**fields), HARDWARE[kind], host="127.0.0.1", port=8002)


def value(said: Command, flag: str) -> str | None:
    """What follows a flag; None where the flag is not there."""
    words = said.arguments
    return words[words.index(flag) + 1] if flag in words else None


def test_a_tier_on_a_t4_word_for_word() -> None:
    """All names, the context, memory and batch that fit 16 GB, and what the gateway relies on."""
    assert (
        "--model", REASONING_MODEL, "--served-model-name", REASONING_MODEL, "auto",
        "--host", "127.0.0.1", "--port", "8002", "--max-model-len", "32768", "--dtype", "half",
        "--gpu-memory-utilization", "0.9", "--max-num-seqs", "64",
        "--max-num-batched-tokens", "2048",
        "--enable-force-include-usage", "--enable-prompt-tokens-details",
        "--enable-prefix-caching", "--disable-uvicorn-access-log", "--no-enable-log-requests",
    ) == made().arguments  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "dtype", "memory"),
    [
        (Kind.GPU, "auto", ("--gpu-memory-utilization", "0.9")),
        (Kind.CPU, "half", ("--kv-cache-memory-bytes", "1073741824")),
    ],
)
def test_other_machines_have_other_defaults(
    kind: Kind, dtype: str, memory: tuple[str, str]
) -> None:
    """A newer card chooses its type itself; without one, memory is the cache's alone."""
    said = made(kind)

    assert (dtype, None) == (value(said, "--dtype"), value(said, "--max-num-batched-tokens"))
    assert memory[1] == value(said, memory[0])


@pytest.mark.parametrize(
    ("section", "flag", "expected"),
    [
        ({"dtype": "float32"}, "--dtype", "float32"),
        ({"gpu_memory_utilization": 0.45}, "--gpu-memory-utilization", "0.45"),
        ({"kv_cache_gib": 0.5}, "--kv-cache-memory-bytes", "536870912"),
        ({"max_num_seqs": 8}, "--max-num-seqs", "8"),
        ({"max_num_batched_tokens": 512}, "--max-num-batched-tokens", "512"),
        ({"max_num_queued_reqs": 96}, "--max-num-queued-reqs", "96"),
        ({"tensor_parallel_size": 2}, "--tensor-parallel-size", "2"),
        ({"reasoning_parser": "qwen3"}, "--reasoning-parser", "qwen3"),
        ({"tool_call_parser": "hermes"}, "--tool-call-parser", "hermes"),
        ({"chat_template": "/t.jinja"}, "--chat-template", "/t.jinja"),
        ({"flags": {"quantization": "awq"}}, "--quantization", "awq"),
        ({"flags": {"seed": 7}}, "--seed", "7"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_the_tiers_own_word_is_stronger(
    section: dict[str, object], flag: str, expected: str
) -> None:
    """Each key of the section is a flag, whatever the machine."""
    assert expected == value(made(vllm=section), flag)


def test_flags_without_a_value() -> None:
    """True turns one on, false off."""
    said = made(vllm={"flags": {"enforce-eager": True, "enable-chunked-prefill": False}})

    assert ("--enforce-eager", "--no-enable-chunked-prefill") == said.arguments[-2:]


def test_a_model_that_calls_tools_may_do_so_unasked() -> None:
    """A parser without the switch would be refused by vLLM."""
    assert "--enable-auto-tool-choice" in made(vllm={"tool_call_parser": "hermes"}).arguments


def test_statistics_stay_at_home() -> None:
    """And the tier's own variables are stronger than ours."""
    said = made(vllm={"env": {"DO_NOT_TRACK": "0", "CUDA_VISIBLE_DEVICES": "1"}})

    assert {
        "VLLM_NO_USAGE_STATS": "1",
        "DO_NOT_TRACK": "0",
        "CUDA_VISIBLE_DEVICES": "1",
    } == said.env


@pytest.mark.parametrize("kind", Kind)
def test_what_is_written_here_cannot_be_given_as_a_flag(kind: Kind) -> None:
    """Every flag that a key of the config stands for is refused among `flags`."""
    section = {
        "max_num_queued_reqs": 1,
        "tensor_parallel_size": 2,
        "reasoning_parser": "a",
        "tool_call_parser": "b",
        "chat_template": "c",
    }
    written = {
        word.removeprefix("--").removeprefix("no-")
        for word in made(kind, vllm=section).arguments
        if word.startswith("--")
    }

    assert written - DECLARED <= {
        "disable-uvicorn-access-log",
        "enable-log-requests",
        "enforce-eager",
    }


def test_the_page_shows_what_is_started() -> None:
    """The docs' example is the fast tier of the shipped config on a T4, word for word."""
    fast, _ = servers(load(default_path()))
    said = command(fast, HARDWARE[Kind.T4], host="0.0.0.0", port=8001)  # noqa: S104 - a container

    for word in said.arguments:
        assert f"- {word}\n" in PAGE.read_text().replace("'", ""), word


def test_every_flag_is_explained_on_the_page() -> None:
    """The table has a row for each flag that follows from a key, and no other."""
    rows = [line for line in PAGE.read_text().splitlines() if line.startswith("| `--")]
    named = {row.split("`")[1].removeprefix("--").split()[0] for row in rows}

    assert named == DECLARED | {"disable-uvicorn-access-log", "no-enable-log-requests"}


def test_names_of_all_tiers_of_a_server() -> None:
    """One server, every name."""
    shared = tiers(endpoints=["127.0.0.1:8001"], weights=FAST_MODEL)
    (server,) = servers(config(tiers=shared))
    said = command(server, HARDWARE[Kind.T4], host="h", port=1).arguments
    start = said.index("--served-model-name")

    assert (FAST_MODEL, REASONING_MODEL, "auto", "--host") == said[start + 1 : start + 5]
