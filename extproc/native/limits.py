"""What bounds a connection. Nothing here is infinite, because the peer's bytes are not trusted."""

from dataclasses import dataclass

MESSAGE_PREFIX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one connection, in bytes where nothing else is said.

    `message` is the longest gRPC message. `held` is what all unfinished messages together may
    hold: the call that would pass it is refused, so that those that are nearly whole can end.
    `unsent` is the same for answers that wait for the peer's credit. `block` is the longest header
    block, compressed and not. `burst` and `per_second` bound frames that serve nobody.
    """

    message: int
    streams: int = 2048
    block: int = 16 << 10
    held: int = 64 << 20
    unsent: int = 64 << 20
    window: int = 16 << 20
    burst: int = 8192
    per_second: int = 1024

    @property
    def stream_window(self) -> int:
        """Room for one whole message, so that it never waits for more credit (6.9.2)."""
        return max(self.message + MESSAGE_PREFIX, 65_535)
