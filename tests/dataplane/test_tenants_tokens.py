"""Tokens: verified by the real Envoy, and a claim of theirs is the tenant."""

import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import builders
import faults
import gateway as harness
import jwt
import pytest
from calls import Reply, send
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from gateway import Gateway
from processes import until
from tenants import created, known, refused, tenant
from typing_extensions import override

ISSUER = "https://id.test/"
AUDIENCE = "tiergate"
PLANS: dict[str, Any] = {"all": {}, "guests": {"tiers": ["fast"]}}


@pytest.fixture(scope="module", name="key")
def _key() -> RSAPrivateKey:
    return generate_private_key(65537, 2048)


@pytest.fixture(scope="module")
def verifying(key: RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose Envoy has the issuer's keys in a file."""
    folder = tmp_path_factory.mktemp("verifying")
    file = folder / "jwks.json"
    file.write_text(_jwks(key))
    with _running(folder, jwks_file=str(file)) as running:
        yield running


def _running(folder: Path, **keys: str) -> Any:  # noqa: ANN401 - the harness's own context
    tokens = {"issuer": ISSUER, "audiences": [AUDIENCE], "plan": "guests", **keys}
    tenants = {"plans": PLANS, "file": str(folder / "tenants.json"), "jwt": tokens}
    return harness.running(folder, policy=harness.POLICY, tenants=tenants, **harness.PATIENT)


def _jwks(key: RSAPrivateKey) -> str:
    return json.dumps(
        {"keys": [jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)]}
    )


def token(key: RSAPrivateKey, subject: str, **claims: object) -> str:
    """A token of the issuer's, good for a minute."""
    ends = int(time.time()) + 60
    said = {"iss": ISSUER, "aud": AUDIENCE, "sub": subject, "exp": ends, **claims}
    return jwt.encode(
        {name: value for name, value in said.items() if value is not None}, key, "RS256"
    )


def ask(gateway: Gateway, text: str, *more: tuple[str, str], prompt: str = faults.PLAIN) -> Reply:
    """One chat with that token."""
    headers = [("authorization", f"Bearer {text}"), *more]
    return send(gateway, builders.chat(prompt), headers=headers)


def tenants_of(gateway: Gateway, *replies: Reply) -> list[str]:
    """Whose requests these were, by the log."""
    ids = [reply.headers["x-request-id"] for reply in replies]

    def logged() -> dict[str, str]:
        lines = map(json.loads, gateway.router.errors().splitlines())
        return {line["request_id"]: line["tenant"] for line in lines if line["event"] == "request"}

    until(lambda: set(ids) <= set(logged()), what="the log")
    return [logged()[one] for one in ids]


def test_a_claim_names_the_tenant(verifying: Gateway, key: RSAPrivateKey) -> None:
    """One that the registry knows is on its own plan, another one on that of guests."""
    created(verifying, "acme")

    acme = ask(verifying, token(key, "acme"), prompt=faults.MATHS)
    guest = ask(verifying, token(key, "auth0|7"), prompt=faults.MATHS)

    assert ("score_above", "tier_restricted") == tuple(
        faults.seen(one).reason for one in (acme, guest)
    )
    assert ["acme", "auth0|7"] == tenants_of(verifying, acme, guest)


def test_a_tenant_cannot_be_forged(verifying: Gateway, key: RSAPrivateKey) -> None:
    """A header of the gateway's own is worth nothing from a client, with a token or without."""
    forged = ("x-tiergate-tenant", "acme")

    alone = send(verifying, builders.chat(), headers=[forged])
    spelt = send(verifying, builders.chat(), headers=[("X-Tiergate-Tenant", "acme"), forged])
    beside = ask(verifying, token(key, "guest"), forged)

    assert [(401, "invalid_api_key")] * 2 == [refused(alone), refused(spelt)]
    assert ["guest"] == tenants_of(verifying, beside)


def wrong_tokens(key: RSAPrivateKey) -> dict[str, str]:
    """Tokens that are not good, by what is wrong with them."""
    good = token(key, "acme")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    return {
        "of another issuer": token(key, "acme", iss="https://other.test/"),
        "for others": token(key, "acme", aud="other"),
        "expired": token(key, "acme", exp=int(time.time()) - 600),
        "without an end": token(key, "acme", exp=None),
        "of another key": token(generate_private_key(65537, 2048), "acme"),
        "without a signature": f"{unsigned}.{good.split('.')[1]}.",
        "with another tenant's name put in": f"{good[:60]}A{good[61:]}",
        "without the claim": token(key, "acme", sub=None),
        "with a name that is none": token(key, "a b"),
    }


def test_a_wrong_token_opens_nothing(verifying: Gateway, key: RSAPrivateKey) -> None:
    """Whatever is wrong with it; and no token may stand in the query string."""
    replies = {name: ask(verifying, text) for name, text in wrong_tokens(key).items()}
    replies["in the query"] = send(
        verifying, builders.chat(), path=f"/v1/chat/completions?access_token={token(key, 'acme')}"
    )

    expected = dict.fromkeys(replies, (401, "invalid_api_key"))
    assert expected == {name: refused(reply) for name, reply in replies.items()}


def test_keys_open_beside_tokens(verifying: Gateway, key: RSAPrivateKey) -> None:
    """In the same header; and both together where they are one tenant's."""
    mine = created(verifying, "keyed")

    assert known(verifying, mine)
    assert 200 == ask(verifying, mine).status
    assert 200 == ask(verifying, token(key, "keyed"), ("x-api-key", mine)).status
    assert 401 == ask(verifying, token(key, "other"), ("x-api-key", mine)).status


def test_a_revoked_tenants_tokens_are_refused(verifying: Gateway, key: RSAPrivateKey) -> None:
    """Although they are still good, and strangers are guests."""
    created(verifying, "gone")
    tenant(verifying, "revoke", "gone")

    until(lambda: ask(verifying, token(key, "gone")).status == 401, what="the revocation")
    assert 401 == ask(verifying, token(key, "gone")).status


def test_a_token_is_no_tiers_business(verifying: Gateway, key: RSAPrivateKey) -> None:
    """It ends at the gateway."""
    text = token(key, "acme")
    ask(verifying, text)

    seen = json.dumps([replica.seen() for some in verifying.tiers.values() for replica in some])
    assert text not in seen + verifying.router.errors() + verifying.envoy.errors()


class _Issuer(http.server.BaseHTTPRequestHandler):
    """Serves the keys of `server.keys`."""

    def do_GET(self) -> None:
        body = self.server.keys.encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def test_keys_may_be_fetched_from_the_issuer(key: RSAPrivateKey, tmp_path: Path) -> None:
    """By Envoy itself."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Issuer) as server:
        server.keys = _jwks(key)  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        with _running(tmp_path, jwks_url=f"http://127.0.0.1:{server.server_port}/keys") as running:
            until(lambda: ask(running, token(key, "acme")).status == 200, what="the keys")
            assert 401 == ask(running, token(key, "acme", aud="other")).status
        server.shutdown()
        thread.join()
