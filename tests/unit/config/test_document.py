"""The shape of the config document."""

import msgspec
import pytest
from builders import config, document, tiers

from extproc.config import Config


def test_what_is_not_given_has_its_default() -> None:
    """Three sections are needed; the others come with loopback addresses and stated bounds."""
    made = config()

    assert ("127.0.0.1:9002", 8 << 20) == (made.server.listen, made.server.max_body_bytes)
    assert ("127.0.0.1:8080", 0.5) == (made.gateway.listen, made.gateway.message_timeout_seconds)
    assert (("auto",), 16_384, {}) == (
        made.models.aliases,
        made.signals.read_chars,
        made.signals.keywords,
    )


@pytest.mark.parametrize("section", ["tiers", "default_tier", "policy"])
def test_what_has_no_default_is_needed(section: str) -> None:
    """A document without tiers, default tier or policy is refused."""
    given = document()
    del given[section]

    with pytest.raises(msgspec.ValidationError, match=f"missing required field `{section}`"):
        msgspec.convert(given, Config)


@pytest.mark.parametrize(
    "sections",
    [
        {"surprise": 1},
        {"server": {"surprise": 1}},
        {"gateway": {"surprise": 1}},
        {"models": {"surprise": 1}},
        {"signals": {"surprise": 1}},
        {"tiers": tiers(surprise=1)},
    ],
    ids=["top", "server", "gateway", "models", "signals", "tier"],
)
def test_an_unknown_key_is_refused(sections: dict[str, object]) -> None:
    """A misspelt key never counts as silence, in whichever section it stands."""
    with pytest.raises(msgspec.ValidationError, match="unknown field `surprise`"):
        config(**sections)


@pytest.mark.parametrize("name", ["fast", "a", "tier-2", "x" * 32])
def test_a_tier_may_be_called(name: str) -> None:
    """A name that is also a header's value, a label and part of a cluster's name."""
    assert name == config(tiers=tiers(name=name)).tiers[1].name


@pytest.mark.parametrize("name", ["", "Fast", "2nd", "with space", "under_score", "x" * 33])
def test_a_tier_may_not_be_called(name: str) -> None:
    """A name that would have to be quoted somewhere is refused."""
    with pytest.raises(msgspec.ValidationError, match="name"):
        config(tiers=tiers(name=name))


@pytest.mark.parametrize("address", ["127.0.0.1:80", "[::1]:80", "vllm.default.svc:8000", "a:0"])
def test_an_address_is_a_host_and_a_port(address: str) -> None:
    """Addresses are IPv4, bracketed IPv6 or names, with a port."""
    assert (address,) == config(tiers=tiers(endpoints=[address])).tiers[1].endpoints


@pytest.mark.parametrize(
    "address", ["", "127.0.0.1", ":80", "::1:80", "http://a:80", "a:80/x", "a:123456"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    """A URL, a bare host and an unbracketed IPv6 address are no addresses."""
    with pytest.raises(msgspec.ValidationError, match="endpoints"):
        config(tiers=tiers(endpoints=[address]))


@pytest.mark.parametrize(
    "sections",
    [
        {"server": {"max_body_bytes": 1023}},
        {"server": {"deadline_seconds": 0}},
        {"server": {"drain_seconds": -1}},
        {"gateway": {"max_connections": 0}},
        {"models": {"aliases": []}},
        {"signals": {"read_chars": 255}},
        {"signals": {"keywords": {"empty": []}}},
        {"signals": {"keywords": {"blank": [""]}}},
        {"tiers": []},
        {"tiers": tiers(endpoints=[])},
        {"tiers": tiers(max_model_len=0)},
    ],
    ids=lambda sections: str(sections)[:50],
)
def test_a_value_out_of_its_bounds_is_refused(sections: dict[str, object]) -> None:
    """Sizes, times and lists have the bounds that their use needs."""
    with pytest.raises(msgspec.ValidationError, match="Expected"):
        config(**sections)


def test_a_tier_is_found_by_its_name() -> None:
    """`tier` gives the tier of that name."""
    made = config()

    assert made.tiers[1] is made.tier("reasoning")


def test_a_tier_that_is_not_there_is_a_key_error() -> None:
    """Whoever asks for it has not checked the name."""
    with pytest.raises(KeyError, match="medium"):
        config().tier("medium")
