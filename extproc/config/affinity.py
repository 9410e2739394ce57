"""The section `affinity`: how conversations stay where they are warm."""

from typing import Annotated

from msgspec import Meta, Struct

HeaderName = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
"""A header of a client's, in lower case."""


class Affinity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose turns belong together, and what it takes to move a conversation to another tier.

    `header` is the client's header that names a session; without it the body says, and where that
    says nothing either, the conversation's beginning does. A conversation is forgotten
    `ttl_seconds` after its last turn. It moves where the policy's score is at least `band` away
    from the policy's threshold: up at once, down only after `idle_seconds` without a turn.
    `responses` reads the ids of `/v1/responses` from the answers, so that `previous_response_id`
    names the conversation that it goes on with.
    """

    header: HeaderName | None = None
    ttl_seconds: Annotated[float, Meta(ge=1, le=604_800)] = 3600.0
    idle_seconds: Annotated[float, Meta(ge=0)] = 300.0
    band: Annotated[float, Meta(ge=0, le=1)] = 0.1
    responses: bool = True
