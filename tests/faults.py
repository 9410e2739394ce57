"""What fault tests share: prompts that steer, faults with an end, and traffic to be disturbed."""

import contextlib
import http.client
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import builders
from calls import CHAT, JSON, Reply, reached, send
from gateway import Gateway
from processes import Running, until

PLAIN = "Tell me a story."
MATHS = "What is 12 * 30, and why?"
"""Under the tests' policy: the fast tier's, and the reasoning tier's."""


class Seen(NamedTuple):
    """What a client sees of the gateway's decision."""

    status: int
    tier: str | None
    reason: str | None
    served_by: str | None


def seen(reply: Reply) -> Seen:
    """The parts of a response that say who decided what."""
    names = ("tier", "reason", "served-by")
    return Seen(reply.status, *(reply.headers.get(f"x-tiergate-{name}") for name in names))


def ask(gateway: Gateway, text: str = PLAIN, *, model: str = "auto", **fields: object) -> Reply:
    """One chat completion."""
    return send(gateway, builders.chat(text, model=model, **fields))


def timed(gateway: Gateway, text: str = PLAIN) -> tuple[Seen, float]:
    """What one chat completion's client sees, and the seconds that it took."""
    started = time.monotonic()
    reply = ask(gateway, text)
    return seen(reply), time.monotonic() - started


def attempts(gateway: Gateway, reply: Reply) -> dict[str, int]:
    """How often each tier was asked for the answer to one request; tiers never asked are absent."""
    tiers = [tier for tier, _ in reached(gateway, reply)]
    return {tier: tiers.count(tier) for tier in tiers}


def decides(gateway: Gateway) -> bool:
    """Whether the router's decisions reach the requests."""
    return seen(ask(gateway)).reason == "score_below"


@contextlib.contextmanager
def streaming(gateway: Gateway, body: bytes) -> Iterator[http.client.HTTPResponse]:
    """A response of which nothing but the headers was read; its connection closes at the end."""
    with contextlib.closing(http.client.HTTPConnection(*gateway.address, timeout=30)) as client:
        client.request("POST", CHAT, body, {"content-type": JSON})
        with client.getresponse() as response:
            yield response


@contextlib.contextmanager
def paused(process: Running) -> Iterator[None]:
    """The process stands still: its sockets stay open and nobody reads them."""
    status = Path(f"/proc/{process.process.pid}/stat")
    process.send(signal.SIGSTOP)
    until(lambda: status.read_text().rpartition(")")[2].split()[0] == "T", what="the pause")
    try:
        yield
    finally:
        process.send(signal.SIGCONT)


def kill_router(gateway: Gateway) -> None:
    """End the router at once, without a word to anybody."""
    gateway.router.send(signal.SIGKILL)
    gateway.router.wait()


def http_status(url: str) -> int:
    """The status of a GET, whatever it is."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - loopback
            status: int = response.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code
    return status
