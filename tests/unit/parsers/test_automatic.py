"""The kind of a mail (rule 23), beyond the cases of the corpus."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from mailgate.core.mail import MessageKind
from mailgate.parsers.message import read_mail
from tests.support.paths import CORPUS

MAILS = tomllib.loads((CORPUS / "kinds.toml").read_text(encoding="utf-8"))["mail"]

NOTE = "Thank you for your message. I am out of the office until 3 December. In urgent cases please contact Bob."


@pytest.mark.parametrize(
    ("headers", "text", "kind"),
    [
        ("Auto-Submitted: no", "hello", MessageKind.HUMAN),
        ("Auto-Submitted: auto-generated; x=y", "hello", MessageKind.AUTO_REPLY),
        ("Precedence: bulk", "hello", MessageKind.MAILING_LIST),
        ("Precedence: auto_reply", "hello", MessageKind.AUTO_REPLY),
        ("X-Autorespond: yes", "hello", MessageKind.AUTO_REPLY),
        ("List-Unsubscribe: <mailto:a@b>", "hello", MessageKind.MAILING_LIST),
        ("X-Loop: a@b", "hello", MessageKind.AUTO_REPLY),
        ("List-Id: <a.b>", "hello", MessageKind.MAILING_LIST),
        ("List-Id: <a.b>\nSubject: Out of Office: Jo", NOTE, MessageKind.AUTO_REPLY),
        ("Subject: Re: Word", NOTE, MessageKind.AUTO_REPLY),
        ("Subject: Re: Word", f"#note on purpose\n\n{NOTE}", MessageKind.HUMAN),
        ("X-Autoreply: yes", "hello", MessageKind.AUTO_REPLY),
        ("X-Autoreply: no", "hello", MessageKind.HUMAN),
        ("X-Mailer: vacation 1.2", "hello", MessageKind.AUTO_REPLY),
        ("X-Mailer: Vacation Rentals 2", "hello", MessageKind.HUMAN),
        ("Subject: Out of Office: Jo", "back on Monday", MessageKind.AUTO_REPLY),
        ("Subject: Absence du bureau", "Je suis absent du bureau jusqu'au 3 décembre.", MessageKind.AUTO_REPLY),
        ("Subject: Absence du bureau", "Comment régler mon absence du bureau ?", MessageKind.HUMAN),
        ("Subject: Re: Automatic reply: x", "This is what I get.", MessageKind.HUMAN),
        ("X-Mailgate: receipt", "hello", MessageKind.HUMAN),
        ("Message-ID: <SUP-1.1.abcdefghijklmnop@x>", "hello", MessageKind.HUMAN),
        ("X-Mailgate: a\nMessage-ID: <b.SUP-1.1.abcdefghijklmnop@x>", "hello", MessageKind.HUMAN),
    ],
)
def test_kinds(headers: str, text: str, kind: MessageKind) -> None:
    mail = read_mail(f"From: jo@x.example\n{headers}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n".encode())
    assert mail.kind is kind


def test_the_envelope_decides_last() -> None:
    raw = b"From: jo@x.example\nSubject: hello\n\nhello\n"
    assert read_mail(raw).kind is MessageKind.HUMAN
    assert read_mail(raw, "").kind is MessageKind.AUTO_REPLY
    assert read_mail(raw, "jo@x.example").kind is MessageKind.HUMAN


def test_an_enclosed_report_is_a_persons_mail() -> None:
    raw = (
        b"From: jo@x.example\nSubject: what is this?\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nhelp\n"
        b"--x\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; a\n\nFinal-Recipient: rfc822; b@c.d\n"
        b"Action: failed\nStatus: 5.1.1\n\n--x--\n"
    )
    mail = read_mail(raw)
    assert mail.kind is MessageKind.HUMAN
    assert mail.bounces == ()


@pytest.mark.parametrize(
    ("path", "subject", "text", "kind"),
    [
        (
            "",
            "Your message to Support",
            "Thank you, we have received your request about a blocked account.",
            "auto-reply",
        ),
        ("", "Re: Printer", "Jo, your request was rejected.", "bounce"),
        ("<>", "Undelivered", "jo@x.example user unknown", "bounce"),
        ("mailer-daemon@x.example", "Re: Printer", "550 no such user", "bounce"),
        ("jo@x.example", "Re: Printer", "550 no such user", "human"),
    ],
)
def test_a_null_return_path_is_a_machine(path: str, subject: str, text: str, kind: str) -> None:
    raw = f"From: jo@x.example\nSubject: {subject}\n\n{text}\n".encode()
    assert read_mail(raw, path).kind == kind


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("MAILER-DAEMON@x.example", "bounce"),
        ("Mail Delivery System <x@x.example>", "bounce"),
        ("postmaster@x.example", "bounce"),
        ("list-bounces@x.example", "bounce"),
        ("noreply@x.example", "bounce"),
        ("<>", "bounce"),
        ("admin@x.example", "human"),
        ("Jo Martin <jo@x.example>", "human"),
        ("Nora Reply <noreplinski@x.example>", "human"),
    ],
)
def test_the_less_a_sender_looks_like_a_machine_the_more_it_takes(sender: str, kind: str) -> None:
    raw = f"From: {sender}\nSubject: Undelivered mail\n\nThe mailbox of ann@y.example is full.\n".encode()
    assert read_mail(raw).kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("I am out of the office until Monday. For urgent matters please contact Ann.", "auto-reply"),
        ("I was out of the office until Monday. For urgent matters please contact Ann.", "human"),
        ("I am out of the office until Monday. For urgent matters please contact Ann?", "human"),
        ("I am out of the office until Monday. For urgent matters please contact Ann. The toner is in a cupboard.",
         "human"),
        ("I am out of the office until Monday. For urgent matters please contact Ann. It is the big printer.", "human"),
        ("I am out of the office until 3 pm. For urgent matters please contact Ann.", "human"),
        ("I am out of the office until Monday.", "human"),
        ("> I am out of the office until Monday. For urgent matters please contact Ann.\nAnn is here.", "human"),
        ("I am out of the office until Monday. For urgent matters please contact Ann." + "\nword" * 400, "human"),
    ],
)  # fmt: skip
def test_words_of_a_note_must_agree_and_leave_nothing_over(text: str, kind: str) -> None:
    raw = f"From: jo@x.example\nSubject: Re: Printer\nIn-Reply-To: <a@b>\n\n{text}\n".encode()
    assert read_mail(raw, "jo@x.example").kind == kind


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Automatic reply", "Back on Monday.", "auto-reply"),
        ("Automatic reply", "My automatic reply is wrong.", "human"),
        ("Automatic reply: Can you fix it?", "I am on vacation.", "auto-reply"),
        ("Automatic reply: does not work", "What did I do wrong?", "human"),
        ("Automatic replies for all", "We want them.", "human"),
        ("Fwd: Automatic reply: Printer", "I am out of the office until Monday. In urgent cases contact Ann.", "human"),
    ],
)
def test_the_subject_of_a_note(subject: str, text: str, kind: str) -> None:
    assert read_mail(f"From: jo@x.example\nSubject: {subject}\n\n{text}\n".encode()).kind == kind


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ("Precedence: bulk\nUser-Agent: Mozilla Thunderbird", "human"),
        ("Precedence: bulk\nUser-Agent: Mozilla Thunderbird\nFeedback-ID: 1:2", "mailing-list"),
        ("List-Unsubscribe: <mailto:a@b>\nX-Mailer: Apple Mail (2.1)", "human"),
        ("List-Unsubscribe: <mailto:a@b>\nX-Mailer: Apple Mail (2.1)\nList-Id: <a.b>", "mailing-list"),
        ("List-Unsubscribe: <mailto:a@b>\nIn-Reply-To: <a@b>", "human"),
        ("List-Unsubscribe: <mailto:a@b>\nIn-Reply-To: <a@b>\nPrecedence: bulk", "mailing-list"),
        ("X-Mailer: Web Autoresponder", "auto-reply"),
    ],
)
def test_bulk_headers_on_a_persons_mail(headers: str, kind: str) -> None:
    assert read_mail(f"From: jo@x.example\nSubject: Re: Printer\n{headers}\n\nhello\n".encode()).kind == kind


NOTE = "I am out of the office until Monday. For urgent matters please contact Ann."


@pytest.mark.parametrize(
    ("subject", "headers", "text", "kind"),
    [
        ("Re: Printer", "", NOTE, "auto-reply"),
        ("Re: Printer", "User-Agent: Mozilla Thunderbird", NOTE, "human"),
        ("Re: Printer", "X-MS-Has-Attach: ", NOTE, "human"),
        ("Re: Printer", "Message-ID: <a@mail.gmail.com>", NOTE, "human"),
        ("Automatic reply: Printer", "Thread-Index: AdX", NOTE, "auto-reply"),
        ("Automatic reply", "Thread-Index: AdX", "The automatic reply of our mailbox has stopped.", "human"),
        ("Re: Printer", "User-Agent: Mozilla Thunderbird\nAuto-Submitted: auto-replied", NOTE, "auto-reply"),
        ("Printer", "X-Auto-Response-Suppress: All", "The printer is broken.", "auto-reply"),
        ("Printer", "X-Auto-Response-Suppress: All\nThread-Index: AdX", "The printer is broken.", "human"),
        ("Printer", "X-Loop: a@b\nUser-Agent: Mutt/2.2", "The printer is broken.", "human"),
    ],
)
def test_what_a_person_writes_with_stands_against_words(subject: str, headers: str, text: str, kind: str) -> None:
    raw = f"From: Jo Martin <jo@x.example>\nSubject: {subject}\n{headers}\n\n{text}\n".replace("\n\n\n", "\n\n")
    assert read_mail(raw.encode(), "jo@x.example").kind == kind


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NOTE, "auto-reply"),
        (NOTE + " I return on Tuesday 8 December.", "auto-reply"),
        (NOTE + " Ann has the toner.", "human"),
        (NOTE + " Agreed!", "human"),
        (NOTE.replace("Ann", "Ann about the toner"), "human"),
        (NOTE.replace("Monday", "3"), "human"),
    ],
)
def test_a_note_has_no_words_but_those_of_notes(text: str, kind: str) -> None:
    raw = f"From: jo@x.example\nSubject: Re: Printer\nIn-Reply-To: <a@b>\n\n{text}\n".encode()
    assert read_mail(raw, "jo@x.example").kind == kind


def test_what_is_passed_on_says_nothing_about_who_passes_it_on() -> None:
    note = "Thank you for contacting us. We have received your request. This is an automated message."
    headers = "From: Ann <ann@y.example>\nSent: Monday\nTo: jo@x.example\nSubject: Your request"
    mail = f"From: jo@x.example\nSubject: what is this\n\nI never wrote there.\n\n{headers}\n\n{note}\n"
    assert read_mail(mail.encode()).kind is MessageKind.HUMAN
    assert read_mail(f"From: jo@x.example\nSubject: Your request\n\n{note}\n".encode()).kind is MessageKind.AUTO_REPLY


@pytest.mark.parametrize(
    ("text", "kind"), [("Please stop this.", MessageKind.HUMAN), ("", MessageKind.OTHER)], ids=["with words", "alone"]
)
def test_an_enclosed_abuse_report(text: str, kind: MessageKind) -> None:
    raw = (
        f"From: jo@x.example\nSubject: abuse\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\n{text}\n"
        "--x\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--x--\n"
    )
    assert read_mail(raw.encode()).kind is kind


INVITATION = (
    "BEGIN:VCALENDAR\nMETHOD:{}\nBEGIN:VEVENT\nSUMMARY:Visit\n{}DTSTART:20261124T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
)


@pytest.mark.parametrize(
    ("subject", "text", "calendar", "disposition", "kind", "new_text"),
    [
        ("Zugesagt: Termin", "", INVITATION.format("REPLY", ""), "inline", "other", ""),
        ("Potwierdzono: Termin", "\n\n", INVITATION.format("REPLY", "COMMENT:\n"), "inline", "other", ""),
        ("Accepted: Visit", "Ring twice.", INVITATION.format("REPLY", ""), "inline", "human", "Ring twice."),
        ("Accepted: Visit", "", INVITATION.format("REPLY", "COMMENT:Ring twice.\n"), "inline", "human", "Ring twice."),
        ("Visit", "My boss has accepted. It fails still.", INVITATION.format("REPLY", ""), "inline", "human",
         "My boss has accepted. It fails still."),
        ("Visit", "", INVITATION.format("REQUEST", ""), "inline", "human", "Visit\nStart: 2026-11-24 09:00 UTC"),
        ("FW: Accepted: Visit", "", INVITATION.format("REPLY", ""), "inline", "human", ""),
        ("Their answer", "", INVITATION.format("REPLY", ""), "attachment", "human", ""),
    ],
)  # fmt: skip
def test_an_answer_to_an_invitation_has_no_words_but_a_persons(
    subject: str, text: str, calendar: str, disposition: str, kind: str, new_text: str
) -> None:
    mail = read_mail(
        (
            f"From: Jo <jo@x.example>\nSubject: {subject}\nContent-Type: multipart/alternative; boundary=b\n\n"
            f"--b\nContent-Type: text/plain\n\n{text}\n--b\nContent-Type: text/calendar; charset=utf-8\n"
            f"Content-Disposition: {disposition}\n\n{calendar}\n--b--\n"
        ).encode()
    )
    assert (mail.kind.value, mail.new_text) == (kind, new_text)


GMAIL = "<https://www.google.com/gmail/about/?utm_source=gmail-in-product&utm_medium=et&utm_campaign=emojireactionemail#app>"
QUOTE = "On Mon, Nov 23, 2026 at 10:00 AM Support <support@example.com> wrote:\n\n> Is it solved?"
HEADERS = "From: Support <support@example.com>\nSent: Monday, November 23, 2026 10:00 AM\nTo: Jo\nSubject: Printer"


@pytest.mark.parametrize(
    ("text", "part", "kind"),
    [
        (f"👍\n\nJo Roy reacted via Gmail\n{GMAIL}\n\n{QUOTE}", True, "other"),
        (f"🎉\n\nJo Roy hat über Gmail reagiert\n{GMAIL}\n\n{QUOTE}", False, "other"),
        ("❤️\nReacted to your email.", True, "other"),
        ("", True, "other"),
        (f"👍\n\n{QUOTE}", False, "human"),
        (f"Resolved 👍\n\nJo Roy reacted via Gmail\n{GMAIL}\n\n{QUOTE}", True, "human"),
        (f"👍\n\nJo Roy reacted via Gmail\n{GMAIL}\n\nIt works.\n\n{QUOTE}", True, "human"),
        (f"What does this mean?\n\n> 👍\n>\n> Ann reacted via Gmail\n> {GMAIL}", False, "human"),
        ("👍\n\nJo Roy reacted via Gmail", False, "human"),
        (f"Jo Roy reacted to your message:\n\n👍\n\n{HEADERS}", False, "other"),
        (f"[like]  Jo Roy reacted to your message:\n________________________________\n{HEADERS}", False, "other"),
        (f"👍  Jo Roy hat auf Ihre Nachricht reagiert:\n\n{HEADERS}", False, "other"),
        (f"👏 Jo Roy a réagi à votre message :\n\n{HEADERS}", False, "other"),
        (f"👏 Użytkownik Jo Roy zareagował(a) na Twoją wiadomość:\n\n{HEADERS}", False, "other"),
        (f"👍 Jo Roy reacted to your message:\n\nIt works.\n\n{HEADERS}", False, "human"),
        (f"👍 Ann reacted to your message:\n\n{HEADERS}", False, "human"),
        (f"My colleague reacted to your message:\n\n{HEADERS}", False, "human"),
    ],
)
def test_an_emoji_in_answer_is_no_mail_of_a_person(text: str, part: bool, kind: str) -> None:
    reaction = '--b\nContent-Type: text/vnd.google.email-reaction+json\n\n{"emoji": "👍", "version": 1}\n'
    raw = (
        "From: Jo Roy <jo@x.example>\nSubject: Re: Printer\nIn-Reply-To: <a@b>\n"
        "Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain; charset=utf-8\n\n"
        f"{text}\n{reaction if part else ''}--b--\n"
    )
    assert read_mail(raw.encode()).kind.value == kind


def test_an_emoji_alone_in_its_type_is_no_text() -> None:
    raw = b'From: jo@x.example\nSubject: Re: a\nContent-Type: text/vnd.google.email-reaction+json\n\n{"emoji": "+"}\n'
    assert (read_mail(raw).kind, read_mail(raw).new_text) == (MessageKind.OTHER, "")


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("Recall: Printer [SUP-1]", 'Roy, Jo would like to recall the message, "Printer [SUP-1]".', "other"),
        ("Recall: Message", 'Jo would like to recall the message, "Message".', "other"),
        ("Rückruf: AW: Drucker", 'Roy, Jo möchte die Nachricht "AW: Drucker" zurückrufen.', "other"),
        ("Rappel : Imprimante", "Jo Roy souhaite rappeler le message « Imprimante ».", "other"),
        ("Recuperar: Impresora", 'Jo Roy desea recuperar el mensaje "Impresora".', "other"),
        ("Richiamo: Stampante", 'Jo Roy desidera richiamare il messaggio "Stampante".', "other"),
        ("Intrekken: Printer", 'Jo Roy wil het bericht "Printer" intrekken.', "other"),
        ("Odwołanie: Drukarka", "Użytkownik Jo Roy chce odwołać wiadomość „Drukarka”.", "other"),
        ("Recall: Printer", 'I would like to recall the message, "Printer".', "human"),
        ("Recall: Printer", 'Jo would like to recall the message, "Printer". It was the wrong one.', "human"),
        ("Re: Printer", 'Jo would like to recall the message, "Toner".', "human"),
        ("Recall fails", "How can I recall the message?", "human"),
        ("Recall: how?", "Jo would like to recall the message, how?\n\nThe button is grey.", "human"),
    ],
)
def test_the_recall_of_a_mail_is_no_answer(subject: str, text: str, kind: str) -> None:
    raw = f"From: Jo Roy <jo@x.example>\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    assert read_mail(raw.encode()).kind.value == kind


def as_bytes(mail: dict[str, Any], *more: str) -> bytes:
    """A mail of `kinds.toml`, with more headers."""
    lines = [f"From: {mail['sender']}", "To: desk@support.example", f"Subject: {mail['subject']}", "MIME-Version: 1.0",
             "Message-ID: <a1@x.example>", f"Content-Type: {mail.get('content_type', 'text/plain; charset=utf-8')}",
             *mail.get("headers", ()), *more]  # fmt: skip
    text: str = mail["text"]
    return ("\n".join(lines) + "\n\n" + text).encode()


@pytest.mark.parametrize("mail", MAILS, ids=lambda mail: mail["subject"][:40])
def test_words_and_headers_tell_the_kind(mail: dict[str, Any]) -> None:
    read = read_mail(as_bytes(mail), mail.get("envelope"))
    assert read.kind.value == mail["kind"]
    assert [bounce.recipient for bounce in read.bounces] == mail.get("fails", [])


@pytest.mark.parametrize(
    "mail", [mail for mail in MAILS if mail["kind"] == "human"], ids=lambda mail: mail["subject"][:40]
)
def test_a_person_stays_a_person_with_a_mail_program_and_a_return_path(mail: dict[str, Any]) -> None:
    assert read_mail(as_bytes(mail), "jo@x.example").kind is MessageKind.HUMAN
    assert read_mail(as_bytes(mail, "X-Mailer: Microsoft Outlook 16.0")).kind is MessageKind.HUMAN
