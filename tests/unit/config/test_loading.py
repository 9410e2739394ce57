"""From YAML to a checked config."""

from pathlib import Path

import pytest
import yaml
from builders import FAST_MODEL, config, document, tiers
from hypothesis import given, settings, strategies as st

from extproc.config import decode, default_path, effective, load, with_port
from extproc.config.listening import port_of
from extproc.config.loading import MAX_DOCUMENT_BYTES, convert
from extproc.errors import ConfigError


def dumped(**sections: object) -> bytes:
    """The document as YAML."""
    return yaml.safe_dump(document(**sections)).encode()


def test_the_document_that_ships_is_good() -> None:
    """`tiergate up` without a config of one's own runs two tiers, the cheap one first."""
    shipped = load(default_path())

    assert ["fast", "reasoning"] == [tier.name for tier in shipped.tiers]


def test_a_file_is_read_as_decoded(tmp_path: Path) -> None:
    """`load` is `decode` of the file's bytes."""
    file = tmp_path / "tiergate.yaml"
    file.write_bytes(dumped())

    assert decode(dumped()) == load(file) == config()


def test_a_file_that_is_not_there_is_a_config_error(tmp_path: Path) -> None:
    """The message names the file and what the system says."""
    file = tmp_path / "none.yaml"

    with pytest.raises(ConfigError, match=r"cannot read .*none\.yaml: No such file"):
        load(file)


def test_a_file_too_large_is_not_read_whole(tmp_path: Path) -> None:
    """A document is small; a path to something else must not fill the memory."""
    file = tmp_path / "large.yaml"
    file.write_bytes(b"#" * (MAX_DOCUMENT_BYTES + 1))

    with pytest.raises(ConfigError, match="is over 1048576 bytes"):
        load(file)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"a: [1", r"expected ',' or '\]', but got '<stream end>' at line 1, column 6"),
        (b"a: 1\n--- b\n", "found another document at line 2, column 1"),
        (b"? [a]\n: b", "unhashable key at line 1, column 3"),
        (b"\xff\xfe\x00", "it cannot be read"),
        (b"\x00", "it cannot be read"),
        (b"[" * 50_000, "it cannot be read"),
        (b"&a [*a]", "it cannot be read"),
        (b"default_tier: 2024-13-45", "it cannot be read"),
        (b"default_tier: !!bool maybe", "it cannot be read"),
        (b"default_tier: !!timestamp soon", "it cannot be read"),
        (b'default_tier: "\\ud800"', "it cannot be read"),
        (b"!!python/object:os.system {}", "could not determine a constructor"),
    ],
    ids=[
        "unclosed",
        "two-documents",
        "unhashable-key",
        "not-unicode",
        "null-byte",
        "too-deep",
        "in-itself",
        "thirteenth-month",
        "forced-bool",
        "forced-time",
        "half-a-surrogate-pair",
        "python-object",
    ],
)
def test_what_is_not_yaml_is_a_config_error(text: bytes, message: str) -> None:
    """Whatever the parser dislikes is one line, with the place where the parser has one."""
    with pytest.raises(ConfigError, match=message) as caught:
        decode(text)

    assert "$" == caught.value.path


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=60) | st.text("[]{}:-!&*?'\"| \na1~<%", max_size=60).map(str.encode))
def test_any_bytes_are_a_config_or_a_config_error(text: bytes) -> None:
    """Nothing but ConfigError leaves `decode`; so short a document lacks its needed sections."""
    with pytest.raises(ConfigError):
        decode(text)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (b"a: 1\na: 2", "$.a"),
        (b"server: {admin: 'a:1', admin: 'a:2'}", "$.server.admin"),
        (b"tiers: [{name: a}, {name: b, name: c}]", "$.tiers[1].name"),
    ],
    ids=["top", "section", "list"],
)
def test_a_key_that_stands_twice_is_refused(text: bytes, path: str) -> None:
    """YAML would keep one of the two without a word."""
    with pytest.raises(ConfigError, match="stands twice") as caught:
        decode(text)

    assert path == caught.value.path


@pytest.mark.parametrize(
    ("sections", "path"),
    [
        ({"server": {"deadline_seconds": "soon"}}, "$.server.deadline_seconds"),
        ({"server": {"max_body_bytes": 1.5}}, "$.server.max_body_bytes"),
        ({"tiers": tiers(model=7)}, "$.tiers[1].model"),
        ({"signals": {"keywords": {"Bad Name": ["word"]}}}, "$.signals.keywords"),
        ({"policy": {7: "fast"}}, "$.policy"),
    ],
    ids=["text-for-number", "fraction-for-count", "in-a-list", "a-key-itself", "key-not-text"],
)
def test_a_wrong_value_is_named_by_its_path(sections: dict[str, object], path: str) -> None:
    """The path of the bad key is what an operator greps for."""
    with pytest.raises(ConfigError, match="Expected") as caught:
        decode(dumped(**sections))

    assert path == caught.value.path


@pytest.mark.parametrize(
    ("sections", "path", "message"),
    [
        ({"default_tier": "medium"}, "$.default_tier", "there are: fast, reasoning"),
        ({"tiers": tiers(name="fast")}, "$.tiers[0].name", "'fast' stands twice"),
        ({"tiers": tiers(model=FAST_MODEL)}, "$.tiers[0].model", "stands twice"),
        ({"tiers": tiers(model="auto")}, "$.tiers[1].model", "is also an alias"),
        ({"tiers": tiers(endpoints=["a:65536"])}, "$.tiers[1].endpoints", "no such port"),
        ({"server": {"listen": "a:65536"}}, "$.server.listen", "no such port"),
        ({"server": {"admin": "a:99999"}}, "$.server.admin", "no such port"),
        ({"gateway": {"listen": "a:65536"}}, "$.gateway.listen", "no such port"),
        ({"server": {"deadline_seconds": 0.5}}, "$.server.deadline_seconds", "must be below"),
        ({"policies": {"a": {"fixed": "fast"}}, "shadows": ["a", "b"]}, "$.shadows[1]", "no 'b'"),
        (
            {"experiment": {"name": "x", "policy": "b", "share": 0.5}},
            "$.experiment.policy",
            "`policies` has no 'b'",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and value[0] == "$" else "",
)
def test_references_are_checked(sections: dict[str, object], path: str, message: str) -> None:
    """What fits its type may still not fit the rest of the document."""
    with pytest.raises(ConfigError, match=message) as caught:
        decode(dumped(**sections))

    assert path == caught.value.path


def test_a_complaint_stands_below_the_given_path() -> None:
    """A policy's parameters are checked by themselves, and named as part of the document."""
    with pytest.raises(ConfigError) as caught:
        convert({"a": ["x"]}, dict[str, list[int]], path="$.policy.rules")

    assert "$.policy.rules[...][0]: Expected `int`, got `str`" == str(caught.value)


def test_the_effective_document_holds_the_defaults() -> None:
    """What is in force can be shown, and read again to the same config."""
    shown = effective(config())

    assert 0.25 == shown["server"]["deadline_seconds"]
    assert config() == decode(yaml.safe_dump(shown).encode())


@pytest.mark.parametrize("address", ["127.0.0.1:80", "[::1]:80", "name:80"])
def test_a_port_can_be_read_and_replaced(address: str) -> None:
    """The host stays as it is written."""
    replaced = with_port(address, 81)

    assert (80, 81) == (port_of(address), port_of(replaced))
    assert address[:-2] == replaced[:-2]
