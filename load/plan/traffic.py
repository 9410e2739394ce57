"""What clients are expected to send: a mix of requests, read from YAML, and their arrivals."""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from extproc.engines.sim.sequence import FinishReason, Sequence, SequenceGroup

Positive = Annotated[float, Meta(gt=0)]


class Length(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Tokens, log-normal: half of all have up to `median`; `spread` is the logarithm's sigma."""

    median: Positive
    spread: Annotated[float, Meta(ge=0)] = 0.0

    def draw(self, dice: random.Random, longest: int) -> int:
        """From 1 to `longest` tokens."""
        drawn = self.median * dice.lognormvariate(0.0, self.spread)
        return max(1, min(longest, round(drawn)))


class Kind(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The requests that one tier gets: their share of all, and their lengths in tokens.

    `shared_tokens` begin every prompt, as a system prompt does, so the prefix cache has them.
    """

    share: Annotated[float, Meta(gt=0, le=1)]
    prompt: Length
    output: Length
    shared_tokens: Annotated[int, Meta(ge=0)] = 0


class Mix(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What each tier gets; the shares add up to 1."""

    tiers: Mapping[str, Kind]

    def __post_init__(self) -> None:
        total = sum(kind.share for kind in self.tiers.values())
        if abs(total - 1) > 1e-9:  # noqa: PLR2004 - rounding
            raise ValueError(f"the shares add up to {total:g}, not to 1")


def load(path: Path) -> Mix:
    """Read a mix; msgspec.ValidationError where it is none."""
    return msgspec.yaml.decode(path.read_bytes(), type=Mix)


def arrivals(
    kind: Kind, *, rate: float, seconds: float, context: int, seed: int
) -> Iterator[Sequence]:
    """Sequences at the moments of a Poisson process of `rate` a second, in order of arrival.

    Prompt and output together fit into `context` tokens.
    """
    dice = random.Random(seed)  # noqa: S311 - traffic, not secrets
    moment = dice.expovariate(rate)
    while moment < seconds:
        prompt = kind.prompt.draw(dice, context - kind.shared_tokens - 1)
        output = kind.output.draw(dice, context - kind.shared_tokens - prompt)
        yield sequence(kind.shared_tokens, prompt, output, moment, dice)
        moment += dice.expovariate(rate)


def sequence(
    shared: int, prompt: int, output: int, arrived_at: float, dice: random.Random
) -> Sequence:
    """One request of so many tokens; beyond the first `shared`, no two prompts are alike."""
    own = dice.getrandbits(48) << 16
    return Sequence(
        prompt=(*range(shared), *range(own, own + prompt)),
        output=(0,) * output,
        finish_reason=FinishReason.LENGTH,
        arrived_at=arrived_at,
        group=SequenceGroup(n=1, max_tokens=output),
    )
