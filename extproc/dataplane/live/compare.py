"""Two trees of the same message, one written by hand and one printed by Envoy."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

_SECONDS: Final = re.compile(r"-?\d+(\.\d+)?s")
_UNSET: Final = (False, 0, "", "NONE", "STRING", None)
"""What protobuf does not print: a member that has its type's first value."""
_NAMED_ELSEWHERE: Final = "cluster_name"
"""Each proxy has its own names of clusters; whether one leads anywhere is asked separately."""


def differences(wanted: Any, live: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - any JSON
    """A sentence for each place where `live` is not what is wanted."""
    if isinstance(wanted, Mapping) or isinstance(live, Mapping):
        yield from _members(wanted or {}, live or {}, path)
    elif isinstance(wanted, Sequence) and not isinstance(wanted, str):
        yield from _items(wanted, live or [], path)
    elif _plain(wanted) != _plain(live):
        yield f"{path} is {_said(live)}, and should be {_said(wanted)}"


def _members(wanted: Mapping[str, Any], live: Mapping[str, Any], path: str) -> Iterator[str]:
    for key in dict.fromkeys((*wanted, *live)):
        if key != _NAMED_ELSEWHERE:
            yield from differences(wanted.get(key), live.get(key), f"{path}.{key}".lstrip("."))


def _items(wanted: Sequence[Any], live: Sequence[Any], path: str) -> Iterator[str]:
    if len(wanted) != len(live):
        yield f"{path} has {len(live)} entries, and should have {len(wanted)}"
        return
    for place, (ours, theirs) in enumerate(zip(wanted, live, strict=True)):
        yield from differences(ours, theirs, f"{path}[{place}]")


def _plain(value: object) -> object:
    """One spelling of a duration, of a large number, and of what is not set."""
    if isinstance(value, str) and _SECONDS.fullmatch(value):
        return float(value.removesuffix("s"))
    if isinstance(value, list) and not value:
        return None
    if value in _UNSET:
        return None
    return value if isinstance(value, bool) else str(value)


def _said(value: object) -> str:
    return "not set" if value is None else str(value)
