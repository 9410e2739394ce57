"""The tree against the provider's schema as it is kept here: for a machine without terraform."""

import json
import shutil
from pathlib import Path

import pytest
from terraform_runs import TREE, Terraform
from terraform_schema import KEPT, cut, mistakes

SCHEMA = json.loads(KEPT.read_text())
FILES = sorted(path for path in TREE.glob("**/*.tf") if ".terraform" not in path.parts)


@pytest.mark.parametrize("file", FILES, ids=lambda path: str(path.relative_to(TREE)))
def test_known(file: Path) -> None:
    """Every resource, argument and block is one that the provider has, and none is missing."""
    assert [] == list(mistakes(file, SCHEMA))


@pytest.mark.timeout(240)
def test_kept_is_current(terraform: Terraform) -> None:
    """Cut from the real provider again, the kept schema is the same."""
    terraform.ready("modules/network")

    done = terraform.run("modules/network", "providers", "schema", "-json")

    assert SCHEMA == cut(json.loads(done.said))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("node_type  ", "node_tipe  ", "no argument node_tipe"),
        ("  description  ", "  # description  ", "description is missing"),
        ("aws_elasticache_replication_group", "aws_elasticache_group", "is unknown"),
    ],
)
def test_planted(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    """A mistyped argument, one left out and a resource that there is not are found."""
    file = Path(shutil.copy(TREE / "modules/cache/main.tf", tmp_path))
    file.write_text(file.read_text().replace(old, new))

    assert any(complaint in mistake for mistake in mistakes(file, SCHEMA))
