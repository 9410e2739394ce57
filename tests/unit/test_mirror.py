"""Every module of the package has a test module of its own, in the same place."""

import ast
from pathlib import Path

import pytest

UNIT = Path(__file__).parent
PACKAGE = UNIT.parents[1] / "extproc"
LEFT_OUT = {"_pb", "__main__.py"}
"""What is generated, and what only calls the command line."""
NAMED = {
    "processor.py": "../conversation/test_steering.py",
    "server.py": "../service/test_server.py",
    "cli/__init__.py": "cli/test_run.py",
    "policies/__init__.py": "policies/test_build.py",
    "signals/__init__.py": "signals/test_extractor.py",
    "signals/semantic/__init__.py": "signals/semantic/test_semantic.py",
}
"""A package's own code is tested under the name of what it does; a stream as a conversation, the
server with real ones."""
PENDING = ("native/",)
"""What came before its tests. Nothing is ever added here."""


def has_code(module: Path) -> bool:
    """Whether the module defines anything: an `__init__` may only name what is public."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    body = ast.parse(module.read_text()).body
    return module.name != "__init__.py" or any(isinstance(node, kinds) for node in body)


MODULES = sorted(
    str(module.relative_to(PACKAGE))
    for module in PACKAGE.rglob("*.py")
    if not LEFT_OUT & set(module.parts) and has_code(module)
)
MIRRORED = [module for module in MODULES if not module.startswith(PENDING)]


@pytest.mark.parametrize("module", MIRRORED)
def test_a_module_has_its_mirror(module: str) -> None:
    """Who changes `extproc/x/y.py` finds its tests at `tests/unit/x/test_y.py`, or under
    `tests/service` where it does nothing without a socket.
    """
    path = Path(module)
    mirror = NAMED.get(module, str(path.with_name(f"test_{path.name}")))

    served = mirror.removeprefix("engines/")
    assert (UNIT / mirror).is_file() or (UNIT.with_name("service") / served).is_file()


def test_every_named_package_has_code() -> None:
    """The list of exceptions holds nothing that is not one."""
    assert set() == NAMED.keys() - set(MODULES)
