"""Regenerate `extproc/_pb` from this folder: `python proto/generate.py`."""

import sys
from pathlib import Path

from grpc_tools import protoc

PROTO = Path(__file__).parent
OUT = PROTO.parent / "extproc" / "_pb"


def main(out: Path = OUT) -> int:
    """Write the modules and their type stubs into `out`; protoc's own exit status."""
    include = Path(protoc.__file__).parent / "_proto"
    sources = sorted(str(path) for path in PROTO.glob("*.proto"))
    flags = [f"-I{PROTO}", f"-I{include}", f"--python_out={out}", f"--pyi_out={out}"]
    return int(protoc.main(["protoc", *flags, *sources]))


if __name__ == "__main__":
    sys.exit(main(*map(Path, sys.argv[1:])))
