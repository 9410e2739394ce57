"""Which servers stand behind the tiers."""

import pytest
import yaml
from builders import FAST_MODEL, REASONING_MODEL, config, document, tiers

from extproc.config import decode, servers
from extproc.errors import ConfigError

SHARED = {"endpoints": ["127.0.0.1:8001"], "weights": FAST_MODEL}


def refused(*changed: dict[str, object]) -> str:
    """What the document with these tiers is refused for."""
    with pytest.raises(ConfigError) as caught:
        decode(yaml.safe_dump(document(tiers=list(changed))).encode())
    return str(caught.value)


def test_each_tier_has_a_server() -> None:
    """It answers to the tier's model and to the aliases, and loads what that model is called."""
    fast, reasoning = servers(config())

    assert ((FAST_MODEL, "auto"), FAST_MODEL) == (fast.names, fast.weights)
    assert ("reasoning", REASONING_MODEL) == (reasoning.tier.name, reasoning.weights)


def test_weights_may_lie_elsewhere() -> None:
    """A folder or an id of a hub, where the model's name is not that."""
    _, reasoning = servers(config(tiers=tiers(weights="/models/x")))

    assert "/models/x" == reasoning.weights


def test_a_tier_without_the_aliases_has_its_own_name_alone() -> None:
    """Its server does not know them either."""
    _, reasoning = servers(config(tiers=tiers(serves_aliases=False)))

    assert (REASONING_MODEL,) == reasoning.names


def test_tiers_with_the_same_endpoints_share_a_server() -> None:
    """It answers to the names of all of them."""
    (server,) = servers(config(tiers=tiers(**SHARED, chat_template_kwargs={"think": True})))

    assert ["fast", "reasoning"] == [tier.name for tier in server.tiers]
    assert (FAST_MODEL, REASONING_MODEL, "auto") == server.names


def test_tiers_that_share_a_server_may_differ_in_how_they_are_asked() -> None:
    """A model that thinks is two tiers, one of which does not."""
    fast, reasoning = tiers(**SHARED, chat_template_kwargs={"enable_thinking": True})
    shared = document(tiers=[fast, reasoning])

    assert 1 == len(servers(decode(yaml.safe_dump(shared).encode())))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoints", ["127.0.0.1:8001", "127.0.0.1:8003"]),
        ("weights", "other"),
        ("serves_aliases", False),
        ("max_model_len", 1024),
        ("vllm", {"dtype": "half"}),
        ("profile", "qwen2.5-1.5b-t4"),
    ],
)
def test_tiers_that_share_a_server_are_started_alike(field: str, value: object) -> None:
    """What the server itself is started with cannot be two things."""
    fast, reasoning = tiers(**{**SHARED, field: value})

    assert refused(fast, reasoning) == (
        f"$.tiers[1].{field}: shares an endpoint with the tier 'fast', "
        "so it must not differ in this"
    )


@pytest.mark.parametrize("flag", ["port", "no-enable-prefix-caching", "served-model-name"])
def test_a_flag_that_the_document_has_a_key_for_is_refused(flag: str) -> None:
    """It would say the same thing twice, or two things."""
    said = refused(*tiers(vllm={"flags": {flag: True}}))

    assert said.startswith(f"$.tiers[1].vllm.flags.{flag}: follows from a key of the document")


def test_any_other_flag_is_vllms_to_know() -> None:
    """A release of vLLM has flags that this one of Tiergate has not heard of."""
    changed = tiers(vllm={"flags": {"quantization": "awq", "enforce-eager": True}})
    _, reasoning = servers(decode(yaml.safe_dump(document(tiers=changed)).encode()))

    assert {"quantization": "awq", "enforce-eager": True} == reasoning.tier.vllm.flags
