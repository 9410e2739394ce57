"""The IAM policies, as AWS's own list of actions, resources and conditions judges them."""

import json
from typing import Any

import pytest
from parliament import analyze_policy_string
from terraform_life import Life
from terraform_runs import Terraform, resources

pytestmark = pytest.mark.timeout(600)

Finding = tuple[str, str]


def findings(policy: str) -> list[Finding]:
    """What is wrong with a policy: the kind of each finding and where."""
    judged = analyze_policy_string(policy)
    return [(finding.issue, str(finding.detail)) for finding in judged.findings]


def policies(state: dict[str, Any]) -> dict[str, str]:
    """Every policy of a role's own in a state, by the resource's address."""
    return {
        one["address"]: one["values"]["policy"]
        for one in resources(state)
        if one["type"] == "aws_iam_role_policy"
    }


def test_applied_policies(life: Life) -> None:
    """Nothing is wrong with any policy that dev was made with."""
    found = {name: findings(policy) for name, policy in policies(life.state).items()}

    assert {name: [] for name in found} == found
    assert len(found) > 5


def test_karpenter(terraform: Terraform) -> None:
    """Nothing is wrong with the roles of the variant with Karpenter."""
    state = terraform.mocked("modules/iam").states[-1]
    found = {name: findings(policy) for name, policy in policies(state).items()}

    assert {name: [] for name in found} == found
    assert any("karpenter" in name for name in found)


@pytest.mark.parametrize(
    ("action", "resource", "issue"),
    [
        ("s3:GetObjectt", "arn:aws:s3:::models/*", "UNKNOWN_ACTION"),
        ("s3:ListBucket", "arn:aws:s3:::models/*", "RESOURCE_MISMATCH"),
    ],
)
def test_planted(action: str, resource: str, issue: str) -> None:
    """A mistyped action and a resource that it does not fit are found."""
    statement = {"Effect": "Allow", "Action": [action], "Resource": [resource]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})

    assert [issue] == [found for found, _ in findings(policy)]
