"""What a fault does to a connection."""

import asyncio
import socket
import struct
from typing import Final

from aiohttp import web

from extproc.engines.sim import errors
from extproc.engines.sim.faults import Fault
from extproc.engines.sim.replies import json_bytes

_GARBAGE: Final = b"<html>upstream request timeout"
# Closing a socket that lingers for 0 seconds sends a reset instead of an orderly end.
_LINGER_RESET: Final = struct.pack("ii", 1, 0)


async def disrupted(request: web.Request, fault: Fault) -> web.StreamResponse | None:
    """Let a fault take its course before the request is looked at; None where it lets it pass.

    Raises ApiError for the status that the fault answers with.
    """
    if fault.delay_seconds:
        await asyncio.sleep(fault.delay_seconds)
    if fault.hang:
        await asyncio.Event().wait()
    if fault.reset == "before_headers":
        reset(request)
        return web.Response()
    if fault.status is not None:
        raise errors.plain(fault.status)
    if fault.garbage:
        return json_bytes(_GARBAGE)
    return None


def reset(request: web.Request) -> None:
    """Close the client's connection with a TCP reset, if it is still there."""
    transport = request.transport
    if transport is not None:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_RESET)
        transport.abort()
