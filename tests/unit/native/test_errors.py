"""Tests of extproc.native.errors."""

from extproc.errors import TiergateError
from extproc.native.errors import CallFault, ConnectionFault, ErrorCode, Status, StreamFault


def test_faults_say_where_and_what() -> None:
    """Each is of the project's family, so that nobody takes it for a bug."""
    faults = (
        ConnectionFault(ErrorCode.PROTOCOL_ERROR, "no"),
        StreamFault(3, ErrorCode.CANCEL),
        CallFault(Status.INTERNAL, "oh"),
    )

    assert all(isinstance(fault, TiergateError) for fault in faults)
    assert ["no", "stream 3: CANCEL", "oh"] == [str(fault) for fault in faults]
