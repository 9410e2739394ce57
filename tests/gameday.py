"""A game day: breaks each part of a real gateway under steady load, and writes down what was seen.

    python tests/gameday.py              every fault; rewrites the table in docs/faults.md
    python tests/gameday.py redis-full   this one, and prints its row

A fault's row says what the clients got while it lasted, what the metrics and the logs said of it,
and how long after its end every request was answered as before.
"""

import asyncio
import contextlib
import json
import math
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import builders
import gateway as harness
from calls import CHAT, JSON
from faults import MATHS, PLAIN
from gateway import Gateway
from processes import until

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs" / "faults.md"
BEGIN, END = "<!-- table: python tests/gameday.py -->\n", "<!-- end of the table -->\n"
RATE: Final = 30.0
GIVE_UP: Final = 8.0
CALM: Final = 20
"""So many requests in a row must be as before for the gateway to be well again."""
OK, DEFAULTED, STOOD_IN = "ok", "ok, undecided", "ok, other tier"
BROKEN_OFF, GARBAGE, NO_ANSWER = "broken off", "not JSON", "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One request: when it began, what it took, and how it ended."""

    at: float
    seconds: float
    outcome: str


@dataclass(slots=True)
class Clients:
    """Requests at a steady rate, half of them for each tier; none waits for another."""

    gateway: Gateway
    rate: float = RATE
    body: Mapping[str, Any] = field(default_factory=dict)
    ended: list[Ended] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """From start to end of the block; a request that is under way ends."""
        thread = threading.Thread(target=lambda: asyncio.run(self._drive()))
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def since(self, at: float) -> list[Ended]:
        """Those that began after it and have ended, in the order of their beginning."""
        return sorted((one for one in self.ended if one.at >= at), key=lambda one: one.at)

    async def _drive(self) -> None:
        timeout = aiohttp.ClientTimeout(total=GIVE_UP)
        connector = aiohttp.TCPConnector(limit=0)
        bodies = [builders.chat(text, **self.body) for text in (PLAIN, MATHS)]
        async with (
            aiohttp.ClientSession(
                self.gateway.url, timeout=timeout, connector=connector
            ) as session,
            asyncio.TaskGroup() as requests,
        ):
            number, due = 0, time.monotonic()
            while not self._stop.is_set():
                requests.create_task(self._one(session, bodies[number % 2]))
                number += 1
                due += 1 / self.rate
                await asyncio.sleep(max(due - time.monotonic(), 0))

    async def _one(self, session: aiohttp.ClientSession, body: bytes) -> None:
        at = time.monotonic()
        try:
            async with session.post(CHAT, data=body, headers={"content-type": JSON}) as reply:
                outcome = _outcome(reply.status, reply.headers, await reply.read())
        except aiohttp.ClientPayloadError:
            outcome = BROKEN_OFF
        except (aiohttp.ClientError, TimeoutError):
            outcome = NO_ANSWER
        self.ended.append(Ended(at=at, seconds=time.monotonic() - at, outcome=outcome))


def _outcome(status: int, headers: Mapping[str, str], body: bytes) -> str:
    reason, tier = headers.get("x-tiergate-reason"), headers.get("x-tiergate-tier")
    if not headers.get("content-type", "").startswith("text/event-stream"):
        try:
            said = json.loads(body)
        except ValueError:
            return GARBAGE
        if status != 200:
            return f"{status} {said['error']['code']}"
    if reason == "router_unavailable":
        return DEFAULTED
    moved = headers.get("x-tiergate-served-by") != tier or (reason or "").startswith("spillover")
    return STOOD_IN if moved else OK


Metric = Callable[[Gateway], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is broken, and what may come of it.

    `breaks` runs while the fault lasts and ends with its end. Clients may get `allowed` meanwhile,
    besides what is well; `metrics` are shown by how much they grew, `events` are the router's log
    lines that must have been written. `settings` are the gateway's; `prepare` gives more of them,
    and starts what they name. `missing` says what the machine lacks for it.
    """

    name: str
    text: str
    breaks: Callable[["Day"], None]
    allowed: frozenset[str] = frozenset()
    must: frozenset[str] = frozenset()
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    events: frozenset[str] = frozenset()
    rate: float = RATE
    body: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[["Day"], Mapping[str, Any]] | None = None
    missing: Callable[[], str | None] = lambda: None


@dataclass(slots=True)
class Day:
    """One fault's gateway and whatever else it needs."""

    folder: Path
    stack: contextlib.ExitStack
    gateway: Gateway = field(init=False)
    clients: Clients = field(init=False)
    parts: dict[str, Any] = field(default_factory=dict)

    def wait(self, seconds: float) -> None:
        """Let the fault last."""
        ends = time.monotonic() + seconds
        until(lambda: time.monotonic() >= ends, seconds=seconds + 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was seen of one fault. Latencies are seconds; `recovered` is None where it did not."""

    fault: Fault
    during: Sequence[Ended]
    grew: Mapping[str, float]
    events: frozenset[str]
    recovered: float | None

    @property
    def outcomes(self) -> Counter[str]:
        """How often each."""
        return Counter(one.outcome for one in self.during)

    def quantile(self, share: float) -> float:
        """Of the latencies while the fault lasted."""
        times = sorted(one.seconds for one in self.during)
        return times[min(math.ceil(share * len(times)), len(times)) - 1]

    def row(self) -> str:
        """A line of the table."""
        clients = ", ".join(f"{count} {what}" for what, count in self.outcomes.most_common())
        times = " / ".join(f"{self.quantile(share) * 1000:.0f}" for share in (0.5, 0.99, 1.0))
        grew = ", ".join(f"{name} {_shown(value)}" for name, value in self.grew.items())
        events = ", ".join(f"`{event}`" for event in sorted(self.events))
        back = "never" if self.recovered is None else f"{self.recovered:.1f} s"
        return f"| {self.fault.text} | {clients} | {times} | {grew} | {events} | {back} |"


def run(fault: Fault, folder: Path) -> Report:
    """Start a gateway, break it under load, and look on until it is well again."""
    with contextlib.ExitStack() as stack:
        day = Day(folder, stack)
        wanted = {"policy": harness.POLICY, "server": harness.IMPATIENT, **fault.settings}
        if fault.prepare is not None:
            wanted |= fault.prepare(day)
        day.gateway = gateway = stack.enter_context(harness.running(folder, **wanted))
        day.clients = clients = Clients(gateway, rate=fault.rate, body=fault.body)
        log = folder / "router.log"
        with clients.asking():
            until(lambda: _calm(clients, 0.0) is not None, what="the gateway to be well")
            before = {name: metric(gateway) for name, metric in fault.metrics.items()}
            started = time.monotonic()
            fault.breaks(day)
            healed = time.monotonic()
            with contextlib.suppress(AssertionError):
                until(lambda: _calm(clients, healed) is not None, seconds=20)
                until(lambda: fault.events <= _events(log), seconds=10)
        well = _calm(clients, healed)
        grew = {name: metric(gateway) - before[name] for name, metric in fault.metrics.items()}
    return Report(
        fault=fault,
        during=[one for one in clients.since(started) if one.at < healed],
        grew=grew,
        events=fault.events & _events(log),
        recovered=None if well is None else well - healed,
    )


def _calm(clients: Clients, since: float) -> float | None:
    """When the first of `CALM` requests in a row began, all of which were answered well."""
    row: list[Ended] = []
    for one in clients.since(since):
        row = [*row, one] if one.outcome == OK else []
        if len(row) == CALM:
            return row[0].at
    return None


def _events(log: Path) -> frozenset[str]:
    said = (line for line in log.read_text(errors="replace").splitlines() if line[:1] == "{")
    return frozenset(json.loads(line).get("event", "") for line in said)


def _shown(value: float) -> str:
    return f"{value:+.0f}" if value == int(value) else f"{value:+.2f}"


def main(names: Sequence[str]) -> int:
    """Run the faults of those names, or all and write the table; 1 where one did not heal."""
    os.environ.setdefault("TIERGATE_TEST_RATE", "200")
    from gameday_faults import FAULTS  # noqa: PLC0415 - it needs what is above

    reports = []
    for fault in FAULTS:
        lacking = fault.missing()
        if (names and fault.name not in names) or lacking:
            print(f"{fault.name}: left out{f', {lacking}' if lacking else ''}")
            continue
        with tempfile.TemporaryDirectory() as folder:
            reports.append(run(fault, Path(folder)))
        print(f"{fault.name}: {reports[-1].row()}", flush=True)
    if not names:
        _write([report.row() for report in reports])
    return int(any(report.recovered is None for report in reports))


def _write(rows: Sequence[str]) -> None:
    head = (
        "| what broke | clients got meanwhile | p50/p99/longest, ms | metrics | log | well after |",
        "|---|---|---|---|---|---|",
    )
    above, _, rest = DOCUMENT.read_text().partition(BEGIN)
    below = rest.partition(END)[2]
    DOCUMENT.write_text(
        "".join([above, BEGIN, *(f"{row}\n" for row in (*head, *rows)), END, below])
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
