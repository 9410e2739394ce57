"""The whole gateway on one machine, as child processes of one supervisor."""

from extproc.stack.child import ChildError
from extproc.stack.engines import Engine, Simulator
from extproc.stack.reporting import Reporter, reporter_for
from extproc.stack.supervisor import Options, Stack
from extproc.stack.vllm import Vllm

__all__ = [
    "ChildError",
    "Engine",
    "Options",
    "Reporter",
    "Simulator",
    "Stack",
    "Vllm",
    "reporter_for",
]
