"""What the AWS provider knows of the resources in use, kept for a machine without terraform.

    terraform -chdir=ROOT providers schema -json | python tests/terraform_schema.py

writes it anew. Of each resource and data source: the arguments that must and may be given, and the
same of its blocks.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import hcl2

Json = dict[str, Any]
TREE: Final = Path(__file__).parents[1] / "terraform"
KEPT: Final = Path(__file__).parent / "terraform/provider_schema.json"
PROVIDER: Final = "registry.terraform.io/hashicorp/aws"
META: Final = frozenset({"count", "depends_on", "for_each", "lifecycle", "provider"})
"""Arguments that are terraform's own."""


def used(kind: str) -> set[str]:
    """The types of `resource` or of `data` in the whole tree."""
    words = re.compile(rf'^{kind} "(aws_[a-z0-9_]+)"', re.MULTILINE)
    return {name for file in TREE.glob("**/*.tf") for name in words.findall(file.read_text())}


def cut(schema: Json) -> Json:
    """Of `terraform providers schema -json`, what the tree uses."""
    provider = schema["provider_schemas"][PROVIDER]
    places = {"resource": "resource_schemas", "data": "data_source_schemas"}
    return {
        kind: {name: _block(provider[place][name]["block"]) for name in sorted(used(kind))}
        for kind, place in places.items()
    }


def _block(block: Json) -> Json:
    attributes = block.get("attributes", {})
    blocks = block.get("block_types", {})
    return {
        "must": sorted(name for name, it in attributes.items() if it.get("required")),
        "may": sorted(name for name, it in attributes.items() if it.get("optional")),
        "blocks": {
            name: {"min": it.get("min_items", 0), **_block(it["block"])}
            for name, it in sorted(blocks.items())
        },
    }


def mistakes(file: Path, schema: Json) -> Iterator[str]:
    """What a file says that the schema does not know, and what it leaves out."""
    with file.open() as text:
        parsed = hcl2.load(text)
    for kind in ("resource", "data"):
        for one in parsed.get(kind, []):
            for name, named in one.items():
                kindred = name.strip('"')
                if not kindred.startswith("aws_"):
                    continue
                for label, body in named.items():
                    where = f"{file.name}: {kindred}.{label.strip(chr(34))}"
                    known = schema[kind].get(kindred)
                    own = {argument: it for argument, it in body.items() if argument not in META}
                    yield from _of(where, own, known) if known else [f"{where} is unknown"]


def _of(where: str, body: Json, known: Json) -> Iterator[str]:
    """The mistakes of one block and of those in it."""
    given = {name: it for name, it in body.items() if "__" not in name}
    inner = [(name, it) for name, its in given.items() if _blocks(its) for it in its]
    inner += [
        (name.strip('"'), content)
        for dynamic in body.get("dynamic", [])
        for name, it in dynamic.items()
        for content in it["content"]
    ]
    inner = [(name, it) for name, it in inner if name != "dynamic"]
    plain = {name for name, it in given.items() if not _blocks(it)}
    yield from (f"{where}: no argument {name}" for name in plain - {*known["must"], *known["may"]})
    yield from (f"{where}: {name} is missing" for name in {*known["must"]} - plain)
    present = {name for name, _ in inner}
    for name, it in known["blocks"].items():
        if it["min"] and name not in present:
            yield f"{where}: {name} is missing"
    for name, it in inner:
        if name in known["blocks"]:
            yield from _of(f"{where}.{name}", it, known["blocks"][name])
        else:
            yield f"{where}: no block {name}"


def _blocks(value: object) -> bool:
    """Whether a value is a list of blocks, and not of values."""
    return isinstance(value, list) and any(
        isinstance(one, dict) and ("__is_block__" in one or _dynamic(one)) for one in value
    )


def _dynamic(one: Json) -> bool:
    return any(isinstance(it, dict) and "content" in it for it in one.values())


if __name__ == "__main__":
    KEPT.write_text(json.dumps(cut(json.load(sys.stdin)), separators=(",", ":")) + "\n")
