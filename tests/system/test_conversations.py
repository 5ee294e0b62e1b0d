"""A real Dovecot shows each ticket as one conversation, in the requester's mailbox and in those of the levels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.conversations import OneTicket, bytes_of
from tests.support.desk import TestDesk
from tests.support.dovecot import Dovecot
from tests.support.imap_source import fresh_user

MAILBOXES = {
    "the requester": ("anna@example.org",),
    "Level 1": ("level1@example.com", "alice@example.com", "bob@example.com"),
    "Level 2": ("level2@example.com", "carol@example.com"),
}


def _threads(dovecot: Dovecot, mails: Sequence[EmailMessage], algorithm: str) -> list[object]:
    with dovecot.client(fresh_user()) as client:
        for mail in mails:
            client.append("INBOX", bytes_of(mail))
        client.select_folder("INBOX")
        assert len(client.search()) == len(mails)
        return list(client.thread(algorithm))


@pytest.mark.parametrize("first", [*"sSaZ0", "CA+b"])
@pytest.mark.parametrize("minutes", [0, 7])
def test_a_ticket_is_one_thread(first: str, minutes: int, dovecot: Dovecot, tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, first)
    ticket.play(lambda: desk.clock.set(desk.clock.now() + timedelta(minutes=minutes)))
    desk.close()
    for people in MAILBOXES.values():
        mails = ticket.mailbox(*people)
        for algorithm in ("REFERENCES", "REFS"):
            assert len(_threads(dovecot, mails, algorithm)) == 1, [str(mail["References"]) for mail in mails]


def test_what_came_without_what_was_sent_is_one_thread(dovecot: Dovecot, tmp_path: Path, database_url: str) -> None:
    """Who looks only at the inbox, their own mails in another folder."""
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, "x")
    ticket.play()
    desk.close()
    for people in MAILBOXES.values():
        got = [mail.message for mail in desk.relay.mails if mail.recipient == people[0]]
        assert len(_threads(dovecot, got, "REFS")) == 1


def test_an_answer_by_a_link_of_which_only_the_subject_was_read(
    dovecot: Dovecot, tmp_path: Path, database_url: str
) -> None:
    """The next notice names it, and so Dovecot has it in the thread: all but an answer that no notice followed."""
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, "x", reads_in_reply_to=False)
    ticket.play(lambda: desk.clock.set(desk.clock.now() + timedelta(minutes=7)))
    desk.close()
    mails = ticket.mailbox("anna@example.org")
    assert len(_threads(dovecot, mails, "REFS")) == 1


def test_mails_from_before_join_those_that_name_no_notice_of_their_own(
    dovecot: Dovecot, tmp_path: Path, database_url: str
) -> None:
    """Each notice named itself once; the next one that names it brings it into the thread."""
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, "x")
    ticket.play()
    desk.close()
    mails = ticket.mailbox("anna@example.org")
    old = [mail for mail in mails[:5] if mail["X-Mailgate"]]
    for mail in old:
        mail.replace_header("References", f"{mail['References']} {mail['Message-ID']}")
    assert len(old) == 2
    assert len(_threads(dovecot, mails, "REFERENCES")) == 1
