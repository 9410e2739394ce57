"""One copy of the tree for all processes of a test run, so that each root is initialised once."""

import os
from pathlib import Path

import pytest
from terraform_life import Life, of_dev
from terraform_runs import Terraform, copied


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that every process of the test run sees."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def terraform(shared: Path) -> Terraform:
    """Terraform in that copy; the test is skipped where there is none."""
    return Terraform(copied(shared))


@pytest.fixture(scope="session")
def life(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The life of the dev environment, with a file system."""
    return of_dev(shared, tmp_path_factory.mktemp("moto"))
