"""State that replicas share: in Redis where there is one, in this process where there is not."""

from extproc.state.call import Arg, Call, Operation, Result
from extproc.state.failure import Failure
from extproc.state.memory import Memory
from extproc.state.store import Store, StoreListener

__all__ = ["Arg", "Call", "Failure", "Memory", "Operation", "Result", "Store", "StoreListener"]
