"""A file of named arrays with a checksum: how trained numbers ship.

    magic     8 bytes   b"TIERGATE"
    digest   32 bytes   SHA-256 of all that follows
    length    4 bytes   little endian: of the header
    header              JSON: format, kind, manifest, and each array's name, type and shape
    arrays              in the header's order, C order, little endian

It holds numbers and their provenance, never code, so that reading one cannot run anything.
"""

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from extproc.errors import ConfigError

FORMAT: Final = 1
"""Raised whenever an older reader would misread a newer file."""
_MAGIC: Final = b"TIERGATE"
_LENGTH: Final = struct.Struct("<I")
_START: Final = len(_MAGIC) + hashlib.sha256().digest_size
_TYPES: Final = frozenset({"|i1", "|u1", "<f4", "<f8"})


class _Entry(msgspec.Struct, frozen=True):
    name: str
    type: str
    shape: tuple[Annotated[int, msgspec.Meta(ge=0)], ...]


class _Header(msgspec.Struct, frozen=True):
    format: int
    kind: str
    manifest: dict[str, Any]
    arrays: tuple[_Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """Arrays by name, where they came from, and the SHA-256 that names the file's content."""

    manifest: Mapping[str, Any]
    arrays: Mapping[str, NDArray[Any]]
    digest: str

    def array(self, name: str, *shape: int | None) -> NDArray[Any]:
        """The array of that name; ConfigError where it is missing or not of `shape` (None: any)."""
        found = self.arrays.get(name)
        if found is None or not _fits(found.shape, shape):
            raise ConfigError(f"the artifact has no array {name!r} of the right shape")
        return found


def pack(kind: str, manifest: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The file's bytes; equal input gives equal bytes."""
    entries = [
        {"name": name, "type": array.dtype.str, "shape": array.shape}
        for name, array in arrays.items()
    ]
    described = {"format": FORMAT, "kind": kind, "manifest": manifest, "arrays": entries}
    header = json.dumps(described, sort_keys=True, separators=(",", ":")).encode()
    blobs = (np.ascontiguousarray(array).tobytes() for array in arrays.values())
    content = b"".join((_LENGTH.pack(len(header)), header, *blobs))
    return _MAGIC + hashlib.sha256(content).digest() + content


def read(path: Path, kind: str) -> Container:
    """The file at `path`; ConfigError where it is missing, damaged or of another kind."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    try:
        return unpack(data, kind)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error.message}") from error


def unpack(data: bytes, kind: str) -> Container:
    """What `pack` made; ConfigError where a byte differs from what was written."""
    content = memoryview(data)[_START:]
    digest = hashlib.sha256(content).digest()
    if data[:_START] != _MAGIC + digest:
        raise ConfigError("the artifact is damaged: its checksum does not match its content")
    try:
        (length,) = _LENGTH.unpack_from(content)
        header = msgspec.json.decode(content[_LENGTH.size :][:length], type=_Header)
    except (struct.error, UnicodeDecodeError, msgspec.DecodeError) as error:
        raise ConfigError(f"the artifact's header cannot be read: {error}") from error
    if (header.format, header.kind) != (FORMAT, kind):
        found = f"{header.kind} of format {header.format}"
        raise ConfigError(f"expected {kind} of format {FORMAT}, found {found}")
    arrays = _arrays(header, content[_LENGTH.size + length :])
    return Container(manifest=header.manifest, arrays=arrays, digest=digest.hex())


def _arrays(header: _Header, content: memoryview) -> Mapping[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {}
    offset = 0
    for entry in header.arrays:
        if entry.type not in _TYPES:
            raise ConfigError(f"the artifact holds numbers of an unknown type, {entry.type}")
        kind = np.dtype(entry.type)
        count = int(np.prod(entry.shape, dtype=np.int64))
        if len(content) - offset < count * kind.itemsize:
            raise ConfigError("the artifact ends too early")
        array = np.frombuffer(content, kind, count, offset)
        arrays[entry.name] = array.reshape(entry.shape)
        offset += count * kind.itemsize
    return arrays


def _fits(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        want in (None, have) for have, want in zip(shape, wanted, strict=True)
    )
