"""Real vLLM servers as children, by a stand-in for vLLM that takes no minutes."""

import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import fake_vllm
import pytest
from builders import config, tiers
from processes import free_port

from extproc.config import ModelServer, servers
from extproc.engines.vllm.environment import VllmError
from extproc.engines.vllm.hardware import Kind
from extproc.stack.child import Child, ChildError
from extproc.stack.vllm import Vllm


def server(folder: Path, **fields: Any) -> ModelServer:  # noqa: ANN401
    """The reasoning tier's server, which loads what lies in `folder`, on a free port."""
    endpoint = f"127.0.0.1:{free_port()}"
    common = {"weights": str(folder / "weights"), "endpoints": [endpoint]}
    return servers(config(tiers=tiers(**{**common, **fields})))[-1]


@asynccontextmanager
async def started(folder: Path, script: str, **fields: Any) -> AsyncIterator[str]:  # noqa: ANN401
    """The address of a server whose program is `script`, once it is ready."""
    fake_vllm.weights(folder / "weights")
    python = fake_vllm.program(folder / "python", script)
    one = server(folder, **fields)
    (endpoint,) = one.tier.endpoints
    engine = Vllm(python, Kind.CPU)
    launch = engine.launch(one, endpoint)
    child = await Child.start(
        "it", launch.argv, lambda *_: None, env=launch.env, announces=launch.announces
    )
    try:
        yield await engine.ready(one, endpoint, child)
    finally:
        await child.stop(1)


async def test_a_server_is_ready_when_it_is_healthy(tmp_path: Path) -> None:
    """It listens where the config says, and what it prints holds nobody up."""
    async with started(tmp_path, fake_vllm.server(sys.executable)) as address:
        host, _, port = address.partition(":")
        with socket.create_connection((host, int(port))) as client:
            peer = client.getpeername()

    assert (host, int(port)) == peer


async def test_a_server_that_ends_leaves_its_cause_and_its_last_lines(tmp_path: Path) -> None:
    """The known cause first, though others wrote after it."""
    script = fake_vllm.shell(
        "for i in 1 2 3 4 5 6 7 8 9; do echo step $i; done; "
        "echo 'torch: out of memory'; echo see above >&2; exit 1"
    )

    with pytest.raises(ChildError) as caught:
        async with started(tmp_path, script):
            pass

    first, title, *lines = str(caught.value).splitlines()
    assert "it ended before it was ready: not enough memory: torch: out of memory" == first
    assert ("  its last lines:", 8) == (title, len(lines))
    assert "    see above" in lines


async def test_a_server_that_is_never_healthy_is_given_up(tmp_path: Path) -> None:
    """After the time that the tier gives it; a cause that is not known is not made up."""
    script = fake_vllm.shell("echo thinking; exec sleep 60")

    with pytest.raises(ChildError) as caught:
        async with started(tmp_path, script, vllm={"ready_seconds": 0.8}):
            pass

    assert "it was not ready within 0.8 s\n  its last lines:\n    thinking" == str(caught.value)


async def test_a_server_that_says_nothing_is_given_up_too(tmp_path: Path) -> None:
    """Then there are no lines to show."""
    with pytest.raises(ChildError) as caught:
        async with started(tmp_path, fake_vllm.shell("exec sleep 60"), vllm={"ready_seconds": 0.1}):
            pass

    assert "it was not ready within 0.1 s" == str(caught.value)


async def test_an_unhealthy_answer_is_not_enough(tmp_path: Path) -> None:
    """A server that listens and says 503 is loading still."""
    script = fake_vllm.server(sys.executable).replace("200 if", "503 if")

    with pytest.raises(ChildError, match=r"it was not ready within 1\.5 s"):
        async with started(tmp_path, script, vllm={"ready_seconds": 1.5}):
            pass


def test_a_taken_port_is_found_before_the_server_starts(tmp_path: Path) -> None:
    """The config says where a tier is, so it cannot be elsewhere."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(OSError, match=f"cannot listen on {address}: Address already in use"):
            Vllm(tmp_path, Kind.CPU).launch(server(tmp_path), address)


@pytest.mark.parametrize("weights", ["/no/such/folder", "./nothing", "../nothing", "~/nothing"])
def test_a_folder_without_a_model_is_found_before_the_server_starts(
    weights: str, tmp_path: Path
) -> None:
    """It would be looked for on a hub, for minutes."""
    with pytest.raises(VllmError, match="is not a model's folder"):
        Vllm(tmp_path, Kind.CPU).launch(server(tmp_path, weights=weights), "127.0.0.1:0")


def test_a_hubs_id_is_left_to_vllm(tmp_path: Path) -> None:
    """Whether a hub has it, nobody knows beforehand."""
    said = Vllm(tmp_path, Kind.CPU).launch(server(tmp_path, weights="a/b"), "127.0.0.1:0")

    assert "a/b, vLLM" == said.what


def test_an_address_of_six_loses_its_brackets(tmp_path: Path) -> None:
    """They belong to the address, not to the host."""
    said = Vllm(tmp_path, Kind.CPU).launch(server(tmp_path, weights="a/b"), "[::1]:0")

    assert ("::1", "0") == (
        said.argv[said.argv.index("--host") + 1],
        said.argv[said.argv.index("--port") + 1],
    )


@pytest.mark.parametrize(("kind", "together"), [(Kind.CPU, True), (Kind.T4, False)])
def test_servers_on_one_card_start_one_after_the_other(
    kind: Kind, together: bool, tmp_path: Path
) -> None:
    """Each measures what memory is left when it starts."""
    assert together is Vllm(tmp_path, kind).together
