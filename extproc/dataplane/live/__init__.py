"""What a running proxy was told, held against what follows from the config.

The proxy is Envoy alone or one of Istio's; its `/config_dump` is all that is looked at.
"""

from extproc.dataplane.live.drift import drifts
from extproc.dataplane.live.dump import Dump, read

__all__ = ["Dump", "drifts", "read"]
