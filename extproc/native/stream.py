"""One stream: RFC 9113, section 5.1, as far as a server that pushes nothing can see it.

open                 headers came; messages come and are answered
half-closed (remote) `peer_done`: nothing more comes, answers may still wait for credit
half-closed (local)  our trailers went, the peer has not ended: `connection` knows its number
closed               its number alone is known, and for a while
"""

from extproc.native.errors import ErrorCode, StreamFault
from extproc.native.flow import Intake
from extproc.native.limits import Limits
from extproc.native.messages import MessageReader


class Stream:
    """What is known of one call.

    `credit` is what the peer still allows us to send, `unsent` what waits for more, `trailers` the
    block that ends it; `begun` and `ended` say that our first and last headers went; `expected` is
    how much of its content-length is to come, or None where it has none.
    """

    __slots__ = (
        "begun",
        "credit",
        "ended",
        "expected",
        "id",
        "intake",
        "messages",
        "peer_done",
        "trailers",
        "unsent",
    )

    def __init__(self, number: int, limits: Limits, expected: int | None) -> None:
        self.id = number
        self.intake = Intake(number, limits.stream_window)
        self.messages = MessageReader(limits.message)
        self.expected = expected
        self.credit = 0
        self.unsent = bytearray()
        self.trailers: bytes | None = None
        self.begun = False
        self.ended = False
        self.peer_done = False

    @property
    def answered(self) -> bool:
        """Whether all that will be said on it is settled."""
        return self.trailers is not None

    def count(self, size: int, *, last: bool) -> None:
        """So many bytes came; StreamFault where content-length says otherwise (8.1.1)."""
        if self.expected is None:
            return
        self.expected -= size
        if self.expected < 0 or (last and self.expected):
            raise StreamFault(self.id, ErrorCode.PROTOCOL_ERROR)
