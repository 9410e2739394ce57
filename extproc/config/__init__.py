"""One strict YAML document, read into frozen values; unknown keys refused, references checked.

It knows nothing of Envoy, protobuf or Kubernetes, so it is tested without any of them.
"""

from extproc.config.affinity import Affinity
from extproc.config.cache import Cache, Similarity, Terms
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
from extproc.config.forwarding import patience, read_headers, watches
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
from extproc.config.tenants import Budget, Jwt, Plan, Tenants
from extproc.config.usage import Usage
from extproc.config.vllm import DECLARED, Vllm

__all__ = [
    "DECLARED",
    "UNIX",
    "Affinity",
    "Budget",
    "Cache",
    "Config",
    "DecisionLog",
    "Experiment",
    "Gateway",
    "Jwt",
    "ModelServer",
    "Models",
    "Plan",
    "Price",
    "RedisServer",
    "Semantic",
    "Server",
    "Signals",
    "Similarity",
    "State",
    "Tenants",
    "Terms",
    "Tier",
    "Usage",
    "Vllm",
    "alone",
    "decode",
    "default_path",
    "effective",
    "host_port",
    "load",
    "patience",
    "read_headers",
    "servers",
    "services_address",
    "watches",
    "with_port",
    "worker_addresses",
]
