"""Tells whether an IP address lies in configured networks. Pure; raises nothing."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network


class Networks:
    """A set of IP networks, as `[trust] networks` names them; each is an address or a network, IPv4 or IPv6."""

    def __init__(self, networks: Iterable[object]) -> None:
        self._networks = tuple(ip_network(str(network), strict=False) for network in networks)

    def include(self, address: str) -> bool:
        """Tells whether an address lies in one of them; False for what is no IP address."""
        read = read_ip(address)
        return read is not None and any(read in network for network in self._networks)


def read_ip(address: str) -> IPv4Address | IPv6Address | None:
    """Reads an IP address, without its scope; an IPv4 address inside an IPv6 one counts as IPv4. None for any other."""
    try:
        read = ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return (isinstance(read, IPv6Address) and read.ipv4_mapped) or read


def is_loopback(address: str) -> bool:
    """Tells whether an address is this machine's own, 127.0.0.0/8 or ::1.

    127.0.0.1 inside an IPv6 address is not: such a packet may come from outside.
    """
    read = read_ip(address)
    return read is not None and read.is_loopback and ("." in address) != (":" in address)
