"""What a method and a path ask for, and the answers that the router gives by itself."""

import time
from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import unquote

import msgspec

from extproc.config import Config
from extproc.errors import MethodNotAllowed, ModelNotFound, UnknownPath
from extproc.request import Api

MODELS: Final = "/v1/models"
_APIS: Final[Mapping[str, Api]] = {api.value: api for api in Api}
_READS: Final = frozenset({"GET", "HEAD"})


class Catalogue:
    """`GET /v1/models`: every name that a client may ask for, from the config."""

    def __init__(self, config: Config) -> None:
        longest = max(tier.max_model_len for tier in config.tiers)
        created = int(time.time())
        names = dict.fromkeys(config.models.aliases, longest)
        names.update({tier.model: tier.max_model_len for tier in config.tiers})
        self._models: dict[str, dict[str, Any]] = {
            name: {
                "id": name,
                "object": "model",
                "created": created,
                "owned_by": "tiergate",
                "max_model_len": length,
            }
            for name, length in names.items()
        }

    def answer(self, path: str, allowed: Collection[str] | None = None) -> bytes:
        """The body for `path`, which is `/v1/models` or below; ModelNotFound for other names, and
        for those that are not `allowed`.
        """
        name = unquote(_bare(path).removeprefix(MODELS).strip("/"))
        shown = {
            known: said
            for known, said in self._models.items()
            if allowed is None or known in allowed
        }
        if not name:
            return msgspec.json.encode({"object": "list", "data": list(shown.values())})
        if name not in shown:
            raise ModelNotFound("The model does not exist.", param="model")
        return msgspec.json.encode(shown[name])


def resolve(method: str, path: str) -> Api | None:
    """The API that a request is for, or None where the catalogue answers it.

    Raises UnknownPath and MethodNotAllowed. A query string has no meaning here and is left out.
    """
    bare = _bare(path)
    api = _APIS.get(bare)
    if api is not None:
        if method != "POST":
            raise MethodNotAllowed(f"{bare} takes POST alone.", headers={"allow": "POST"})
        return api
    if bare == MODELS or bare.startswith(f"{MODELS}/"):
        if method not in _READS:
            raise MethodNotAllowed(f"{MODELS} takes GET alone.", headers={"allow": "GET, HEAD"})
        return None
    raise UnknownPath("Nothing is served under this path.")


def _bare(path: str) -> str:
    return path.partition("?")[0]
