"""Several queues in one daemon: for which of them a mail is, by envelope, delivery headers, To, or the mailbox."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.config import Settings, read_config
from mailgate.config.people import People
from mailgate.core.mail import AuthResult
from mailgate.inbound.routing import Router
from mailgate.inbound.sender import TrustedSenders
from mailgate.parsers import read_mail
from tests.support.desk import CONFIG, TestDesk

BOTH = ("network@net.example", "support@example.com")
TOKEN = "SUP-1.2.k7q2abcdefghijkl"
NETWORK = '[queues.network]\naddress = "network@net.example"\nlevels.level1.mailbox = "l1@net.example"\n'


def settings(folder: Path, reply_address: str = "plus", trust: str = "") -> Settings:
    (folder / "secret").write_text("a key that only the tests know\n")
    desk = CONFIG.replace("[desk]", f'[desk]\nreply_address = "{reply_address}"')
    path = folder / "mailgate.toml"
    path.write_text(f"{desk}\n{NETWORK}\n{trust}")
    return read_config(path)


def router(folder: Path, reply_address: str = "plus") -> Router:
    read = settings(folder, reply_address)
    return Router(read, People(read))


def trusted_senders(folder: Path, trust: str = "") -> TrustedSenders:
    read = settings(folder, trust=trust)
    return TrustedSenders(read, People(read))


def recipients(found: Router, headers: str, envelope: tuple[str, ...] = (), enveloped: bool = False) -> tuple[str, ...]:
    mail = read_mail(f"{headers}From: anna@example.org\nSubject: x\n\nWord does not start.\n".encode())
    return found.recipients_of(mail, envelope, has_envelope=enveloped)


@pytest.mark.parametrize(
    ("headers", "wanted"),
    [
        ("Delivered-To: support@example.com\n", ("support@example.com",)),
        ("X-Original-To: Network@Net.Example\n\n", ("Network@Net.Example",)),
        ("X-Original-To: network@net.example\nTo: support@example.com\n", BOTH),
        ("Envelope-To: <network@net.example>, support@example.com\n", BOTH),
        ("X-Envelope-To: network@net.example\n", ("network@net.example",)),
        ("X-Delivered-To: network@net.example\n", ("network@net.example",)),
        ("X-RCPT-TO: network@net.example\n", ("network@net.example",)),
        ("X-Apparently-To: network@net.example via 192.0.2.1; Mon, 23 Nov 2026\n", ("network@net.example",)),
        ("Delivered-To: box@host.example\nDelivered-To: network@net.example\n", ("network@net.example",)),
        ("Delivered-To: stranger@example.org\nTo: it@example.org\n", ()),
        ("To: it@example.org\nCc: network@net.example\n", ("network@net.example",)),
        (f"Delivered-To: support+{TOKEN}@example.com\n", (f"support+{TOKEN}@example.com",)),
        ("Delivered-To: box@host.example\n" * 20 + "Delivered-To: support@example.com\n", ()),
        ("Delivered-To: " + "<@@@" * 5_000 + "\n", ()),
    ],
)
def test_what_a_mailbox_tells(tmp_path: Path, headers: str, wanted: tuple[str, ...]) -> None:
    assert recipients(router(tmp_path), headers) == wanted


def test_an_envelope_is_never_overridden(tmp_path: Path) -> None:
    headers, envelope = "Delivered-To: network@net.example\nTo: network@net.example\n", ("support@example.com",)
    assert recipients(router(tmp_path), headers, envelope, enveloped=True) == envelope


def test_a_pipe_that_is_told_nothing_reads_the_headers(tmp_path: Path) -> None:
    found = router(tmp_path)
    assert recipients(found, "X-Original-To: network@net.example\n", (), enveloped=True) == ("network@net.example",)
    local = ("vmail@host.example",)
    assert recipients(found, "X-Original-To: network@net.example\n", local, enveloped=True) == ("network@net.example",)


def test_whose_mailbox_it_is_comes_last(tmp_path: Path) -> None:
    found, box = router(tmp_path), ("network@net.example",)
    assert recipients(found, "To: it@example.org\n", box) == box
    assert recipients(found, "Delivered-To: network@net.example\nTo: support@example.com\n", box) == (
        "support@example.com",
        "network@net.example",
    )


@pytest.mark.parametrize("domain", ["example.com", "net.example"])
def test_catch_all_addresses(tmp_path: Path, domain: str) -> None:
    people, found = People(settings(tmp_path, "catch-all")), router(tmp_path, "catch-all")
    queue = people.queue_of(f"{TOKEN}@{domain}")
    assert queue is not None
    assert queue.name == ("default" if domain == "example.com" else "network")
    assert recipients(found, f"Delivered-To: {TOKEN}@{domain}\n") == (f"{TOKEN}@{domain}",)
    assert not people.is_system_address(f"{TOKEN}@example.org")
    assert not people.is_system_address(f"anybody@{domain}")


def test_a_catch_all_address_is_nobody_in_copy(tmp_path: Path) -> None:
    found = router(tmp_path, "catch-all")
    head = f"From: anna@example.org\nTo: {TOKEN}@example.com, support@example.com\nCc: ben@example.org\n"
    mail = read_mail(f"{head}\nHello.\n".encode())
    assert mail.sender is not None
    assert [one.address for one in found.people_of(mail, mail.sender)] == ["ben@example.org"]
    alone = replace(mail, to=mail.to[:1])
    assert [one.address for one in found.people_of(alone, mail.sender)] == ["ben@example.org"]


def test_catch_all_replies_come_back_from_a_mailbox(tmp_path: Path, database_url: str) -> None:
    config = CONFIG.replace("[desk]", '[desk]\nreply_address = "catch-all"')
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    receipt = desk.last("anna@example.org", "receipt")
    assert receipt.reply_to.startswith("SUP-1.")
    reply = desk.mail("anna@example.org", "It is on floor 2.", subject="Printer", to="it@example.org")
    reply["Delivered-To"] = receipt.reply_to
    desk.receive(reply.as_bytes(), None, (), source="maildir")
    assert len(desk.tickets()) == 1
    assert desk.last("level1@example.com").notice == "message"
    desk.close()


def test_a_bounce_in_a_mailbox_finds_its_notice(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    desk.send(desk.answer("alice@example.com", "Try again.", desk.last("level1@example.com")))
    address = desk.last("anna@example.org", "answer").return_path
    assert address.startswith("support+b.SUP-1.")
    bounce = f"From: MAILER-DAEMON@mx.example.org\nDelivered-To: {address}\nTo: undisclosed-recipients:;\n"
    bounce += "Subject: Undelivered Mail Returned to Sender\nAuto-Submitted: auto-replied\nMIME-Version: 1.0\n"
    bounce += 'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n--b\n\nSorry.\n'
    bounce += "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.org\n\n"
    bounce += "Final-Recipient: rfc822; anna@example.org\nAction: failed\nStatus: 5.1.1\n\n--b--\n"
    desk.receive(bounce.encode(), None, (), source="imap")
    assert desk.last("level1@example.com").notice == "failed"
    desk.close()


FORM = 'forms = ["noreply@www.example.com"]\nnetworks = ["10.0.0.0/8"]'


@pytest.mark.parametrize(
    ("peer", "verdict", "who"),
    [
        ("10.1.2.3", AuthResult.NONE, "anna@example.org"),
        ("192.0.2.1", AuthResult.PASS, "anna@example.org"),
        ("192.0.2.1", AuthResult.NONE, "noreply@www.example.com"),
        ("", AuthResult.FAIL, "noreply@www.example.com"),
    ],
)
def test_a_form_needs_a_pass_or_a_near_network(tmp_path: Path, peer: str, verdict: AuthResult, who: str) -> None:
    """Rule 10."""
    found = trusted_senders(tmp_path, f"[trust]\n{FORM}\n")
    mail = read_mail(b"From: noreply@www.example.com\nReply-To: anna@example.org\n\nHello.\n")
    person = found.person_behind(mail, "", peer, verdict)
    assert person is not None
    assert person.address == who


def test_reply_to_is_nobody_elses_identity(tmp_path: Path) -> None:
    found = trusted_senders(tmp_path)
    mail = read_mail(b"From: zoe@example.net\nReply-To: anna@example.org\n\nHello.\n")
    person = found.person_behind(mail, "zoe@example.net", "10.1.2.3", AuthResult.PASS)
    assert person is not None
    assert person.address == "zoe@example.net"
