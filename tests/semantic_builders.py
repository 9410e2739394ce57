"""Small made-up stand-ins for what the semantic signal is made from."""

import json
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from extproc.request import Conversation, Segment
from extproc.signals.semantic import TOKENS, Semantic
from extproc.signals.semantic.container import pack
from extproc.signals.semantic.tokens import KIND, Tokens

PIECES = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[unused0]", "sun", "moon", "##s", "7", "?")
WIDTH = 8
BENCHMARKS = ("ulab-math", "ulab-mbpp", "ulab-commongen", "mmlu-pro")
TASKS = (
    "Add {} and {} and {} numbers, then show that the sum is even",
    "Write a function f(x) that returns {} for {} and {} lists",
    "tree, dog, run {} {} {}",
    "Which force moves {} of {} things? {}",
)


@cache
def tokens() -> Tokens:
    """The table that ships."""
    return Tokens(TOKENS)


@cache
def semantic() -> Semantic:
    """The signal that ships."""
    return Semantic()


def said(text: str, *before: tuple[str, str]) -> Conversation:
    """A user's message after other messages, each a role and a text."""
    segments = (*(Segment(role, words) for role, words in before), Segment("user", text))
    return Conversation(segments=segments, user_turns=1)


def token_file(folder: Path, pieces: Sequence[str] = PIECES) -> Path:
    """A token table in which each piece's vector is its row number, twice."""
    path = folder / "tokens.bin"
    arrays = {
        "pieces": np.frombuffer("\n".join(pieces).encode(), np.uint8),
        "scales": np.full(len(pieces), 0.5, "<f4"),
        "vectors": np.repeat(np.arange(len(pieces), dtype=np.int8)[:, None], 2, axis=1),
    }
    path.write_bytes(pack(KIND, {}, arrays))
    return path


def teacher_folder(folder: Path) -> Path:
    """A BERT of one layer and two heads with random weights, always the same."""
    generator = np.random.default_rng(0)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (len(PIECES), WIDTH),
        "embeddings.position_embeddings.weight": (6, WIDTH),
        "embeddings.token_type_embeddings.weight": (2, WIDTH),
    }
    linear = {
        **{f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")},
        "attention.output.dense": (WIDTH, WIDTH),
        "intermediate.dense": (2 * WIDTH, WIDTH),
        "output.dense": (WIDTH, 2 * WIDTH),
    }
    for name, shape in linear.items():
        shapes[f"encoder.layer.0.{name}.weight"] = shape
        shapes[f"encoder.layer.0.{name}.bias"] = shape[:1]
    for name in ("attention.output.LayerNorm", "output.LayerNorm"):
        shapes |= {f"encoder.layer.0.{name}.{part}": (WIDTH,) for part in ("weight", "bias")}
    shapes |= {f"embeddings.LayerNorm.{part}": (WIDTH,) for part in ("weight", "bias")}
    tensors = {name: generator.normal(size=shape) for name, shape in shapes.items()}
    safetensors_file(folder / "model.safetensors", tensors)
    config = {"num_hidden_layers": 1, "num_attention_heads": 2}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "vocab.txt").write_text("\n".join(PIECES) + "\n")
    return folder


def safetensors_file(path: Path, tensors: Mapping[str, NDArray[Any]]) -> Path:
    """Tensors in the safetensors format, floats as F32 and the rest as I64."""
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    blobs: list[bytes] = []
    offset = 0
    for name, tensor in tensors.items():
        floats = tensor.dtype.kind == "f"
        blob = tensor.astype("<f4" if floats else "<i8").tobytes()
        kind, end = "F32" if floats else "I64", offset + len(blob)
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": (offset, end)}
        blobs.append(blob)
        offset = end
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))
    return path


def labelled_folder(folder: Path, rows: int = 12) -> Path:
    """Labelled prompts of four benchmarks: of each, the longer ones are the harder ones."""
    prompts: list[dict[str, str]] = []
    scores: list[dict[str, Any]] = []
    for benchmark, task in zip(BENCHMARKS, TASKS, strict=True):
        for row in range(rows):
            pid = f"{benchmark}-{row}"
            prompt = " ".join([task.format(row, row + 1, row + 2)] * (1 + row % 4))
            category = "physics" if row % 2 else "psychology"
            prompts.append(
                {"pid": pid, "benchmark": benchmark, "category": category, "prompt": prompt}
            )
            right = {"gemma-2-9b-it": 1 - row % 4 / 3, "gpt-4o-2024-05-13": 1.0, "other": 0.5}
            scores += [{"pid": pid, "model": name, "score": right[name]} for name in right]
    pq.write_table(pa.Table.from_pylist(prompts), folder / "made_prompts.parquet")
    pq.write_table(pa.Table.from_pylist(scores), folder / "made_scores.parquet")
    return folder


def paired_file(folder: Path, rows: int = 20) -> Path:
    """Prompts with a weak and a strong model's score; the weak one fails every second."""
    path = folder / "held.parquet"
    table = [{"prompt": "why " * (1 + row), "weak": row % 2, "strong": 1} for row in range(rows)]
    pq.write_table(pa.Table.from_pylist(table), path)
    return path


def labels_file(folder: Path, many: int = 80, /, **fields: object) -> Path:
    """Own labels: the fast tier fails at the longer half, the reasoning tier never."""
    path = folder / "own.jsonl"
    lines = (
        {
            "prompt": "say it again " * (1 + row % 40),
            "fast": float(row % 40 < 20),
            "reasoning": 1,
            **fields,
        }
        for row in range(many)
    )
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path
