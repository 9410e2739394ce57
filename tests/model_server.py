"""A chat model on a real socket that says what a test wants."""

import contextlib
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from typing_extensions import override

Reply = str | tuple[int, str]
"""What the model says, or a status and a body."""


class ModelServer(http.server.ThreadingHTTPServer):
    """Answers each chat completion by `reply`; `bodies` and `keys` are what it was sent."""

    daemon_threads = True

    def __init__(self, reply: Callable[[Mapping[str, Any]], Reply]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.reply = reply
        self.bodies: list[Mapping[str, Any]] = []
        self.keys: list[str | None] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: ModelServer

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.bodies.append(body)
        self.server.keys.append(self.headers["authorization"])
        said = self.server.reply(body)
        status, content = (200, _completion(said)) if isinstance(said, str) else said
        self.send_response(status)
        self.send_header("content-length", str(len(content.encode())))
        self.end_headers()
        self.wfile.write(content.encode())

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said of requests."""


@contextlib.contextmanager
def model_server(reply: Callable[[Mapping[str, Any]], Reply]) -> Iterator[ModelServer]:
    """One that runs until the end of the context."""
    with ModelServer(reply) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def _completion(text: str) -> str:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}}]})
