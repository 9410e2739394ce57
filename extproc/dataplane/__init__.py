"""Envoy's share of Tiergate: the bootstrap for a config, the binary that runs it, and its checks.

The shipped `envoy.yaml` is the only source; this package knows nothing of gRPC or of the router.
"""

from extproc.dataplane.binary import envoy_binary
from extproc.dataplane.rendering import render
from extproc.dataplane.validation import validate

__all__ = ["envoy_binary", "render", "validate"]
