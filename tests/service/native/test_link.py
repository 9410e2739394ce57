"""Time and back-pressure over real sockets: clients that do not greet, live, read or leave."""

import asyncio
from typing import NoReturn

import pytest
import wire
from builders import headers
from native_serving import Raw, serving

from extproc.native.link import Waits


async def babble(client: Raw) -> NoReturn:
    """Say something of no use for as long as the server bears it; then ConnectionError."""
    while True:
        client.send(wire.frame(wire.SETTINGS, wire.ACK))
        await client.writer.drain()
        await asyncio.sleep(0.02)


FIRST = wire.message(headers().SerializeToString())


async def test_a_client_that_does_not_agree_is_let_go() -> None:
    """6.5.3: it was given time."""
    async with (
        serving(waits=Waits(greeting=2)) as served,
        served.raw(wire.PREFACE + wire.settings()) as client,
    ):
        assert [("goaway", 0, 4)] == list(wire.ends(await client.frames()))


async def test_a_client_that_says_nothing_at_all_is_let_go() -> None:
    """Not even the preface."""
    async with serving(waits=Waits(greeting=2)) as served, served.raw(b"") as client:
        assert [("goaway", 0, 4)] == list(wire.ends(await client.frames()))


async def test_a_silent_client_is_asked_for_a_sign_of_life() -> None:
    """One that gives it stays; one that does not is let go."""
    async with serving(waits=Waits(silence=3)) as served, served.raw() as client:
        await client.frames(b"probing.")
        client.send(wire.frame(wire.PING, wire.ACK, 0, b"probing."))
        (asked,) = await client.frames(b"probing.")
        assert wire.PING == asked.kind

        assert [] == await client.frames()


async def test_a_client_that_stays_after_an_error_is_cut_off() -> None:
    """What it still says is read and dropped, for a while."""
    async with serving(waits=Waits(parting=2)) as served, served.raw() as client:
        client.send(wire.frame(wire.PUSH_PROMISE, 0, 1))
        assert [("goaway", 0, 1)] == list(wire.ends(await client.frames()))
        async with asyncio.timeout(5.0):
            with pytest.raises(ConnectionError):
                await babble(client)


async def test_a_client_that_gives_no_credit_is_let_go() -> None:
    """Its answers wait, and nothing moves."""
    async with serving(waits=Waits(reading=2)) as served, served.raw() as client:
        client.send(wire.settings((4, 0)), wire.opening(), wire.data(FIRST))

        assert [] == list(wire.ends(await client.frames()))


async def test_a_client_that_does_not_read_is_not_read_from() -> None:
    """It is let go once nothing has moved for a while, and has cost little until then."""
    async with serving(waits=Waits(reading=5)) as served, served.raw() as client:
        client.send(wire.settings((4, 2**31 - 1)), wire.credit(0, 2**31 - 65_536))
        refused = wire.message(headers("/nowhere").SerializeToString())
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for number in range(1, 120_001, 2):
            client.send(wire.opening(number), wire.data(refused, number))
        async with asyncio.timeout(30.0):
            with pytest.raises(ConnectionError):
                await babble(client)

    assert len(served.observer.outcomes) < 60_000


async def test_a_client_that_reads_late_gets_all_its_answers() -> None:
    """What was held back meanwhile is read then."""
    refused = wire.message(headers("/nowhere").SerializeToString())
    async with serving() as served, served.raw() as client:
        client.send(wire.settings((4, 2**31 - 1)), wire.credit(0, 2**31 - 65_536))
        client.writer.transport.pause_reading()  # type: ignore[attr-defined]
        for number in range(1, 40_001, 2):
            client.send(wire.opening(number), wire.data(refused, number))
        await asyncio.sleep(0.1)
        client.writer.transport.resume_reading()  # type: ignore[attr-defined]

        assert 20_000 == len(await client.ends())
