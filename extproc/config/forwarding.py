"""Which of a client's headers the router reads for this config, besides those it always does."""

from typing import Final

from extproc.config.document import Config
from extproc.headers import TENANT

AUTHORIZATION: Final = "authorization"
API_KEY: Final = "x-api-key"
SECRETS: Final = (AUTHORIZATION, API_KEY)
"""What a client shows to say who it is."""
CREDENTIALS: Final = (*SECRETS, TENANT)
"""What says who asks. The last is Envoy's own word, from a token that it has verified."""


def read_headers(config: Config) -> tuple[str, ...]:
    """Lower-case names, each once; Envoy shows the router these headers and no others."""
    affinity = config.affinity
    names: tuple[str, ...] = () if config.tenants is None else CREDENTIALS
    if affinity is not None and affinity.header is not None:
        names = (*names, affinity.header)
    if config.cache is not None:
        names = (*names, *SECRETS, "cache-control")
    return tuple(dict.fromkeys(names))


def watches(config: Config) -> bool:
    """Whether the router may want to see responses."""
    followed = config.affinity is not None and config.affinity.responses
    return config.cache is not None or followed or config.usage.source == "processor"


def patience(config: Config) -> float:
    """The longest, in seconds, that it may ask Envoy to wait for a decision; 0 for no longer than
    usual.
    """
    return 0.0 if config.cache is None else config.cache.wait_seconds
