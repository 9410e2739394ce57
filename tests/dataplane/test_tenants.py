"""Who asks: keys through the real Envoy, and nobody past it unchecked."""

import contextlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import builders
import faults
import gateway as harness
import grpc
import pytest
from calls import reached, send, verdict
from gateway import Gateway
from processes import until
from tenants import SECOND, ask, created, refused, tenant

from extproc.server import EXT_PROC

PLANS = {
    "all": {},
    "small": {"tiers": ["fast"]},
    "named": {"models": [builders.REASONING_MODEL]},
    "careful": {"policy": "careful"},
}


@pytest.fixture(scope="module")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that tells tenants apart, by a file."""
    folder = tmp_path_factory.mktemp("keyed")
    with _running(folder) as running:
        yield running


@pytest.fixture
def own_keyed(tmp_path: Path) -> Iterator[Gateway]:
    """The same, for a test that breaks it."""
    with _running(tmp_path) as running:
        yield running


def _running(folder: Path, **sections: Any) -> Any:  # noqa: ANN401 - the harness's own context
    tenants = {"plans": PLANS, "file": str(folder / "tenants.json")}
    policies = {"policy": harness.POLICY, "policies": {"careful": {"fixed": "reasoning"}}}
    given = {**policies, "tenants": tenants, **harness.PATIENT, **sections}
    return harness.running(folder, **given)


def test_nobody_is_served_without_a_key(keyed: Gateway) -> None:
    """The answer is OpenAI's, and says how to ask; no tier sees the request."""
    reply = ask(keyed, None)

    assert (401, "invalid_api_key") == refused(reply)
    assert 'Bearer realm="tiergate"' == reply.headers["www-authenticate"]
    assert [] == reached(keyed, reply)


@pytest.mark.parametrize("model", ["auto", builders.REASONING_MODEL])
def test_a_key_opens_the_gateway(keyed: Gateway, model: str) -> None:
    """By either header; and no tier sees it."""
    key = created(keyed, f"opens-{len(model)}")

    for name, value in [("authorization", f"Bearer {key}"), ("x-api-key", key)]:
        reply = send(keyed, builders.chat(model=model), headers=[(name, value)])
        assert 200 == reply.status
        assert key not in json.dumps(reached(keyed, reply))


def test_the_name_of_the_tenant_is_no_tiers_business(keyed: Gateway) -> None:
    """Neither credentials nor tenant go on; nothing is said of them in the answer."""
    key = created(keyed, "quiet")

    reply = ask(keyed, key)

    ((_, seen),) = reached(keyed, reply)
    assert set() == {"authorization", "x-api-key", "x-tiergate-tenant"} & set(seen["headers"])
    assert "tenant" not in verdict(reply)


WRONG = [
    pytest.param([("authorization", "Bearer tg-aaaaaaaa-" + "a" * 32)], id="unknown id"),
    pytest.param([("authorization", "Bearer none")], id="no key of ours"),
    pytest.param([("authorization", "Basic dXNlcjpwYXNz")], id="another scheme"),
    pytest.param([("authorization", "Bearer")], id="no key at all"),
    pytest.param([("authorization", "Bearer " + "k" * 50_000)], id="huge"),
    pytest.param([("authorization", "Bearer tg-äöüß-é")], id="not ASCII"),
    pytest.param([("x-api-key", "null")], id="a word"),
    pytest.param([("x-tiergate-tenant", "acme")], id="Envoy's own header"),
]


@pytest.mark.parametrize("headers", WRONG)
def test_a_wrong_credential_opens_nothing(keyed: Gateway, headers: list[tuple[str, str]]) -> None:
    """Whatever it is, the answer is the same."""
    reply = send(keyed, builders.chat(), headers=headers)

    assert (401, "invalid_api_key") == refused(reply)
    assert [] == reached(keyed, reply)


def test_a_right_key_beside_a_wrong_one_opens_nothing(keyed: Gateway) -> None:
    """In the same header or in the other: who asks is not clear."""
    key = created(keyed, "beside")
    other = f"{key[:-1]}{'b' if key[-1] == 'a' else 'a'}"
    bearers = [("authorization", f"Bearer {key}"), ("authorization", f"Bearer {other}")]
    plain = [("x-api-key", key), ("x-api-key", other)]
    pairs = [bearers, plain, [bearers[0], plain[1]], [plain[0], bearers[1]]]

    replies = [send(keyed, builders.chat(), headers=pair) for pair in pairs]
    replies += [send(keyed, builders.chat(), headers=pair[::-1]) for pair in pairs]

    assert [(401, "invalid_api_key")] * 8 == [refused(reply) for reply in replies]


def test_the_same_key_in_both_headers_is_one(keyed: Gateway) -> None:
    """As clients of two vendors' habits send it."""
    key = created(keyed, "both")

    reply = send(
        keyed, builders.chat(), headers=[("authorization", f"bearer {key}"), ("x-api-key", key)]
    )

    assert 200 == reply.status


def test_models_are_listed_for_keys_alone(keyed: Gateway) -> None:
    """And only those that the tenant may use."""
    key = created(keyed, "lists", "small")

    assert (401, "invalid_api_key") == refused(send(keyed, path="/v1/models"))
    listed = send(keyed, path="/v1/models", headers=[("x-api-key", key)]).json()["data"]
    assert ["auto", builders.FAST_MODEL] == [model["id"] for model in listed]
    hidden = f"/v1/models/{builders.REASONING_MODEL}"
    assert 404 == send(keyed, path=hidden, headers=[("x-api-key", key)]).status


def test_a_tenant_is_answered_by_its_own_tiers(keyed: Gateway) -> None:
    """What the policy gives to another tier goes to its own, and says so."""
    key = created(keyed, "confined", "small")

    reply = ask(keyed, key, faults.MATHS)

    assert faults.Seen(200, "fast", "tier_restricted", "fast") == faults.seen(reply)


def test_a_tenant_is_judged_by_its_own_policy(keyed: Gateway) -> None:
    """In place of the common one, which would say fast."""
    reply = ask(keyed, created(keyed, "careful", "careful"))

    assert faults.Seen(200, "reasoning", "fixed", "reasoning") == faults.seen(reply)


def test_no_tier_stands_in_that_is_not_the_tenants(own_keyed: Gateway) -> None:
    """Where its tier fails, a tenant gets the failure."""
    key = created(own_keyed, "alone", "small")
    own_keyed.tiers["fast"][0].fault(status=503)

    reply = ask(own_keyed, key)

    assert {"fast"} == {tier for tier, _ in reached(own_keyed, reply)}
    assert 503 == reply.status


def test_what_a_plan_leaves_out_is_forbidden(keyed: Gateway) -> None:
    """A model by its name, and a tier by the client's wish; no tier is asked."""
    key = created(keyed, "left-out", "small")
    wish = [("x-api-key", key), ("x-tiergate-prefer", "reasoning")]

    named = ask(keyed, key, model=builders.REASONING_MODEL)
    wished = send(keyed, builders.chat(), headers=wish)
    alias = ask(keyed, created(keyed, "named", "named"))

    assert (403, "model_not_allowed") == refused(named)
    assert (403, "tier_not_allowed") == refused(wished)
    assert (403, "model_not_allowed") == refused(alias)
    assert [] == reached(keyed, named) + reached(keyed, wished) + reached(keyed, alias)


def test_a_revoked_tenant_is_out_within_a_second(keyed: Gateway) -> None:
    """All of its keys at once."""
    key = created(keyed, "gone")

    tenant(keyed, "revoke", "gone")

    until(lambda: ask(keyed, key).status == 401, seconds=SECOND, what="the revocation")
    assert 401 == ask(keyed, key).status


def test_keys_overlap_while_they_are_rotated(keyed: Gateway) -> None:
    """The old one holds for a while, or not at all where that is none."""
    old = created(keyed, "rotating")

    new = tenant(keyed, "rotate", "rotating", "--overlap", "3600")["key"]
    until(lambda: ask(keyed, new).status == 200, seconds=SECOND, what="the new key")
    assert 200 == ask(keyed, old).status
    last = tenant(keyed, "rotate", "rotating", "--overlap", "0")["key"]
    until(lambda: ask(keyed, last).status == 200, seconds=SECOND, what="the last key")
    assert [401, 401] == [ask(keyed, old).status, ask(keyed, new).status]


def test_nobody_passes_while_the_router_is_down(own_keyed: Gateway) -> None:
    """Envoy refuses, in OpenAI's shape, whatever is shown or forged."""
    key = created(own_keyed, "waiting")
    faults.kill_router(own_keyed)
    forged = [("x-tiergate-tier", "fast"), ("x-tiergate-tenant", "waiting")]

    replies = [
        ask(own_keyed, key),
        ask(own_keyed, None),
        send(own_keyed, builders.chat(), headers=[("authorization", f"Bearer {key}"), *forged]),
    ]

    assert [(503, "router_unavailable")] * 3 == [refused(reply) for reply in replies]
    assert ["router_unavailable"] * 3 == [verdict(reply)["reason"] for reply in replies]
    assert [] == [tier for reply in replies for tier in reached(own_keyed, reply)]


def test_nobody_passes_a_router_that_hangs(tmp_path: Path) -> None:
    """Envoy waits for as long as it always does, and refuses then."""
    with _running(tmp_path, server=harness.IMPATIENT, gateway={}) as running:
        key = created(running, "hanging")
        with faults.paused(running.router):
            reply = ask(running, key)

        assert (503, "router_unavailable") == refused(reply)
        assert [] == reached(running, reply)


def test_nobody_passes_a_router_that_says_nothing(own_keyed: Gateway) -> None:
    """Envoy lets a request go on whose stream has ended in order: it finds no route then."""
    key = created(own_keyed, "silent")
    faults.kill_router(own_keyed)

    with _silent_router(own_keyed.router_address) as asked:
        until(lambda: ask(own_keyed, key).status == 503 and bool(asked), what="it to be asked")
        reply = ask(own_keyed, key)

    assert (503, "router_unavailable") == refused(reply)
    assert [] == reached(own_keyed, reply)


@contextlib.contextmanager
def _silent_router(address: str) -> Iterator[list[str]]:
    """An external processor that ends every stream without an answer."""
    asked: list[str] = []

    def process(_: object, context: grpc.ServicerContext) -> Iterator[bytes]:
        asked.append(context.peer())
        yield from ()

    handler: grpc.RpcMethodHandler[Any, Any] = grpc.stream_stream_rpc_method_handler(process)
    server = grpc.server(ThreadPoolExecutor(4))
    service = grpc.method_handlers_generic_handler(EXT_PROC, {"Process": handler})
    server.add_generic_rpc_handlers((service,))
    server.add_insecure_port(address)
    server.start()
    try:
        yield asked
    finally:
        server.stop(None).wait()


def test_a_deleted_registry_shuts_nobody_out(own_keyed: Gateway) -> None:
    """What was revoked is said, and not what is missing; nor does a broken one."""
    key = created(own_keyed, "stays")
    file = own_keyed.folder / "tenants.json"

    file.write_text("{")
    until(lambda: "RegistryError" in own_keyed.router.errors(), what="the complaint")
    assert 200 == ask(own_keyed, key).status
    file.unlink()
    assert 200 == ask(own_keyed, key).status
    assert 0 == own_keyed.metric("tiergate_tenants_current")


def test_a_key_is_written_down_nowhere(own_keyed: Gateway) -> None:
    """Not in logs, metrics, the registry or an answer, be it right or wrong."""
    key = created(own_keyed, "planted")
    wrong = key[:-4] + "zzzz"
    replies = [ask(own_keyed, key), ask(own_keyed, wrong), ask(own_keyed, key, model="no/such")]
    until(lambda: own_keyed.router.errors().count('"request"') >= 3, what="the log")

    said = own_keyed.router.errors() + own_keyed.envoy.errors()
    said += harness.get(f"{own_keyed.router_admin}/metrics").decode()
    said += "".join(file.read_text() for file in own_keyed.folder.glob("tenants*"))
    said += "".join(str(reply) for reply in replies)
    secrets = [key.rpartition("-")[2], wrong.rpartition("-")[2]]
    assert [] == [secret for secret in secrets if secret in said]
