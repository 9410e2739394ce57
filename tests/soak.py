"""Steady load for as long as is said, and what the processes hold meanwhile.

    python tests/soak.py [MINUTES]          30 where nothing is said

Prints memory and open files of Envoy and the router ten times, and at the end whether they stayed.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import gateway as harness
from gameday import OK, Clients
from processes import Running, until

SAMPLES: Final = 40
RATE: Final = 50.0
FLEET: Final = {"scrape": {"interval_seconds": 0.5}}
_KILO: Final = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """What a process holds: memory in bytes, and open files."""

    memory: int
    files: int

    @classmethod
    def by(cls, process: Running) -> "Held":
        """A process that runs."""
        folder = Path(f"/proc/{process.process.pid}")
        status = (folder / "status").read_text().splitlines()
        (line,) = (line for line in status if line.startswith("VmRSS:"))
        return cls(memory=int(line.split()[1]) * _KILO, files=len(list((folder / "fd").iterdir())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """The samples of each process, in order, and the outcomes of all requests."""

    held: dict[str, Sequence[Held]]
    outcomes: Counter[str]

    def grown(self, name: str) -> Held:
        """The last quarter less the second, which is past the warm-up: the means of memory, and the
        fewest files, since what is under way at once differs.
        """
        samples = self.held[name]
        quarter = len(samples) // 4
        early, late = samples[quarter : 2 * quarter], samples[-quarter:]
        return Held(
            memory=sum(one.memory for one in late) // quarter
            - sum(one.memory for one in early) // quarter,
            files=min(one.files for one in late) - min(one.files for one in early),
        )


def soak(folder: Path, seconds: float, *, rate: float = RATE, spoken: bool = False) -> Soak:
    """All concerns of a router are on, but for those that need something outside."""
    sections = {
        "affinity": {},
        "fleet": FLEET,
        "usage": {"ledger": str(folder / "ledger.db")},
        "policy": harness.POLICY,
        **harness.PATIENT,
    }
    held: dict[str, list[Held]] = {"envoy": [], "router": []}
    with harness.running(folder, **sections) as gateway:
        clients = Clients(gateway, rate=rate, body={"max_tokens": 4})
        began = time.monotonic()
        with clients.asking():
            for number in range(1, SAMPLES + 1):
                due = began + seconds * number / SAMPLES
                until(lambda due=due: time.monotonic() >= due, seconds=seconds)  # type: ignore[misc]
                for name, process in (("envoy", gateway.envoy), ("router", gateway.router)):
                    held[name].append(Held.by(process))
                if spoken and number % 4 == 0:
                    print(
                        number * seconds / SAMPLES, {k: v[-1] for k, v in held.items()}, flush=True
                    )
    return Soak(held=dict(held), outcomes=Counter(one.outcome for one in clients.ended))


def main(minutes: float) -> None:
    """One soak."""
    with tempfile.TemporaryDirectory() as folder:
        made = soak(Path(folder), minutes * 60, spoken=True)
    print(dict(made.outcomes), {name: made.grown(name) for name in made.held})
    assert set(made.outcomes) == {OK}


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 30.0)
