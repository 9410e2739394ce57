"""EndpointSlices from a stand-in of the Kubernetes API, over HTTPS with a CA of its own."""

import json
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from metrics_server import answering

from extproc.config.fleet import Kubernetes
from extproc.fleet.discovery import Lost
from extproc.fleet.kubernetes import Slices

TOKEN = "a.service.account"  # noqa: S105 - nobody's
PATH = "/apis/discovery.k8s.io/v1/namespaces/llm/endpointslices"


def endpoint(address: str, **conditions: bool) -> dict[str, Any]:
    """One of a slice."""
    return {"addresses": [address], "conditions": conditions, "nodeName": "node-1"}


def slices(*endpoints: dict[str, Any], ports: Any = None) -> dict[str, Any]:  # noqa: ANN401
    """A list with one slice, as the API gives it."""
    named = [{"name": "http", "port": 8000, "protocol": "TCP"}, {"name": "other", "port": 1}]
    one = {"addressType": "IPv4", "endpoints": list(endpoints), "ports": ports or named}
    return {"kind": "EndpointSliceList", "apiVersion": "discovery.k8s.io/v1", "items": [one]}


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A service account's folder; its certificate for 127.0.0.1 signs itself."""
    folder = tmp_path_factory.mktemp("account")
    openssl = shutil.which("openssl")
    assert openssl is not None, "these tests need openssl"
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem")
    name = ("-subj", "/CN=kubernetes", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2")
    subprocess.run(
        (openssl, "req", "-x509", *key, *name, "-out", "ca.crt"),
        cwd=folder,
        check=True,
        capture_output=True,
    )
    (folder / "token").write_text(TOKEN + "\n")
    (folder / "namespace").write_text("llm")
    return folder


@asynccontextmanager
async def api(authority: Path, reply: Any, **fields: Any) -> AsyncIterator[Slices]:  # noqa: ANN401
    """What asks an API that answers with `reply`, to whom has the token, about one Service."""

    async def answer(request: web.Request) -> web.Response:
        """To the one question that is asked."""
        assert (PATH, "kubernetes.io/service-name=vllm-fast") == (
            request.path,
            request.query["labelSelector"],
        )
        if request.headers["authorization"] != f"Bearer {TOKEN}":
            return web.Response(status=401)
        body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        return web.Response(body=body, content_type="application/json")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "ca.crt", authority / "key.pem")
    async with answering(answer, context) as address:
        given = {"api": f"https://{address}", "account": str(authority), **fields}
        yield Slices(Kubernetes(services={"fast": "vllm-fast"}, **given), "vllm-fast")


async def test_ready_endpoints_are_found(authority: Path) -> None:
    """One that does not say is ready, and one that stands in two slices is one."""
    page = slices(
        endpoint("10.0.0.1", ready=True),
        endpoint("10.0.0.2", ready=False, serving=True),
        endpoint("10.0.0.3"),
        endpoint("10.0.0.1", ready=True),
    )
    async with api(authority, page) as found:
        assert ["10.0.0.1:8000", "10.0.0.3:8000"] == await found.find()


async def test_a_service_without_endpoints_has_none(authority: Path) -> None:
    """The API says null for an empty list; a port without a number is none."""
    page = {"items": [{"endpoints": None, "ports": None}]}
    async with api(authority, page) as found:
        assert [] == await found.find()
    async with api(authority, slices(endpoint("10.0.0.1"), ports=[{"name": "http"}])) as found:
        assert [] == await found.find()


async def test_the_namespace_may_be_another(authority: Path) -> None:
    """Where the pod's own is not that of the tiers."""
    async with api(authority, slices(), namespace="llm") as found:
        assert [] == await found.find()


@pytest.mark.parametrize("reply", [b"{", b"[]", b'{"items": 1}'])
async def test_an_answer_that_is_no_list_is_lost(authority: Path, reply: bytes) -> None:
    """The replicas known so far stay."""
    async with api(authority, reply) as found:
        with pytest.raises(Lost, match="something else"):
            await found.find()


async def test_a_token_that_is_refused_is_lost(authority: Path, tmp_path: Path) -> None:
    """And no error holds it."""
    other = tmp_path / "account"
    shutil.copytree(authority, other)
    (other / "token").write_text("expired")
    async with api(authority, slices(), account=str(other)) as found:
        with pytest.raises(Lost) as raised:
            await found.find()

    assert "the Kubernetes API: ClientResponseError" == str(raised.value)


async def test_another_authority_is_not_trusted(authority: Path, tmp_path: Path) -> None:
    """The token goes to nobody whom the cluster's CA does not vouch for."""
    other = tmp_path / "account"
    shutil.copytree(authority, other)
    shutil.copy(ssl.get_default_verify_paths().openssl_cafile or "", other / "ca.crt")
    async with api(authority, slices(), account=str(other)) as found:
        with pytest.raises(Lost, match="Certificate"):
            await found.find()


async def test_outside_of_a_cluster_it_is_lost(tmp_path: Path) -> None:
    """There is no account."""
    config = Kubernetes(services={"fast": "vllm-fast"}, account=str(tmp_path))
    with pytest.raises(Lost, match="FileNotFoundError"):
        await Slices(config, "vllm-fast").find()
