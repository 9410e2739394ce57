"""Envoy's share of Tiergate: the bootstrap for a config, the binary that runs it, and its checks.

The shipped `envoy.yaml` is the only source; this package knows nothing of gRPC or of the router.
"""

from extproc.dataplane.rendering import render

__all__ = ["render"]
