"""The IAM policies, as AWS's own list of actions, resources and conditions judges them."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from terraform_life import Life
from terraform_runs import Terraform, resources

pytestmark = pytest.mark.timeout(600)

EXPLAINED = {
    # Three statements, since each kind of resource has its own condition; AWS looks at all three.
    "ec2:RunInstances",
    "ec2:CreateFleet",
    # AWS's own parameters stand in no account, which the list of formats does not know.
    "ssm:GetParameter",
}
"""Actions of Karpenter's for which a mismatch is none."""
PARLIAMENT = Path(sys.executable).with_name("parliament")


def findings(folder: Path, policies: dict[str, str]) -> list[tuple[str, set[str]]]:
    """What is wrong with policies: the kind of each finding, and the actions that it is about."""
    folder.mkdir()
    for name, policy in policies.items():
        (folder / f"{name}.json").write_text(policy)
    done = subprocess.run(
        [PARLIAMENT, "--directory", folder, "--json"], capture_output=True, text=True, check=False
    )
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert found or done.returncode == 0, done.stderr
    return [(one["issue"], _actions(one["detail"])) for one in found]


def _actions(detail: object) -> set[str]:
    return {one["action"] for one in detail} if isinstance(detail, list) else {str(detail)}


def policies(state: dict[str, Any]) -> dict[str, str]:
    """Every policy of a role's own in a state, by the resource's key."""
    return {
        f"{one['name']}-{one.get('index', 'only')}": one["values"]["policy"]
        for one in resources(state)
        if one["type"] == "aws_iam_role_policy"
    }


def test_applied_policies(life: Life, tmp_path: Path) -> None:
    """Nothing is wrong with any policy that dev was made with."""
    found = policies(life.state)

    assert [] == findings(tmp_path / "policies", found)
    assert len(found) > 5


def test_karpenter(terraform: Terraform, tmp_path: Path) -> None:
    """Nothing is wrong with the roles of the variant with Karpenter."""
    found = policies(terraform.mocked("modules/iam").states[-1])
    wrong = findings(tmp_path / "policies", found)

    assert [] == [(issue, actions) for issue, actions in wrong if not actions <= EXPLAINED]
    assert any("karpenter" in name for name in found)


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("s3:GetObjectt", "arn:aws:s3:::models/*", "UNKNOWN_ACTION"),
        ("s3:ListBucket", "arn:aws:s3:::models/*", "RESOURCE_MISMATCH"),
    ],
)
def test_planted(tmp_path: Path, action: str, resource: str, issue: str) -> None:
    """A mistyped action and a resource that it does not fit are found."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    assert [issue] == [found for found, _ in findings(tmp_path / "policies", {"planted": policy})]
