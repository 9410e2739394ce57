"""Methods and paths: what is served, and what never reaches a tier."""

import http.client
import socket

import builders
import pytest
from calls import CHAT, JSON, Reply, receive, send, tier_requests
from gateway import Gateway

SERVED = [
    CHAT,
    "/v1/completions",
    "/v1/responses",
    "/v1/messages",
    "/v1/embeddings",
    "/tokenize",
]
ADMIN = [
    "/",
    "/metrics",
    "/health",
    "/ping",
    "/version",
    "/load",
    "/docs",
    "/openapi.json",
    "/invocations",
    "/detokenize",
    "/pooling",
    "/score",
    "/rerank",
    "/classify",
    "/sleep",
    "/wake_up",
    "/reset_prefix_cache",
    "/collective_rpc",
    "/scale_elastic_ep",
    "/server_info",
    "/admin/faults",
    "/admin/requests",
    "/v1/load_lora_adapter",
    "/v1/unload_lora_adapter",
    "/v1/audio/transcriptions",
    "/v1/rerank",
]
"""What vLLM serves, and its simulator, and the gateway does not."""
TRICKS = [
    "/v1/chat/completions/",
    "/v1/chat/completions/extra",
    "/V1/chat/completions",
    "/v1/chat/completions%00",
    "/v1/chat/completions;x=1",
    "/v1/chat/completions%3f",
    "/x/v1/chat/completions",
    "/tokenize/",
    "//metrics",
    "/v1/../metrics",
    "/v1/chat/completions/../../../metrics",
    "/v1/models/../../metrics",
    "/v1/models/../load_lora_adapter",
    "/%2e%2e/metrics",
    "/v1/%2e%2e/metrics",
    "/v1/models/%2e%2e/%2e%2e/metrics",
    "/v1/..%2fmetrics",
    "/v1/..%5cmetrics",
    "/v1/models/..%2f..%2fmetrics",
    "/v1%252fchat%252fcompletions",
    "/v1/chat/completions%2f..%2f..%2f..%2fmetrics",
    "/v1/..\\metrics",
    "/%6detrics",
    "/./metrics",
    "/metrics?/v1/chat/completions",
    "/metrics#/v1/chat/completions",
]
"""Paths that something on the way might read as another one."""
METHODS = ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def named(reply: Reply) -> str:
    """The reason of a refusal, whose body a HEAD does not have."""
    return reply.refusal().reason or "" if reply.body else reply.headers["x-tiergate-reason"]


@pytest.mark.parametrize("path", SERVED)
@pytest.mark.parametrize("method", METHODS)
def test_a_wrong_method_is_not_allowed(gateway: Gateway, method: str, path: str) -> None:
    """A served path asked with another method than POST: 405, and `allow` names the right one."""
    before = tier_requests(gateway)

    reply = send(gateway, method=method, path=path)

    assert (405, "POST") == (reply.status, reply.headers["allow"])
    assert "method_not_allowed" == named(reply)
    assert before == tier_requests(gateway)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("path", ["/v1/models", "/v1/models/auto"])
def test_the_list_of_models_is_only_read(gateway: Gateway, method: str, path: str) -> None:
    """The models asked with a writing method: 405, and `allow` names the reading ones."""
    reply = send(gateway, method=method, path=path)

    assert (405, "GET, HEAD") == (reply.status, reply.headers["allow"])
    assert "method_not_allowed" == named(reply)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", ADMIN)
def test_what_a_tier_serves_besides_is_not_found(gateway: Gateway, method: str, path: str) -> None:
    """A tier's own paths are nobody's business: 404 in OpenAI's shape, and no tier is asked."""
    before = tier_requests(gateway)

    reply = send(gateway, builders.chat(), method=method, path=path)

    assert (404, "path_not_found", None) == reply.refusal()
    assert before == tier_requests(gateway)


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("path", TRICKS)
def test_no_spelling_of_a_path_gets_around_that(gateway: Gateway, method: str, path: str) -> None:
    """Whatever a path is made of, it is refused in OpenAI's shape, and no tier is asked."""
    before = tier_requests(gateway)

    reply = send(gateway, builders.chat(), method=method, path=path)

    assert (reply.status, named(reply)) in {
        (404, "path_not_found"),
        (404, "model_not_found"),
        (400, "malformed_request"),
        (405, "method_not_allowed"),
    }
    assert before == tier_requests(gateway)


@pytest.mark.parametrize(
    "path",
    ["//v1/chat/completions", "/v1/./chat/completions", "/v1%2fchat%2Fcompletions"],
)
def test_a_path_that_means_a_served_one_is_served(gateway: Gateway, path: str) -> None:
    """A client that joins its base URL carelessly is not sent away."""
    reply = send(gateway, builders.chat(), path=path)

    assert (200, "score_below") == (reply.status, reply.headers["x-tiergate-reason"])


@pytest.mark.parametrize(
    ("head", "status"),
    [
        pytest.param("CONNECT gateway:443 HTTP/1.1", 404, id="CONNECT"),
        pytest.param("GET http://elsewhere/metrics HTTP/1.1", 404, id="another host's"),
        pytest.param("OPTIONS * HTTP/1.1", 404, id="no path"),
        pytest.param(f"POST {CHAT} HTTP/1.0", 426, id="HTTP/1.0"),
        pytest.param("GET /metrics\x00 HTTP/1.1", 400, id="NUL"),
        pytest.param("metrics", 400, id="no HTTP"),
    ],
)
def test_an_odd_request_is_refused_at_once(gateway: Gateway, head: str, status: int) -> None:
    """What no client of the API sends is refused like the rest, and nobody waits for more."""
    before = tier_requests(gateway)

    with socket.create_connection(gateway.address, timeout=5) as connection:
        connection.sendall(f"{head}\r\nhost: gateway\r\n\r\n".encode())
        reply = receive(connection)

    assert status == reply.status
    assert named(reply) in {"path_not_found", "malformed_request"}
    assert before == tier_requests(gateway)


@pytest.mark.parametrize(
    "lengths",
    [
        ["content-length: 5", "transfer-encoding: chunked"],
        ["content-length: 5", "content-length: 6"],
        ["content-length: -5"],
        ["content-length: 5x"],
        ["content-length: 99999999999999999999999"],
    ],
    ids=" ".join,
)
def test_an_ambiguous_length_is_refused(gateway: Gateway, lengths: list[str]) -> None:
    """Where two readers could see two requests, nobody reads any: 400, and no tier is asked."""
    before = tier_requests(gateway)
    head = "\r\n".join([f"POST {CHAT} HTTP/1.1", "host: gateway", *lengths])

    with socket.create_connection(gateway.address, timeout=5) as connection:
        connection.sendall(f"{head}\r\n\r\n".encode() + b"0\r\n\r\n")
        reply = receive(connection)

    assert (400, "malformed_request", None) == reply.refusal()
    assert before == tier_requests(gateway)


def test_every_name_is_listed(gateway: Gateway) -> None:
    """`GET /v1/models` lists the aliases and each tier's own model, as OpenAI's API does."""
    reply = send(gateway, path="/v1/models")

    assert (200, JSON) == (reply.status, reply.headers["content-type"])
    assert "models_listed" == reply.headers["x-tiergate-reason"]
    listed = reply.json()
    assert "list" == listed["object"]
    assert {"auto", builders.FAST_MODEL, builders.REASONING_MODEL} == {
        model["id"] for model in listed["data"]
    }
    assert {"model"} == {model["object"] for model in listed["data"]}


def test_the_list_takes_no_notice_of_a_query(gateway: Gateway) -> None:
    """Clients that ask for a page get the whole list: there is one page only."""
    reply = send(gateway, path="/v1/models?limit=1&after=auto")

    assert (200, 3) == (reply.status, len(reply.json()["data"]))


@pytest.mark.parametrize("name", ["auto", builders.FAST_MODEL, builders.REASONING_MODEL])
def test_a_name_with_a_slash_is_found(gateway: Gateway, name: str) -> None:
    """`GET /v1/models/{id}` gives the one model, slashes in its name included."""
    reply = send(gateway, path=f"/v1/models/{name}")

    assert (200, name) == (reply.status, reply.json()["id"])


@pytest.mark.parametrize("name", ["gpt-9", "auto/more", "small", "%20auto"])
def test_a_name_that_does_not_exist_is_not_found(gateway: Gateway, name: str) -> None:
    """A model that nobody serves: 404 in OpenAI's shape."""
    reply = send(gateway, path=f"/v1/models/{name}")

    assert (404, "model_not_found", "model") == reply.refusal()


def test_the_list_can_be_asked_for_by_head(gateway: Gateway) -> None:
    """HEAD gives the headers of the list without its body, and leaves the connection usable."""
    connection = http.client.HTTPConnection(*gateway.address, timeout=5)

    connection.request("HEAD", "/v1/models")
    head = connection.getresponse()
    empty = head.read()
    connection.request("GET", "/v1/models")
    body = connection.getresponse().read()
    connection.close()

    assert (200, b"") == (head.status, empty)
    assert body.startswith(b'{"object":"list"')
