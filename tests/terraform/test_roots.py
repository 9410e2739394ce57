"""Every root: formatted, valid by the real provider's schema, and as its own tests say."""

import shutil
from pathlib import Path

import pytest
from terraform_runs import ROOTS, TREE, Terraform

pytestmark = pytest.mark.timeout(240)


def test_formatted(terraform: Terraform) -> None:
    """All of it is as `terraform fmt` writes it."""
    assert (0, "") == terraform.run(".", "fmt", "-check", "-recursive")


@pytest.mark.parametrize("root", ROOTS)
def test_valid(terraform: Terraform, root: str) -> None:
    """The provider knows every resource and argument, and every reference leads somewhere."""
    terraform.ready(root)

    assert 0 == terraform.run(root, "validate", "-no-color").status


@pytest.mark.parametrize("root", ROOTS)
def test_mocked(terraform: Terraform, root: str) -> None:
    """Planned and applied against a mocked AWS, it holds what its own tests assert."""
    mocked = terraform.mocked(root)

    assert (0, "[]") == (mocked.status, mocked.said)


@pytest.mark.parametrize("root", ROOTS)
def test_has_tests(root: str) -> None:
    """No root is without tests of its own, and each tests what is refused."""
    texts = [path.read_text() for path in (TREE / root / "tests").glob("*.tftest.hcl")]

    assert 1 == len(texts)
    assert "expect_failures" in texts[0]


def test_guarded(tmp_path: Path) -> None:
    """With its guard, which the copies leave out, prod cannot be destroyed."""
    root = "environments/prod"
    tree = tmp_path / "terraform"
    shutil.copytree(TREE, tree, ignore=shutil.ignore_patterns(".terraform", "tests"))
    guarded = Terraform(tree)
    tests = tree / root / "tests"
    tests.mkdir()
    text = next((TREE / root / "tests").glob("*.tftest.hcl")).read_text()
    (tests / "guard.tftest.hcl").write_text(text.partition('run "refuses"')[0])

    mocked = guarded.mocked(root)

    assert 1 == mocked.status
    assert "Instance cannot be destroyed" in mocked.said


def test_both_regions_are_guarded() -> None:
    """The second region of prod has the same guard."""
    guards = [
        (TREE / "environments" / name / "guard.tf").read_text().partition("resource")[2]
        for name in ("prod", "prod-west")
    ]

    assert "prevent_destroy = true" in guards[0]
    assert guards[0] == guards[1]
