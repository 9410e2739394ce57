"""What vLLM does not have: switches for faults, and the list of requests that came in."""

from http import HTTPStatus
from typing import Final

import msgspec
from aiohttp import web

from extproc.engines.sim import errors
from extproc.engines.sim.faults import Fault
from extproc.engines.sim.replica import REPLICA
from extproc.engines.sim.replies import json_object, refusal

_FAULT: Final = msgspec.json.Decoder(Fault)


async def get_faults(request: web.Request) -> web.StreamResponse:
    """GET /admin/faults: the fault in force, every field."""
    return json_object(request.app[REPLICA].faults.current)


async def set_faults(request: web.Request) -> web.StreamResponse:
    """POST /admin/faults: replace it; 400 for an unknown key or a value out of range."""
    try:
        fault = _FAULT.decode(await request.read())
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        return refusal(errors.undecodable(error))
    request.app[REPLICA].faults.set(fault)
    return await get_faults(request)


async def clear_faults(request: web.Request) -> web.StreamResponse:
    """DELETE /admin/faults: everything works again."""
    request.app[REPLICA].faults.clear()
    return web.Response(status=HTTPStatus.NO_CONTENT)


async def get_requests(request: web.Request) -> web.StreamResponse:
    """GET /admin/requests: the last requests of the model's APIs, oldest first."""
    return json_object(request.app[REPLICA].journal.entries)
