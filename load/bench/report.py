"""A run's results in words and pictures: `python -m load.bench.report results.json`.

With --write FILE.md what stands there between the two marks is replaced, and the picture goes
beside it.
"""

import argparse
from pathlib import Path
from typing import Final

from load.bench import plot
from load.bench.results import Results, load
from load.bench.tables import markdown, table
from load.bench.targets import targets

BEGIN: Final = "<!-- measured: begin -->"
END: Final = "<!-- measured: end -->"


def words(results: Results) -> str:
    """The targets, then every table."""
    head = ("what", "target", "found", "")
    rows = [target.row() for target in targets(results)]
    return f"{markdown(results)}\n### Targets\n\n{table([head, *rows])}\n"


def write(results: Results, file: Path) -> None:
    """Replace what stands between the marks; ValueError where they are missing."""
    text = file.read_text()
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{file} has no {BEGIN} and {END}")
    picture = file.with_suffix(".svg")
    plot.draw(results, picture)
    shown = f"![CPU and latency, by subject]({picture.name})"
    file.write_text(f"{before}{BEGIN}\n\n{words(results)}\n{shown}\n\n{END}{after}")


def main() -> None:
    """Print the words, or write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path)
    parser.add_argument("--write", type=Path, metavar="FILE.md")
    said = parser.parse_args()
    results = load(said.results)
    if said.write is None:
        print(words(results))
    else:
        write(results, said.write)


if __name__ == "__main__":
    main()
