"""The checks can fail: each mistake that is planted here is found."""

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest
from terraform_runs import TREE, Terraform

pytestmark = pytest.mark.timeout(240)


class Mistake(NamedTuple):
    """In a file of a root, one text for another."""

    root: str
    file: str
    old: str
    new: str


INVALID = {
    "an argument that the provider does not have": Mistake(
        "modules/cache", "main.tf", "node_type  ", "node_tipe  "
    ),
    "an effect that no taint has": Mistake(
        "modules/system-nodes", "main.tf", '"ON_DEMAND"', '"ON_A_WHIM"'
    ),
    "an input that the module does not have": Mistake(
        "environments/dev", "main.tf", "protected   =", "protektion  ="
    ),
    "an output that the module does not have": Mistake(
        "environments/dev", "outputs.tf", "module.platform.helm_values", "module.platform.values"
    ),
}
WRONG = {
    "pods that can borrow the node's role": Mistake(
        "modules/gpu-nodes",
        "main.tf",
        "http_put_response_hop_limit = 1",
        "http_put_response_hop_limit = 2",
    ),
    "an API that the internet reaches": Mistake(
        "modules/cluster",
        "main.tf",
        "endpoint_public_access  = length(var.public_access_cidrs) > 0",
        "endpoint_public_access  = true",
    ),
    "a tier that reads every model": Mistake(
        "modules/iam",
        "tiers.tf",
        '["${var.model_bucket_arn}/models/${model}/*"]',
        '["${var.model_bucket_arn}/*"]',
    ),
    "a GPU that any pod may take": Mistake(
        "modules/gpu-nodes",
        "main.tf",
        '{ key = "nvidia.com/gpu", value = "true", effect = "NoSchedule" },',
        "",
    ),
    "a cache without TLS": Mistake(
        "modules/cache",
        "main.tf",
        'transit_encryption_mode    = "required"',
        'transit_encryption_mode    = "preferred"',
    ),
}


@pytest.fixture
def planted(tmp_path: Path) -> Terraform:
    """Terraform in a copy of the tree of one's own."""
    tree = tmp_path / "terraform"
    shutil.copytree(TREE, tree, ignore=shutil.ignore_patterns(".terraform"))
    return Terraform(tree)


def plant(tree: Path, mistake: Mistake) -> None:
    """Make the mistake; AssertionError where the text it replaces is not there."""
    file = tree / mistake.root / mistake.file
    text = file.read_text()
    assert mistake.old in text
    file.write_text(text.replace(mistake.old, mistake.new))


@pytest.mark.parametrize("mistake", INVALID.values(), ids=INVALID)
def test_validate_finds(planted: Terraform, mistake: Mistake) -> None:
    """The provider's schema and validators refuse it."""
    plant(planted.tree, mistake)
    planted.ready(mistake.root)

    assert 1 == planted.run(mistake.root, "validate", "-no-color").status


@pytest.mark.parametrize("mistake", WRONG.values(), ids=WRONG)
def test_mocked_tests_find(planted: Terraform, mistake: Mistake) -> None:
    """It is valid, and the root's own tests refuse it."""
    plant(planted.tree, mistake)

    mocked = planted.mocked(mistake.root)

    assert 1 == mocked.status
    assert "Test assertion failed" in mocked.said


def test_format_finds(planted: Terraform) -> None:
    """A line that is not as `fmt` writes it is named with its file."""
    file = planted.tree / "modules/iam/main.tf"
    file.write_text(file.read_text().replace("  for_each ", "    for_each ", 1))

    done = planted.run(".", "fmt", "-check", "-recursive")

    assert (3, "modules/iam/main.tf") == (done.status, done.said.strip())
