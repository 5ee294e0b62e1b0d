"""The limits of one peer of a listener: connections at a time, and wrong passwords within an hour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailgate.core.clock import HandClock
from mailgate.transport.smtp.peer_limits import PeerLimits

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _limits(clock: HandClock | None = None) -> PeerLimits:
    def is_free(address: str) -> bool:
        return address == "10.0.0.1"

    return PeerLimits(connections=2, wrong_passwords=3, is_free=is_free, clock=clock or HandClock(NOON))


@pytest.mark.parametrize(
    ("addresses", "opened"),
    [
        (["192.0.2.1"] * 3, [True, True, False]),
        (["192.0.2.1", "192.0.2.2", "192.0.2.1", "192.0.2.1"], [True, True, True, False]),
        (["2001:db8::1", "2001:db8::2", "2001:db8::3", "2001:db8:0:1::1"], [True, True, False, True]),
        (["192.0.2.1", "::ffff:192.0.2.1", "192.0.2.1"], [True, True, False]),
        (["fe80::1%eth0", "fe80::2%eth0", "fe80::3"], [True, True, False]),
        (["10.0.0.1"] * 5, [True] * 5),
        ([""] * 5, [True] * 5),
    ],
    ids=["one address", "two addresses", "one IPv6 network", "IPv4 in IPv6", "scopes", "free", "a UNIX socket"],
)
def test_connections_of_one_peer_are_bounded(addresses: list[str], opened: list[bool]) -> None:
    limits = _limits()
    assert [limits.open_connection(address) for address in addresses] == opened


def test_a_closed_connection_makes_room_for_another() -> None:
    limits = _limits()
    for _ in range(5):
        assert limits.open_connection("192.0.2.1")
        assert limits.open_connection("192.0.2.1")
        limits.close_connection("192.0.2.1")
        limits.close_connection("192.0.2.1")


def test_wrong_passwords_are_bounded_until_the_hour_is_over() -> None:
    clock = HandClock(NOON)
    limits = _limits(clock)
    assert [limits.begin_login("192.0.2.1") for _ in range(5)] == [True, True, True, False, False]
    assert limits.begin_login("192.0.2.9")
    clock.advance(timedelta(minutes=59))
    assert not limits.begin_login("192.0.2.1")
    clock.advance(timedelta(minutes=1))
    assert limits.begin_login("192.0.2.1")


def test_a_right_password_does_not_count_and_forgives_none() -> None:
    limits = _limits()
    for _ in range(10):
        assert limits.begin_login("192.0.2.1")
        limits.pass_login("192.0.2.1")
    assert [limits.begin_login("192.0.2.1") for _ in range(2)] == [True, True]
    assert limits.begin_login("192.0.2.1")
    limits.pass_login("192.0.2.1")
    assert [limits.begin_login("192.0.2.1") for _ in range(2)] == [True, False]


def test_the_memory_of_wrong_passwords_is_bounded() -> None:
    limits = _limits()
    for number in range(11_000):
        limits.begin_login(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limits._wrong) <= 10_000
