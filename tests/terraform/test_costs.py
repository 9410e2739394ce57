"""What each environment costs a month: summed from its plan, and said so in the docs."""

import json
import re
import subprocess
from typing import Any

import pytest
from processes import PYTHON
from terraform_runs import TREE, Terraform

pytestmark = pytest.mark.timeout(240)

ENVIRONMENTS = tuple(sorted(path.name for path in (TREE / "environments").iterdir()))
DOCS = TREE.parent / "docs/aws.md"
PRICES = json.loads((TREE / "prices.json").read_text())


def estimated(shown: dict[str, Any], environment: str) -> subprocess.CompletedProcess[str]:
    """`estimate.py` on what terraform showed."""
    return subprocess.run(
        [PYTHON, TREE / "estimate.py", environment, "--json"],
        input=json.dumps(shown),
        capture_output=True,
        text=True,
        check=False,
    )


def total(terraform: Terraform, environment: str) -> float:
    """US dollars a month of an environment as it is after its first apply."""
    state = terraform.mocked(f"environments/{environment}").states[0]
    usd: float = json.loads(estimated(state, environment).stdout)["usd"]
    return usd


def test_small_setup(terraform: Terraform) -> None:
    """Two g4dn.xlarge with all that they need come to about $720."""
    assert pytest.approx(720, rel=0.05) == total(terraform, "dev")


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_documented(terraform: Terraform, environment: str) -> None:
    """The page's figure is the plan's, to ten dollars."""
    stated = re.search(rf"\| `{environment}` \|.*\| \$([\d,]+) \|", DOCS.read_text())

    assert stated is not None
    assert round(total(terraform, environment), -1) == int(stated[1].replace(",", ""))


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_budgeted(terraform: Terraform, environment: str) -> None:
    """The budget that warns is above what is expected, and not by half."""
    usd = total(terraform, environment)
    text = (TREE / "environments" / environment / "main.tf").read_text()
    budget = int(re.findall(r"monthly_budget_usd\s+= (\d+)", text)[0])

    assert usd < budget < 1.5 * usd


def test_gpus_are_counted(terraform: Terraform) -> None:
    """The nodes of the plan are on the bill: two for 730 hours, at the price of spot."""
    state = terraform.mocked("environments/dev").states[0]
    lines = json.loads(estimated(state, "dev").stdout)["lines"]
    (gpus,) = (line for line in lines if line["what"] == "g4dn.xlarge SPOT")

    assert (1460, PRICES["instances"]["g4dn.xlarge"]["SPOT"]) == (gpus["quantity"], gpus["price"])


def test_a_missing_price_is_an_error(terraform: Terraform) -> None:
    """What the table does not know is not free."""
    state = terraform.mocked("environments/dev").states[0]
    shown = json.loads(json.dumps(state).replace("t3.large", "t3.medium"))

    done = estimated(shown, "dev")

    assert 1 == done.returncode
    assert "KeyError: 't3.medium'" in done.stderr


def test_usage() -> None:
    """An environment that has no table is refused."""
    assert 2 == estimated({}, "moon").returncode


def test_entry_points() -> None:
    """`make plan` names the environment, and refuses to guess where the state is."""
    make = ("make", "--dry-run", "--directory", str(TREE.parent), "plan", "ENV=staging")

    told = subprocess.run((*make, "STATE_BUCKET=b"), capture_output=True, text=True, check=False)
    silent = subprocess.run(make, capture_output=True, text=True, check=False)

    assert "terraform -chdir=terraform/environments/staging plan" in told.stdout
    assert "-backend-config=bucket=b" in told.stdout
    assert (2, True) == (silent.returncode, "STATE_BUCKET" in silent.stderr)
