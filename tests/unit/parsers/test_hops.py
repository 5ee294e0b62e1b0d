"""The hops of a mail: the servers it came through, where it stayed longest, and Received headers that are hostile."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.parsers.hops import HOPS_LIMIT, NAME_LENGTH, find_longest_stop, read_hops

WRITTEN = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TAKEN = datetime(2026, 11, 23, 8, 10, tzinfo=UTC)
RECEIVED = (
    "from mx1.example.com (mx1.example.com [192.0.2.5]) by imap.example.com (Dovecot) with LMTP id 7 "
    "for <support@example.com>; Mon, 23 Nov 2026 09:09:50 +0100",
    "from mail.c.example (mail.c.example [198.51.100.7]) by mx1.example.com (Postfix) with ESMTPS id 4XY; "
    "Mon, 23 Nov 2026 08:00:03 +0000 (UTC)",
    "from [10.0.0.4] by mail.c.example with ESMTPSA id aa-bb; Mon, 23 Nov 2026 03:00:01 -0500",
)


def test_the_servers_in_the_order_of_time_with_their_delays() -> None:
    hops = read_hops(RECEIVED, left_at=WRITTEN, taken_at=TAKEN, taker="mailgate")
    assert [(hop.origin, hop.server, hop.delay) for hop in hops] == [
        ("[10.0.0.4]", "mail.c.example", timedelta(seconds=1)),
        ("mail.c.example", "mx1.example.com", timedelta(seconds=2)),
        ("mx1.example.com", "imap.example.com", timedelta(minutes=9, seconds=47)),
        ("imap.example.com", "mailgate", timedelta(seconds=10)),
    ]
    assert hops[0].at == WRITTEN + timedelta(seconds=1)
    assert find_longest_stop(hops) == hops[2]


def test_without_received_headers_nothing_is_said() -> None:
    assert read_hops((), left_at=WRITTEN, taken_at=TAKEN, taker="mailgate") == ()
    assert find_longest_stop(()) is None


@pytest.mark.parametrize(
    ("stamp", "delay"),
    [
        ("Mon, 23 Nov 2026 07:59:58 +0000", timedelta(seconds=-3)),  # a clock that is behind
        ("Thu, 01 Jan 1970 00:00:00 +0000", None),  # a clock that was never set
        ("Fri, 23 Nov 2096 08:00:00 +0000", None),
        ("yesterday", None),
        ("", None),
    ],
)
def test_clocks_that_lie_give_no_longest_stop(stamp: str, delay: timedelta | None) -> None:
    early, odd = RECEIVED[2], f"from mail.c.example by mx1.example.com with ESMTP id 1; {stamp}"
    _first, second = read_hops((odd, early))
    assert second.server == "mx1.example.com"
    assert second.delay == delay
    assert find_longest_stop(read_hops((odd, early))) is None


def test_a_hop_without_a_time_counts_for_the_next() -> None:
    hops = read_hops((RECEIVED[0], "from a by b with SMTP id 3", RECEIVED[2]))
    assert [hop.delay for hop in hops] == [None, None, timedelta(minutes=9, seconds=49)]


def test_only_the_last_servers_are_read() -> None:
    hops = read_hops(RECEIVED[:1] * 500, left_at=WRITTEN)
    assert len(hops) == HOPS_LIMIT
    assert hops[0].delay is None, "the server before it was left out"


_TOKENS = ("from ", "by ", "with ", "id ", "for ", "via ", "envelope-from ", "<", ">", "(", ")", "[", "]", "\\", '"',
           ";", "=?utf-8?q?=41?=", "\x00", "\x1b[2J", "\n", "\r\n\r\n", "\udcff", "é", "9" * 40, ":" * 50, "1.1.1.1",
           "Mon, 23 Nov 2026 08:00:00 +0000", "Mon, 99 Nov 99999 99:99:99 +9999", "From: x", "IPv6:")  # fmt: skip


@given(st.lists(st.lists(st.sampled_from(_TOKENS) | st.text(max_size=20), max_size=30).map("".join), max_size=4))
def test_whatever_a_sender_makes_up_is_harmless(received: list[str]) -> None:
    for hop in read_hops(tuple(received), left_at=WRITTEN, taken_at=TAKEN, taker="mailgate"):
        assert len(hop.server) <= NAME_LENGTH
        assert not set(hop.server + hop.origin) & set(" <>()\x1b\n\r\x00")
        assert hop.at is None or hop.at.tzinfo is UTC


def test_hostile_headers_take_bounded_time() -> None:
    pick = random.Random(5)
    begin = time.process_time()
    for token in _TOKENS:
        read_hops(tuple("from a by b " + token * 5_000 + pick.choice(_TOKENS) for _ in range(1_000)))
    assert time.process_time() - begin < len(_TOKENS) * 0.5
