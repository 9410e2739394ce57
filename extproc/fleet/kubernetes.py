"""Replicas by the EndpointSlices of a Service, read from the Kubernetes API with the pod's own
service account.

It asks rather than watches: a tier has one Service whose slices are some kilobytes, and between two
looks a replica that has gone is seen by its scrape. The account needs `list` on `endpointslices` of
`discovery.k8s.io` in one namespace, and no other right.
"""

import asyncio
import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import aiohttp
import msgspec
from msgspec import Struct

from extproc.config.fleet import Kubernetes
from extproc.fleet.discovery import Lost, joined

_SECONDS: Final = 5.0
_SLICES: Final = "/apis/discovery.k8s.io/v1/namespaces/{}/endpointslices"
_SERVICE: Final = "kubernetes.io/service-name"


class _Conditions(Struct, frozen=True):
    ready: bool | None = None


class _Endpoint(Struct, frozen=True):
    addresses: tuple[str, ...]
    conditions: _Conditions = _Conditions()


class _Port(Struct, frozen=True):
    name: str | None = None
    port: int | None = None


class _Slice(Struct, frozen=True):
    endpoints: tuple[_Endpoint, ...] | None = None
    ports: tuple[_Port, ...] | None = None


class _Slices(Struct, frozen=True):
    items: tuple[_Slice, ...]


class Slices:
    """One Service's ready endpoints."""

    def __init__(self, config: Kubernetes, service: str) -> None:
        self._config = config
        self._service = service
        self._account = Path(config.account)

    async def find(self) -> Sequence[str]:
        """Each ready endpoint once; Lost where the API does not say."""
        try:
            page = await self._fetch()
            slices = msgspec.json.decode(page, type=_Slices).items
        except (OSError, aiohttp.ClientError, TimeoutError, ssl.SSLError) as error:
            raise Lost(f"the Kubernetes API: {type(error).__name__}") from error
        except msgspec.MsgspecError as error:
            raise Lost("the Kubernetes API answers something else") from error
        return list(dict.fromkeys(_addresses(slices, self._config.port)))

    async def _fetch(self) -> bytes:
        """The token is read each time: Kubernetes replaces it within the hour."""
        token, namespace, verified = await asyncio.to_thread(self._credentials)
        timeout = aiohttp.ClientTimeout(total=_SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(
                self._config.api + _SLICES.format(namespace),
                params={"labelSelector": f"{_SERVICE}={self._service}"},
                headers={"authorization": f"Bearer {token}"},
                ssl=verified,
                raise_for_status=True,
                allow_redirects=False,
            ) as reply,
        ):
            return await reply.read()

    def _credentials(self) -> tuple[str, str, ssl.SSLContext]:
        account = self._account
        token = (account / "token").read_text().strip()
        namespace = self._config.namespace or (account / "namespace").read_text().strip()
        return token, namespace, ssl.create_default_context(cafile=account / "ca.crt")


def _addresses(slices: Iterable[_Slice], name: str) -> Iterable[str]:
    """An endpoint that does not say whether it is ready is, by the API's own definition."""
    for one in slices:
        ports = [port.port for port in one.ports or () if port.name == name and port.port]
        for endpoint in one.endpoints or ():
            if endpoint.conditions.ready is not False:
                yield from (joined(endpoint.addresses[0], port) for port in ports)
