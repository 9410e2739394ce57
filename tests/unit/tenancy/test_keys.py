"""API keys."""

import pytest

from extproc.tenancy.keys import LENGTH, mint, proves, split


def test_a_key_proves_itself() -> None:
    """The id names it, and the secret is right."""
    minted = mint(7)
    name, secret = split(minted.text)

    assert (minted.key.id, 7, None) == (name, minted.key.created, minted.key.expires)
    assert proves(secret, minted.key)


def test_another_secret_does_not() -> None:
    """Be it one character."""
    minted = mint(7)
    _, secret = split(minted.text)
    other = secret[:-1] + ("b" if secret[-1] == "a" else "a")

    assert not proves(other, minted.key)


def test_a_secret_is_random_and_long() -> None:
    """160 bits are 32 characters of base 32."""
    secrets = {split(mint(0).text)[1] for _ in range(50)}

    assert 50 == len(secrets)
    assert {32} == {len(secret) for secret in secrets}


def test_what_is_kept_does_not_hold_the_secret() -> None:
    """Nor do two keys share a salt."""
    one, other = mint(0), mint(0)

    assert split(one.text)[1] not in repr(one.key)
    assert one.key.salt != other.key.salt


@pytest.mark.parametrize(
    "text",
    ["", "tg-", "tg-aaaaaaaa", "x" * LENGTH, "tg-aaaaaaaa-" + "A" * 32, "tg-äöüäöüäö-" + "a" * 32],
)
def test_what_is_no_key_has_no_parts(text: str) -> None:
    """So it is held against nobody's."""
    assert ("", "") == split(text)


def test_a_key_has_one_length() -> None:
    """Longer text is not even looked at."""
    assert LENGTH == len(mint(0).text)
