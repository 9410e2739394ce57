"""The dashboards' queries to Loki, by the parser that Grafana's editor uses."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from queries import concrete, panels

PACKAGES = ("@grafana/lezer-logql@0.3.0", "@lezer/lr@1.4.12", "@lezer/common@1.5.5")
SCRIPT = """
import { parser } from "@grafana/lezer-logql";
let wrong = 0;
parser.parse(process.argv[2]).iterate({enter(node) { wrong += node.type.isError ? 1 : 0; }});
process.exit(wrong ? 1 : 0);
"""
LINES = sorted({concrete(expr) for _, _, expr in panels("loki")})


@pytest.fixture(scope="module", name="parses")
def _parses(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bool]:
    """Whether an expression is LogQL. It skips where npm cannot install the parser."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("node and npm are not on PATH: LogQL not checked")
    folder: Path = tmp_path_factory.mktemp("logql")
    (folder / "parse.mjs").write_text(SCRIPT)
    argv = [npm, "install", "--silent", "--no-audit", "--no-fund", *PACKAGES]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"npm cannot install the parser of LogQL, which is not checked: {done.stderr}")

    def parses(expr: str) -> bool:
        """One expression."""
        return not subprocess.run([node, "parse.mjs", expr], cwd=folder, check=False).returncode

    return parses


@pytest.mark.parametrize("expr", LINES)
def test_every_query_is_logql(parses: Callable[[str], bool], expr: str) -> None:
    """As Grafana would show it."""
    assert parses(expr)


@pytest.mark.parametrize("expr", ['{app="x" | json', '{app="x"} | jsonn'])
def test_a_mistake_is_found(parses: Callable[[str], bool], expr: str) -> None:
    """The check can fail."""
    assert not parses(expr)


def test_there_are_queries() -> None:
    """Nothing would be checked otherwise."""
    assert [] != LINES
