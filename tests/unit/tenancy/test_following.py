"""Keeping up with the registry."""

import asyncio
from collections.abc import Sequence

from tenancy_builders import registered
from waiting import until

from extproc.tenancy.following import Follower
from extproc.tenancy.values import Registry, RegistryError

ONE = registered().registry


class Place:
    """Storage that gives one thing after the other, and the last one for ever."""

    def __init__(self, *given: Registry | RegistryError) -> None:
        self._given: Sequence[Registry | RegistryError] = given

    async def read(self, known: Registry | None) -> Registry:
        """The next thing."""
        del known
        given, *rest = self._given
        self._given = rest or self._given
        if isinstance(given, RegistryError):
            raise given
        return given

    async def write(self, old: Registry, new: Registry) -> bool:
        """Nothing is written here."""
        raise NotImplementedError(old, new)

    async def close(self) -> None:
        """Nothing is held."""


async def test_nothing_is_known_before_the_first_look() -> None:
    """So that a request can be told so."""
    follower = Follower(Place(ONE), lambda _: None)
    seen = [follower.directory]
    await follower.look()
    seen.append(follower.directory)

    assert [None, ONE] == [one and one.registry for one in seen]


async def test_what_has_not_changed_is_kept_as_it_is() -> None:
    """No index is built again."""
    follower = Follower(Place(ONE), lambda _: None)
    await follower.look()
    before = follower.directory
    assert before is not None

    await follower.look()
    assert before is follower.directory


async def test_an_error_leaves_what_was_known() -> None:
    """And is reported when it begins, again once it has been well."""
    told: list[Exception] = []
    away = RegistryError("away")
    follower = Follower(Place(ONE, away, away, ONE, away), told.append)

    for _ in range(5):
        await follower.look()

    assert [away, away] == told
    assert follower.directory is not None


async def test_it_looks_again_and_again() -> None:
    """Until it is told to stop."""
    follower = Follower(Place(Registry(), ONE), lambda _: None)
    following = asyncio.ensure_future(follower.follow(0.001))

    async def known() -> bool:
        """Whether it has been seen."""
        return follower.directory is not None and follower.directory.registry is ONE

    await until(known)
    following.cancel()
    assert [True] == [
        isinstance(ended, asyncio.CancelledError)
        for ended in await asyncio.gather(following, return_exceptions=True)
    ]
