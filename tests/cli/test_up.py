"""`tiergate up` for scripts: one line when it serves, one line when it fails, nothing left over."""

import json
import os
import signal
import socket
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import builders
import pytest
from calls import CHAT
from commands import ANY, alive, children, config_file, run, up
from gateway import get
from processes import PYTHON, Running, free_port, until


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config whose simulated tiers answer at once."""
    return config_file(tmp_path_factory.mktemp("config"))


@pytest.fixture
def running(tmp_path: Path, config: Path) -> Iterator[Running]:
    """A stack that was told to start, for a test that ends it."""
    with up(tmp_path / "up.log", "--config", config) as process:
        yield process


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A stack that serves, and what it said when it did."""

    process: Running
    said: Mapping[str, str]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, config: Path) -> Iterator[Stack]:
    """A stack for the tests that leave it as it was."""
    with up(tmp_path_factory.mktemp("up") / "log", "--config", config) as process:
        yield Stack(process=process, said=process.ready())


@pytest.fixture
def taken() -> Iterator[str]:
    """An address where somebody else listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def test_ready_line_tells_a_script_all_it_needs(stack: Stack) -> None:
    """One line of JSON on stdout says that requests can be served, and where."""
    assert {"event", "gateway", "admin"} == set(stack.said)
    assert "ready" == stack.said["event"]


def test_logs_are_json_lines(stack: Stack) -> None:
    """What the parts say on stderr can be read by a machine, line by line."""
    events = [json.loads(line)["event"] for line in stack.process.errors().splitlines()]

    assert {"up", "config_loaded"} <= set(events)


def test_ready_means_ready(running: Running) -> None:
    """The very first request and the very first probe after the line succeed."""
    said = running.ready()
    reply = _ask(said["gateway"])

    assert "chat.completion" == reply["object"]
    assert b"ok\n" == get(f"{said['admin']}/readyz")


def test_given_addresses_are_used(tmp_path: Path, config: Path) -> None:
    """Whoever names a port gets that port."""
    gateway, admin = (f"127.0.0.1:{free_port()}" for _ in range(2))
    arguments = ("--config", config, "--gateway", gateway, "--admin", admin)
    with up(tmp_path / "up.log", *arguments) as process:
        said = process.ready()

    assert (f"http://{gateway}", f"http://{admin}") == (said["gateway"], said["admin"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_told_to_end_it_leaves_nothing_behind(running: Running, number: signal.Signals) -> None:
    """All of its processes end with it, that is a success, and stdout had the one line only."""
    running.ready()
    parts = children(running.process.pid)
    running.send(number)
    status = running.wait()
    assert running.process.stdout is not None
    more = running.process.stdout.read()

    assert (0, b"") == (status, more)
    assert 4 == len(parts)
    assert [] == alive(parts)


def test_told_to_end_while_it_starts_it_leaves_nothing_behind(running: Running) -> None:
    """Nobody has to wait for the start to be able to end it."""
    until(lambda: len(children(running.process.pid)) >= 3, what="the first parts")
    parts = children(running.process.pid)
    running.send(signal.SIGTERM)
    status = running.wait()

    assert 0 == status
    assert [] == alive(parts)


@pytest.mark.parametrize(
    ("part", "command"),
    [
        ("router", "extproc serve"),
        ("fast-0", builders.FAST_MODEL),
        ("envoy", "envoy.yaml"),
    ],
    ids=["router", "tier", "envoy"],
)
def test_part_that_dies_ends_all_and_is_named(running: Running, part: str, command: str) -> None:
    """Half a gateway is worse than none, and the last line says which part it was."""
    running.ready()
    parts = children(running.process.pid)
    (victim,) = (pid for pid, line in parts.items() if command in line)
    os.kill(victim, signal.SIGKILL)
    status = running.wait()

    assert 1 == status
    assert f"tiergate: {part} was ended by signal 9 (Killed)" == running.errors().splitlines()[-1]
    assert [] == alive(parts)


@pytest.mark.parametrize("flag", ["--gateway", "--admin"])
def test_taken_address_is_named(config: Path, taken: str, flag: str) -> None:
    """Nothing is started where an address is somebody else's, and one line says which."""
    rest = ("--admin", ANY) if flag == "--gateway" else ("--gateway", ANY)
    ended = run("up", "--config", config, "--json", *rest, flag, taken)

    assert (1, "") == (ended.status, ended.out)
    assert [f"tiergate: cannot listen on {taken}: Address already in use"] == ended.errors


@pytest.mark.parametrize(
    ("flag", "address"),
    [("--gateway", "nonsense"), ("--admin", "127.0.0.1:99999")],
    ids=["no-port", "no-such-port"],
)
def test_impossible_address_is_a_mistake_of_the_command_line(
    config: Path, flag: str, address: str
) -> None:
    """A mistyped address is explained, not traced back."""
    ended = run("up", "--config", config, flag, address)

    assert 2 == ended.status
    assert f"argument {flag}: {address!r} is not HOST:PORT" in ended.errors[-1]


@pytest.mark.parametrize(
    ("sections", "line"),
    [
        ({"tires": []}, "Object contains unknown field `tires`"),
        ({"server": {"lisen": ANY}}, "$.server: Object contains unknown field `lisen`"),
        (
            {"policy": {"fixed": "medium"}},
            "$.policy.fixed: no tier is called 'medium'; there are: fast, reasoning",
        ),
    ],
    ids=["key", "nested-key", "policy"],
)
def test_bad_config_is_named_by_its_key(
    tmp_path: Path, sections: dict[str, object], line: str
) -> None:
    """Nothing is started with a config that is wrong, and one line says where it is."""
    file = config_file(tmp_path, **sections)
    ended = run("up", "--config", file, "--gateway", ANY, "--admin", ANY)

    assert (2, [f"tiergate: {line}"]) == (ended.status, ended.errors)


def test_missing_config_is_named(tmp_path: Path) -> None:
    """A file that is not there is named in one line."""
    file = tmp_path / "nowhere.yaml"
    ended = run("up", "--config", file)

    assert 2 == ended.status
    assert [f"tiergate: cannot read {file}: No such file or directory"] == ended.errors


def test_missing_envoy_comes_with_the_remedy(tmp_path: Path, config: Path) -> None:
    """Where Envoy is not installed, one line says how to get it.

    A package of the same name hides the installed one, and PATH leads nowhere.
    """
    (tmp_path / "envoy").mkdir()
    (tmp_path / "envoy" / "__init__.py").touch()
    hidden = {**os.environ, "PYTHONPATH": str(tmp_path), "PATH": str(tmp_path)}
    ended = run("up", "--config", config, "--gateway", ANY, "--admin", ANY, environment=hidden)
    (line,) = ended.errors

    assert 2 == ended.status
    assert "pip install 'tiergate[local]'" in line


def test_envoy_that_ends_is_quoted(tmp_path: Path, config: Path) -> None:
    """Where Envoy does not come up, the last line holds Envoy's own last word."""
    (tmp_path / "envoy").mkdir()
    (tmp_path / "envoy" / "__init__.py").touch()
    program = tmp_path / "bin" / "envoy"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho no memory left >&2\nexit 3\n")
    program.chmod(0o755)
    stub = {**os.environ, "PYTHONPATH": str(tmp_path), "PATH": f"{program.parent}:/bin:/usr/bin"}

    ended = run("up", "--config", config, "--gateway", ANY, "--admin", ANY, environment=stub)

    assert 1 == ended.status
    last = "tiergate: envoy did not get ready: envoy ended with status 3: no memory left"
    assert last == ended.errors[-1]


def test_engine_none_starts_beside_tiers_that_are_away(tmp_path: Path) -> None:
    """Replicas that are somebody else's may come later; until then a request is told so."""
    tiers = [{"name": "fast", "model": builders.FAST_MODEL, "endpoints": ["127.0.0.1:9"]}]
    file = config_file(tmp_path, tiers=tiers, policy={"fixed": "fast"})
    with up(tmp_path / "up.log", "--config", file, "--engine", "none") as process:
        url = process.ready()["gateway"]
        with pytest.raises(urllib.error.HTTPError) as caught:
            _ask(url)

    assert 503 == caught.value.code
    caught.value.close()


def test_engine_none_leaves_the_tiers_to_the_config(tmp_path: Path) -> None:
    """Requests go to the endpoints that the config names, and no tier is started."""
    names = ("--served-model-name", builders.FAST_MODEL, "auto")
    simulator = (PYTHON, "-m", "extproc.engines.sim", *names)
    with Running(simulator, tmp_path / "tier.log") as tier:
        address = tier.ready()["url"].removeprefix("http://")
        tiers = [{"name": "fast", "model": builders.FAST_MODEL, "endpoints": [address]}]
        file = config_file(tmp_path, tiers=tiers, policy={"fixed": "fast"})
        with up(tmp_path / "up.log", "--config", file, "--engine", "none") as process:
            reply = _ask(process.ready()["gateway"])
            parts = children(process.process.pid)

    assert builders.FAST_MODEL == reply["model"]
    assert 2 == len(parts)


def _ask(url: str) -> dict[str, object]:
    """The body of a chat completion, which must be a success."""
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(f"{url}{CHAT}", builders.chat(), headers)  # noqa: S310
    with urllib.request.urlopen(request, timeout=30) as response:  # noqa: S310 - loopback
        body: dict[str, object] = json.load(response)
    return body
