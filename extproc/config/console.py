"""The section `console`: the page for operators."""

from typing import Annotated

from msgspec import Meta, Struct


class Console(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The page on the admin address. It only shows, unless `playground` lets it send prompts.

    On an address that others can reach it is shown to those alone who know the token in the
    environment variable `token_env`, and to nobody where that is empty. It keeps the last `keep`
    requests. `gateway` is where the playground finds Envoy, if that is not `gateway.listen`.
    """

    enabled: bool = True
    playground: bool = False
    gateway: Annotated[str, Meta(min_length=1)] | None = None
    token_env: Annotated[str, Meta(min_length=1)] = "TIERGATE_CONSOLE_TOKEN"  # noqa: S105 - a name
    keep: Annotated[int, Meta(ge=10, le=100_000)] = 2_000
