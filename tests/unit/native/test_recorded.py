"""A session that the real Envoy 1.40.0 began with this server, byte by byte as it came.

Four requests with bodies of 0.4 and 8 KB; Envoy empties its header table once it is told to, sends
the same header block for every stream from then on, and resets each stream that the server ended.
"""

from pathlib import Path

import pytest
import wire
from builders import routed

from extproc._pb.ext_proc_pb2 import ProcessingRequest, ProcessingResponse
from extproc.native.connection import Connection
from extproc.native.limits import Limits
from extproc.native.streams import Received
from extproc.processor import StreamProcessor
from extproc.telemetry import Observers

RECORDED = Path(__file__).with_name("envoy.bin").read_bytes()
SERVER = {"deadline_seconds": 10}
GATEWAY = {"message_timeout_seconds": 11}


def answered(size: int) -> list[wire.Frame]:
    """All that is written where the session comes in pieces of `size` bytes."""
    routing = routed(server=SERVER, gateway=GATEWAY)
    connection, written = Connection(Limits(message=1 << 20)), b""
    processors: dict[int, StreamProcessor] = {}
    for start in range(0, len(RECORDED), size):
        for event in connection.receive(RECORDED[start : start + size]):
            assert isinstance(event, Received)
            new = StreamProcessor(routing, Observers(()))
            processor = processors.setdefault(event.stream, new)
            reply = processor.handle(ProcessingRequest.FromString(event.message))
            assert isinstance(reply, bytes)
            connection.reply(event.stream, reply, end=processor.done)
        written += connection.take()
    return wire.frames(written)


@pytest.mark.parametrize("size", [len(RECORDED), 1000, 7], ids=["whole", "thousands", "sevens"])
def test_envoys_requests_are_decided(size: int) -> None:
    """Each stream gets two answers and ends with OK; the connection lives."""
    written = answered(size)
    answers = [frame for frame in written if frame.kind == wire.DATA]

    assert [("status", number, 0) for number in (1, 3, 5, 7)] == list(wire.ends(written))
    assert [number for number in (1, 3, 5, 7) for _ in range(2)] == [one.stream for one in answers]
    last = ProcessingResponse.FromString(answers[-1].payload[5:])
    (header,) = last.request_body.response.header_mutation.set_headers
    assert b"reasoning" == header.header.raw_value
