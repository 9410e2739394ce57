"""A GGUF file as a folder for vLLM; `gguf` itself writes the files and is the judge of values."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gguf import GGMLQuantizationType, GGUFWriter
from gguf.quants import dequantize, quantize
from safetensors.numpy import load_file

from extproc.engines.vllm.convert import convert
from extproc.engines.vllm.model import CONVERTER

HIDDEN, HEADS, KV_HEADS, LAYERS = 64, 2, 1, 1
TOKENS = ["<|endoftext|>", "<|im_start|>", "a", "b", "ab"]
QUANTISED = GGMLQuantizationType.Q4_1


def values(*shape: int) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Numbers that are all different."""
    return np.linspace(-1, 1, int(np.prod(shape)), dtype=np.float32).reshape(shape)


def interleaved(
    rows: np.ndarray[Any, np.dtype[np.float32]], heads: int
) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Rows in llama.cpp's order."""
    halves = rows.reshape(heads, 2, len(rows) // heads // 2, -1)
    return halves.swapaxes(1, 2).reshape(rows.shape)


QUERY, KEY, UP = values(HIDDEN, HIDDEN), values(HIDDEN // 2, HIDDEN), values(128, HIDDEN)


def written(path: Path, *, architecture: str = "llama", head: bool = False) -> Path:
    """A model of one layer, with an output matrix of its own where it has a `head`."""
    writer = GGUFWriter(path, architecture)
    writer.add_block_count(LAYERS)
    writer.add_context_length(512)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(128)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(10000.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(TOKENS)
    writer.add_token_types([3, 3, 1, 1, 1])
    writer.add_token_merges(["a b"])
    for name, number in (("bos", 1), ("eos", 0), ("unk", 0), ("pad", 0)):
        getattr(writer, f"add_{name}_token_id")(number)
    writer.add_chat_template("{{ messages[0]['content'] }}")
    writer.add_tensor("token_embd.weight", values(len(TOKENS), HIDDEN))
    writer.add_tensor("blk.0.attn_norm.weight", values(HIDDEN))
    writer.add_tensor("blk.0.attn_q.weight", interleaved(QUERY, HEADS))
    writer.add_tensor("blk.0.attn_k.weight", interleaved(KEY, KV_HEADS))
    writer.add_tensor("blk.0.ffn_up.weight", quantize(UP, QUANTISED), raw_dtype=QUANTISED)
    if head:
        writer.add_tensor("output.weight", values(len(TOKENS), HIDDEN))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a converted model."""
    convert(written(tmp_path / "a.gguf"), tmp_path / "out")
    return tmp_path / "out"


def document(folder: Path, name: str) -> Any:  # noqa: ANN401 - JSON
    """One of the folder's documents."""
    return json.loads((folder / name).read_text())


def test_every_tensor_has_the_name_that_vllm_knows(folder: Path) -> None:
    """Those of the layers, and those outside of them."""
    assert {
        "model.embed_tokens.weight",
        "model.layers.0.input_layernorm.weight",
        "model.layers.0.self_attn.q_proj.weight",
        "model.layers.0.self_attn.k_proj.weight",
        "model.layers.0.mlp.up_proj.weight",
    } == set(load_file(folder / "model.safetensors"))


@pytest.mark.parametrize(("name", "expected"), [("q", QUERY), ("k", KEY)])
def test_the_order_of_rows_is_undone(
    folder: Path, name: str, expected: np.ndarray[Any, np.dtype[np.float32]]
) -> None:
    """Queries and keys are as they were before llama.cpp interleaved them."""
    found = load_file(folder / "model.safetensors")[f"model.layers.0.self_attn.{name}_proj.weight"]

    assert np.array_equal(expected.astype(np.float16), found)


def test_quantised_values_are_restored(folder: Path) -> None:
    """To what the format itself says they are."""
    expected = dequantize(quantize(UP, QUANTISED), QUANTISED).astype(np.float16)
    found = load_file(folder / "model.safetensors")["model.layers.0.mlp.up_proj.weight"]

    assert np.array_equal(expected, found)


def test_the_config_describes_the_model(folder: Path) -> None:
    """Sizes and ids, and that the embedding serves both ends where there is no other matrix."""
    config = document(folder, "config.json")

    assert (["LlamaForCausalLM"], True) == (config["architectures"], config["tie_word_embeddings"])
    assert (HIDDEN, HEADS, KV_HEADS, 5, 1e-5) == tuple(
        config[key]
        for key in (
            "hidden_size",
            "num_attention_heads",
            "num_key_value_heads",
            "vocab_size",
            "rms_norm_eps",
        )
    )


def test_a_matrix_for_the_output_is_kept(tmp_path: Path) -> None:
    """A model that has one does not tie it to the embedding."""
    convert(written(tmp_path / "a.gguf", head=True), tmp_path / "out")

    assert "lm_head.weight" in load_file(tmp_path / "out" / "model.safetensors")
    assert not document(tmp_path / "out", "config.json")["tie_word_embeddings"]


def test_the_tokenizer_keeps_control_tokens_apart(folder: Path) -> None:
    """They are special, the others are a vocabulary with its merges."""
    tokenizer = document(folder, "tokenizer.json")

    assert TOKENS[:2] == [token["content"] for token in tokenizer["added_tokens"]]
    assert ({token: number for number, token in enumerate(TOKENS)}, ["a b"]) == (
        tokenizer["model"]["vocab"],
        tokenizer["model"]["merges"],
    )


def test_the_template_can_be_told_to_think(folder: Path) -> None:
    """The model's own template comes first; what switches thinking follows it."""
    template = document(folder, "tokenizer_config.json")["chat_template"]

    assert template.startswith("{{ messages[0]['content'] }}")
    assert "enable_thinking" in template


def test_another_family_is_refused(tmp_path: Path) -> None:
    """Its tensors would be given the wrong names."""
    with pytest.raises(ValueError, match="'gemma3' is not of the llama family"):
        convert(written(tmp_path / "a.gguf", architecture="gemma3"), tmp_path / "out")


def test_it_is_a_program_of_its_own(tmp_path: Path) -> None:
    """Another Python runs it by its path, with nothing of Tiergate to be found."""
    source = written(tmp_path / "a.gguf")
    argv = (sys.executable, "-P", str(CONVERTER), str(source), str(tmp_path / "out"))

    assert 0 == subprocess.run(argv, check=False, cwd=tmp_path).returncode
    assert (tmp_path / "out" / "model.safetensors").exists()
