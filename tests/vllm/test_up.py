"""`tiergate up --engine vllm`, with one model as two tiers, and with what can be wrong."""

import signal
from pathlib import Path
from typing import Any, Final

import commands
import pytest
import yaml
from contract_calls import Answer, call
from contract_requests import ALIAS, CHAT, MESSAGES, RESPONSES, Request
from gateway import POLICY
from real_tiers import Fleet

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]

ASKED: Final = "Say a few words about trees."
BODIES: Final[dict[str, dict[str, Any]]] = {
    CHAT: {"messages": [{"role": "user", "content": ASKED}], "max_tokens": 1},
    RESPONSES: {"input": ASKED, "max_output_tokens": 1},
    MESSAGES: {"messages": [{"role": "user", "content": ASKED}], "max_tokens": 1},
}


def config(folder: Path, port: int, *tiers: dict[str, Any], **fields: object) -> Path:
    """A config file of `tiers` on one server; `fields` go into each."""
    common = {"endpoints": [f"127.0.0.1:{port}"], "max_model_len": 512, **fields}
    document = {
        "tiers": [{**common, **tier} for tier in tiers],
        "default_tier": tiers[0]["name"],
        "policy": {**POLICY} if len(tiers) > 1 else {"fixed": tiers[0]["name"]},
    }
    file = folder / "tiergate.yaml"
    file.write_text(yaml.safe_dump(document))
    return file


def prompt_tokens(address: str, path: str, tier: str) -> int:
    """How many tokens the tier's template makes of the same words."""
    body = {"model": ALIAS, **BODIES[path]}
    answer = call(address, Request(path=path, body=body, headers={"x-tiergate-prefer": tier}))
    assert (200, tier) == (answer.status, answer.headers["x-tiergate-served-by"])
    return _input_tokens(answer)


def _input_tokens(answer: Answer) -> int:
    usage = answer.json()["usage"]
    cache = ("cache_creation_input_tokens", "cache_read_input_tokens")
    counted: int = usage.get("prompt_tokens") or usage["input_tokens"]
    for name in cache:
        counted += usage.get(name, 0)
    return counted


def test_one_model_is_two_tiers(python: Path, weights: Path, port: int, tmp_path: Path) -> None:
    """One server is started for tiers that share its endpoint; which of them was decided on
    switches the model's thinking, in every API that has a template; Ctrl-C ends all of it.
    """
    fast = {
        "name": "fast",
        "model": "tiny/plain",
        "chat_template_kwargs": {"enable_thinking": False},
    }
    thinking = {
        "name": "reasoning",
        "model": "tiny/thinking",
        "chat_template_kwargs": {"enable_thinking": True},
    }
    file = config(tmp_path, port, fast, thinking, weights=str(weights))
    flags = ("--engine", "vllm", "--environment", python.parents[1], "--hardware", "cpu")
    with commands.up(tmp_path / "up.log", "--config", file, *flags) as running:
        address = running.ready()["gateway"].removeprefix("http://")
        counted = {
            path: [prompt_tokens(address, path, tier) for tier in ("fast", "reasoning")]
            for path in BODIES
        }
        started = [
            one for one in commands.children(running.process.pid).values() if "api_server" in one
        ]
        running.send(signal.SIGINT)

        assert 0 == running.wait(60)
    # A thought that is opened and closed takes five tokens more than one that is opened.
    assert dict.fromkeys(BODIES, 5) == {path: off - on for path, (off, on) in counted.items()}
    assert 1 == len(started)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        pytest.param(
            {"weights": "tiergate/no-such-model"},
            "fast-0 ended before it was ready: no such model:",
            id="no such model",
        ),
        pytest.param(
            {"max_model_len": 8192, "vllm": {"kv_cache_gib": 0.01}},
            "fast-0 ended before it was ready: not enough memory:",
            id="not enough memory",
        ),
        pytest.param(
            {"vllm": {"ready_seconds": 2}}, "fast-0 was not ready within 2 s", id="never ready"
        ),
    ],
)
def test_what_is_wrong_is_said_with_the_servers_own_words(
    fields: dict[str, object], message: str, weights: Path, port: int, tmp_path: Path
) -> None:
    """One message within the stated time, and nothing is left running."""
    tier = {"name": "fast", "model": "tiny/model", "weights": str(weights)}
    file = config(tmp_path, port, {**tier, **fields})
    environment = weights.parents[1] / ".venv-vllm"
    flags = ("--engine", "vllm", "--environment", environment, "--hardware", "cpu")
    with commands.up(tmp_path / "up.log", "--config", file, *flags) as running:
        status = running.wait(300)
    said = [line for line in running.errors().splitlines() if not line.startswith("{")]

    assert (1, True) == (status, said[0].startswith(f"tiergate: {message}")), said
    # What ends has said why; what is only slow may have said nothing yet.
    assert ["  its last lines:"] == said[1:2] or "not ready" in message
    assert len(said) <= 10


def test_the_log_holds_no_prompt(fleet: Fleet) -> None:
    """What vLLM writes, as tiers are started, has nothing of what clients said."""
    said = "xylophone-4711"
    body = {"model": ALIAS, "messages": [{"role": "user", "content": said}], "max_tokens": 1}
    tier = fleet.tiers["reasoning"]

    assert 200 == call(tier.address, Request(body=body)).status
    assert said not in tier.process.errors()
