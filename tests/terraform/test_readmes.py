"""Each module's README lists the inputs and outputs that it has."""

import shutil
import subprocess
from pathlib import Path

from processes import PYTHON
from terraform_runs import TREE


def checked(tree: Path) -> tuple[int, str]:
    """The status and complaints of the check in a tree."""
    done = subprocess.run(
        [PYTHON, tree / "readmes.py", "--check"], capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_current() -> None:
    """Generated again, they are the same."""
    assert (0, "") == checked(TREE)


def test_drift_is_found(tmp_path: Path) -> None:
    """An output that the README does not list fails the check, which names the module."""
    tree = tmp_path / "terraform"
    shutil.copytree(TREE, tree, ignore=shutil.ignore_patterns(".terraform"))
    with (tree / "modules/iam/outputs.tf").open("a") as outputs:
        outputs.write('output "planted" {\n  description = "Planted."\n  value = 1\n}\n')

    status, complaint = checked(tree)

    assert 1 == status
    assert "modules/iam/README.md is out of date" in complaint
