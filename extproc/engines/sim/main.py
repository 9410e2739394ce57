"""The command: flags in, one line of JSON when the replica is ready, clean end on a signal."""

import argparse
import asyncio
import signal
import sys
from typing import Final, TextIO

from extproc.engines.sim import settings as defaults, sse
from extproc.engines.sim.profiles import PROFILES
from extproc.engines.sim.server import Server
from extproc.engines.sim.settings import Settings

_FAILED: Final = 1
_MISUSED: Final = 2
_MAX_PORT: Final = 65535


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the flags of a simulated replica; those vLLM has too are spelt as vLLM's."""
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=_port, default=0, help="port to listen on, 0 for any")
    parser.add_argument(
        "--served-model-name",
        nargs="+",
        required=True,
        metavar="NAME",
        help="names that are answered; responses carry the first",
    )
    parser.add_argument("--seed", type=int, default=0, help="fixes the answers and the faults")
    _add_time_arguments(parser)
    _add_engine_arguments(parser)


async def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM; the status is 0, 1 (cannot listen) or 2 (bad argument)."""
    try:
        server = Server(settings_of(arguments))
    except ValueError as error:
        sys.stderr.write(f"tiergate sim: {error}\n")
        return _MISUSED
    async with server:
        return await _serve(server, arguments.host, arguments.port)


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= _MAX_PORT:
        raise argparse.ArgumentTypeError(f"a port is in 0-{_MAX_PORT}, not {port}")
    return port


def _add_time_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--profile", choices=sorted(PROFILES), default="instant", help="latency profile"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="divides every simulated duration")
    parser.add_argument(
        "--startup-seconds", type=float, default=0.0, help="time until the replica is ready"
    )


def _add_engine_arguments(parser: argparse.ArgumentParser) -> None:
    for flag, value, what in (
        ("--max-model-len", defaults.DEFAULT_MAX_MODEL_LEN, "context length in tokens"),
        ("--max-num-seqs", defaults.DEFAULT_MAX_NUM_SEQS, "sequences that run at once"),
        ("--max-num-batched-tokens", defaults.DEFAULT_MAX_NUM_BATCHED_TOKENS, "tokens in a step"),
        ("--block-size", defaults.DEFAULT_BLOCK_SIZE, "tokens in a KV block"),
    ):
        parser.add_argument(flag, type=int, default=value, help=what)
    parser.add_argument("--num-gpu-blocks", type=int, help="KV blocks; the profile's if not given")
    parser.add_argument(
        "--max-waiting", type=int, help="queued requests beyond which 503 is answered"
    )
    parser.add_argument(
        "--enable-prefix-caching",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="reuse KV blocks of equal beginnings",
    )
    parser.add_argument(
        "--enable-force-include-usage",
        action="store_true",
        help="end every stream with its usage",
    )


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings that the flags describe; raises ValueError for impossible ones."""
    profile = PROFILES[arguments.profile]
    blocks = arguments.num_gpu_blocks
    return Settings(
        served_model_names=tuple(arguments.served_model_name),
        profile=profile,
        num_gpu_blocks=profile.num_gpu_blocks if blocks is None else blocks,
        speed=arguments.speed,
        max_model_len=arguments.max_model_len,
        max_num_seqs=arguments.max_num_seqs,
        max_num_batched_tokens=arguments.max_num_batched_tokens,
        block_size=arguments.block_size,
        max_waiting=arguments.max_waiting,
        enable_prefix_caching=arguments.enable_prefix_caching,
        enable_force_include_usage=arguments.enable_force_include_usage,
        seed=arguments.seed,
        startup_seconds=arguments.startup_seconds,
    )


async def _serve(server: Server, host: str, port: int) -> int:
    stopping = _stop_signal()
    try:
        url = await server.start(
            host,
            port,
            on_ready=lambda url: _say(sys.stdout, "ready", url),
            on_end=stopping.set,
        )
    except OSError as error:
        sys.stderr.write(f"tiergate sim: cannot listen: {error}\n")
        return _FAILED
    _say(sys.stderr, "listening", url)
    await stopping.wait()
    _say(sys.stderr, "stopping", url)
    return 0


def _stop_signal() -> asyncio.Event:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    return stopping


def _say(stream: TextIO, event: str, url: str) -> None:
    stream.write(sse.encode({"event": event, "url": url}).decode() + "\n")
    stream.flush()
