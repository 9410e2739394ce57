"""One strict YAML document, read into frozen values; unknown keys refused, references checked.

It knows nothing of Envoy, protobuf or Kubernetes, so it is tested without any of them.
"""

from extproc.config.document import Config, Gateway, Models, Server, Signals, Tier
from extproc.config.effective import effective
from extproc.config.loading import decode, default_path, load, with_port

__all__ = [
    "Config",
    "Gateway",
    "Models",
    "Server",
    "Signals",
    "Tier",
    "decode",
    "default_path",
    "effective",
    "load",
    "with_port",
]
