"""Limits for each peer of a listener: the connections it has at a time, and the wrong passwords it tries in an hour.

A peer is an IPv4 address, or the IPv6 network of 64 bits around an address, since one machine may use all of those.
Peers that are not known by an IP address (a UNIX socket) have no limits. Use it in one event loop only; nothing here
raises.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from mailgate.core.clock import Clock
from mailgate.core.networks import read_ip

_WINDOW = timedelta(hours=1)  # in which wrong passwords are counted, from the first one
_MOST_PEERS = 10_000  # of which wrong passwords are remembered; beyond that the oldest are forgotten
_IPV6_PREFIX = 64  # bits


class PeerLimits:
    """Counts what each peer does. `connections` and `wrong_passwords` are the most that are allowed to one peer.

    `is_free` tells of an IP address whether any number of connections may come from it: a mail server stands there.
    """

    def __init__(self, *, connections: int, wrong_passwords: int, is_free: Callable[[str], bool], clock: Clock) -> None:
        self._most_connections = connections
        self._most_wrong = wrong_passwords
        self._is_free = is_free
        self._clock = clock
        self._connections: Counter[str] = Counter()
        self._wrong: dict[str, tuple[datetime, int]] = {}  # when the first of them was tried, and how many there are

    def open_connection(self, address: str) -> bool:
        """Counts a new connection, which `close_connection` must end; False, uncounted, where it is one too many."""
        peer = _peer_of(address)
        if peer and not self._is_free(address):
            if self._connections[peer] >= self._most_connections:
                return False
            self._connections[peer] += 1
        return True

    def close_connection(self, address: str) -> None:
        """Ends a connection that was counted."""
        peer = _peer_of(address)
        if self._connections[peer] > 1:
            self._connections[peer] -= 1
        else:
            del self._connections[peer]

    def begin_login(self, address: str) -> bool:
        """Counts a password as wrong before it is examined; False where the peer may not try another one now.

        Counted before, since many connections may try at the same moment.
        """
        peer, now = _peer_of(address), self._clock.now()
        if not peer:
            return True
        since, count = self._wrong.pop(peer, (now, 0))
        if now - since >= _WINDOW:
            since, count = now, 0
        allowed = count < self._most_wrong
        if len(self._wrong) >= _MOST_PEERS:
            del self._wrong[next(iter(self._wrong))]
        self._wrong[peer] = since, count + allowed
        return allowed

    def pass_login(self, address: str) -> None:
        """Takes the last password back: it was right."""
        peer = _peer_of(address)
        if peer in self._wrong:
            since, count = self._wrong[peer]
            self._wrong[peer] = since, count - 1


def _peer_of(address: str) -> str:
    """Returns the name under which an IP address is counted; "" for anything else."""
    read = read_ip(address)
    if isinstance(read, IPv6Address):
        return str(ip_network((read, _IPV6_PREFIX), strict=False))
    return str(read or "")
