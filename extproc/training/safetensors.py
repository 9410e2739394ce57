"""Reads the safetensors format: a length, a JSON header, and the tensors' bytes."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extproc.errors import ConfigError

_TYPES: Final = {"F32": "<f4", "I64": "<i8"}


def read(path: Path) -> Mapping[str, NDArray[Any]]:
    """Every tensor by name, floats as float64; ConfigError where it is not such a file."""
    data = path.read_bytes()
    try:
        (length,) = struct.unpack_from("<Q", data)
        header: dict[str, Any] = json.loads(data[8 : 8 + length])
        header.pop("__metadata__", None)
        return {name: _tensor(data, 8 + length, entry) for name, entry in header.items()}
    except (struct.error, ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is not a safetensors file of floats: {error!r}") from error


def _tensor(data: bytes, base: int, entry: Mapping[str, Any]) -> NDArray[Any]:
    start, end = entry["data_offsets"]
    flat = np.frombuffer(data[base + start : base + end], _TYPES[entry["dtype"]])
    tensor = flat.reshape(entry["shape"])
    return tensor.astype(np.float64) if entry["dtype"] == "F32" else tensor
