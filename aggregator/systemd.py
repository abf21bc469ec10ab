"""Tell systemd how the daemon is (sd_notify(3)); nothing happens where it did not ask."""

import os
import socket


def notify(state: str) -> None:
    """Send a state: READY=1, WATCHDOG=1, STOPPING=1."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        try:
            channel.sendto(state.encode(), address)
        except OSError:
            return  # nobody listens any more; that is for systemd to notice
