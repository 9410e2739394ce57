"""Unit tests of the command's flags."""

import argparse

import pytest

from extproc.engines.sim import main


def arguments(*flags: str) -> argparse.Namespace:
    """Parsed flags of a replica named `tiny`."""
    parser = argparse.ArgumentParser()
    main.add_arguments(parser)
    return parser.parse_args(["--served-model-name", "tiny", *flags])


def test_profile_brings_its_cache() -> None:
    """Without `--num-gpu-blocks` the cache is what the profile's card has room for."""
    subject = main.settings_of(arguments("--profile", "llama-3.2-3b-t4"))

    assert 3584 == subject.num_gpu_blocks


def test_flags_are_those_of_vllm() -> None:
    """The flags that vLLM has too arrive under the same names."""
    subject = main.settings_of(
        arguments(
            "--max-model-len", "64", "--max-num-seqs", "3", "--max-num-batched-tokens", "32",
            "--num-gpu-blocks", "9", "--block-size", "8", "--no-enable-prefix-caching",
            "--enable-force-include-usage", "--seed", "5",
        )
    )  # fmt: skip

    assert (64, 3, 32, 9, 8, False, True, 5) == (
        subject.max_model_len,
        subject.max_num_seqs,
        subject.max_num_batched_tokens,
        subject.num_gpu_blocks,
        subject.block_size,
        subject.enable_prefix_caching,
        subject.enable_force_include_usage,
        subject.seed,
    )


def test_unknown_profile_is_refused_with_the_choices(capsys: pytest.CaptureFixture[str]) -> None:
    """The profiles are a closed list, which the error shows."""
    with pytest.raises(SystemExit) as caught:
        arguments("--profile", "h100")

    assert 2 == caught.value.code
    assert "qwen2.5-1.5b-t4" in capsys.readouterr().err


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_impossible_port_is_refused(port: str) -> None:
    """A port that does not exist is a bad argument, status 2."""
    with pytest.raises(SystemExit) as caught:
        arguments("--port", port)

    assert 2 == caught.value.code


async def test_impossible_settings_end_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    """A value that no replica could start with is one line on stderr and status 2."""
    status = await main.run(arguments("--speed", "0"))

    assert (2, "tiergate sim: speed must be above 0, not 0.0\n") == (
        status,
        capsys.readouterr().err,
    )
