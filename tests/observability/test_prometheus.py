"""A real Prometheus at a whole gateway under load: every panel and every rule has data."""

import contextlib
import http.client
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from builders import FAST_MODEL, chat
from calls import send
from gateway import PATIENT, POLICY, Gateway, running
from processes import PYTHON, Running, free_port, until
from prometheus_server import Prometheus, needs_prometheus, scraping
from queries import RULES, concrete, panels, rules
from redis_server import RedisServer, needs_redis

pytestmark = [needs_prometheus, needs_redis]
HERE = Path(__file__).parent
PRICE = {"per_million_tokens": {"input": "1", "output": "2"}}
HARD = "What is 12 * 30, and why?"


def document(redis: RedisServer) -> dict[str, Any]:
    """Sections that turn on whatever can be seen."""
    return {
        **PATIENT,
        "policy": POLICY,
        "policies": {"cheap": {"fixed": "fast"}},
        "shadows": ["cheap"],
        "state": {"redis": {"url": redis.url, "deadline_seconds": 0.5}},
        "prices": {"fast": PRICE, "reasoning": PRICE},
        "fleet": {},
        "affinity": {},
        "cache": {},
    }


def load(gateway: Gateway) -> None:
    """A few of every kind of request."""
    for number in range(4):
        send(gateway, chat(f"hello {number}", max_tokens=4))
        send(gateway, chat(HARD, stream=True, max_tokens=4))
        send(gateway, chat("the same again", temperature=0, max_tokens=4))
        send(gateway, chat(HARD, prompt_cache_key=str(number), max_tokens=4))
        send(gateway, chat("thanks", prompt_cache_key=str(number), max_tokens=4))
        send(gateway, b"{")
    (replica,) = gateway.tiers["fast"]
    for status in (429, 503):
        replica.fault(status=status)
        send(gateway, chat(model=FAST_MODEL))
        replica.heal()
    replica.fault(reset="mid_stream")
    with contextlib.suppress(http.client.IncompleteRead):
        send(gateway, chat(stream=True, model=FAST_MODEL))
    replica.heal()


@pytest.fixture(scope="module", name="prometheus")
def _prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    folder = tmp_path_factory.mktemp("seen")
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "metrics").write_bytes((HERE / "elsewhere.prom").read_bytes())
    port = free_port()
    serve = (PYTHON, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", elsewhere)
    documents = {path.name: yaml.safe_load(path.read_bytes()) for path in RULES.glob("*.yaml")}
    with (
        RedisServer(folder) as redis,
        running(folder, **document(redis)) as gateway,
        Running(serve, folder / "elsewhere.log"),
    ):
        targets = {
            "router": f"{gateway.router_admin}/metrics",
            "envoy": f"{gateway.envoy_admin}/stats/prometheus",
            "elsewhere": f"http://127.0.0.1:{port}/metrics",
            **{
                f"vllm-{tier}": f"http://{some[0].address}/metrics"
                for tier, some in gateway.tiers.items()
            },
        }
        with scraping(folder, targets, documents) as made, _loading(gateway):
            until(lambda: len(made.query("up == 1")) == len(targets), what="all targets")
            until(lambda: bool(made.query("tiergate:first_byte_burn:6h")), seconds=30, what="rules")
            yield made


class _loading:  # noqa: N801 - reads as a verb
    """Load in the background, for as long as the context lasts."""

    def __init__(self, gateway: Gateway) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(gateway,))

    def _run(self, gateway: Gateway) -> None:
        while not self._ended.wait(0.5):
            load(gateway)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()


@pytest.mark.parametrize(
    ("name", "title", "expr"), list(panels("prometheus")), ids=lambda value: str(value)[:50]
)
def test_every_panel_shows_something(
    prometheus: Prometheus, name: str, title: str, expr: str
) -> None:
    """Within a few scrapes."""
    asked = concrete(expr)
    until(lambda: bool(prometheus.query(asked)), seconds=20, what=f"{name}, {title}: {asked}")

    assert [] != prometheus.query(asked)


@pytest.mark.parametrize(
    "rule", list(rules()), ids=lambda rule: rule.get("record") or rule["alert"]
)
def test_every_rule_asks_for_what_there_is(prometheus: Prometheus, rule: dict[str, Any]) -> None:
    """A recording has a value; an alert may be silent, and every metric that it names exists."""
    if "record" in rule:
        until(lambda: bool(prometheus.query(rule["record"])), seconds=20, what=rule["record"])
    wanted = names(promql_parser.parse(rule["expr"]))
    # What an alert names may itself be a recording, and not have been evaluated yet.
    until(lambda: wanted <= prometheus.names(), seconds=20, what=str(wanted))

    assert set() == wanted - prometheus.names()


def names(expr: Any) -> set[str]:  # noqa: ANN401 - the parser's nodes share no type
    """The metrics that an expression names."""
    kind = type(expr).__name__
    if kind == "VectorSelector":
        return {expr.name}
    children = (
        getattr(expr, field)
        for field in ("lhs", "rhs", "expr", "param", "vector_selector", "vs")
        if getattr(expr, field, None) is not None
    )
    found: set[str] = set()
    for child in (*children, *getattr(expr, "args", ())):
        found |= names(child)
    return found
