"""A llama-family GGUF file as the folder that vLLM loads: weights, config, tokenizer, template.

A program of its own for the vLLM environment, which has the libraries that the router's has not:

    python -P convert.py MODEL.gguf FOLDER

It imports nothing of Tiergate, so that file and environment are all it needs.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from gguf import GGUFReader, ReaderTensor
from gguf.quants import dequantize
from numpy.typing import NDArray
from safetensors.numpy import save_file

Array: TypeAlias = NDArray[np.float16]
Facts: TypeAlias = Mapping[str, Any]
"""The file's metadata by key."""

_CONTROL: Final = 3
"""llama.cpp's type of a token that is never text."""
_OUTER: Final = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output_norm.weight": "model.norm.weight",
    "output.weight": "lm_head.weight",
}
_INNER: Final = {
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
# Qwen3's convention, so that a switch can be tried on a model that knows none: unset, the prompt is
# the model's own; true opens the thought; false closes it before the answer.
_THINKING: Final = (
    "{% if add_generation_prompt and enable_thinking is defined %}"
    "{{ '<think>\n' if enable_thinking else '<think>\n\n</think>\n\n' }}{% endif %}"
)


def convert(source: Path, folder: Path) -> None:
    """Write the model in `source` to `folder`; ValueError for another family than llama's."""
    reader = GGUFReader(source)
    facts: Facts = {name: field.contents() for name, field in reader.fields.items()}
    if facts["general.architecture"] != "llama":
        raise ValueError(f"{facts['general.architecture']!r} is not of the llama family")
    folder.mkdir(parents=True, exist_ok=True)
    weights = dict(_tensor(tensor, facts) for tensor in reader.tensors)
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    documents = {
        "config.json": _config(facts, tied="lm_head.weight" not in weights),
        "generation_config.json": {"eos_token_id": facts["tokenizer.ggml.eos_token_id"]},
        "tokenizer.json": _tokenizer(facts),
        "tokenizer_config.json": _tokenizer_config(facts),
    }
    for name, content in documents.items():
        (folder / name).write_text(json.dumps(content, indent=1), encoding="utf-8")


def _tensor(tensor: ReaderTensor, facts: Facts) -> tuple[str, Array]:
    values = dequantize(tensor.data, tensor.tensor_type).astype(np.float16)
    if tensor.name in _OUTER:
        return _OUTER[tensor.name], values
    _, layer, kind, suffix = tensor.name.split(".")
    heads = {"attn_q": "head_count", "attn_k": "head_count_kv"}
    if kind in heads:
        values = _unpermute(values, facts[f"llama.attention.{heads[kind]}"])
    return f"model.layers.{layer}.{_INNER[kind]}.{suffix}", np.ascontiguousarray(values)


def _unpermute(values: Array, heads: int) -> Array:
    """Undo llama.cpp's order of rows, which interleaves the two halves that RoPE rotates."""
    rows, columns = values.shape
    halves = values.reshape(heads, rows // heads // 2, 2, columns)
    return halves.swapaxes(1, 2).reshape(rows, columns)


def _config(facts: Facts, *, tied: bool) -> Mapping[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_act": "silu",
        "hidden_size": facts["llama.embedding_length"],
        "intermediate_size": facts["llama.feed_forward_length"],
        "num_hidden_layers": facts["llama.block_count"],
        "num_attention_heads": facts["llama.attention.head_count"],
        "num_key_value_heads": facts["llama.attention.head_count_kv"],
        "max_position_embeddings": facts["llama.context_length"],
        "rms_norm_eps": round(facts["llama.attention.layer_norm_rms_epsilon"], 8),
        "rope_theta": facts["llama.rope.freq_base"],
        "vocab_size": len(facts["tokenizer.ggml.tokens"]),
        "bos_token_id": facts["tokenizer.ggml.bos_token_id"],
        "eos_token_id": facts["tokenizer.ggml.eos_token_id"],
        "pad_token_id": facts["tokenizer.ggml.padding_token_id"],
        "tie_word_embeddings": tied,
        "dtype": "float16",
    }


def _tokenizer(facts: Facts) -> Mapping[str, object]:
    """Byte-level BPE that takes digits one by one, as the SmolLM models do."""
    tokens: Sequence[str] = facts["tokenizer.ggml.tokens"]
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    added = [
        {"id": number, "content": token, "special": True, **flags}
        for number, token in enumerate(tokens)
        if facts["tokenizer.ggml.token_type"][number] == _CONTROL
    ]
    digits = {"type": "Digits", "individual_digits": True}
    by_byte = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    split = [digits, {**by_byte, "use_regex": True}]
    vocabulary = {token: number for number, token in enumerate(tokens)}
    merges = facts["tokenizer.ggml.merges"]
    return {
        "version": "1.0",
        "added_tokens": added,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": split},
        "decoder": {**by_byte, "use_regex": True},
        "model": {"type": "BPE", "vocab": vocabulary, "merges": merges},
    }


def _tokenizer_config(facts: Facts) -> Mapping[str, object]:
    tokens: Sequence[str] = facts["tokenizer.ggml.tokens"]
    names = {"bos_token": "bos", "eos_token": "eos", "pad_token": "padding", "unk_token": "unknown"}
    special = {name: tokens[facts[f"tokenizer.ggml.{key}_token_id"]] for name, key in names.items()}
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": facts["llama.context_length"],
        "chat_template": facts["tokenizer.chat_template"] + _THINKING,
        "clean_up_tokenization_spaces": False,
        **special,
    }


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
