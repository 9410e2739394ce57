"""Learns the id of a response, by which the next turn will name the conversation.

Each turn of `/v1/responses` has an id of its own and names the one before it. vLLM keeps responses
in the memory of one replica, so the next turn must find both the tier and the replica.
"""

import re
from collections.abc import Callable, Mapping
from typing import Final

from typing_extensions import override

from extproc.exchange import Watcher
from extproc.headers import SERVED_BY

_OK: Final = 200
_FAR: Final = 4096
"""Bytes in which the id must stand: it comes before anything that the model has said."""
_ID: Final = re.compile(rb'"id"\s*:\s*"(resp_[A-Za-z0-9_-]{1,128})"')


class Following(Watcher):
    """Calls `learn` at most once, with the id and the tier that truly answered."""

    def __init__(self, learn: Callable[[str, str], None]) -> None:
        self._learn = learn
        self._tier = ""
        self._head = b""
        self._looks = False

    @override
    def began(self, status: int, headers: Mapping[str, str]) -> bool:
        """Whether it can be read."""
        self._tier = headers.get(SERVED_BY, "")
        plain = headers.get("content-encoding", "identity") == "identity"
        self._looks = status == _OK and plain and bool(self._tier)
        return self._looks

    @override
    def came(self, piece: bytes, *, last: bool) -> Mapping[str, float]:
        """Look at the beginning, and at nothing after it."""
        if self._looks:
            self._head = (self._head + piece)[:_FAR]
            found = _ID.search(self._head)
            if found is not None:
                self._learn(found[1].decode(), self._tier)
            self._looks = found is None and len(self._head) < _FAR
        return {}

    @override
    def ended(self) -> None:
        """What was not found by now has no id."""
        self._looks = False
