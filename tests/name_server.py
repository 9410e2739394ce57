"""A name server on a real socket: every name has one address, until it fails."""

import socket
import struct
import threading
from types import TracebackType
from typing import Final, Self

_ANSWER: Final = 0x8180
_SERVFAIL: Final = 0x8182
_A: Final = 1


class NameServer:
    """Answers `A` with `address`, other kinds with nothing; with SERVFAIL while `failing`.

    RFC 1035, section 4: a header of six numbers, the question, the answer that points to it.
    """

    def __init__(self, address: str) -> None:
        self._address = socket.inet_aton(address)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve)
        self.port = int(self._socket.getsockname()[1])
        self.failing = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._socket.sendto(b"", ("127.0.0.1", self.port))
        self._thread.join()
        self._socket.close()

    def _serve(self) -> None:
        while True:
            asked, sender = self._socket.recvfrom(512)
            if not asked:
                return
            self._socket.sendto(self._answer(asked), sender)

    def _answer(self, asked: bytes) -> bytes:
        end = asked.index(b"\0", 12) + 5  # the name ends with a zero; type and class follow
        question = asked[12:end]
        (kind,) = struct.unpack(">H", question[-4:-2])
        known = kind == _A and not self.failing
        flags = _SERVFAIL if self.failing else _ANSWER
        head = asked[:2] + struct.pack(">HHHHH", flags, 1, int(known), 0, 0)
        record = struct.pack(">HHHLH", 0xC00C, _A, 1, 1, 4) + self._address
        return head + question + (record if known else b"")
