"""Which ticket a mail names, in the order of rule 5."""

from __future__ import annotations

from mailgate.core.addressing import read_bounce_token
from mailgate.core.tokens import Token
from mailgate.parsers.message import read_mail
from mailgate.parsers.thread_keys import KeyKind, read_keys

MAC = "abcdefghijklmnop"


def token(number: int, notice: int = 1) -> Token:
    return Token(f"SUP-{number}", notice, MAC)


def test_keys_come_in_the_order_of_the_rule() -> None:
    raw = (
        f"From: jo@x.example\nTo: Support <support+SUP-2.1.{MAC}@example.com>, SUP-3.1.{MAC}@example.com\n"
        f"Cc: support-SUP-4.1.{MAC.upper()}@example.com\nSubject: Re: [SUP-5 1.{MAC}] [SUP-6]\n"
        f"In-Reply-To: <SUP-7.1.{MAC}@example.com>\nReferences: <old@x> <SUP-8.1.{MAC}@example.com>\n\nx"
    ).encode()
    keys = read_keys(read_mail(raw), (f"support+sup-1.1.{MAC}@example.com",))
    assert [(key.how, key.token) for key in keys] == [
        (KeyKind.SIGNED_ADDRESS, token(1)),
        (KeyKind.SIGNED_ADDRESS, token(2)),
        (KeyKind.SIGNED_ADDRESS, token(3)),
        (KeyKind.SIGNED_ADDRESS, token(4)),
        (KeyKind.SIGNED_TAG, token(5)),
        (KeyKind.SIGNED_MESSAGE_ID, token(7)),
        (KeyKind.SIGNED_MESSAGE_ID, token(8)),
        (KeyKind.MESSAGE_ID, None),
        (KeyKind.MESSAGE_ID, None),
        (KeyKind.MESSAGE_ID, None),
        (KeyKind.BARE_TAG, None),
    ]
    assert [key.value for key in keys][-4:] == [
        f"SUP-7.1.{MAC}@example.com", f"SUP-8.1.{MAC}@example.com", "old@x", "SUP-6",
    ]  # fmt: skip


def test_a_bounce_address_is_no_key_but_names_a_notice() -> None:
    recipients = ("support@example.com", f"support+b.SUP-1.2.{MAC}@example.com")
    assert read_keys(read_mail(b"\n\nx"), recipients) == ()
    found = read_bounce_token(recipients)
    assert found == Token("SUP-1", 2, MAC, bounce=True)
    assert read_bounce_token(("support@example.com",)) is None
