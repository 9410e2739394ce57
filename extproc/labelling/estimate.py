"""What labelling will cost at most, before anything is asked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from extproc.labelling.tasks import Task

CHARACTERS: Final = 4
"""Of a token, in English; other scripts have fewer, and cost more than is said here."""
_ORDERS: Final = 2
_INSTRUCTIONS: Final = 250
"""Tokens that a judge reads besides the question and the answers."""
_MILLION: Final = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Dollars for a million tokens."""

    read: float
    written: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one model is asked: so many requests, and the most tokens that they can take."""

    name: str
    requests: int
    read: int
    written: int

    def dollars(self, price: Price) -> float:
        """At that price."""
        return (self.read * price.read + self.written * price.written) / _MILLION


def parts(
    tasks: Sequence[Task], unanswered: Sequence[Task], *, max_tokens: int, judge_tokens: int | None
) -> list[Part]:
    """To ask the tiers about some of the tasks, and a judge about all; no judge where its tokens
    are None.
    """
    read, written = _tokens(unanswered), max_tokens * len(unanswered)
    found = [
        Part(name=name, requests=len(unanswered), read=read, written=written)
        for name in ("fast", "reasoning")
    ]
    if judge_tokens is not None:
        requests = _ORDERS * len(tasks)
        read = _ORDERS * _tokens(tasks) + requests * (2 * max_tokens + _INSTRUCTIONS)
        written = requests * judge_tokens
        found.append(Part(name="judge", requests=requests, read=read, written=written))
    return found


def lines(found: Sequence[Part], prices: Mapping[str, Price], rate: float) -> Iterator[str]:
    """For a person: tokens, dollars where the prices are known, and the least time it takes."""
    dollars = 0.0
    for part in found:
        price = prices.get(part.name)
        cost = "no price" if price is None else f"at most ${part.dollars(price):.2f}"
        dollars += 0.0 if price is None else part.dollars(price)
        tokens = f"{part.read:,} tokens read, up to {part.written:,} written"
        yield f"  {part.name:<10} {part.requests:>7,} requests  {tokens}  {cost}"
    seconds = sum(part.requests for part in found) / rate
    known = f"at most ${dollars:.2f}, " if prices else ""
    yield f"  together   {known}at least {seconds / 60:.1f} minutes"


def _tokens(tasks: Sequence[Task]) -> int:
    return sum(ceil(task.characters / CHARACTERS) for task in tasks)
