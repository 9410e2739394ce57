"""`tiergate up` with one model as two tiers: one server, two ways to ask it."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import builders
import pytest
from calls import digest
from commands import children, config_file, up
from contract_calls import Answer, call
from contract_requests import Request
from gateway import PATIENT, POLICY, get
from processes import Running

SAID: Final = [{"role": "user", "content": "hello"}]
THINKING: Final = {"chat_template_kwargs": {"enable_thinking": True}}
PLAIN: Final = {"chat_template_kwargs": {"enable_thinking": False}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """The gateway, and the one simulator behind it."""

    process: Running
    gateway: str

    def chat(self, **fields: object) -> Answer:
        """The answer to hello."""
        return call(self.gateway, Request(body={"model": "auto", "messages": SAID, **fields}))

    @property
    def simulators(self) -> list[str]:
        """Where each one is, by the supervisor's word."""
        return re.findall(r"-\d answers at (http://[\d.:]+)", self.process.errors())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """A stack whose two tiers are one model at one endpoint."""
    folder = tmp_path_factory.mktemp("shared")
    where: dict[str, Any] = {"endpoints": ["127.0.0.1:8001"], "weights": "a/model"}
    fast, reasoning = builders.tiers(**where, **THINKING)
    tiers = [{**fast, **where, **PLAIN}, reasoning]
    file = config_file(folder, tiers=tiers, policy=POLICY, **PATIENT)
    with up(folder / "log", "--config", file) as process:
        yield Shared(process=process, gateway=process.ready()["gateway"].removeprefix("http://"))


def test_one_server_is_started(shared: Shared) -> None:
    """Not one for each tier."""
    started = [one for one in children(shared.process.process.pid).values() if "engines.sim" in one]

    assert (1, 1) == (len(started), len(shared.simulators))


@pytest.mark.parametrize(
    ("text", "tier", "kwargs"),
    [("hello", "fast", PLAIN), ("Find the integral.", "reasoning", THINKING)],
)
def test_the_decision_switches_the_thinking(
    shared: Shared, text: str, tier: str, kwargs: dict[str, object]
) -> None:
    """What reaches the model is the client's body with the tier's arguments in it."""
    sent = builders.chat(text)
    answer = call(shared.gateway, Request(raw=sent))
    seen = json.loads(get(f"{shared.simulators[0]}/admin/requests"))[-1]
    spliced = json.dumps(kwargs, separators=(",", ":")).encode()[:-1] + b"," + sent[1:]

    assert (200, tier) == (answer.status, answer.headers["x-tiergate-served-by"])
    assert digest(spliced) == seen["body_sha256"]


@pytest.mark.parametrize(
    ("model", "tier"),
    [(builders.FAST_MODEL, "fast"), (builders.REASONING_MODEL, "reasoning")],
)
def test_each_name_pins_its_tier(shared: Shared, model: str, tier: str) -> None:
    """The server knows both names, and answers with the first."""
    answer = shared.chat(model=model)

    assert (200, tier) == (answer.status, answer.headers["x-tiergate-tier"])
    assert builders.FAST_MODEL == answer.json()["model"]


@pytest.mark.parametrize("tier", ["fast", "reasoning"])
def test_a_preference_switches_it_too(shared: Shared, tier: str) -> None:
    """A client may ask for more or less thinking, request by request."""
    body = {"model": "auto", "messages": SAID}
    request = Request(body=body, headers={"x-tiergate-prefer": tier})

    assert tier == call(shared.gateway, request).headers["x-tiergate-served-by"]
