"""What an operator may see of the config."""

import pytest
from builders import config, tiers

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


def test_secrets_of_a_tier_are_masked() -> None:
    """A hub's token among vLLM's variables, a server's key among its flags."""
    section = {"env": {"HF_TOKEN": "hunter2", "A": "b"}, "flags": {"api-key": "hunter2", "seed": 1}}

    shown = effective(config(tiers=tiers(vllm=section)))["tiers"][1]["vllm"]

    assert {"HF_TOKEN": "***", "A": "b"} == shown["env"]
    assert {"api-key": "***", "seed": 1} == shown["flags"]
