"""The gRPC server with real streams: decisions, access logs, limits, cancellation."""

import asyncio

import grpc
import pytest
from blockbuster import blockbuster_ctx
from builders import RecordingObserver, body, chat, headers, routed
from envoy.service.accesslog.v3 import als_pb2
from google.protobuf.json_format import ParseDict
from playbook import go_on, refused, steered
from serving import MAX_BODY, foreign, serving
from waiting import until

from extproc._pb import ext_proc_pb2 as pb
from extproc.server import Server

FIXED = steered("reasoning", reason="fixed", policy="fixed")
TOO_LARGE = refused(413, "request_too_large", f"The body is over the limit of {MAX_BODY} bytes.")


def padded(size: int) -> bytes:
    """A chat of exactly `size` bytes."""
    return chat("x" * (size - len(chat(""))))


def entries(*identifiers: str) -> als_pb2.StreamAccessLogsMessage:
    """A message of Envoy's access log."""
    logged = [{"request": {"request_id": identifier}} for identifier in identifiers]
    return ParseDict({"http_logs": {"log_entry": logged}}, als_pb2.StreamAccessLogsMessage())


async def test_a_request_is_decided_over_the_wire() -> None:
    """Under Envoy's service name, with Envoy's messages; the stream ends with the decision."""
    async with serving() as served:
        replies = await served.ask(headers(), body(chat()))

    assert [go_on("request_headers"), FIXED] == replies
    assert ["fixed"] == [outcome.reason for outcome in served.observer.outcomes]


async def test_a_refusal_ends_the_stream() -> None:
    """Nothing more is to be said on it, and its status is OK."""
    async with serving() as served:
        stream = served.stream()
        await stream.write(foreign(headers("/nowhere")))

        assert 404 == (await stream.read()).immediate_response.status.code
        assert grpc.StatusCode.OK is await stream.code()


async def test_a_client_may_end_a_stream_early() -> None:
    """Envoy closes a stream whose request was reset; that is no failure of ours."""
    async with serving() as served:
        stream = served.stream()
        await stream.write(foreign(headers()))
        await stream.done_writing()

        assert [go_on("request_headers")] == [reply async for reply in stream]
        assert grpc.StatusCode.OK is await stream.code()
        assert [] == served.observer.outcomes


async def test_what_needs_no_answer_gets_none() -> None:
    """A message of a kind that is not known yet does not end the stream."""
    async with serving() as served:
        replies = await served.ask(pb.ProcessingRequest(), headers(), body(chat()))

    assert [go_on("request_headers"), FIXED] == replies


async def test_access_logs_become_records() -> None:
    """Every entry of every message, in order; Envoy gets its answer at the end."""
    async with serving() as served:
        reply = await served.tell([entries("1", "2"), entries(), entries("3")])

    assert als_pb2.StreamAccessLogsResponse() == reply
    assert ["1", "2", "3"] == [record.request_id for record in served.observer.records]


async def test_a_body_of_the_limit_fits_into_a_message() -> None:
    """The limit of messages is the limit of bodies and what Envoy puts around them."""
    async with serving() as served:
        replies = await served.ask(headers(), body(padded(MAX_BODY)))

    assert steered("reasoning", reason="fixed", policy="fixed") == replies[-1]


async def test_a_body_over_the_limit_gets_a_json_error() -> None:
    """The router can still say why, as the message itself fits."""
    async with serving() as served:
        replies = await served.ask(headers(), body(padded(MAX_BODY + 1)))

    assert TOO_LARGE == replies[-1]


async def test_a_message_over_the_limit_is_refused() -> None:
    """It is not even read: a peer cannot fill the memory."""
    async with serving() as served:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await served.ask(headers(), body(b"x" * (16 << 20)))

    assert grpc.StatusCode.RESOURCE_EXHAUSTED is caught.value.code()


async def test_many_streams_are_served_at_once() -> None:
    """Each of 200 open streams has a state of its own."""
    count = 200
    async with serving() as served:
        streams = [served.stream() for _ in range(count)]
        for number, stream in enumerate(streams):
            await stream.write(foreign(headers(more={"x-request-id": str(number)})))
        for stream in reversed(streams):
            await stream.read()
            await stream.write(foreign(body(chat())))
        replies = await asyncio.gather(*(stream.read() for stream in streams))

    assert [FIXED] * count == replies
    assert {str(number) for number in range(count)} == {
        outcome.request_id for outcome in served.observer.outcomes
    }


async def test_a_cancelled_stream_leaves_nothing_behind() -> None:
    """A reset in the middle of a body ends the stream's task, and the next one is served."""
    async with serving() as served:
        await served.ask(headers(), body(chat()))
        before = len(asyncio.all_tasks())
        stream = served.stream()
        await stream.write(foreign(headers()))
        await stream.read()
        await stream.write(foreign(body(b'{"model":', end_of_stream=False)))
        stream.cancel()

        async def settled() -> bool:
            """Whether no more tasks run than before."""
            return len(asyncio.all_tasks()) <= before

        await until(settled)
        assert 1 == len(served.observer.outcomes)
        assert FIXED == (await served.ask(headers(), body(chat())))[-1]


async def test_a_stream_keeps_the_config_that_it_began_with() -> None:
    """A reload changes what new streams are judged by."""
    current = [routed()]
    async with serving(lambda: current[0]) as served:
        old = served.stream()
        await old.write(foreign(headers()))
        await old.read()
        current[0] = routed(policy={"fixed": "fast"})
        await old.write(foreign(body(chat())))

        assert FIXED == await old.read()
        fast = steered("fast", reason="fixed", policy="fixed")
        assert fast == (await served.ask(headers(), body(chat())))[-1]


async def test_nothing_on_the_way_blocks_the_loop() -> None:
    """Any blocking call inside of the event loop raises here."""
    async with serving() as served:
        with blockbuster_ctx():
            replies = await served.ask(headers(), body(chat()))
            await served.tell([entries("1")])

    assert FIXED == replies[-1]
    assert ["1"] == [record.request_id for record in served.observer.records]


async def test_a_taken_port_is_an_os_error() -> None:
    """Two routers never share a port without knowing."""
    async with serving() as served:
        second = Server(routed, RecordingObserver(), max_body_bytes=MAX_BODY)

        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{served.port}"):
            await second.start(f"127.0.0.1:{served.port}")

        await second.stop()


async def test_stopping_what_never_started_is_fine() -> None:
    """An app that fails early stops all that it has."""
    observer = RecordingObserver()

    await Server(routed, observer, max_body_bytes=MAX_BODY).stop()

    assert [] == observer.errors
