"""The peers: gateways that a team would otherwise take, or write."""

import socket
from dataclasses import dataclass
from typing import Final

import yaml

from load.bench import configs
from load.bench.environments import Environment, program
from load.bench.processes import answers, until
from load.bench.subjects import Answers, Place, Started

_PATIENCE: Final = 120.0
_NO_KEY: Final = "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY"


@dataclass(frozen=True, slots=True, kw_only=True)
class FastApi:
    """A web application with one worker, which makes the same decision as Tiergate."""

    client: str
    environment: Environment | None = Environment.FASTAPI
    answers: Answers = Answers.BY_DECISION

    def start(self, place: Place) -> Started:
        """As the protocol says."""
        file = place.folder / "tiergate.yaml"
        file.write_text(yaml.safe_dump(configs.document(place.ports, "grpc")))
        python = program(Environment.FASTAPI, "python")
        argv = (python, "-m", "load.peers.fastapi_proxy", file, "--client", self.client)
        service = place.start("proxy", *argv)
        return Started(port=int(service.said()["port"]), services=(service,))


@dataclass(frozen=True, slots=True, kw_only=True)
class LiteLlm:
    """LiteLLM's proxy with one worker, no database and no key."""

    environment: Environment | None = Environment.LITELLM
    answers: Answers = Answers.IN_TURN

    def start(self, place: Place) -> Started:
        """As the protocol says."""
        deployments = [
            {
                "model_name": "auto",
                "litellm_params": {
                    "model": "openai/auto",
                    "api_base": f"http://127.0.0.1:{port}/v1",
                    "api_key": "none",
                },
            }
            for port in place.ports.values()
        ]
        file = place.folder / "litellm.yaml"
        file.write_text(yaml.safe_dump({"model_list": deployments}))
        port = free_port()
        argv = (program(Environment.LITELLM, "litellm"), "--config", file)
        where = ("--host", "127.0.0.1", "--port", str(port), "--num_workers", "1")
        local = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_LOG": "ERROR", _NO_KEY: "true"}
        service = place.start("proxy", *argv, *where, **local)
        until(lambda: answers(f"http://127.0.0.1:{port}/health/liveliness"), "LiteLLM", _PATIENCE)
        return Started(port=port, services=(service,))


@dataclass(frozen=True, slots=True, kw_only=True)
class RustRouter:
    """A router in Rust that takes its workers in turn and knows of no tiers."""

    command: tuple[str, ...]
    environment: Environment | None = Environment.RUST
    answers: Answers = Answers.IN_TURN

    def start(self, place: Place) -> Started:
        """As the protocol says."""
        port = free_port()
        name, *words = self.command
        workers = [f"http://127.0.0.1:{one}" for one in place.ports.values()]
        where = ("--host", "127.0.0.1", "--port", str(port), "--prometheus-port", str(free_port()))
        how = ("--policy", "round_robin", "--worker-urls", *workers)
        argv = (str(program(Environment.RUST, name)), *words)
        service = place.start("proxy", *argv, *where, *how)
        until(lambda: answers(f"http://127.0.0.1:{port}/health"), name, _PATIENCE)
        return Started(port=port, services=(service,))


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
