"""What checkov finds in the tree is what was looked at and explained, no more and no less.

Checkov lives in an environment of its own, `.venv-checkov`, since it pins what it stands on.
"""

import json
import shutil
import subprocess
import venv
from pathlib import Path

import pytest
import yaml
from terraform_runs import TREE, locked

pytestmark = pytest.mark.timeout(600)

RELEASE = "checkov==3.3.30"
HOME = TREE.parent / ".venv-checkov"
EXPLAINED = yaml.safe_load((Path(__file__).parent / "checkov_exceptions.yaml").read_text())

Finding = tuple[str, str]


@pytest.fixture(scope="module")
def checkov(shared: Path) -> Path:
    """The program, installed where it is not; the test is skipped where that fails."""
    program = HOME / "bin" / "checkov"
    with locked(shared / "checkov"):
        if not program.exists():
            venv.create(HOME, with_pip=True, clear=True)
            pip = (HOME / "bin/python", "-m", "pip", "install", "--quiet", RELEASE)
            if subprocess.run(pip, check=False, capture_output=True).returncode:
                pytest.skip(f"NOT CHECKED: {RELEASE} cannot be installed")
    return program


def findings(checkov: Path, tree: Path) -> set[Finding]:
    """Each failed check with the file that it is found in."""
    words = ("--framework", "terraform", "--compact", "--quiet", "--skip-download", "-o", "json")
    done = subprocess.run(
        [checkov, *words, "--directory", tree],
        capture_output=True,
        text=True,
        check=False,
        cwd=tree,
    )
    said = json.loads(done.stdout)
    assert said["summary"]["parsing_errors"] == 0
    return {
        (found["check_id"], found["file_path"].lstrip("/"))
        for found in said["results"]["failed_checks"]
    }


def test_explained(checkov: Path, tmp_path: Path) -> None:
    """Every finding has a reason to stay, and every reason still has its finding.

    A public database that is planted beside is a finding without one.
    """
    tree = tmp_path / "terraform"
    shutil.copytree(TREE, tree, ignore=shutil.ignore_patterns(".terraform", "tests"))
    (tree / "planted.tf").write_text(
        'resource "aws_db_instance" "planted" {\n  publicly_accessible = true\n}\n'
    )
    found = findings(checkov, tree)
    planted = {(check, file) for check, file in found if file == "planted.tf"}

    assert ("CKV_AWS_17", "planted.tf") in planted
    assert {(check, file) for check, files in EXPLAINED.items() for file in files} == (
        found - planted
    )


def test_reasons() -> None:
    """Each exception says why."""
    assert all(reason.strip() for files in EXPLAINED.values() for reason in files.values())
