"""The tiers' stand-in: `python -m load.bench.upstream`. Two ports, one process, constant answers.

A simulated vLLM would cost more than what is measured. This one reads a request to its end and
writes one prepared answer; the answer's text names the tier, so that whoever reads it knows which
one was reached. Its ports stand on the first line of stdout, as JSON.
"""

import json
import select
import socket
import sys
from collections.abc import Mapping
from typing import Final

from load.bench.http1 import Framing, answer, chunked

TIERS: Final = ("fast", "reasoning")
EVENTS: Final = 32
"""How many events a streamed answer has, before the one that ends it."""
_READ: Final = 1 << 18
_STREAM: Final = (b'"stream":true', b'"stream": true')
_USAGE: Final = {"prompt_tokens": 100, "completion_tokens": EVENTS, "total_tokens": 100 + EVENTS}


def marker(tier: str) -> str:
    """What an answer of that tier says, and nothing else in it does."""
    return f"answered-by-{tier}"


def json_answer(tier: str) -> bytes:
    """A whole chat completion."""
    message = {"role": "assistant", "content": marker(tier)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return answer(_object("chat.completion", choice, usage=_USAGE), "application/json")


def event_answer(tier: str) -> bytes:
    """The same as an event stream."""
    words = [marker(tier), *(" word" for _ in range(EVENTS - 2))]
    events = [
        _object("chat.completion.chunk", {"index": 0, "delta": {"content": word}}) for word in words
    ]
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    events.append(_object("chat.completion.chunk", end, usage=_USAGE))
    return chunked([b"data: %b\n\n" % event for event in (*events, b"[DONE]")], "text/event-stream")


def _object(kind: str, choice: Mapping[str, object], **more: object) -> bytes:
    said = {"id": "chatcmpl-0", "object": kind, "created": 1, "model": "auto", "choices": [choice]}
    return json.dumps({**said, **more}, separators=(",", ":")).encode()


_MODELS: Final = answer(
    b'{"object":"list","data":[{"id":"auto","object":"model"}]}', "application/json"
)


class Tier:
    """One port and the two answers it gives."""

    def __init__(self, name: str) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.port: int = self.listener.getsockname()[1]
        self._json = json_answer(name)
        self._events = event_answer(name)

    def answer(self, framing: Framing, last: bytes) -> bytes:
        """What is answered to a request whose last piece was `last`."""
        if framing.head.startswith(b"GET "):
            return _MODELS
        streamed = any(word in framing.head or word in last for word in _STREAM)
        return self._events if streamed else self._json


def serve(tiers: tuple[Tier, ...]) -> None:
    """Answer until the process is ended."""
    poll = select.epoll()
    listeners = {tier.listener.fileno(): tier for tier in tiers}
    open_: dict[int, tuple[socket.socket, Tier, Framing]] = {}
    for number in listeners:
        poll.register(number, select.EPOLLIN)
    while True:
        for number, _ in poll.poll():
            if number in listeners:
                tier = listeners[number]
                accepted, _ = tier.listener.accept()
                accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                poll.register(accepted.fileno(), select.EPOLLIN)
                open_[accepted.fileno()] = (accepted, tier, Framing())
            elif not _serve_one(*open_[number]):
                open_.pop(number)[0].close()


def _serve_one(connection: socket.socket, tier: Tier, framing: Framing) -> bool:
    """Read once, answer what is complete; False where the other side has gone."""
    try:
        data = connection.recv(_READ)
        if not data:
            return False
        if framing.feed(data):
            connection.sendall(tier.answer(framing, data))
            framing.reset()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return False
    return True


def main() -> None:
    """Say where the tiers are, and serve."""
    tiers = tuple(map(Tier, TIERS))
    ports = {name: tier.port for name, tier in zip(TIERS, tiers, strict=True)}
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    serve(tiers)


if __name__ == "__main__":
    main()
