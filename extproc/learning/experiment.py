"""A share of sessions gets another policy, by chance and for good.

Chance is a hash of the session, the experiment's name and its seed: every process and every replica
says the same, and nothing needs to be remembered. Analysis compares what was assigned, whatever
became of it.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace
from typing_extensions import override

from extproc import config
from extproc.affinity import identify
from extproc.decisionlog.lines import Assignment
from extproc.exchange import Exchange
from extproc.stages import Effect, Stage
from extproc.state import Result

CONTROL: Final = "control"
CANDIDATE: Final = "candidate"
FACT: Final = "experiment"
"""The key of the access log's metadata that says `<name>:<arm>`."""
_RANGE: Final = 1 << 64


def assign(experiment: config.Experiment, session: str) -> Assignment:
    """The arm of a session."""
    words = f"{experiment.name}\0{experiment.seed}\0{session}".encode()
    drawn = int.from_bytes(hashlib.blake2b(words, digest_size=8).digest())
    arm = CANDIDATE if drawn < experiment.share * _RANGE else CONTROL
    return Assignment(name=experiment.name, arm=arm, share=experiment.share)


class Randomise(Stage):
    """Hands each session its arm's policy; a tenant's own policy goes before it.

    `header` is the one that names a session, where there is one.
    """

    def __init__(self, experiment: config.Experiment, header: str | None = None) -> None:
        self._experiment = experiment
        self._header = header
        self.headers = frozenset({header} if header else ())

    @override
    def told(self, exchange: Exchange, results: Sequence[Result]) -> Effect | None:
        """Once the session is known."""
        del results
        session = session_of(exchange, self._header)
        if exchange.context.policy is not None or session is None:
            return None
        assignment = assign(self._experiment, session)
        exchange.notes[Assignment] = assignment
        exchange.facts[FACT] = f"{assignment.name}:{assignment.arm}"
        if assignment.arm == CANDIDATE:
            exchange.context = replace(exchange.context, policy=self._experiment.policy)
        return None


def session_of(exchange: Exchange, header: str | None) -> str | None:
    """The name that all turns of a conversation share; None where nothing tells it from others."""
    if exchange.request is None:
        return None
    named = exchange.headers.get(header) if header else None
    tenant = exchange.context.tenant
    session = identify(exchange.request, named=named, tenant=tenant)
    return None if session is None else session.pod
