"""The whole gateway on one machine, as child processes of one supervisor."""

from extproc.stack.child import ChildError
from extproc.stack.reporting import Reporter, reporter_for
from extproc.stack.supervisor import Options, Stack

__all__ = ["ChildError", "Options", "Reporter", "Stack", "reporter_for"]
