"""A request that ends in trailers is judged like any other: its data does not end its stream."""

import socket
from typing import NamedTuple

import builders
import pytest
from gateway import Gateway
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset

HARD = "Find the integral of the polynomial."


class Answer(NamedTuple):
    """What a client sees of who answered, and why."""

    status: str
    tier: str
    reason: str


def ask(gateway: Gateway, body: bytes) -> Answer:
    """Send a chat over HTTP/2 whose body is followed by a trailer."""
    connection = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
    connection.initiate_connection()
    path = "/v1/chat/completions"
    named = {":method": "POST", ":scheme": "http", ":authority": "a", ":path": path}
    connection.send_headers(1, [*named.items(), ("content-type", "application/json")])
    connection.send_data(1, body)
    connection.send_headers(1, [("x-checksum", "1")], end_stream=True)
    said: dict[str, str] = {}
    with socket.create_connection(gateway.address, timeout=30) as peer:
        peer.sendall(connection.data_to_send())
        while True:
            for event in connection.receive_data(peer.recv(65_536)):
                if isinstance(event, ResponseReceived):
                    said = {str(name): str(value) for name, value in event.headers or ()}
                elif isinstance(event, DataReceived):
                    connection.acknowledge_received_data(event.flow_controlled_length or 0, 1)
                elif isinstance(event, StreamEnded | StreamReset):
                    names = (":status", "x-tiergate-tier", "x-tiergate-reason")
                    return Answer(*(said.get(name, "") for name in names))
            peer.sendall(connection.data_to_send())


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        (builders.chat("hello"), Answer("200", "fast", "score_below")),
        (builders.chat(HARD), Answer("200", "reasoning", "score_above")),
        (
            builders.chat("hello", model=builders.REASONING_MODEL),
            Answer("200", "reasoning", "requested_model"),
        ),
        (b"{", Answer("400", "none", "malformed_request")),
        (builders.chat(model="nobody"), Answer("404", "none", "model_not_found")),
    ],
    ids=["easy", "hard", "pinned", "malformed", "unknown-model"],
)
def test_trailers_change_nothing(gateway: Gateway, body: bytes, answer: Answer) -> None:
    """Tier and reason are those of the same request without trailers."""
    assert answer == ask(gateway, body)
