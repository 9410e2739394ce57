"""Amounts and addresses on a command line: argparse says which one is none."""

import argparse
from math import isfinite
from urllib.parse import urlsplit


def amount(text: str) -> float:
    """A finite number from 0."""
    number = _number(text)
    if not (isfinite(number) and number >= 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0")
    return number


def above_zero(text: str) -> float:
    """A finite number above 0."""
    number = _number(text)
    if not (isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def count(text: str) -> int:
    """A whole number from 1."""
    if not (text.isascii() and text.isdecimal() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1")
    return int(text)


def web_address(text: str) -> str:
    """Where an HTTP server is."""
    try:
        parts = urlsplit(text)
        known = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise argparse.ArgumentTypeError(f"{text!r} is not http://HOST[:PORT] or https://")
    return text


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
