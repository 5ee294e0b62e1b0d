"""Notifies systemd of the daemon's state: READY, STOPPING and the watchdog's heartbeat (sd_notify protocol).

Without systemd nothing is sent and nothing fails.
"""

from __future__ import annotations

import os
import socket


def notify(state: str) -> None:
    """Sends a state such as `READY=1` to the service manager, if one listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.connect(path)
            channel.sendall(state.encode())
        except OSError:
            return


def watchdog_seconds() -> float | None:
    """Returns half the interval in which systemd expects a heartbeat; None where it expects none."""
    wanted = os.environ.get("WATCHDOG_USEC", "")
    return int(wanted) / 2_000_000 if wanted.isdigit() and int(wanted) else None
