"""A notice of the desk in what an agent writes: what is known as one, and what may leave."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.mime.leak_guard import find_quoted_notice, stop_leak
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers import read_mail
from mailgate.parsers.commands import Command, Commands
from mailgate.parsers.commands.arguments import Reason
from mailgate.parsers.forwards import read_own_commands

MAC = "k7q2abcdefghijkl"


def is_desk(address: str) -> bool:
    return address in ("support@example.com", f"support+SUP-1.2.{MAC}@example.com")


def written(text: str, subject: str = "Re: Printer", *files: tuple[bytes, str, str]) -> tuple[Commands, bytes]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "carol@example.com", "support@example.com", subject
    message["In-Reply-To"] = "<a@example.com>"
    message.set_content(text)
    for content, kind, name in files:
        message.add_attachment(content, *kind.split("/"), filename=name)
    mail = read_mail(message.as_bytes(), "carol@example.com")
    return stop_leak(read_own_commands(mail), mail, is_desk), message.as_bytes()


@pytest.mark.parametrize("language", Templates().languages)
@pytest.mark.parametrize(
    "notice", [Notice.ESCALATION, Notice.REQUEST, Notice.MESSAGE, Notice.HANDED_BACK, Notice.STATUS]
)
@pytest.mark.parametrize("mark", ["", "> ", "| "])
def test_every_mail_to_a_level_is_known_by_its_own_words(notice: Notice, language: str, mark: str) -> None:
    text = Templates().render(sample(notice, language)).text
    assert find_quoted_notice("\n".join(mark + line for line in text.splitlines()), is_desk)


@pytest.mark.parametrize("notice", [Notice.ANSWER, Notice.CONFIRM, Notice.QUESTION, Notice.RECEIPT])
@pytest.mark.parametrize("language", Templates().languages)
def test_what_the_requester_got_has_none_of_these_words(notice: Notice, language: str) -> None:
    assert find_quoted_notice(Templates().render(sample(notice, language)).text, is_desk) == ""


@pytest.mark.parametrize(
    "text",
    [
        "From: Zoé via Support <support@example.com>\nSent: Monday",
        "> De\xa0: Support <support@example.com>",
        f"see support+SUP-1.2.{MAC}@example.com",
        "History\n> (times in UTC)",
        "2026-11-23 09:00 · Alice · note · internal",
        "2026-11-23 09:00\xa0· Alice\xa0· note",
    ],
)
def test_what_gives_it_away(text: str) -> None:
    assert find_quoted_notice(f"See below.\n\n{text}\n", is_desk)


@pytest.mark.parametrize(
    "text",
    [
        "Please write to support@example.com, or look at SUP-1.",
        "From: Anna <anna@example.org>\nSubject: Printer\n\nIt smokes.",
        "To answer, reply to this email. The history (it’s long): 2026-11-23 09:00 it broke.",
    ],
)
def test_what_an_agent_may_write(text: str) -> None:
    assert find_quoted_notice(text, is_desk) == ""


def test_an_attached_notice_stops_a_mail_that_goes_out() -> None:
    notice = b"From: x@example.net\nX-Mailgate: SUP-1; notice=escalation\n\nsecret\n"
    for kind, name in (("application/octet-stream", "notice.eml"), ("application/octet-stream", "a.MSG")):
        content = notice if name == "notice.eml" else notice.decode().encode("utf-16-le")
        read, _ = written("See the file.", "Re: Printer", (content, kind, name))
        assert [(one.line, one.reason) for one in read.errors] == [(name, Reason.OWN_MAIL)]
        assert (read.commands, read.public_text) == ((), "")


def test_another_file_and_a_mail_that_stays_in_the_house_do_not() -> None:
    notice = b"From: x@example.net\nX-Mailgate: SUP-1; notice=escalation\n\nsecret\n"
    request = b"From: anna@example.org\n\nIt smokes."
    read, _ = written("See the file.", "Re: Printer", (request, "application/octet-stream", "a.eml"))
    assert read.public_text == "See the file."
    read, _ = written("#escalate no key", "Re: Printer", (notice, "application/octet-stream", "a.eml"))
    assert read.commands == (Command("escalate", "no key"),)
    read, _ = written("#note\nHistory (times in UTC)", "Re: Printer")
    assert (read.errors, read.internal) == ((), True)


@pytest.mark.parametrize("piece", ["From: a@b.c\n", "> ", "2026-11-23 09:00 ", "a-1 1.", "| * _", "history (times "])
def test_hostile_text_takes_no_time(piece: str) -> None:
    begun = time.process_time()
    find_quoted_notice(piece * (400_000 // len(piece)), is_desk)
    assert time.process_time() - begun < 2
