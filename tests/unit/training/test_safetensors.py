"""The safetensors format."""

from pathlib import Path

import numpy as np
import pytest
from semantic_builders import safetensors_file

from extproc.errors import ConfigError
from extproc.training.safetensors import read


def test_tensors_come_back(tmp_path: Path) -> None:
    """Floats in double precision, whole numbers as they are."""
    path = safetensors_file(tmp_path / "model", {"w": np.array([[1.5], [2.5]]), "n": np.array([7])})
    found = read(path)

    assert [[1.5], [2.5]] == found["w"].tolist()
    assert np.float64 == found["w"].dtype
    assert [7] == found["n"].tolist()


@pytest.mark.parametrize(
    "data", [b"", b"\x02" + bytes(7) + b"{]", b"\x09" + bytes(7) + b'{"a":{}}']
)
def test_another_file_is_refused(data: bytes, tmp_path: Path) -> None:
    """Too short, not JSON, or a tensor without a type."""
    path = tmp_path / "model"
    path.write_bytes(data)

    with pytest.raises(ConfigError, match="not a safetensors file"):
        read(path)
