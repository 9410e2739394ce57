"""One strict YAML document, read into frozen values; unknown keys refused, references checked.

It knows nothing of Envoy, protobuf or Kubernetes, so it is tested without any of them.
"""

from extproc.config.affinity import Affinity
from extproc.config.document import (
    Config,
    DecisionLog,
    Experiment,
    Gateway,
    Models,
    RedisServer,
    Semantic,
    Server,
    Signals,
    State,
    Tier,
)
from extproc.config.effective import effective
from extproc.config.forwarding import read_headers
from extproc.config.listening import (
    UNIX,
    alone,
    host_port,
    services_address,
    with_port,
    worker_addresses,
)
from extproc.config.loading import decode, default_path, load
from extproc.config.prices import Price
from extproc.config.servers import ModelServer, servers
from extproc.config.usage import Usage
from extproc.config.tenants import Budget, Jwt, Plan, Tenants
from extproc.config.vllm import DECLARED, Vllm

__all__ = [
    "DECLARED",
    "UNIX",
    "Affinity",
    "Budget",
    "Config",
    "DecisionLog",
    "Experiment",
    "Gateway",
    "Jwt",
    "ModelServer",
    "Models",
    "Price",
    "Plan",
    "RedisServer",
    "Semantic",
    "Server",
    "Signals",
    "State",
    "Tenants",
    "Tier",
    "Usage",
    "Vllm",
    "alone",
    "decode",
    "default_path",
    "effective",
    "host_port",
    "load",
    "read_headers",
    "servers",
    "services_address",
    "with_port",
    "worker_addresses",
]
