"""The names of OpenTelemetry's GenAI conventions, those of today's tools and those that come.

The conventions moved to a repository of their own (open-telemetry/semantic-conventions-genai). Its
migration guide splits `gen_ai.client.token.usage` into a metric for each kind of token. All of it
is still in development, so each name stands here and nowhere else. What has no convention, as a
tier, has a name of our own.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

OPERATION: Final = "gen_ai.operation.name"
PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
STREAM: Final = "gen_ai.request.stream"
FIRST_CHUNK: Final = "gen_ai.response.time_to_first_chunk"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHED_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
ERROR_TYPE: Final = "error.type"
STATUS_CODE: Final = "http.response.status_code"

VLLM: Final = "vllm"
OPERATIONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "/v1/chat/completions": "chat",
        "/v1/messages": "chat",
        "/v1/responses": "chat",
        "/v1/completions": "text_completion",
        "/v1/embeddings": "embeddings",
    }
)
"""By path; another path is no operation of a model's."""

TIER: Final = "tiergate.tier"
SERVED_BY: Final = "tiergate.served_by"
REASON: Final = "tiergate.reason"
SCORE: Final = "tiergate.score"
POLICY: Final = "tiergate.policy"
TENANT: Final = "tiergate.tenant"

SERVER_DURATION: Final = "gen_ai.server.request.duration"
SERVER_FIRST_TOKEN: Final = "gen_ai.server.time_to_first_token"  # noqa: S105 - a metric's name
SERVER_PER_TOKEN: Final = "gen_ai.server.time_per_output_token"  # noqa: S105 - as above
TOKEN_TYPE: Final = "gen_ai.token.type"  # noqa: S105 - an attribute's name
TOKEN_USAGE: Final = "gen_ai.client.token.usage"  # noqa: S105 - a metric's name
_INFERENCE: Final = "gen_ai.client.inference.usage"

USAGE: Final[Mapping[str, Mapping[str, tuple[str, Mapping[str, str]]]]] = MappingProxyType(
    {
        "published": {
            "prompt": (TOKEN_USAGE, {TOKEN_TYPE: "input"}),
            "completion": (TOKEN_USAGE, {TOKEN_TYPE: "output"}),
        },
        "next": {
            "prompt": (f"{_INFERENCE}.input_tokens", {}),
            "completion": (f"{_INFERENCE}.output_tokens", {}),
            "cached": (f"{_INFERENCE}.cache_read.input_tokens", {}),
            "reasoning": (f"{_INFERENCE}.reasoning.output_tokens", {}),
        },
    }
)
"""By the conventions' table and the kind of token: the metric, and the attributes that it needs."""

DURATION_BUCKETS: Final = (
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
)  # fmt: skip
FIRST_TOKEN_BUCKETS: Final = (
    0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
)  # fmt: skip
PER_TOKEN_BUCKETS: Final = (
    0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
)  # fmt: skip
TOKEN_BUCKETS: Final = tuple(float(4**power) for power in range(14))
