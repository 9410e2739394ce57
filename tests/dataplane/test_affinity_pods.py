"""A conversation's turns find their prefix: the same replica, unless that has too much to do.

TIERGATE_AFFINITY_TALKS=200 pytest -s -n0 tests/dataplane/test_affinity_pods.py
"""

import os
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import gateway as harness
import pytest
from affinity_builders import spoken
from calls import send
from gateway import Gateway, get
from processes import POLL

TALKS: Final = int(os.environ.get("TIERGATE_AFFINITY_TALKS", "24"))
TURNS: Final = 5
REPLICAS: Final = 4
CLIENTS: Final = 8
WORDS: Final = ("rain", "wind", "stone", "river", "house", "winter", "bread", "light", "table")


def _running(folder: Path, **sections: Any) -> Any:  # noqa: ANN401 - the harness's own context
    return harness.running(
        folder,
        policy={"fixed": "fast"},
        replicas=REPLICAS,
        **sections,
        **harness.PATIENT,
    )


@pytest.fixture(scope="module")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway that keeps conversations on their replicas."""
    with _running(tmp_path_factory.mktemp("warm"), affinity={}) as running:
        yield running


@pytest.fixture
def cold(tmp_path: Path) -> Iterator[Gateway]:
    """One that does not."""
    with _running(tmp_path) as running:
        yield running


def text(seed: str, words: int) -> str:
    """So many words, always the same for the same seed."""
    chance = random.Random(seed)
    return " ".join(chance.choice(WORDS) for _ in range(words))


def talk(gateway: Gateway, number: int) -> None:
    """One conversation; what the model says is sent again with each later turn."""
    said: list[dict[str, Any]] = [{"role": "system", "content": "Be kind."}]
    for turn in range(TURNS):
        said.append({"role": "user", "content": text(f"{number}.{turn}", 120)})
        reply = send(gateway, spoken(*said, max_tokens=40))
        assert 200 == reply.status
        said.append(reply.json()["choices"][0]["message"])


def counted(gateway: Gateway, name: str) -> float:
    """The sum of a counter of the fast tier's replicas."""
    pages = (get(f"http://{replica.address}/metrics") for replica in gateway.tiers["fast"])
    lines = (line for page in pages for line in page.decode().splitlines())
    return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))


def hit_rate(gateway: Gateway) -> float:
    """The share of prompt tokens that were in a replica's prefix cache, over all conversations."""
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(lambda number: talk(gateway, number), range(TALKS)))
    hits = counted(gateway, "vllm:prefix_cache_hits_total")
    return hits / counted(gateway, "vllm:prefix_cache_queries_total")


def test_prefixes_are_found_more_often(warm: Gateway, cold: Gateway) -> None:
    """On the same conversations, over four replicas."""
    found = {name: hit_rate(gateway) for name, gateway in (("with", warm), ("without", cold))}
    print(f"\nprefix cache hit rate: {found}")  # noqa: T201 - the figures of the documentation

    assert found["with"] > found["without"] + 0.15


def test_a_hot_conversation_overloads_no_replica(warm: Gateway) -> None:
    """What is over twice the mean of what is under way goes to others. Envoy counts a request
    once it has a connection, so these come one after the other; none ends before all have come.
    """
    many = 48
    before = [len(replica.seen()) for replica in warm.tiers["fast"]]
    for replica in warm.tiers["fast"]:
        replica.fault(delay_seconds=6.0)
    body = spoken({"role": "user", "content": "The one that all ask."}, user="hot")
    with ThreadPoolExecutor(many) as clients:
        asked = []
        for _ in range(many):
            asked.append(clients.submit(send, warm, body))
            POLL.wait(0.03)
        replies = [one.result() for one in asked]
    for replica in warm.tiers["fast"]:
        replica.heal()
    pairs = zip(warm.tiers["fast"], before, strict=True)
    took = [len(replica.seen()) - seen for replica, seen in pairs]
    print(f"\na hot conversation's requests by replica: {took}")  # noqa: T201 - as above

    assert {200} == {reply.status for reply in replies}
    assert many == sum(took)
    assert max(took) <= 2 * many / REPLICAS + 4


def test_its_requests_stay_together_one_by_one(warm: Gateway) -> None:
    """As long as one replica can take them."""
    before = [len(replica.seen()) for replica in warm.tiers["fast"]]
    for number in range(12):
        send(warm, spoken({"role": "user", "content": f"Turn {number}."}, user="calm"))
    pairs = zip(warm.tiers["fast"], before, strict=True)

    assert [0, 0, 0, 12] == sorted(len(replica.seen()) - seen for replica, seen in pairs)
