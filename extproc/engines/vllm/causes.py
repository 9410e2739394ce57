"""Why a vLLM did not start, as far as its own words tell.

Its last lines are seldom the ones: a process that waited for another says that the other failed.
"""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

_CAUSES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "not enough memory": re.compile(
            r"KV cache is needed, which is larger"
            r"|No available memory for the cache blocks"
            r"|Free memory on device"
            r"|out of memory"
            r"|can't allocate memory",
            re.IGNORECASE,
        ),
        "no such model": re.compile(
            r"is not a local folder and is not a valid model identifier"
            r"|(?i:repository not found)"
            r"|couldn't connect to '[^']*' to load"
            r"|does not appear to have a file named"
            r"|gated repo"
            r"|Unrecognized model in"
        ),
        "max_model_len is more than the model's own": re.compile(
            r"is greater than the derived max_model_len"
        ),
        "the hardware has no such type of number": re.compile(
            r"is only supported on GPUs with compute capability"
        ),
        "the port is taken": re.compile(r"(?i:address already in use)"),
        "vLLM knows no such flag or value": re.compile(r"error: (unrecognized arguments|argument)"),
    }
)
_PREFIX: Final = re.compile(r"^(\(\w+ pid=\d+\) )?((ERROR|INFO|WARNING) \S+ \S+ \[[^]]*\] )?\s*")
_SHOWN: Final = 400


def cause(lines: Iterable[str]) -> str | None:
    """The first known cause that the lines show, with the line that does; None where none does."""
    for line in lines:
        for known, pattern in _CAUSES.items():
            if pattern.search(line):
                return f"{known}: {_PREFIX.sub('', line)[:_SHOWN]}"
    return None
