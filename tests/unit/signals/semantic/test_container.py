"""The file of arrays."""

import hashlib
import json
import struct
from pathlib import Path

import numpy as np
import pytest

from extproc.errors import ConfigError
from extproc.signals.semantic.container import pack, read, unpack

ARRAYS = {"a": np.array([[1.5, 2.5]]), "b": np.array([3], dtype=np.int8)}


def forged(header: bytes, content: bytes = b"") -> bytes:
    """A file whose checksum is right and whose header is anything."""
    body = struct.pack("<I", len(header)) + header + content
    return b"TIERGATE" + hashlib.sha256(body).digest() + body


def header(**fields: object) -> bytes:
    """The header of a file that holds one array of two numbers."""
    entry = {"name": "a", "type": "<f8", "shape": [2]}
    known = {"format": 1, "kind": "k", "manifest": {}, "arrays": [entry]}
    return json.dumps({**known, **fields}).encode()


def test_arrays_come_back_as_they_were() -> None:
    """Values, shapes and the manifest."""
    found = unpack(pack("k", {"rows": 7}, ARRAYS), "k")

    assert {"rows": 7} == found.manifest
    assert [[1.5, 2.5]] == found.array("a", 1, 2).tolist()
    assert [3] == found.array("b", None).tolist()


def test_equal_input_gives_equal_bytes() -> None:
    """Nothing of the day or of the process is in the file."""
    assert pack("k", {"x": 1, "y": 2}, ARRAYS) == pack("k", {"y": 2, "x": 1}, ARRAYS)


@pytest.mark.parametrize("position", [0, 9, 45, -1])
def test_a_changed_byte_is_noticed(position: int) -> None:
    """Wherever it stands."""
    data = bytearray(pack("k", {}, ARRAYS))
    data[position] ^= 1

    with pytest.raises(ConfigError, match="damaged"):
        unpack(bytes(data), "k")


@pytest.mark.parametrize("kept", [0, 20, 60])
def test_a_cut_file_is_noticed(kept: int) -> None:
    """Wherever it ends."""
    with pytest.raises(ConfigError, match="damaged"):
        unpack(pack("k", {}, ARRAYS)[:kept], "k")


def test_another_kind_is_refused() -> None:
    """A token table is not a model."""
    with pytest.raises(ConfigError, match="expected other of format 1, found k of format 1"):
        unpack(pack("k", {}, ARRAYS), "other")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (forged(b"{"), "header cannot be read"),
        (forged(b"\xff"), "header cannot be read"),
        (forged(header(format=2)), "found k of format 2"),
        (forged(header(arrays=[{"name": "a", "type": "|O", "shape": [1]}])), "unknown type"),
        (forged(header()), "ends too early"),
        (forged(b""), "header cannot be read"),
    ],
)
def test_a_file_that_is_whole_but_wrong_is_refused(data: bytes, message: str) -> None:
    """A right checksum is no promise that the content can be used."""
    with pytest.raises(ConfigError, match=message):
        unpack(data, "k")


def test_a_file_too_short_for_its_header_is_refused() -> None:
    """With a right checksum even so."""
    with pytest.raises(ConfigError, match="header cannot be read"):
        unpack(b"TIERGATE" + hashlib.sha256(b"").digest(), "k")


@pytest.mark.parametrize(("name", "shape"), [("c", (1,)), ("a", (2, 2)), ("a", (1,))])
def test_an_array_of_another_shape_is_refused(name: str, shape: tuple[int, ...]) -> None:
    """Or one that is not there."""
    found = unpack(pack("k", {}, ARRAYS), "k")

    with pytest.raises(ConfigError, match=f"no array '{name}'"):
        found.array(name, *shape)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """With the system's own word for it."""
    with pytest.raises(ConfigError, match=r"cannot read .*gone\.bin: No such file"):
        read(tmp_path / "gone.bin", "k")


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """So that an operator knows which one to restore."""
    path = tmp_path / "hurt.bin"
    path.write_bytes(b"TIERGATE")

    with pytest.raises(ConfigError, match=r"hurt\.bin: the artifact is damaged"):
        read(path, "k")
