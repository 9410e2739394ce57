"""What is known of the fleet."""

from builders import RecordingObserver, config
from prometheus_client import CollectorRegistry

from extproc.config import Config
from extproc.console.replicas import replicas
from extproc.console.state import Replica
from extproc.fleet.exposition import Reading
from extproc.services import Services


def services(made: Config) -> Services:
    """Those of a process that has not begun to scrape."""
    return Services(made, RecordingObserver(), registry=CollectorRegistry())


def test_without_a_fleet_nothing_is_known() -> None:
    """Nobody looks."""
    made = config()

    assert [] == list(replicas(services(made), made))


def test_each_replica_says_for_itself() -> None:
    """One that has not answered yet is not ready, and full; so is one that is gone, not ready."""
    made = config(fleet={"limits": {"queue": 8.0}})
    known = services(made)
    fast, reasoning = known.fleet.loads["fast"], known.fleet.loads["reasoning"]
    fast.place(["a:1", "a:2"])
    reasoning.place(["b:1"])
    fast.read("a:1", Reading(running=3, waiting=4, kv=0.1))
    reasoning.read("b:1", Reading(running=0, waiting=0, kv=0.0))
    reasoning.missed("b:1", gone=True)

    def row(tier: str, address: str, ready: bool, *load: float) -> Replica:
        """One replica."""
        running, waiting, saturation = load
        return Replica(
            tier=tier,
            address=address,
            ready=ready,
            running=running,
            waiting=waiting,
            saturation=saturation,
        )

    assert [
        row("fast", "a:1", True, 3, 4, 0.5),
        row("fast", "a:2", False, 0, 0, 1),
        row("reasoning", "b:1", False, 0, 0, 0),
    ] == list(replicas(known, made))
