"""Whether an address can be had, asked before anything is started."""

import socket


def check_free(address: str) -> None:
    """OSError where another process listens there, or where this machine has no such address."""
    host, _, port = address.rpartition(":")
    with socket.socket(socket.AF_INET6 if "[" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            raise OSError(f"cannot listen on {address}: {error.strerror}") from error
