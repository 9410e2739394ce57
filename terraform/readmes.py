"""The inputs and outputs in each module's README, written from its variables and outputs.

    python3 terraform/readmes.py            rewrite what is out of date
    python3 terraform/readmes.py --check    say what is, and end with 1

What stands above the marker is written by hand and kept. Needs python-hcl2.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import hcl2

MARK: Final = "<!-- Below: written by readmes.py from variables.tf and outputs.tf. -->"
FOLDER: Final = Path(__file__).parent
Block = dict[str, Any]


def main(arguments: list[str]) -> int:
    """Rewrite or check every module's README."""
    stale = [module for module in modules() if wanted(module) != current(module)]
    for module in stale:
        if arguments == ["--check"]:
            sys.stderr.write(f"{module}/README.md is out of date: run terraform/readmes.py\n")
        else:
            (module / "README.md").write_text(wanted(module))
    return int(bool(stale) and arguments == ["--check"])


def modules() -> list[Path]:
    """Every module's folder."""
    return sorted(path.parent for path in FOLDER.glob("modules/*/variables.tf"))


def current(module: Path) -> str:
    """The README as it is; empty where there is none."""
    readme = module / "README.md"
    return readme.read_text() if readme.exists() else ""


def wanted(module: Path) -> str:
    """The README as it should be."""
    above = current(module).partition(MARK)[0] or f"# {module.name}\n\n"
    inputs = [
        f"| `{name}` | {said(block['description'])} | `{kind(block['type'])}` | {default(block)} |"
        for name, block in blocks(module / "variables.tf", "variable")
    ]
    outputs = [
        f"| `{name}` | {said(block['description'])} |"
        for name, block in blocks(module / "outputs.tf", "output")
    ]
    tables = [
        *("## Inputs", "", "| name | what it is | type | default |", "|---|---|---|---|", *inputs),
        *("", "## Outputs", "", "| name | what it is |", "|---|---|", *outputs),
    ]
    return f"{above}{MARK}\n\n" + "\n".join(tables) + "\n"


def blocks(file: Path, kind: str) -> list[tuple[str, Block]]:
    """The blocks of one kind in a file, by name, in the file's order."""
    with file.open() as text:
        found = hcl2.load(text).get(kind, [])
    return [(name.strip('"'), block) for one in found for name, block in one.items()]


def said(text: str) -> str:
    """A description on one line, fit for a table."""
    words = text.strip('"').removeprefix("<<-EOT").removesuffix("EOT").split()
    return " ".join(words).replace('\\"', '"').replace("|", "\\|")


def kind(text: str) -> str:
    """A type in one word: what an object holds is in its description."""
    word = text.removeprefix("${").removesuffix("}")
    before, is_object, _ = word.partition("object(")
    return f"{before}object{')' * before.count('(')}" if is_object else word


def default(block: Block) -> str:
    """A default as it would be written in HCL, an object cut short."""
    if "default" not in block:
        return "required"
    value = block["default"]
    text = json.dumps(value).replace('\\"', "")
    return f"`{'{…}' if isinstance(value, dict) and value else text}`"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
