"""Figures, tables and pictures of a run that is written down here."""

from pathlib import Path
from typing import Any

import pytest

from load.bench.measuring import Cell, Sample
from load.bench.report import BEGIN, END, words, write
from load.bench.results import Results, Spread, load, quantile, save, spread
from load.bench.targets import Target, targets

SMALL = Cell(size=500)
OPEN = Cell(size=500, rate=500.0)


def sample(subject: str, turn: int, envoy: float, **fields: Any) -> Sample:  # noqa: ANN401
    """A thousand requests in a second."""
    values: dict[str, Any] = {
        "cell": SMALL,
        "requests": 1000,
        "seconds": 1.0,
        "errors": {},
        "wrong": 0,
        "unserved": 0,
        "cpu": {"envoy": envoy, "router": envoy, "client": 9.0, "upstream": 9.0},
        "others": 0.25,
        "resident": {"envoy": 70.0, "router": 50.0},
        "latencies": [],
    }
    return Sample(subject=subject, round=turn, **(values | fields))


def results() -> Results:
    """Two rounds of two subjects: the machine was twice as slow in the second one."""
    slow = list(range(1000, 3000))
    return Results(
        command="python -m load.bench",
        machine={"cores": "2"},
        refused={"peer": "does not route: ..."},
        samples=[
            sample("envoy", 0, 25.0),
            sample("tiergate-native-default", 0, 75.0),
            sample("envoy", 1, 50.0),
            sample("tiergate-native-default", 1, 150.0),
            sample("envoy", 0, 25.0, cell=OPEN, latencies=slow),
            sample(
                "tiergate-native-default",
                0,
                75.0,
                cell=OPEN,
                latencies=[500 + one for one in slow],
            ),
        ],
    )


def test_ratios_are_of_the_same_round() -> None:
    """A machine that is slower in one round changes no ratio."""
    found = results().ratios("tiergate-native-default", "envoy", SMALL, lambda one: one.total)

    assert Spread(median=3.0, least=3.0, most=3.0) == found


def test_a_total_leaves_out_what_surrounds_the_subject() -> None:
    """Load generator and stand-in are not the subject's cost."""
    assert 50.0 == sample("envoy", 0, 25.0).total


def test_a_spread_shows_least_and_most() -> None:
    """Of nothing there is none."""
    found = spread([3.0, 1.0, 2.0])

    assert found is not None
    assert "2.0 (1.0–3.0)" == found.written(1)  # noqa: RUF001 - a range
    assert spread([]) is None


@pytest.mark.parametrize(("share", "found"), [(0.5, 0.5), (0.99, 0.99), (0.999, None)], ids=str)
def test_a_quantile_needs_requests_beyond_it(share: float, found: float | None) -> None:
    """Of a thousand requests one is no p99.9."""
    assert found == quantile(range(1000), share)


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Nothing is lost in the file."""
    save(results(), tmp_path / "results.json")

    assert results() == load(tmp_path / "results.json")


@pytest.mark.parametrize(
    ("found", "floor", "met"),
    [(2.0, False, True), (2.1, False, False), (2.0, True, True), (1.9, True, False)],
)
def test_a_target_is_met_or_missed(found: float, floor: bool, met: bool) -> None:
    """A bound from above, or one from below."""
    target = Target(what="it", found=spread([found]), bound=2.0, floor=floor)

    assert met is target.met


def test_targets_are_read_off_a_run() -> None:
    """What it measured is judged; what it did not is said to be missing."""
    found = {target.what: target.met for target in targets(results())}

    assert found["CPU, `tiergate-native-default` / `envoy`, 0.5 KB"]
    assert found["added p50 at 500 req/s, ms, `tiergate-native-default`"]
    assert found["CPU, `tiergate-native-fixed` / `envoy`, 0.5 KB"] is None


def test_words_say_everything() -> None:
    """The command, the machine, figures with their spread, targets, and who was refused."""
    said = words(results())

    assert "`python -m load.bench`\n\ncores 2; cores used by others meanwhile: 0.25." in said
    assert "| `tiergate-native-default` | 225 (150–300) | 3.00 |" in said  # noqa: RUF001
    assert "| `tiergate-native-default` | 2.50 | +0.50 |" in said
    assert "- `peer`: does not route: ..." in said
    assert "0.5 KB | ≤ 3.6 | 3.00 | met |" in said


def test_who_cannot_keep_up_has_no_latencies() -> None:
    """Those of the requests that were served would flatter it."""
    slow = sample("slow", 0, 25.0, cell=OPEN, latencies=[1000] * 5000, unserved=7)
    run = results()

    run.samples.append(slow)

    assert "| `slow` | 7 requests left unserved |  |" in words(run)


def test_a_document_gets_words_and_a_picture(tmp_path: Path) -> None:
    """Between its marks, and nothing else of it changes; the same run draws the same picture."""
    file = tmp_path / "performance.md"
    file.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    write(results(), file)
    once = file.read_text(), (tmp_path / "performance.svg").read_bytes()
    write(results(), file)

    assert once == (file.read_text(), (tmp_path / "performance.svg").read_bytes())
    assert once[0].startswith(f"before\n{BEGIN}\n\n`python")
    assert once[0].endswith(f"(performance.svg)\n\n{END}\nafter\n")
    assert b"<svg" in once[1]


def test_a_document_without_marks_is_left_alone(tmp_path: Path) -> None:
    """Nobody's page is overwritten."""
    file = tmp_path / "performance.md"
    file.write_text("mine")

    with pytest.raises(ValueError, match="has no"):
        write(results(), file)
    assert "mine" == file.read_text()
