"""The planner: virtual time agrees with a simulator that runs, and answers hold their promise."""

import asyncio
import random
import re
from dataclasses import replace
from pathlib import Path

import aiohttp
import msgspec
import pytest
from processes import PYTHON, Running

from extproc.engines.sim.profiles import PROFILES
from extproc.engines.sim.sequence import Sequence
from extproc.engines.sim.settings import Settings
from load.plan.__main__ import CHAT, main
from load.plan.capacity import Tier, monthly
from load.plan.traffic import Kind, Length, Mix, arrivals, load, sequence
from load.plan.virtual import first_tokens, spread

PROFILE = PROFILES["qwen2.5-1.5b-t4"]
SETTINGS = Settings(
    served_model_names=("m",), profile=PROFILE, num_gpu_blocks=PROFILE.num_gpu_blocks
)
KIND = Kind(share=1.0, prompt=Length(median=200), output=Length(median=20))
TIER = Tier(name="fast", kind=KIND, settings=SETTINGS, limit=0.1, gateway=0.0, seconds=20)
DICE = random.Random(1)


def one(prompt: int = 200, output: int = 20, at: float = 0.0) -> Sequence:
    """A request with nothing in common with any other."""
    return sequence(0, prompt, output, at, DICE)


def test_an_idle_replica_answers_after_one_step() -> None:
    """The first token of a lone request is the profile's formula, whenever it arrives."""
    expected = PROFILE.step_seconds(sequences=1, prefill_tokens=200)

    assert [pytest.approx(expected)] * 2 == list(first_tokens(SETTINGS, [one(at=1), one(at=60)]))


def test_a_request_waits_for_the_step_under_way() -> None:
    """Who arrives in the middle of a step is begun after it."""
    step = PROFILE.step_seconds(sequences=1, prefill_tokens=200)
    both = PROFILE.step_seconds(sequences=2, prefill_tokens=200)

    _, second = first_tokens(SETTINGS, [one(at=0), one(at=step / 2)])

    assert pytest.approx(step / 2 + both) == second


def test_prompts_share_their_beginning_and_nothing_else() -> None:
    """A system prompt is in the prefix cache for all but the first; the rest never is."""
    lone = list(first_tokens(SETTINGS, [sequence(160, 40, 1, at, DICE) for at in (0, 9, 19)]))
    own = PROFILE.step_seconds(sequences=1, prefill_tokens=40)

    assert [pytest.approx(own)] * 2 == lone[1:]
    assert lone[0] > own


def test_arrivals_have_the_rate_and_fit_the_context() -> None:
    """As many as the rate says, in order, and none longer than the model can take."""
    kind = Kind(share=1, prompt=Length(median=300, spread=1), output=Length(median=300, spread=1))

    found = list(arrivals(kind, rate=20, seconds=100, context=512, seed=3))

    assert pytest.approx(2000, rel=0.1) == len(found)
    assert sorted(one.arrived_at for one in found) == [one.arrived_at for one in found]
    assert max(len(one.prompt) + len(one.output) for one in found) <= 512


def test_every_request_goes_to_one_replica() -> None:
    """None is lost and none doubled."""
    requests = [one(at=at) for at in range(50)]

    shares = spread(requests, 3, seed=1)

    assert len(requests) == sum(map(len, shares))
    assert {id(one) for one in requests} == {id(one) for share in shares for one in share}


def test_the_highest_rate_holds_and_a_higher_one_does_not() -> None:
    """Its first tokens are in time, and a fifth more are not."""
    most = TIER.most(1)

    assert TIER.keeps(most, 1)
    assert not TIER.keeps(most * 1.2, 1)


def test_a_rate_gets_the_fewest_replicas() -> None:
    """One fewer would break the promise."""
    rate = 2.5 * TIER.most(1)

    replicas = TIER.least(rate)

    assert TIER.keeps(rate, replicas)
    assert not TIER.keeps(rate, replicas - 1)


def test_what_no_replica_can_do_is_said() -> None:
    """A prompt that takes longer than the limit by itself is no matter of replicas."""
    slow = msgspec.structs.replace(KIND, prompt=Length(median=4000))
    tier = Tier(name="fast", kind=slow, settings=SETTINGS, limit=0.1)

    with pytest.raises(ValueError, match="too slow for any number of replicas"):
        tier.least(1.0)


def test_as_many_as_promised_are_in_time() -> None:
    """What is told is the latency that the promised share of requests has at most."""
    rate = 4.0
    reached = TIER.first_token(rate, 1)

    assert replace(TIER, limit=reached).keeps(rate, 1)
    assert not replace(TIER, limit=reached * 0.999).keeps(rate, 1)


def test_a_month_has_730_hours() -> None:
    """Two machines at half a dollar an hour are 730 dollars."""
    assert pytest.approx(730.0) == monthly(2, 0.5)


def test_shares_must_add_up(tmp_path: Path) -> None:
    """A mix that leaves requests without a tier is refused."""
    file = tmp_path / "mix.yaml"
    file.write_text(CHAT.read_text().replace("share: 0.7", "share: 0.6"))

    with pytest.raises(msgspec.ValidationError, match=r"add up to 0\.9"):
        load(file)


def test_the_shipped_mix_reads() -> None:
    """It names the shipped config's tiers."""
    assert isinstance(load(CHAT), Mix)
    assert {"fast", "reasoning"} == load(CHAT).tiers.keys()


def test_the_command_answers(capsys: pytest.CaptureFixture[str]) -> None:
    """How much two machines take, and what they cost a month."""
    assert 0 == main(["--minutes", "0.1"])

    said = capsys.readouterr().out
    assert "| fast | 1 |" in said
    assert re.search(r"2 replicas, \d+\.\d\d requests a second, \$767\.96 a month", said)


def test_the_command_counts_replicas(capsys: pytest.CaptureFixture[str]) -> None:
    """For a rate, as many machines as it needs."""
    assert 0 == main(["--minutes", "0.1", "--rate", "1", "--hourly", "1"])

    assert "2 replicas, 1.00 requests a second, $1,460.00 a month" in capsys.readouterr().out


@pytest.mark.parametrize("wrong", [["--mix", "/none"], ["--slo", "fast=100"]])
def test_the_command_says_what_is_wrong(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """With status 2, and not with a traceback."""
    assert 2 == main(wrong)
    assert capsys.readouterr().err.startswith("load.plan: ")


async def test_virtual_time_agrees_with_real_time(tmp_path: Path) -> None:
    """A simulator that runs for six seconds gives the first tokens that virtual time foretells.

    The mean is the simulator's own, from its metrics: a busy machine delays whoever asks, and
    shifts the moments of arrival, but not what a step takes.
    """
    kind = Kind(share=1, prompt=Length(median=300, spread=0.5), output=Length(median=40))
    foretold = list(arrivals(kind, rate=10, seconds=6, context=8192, seed=4))
    argv = (PYTHON, "-m", "extproc.engines.sim", "--served-model-name", "m")

    timed = (*argv, "--profile", "qwen2.5-1.5b-t4")
    with Running(timed, tmp_path / "sim.log", COVERAGE_PROCESS_CONFIG="") as process:
        url = (await asyncio.to_thread(process.ready))["url"]
        seen = await _replay(url, foretold)

    latencies = list(first_tokens(SETTINGS, foretold))
    assert pytest.approx(sum(latencies) / len(latencies), rel=0.3) == seen


async def _replay(url: str, requests: list[Sequence]) -> float:
    """Mean seconds to the first token of the same requests, sent in real time."""
    async with aiohttp.ClientSession(url) as session:
        begun = asyncio.get_running_loop().time()
        async with asyncio.TaskGroup() as tasks:
            for number, request in enumerate(requests):
                tasks.create_task(_send(session, begun, number, request))
        async with session.get("/metrics") as answer:
            text = await answer.text()
    name = "vllm:time_to_first_token_seconds"
    total, count = (
        float(re.findall(rf"^{name}_{what}{{.*}} (\S+)$", text, re.MULTILINE)[0])
        for what in ("sum", "count")
    )
    assert len(requests) == count
    return total / count


async def _send(
    session: aiohttp.ClientSession, begun: float, number: int, request: Sequence
) -> None:
    """One completion of as many tokens, at its moment; its first words are its own."""
    await asyncio.sleep(begun + request.arrived_at - asyncio.get_running_loop().time())
    words = [f" {number}", *(" word" for _ in range(len(request.prompt) - 1))]
    body = {
        "model": "m",
        "prompt": "".join(words),
        "max_tokens": len(request.output),
        "ignore_eos": True,
    }
    async with session.post("/v1/completions", json=body) as answer:
        usage = (await answer.json())["usage"]
    assert (len(request.prompt), len(request.output)) == (
        usage["prompt_tokens"],
        usage["completion_tokens"],
    )
