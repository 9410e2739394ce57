"""Names that Envoy, the mesh and Python must spell alike.

A *verdict* is the gateway's own word: Envoy removes it from every client request before any filter
runs, so that a forged one never steers. A *wish* is the client's, and is kept.
"""

from typing import Final

TIER: Final = "x-tiergate-tier"
PINNED: Final = "x-tiergate-pinned"
AFFINITY: Final = "x-tiergate-affinity"
REASON: Final = "x-tiergate-reason"
SCORE: Final = "x-tiergate-score"
COVERAGE: Final = "x-tiergate-coverage"
SERVED_BY: Final = "x-tiergate-served-by"
CACHE: Final = "x-tiergate-cache"
"""What the cache said: hit, semantic, miss or bypass."""
TENANT: Final = "x-tiergate-tenant"
"""The claim of a token that Envoy has verified; on its way to the router alone."""
VERDICTS: Final = (TIER, PINNED, AFFINITY, REASON, SCORE, COVERAGE, SERVED_BY, CACHE, TENANT)

PREFER: Final = "x-tiergate-prefer"

RATE_LIMITS: Final = (
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
    "x-ratelimit-reset-tokens",
)
"""OpenAI's names; what an answer carries is in the metadata under the same ones."""

METADATA_NAMESPACE: Final = "tiergate"
USAGE_NAMESPACE: Final = "tiergate.usage"
"""Token counts, whoever has read them: Envoy's own filters, or a watcher of responses."""
EXT_PROC_FILTER: Final = "tiergate.ext_proc"
"""The name of Envoy's filter that asks the router, under which it also keeps its times."""
