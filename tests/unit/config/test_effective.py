"""What an operator may see of the config."""

import pytest
from builders import config

from extproc.config import effective


def test_the_effective_document_holds_the_defaults() -> None:
    """What the document left out is shown as it is in force."""
    shown = effective(config())

    assert 8 << 20 == shown["server"]["max_body_bytes"]


@pytest.mark.parametrize(
    "name", ["secret", "api_key", "apikey", "db_password", "access_key", "Token", "credentials"]
)
def test_secrets_of_a_policy_are_masked(name: str) -> None:
    """Text under the name of a secret is not shown, however deep it stands."""
    policy = {"acme:Policy": {"remote": [{name: "hunter2"}]}}

    shown = effective(config(policy=policy))

    assert {"acme:Policy": {"remote": [{name: "***"}]}} == shown["policy"]


def test_other_parameters_are_shown() -> None:
    """Numbers under names that only sound alike, and text under others, stay readable."""
    policy = {"acme:Policy": {"prompt_tokens": "many", "keywords": ["key"], "key": 3}}

    shown = effective(config(policy=policy))

    assert policy == shown["policy"]
