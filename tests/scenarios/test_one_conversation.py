"""Over its whole life a ticket is one conversation in every mailbox, whatever the ids of people's mails look like."""

from __future__ import annotations

import string
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.conversations import OneTicket, conversations_of, open_link, page_of
from tests.support.desk import TestDesk

MAILBOXES = {
    "the requester": ("anna@example.org",),
    "Level 1": ("level1@example.com", "alice@example.com", "bob@example.com"),
    "Level 2": ("level2@example.com", "carol@example.com"),
}
FIRST = (*"sSzZaA09", "CA+b", "SUP-")


def _play(
    folder: Path, database: str, first: str, *, passes: bool = False, reads_in_reply_to: bool = True
) -> OneTicket:
    desk = TestDesk(folder, database=database)
    ticket = OneTicket(desk, first, reads_in_reply_to=reads_in_reply_to)
    try:
        ticket.play((lambda: desk.clock.set(desk.clock.now() + timedelta(minutes=1))) if passes else lambda: None)
        assert [one.state for one in desk.tickets()] == ["finalizing"]
    finally:
        desk.close()
    return ticket


@pytest.mark.parametrize("first", FIRST)
def test_a_ticket_is_one_conversation_in_every_mailbox(first: str, tmp_path: Path, database_url: str) -> None:
    """Not even the clock tells which mail came first: everything happens at one time."""
    ticket = _play(tmp_path, database_url, first)
    for people in MAILBOXES.values():
        mails = ticket.mailbox(*people)
        assert len(conversations_of(mails)) == 1, [str(mail["References"]) for mail in mails]
    for mail in ticket.desk.relay.mails:
        assert mail.message_id not in str(mail.message["References"])


def test_a_ticket_is_one_conversation_as_time_passes(tmp_path: Path, database_url: str) -> None:
    ticket = _play(tmp_path, database_url, "x", passes=True)
    assert [len(conversations_of(ticket.mailbox(*people))) for people in MAILBOXES.values()] == [1, 1, 1]


def test_a_link_of_which_a_program_reads_only_subject_and_body_joins_by_the_next_notice(
    tmp_path: Path, database_url: str
) -> None:
    """Such an answer names no other mail; the notice that it causes names it."""
    ticket = _play(tmp_path, database_url, "x", reads_in_reply_to=False)
    assert [len(conversations_of(ticket.mailbox(*people))) for people in MAILBOXES.values()][1:] == [1, 1]
    mails = ticket.mailbox("anna@example.org")
    alone = {str(mail["Subject"]) for mail in mails if {str(mail["Message-ID"])[1:-1]} in conversations_of(mails)}
    assert all(subject.startswith("Re: Lecteur réseau introuvable [SUP-1 ") for subject in alone)


@pytest.mark.parametrize("letter", [*string.ascii_letters, *string.digits])
def test_the_receipt_stands_behind_the_request(letter: str, tmp_path: Path, database_url: str) -> None:
    """Rule 4: the request came in first, at the same time; the receipt answers it."""
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, letter)
    ticket.write("anna@example.org", "Printer", "It is on fire.")
    ticket.reply("alice@example.com", "Please leave the room.", "level1@example.com", "request")
    receipt, answer = (one.message for one in desk.delivered("anna@example.org"))
    assert _ids(receipt) == (f"<{letter}1@client.example.org>", [f"<{letter}1@client.example.org>"])
    assert _ids(answer) == (receipt["Message-ID"], [f"<{letter}1@client.example.org>", receipt["Message-ID"]])
    desk.close()


def _ids(mail: EmailMessage) -> tuple[str, list[str]]:
    return str(mail["In-Reply-To"]), str(mail["References"]).split()


def test_a_reply_to_a_notice_that_named_itself_is_a_follow_up(tmp_path: Path, database_url: str) -> None:
    """Notices named their own id once; replies to them carry it twice."""
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, "x")
    ticket.write("anna@example.org", "Printer", "It is on fire.")
    mail = desk.answer("anna@example.org", "Still.", desk.last("anna@example.org"))
    own = desk.last("anna@example.org").message_id
    mail.replace_header("References", f"<x1@client.example.org> {own} {own}")
    mail.replace_header("To", "support@example.com")
    mail.replace_header("Subject", "Re: Printer")
    desk.send(mail)
    assert [one.reference for one in desk.tickets()] == ["SUP-1"]
    assert "Still." in desk.last("level1@example.com", "message").text
    desk.close()


def test_a_notice_of_which_a_service_replaced_the_id_keeps_its_conversation(tmp_path: Path, database_url: str) -> None:
    """The signed address brings the first reply home, and the id that it names is known from then on."""
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, "x")
    ticket.write("anna@example.org", "Printer", "It is on fire.")
    replaced = "<0100018c-replaced-000000@eu-west-1.amazonses.com>"
    for to in ("", "support@example.com"):
        mail = desk.answer("anna@example.org", f"Still, {to}.", desk.last("anna@example.org", "receipt"))
        mail.replace_header("In-Reply-To", replaced)
        mail.replace_header("References", f"<x1@client.example.org> {replaced}" if not to else replaced)
        mail.replace_header("To", to or str(mail["To"]))
        mail.replace_header("Subject", "Re: We have received your request")
        desk.clock.set(desk.clock.now() + timedelta(minutes=1))
        desk.send(mail)
    assert [one.reference for one in desk.tickets()] == ["SUP-1"]
    ticket.reply("alice@example.com", "Please leave the room.", "level1@example.com", "message")
    named = str(desk.last("anna@example.org", "answer").message["References"]).split()
    assert named.index(replaced) == 2
    assert named[0] == "<x1@client.example.org>"
    desk.close()


def test_an_answer_link_names_the_notice_and_its_subject(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    ticket = OneTicket(desk, "x")
    ticket.write("anna@example.org", "Lecteur réseau introuvable", "N: is gone.")
    ticket.reply("alice@example.com", "#resolve I have connected it again.", "level1@example.com", "request")
    confirm = desk.last("anna@example.org", "confirm")
    links = [part.partition('"')[0] for part in page_of(confirm).split('href="')[1:] if part.startswith("mailto:")]
    assert len(links) == 2
    for link, option in zip(links, ("resolved", "not fixed"), strict=True):
        fields = open_link(link)
        tag = confirm.reply_to.partition("+")[2].partition("@")[0].replace(".", " ", 1)
        assert fields["to"] == confirm.reply_to
        assert fields["subject"] == f"Re: Lecteur réseau introuvable [{tag}]"
        assert fields["body"] == f"{option}\r\n\r\n"
        assert fields["in-reply-to"] == confirm.message_id
    desk.close()
