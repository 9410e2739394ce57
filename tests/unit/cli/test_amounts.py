"""What argparse takes for an amount or an address."""

import argparse
from collections.abc import Callable

import pytest

from extproc.cli.amounts import above_zero, amount, count, web_address

Kind = Callable[[str], object]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        (amount, "0", 0.0),
        (amount, "2.5", 2.5),
        (above_zero, "1e-3", 0.001),
        (count, "1", 1),
        (count, "0020", 20),
        (web_address, "https://models.test/v1", "https://models.test/v1"),
        (web_address, "http://[::1]:80", "http://[::1]:80"),
    ],
)
def test_what_is_one_is_taken(kind: Kind, text: str, expected: object) -> None:
    """As it was said."""
    assert expected == kind(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        *((amount, text) for text in ("-1", "nan", "inf", "x", "")),
        *((above_zero, text) for text in ("0", "-1", "nan", "inf", "x")),
        *((count, text) for text in ("0", "-5", "1.5", "\u00b2", "x", "")),
        *((web_address, text) for text in ("models", "ftp://a", "http://", "http://a:0")),
        *((web_address, text) for text in ("http://a:b", "http://[", "http://a:99999")),
    ],
)
def test_what_is_none_is_named(kind: Kind, text: str) -> None:
    """Named with what was wanted, to which argparse adds the option."""
    with pytest.raises(argparse.ArgumentTypeError, match=r"^'.* is not "):
        kind(text)
