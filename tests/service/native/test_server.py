"""The native server over real sockets: addresses, bounds, drain, and bugs of ours."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
import wire
from builders import body, chat, headers, routed
from envoy.service.ext_proc.v3 import external_processor_pb2 as envoy
from native_serving import Raw, serving
from playbook import go_on, steered

from extproc.native.server import NativeServer
from extproc.routing import Routing

FIXED = steered("reasoning", reason="fixed", policy="fixed")
FIRST = wire.message(headers().SerializeToString())
SECOND = wire.message(body(chat()).SerializeToString())


async def ask(client: Raw, stream: int = 1) -> list[Any]:
    """The answers to a whole call, which must end with OK."""
    client.send(wire.opening(stream), wire.data(FIRST, stream), wire.data(SECOND, stream))
    client.send(wire.frame(wire.PING, 0, 0, b"the end?"))
    written = await client.frames(b"the end?")
    assert [("status", stream, 0)] == list(wire.ends(written))
    messages = (frame.payload[5:] for frame in written if frame.kind == wire.DATA)
    return [envoy.ProcessingResponse.FromString(message) for message in messages]


async def test_a_request_is_decided_on_a_port() -> None:
    """The address that is said has the port that was had."""
    async with serving() as served, served.raw() as client:
        assert [go_on("request_headers"), FIXED] == await ask(client)


async def test_a_request_is_decided_on_a_unix_socket(tmp_path: Path) -> None:
    """The socket's file is gone at the end."""
    path = tmp_path / "router.sock"
    async with serving(address=f"unix:{path}") as served, served.raw() as client:
        assert FIXED == (await ask(client))[-1]
        assert f"unix:{path}" == served.address

    assert not path.exists()


async def test_a_socket_that_a_dead_server_left_is_taken_over(tmp_path: Path) -> None:
    """After a crash nobody cleans up."""
    path = tmp_path / "router.sock"
    async with serving(address=f"unix:{path}") as served:
        left = path.with_name("left")
        path.rename(left)
        await served.server.stop()
        left.rename(path)

    async with serving(address=f"unix:{path}") as served, served.raw() as client:
        assert FIXED == (await ask(client))[-1]


async def test_an_address_that_is_taken_is_an_error() -> None:
    """Nobody listens twice."""
    async with serving() as served:
        with pytest.raises(OSError, match="in use"):
            async with serving(address=served.address):
                pass


async def test_many_connections_are_served_at_once() -> None:
    """Each with streams of the same numbers."""
    async with serving() as served:

        async def one() -> object:
            """The last answer on a connection of its own."""
            async with served.raw() as client:
                return (await ask(client))[-1]

        assert [FIXED] * 20 == await asyncio.gather(*(one() for _ in range(20)))


async def test_connections_beyond_the_bound_are_closed() -> None:
    """Those that are open are not touched."""
    async with serving(connections=1) as served, served.raw() as first:
        await ask(first)
        async with served.raw() as second:
            assert [] == await second.frames()

        assert FIXED == (await ask(first, 3))[-1]


async def test_a_message_that_is_none_ends_its_stream_alone() -> None:
    """Bytes that are no protobuf; it is reported, and the next call is served."""
    async with serving() as served, served.raw() as client:
        client.send(wire.opening(), wire.data(wire.message(b"\xff\xff")))

        assert [("status", 1, 2)] == await client.ends()
        assert FIXED == (await ask(client, 3))[-1]
        assert ["DecodeError"] == [type(error).__name__ for error in served.observer.errors]


async def test_a_bug_ends_its_stream_alone() -> None:
    """As where the config in force is broken."""
    good = routed()
    broken = iter((True,))

    def routing() -> Routing:
        """Broken once, and good from then on."""
        if next(broken, False):
            raise RuntimeError("a bug")
        return good

    async with serving(routing) as served, served.raw() as client:
        client.send(wire.opening(), wire.data(FIRST))

        assert [("status", 1, 2)] == await client.ends()
        assert FIXED == (await ask(client, 3))[-1]
        assert ["a bug"] == [str(error) for error in served.observer.errors]


async def test_what_needs_no_answer_gets_none() -> None:
    """A message of a kind that is not known yet does not end the stream."""
    async with serving() as served, served.raw() as client:
        client.send(wire.opening(), wire.data(wire.message(b"")))

        assert [] == await client.ends()


async def test_a_reset_drops_what_was_gathered() -> None:
    """The next call with the same number on another connection knows nothing of it."""
    async with serving() as served, served.raw() as client:
        client.send(wire.opening(), wire.data(FIRST))
        client.send(wire.frame(wire.RST_STREAM, 0, 1, wire.word(8)))
        client.send(wire.data(SECOND))

        assert [("reset", 1, 5)] == await client.ends()
        assert FIXED == (await ask(client, 3))[-1]


async def test_a_client_that_hangs_up_is_forgotten() -> None:
    """With its open streams."""
    async with serving(connections=1) as served:
        for _ in range(3):
            async with served.raw() as client:
                client.send(wire.opening(), wire.data(FIRST))
                assert [] == await client.ends()
                client.writer.write_eof()
                assert [] == await client.frames()


async def test_a_drain_serves_on_and_then_lets_streams_end() -> None:
    """No request is lost: neither one that was begun, nor one begun before the client knew."""
    async with serving() as served, served.raw() as client:
        client.send(wire.opening(1), wire.data(FIRST, 1))
        assert [] == await client.ends()
        draining = asyncio.ensure_future(served.server.drain(0.5))
        assert FIXED == (await ask(client, 3))[-1]
        goaway = await client.frames(b"farewell")
        client.send(wire.opening(5), wire.data(FIRST, 5))
        client.send(wire.frame(wire.PING, wire.ACK, 0, b"farewell"))
        client.send(wire.data(SECOND, 1), wire.data(SECOND, 5))
        ended = list(wire.ends(await client.frames()))
        await draining

    assert [("goaway", 2**31 - 1, 0)] == list(wire.ends(goaway))
    assert [("goaway", 5, 0), ("status", 1, 0), ("status", 5, 0)] == ended


@pytest.mark.parametrize("seconds", [0.0, 0.05], ids=["no-grace", "grace"])
async def test_a_stream_that_hangs_does_not_hold_the_end(seconds: float) -> None:
    """After the drain and as much again it is cut off."""
    async with serving() as served, served.raw() as client:
        client.send(wire.opening(1), wire.data(FIRST, 1))
        assert [] == await client.ends()
        async with asyncio.timeout(2.0):
            await served.server.drain(seconds)
            ended = list(wire.ends(await client.frames()))

    assert [("goaway", 2**31 - 1, 0)][: len(ended)] == ended


async def test_a_server_that_never_listened_can_be_stopped() -> None:
    """As where its address could not be had."""
    async with serving() as served:
        routing = routed()
        server = NativeServer(lambda: routing, served.observer, max_body_bytes=1024)
        with pytest.raises(OSError, match="in use"):
            await server.start(served.address)
        await server.stop()


async def test_nobody_is_served_afterwards() -> None:
    """The port is closed."""
    async with serving() as served:
        await served.server.stop()
        with pytest.raises(ConnectionRefusedError):
            async with served.raw():
                pass
