"""Notifies systemd of the daemon's state (sd_notify) and takes the sockets that it passes (sd_listen_fds).

Without systemd nothing is sent, nothing is passed and nothing fails.
"""

from __future__ import annotations

import os
import socket
import time
from contextlib import suppress

_FIRST = 3  # SD_LISTEN_FDS_START


def notify(*states: str) -> None:
    """Sends states such as `READY=1` to the service manager, if one listens."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    path = "\0" + address[1:] if address.startswith("@") else address
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        try:
            channel.connect(path)
            channel.sendall("\n".join(states).encode())
        except OSError:
            return


def notify_reloading() -> None:
    """Announces a reload, as Type=notify-reload wants it: with the time, in microseconds; READY=1 ends it."""
    notify("RELOADING=1", f"MONOTONIC_USEC={time.monotonic_ns() // 1000}")


def take_passed_sockets() -> tuple[socket.socket, ...]:
    """Returns the listening sockets that systemd passed to this process, once: a child must not take them again."""
    process, count = os.environ.pop("LISTEN_PID", ""), os.environ.pop("LISTEN_FDS", "")
    if process != str(os.getpid()) or not count.isdigit():
        return ()
    taken: list[socket.socket] = []
    for number in range(_FIRST, _FIRST + int(count)):
        with suppress(OSError):  # no socket: a file that the unit opened
            os.set_inheritable(number, False)
            taken.append(socket.socket(fileno=number))
    return tuple(taken)
