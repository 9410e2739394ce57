"""API keys: `tg-<id>-<secret>`, where the id finds the tenant and the secret proves it.

A secret is 160 random bits, so nobody can go through all of them, however fast the hash; a slow one
(scrypt, argon2) only protects secrets that people choose, and would cost each request what a whole
decision does. What is kept is BLAKE2b in its keyed form (RFC 7693, section 2.9), the key being a
salt of each API key's own: equal digests never show, and no table serves for two.
"""

import re
import secrets
from base64 import b32encode
from hashlib import blake2b
from hmac import compare_digest
from typing import Final, NamedTuple

from extproc.tenancy.values import Key

_ID_BYTES: Final = 5
_SECRET_BYTES: Final = 20
_SALT_BYTES: Final = 16
_DIGEST_BYTES: Final = 32
_SHAPE: Final = re.compile(r"tg-([a-z2-7]{8})-([a-z2-7]{32})")
LENGTH: Final = 44


class Minted(NamedTuple):
    """A new key: `text` is for the client and is kept nowhere."""

    text: str
    key: Key


def mint(now: int) -> Minted:
    """A new key, made at `now`."""
    name, secret = _random(_ID_BYTES), _random(_SECRET_BYTES)
    salt = secrets.token_bytes(_SALT_BYTES)
    kept = Key(id=name, salt=salt, digest=_digest(salt, secret), created=now)
    return Minted(text=f"tg-{name}-{secret}", key=kept)


def split(text: str) -> tuple[str, str]:
    """The id and the secret of a key; two empty strings where it is none."""
    matched = _SHAPE.fullmatch(text) if len(text) == LENGTH else None
    return (matched[1], matched[2]) if matched else ("", "")


def proves(secret: str, key: Key) -> bool:
    """Whether the secret is the key's, in a time that says nothing of either."""
    return compare_digest(_digest(key.salt, secret), key.digest)


def _digest(salt: bytes, secret: str) -> bytes:
    return blake2b(secret.encode(), key=salt, digest_size=_DIGEST_BYTES).digest()


def _random(size: int) -> str:
    return b32encode(secrets.token_bytes(size)).decode().lower()
