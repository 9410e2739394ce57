"""Whether an address can be had, asked before anything is started."""

import socket

from extproc.config import host_port


def check_free(address: str) -> None:
    """OSError where another process listens there, or where this machine has no such address."""
    host, port = host_port(address)
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(f"cannot listen on {address}: {error.strerror}") from error
