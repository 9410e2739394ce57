"""Compare Envoy alone, Tiergate and its peers, in one run on one machine.

All subjects are started on loopback before anything is measured. They take turns, round after
round (A B C, A B C, …), each with all others paused, so that whatever the machine does besides
costs them the same. Results are written as JSON, Markdown and SVG.
"""

import argparse
import shlex
import sys
import tempfile
from pathlib import Path

from load.bench import environments, machine, plot, report, results, rounds
from load.bench.measuring import Cell
from load.bench.results import Results
from load.bench.roster import COMPARED, REFERENCE, SUBJECTS
from load.bench.rounds import Plan

SIZES = (500, 8_000, 100_000)
RATES = (100.0, 500.0, 1000.0)
_BESIDES = 0.9
"""Seconds that a measurement takes besides its load: a generator starts, and warms up."""


def main() -> int:
    """The status of the run: 1 where a subject was refused."""
    said = _arguments()
    out: Path = said.out
    out.mkdir(parents=True, exist_ok=True)
    names = dict.fromkeys((REFERENCE, *said.subjects))
    subjects = {name: SUBJECTS[name] for name in names}
    needed = sorted({one.environment for one in subjects.values() if one.environment})
    facts = machine.describe([environments.install(one) for one in needed])
    plan = _plan(said, len(subjects))
    with tempfile.TemporaryDirectory(prefix="tiergate-bench-") as folder:
        samples, refused = rounds.run(
            subjects, plan, Path(folder), lambda line: print(line, file=sys.stderr)
        )
    found = Results(
        command=f"python -m load.bench {shlex.join(sys.argv[1:])}".strip(),
        machine=facts,
        refused=refused,
        samples=samples,
    )
    results.save(found, out / "results.json")
    (out / "results.md").write_text(report.words(found))
    plot.draw(found, out / "results.svg")
    if said.write is not None:
        report.write(found, said.write)
    print(report.words(found))
    return 1 if refused else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m load.bench", description=__doc__)
    parser.add_argument("--subjects", nargs="+", choices=SUBJECTS, default=list(COMPARED))
    parser.add_argument("--sizes", nargs="*", type=int, default=SIZES, help="of bodies")
    parser.add_argument("--answers", nargs="+", choices=("json", "events"), default=["json"])
    parser.add_argument("--rates", nargs="*", type=float, default=RATES, help="of open load")
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3.0, help="of each measurement")
    parser.add_argument("--minutes", type=float, help="of the whole, in place of --seconds")
    parser.add_argument("--out", type=Path, default=environments.FOLDER / "results")
    parser.add_argument("--write", type=Path, metavar="FILE.md", help="as load.bench.report does")
    return parser.parse_args()


def _plan(said: argparse.Namespace, subjects: int) -> Plan:
    """Closed load with each body and answer, open load with the smallest body."""
    closed = [
        Cell(size=size, streamed=answer == "events", connections=said.connections)
        for answer in said.answers
        for size in said.sizes
    ]
    opened = [Cell(size=500, rate=rate, connections=2 * said.connections) for rate in said.rates]
    cells = closed + opened
    seconds: float = said.seconds
    if said.minutes is not None:
        turns = len(cells) * subjects * said.rounds
        seconds = max(0.5, said.minutes * 60 / turns - _BESIDES)
    return Plan(cells=cells, rounds=said.rounds, seconds=seconds)


if __name__ == "__main__":
    sys.exit(main())
