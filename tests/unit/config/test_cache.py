"""The section `cache`."""

from typing import Any

import msgspec
import pytest
from builders import config

from extproc.config import Cache, Terms


def section(**fields: object) -> Cache:
    """One that was read from a document."""
    made = config(cache=fields).cache
    assert made is not None
    return made


def test_it_is_off_unless_it_is_there() -> None:
    """An empty section is enough."""
    assert config().cache is None
    assert Cache() == section()


def test_without_rules_the_sections_terms_hold() -> None:
    """For every path and tenant."""
    expected = Terms(
        when="deterministic", ttl_seconds=60, scope="tenant", tools=False, similar=False
    )

    assert expected == section(ttl_seconds=60).terms("/v1/messages", "a")


@pytest.mark.parametrize(
    ("path", "tenant", "when"),
    [
        ("/v1/embeddings", "a", "always"),
        ("/v1/embeddings", "b", "always"),
        ("/v1/messages", "a", "never"),
        ("/v1/messages", "b", "deterministic"),
    ],
)
def test_the_first_rule_that_covers_a_request_counts(path: str, tenant: str, when: str) -> None:
    """By path, by tenant, or by both."""
    rules = [
        {"paths": ["/v1/embeddings"], "when": "always"},
        {"tenants": ["a"], "when": "never"},
    ]

    assert when == section(rules=rules).terms(path, tenant).when


def test_a_rule_changes_what_it_names() -> None:
    """All five, and each alone."""
    new: dict[str, Any] = {
        "when": "always",
        "ttl_seconds": 5.0,
        "scope": "user",
        "tools": True,
        "similar": True,
    }

    assert Terms(**new) == section(rules=[new]).terms("/v1/messages", "")
    for name, value in new.items():
        terms = section(rules=[{name: value}]).terms("/v1/messages", "")
        assert value == getattr(terms, name)
        assert Terms(**new) != terms


@pytest.mark.parametrize(
    ("fields", "compares"),
    [({}, False), ({"similar": True}, True), ({"rules": [{}, {"similar": True}]}, True)],
)
def test_questions_are_compared_where_that_is_wanted(
    fields: dict[str, object], *, compares: bool
) -> None:
    """By anybody."""
    assert compares == section(**fields).compares


@pytest.mark.parametrize(
    "fields",
    [
        {"when": "often"},
        {"ttl_seconds": 0},
        {"rules": [{"paths": ["/tokenize"]}]},
        {"similarity": {"threshold": 1.5}},
        {"memory_bytes": 1000},
        {"wait_seconds": 61},
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, object]) -> None:
    """With the key's path."""
    with pytest.raises(msgspec.ValidationError, match=r"cache"):
        section(**fields)
