"""Goodput at twice what the reasoning tier can do, with and without live load in the decision.

    python tests/goodput.py [SECONDS]

Both gateways are the same but for the section `fleet`. Requests come at a steady rate, whatever has
become of those before: streams of eight tokens for the reasoning tier, whose score may move. A good
answer is a whole one whose first token came within the objective.
"""

import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import builders
import gateway as harness
from calls import CHAT, JSON
from faults import MATHS

OBJECTIVE: Final = 0.5
SLOTS: Final = 4
TOKENS: Final = 8
STEP: Final = 0.0284
"""Seconds of a step of the simulator's `llama-3.2-3b-t4` with four sequences: 27 + 4 * 0.35 ms."""
CAPACITY: Final = SLOTS / (TOKENS * STEP)
"""Answers a second."""
FLEET: Final[Mapping[str, Any]] = {
    "scrape": {"interval_seconds": 0.2, "stale_seconds": 2.0},
    "limits": {"queue": 4, "ttft_seconds": OBJECTIVE},
    "spill": {"margin": 0.5},
    "shed": {"all_at": 20},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One request: the seconds to its first token, or None where it got no whole answer."""

    first: float | None
    tier: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Goodput:
    """What came of the requests of one gateway."""

    answers: Sequence[Answer]

    @property
    def good(self) -> int:
        """Whole answers within the objective."""
        return sum(one.first is not None and one.first <= OBJECTIVE for one in self.answers)

    @property
    def share(self) -> float:
        """Of all requests."""
        return self.good / len(self.answers)

    def quantile(self, share: float) -> float:
        """Of the seconds to the first token, of the whole answers."""
        times = sorted(one.first for one in self.answers if one.first is not None)
        return times[int(share * (len(times) - 1))]

    def said(self) -> str:
        """One line."""
        failed = sum(one.first is None for one in self.answers)
        fast = sum(one.tier == "fast" for one in self.answers)
        return (
            f"{self.good}/{len(self.answers)} good ({self.share:.0%}), {failed} failed, {fast} by "
            f"fast, first token p50 {self.quantile(0.5):.2f} s, p99 {self.quantile(0.99):.2f} s"
        )


def measure(folder: Path, seconds: float, **sections: object) -> Goodput:
    """One gateway under twice the capacity for so long."""
    with harness.running(
        folder,
        profile=None,
        tiers=_tiers(),
        flags=("--max-num-seqs", str(SLOTS), "--max-model-len", "4096"),
        policy=harness.POLICY,
        **{**harness.PATIENT, **sections},
    ) as gateway:
        return Goodput(answers=asyncio.run(_drive(gateway.url, 2 * CAPACITY, seconds)))


def _tiers() -> list[dict[str, Any]]:
    """The builders', with the timing of what they stand for."""
    fast, reasoning = builders.tiers(profile="llama-3.2-3b-t4")
    return [{**fast, "profile": "qwen2.5-1.5b-t4"}, reasoning]


async def _drive(url: str, rate: float, seconds: float) -> list[Answer]:
    body = builders.chat(MATHS, stream=True, max_tokens=TOKENS, min_tokens=TOKENS)
    connector = aiohttp.TCPConnector(limit=0)
    timeout = aiohttp.ClientTimeout(total=60)
    async with aiohttp.ClientSession(url, connector=connector, timeout=timeout) as session:
        began = time.monotonic()
        tasks = []
        for number in range(int(rate * seconds)):
            await asyncio.sleep(max(began + number / rate - time.monotonic(), 0))
            tasks.append(asyncio.create_task(_ask(session, body)))
        return list(await asyncio.gather(*tasks))


async def _ask(session: aiohttp.ClientSession, body: bytes) -> Answer:
    """The first event of a stream says only who speaks; the second holds the first token."""
    began, first, tier, events = time.monotonic(), None, None, 0
    with contextlib.suppress(aiohttp.ClientError, TimeoutError):
        async with session.post(CHAT, data=body, headers={"content-type": JSON}) as reply:
            tier = reply.headers.get("x-tiergate-served-by")
            async for line in reply.content:
                events += line.startswith(b"data: ")
                if first is None and events == 2:
                    first = time.monotonic() - began
                if line.startswith(b"data: [DONE]"):
                    return Answer(first=first, tier=tier)
    return Answer(first=None, tier=tier)


def main(seconds: float) -> None:
    """Both, one after the other."""
    print(f"capacity {CAPACITY:.1f} answers a second, load {2 * CAPACITY:.1f}, for {seconds:g} s")
    for name, sections in (("without live load", {}), ("with live load", {"fleet": FLEET})):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{name}: {measure(Path(folder), seconds, **sections).said()}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if sys.argv[1:] else 20.0)
