"""What a replica says about itself: models, health, version, metrics, tokens."""

from http import HTTPStatus
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from extproc.engines.sim import errors, tokenize as tokenizing
from extproc.engines.sim.errors import ApiError
from extproc.engines.sim.exchange import RELEASE
from extproc.engines.sim.handlers import call_of, decoded
from extproc.engines.sim.replica import REPLICA
from extproc.engines.sim.replies import json_bytes, json_object, refusal

# The local part tells that this is not vLLM.
VERSION: Final = f"{RELEASE}+tiergate.sim"


async def models(request: web.Request) -> web.StreamResponse:
    """GET /v1/models: a card for every served name."""
    call = call_of(request)
    cards = [
        {
            "id": name,
            "object": "model",
            "created": call.created,
            "owned_by": "vllm",
            "root": call.settings.model,
            "parent": None,
            "max_model_len": call.settings.max_model_len,
            "permission": [_permission(call.created, call.request_id)],
        }
        for name in call.settings.served_model_names
    ]
    return json_object({"object": "list", "data": cards})


async def health(request: web.Request) -> web.StreamResponse:
    """GET /health: 200 and nothing, or 503 until the replica has started."""
    replica = request.app[REPLICA]
    failing = replica.faults.current.health_status
    if failing is not None:
        return refusal(errors.plain(failing))
    ready = HTTPStatus.OK if replica.ready else HTTPStatus.SERVICE_UNAVAILABLE
    return web.Response(status=ready)


async def version(_: web.Request) -> web.StreamResponse:
    """GET /version."""
    return json_object({"version": VERSION})


async def metrics(request: web.Request) -> web.StreamResponse:
    """GET /metrics, in Prometheus's text format."""
    replica = request.app[REPLICA]
    failing = replica.faults.current.metrics_status
    if failing is not None:
        return refusal(errors.plain(failing))
    return web.Response(
        body=replica.metrics.exposition(), headers={"content-type": CONTENT_TYPE_LATEST}
    )


async def tokenize(request: web.Request) -> web.StreamResponse:
    """POST /tokenize."""
    try:
        body = decoded(tokenizing.tokenize, await request.read(), request)
    except ApiError as error:
        return refusal(error)
    return json_bytes(body)


def _permission(created: int, unique: str) -> dict[str, object]:
    return {
        "id": f"modelperm-{unique}",
        "object": "model_permission",
        "created": created,
        "allow_create_engine": False,
        "allow_sampling": True,
        "allow_logprobs": True,
        "allow_search_indices": False,
        "allow_view": True,
        "allow_fine_tuning": False,
        "organization": "*",
        "group": None,
        "is_blocking": False,
    }
