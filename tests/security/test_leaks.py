"""Outgoing mail: the requester's side reads what was meant for it, and no word or address besides."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attackers import (
    ALICE,
    ANNA,
    BOB,
    CAROL,
    DAN,
    MALLORY,
    SECRET,
    TargetDesk,
    assert_shows_nothing,
    change,
    raw,
)
from tests.support.desk import TestDesk

L1, L2 = "level1@example.com", "level2@example.com"
OF_ANNA, OF_ZOE, OF_DAN = "anna@example.org", "zoe@example.net", "dan@example.org"

# An agent's mail on Zoé's or Dan's ticket, and the words that may leave by it.
ORDERS: dict[str, tuple[str, str, list[str]]] = {
    "an answer with a note": (f"#note {SECRET}\n\nPlease restart it.", "zoe", ["answer"]),
    "a note with a blank behind its sign": (f"# Note {SECRET}\n\nPlease restart it.", "zoe", []),
    "a note between the lines, with a blank": (f"Hello Zoé,\n\n#\xa0note {SECRET}\n\nRestart it.", "zoe", []),
    "a note behind the emoji of the sign": (f"#\ufe0f\u20e3note {SECRET}\n\nPlease restart it.", "zoe", ["answer"]),
    "a bare note": (f"#note\n{SECRET}", "zoe", []),
    "a bare note and a time": (f"#note\n#time 5m\n\n{SECRET}", "zoe", []),
    "a solution and a note": (f"#note {SECRET}\n#resolve Toner changed.", "zoe", ["confirm"]),
    "an escalation with its reason": (f"#escalate {SECRET}", "zoe", ["escalated"]),
    "an escalation, a note at the end": (f"#escalate\n#note {SECRET}", "zoe", ["escalated"]),
    "a hand-back with its reason": (f"#handback {SECRET}", "dan", ["moved"]),
    "a route": (f"#route network\n#note {SECRET}", "zoe", ["moved"]),
    "a transfer": (f"#note {SECRET}\n#close transferred Facilities, ref 77", "zoe", ["transferred"]),
    "a closing": (f"#note {SECRET}\n#close no answer", "zoe", ["final"]),
    "a cause and an assignment": (f"#cause {SECRET}\n#assign bob@example.com\n\nSoon.", "zoe", ["answer"]),
    "a question to a supplier": (f"#ask supplier@vendor.example\n\n{SECRET}", "zoe", ["ask"]),
    "a question to a supplier, and waiting": (
        f"#ask supplier@vendor.example\n#waiting Is it urgent?\n\n{SECRET}", "zoe", ["ask", "question"],
    ),
    "a question to a supplier, and waiting for nothing": (
        f"#ask supplier@vendor.example\n#waiting\n\n{SECRET}", "zoe", [],
    ),
    "a question to a supplier, and a solution": (
        f"#ask supplier@vendor.example\n#resolve Toner changed.\n\n{SECRET}", "zoe", ["ask", "confirm"],
    ),
    "a question to a supplier, and a closing": (
        f"#ask supplier@vendor.example\n#close transferred Facilities\n\n{SECRET}", "zoe", ["ask", "transferred"],
    ),
    "a note, and nothing to ask": (f"#note\n#ask supplier@vendor.example\n\n{SECRET}", "zoe", []),
    "a question to the requester himself": (f"#ask {OF_ZOE}\n\n{SECRET}", "zoe", []),
    "a merge": ("#merge SUP-1 yes", "zoe", ["merged"]),
    "spam": (f"#close spam\n\n{SECRET}", "zoe", []),
}  # fmt: skip


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


@pytest.mark.parametrize("name", ORDERS)
def test_only_what_is_meant_for_the_requester_leaves(target: TargetDesk, name: str) -> None:
    text, whose, told = ORDERS[name]
    agent, request = (ALICE, target.of(L1, 2)) if whose == "zoe" else (CAROL, target.of(L2, 4))
    message = change(target.answer(agent, text, request), X_Mailer="Outlook", X_Originating_IP="[10.1.2.3]")
    target.receive(b"Received: from pc7.example.com by mx.example.com\r\n" + raw(message), "alice@example.com")
    sent = target.news(outside=True)
    assert sorted(mail.notice for mail in sent) == sorted(told)
    for mail in sent:
        if mail.notice != "ask":
            assert_shows_nothing(mail)
            assert b"pc7.example.com" not in mail.raw
            assert b"10.1.2.3" not in mail.raw


def test_a_whole_life_names_nobody_of_the_house(target: TargetDesk) -> None:
    target.send(target.answer(CAROL, f"#note {SECRET}\n#waiting\n\nWhich room?", target.of(L2, 4)))
    target.pass_time("3 business days")
    target.send(target.answer(DAN, "Room 7.", target.of(OF_DAN, 4)))
    target.send(target.answer(CAROL, f"#time 10m\n#note {SECRET}\n#resolve A new switch.", target.of(L2, 4)))
    target.pass_time("3 business days")
    target.send(target.answer(DAN, "I will test tomorrow.", target.of(OF_DAN, 4)))
    target.send(target.answer(MALLORY, "It works.", target.of(OF_DAN, 4)))
    target.send(target.answer(DAN, "No, still broken.", target.of(OF_DAN, 4)))
    target.send(target.answer(CAROL, f"#handback {SECRET}", target.of(L2, 4)))
    target.send(target.answer(BOB, "#resolve Plugged in.", target.of(L1, 4)))
    target.send(target.answer(DAN, "Yes, it works again.", target.of(OF_DAN, 4)))
    target.pass_time("4 business days")
    assert target.ticket_of(4).state == "closed"
    sent = [mail for mail in target.news(outside=True) if mail.recipient == OF_DAN]
    assert {mail.notice for mail in sent} >= {"question", "waiting_reminder", "confirm", "reminder", "moved", "final"}
    for mail in sent:
        assert_shows_nothing(mail)


NAMES = """address;name
alice@example.com;Alice Durand <alice@example.com>
bob@example.com;"Bob, bob(at)example.com"
carol@example.com;carol@example.com
"""


def test_a_desk_that_names_its_agents_shows_no_address(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "people.csv").write_text(NAMES, "utf-8")
    names = f'[directory]\npeople = "{tmp_path / "people.csv"}"\n[notices]\ntell_taken = true\nname_agents = true\n'
    target = TargetDesk(tmp_path, database=database_url, more=names)
    target.send(target.answer(ALICE, f"#note {SECRET}\n#take", target.of(L1, 2)))
    target.send(target.answer(ALICE, f"#note {SECRET}\n\nIs it plugged in?", target.of(L1, 2)))
    target.send(target.answer(CAROL, f"#take\n#note {SECRET}", target.of(L2, 4)))
    target.send(target.answer(CAROL, f"#note {SECRET}\n#resolve A new switch.", target.of(L2, 4)))
    sent = target.news(outside=True)
    assert [mail.notice for mail in sent] == ["taken", "answer", "taken", "confirm"]
    for mail in sent:
        assert_shows_nothing(mail)
        assert b"example.com, Support" not in mail.raw
    assert "Alice Durand has taken your request SUP-2" in sent[0].text
    assert str(sent[1].message["From"]) == '"Alice Durand, Support" <support@example.com>'
    assert "Someone on our team has taken your request SUP-4" in sent[2].text
    assert str(sent[3].message["From"]) == "Support <support@example.com>"
    target.close()


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Alice Durand (alice@example.com)", "Alice Durand"),
        ("Alice, alice@example.com", "Alice"),
        ("alice@example.com", ""),
    ],
)
def test_a_saved_reply_names_its_agent_without_an_address(
    tmp_path: Path, database_url: str, name: str, shown: str
) -> None:
    target = TargetDesk(tmp_path, database=database_url, more='[knowledge]\nreplies = "replies"\n')
    (tmp_path / "replies" / "done.md").write_text("It is done. {agent}")
    target.send(target.answer(f'"{name}" <alice@example.com>', "#reply done", target.of(L1, 2)))
    sent = target.news(outside=True)
    assert [mail.text.partition("\n")[0] for mail in sent] == ([f"It is done. {shown}"] if shown else [])
    for mail in sent:
        assert_shows_nothing(mail)
    target.close()


def test_files_of_the_yes_are_not_sent_round_with_the_final_notice(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(ANNA, "The projector is dark.", subject="Projector", cc="ben@example.org"))
    desk.send(desk.answer(ALICE, "#resolve New lamp.", desk.last(L1)))
    yes = desk.answer(ANNA, "Yes, it is resolved.", desk.last(OF_ANNA))
    yes.add_attachment(b"private", "application", "pdf", filename="payslip.pdf")
    desk.send(yes)
    assert [part.get_filename() for part in desk.last("ben@example.org", "final").message.iter_attachments()] == []
    desk.close()


def test_files_of_an_internal_mail_stay(target: TargetDesk) -> None:
    message = target.answer(BOB, f"#note\n#resolve Toner changed.\n\n{SECRET}", target.of(L1, 2))
    message.add_attachment(b"log", "text", "x-log", filename="internal.log")
    target.send(message)
    assert "internal.log" not in target.last(OF_ZOE, "confirm").raw.decode()


def test_files_beside_a_question_to_a_supplier_go_to_him_only(target: TargetDesk) -> None:
    message = target.answer(
        BOB, "#ask supplier@vendor.example\n#resolve Toner changed.\n\nSee the log.", target.of(L1, 2)
    )
    message.add_attachment(b"log", "text", "x-log", filename="internal.log")
    target.send(message)
    assert "internal.log" in target.last("supplier@vendor.example").raw.decode()
    assert "internal.log" not in target.last(OF_ZOE, "confirm").raw.decode()


@pytest.mark.parametrize(
    "orders",
    [["#escalate", "#handback"], ["#route network"], ["#close transferred The other house"], ["#close no answer"]],
    ids=["up and down", "routed", "transferred", "closed"],
)
def test_nothing_of_a_strangers_mail_is_echoed(tmp_path: Path, database_url: str, orders: list[str]) -> None:
    """Rule 13: a victim whose address stands in From reads no word of it before they wrote."""
    target = TargetDesk(tmp_path, database=database_url)
    victim = f'"Win {SECRET}" <victim@elsewhere.example>'
    friend = f'"{SECRET}" <friend@elsewhere.example>'
    target.send(target.mail(victim, f"Click {SECRET}", subject=f"Offer {SECRET}", cc=friend))
    for order in orders:
        agent, mailbox = (CAROL, L2) if order == "#handback" else (ALICE, L1)
        target.send(target.answer(agent, order, target.of(mailbox, 5)))
    assert len(target.news(outside=True)) >= 2
    for mail in target.news(outside=True):
        assert_shows_nothing(mail)
    target.close()


HEAD = "From: Zoe <support@example.com>\n{sent}: Mon, 23 Nov 2026 at 10:00\nSubject: {subject}\nTo: {to}\n\n"
PASSED_ON = {
    "Gmail": ("Fwd: ", "---------- Forwarded message ---------\n{head}{text}"),
    "Outlook": ("FW: ", "________________________________\n{head}{text}"),
    "Apple Mail": ("Fwd: ", "Begin forwarded message:\n\n{quoted}"),
    "mutt": ("Fwd: ", "----- Forwarded message from Support <support@example.com> -----\n\n{head}{text}"),
    "in an answer": ("Re: ", "---------- Forwarded message ---------\n{head}{text}"),
    "without any mark": ("Re: ", "{text}"),
    "unknown language": ("RE: ", "Xyz: Zoe <support@example.com>\nAbc: x\n\n{text}"),
    "attached": ("Fwd: ", ""),
}


@pytest.mark.parametrize("order", ["", "#ask supplier@vendor.example\n\n", "#resolve Toner changed.\n\n"])
@pytest.mark.parametrize("style", PASSED_ON)
def test_an_internal_mail_that_is_passed_on_stops_and_comes_back(tmp_path: Path, style: str, order: str) -> None:
    target = TargetDesk(tmp_path, f"sqlite:///{tmp_path / 'desk.db'}")
    try:
        target.send(target.answer(ALICE, f"#note {SECRET}", target.of(L1, 2)))
        target.send(target.answer(ALICE, f"#escalate {SECRET}", target.of(L1, 2)))
        notice = target.of(L2, 2)
        assert SECRET in notice.text
        prefix, pattern = PASSED_ON[style]
        subject = str(notice.message["Subject"])
        head = HEAD.format(sent="Sent" if style == "Outlook" else "Date", subject=subject, to=L2)
        quoted = "\n".join(f"> {line}" for line in (head + notice.text).splitlines())
        text = f"{order}See below.\n\n" + pattern.format(head=head, text=notice.text, quoted=quoted)
        mail = target.mail(CAROL, text, subject=prefix + subject, to=notice.reply_to)
        if style == "attached":
            mail.add_attachment(notice.message)
        sent = len(target.relay.mails)
        target.send(mail)
        assert [(one.notice, one.recipient) for one in target.relay.mails[sent:]] == [("mistyped", "carol@example.com")]
        assert "Reply instead of forwarding, or remove it" in " ".join(target.relay.mails[-1].text.split())
    finally:
        target.close()
