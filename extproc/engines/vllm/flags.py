"""From a config to vLLM's command line: the one place where its flags are written.

`tiergate up`, `tiergate render vllm`, Helm and the docs all show what this function says.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from extproc.config import ModelServer
from extproc.engines.vllm.hardware import GIB, Hardware

MODULE: Final = "vllm.entrypoints.openai.api_server"
"""The server as a module: the `vllm` command is not there in every distribution of it."""
_QUIET: Final = {
    # Statistics go to a third party unless told otherwise.
    "VLLM_NO_USAGE_STATS": "1",
    "DO_NOT_TRACK": "1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What starts one vLLM: `arguments` for the module, `env` besides the machine's own."""

    arguments: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)


def command(server: ModelServer, hardware: Hardware, *, host: str, port: int) -> Command:
    """How to start `server` on a machine of that kind, to listen on `host` and `port`."""
    words = (
        *_identity(server, host, port),
        *_size(server, hardware),
        *_contract(),
        *_conversation(server),
        *hardware.more,
        *_others(server),
    )
    return Command(arguments=words, env={**_QUIET, **hardware.env, **server.tier.vllm.env})


def _identity(server: ModelServer, host: str, port: int) -> Iterator[str]:
    """The weights, every name that a request may give, and the socket."""
    yield from ("--model", server.weights)
    yield from ("--served-model-name", *server.names)
    yield from ("--host", host, "--port", str(port))


def _size(server: ModelServer, hardware: Hardware) -> Iterator[str]:
    """Length, memory and batch: what must fit the card."""
    tier, own = server.tier, server.tier.vllm
    yield from ("--max-model-len", str(tier.max_model_len))
    yield from ("--dtype", own.dtype or hardware.dtype)
    yield from _memory(server, hardware)
    yield from ("--max-num-seqs", str(own.max_num_seqs or hardware.max_num_seqs))
    batched = own.max_num_batched_tokens or hardware.max_num_batched_tokens
    if batched is not None:
        yield from ("--max-num-batched-tokens", str(batched))
    if own.max_num_queued_reqs is not None:
        yield from ("--max-num-queued-reqs", str(own.max_num_queued_reqs))
    if own.tensor_parallel_size > 1:
        yield from ("--tensor-parallel-size", str(own.tensor_parallel_size))


def _memory(server: ModelServer, hardware: Hardware) -> Iterator[str]:
    own = server.tier.vllm
    if own.kv_cache_gib is not None:
        yield from ("--kv-cache-memory-bytes", str(int(own.kv_cache_gib * GIB)))
    elif own.gpu_memory_utilization is not None:
        yield from ("--gpu-memory-utilization", f"{own.gpu_memory_utilization:g}")
    else:
        yield from (f"--{hardware.memory_flag}", f"{hardware.memory:.12g}")


def _contract() -> Iterator[str]:
    """What the gateway relies on."""
    # Token counts reach the access log from every stream, whatever the client asked for.
    yield "--enable-force-include-usage"
    yield "--enable-prompt-tokens-details"
    yield "--enable-prefix-caching"
    # Envoy asks /health every two seconds, and has an access log of its own.
    yield "--disable-uvicorn-access-log"
    # Prompts are not logged.
    yield "--no-enable-log-requests"


def _conversation(server: ModelServer) -> Iterator[str]:
    own = server.tier.vllm
    if own.tool_call_parser is not None:
        yield from ("--enable-auto-tool-choice", "--tool-call-parser", own.tool_call_parser)
    if own.reasoning_parser is not None:
        yield from ("--reasoning-parser", own.reasoning_parser)
    if own.chat_template is not None:
        yield from ("--chat-template", own.chat_template)


def _others(server: ModelServer) -> Iterator[str]:
    for name, value in server.tier.vllm.flags.items():
        if value is True:
            yield f"--{name}"
        elif value is False:
            yield f"--no-{name}"
        else:
            yield from (f"--{name}", str(value))
