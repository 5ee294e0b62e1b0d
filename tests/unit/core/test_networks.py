"""IP addresses in configured networks."""

from __future__ import annotations

import pytest

from mailgate.core.networks import Networks, is_loopback


@pytest.mark.parametrize(
    ("address", "included"),
    [
        ("192.0.2.7", True),
        ("192.0.3.7", False),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::5", True),
        ("2001:db8::5%eth0", True),
        ("2001:db9::5", False),
        ("198.51.100.1", True),
        ("198.51.100.2", False),
        ("", False),
        ("mail.example.com", False),
    ],
)
def test_networks_include_addresses_of_both_kinds(address: str, included: bool) -> None:
    assert Networks(["192.0.2.0/24", "2001:db8::/32", "198.51.100.1"]).include(address) is included


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", False),
        ("192.0.2.1", False),
        ("fe80::1%lo", False),
        ("", False),
    ],
)
def test_loopback_is_this_machine_alone(address: str, local: bool) -> None:
    assert is_loopback(address) is local
