"""Reading MAIL and RCPT arguments, whatever stands there."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.transport.smtp.envelope_paths import PathRejection, SenderPath, read_recipient, read_sender

WORDS = ("FROM:", "TO:", "<", ">", "a", "@", ".", "b.example", '"', "\\", " ", "\t", "\0", "\x1b", "é", "\udcff", ":")
PIECES = st.lists(st.sampled_from(WORDS)).map("".join)


@given(PIECES, st.booleans())
def test_nothing_raises_and_nothing_unclean_passes(argument: str, smtputf8: bool) -> None:
    sender = read_sender("FROM:" + argument)
    recipient = read_recipient("TO:" + argument, smtputf8)
    for address in (sender.address if isinstance(sender, SenderPath) else "", recipient):
        if isinstance(address, str):
            assert not set(address) & set("\0\x1b\t\udcff")
    for refusal in (sender, recipient):
        if isinstance(refusal, PathRejection):
            assert refusal.reply[:3] in ("501", "553", "555")
            assert refusal.reply.isascii()


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("FROM:<>", SenderPath("")),
        ("from: <jo@x.example> size=12 smtputf8", SenderPath("jo@x.example", 12, True)),
        ("FROM:jo@x.example", SenderPath("jo@x.example")),
        ('FROM:<"jo > smith"@x.example>', SenderPath('"jo > smith"@x.example')),
        ("FROM:<@relay.example:jo@x.example>", SenderPath("jo@x.example")),
        ("FROM:<root>", SenderPath("root")),
    ],
)
def test_senders(argument: str, expected: SenderPath) -> None:
    assert read_sender(argument) == expected


@pytest.mark.parametrize(
    "argument",
    ["TO:<>", "TO:", "TO:<a>", "TO:<a b@c.example>", "TO:<a@b@c>", "TO:<a@>", "TO:<@b>", "TO:<a@b..c>", "FROM:<a@b>"],
)
def test_no_recipients(argument: str) -> None:
    assert isinstance(read_recipient(argument, smtputf8=False), PathRejection)
