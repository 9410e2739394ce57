"""One measurement: a subject under one load, for so many seconds, with everybody else paused."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from load.bench.processes import Service, busy, running_only, spent
from load.bench.prompts import EASY, HARD, chat
from load.bench.subjects import Answers, Started, Subject
from load.bench.upstream import TIERS

MEANT: Final[Mapping[Answers, Mapping[str, str]]] = {
    Answers.BY_DECISION: {EASY: "fast", HARD: "reasoning"},
    Answers.FAST: {EASY: "fast", HARD: "fast"},
    Answers.REASONING: {EASY: "reasoning", HARD: "reasoning"},
    Answers.IN_TURN: {EASY: "", HARD: ""},
}
"""The tier that answers each prompt; any, where it is empty."""
SURROUNDINGS: Final = frozenset({"client", "upstream"})
"""Processes that are not the subject's own."""


class Cell(Struct, frozen=True, kw_only=True):
    """What a subject is loaded with; a `rate` of 0 is closed load."""

    size: int
    streamed: bool = False
    rate: float = 0.0
    connections: int = 32

    @property
    def name(self) -> str:
        """As tables call it."""
        kind = "events" if self.streamed else "JSON"
        load = f"{self.rate:g} req/s" if self.rate else f"{self.connections} connections"
        return f"{self.size / 1000:g} KB, {kind}, {load}"


_GLANCE: Final = Cell(size=0, connections=4)
_GLANCES: Final = (0.2, 1.0, 5.0)
"""Seconds of looking where a subject sends a prompt: longer for who has not sent it everywhere."""


class Sample(Struct, frozen=True, kw_only=True):
    """What one measurement gave.

    `cpu` are microseconds for each request, of each process; `others` is how many cores processes
    outside of this run used meanwhile. `errors` counts answers that were not 200 by their status.
    `unserved` are requests for which there was no time left. `latencies` are microseconds, kept for
    open load alone.
    """

    subject: str
    cell: Cell
    round: int
    requests: int
    seconds: float
    errors: dict[str, int]
    wrong: int
    unserved: int
    cpu: dict[str, float]
    others: float
    resident: dict[str, float]
    latencies: list[int]

    @property
    def total(self) -> float:
        """Microseconds of CPU a request of the subject itself."""
        return sum(spent for name, spent in self.cpu.items() if name not in SURROUNDINGS)


class Run(Struct, frozen=True, kw_only=True):
    """One turn of the load generator. An answer of another tier than `expected` is wrong; none is,
    where that is empty. What is unserved `patience` seconds after the last request stays so.
    """

    body: bytes
    expected: str
    cell: Cell
    seconds: float
    warm: float
    seed: int
    patience: float = 3.0


class Bench:
    """All subjects, running side by side, of which one at a time is loaded."""

    def __init__(self, started: Mapping[str, Started], upstream: Service, folder: Path) -> None:
        self._started = started
        self._upstream = upstream
        self._folder = folder
        self._all = [service for one in started.values() for service in one.services]

    def measure(self, name: str, run: Run) -> Sample:
        """Load one subject; RuntimeError where a process has ended."""
        started = self._started[name]
        with running_only(started.services, self._all):
            return self._load(name, started, run)

    def misrouted(self, name: str, subject: Subject) -> str:
        """How the subject does not route as it should; empty where it does."""
        started = self._started[name]
        with running_only(started.services, self._all):
            for prompt, tier in MEANT[subject.answers].items():
                wanted = {tier} if tier else set(TIERS)
                reached: set[str] = set()
                for seconds in _GLANCES:
                    reached |= self._reached(started, prompt, seconds)
                    if not reached < wanted:
                        break
                if reached != wanted:
                    return f"{prompt!r} reached {sorted(reached)}, not {sorted(wanted)}"
        return ""

    def _reached(self, started: Started, prompt: str, seconds: float) -> set[str]:
        """The tiers that answered any request within so long."""
        found = set()
        for tier in TIERS:
            body = chat(prompt)
            run = Run(body=body, expected=tier, cell=_GLANCE, seconds=seconds, warm=0, seed=1)
            with self._client(started, run) as client:
                client.tell("go")
                said = client.said()
            if len(said["latencies"]) > said["wrong"] + sum(said["errors"].values()):
                found.add(tier)
        return found

    def _load(self, name: str, started: Started, run: Run) -> Sample:
        services = (*started.services, self._upstream)
        with self._client(started, run) as client:
            before = {service.name: service.cpu() for service in services}
            machine = busy()
            client.tell("go")
            said = client.said()
            machine = busy() - machine
            used = spent(before, services) | {"client": said["cpu"]}
        requests = len(said["latencies"])
        return Sample(
            subject=name,
            cell=run.cell,
            round=run.seed,
            requests=requests,
            seconds=said["seconds"],
            errors=said["errors"],
            wrong=said["wrong"],
            unserved=said["unserved"],
            cpu={one: cpu / max(1, requests) * 1e6 for one, cpu in used.items()},
            others=max(0.0, machine - sum(used.values())) / said["seconds"],
            resident={service.name: service.resident() for service in started.services},
            latencies=said["latencies"] if run.cell.rate else [],
        )

    def _client(self, started: Started, run: Run) -> Service:
        """A load generator that has warmed up, and waits for a word."""
        file = self._folder / "body.json"
        file.write_bytes(run.body)
        options = {
            "expect": run.expected,
            "key": started.key,
            "connections": run.cell.connections,
            "seconds": run.seconds,
            "warm": run.warm,
            "rate": run.cell.rate,
            "seed": run.seed,
            "patience": run.patience,
        }
        words = [f"--{name}={value}" for name, value in options.items()]
        argv = (sys.executable, "-m", "load.bench.client", str(started.port), str(file), *words)
        client = Service("client", argv, self._folder)
        if client.line() != "ready\n":
            raise RuntimeError(client.log())
        return client
