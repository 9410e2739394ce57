"""The dev environment's one life in a test run: made on a stand-in of AWS, and taken down.

It takes two minutes of Terraform's own waiting, so that it happens once, in whichever process of
the test run asks first; the others read what came of it.
"""

import json
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from processes import PYTHON, Running
from terraform_runs import UNREACHABLE, Done, Terraform, copied, locked

STAND_IN: Final = Path(__file__).with_name("aws_stand_in.py")
ROOT: Final = "environments/dev"
STORAGE: Final = "module.platform.module.storage"
ENDED_BY_AWS: Final = (
    f"{STORAGE}.aws_fsx_lustre_file_system.models[0]",
    f"{STORAGE}.aws_fsx_data_repository_association.models[0]",
)
"""The provider waits ten minutes for the end of these, whatever it is told."""
LOOPBACK: Final = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_S3_USE_PATH_STYLE": "true",
    "AWS_MAX_ATTEMPTS": "3",
    "TF_VAR_admin_principal_arns": '["arn:aws:iam::123456789012:role/platform"]',
    "TF_VAR_alert_emails": '["money@example.com"]',
    "TF_VAR_model_source": "lustre",
}


class Life(NamedTuple):
    """What came of each step, and what stood when all was made."""

    applied: Done
    state: dict[str, Any]
    values: str
    planned_again: Done
    destroyed: Done
    left: str


def of_dev(shared: Path, logs: Path) -> Life:
    """What came of it; lived now where no process of the test run has yet."""
    folder = shared / "applied"
    folder.mkdir(exist_ok=True)
    kept = folder / "life.json"
    with locked(kept):
        if not kept.exists():
            kept.write_text(json.dumps(_lived(Terraform(copied(folder)), logs)))
        applied, state, values, planned, destroyed, left = json.loads(kept.read_text())
    return Life(Done(*applied), state, values, Done(*planned), Done(*destroyed), left)


def _lived(terraform: Terraform, logs: Path) -> Life:
    """Make dev, look at it, plan it again and destroy it."""
    override = 'terraform {\n  backend "local" {}\n}\n'
    (terraform.tree / ROOT / "backend_override.tf").write_text(override)
    with Running([PYTHON, STAND_IN], logs / "moto.log") as moto:
        where = {**LOOPBACK, "AWS_ENDPOINT_URL": moto.ready()["url"]}

        def run(*words: str) -> Done:
            return terraform.run(ROOT, *words, **where)

        initialised = run("init", "-input=false", "-no-color")
        if UNREACHABLE in initialised.said:
            pytest.skip("NOT APPLIED: the provider hashicorp/aws cannot be had")
        applied = run("apply", "-auto-approve", "-input=false", "-no-color")
        shown = run("show", "-json")
        values = run("output", "-raw", "helm_values")
        planned = run("plan", "-detailed-exitcode", "-input=false", "-no-color")
        run("state", "rm", *ENDED_BY_AWS)
        destroyed = run("destroy", "-auto-approve", "-input=false", "-no-color")
        left = run("state", "list")
    return Life(applied, json.loads(shown.said), values.said, planned, destroyed, left.said)
