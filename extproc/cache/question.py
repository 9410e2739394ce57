"""What is asked, as a key: equal for all requests that the same answer fits, and for no others.

The key is made before the tier is known, from the request alone: the same request under the same
config goes to the same tier, unless load or a budget moves it, and such answers are not kept.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

import msgspec

from extproc.cache.directives import Directives
from extproc.config import Cache, Config, Terms
from extproc.context import Context
from extproc.request import Api, InferenceRequest

_UNHEARD: Final = frozenset(
    {
        "user", "safety_identifier", "metadata", "prompt_cache_key", "prompt_cache_retention",
        "service_tier", "request_id", "priority", "store",
    }
)  # fmt: skip
"""Fields that a model never sees and that no answer repeats, but for those of `/v1/responses`."""
_STATE: Final = ("previous_response_id", "conversation", "background")
_TOOLS: Final = ("tools", "functions", "mcp_servers", "web_search_options")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`space` stands for the tenant, and no key of one is another's. Where similar questions may be
    answered, `around` is the key of all but the last message's `text`.
    """

    api: Api
    space: str
    key: str
    terms: Terms
    said: Directives
    stream: bool
    around: str = ""
    text: str = ""

    @property
    def place(self) -> str:
        """Where its answer is kept."""
        return f"{self.space}:{self.key}"


def revision(config: Config) -> str:
    """A name for all of the config that an answer depends on: models, weights, and who chooses."""
    parts = (config.tiers, config.default_tier, config.models, config.signals)
    policies = (config.policy, config.policies)
    chosen = config.cache.revision if config.cache is not None else ""
    return digest(msgspec.json.encode((parts, policies, chosen), order="sorted"))


def space(tenant: str) -> str:
    """A tenant's part of every cache."""
    return digest(b"tenant", tenant.encode())[:16]


def digest(*parts: bytes) -> str:
    """128 bits in hex; each part stands behind its length."""
    hashed = blake2b(digest_size=16, person=b"cache")
    for part in parts:
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.hexdigest()


def ask(
    request: InferenceRequest,
    body: bytes,
    settings: Cache,
    *,
    said: Directives,
    context: Context,
    revision: str = "",
    shown: str = "",
) -> Question | None:
    """The question of a request, or None where no stored answer may be given and none kept; `shown`
    are the client's credentials where the gateway itself does not judge them.
    """
    terms = settings.terms(request.api.value, context.tenant)
    if request.api is Api.TOKENIZE or len(body) > settings.max_request_bytes or not said.keep:
        return None
    fields = _fields(body)
    if fields is None or not _may(request.api, fields, terms, said):
        return None
    heard = _heard(request.api, fields, terms)
    about = (*_about(request.api, context, revision), shown.encode())
    text = _last(fields) if terms.similar else ""
    around = _without_last(heard) if text else None
    return Question(
        api=request.api,
        space=space(context.tenant),
        key=digest(*about, _canonical(heard)),
        terms=terms,
        said=said,
        stream=fields.get("stream") is True,
        around=digest(*about, _canonical(around)) if around else "",
        text=text,
    )


def _about(api: Api, context: Context, revision: str) -> tuple[bytes, ...]:
    """All but the body that an answer depends on."""
    tiers = "*" if context.tiers is None else ",".join(sorted(context.tiers))
    parts = (context.tenant, context.prefer or "", context.policy or "", tiers, api.value, revision)
    return tuple(part.encode() for part in parts)


def _fields(body: bytes) -> dict[str, Any] | None:
    try:
        fields: dict[str, Any] = msgspec.json.decode(body)
    except msgspec.DecodeError:  # a number out of range, in a field that routing does not read
        return None
    return fields


def _may(api: Api, fields: Mapping[str, Any], terms: Terms, said: Directives) -> bool:
    if any(fields.get(name) for name in _STATE):
        return False
    if api is Api.RESPONSES and fields.get("store") is not False:
        return False  # the tier keeps the answer under an id that must stay the only one
    if not terms.tools and any(fields.get(name) for name in _TOOLS):
        return False
    if terms.scope == "user" and not fields.get("user"):
        return False
    if terms.when in {"never", "always"}:
        return terms.when == "always"
    return said.asked or (terms.when == "deterministic" and _is_deterministic(api, fields))


def _is_deterministic(api: Api, fields: Mapping[str, Any]) -> bool:
    temperature, seed = fields.get("temperature"), fields.get("seed")
    return api is Api.EMBEDDINGS or seed is not None or temperature == 0


def _heard(api: Api, fields: Mapping[str, Any], terms: Terms) -> dict[str, Any]:
    if api is Api.RESPONSES:  # it repeats what it was asked with
        return dict(fields)
    kept = {"user"} if terms.scope == "user" else set()
    return {name: value for name, value in fields.items() if name not in _UNHEARD - kept}


def _canonical(fields: object) -> bytes:
    return msgspec.json.encode(fields, order="sorted")


def _last(fields: Mapping[str, Any]) -> str:
    """The text of the last message, where that is the user's and nothing but text."""
    messages = fields.get("messages")
    if not isinstance(messages, list) or not messages:
        return ""
    last = messages[-1]
    content = last.get("content")
    return content if last.get("role") == "user" and isinstance(content, str) else ""


def _without_last(fields: Mapping[str, Any]) -> dict[str, Any]:
    *before, last = fields["messages"]
    return {**fields, "messages": [*before, {**last, "content": None}]}
