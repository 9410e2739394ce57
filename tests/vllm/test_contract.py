"""The simulator against a real vLLM: what a client, a gateway and a dashboard see of both."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import gateway as harness
import pytest
from contract_calls import Answer, call
from contract_metrics import families
from contract_requests import ALIAS, ANSWERED, EMBEDDED, MODEL, REFUSED, Request
from contract_shapes import differences, words

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(900)]

_PYDANTIC: Final = (
    "pydantic's words, and the input, which may be a prompt; the simulator has msgspec's"
)
OTHER_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    dict.fromkeys(
        (
            "not JSON",
            "no body",
            "not an object",
            "no messages",
            "messages that are none",
            "a temperature in words",
            "too many stop strings",
            "a response to nothing",
            "a message without a bound",
            "tokens of nothing",
        ),
        _PYDANTIC,
    )
)
"""Refusals whose message differs, with the reason; all else of them is the same."""
OTHER_SHAPES: Final[Mapping[str, tuple[list[str], str]]] = MappingProxyType(
    {
        "not JSON": (
            ['[1] $.error.param: "body.1", not "body"'],
            "Python's parser counts the position of what is wrong, msgspec's need not",
        )
    }
)
"""Answers whose fields differ, with the reason."""
OTHER_EMBEDDINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"embedding cut short": "only a model that was trained for it can, as the simulator can"}
)
"""Embeddings that differ, with the reason."""
OTHER_METRICS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "vllm:cache_config_info": "the simulator has the labels that routers read, no others",
        "vllm:estimated_flops_per_gpu": "arithmetic over a model's layers, of which there are none",
        "vllm:estimated_read_bytes_per_gpu": "as above",
        "vllm:estimated_write_bytes_per_gpu": "as above",
        "vllm:tool_call_parser_invocations": "the simulator has no parsers of a model's text",
    }
)
"""Families that differ, with the reason."""


def both(fleet: str, simulator: str, request: Request) -> tuple[Answer, Answer]:
    """The same request to each."""
    return call(fleet, request), call(simulator, request)


@pytest.fixture
def real(request: pytest.FixtureRequest) -> str:
    """The `host:port` of a real vLLM that is started as the simulator is."""
    address: str = request.getfixturevalue("fleet").tiers["fast"].address
    return address


@pytest.mark.parametrize("name", ANSWERED)
def test_an_answer_has_the_same_fields(name: str, real: str, simulator: str) -> None:
    """Field by field and chunk by chunk: presence, order, type, and the protocol's own words."""
    theirs, ours = both(real, simulator, ANSWERED[name])

    assert 200 == theirs.status, theirs.body
    assert [] == differences(theirs.shapes(), ours.shapes())


@pytest.mark.parametrize("name", EMBEDDED)
def test_embeddings_have_the_same_fields(name: str, embedder: str, simulator: str) -> None:
    """As above; a simulator embeds beside all else that it does."""
    theirs, ours = both(embedder, simulator, EMBEDDED[name])

    assert (name in OTHER_EMBEDDINGS) is (theirs.shapes() != ours.shapes()), (theirs, ours)


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_has_the_same_fields(name: str, real: str, simulator: str) -> None:
    """Status, type, code and the field at fault; what differs is listed above."""
    theirs, ours = both(real, simulator, REFUSED[name])
    known, _ = OTHER_SHAPES.get(name, ([], ""))

    assert 400 <= theirs.status < 500
    assert known == differences(theirs.shapes(), ours.shapes())


@pytest.mark.parametrize("name", REFUSED)
def test_a_refusal_has_the_same_words(name: str, real: str, simulator: str) -> None:
    """A person who searches for a message finds vLLM's; a difference that is gone is unlisted."""
    theirs, ours = (
        words(answer.message(), MODEL, ALIAS) for answer in both(real, simulator, REFUSED[name])
    )

    assert (name in OTHER_WORDS) is (theirs != ours), (theirs, ours)


def test_metrics_have_the_same_names_types_labels_and_buckets(real: str, simulator: str) -> None:
    """A dashboard, an alert and an autoscaler made for one work with the other."""
    theirs, ours = (
        families(harness.get(f"http://{address}/metrics").decode()) for address in (real, simulator)
    )
    differing = {
        name.removesuffix("_created")
        for name in {*theirs, *ours}
        if theirs.get(name) != ours.get(name)
    }

    assert set(OTHER_METRICS) == differing


def test_the_version_is_that_of_the_formats(real: str, simulator: str) -> None:
    """The simulator says which vLLM it follows, and that it is not it."""
    theirs, ours = both(real, simulator, Request(path="/version"))

    assert f"{theirs.json()['version']}+tiergate.sim" == ours.json()["version"]


def test_health_says_nothing_but_its_status(real: str, simulator: str) -> None:
    """A health check has no body to read."""
    theirs, ours = both(real, simulator, Request(path="/health"))

    assert (200, b"") == (theirs.status, theirs.body) == (ours.status, ours.body)
