"""Two real vLLM servers, a simulator to compare with, and the real Envoy before them.

Everything is made once: the environment and the model where they are missing, the servers for all
tests. Nothing here is skipped silently, and only where vLLM cannot be installed at all.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import contract_requests as contract
import gateway as harness
import pytest
import yaml
from processes import PYTHON, Running, free_port, until
from real_tiers import Fleet, Front, Tier

from extproc.config import Config, ModelServer, decode, effective, servers
from extproc.dataplane import render
from extproc.engines.vllm import environment
from extproc.engines.vllm.flags import MODULE, command
from extproc.engines.vllm.hardware import HARDWARE, Kind
from extproc.engines.vllm.model import RECIPES, make

ROOT: Final = Path(__file__).resolve().parents[2]
READY_SECONDS: Final = 300
LONG_MODEL: Final = "tiny/longer"
_USAGE: Final = {
    "id": "%REQ(X-REQUEST-ID)%",
    "tier": "%RESP(X-TIERGATE-SERVED-BY)%",
    "prompt_tokens": "%DYNAMIC_METADATA(tiergate.usage:prompt_tokens)%",
    "completion_tokens": "%DYNAMIC_METADATA(tiergate.usage:completion_tokens)%",
    "cached_tokens": "%DYNAMIC_METADATA(tiergate.usage:cached_tokens)%",
}


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker; the folder's tests carry it."""
    config.addinivalue_line("markers", "vllm: needs a real vLLM, which takes minutes")


@pytest.fixture(scope="session")
def python() -> Path:
    """The Python of vLLM's environment, installed where it is not."""
    folder = ROOT / environment.FOLDER
    try:
        environment.install(folder, Kind.CPU, print)
    except environment.VllmError as error:
        pytest.skip(f"NO REAL VLLM WAS TESTED: IT CANNOT BE INSTALLED HERE: {error}")
    return environment.python_of(folder)


@pytest.fixture(scope="session")
def weights(python: Path) -> Path:
    """The small model, made where it is not there yet."""
    folder = ROOT / ".models" / "smollm2"
    make(RECIPES["smollm2"], folder, python, print)
    return folder


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    return free_port()


def _tier(name: str, model: str, length: int, weights: Path) -> dict[str, Any]:
    return {
        "name": name,
        "model": model,
        "endpoints": [f"127.0.0.1:{free_port()}"],
        "max_model_len": length,
        "weights": str(weights),
        "vllm": {"tool_call_parser": "hermes"},
    }


def _config(tiers: list[dict[str, Any]], **sections: object) -> Config:
    document = {
        "tiers": tiers,
        "default_tier": "fast",
        "models": {"aliases": [contract.ALIAS]},
        "policy": {"fixed": "fast"},
        **sections,
    }
    return decode(yaml.safe_dump(document).encode())


@pytest.fixture(scope="session")
def fleet(python: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Two tiers of the small model, told apart by the length of their context; started side by
    side by the flags that `tiergate up` uses, and healthy.
    """
    folder = tmp_path_factory.mktemp("vllm")
    length = contract.MAX_MODEL_LEN
    tiers = [
        _tier("fast", contract.MODEL, length, weights),
        _tier("reasoning", LONG_MODEL, 2 * length, weights),
    ]
    config = _config(tiers, policy=harness.POLICY, **harness.PATIENT)
    with contextlib.ExitStack() as stack:
        started = {
            server.tier.name: _started(stack, python, server, folder) for server in servers(config)
        }
        for tier in started.values():
            _wait_healthy(tier)
        yield Fleet(config=config, tiers=started)


def _started(stack: contextlib.ExitStack, python: Path, server: ModelServer, folder: Path) -> Tier:
    (endpoint,) = server.tier.endpoints
    host, _, port = endpoint.partition(":")
    said = command(server, HARDWARE[Kind.CPU], host=host, port=int(port))
    # Its log is on stdout, where nobody reads.
    quiet = ("/bin/sh", "-c", 'exec nice "$@" >&2', "sh")
    argv = (*quiet, str(python), "-m", MODULE, *said.arguments)
    process = Running(argv, folder / f"{server.tier.name}.log", **said.env)
    return Tier(process=stack.enter_context(process), address=endpoint)


def _wait_healthy(tier: Tier) -> None:
    def healthy() -> bool:
        assert tier.process.process.poll() is None, tier.process.errors()[-4000:]
        return harness._answers(f"http://{tier.address}/health")

    until(healthy, seconds=READY_SECONDS, what="vLLM to be healthy")


@pytest.fixture(scope="session")
def embedder(
    python: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The same model as a server that embeds; its `host:port`."""
    flags = {"runner": "pooling"}
    tier = {
        **_tier("fast", contract.MODEL, contract.MAX_MODEL_LEN, weights),
        "vllm": {"flags": flags},
    }
    (server,) = servers(_config([tier]))
    with contextlib.ExitStack() as stack:
        started = _started(stack, python, server, tmp_path_factory.mktemp("embedder"))
        _wait_healthy(started)
        yield started.address


@pytest.fixture(scope="session")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A simulator started as the fast tier is; its `host:port`."""
    argv = (PYTHON, "-m", "extproc.engines.sim", "--enable-force-include-usage")
    names = ("--served-model-name", contract.MODEL, contract.ALIAS)
    more = ("--max-model-len", str(contract.MAX_MODEL_LEN))
    log = tmp_path_factory.mktemp("sim") / "sim.log"
    with Running((*argv, *names, *more), log) as process:
        yield process.ready()["url"].removeprefix("http://")


@pytest.fixture(scope="session")
def front(fleet: Fleet, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """The shipped bootstrap, with one more access log that a test can read."""
    folder = tmp_path_factory.mktemp("front")
    file = folder / "tiergate.yaml"
    file.write_text(yaml.safe_dump(effective(fleet.config)))
    with contextlib.ExitStack() as stack:
        router = stack.enter_context(harness._router(folder, file, "127.0.0.1:0"))
        said = router.ready()
        bootstrap = render(
            fleet.config,
            gateway="127.0.0.1:0",
            router=said["grpc"],
            services=said["services"],
            envoy_admin="127.0.0.1:0",
        )
        _log_usage(bootstrap, folder / "usage.jsonl")
        stack.enter_context(harness._envoy(folder, bootstrap))
        url = harness._listening(harness._envoy_admin(folder))
        until(lambda: harness._answers(f"{url}/v1/models"), what="the gateway to answer")
        yield Front(address=url.removeprefix("http://"), usage_log=folder / "usage.jsonl")


def _log_usage(bootstrap: dict[str, Any], path: Path) -> None:
    listener = bootstrap["static_resources"]["listeners"][0]
    manager = listener["filter_chains"][0]["filters"][0]["typed_config"]
    kind = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog"
    written = {"@type": kind, "path": str(path), "log_format": {"json_format": _USAGE}}
    logger = {"name": "envoy.access_loggers.file", "typed_config": written}
    manager["access_log"] = [*manager["access_log"], logger]
