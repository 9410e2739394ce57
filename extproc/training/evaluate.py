"""The tables of docs/routing-quality.md, from a frozen artifact and labelled prompts.

Training data is judged by leaving families out: each row's score comes from a model, and each
probability from a calibration, that saw nothing of its family. Evaluation data is judged by the
artifact as it ships.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from extproc.config import default_path, load as load_config
from extproc.request import Api, Conversation, Segment
from extproc.router import Router
from extproc.signals.semantic import Semantic
from extproc.signals.semantic.tokens import Tokens
from extproc.training import metrics, seeds, train
from extproc.training.dataset import Dataset, Row, table
from extproc.training.fitting import Array, Examples, Settings, balanced, calibrate, fit
from extproc.training.stability import flips, pairs

SMALLEST_GAP: Final = 0.05
"""Below it there is no gap to recover, and APGR, which divides by it, is noise."""
_TARGETS: Final = (0.5, 0.8)
Ranker = Callable[[Sequence[str]], Array]


def baselines() -> Mapping[str, Ranker]:
    """What a ranking must beat besides chance: the prompt's length, and the default policy."""
    return {"length": _lengths, "default policy": _rule}


def ranker(semantic: Semantic) -> Ranker:
    """The signal as a function of prompts."""

    def score(prompts: Sequence[str]) -> Array:
        conversations = (
            Conversation(segments=(Segment("user", prompt),), user_turns=1) for prompt in prompts
        )
        return np.array([semantic.score(one).judgement.difficulty for one in conversations])

    return score


def left_out(dataset: Dataset, tokens: Tokens, settings: Settings) -> Iterator[str]:
    """Ranking and calibration by leaving families out, as Markdown."""
    labelled = train.examples((*dataset.rows, *seeds.rows()), tokens)
    domains = sorted(set(labelled.domains.tolist()))
    raw = train.left_out(labelled, settings, domains)
    yield from _head("benchmark")
    for benchmark in dict.fromkeys(row.benchmark for row in dataset.rows):
        kept = [at for at, row in enumerate(dataset.rows) if _counts(row, benchmark)]
        rows = [dataset.rows[at] for at in kept]
        gain = np.array([(row.strong or 0.0) - 1.0 + (row.error or 0.0) for row in rows])
        if rows and gain.mean() >= SMALLEST_GAP:
            weak = 1.0 - labelled.errors[kept].mean()
            scores = {"semantic": raw[kept], **_rank([row.prompt for row in rows])}
            yield from _table(benchmark, scores, gain, float(weak))
    families = list(dict.fromkeys(row.family for row in dataset.rows))
    yield from _calibration(labelled, families, settings, domains)


def held_out(path: Path, score: Ranker) -> Iterator[str]:
    """Ranking of a file of prompts with a weak and a strong model's score, as Markdown."""
    rows = table(path)
    prompts = [row["prompt"] for row in rows]
    weak, strong = (np.array([row[name] for row in rows], dtype=np.float64) for name in _PAIR)
    scores = {"semantic": score(prompts), **_rank(prompts)}
    yield from _head("file")
    yield from _table(path.stem, scores, strong - weak, float(weak.mean()))
    error = metrics.calibration_error(scores["semantic"], 1.0 - weak)
    yield f"\nAlways fast: {weak.mean():.3f} right; always reasoning: {strong.mean():.3f}."
    yield f"Calibration error against this weak model's own errors: {error:.3f}."


def stability(score: Ranker) -> Iterator[str]:
    """Flips of the decision at the threshold that sends half of the originals, as Markdown."""
    found = pairs()
    first = score([pair.original for pair in found])
    second = score([pair.changed for pair in found])
    flipped = flips(first, second, float(np.median(first)))
    yield "| change | pairs | flips | mean change of the score |"
    yield "|---|---|---|---|"
    kinds = np.array([pair.kind for pair in found])
    for kind in (*dict.fromkeys(kinds.tolist()), "all"):
        kept = (kinds == kind) | (kind == "all")
        moved = np.abs(first - second)[kept].mean()
        yield f"| {kind} | {kept.sum()} | {100 * flipped[kept].mean():.1f} % | {moved:.3f} |"


_PAIR: Final = ("weak", "strong")


def _counts(row: Row, benchmark: str) -> bool:
    return row.benchmark == benchmark and None not in (row.strong, row.error)


def _rank(prompts: Sequence[str]) -> Mapping[str, Array]:
    return {name: ranker(prompts) for name, ranker in baselines().items()}


def _head(subject: str) -> Iterator[str]:
    yield f"\n| {subject} | ranked by | APGR [95 %] | binned | CPT50 | CPT80 |"
    yield "|---|---|---|---|---|---|"


def _table(subject: str, scores: Mapping[str, Array], gain: Array, weak: float) -> Iterator[str]:
    size = f"{subject} ({len(gain)}; fast {weak:.3f}, reasoning {weak + gain.mean():.3f})"
    low, high = metrics.chance(gain)
    yield f"| {size} | random | 0.500 [{low:.3f}, {high:.3f}] | 0.500 | 50.0 | 80.0 |"
    for name, ranking in scores.items():
        curve = metrics.exact(ranking, gain)
        low, high = metrics.interval(ranking, gain)
        area = f"{curve.apgr:.3f} [{low:.3f}, {high:.3f}]"
        points = " | ".join(f"{curve.cpt(target):.1f}" for target in _TARGETS)
        yield f"| {size} | {name} | {area} | {metrics.binned(ranking, gain):.3f} | {points} |"


def _calibration(
    labelled: Examples, families: Sequence[str], settings: Settings, domains: Sequence[str]
) -> Iterator[str]:
    """The error of probabilities whose calibration, too, saw nothing of the family."""
    probabilities = np.full(len(labelled.errors), np.nan)
    lines: list[str] = []
    for family in families:
        inside = labelled.families == family
        rest = labelled.where(~inside)
        judged = rest.judged
        inner = train.left_out(rest, settings, domains)[judged]
        weights = balanced(rest.benchmarks[judged])
        model = calibrate(fit(rest, settings, domains), inner, rest.errors[judged], weights)
        part = model.calibrated(train.raw_scores(model, labelled.where(inside)))
        probabilities[inside] = part
        errors = labelled.errors[inside]
        gap = metrics.calibration_error(part, errors)
        lines.append(
            f"| {family} | {len(part)} | {part.mean():.3f} | {errors.mean():.3f} | {gap:.3f} |"
        )
    seen = ~np.isnan(probabilities)
    probabilities, errors = probabilities[seen], labelled.errors[seen]
    pooled = metrics.calibration_error(probabilities, errors)
    yield "\n| family left out | rows | mean P | mean error | calibration error |"
    yield "|---|---|---|---|---|"
    yield from lines
    yield (
        f"| all, pooled | {len(probabilities)} | {probabilities.mean():.3f} "
        f"| {errors.mean():.3f} | {pooled:.3f} |"
    )


def _lengths(prompts: Sequence[str]) -> Array:
    return np.array([len(prompt) for prompt in prompts], dtype=np.float64)


def _rule(prompts: Sequence[str]) -> Array:
    """The default policy's score; a rule that decides without one counts as 1 or 0."""
    router = Router(load_config(default_path()))
    found: list[float] = []
    for prompt in prompts:
        said = [{"role": "user", "content": prompt}]
        body = json.dumps({"model": "auto", "messages": said}).encode()
        decision = router.route(Api.CHAT, body)
        certain = float(decision.tier == "reasoning")
        found.append(certain if decision.score is None else decision.score)
    return np.array(found)
