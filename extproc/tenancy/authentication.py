"""From a request's credentials to its tenant."""

from collections.abc import Callable, Iterator, Mapping
from time import time
from typing import Final

import msgspec

from extproc.config import Tenants
from extproc.config.forwarding import API_KEY, AUTHORIZATION, CREDENTIALS
from extproc.errors import InvalidApiKey, Unavailable
from extproc.headers import TENANT
from extproc.tenancy.registry import Directory, Known
from extproc.tenancy.values import Tenant, TenantName

_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="tiergate"'}


class Authenticator:
    """Finds tenants. `directory` gives what is known of them, or None before that was read."""

    def __init__(
        self,
        config: Tenants,
        directory: Callable[[], Directory | None],
        clock: Callable[[], float] = time,
    ) -> None:
        self._directory = directory
        self._clock = clock
        self._tokens = config.jwt is not None
        plan = None if config.jwt is None else config.jwt.plan
        self._stranger = None if plan is None else Tenant(plan=plan)

    def tenant(self, headers: Mapping[str, str]) -> Known:
        """The tenant that every credential in `headers` proves, and there is at least one;
        InvalidApiKey otherwise.
        """
        directory = self._directory()
        if directory is None:
            raise Unavailable("The gateway does not know yet who may use it.")
        proved = set(self._proved(headers, directory))
        known = proved.pop() if len(proved) == 1 else None
        if known is None or known.tenant.revoked:
            raise _refusal(any(headers.get(name) for name in CREDENTIALS))
        return known

    def _proved(self, headers: Mapping[str, str], directory: Directory) -> Iterator[Known | None]:
        now = self._clock()
        if bearer := headers.get(AUTHORIZATION):
            scheme, _, token = bearer.partition(" ")
            yield directory.of_key(token.strip() if scheme.lower() == "bearer" else "", now)
        if key := headers.get(API_KEY):
            yield directory.of_key(key, now)
        if self._tokens and (claimed := headers.get(TENANT)):
            yield directory.of_name(claimed) or self._new(claimed)

    def _new(self, claimed: str) -> Known | None:
        """A token's tenant that the registry does not know."""
        try:
            name = msgspec.convert(claimed, TenantName)
        except msgspec.ValidationError:
            return None
        return None if self._stranger is None else Known(name, self._stranger)


def _refusal(shown: object) -> InvalidApiKey:
    """Not a word on what was wrong: that would help whoever is guessing."""
    said = "The API key is not valid." if shown else "An API key is needed."
    return InvalidApiKey(said, headers=_CHALLENGE)
