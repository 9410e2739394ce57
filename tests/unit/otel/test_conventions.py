"""Names of OpenTelemetry's conventions."""

import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes as published
from opentelemetry.semconv._incubating.metrics import gen_ai_metrics

from extproc.otel import conventions
from extproc.request import Api


@pytest.mark.parametrize(
    "name",
    [
        "OPERATION", "PROVIDER", "REQUEST_MODEL", "STREAM", "FIRST_CHUNK", "INPUT_TOKENS",
        "OUTPUT_TOKENS", "CACHED_TOKENS", "REASONING_TOKENS", "TOKEN_TYPE",
    ],
)  # fmt: skip
def test_attributes_are_the_published_ones(name: str) -> None:
    """As OpenTelemetry's own constants spell them."""
    known = {getattr(published, one) for one in dir(published) if one.startswith("GEN_AI")}

    assert getattr(conventions, name) in known


@pytest.mark.parametrize(
    "name", ["SERVER_DURATION", "SERVER_FIRST_TOKEN", "SERVER_PER_TOKEN", "TOKEN_USAGE"]
)
def test_metrics_are_the_published_ones(name: str) -> None:
    """As above."""
    known = {getattr(gen_ai_metrics, one) for one in dir(gen_ai_metrics) if one.isupper()}

    assert getattr(conventions, name) in known


def test_every_path_of_a_model_is_an_operation() -> None:
    """Counting tokens is none."""
    assert {api.value for api in Api} - {Api.TOKENIZE} == set(conventions.OPERATIONS)
