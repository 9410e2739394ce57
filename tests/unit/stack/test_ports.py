"""Whether an address can be had."""

import socket

import pytest

from extproc.stack.ports import check_free


@pytest.mark.parametrize("address", ["127.0.0.1:0", "[::1]:0"])
def test_a_free_address_is_fine(address: str) -> None:
    """Of either family."""
    check_free(address)


def test_a_taken_address_is_an_os_error() -> None:
    """With the address in the message, which the system leaves out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(OSError, match=f"cannot listen on {address}: Address already in use"):
            check_free(address)


def test_an_address_of_another_machine_is_an_os_error() -> None:
    """It could never be listened on here."""
    with pytest.raises(OSError, match=r"cannot listen on 192\.0\.2\.1:0: Cannot assign"):
        check_free("192.0.2.1:0")
