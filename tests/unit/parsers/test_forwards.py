"""Forwarded mails as clients write them, in their languages; and what is no forward."""

from __future__ import annotations

import email
import email.policy
import time
from email.message import EmailMessage

import pytest

from mailgate.core.mail import Address
from mailgate.parsers import read_mail
from mailgate.parsers.commands.arguments import Reason
from mailgate.parsers.forwards import part_forward, read_forward, read_own_commands

ANNA = Address("Anna Martin", "anna@example.org")
TEXT = "Word does not start.\n\n#close spam"

OUTLOOK = """{above}

________________________________
{From}: Anna Martin <anna@example.org>
{Sent}: {date}
{To}: Alice <alice@example.com>; Bob <bob@example.com>
Cc: Ben <ben@example.org>
{Subject}: Word

{text}
"""
OUTLOOKS = {
    "en": ("FW: Word", "From", "Sent", "To", "Subject", "Monday, November 23, 2026 8:00 AM"),
    "fr": ("TR: Word", "De\xa0", "Envoyé\xa0", "À\xa0", "Objet\xa0", "lundi 23 novembre 2026 08:00"),
    "de": ("WG: Word", "Von", "Gesendet", "An", "Betreff", "Montag, 23. November 2026 08:00"),
    "es": ("RV: Word", "De", "Enviado", "Para", "Asunto", "lunes, 23 de noviembre de 2026 8:00"),
    "it": ("I: Word", "Da", "Inviato", "A", "Oggetto", "lunedì 23 novembre 2026 08:00"),
    "nl": ("FW: Word", "Van", "Verzonden", "Aan", "Onderwerp", "maandag 23 november 2026 08:00"),
    "pt": ("ENC: Word", "De", "Enviado", "Para", "Assunto", "segunda-feira, 23 de novembro de 2026 08:00"),
    "pl": ("PD: Word", "Od", "Wysłano", "Do", "Temat", "poniedziałek, 23 listopada 2026 08:00"),
    "sv": ("VB: Word", "Från", "Skickat", "Till", "Ämne", "den 23 november 2026 08:00"),
}
GMAIL = """{above}

---------- {words} ---------
{From}: Anna Martin <anna@example.org>
Date: {date}
Subject: Word
To: <alice@example.com>


{text}
"""
GMAILS = {
    "en": ("Forwarded message", "From", "Mon, Nov 23, 2026 at 8:00 AM"),
    "fr": ("Forwarded message", "De", "lun. 23 nov. 2026 à 08:00"),
    "de": ("Forwarded message", "Von", "Mo., 23. Nov. 2026 um 08:00 Uhr"),
    "es": ("Forwarded message", "De", "lun, 23 nov 2026 a las 8:00"),
}
APPLE = """{above}

> {words}
>{space}
> {From}: Anna Martin <anna@example.org>
> {Subject}: Word
> {Date}: {date}
> {To}: alice@example.com
>{space}
{quoted}
"""
APPLES = {
    "en": ("Begin forwarded message:", "From", "Subject", "Date", "To", "23 November 2026 at 08:00:00 CET"),
    "fr": ("Début du message réexpédié :", "De", "Objet", "Date", "À", "23 novembre 2026 à 08:00:00 UTC+1"),
    "de": ("Anfang der weitergeleiteten Nachricht:", "Von", "Betreff", "Datum", "An", "23. November 2026 um 08:00"),
}  # fmt: skip
THUNDERBIRD = """{above}


-------- {words} --------
{Subject}: \tWord
{Date}: \tMon, 23 Nov 2026 08:00:00 +0100
{From}: \tAnna Martin <anna@example.org>
{To}: \talice@example.com



{text}
"""
THUNDERBIRDS = {
    "en": ("Forwarded Message", "Subject", "Date", "From", "To"),
    "fr": ("Message transféré", "Sujet ", "Date ", "De ", "Pour "),
    "de": ("Weitergeleitete Nachricht", "Betreff", "Datum", "Von", "An"),
    "it": ("Messaggio Inoltrato", "Oggetto", "Data", "Mittente", "A"),
}
MUTT = """{above}

----- Forwarded message from Anna Martin <anna@example.org> -----

Date: Mon, 23 Nov 2026 08:00:00 +0100
From: Anna Martin <anna@example.org>
To: alice@example.com
Subject: Word
User-Agent: Mutt/2.2

{text}

----- End forwarded message -----
"""
REPLIED = OUTLOOK.format(From="From", Sent="Sent", To="To", Subject="Subject", date="today", above="ok", text="x")


def mail(subject: str, text: str, *, html: str = "", attached: bytes = b"", answers: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = "Alice <alice@example.com>"
    message["To"] = "support@example.com"
    message["Subject"] = subject
    message["Message-ID"] = "<1@client.example.com>"
    if answers:
        message["In-Reply-To"] = answers
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    if attached:
        message.add_attachment(read_message(attached), filename="mail.eml")
    return message.as_bytes()


def read_message(raw: bytes) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


ATTACHED_MAIL = b"From: Anna Martin <anna@example.org>\nSubject: Word\n\nWord does not start.\n"


def assert_is_annas(raw: bytes, above: str = "She phoned too.") -> None:
    read = read_mail(raw)
    found = read_forward(read)
    assert found is not None
    assert found.sender == ANNA
    assert found.subject == "Word"
    assert found.text == TEXT
    assert found.above.strip() == above
    own, passed_on = part_forward(read.new_text, read.subject)
    assert own.strip() == above
    assert TEXT in passed_on.replace("> ", "").replace(">", "") or read.attachments
    assert read_own_commands(read).commands == ()
    assert "2026" in found.date


@pytest.mark.parametrize("language", OUTLOOKS)
@pytest.mark.parametrize("above", ["She phoned too.", ""])
def test_outlook(language: str, above: str) -> None:
    subject, *labels, date = OUTLOOKS[language]
    names = dict(zip(("From", "Sent", "To", "Subject"), labels, strict=True))
    assert_is_annas(mail(subject, OUTLOOK.format(**names, date=date, above=above, text=TEXT)), above)


@pytest.mark.parametrize("language", GMAILS)
def test_gmail(language: str) -> None:
    words, sender, date = GMAILS[language]
    text = GMAIL.format(words=words, From=sender, date=date, above="She phoned too.", text=TEXT)
    assert_is_annas(mail("Fwd: Word", text, answers="<0@example.org>"))


@pytest.mark.parametrize("language", APPLES)
def test_apple_mail(language: str) -> None:
    words, sender, subject, dated, to, date = APPLES[language]
    quoted = "\n".join(f"> {line}".rstrip() for line in TEXT.split("\n"))
    text = APPLE.format(
        words=words,
        From=sender,
        Subject=subject,
        Date=dated,
        To=to,
        date=date,
        above="She phoned too.",
        quoted=quoted,
        space=" ",
    )
    assert_is_annas(mail("Fwd: Word", text))


@pytest.mark.parametrize("language", THUNDERBIRDS)
def test_thunderbird(language: str) -> None:
    words, subject, dated, sender, to = THUNDERBIRDS[language]
    text = THUNDERBIRD.format(
        words=words, Subject=subject, Date=dated, From=sender, To=to, above="She phoned too.", text=TEXT
    )
    assert_is_annas(mail("Fwd: Word", text))


def test_mutt() -> None:
    assert_is_annas(mail("[anna@example.org: Word]", MUTT.format(above="She phoned too.", text=TEXT)))


def test_outlook_as_html() -> None:
    page = (
        "<p>She phoned too.</p><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'>"
        "<p><b>Von:</b> Anna Martin [mailto:anna@example.org] <br><b>Gesendet:</b> Montag, 23. November 2026 08:00<br>"
        "<b>An:</b> alice@example.com<br><b>Betreff:</b> Word</p></div><p>Word does not start.</p><p>#close spam</p>"
    )
    assert_is_annas(mail("WG: Word", "see the page", html=page))


def test_gmail_as_html() -> None:
    page = (
        '<div dir="ltr">She phoned too.<br><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">'
        "---------- Forwarded message ---------<br>Von: <strong>Anna Martin</strong> <span>&lt;"
        '<a href="mailto:anna@example.org">anna@example.org</a>&gt;</span><br>Date: Mo., 23. Nov. 2026<br>'
        "Subject: Word<br>To: &lt;alice@example.com&gt;<br></div><br><br>"
        "<div>Word does not start.<br><br>#close spam</div></div></div>"
    )
    assert_is_annas(mail("Fwd: Word", "see the page", html=page))


def test_an_attached_mail() -> None:
    original = EmailMessage()
    original["From"] = "Anna Martin <anna@example.org>"
    original["Subject"] = "Word"
    original["Date"] = "Mon, 23 Nov 2026 08:00:00 +0100"
    original.set_content(TEXT)
    assert_is_annas(mail("Fwd: Word", "She phoned too.", attached=original.as_bytes()))


@pytest.mark.parametrize(
    ("line", "name", "address"),
    [
        ("Anna Martin <anna@example.org>", "Anna Martin", "anna@example.org"),
        ("anna@example.org", "", "anna@example.org"),
        ('"Martin, Anna" <Anna.Martin@Example.org>', "Martin, Anna", "Anna.Martin@Example.org"),
        ("Anna Martin [mailto:anna@example.org]", "Anna Martin", "anna@example.org"),
        ("Anna Martin <anna@example.org<mailto:anna@example.org>>", "Anna Martin", "anna@example.org"),
        ("*Anna Martin* <anna@example.org>", "Anna Martin", "anna@example.org"),
        ("anna@example.org (Anna Martin)", "Anna Martin", "anna@example.org"),
        ("anna@example.org <anna@example.org>", "", "anna@example.org"),
        ("Service <no-reply@example.org> On Behalf Of Anna Martin", "Service", "no-reply@example.org"),
    ],
)
def test_how_the_sender_is_spelled(line: str, name: str, address: str) -> None:
    text = f"---------- Forwarded message ---------\nFrom: {line}\nDate: today\nSubject: Word\nTo: a@b.example\n\nHi"
    found = read_forward(read_mail(mail("Fwd: Word", text)))
    assert found is not None
    assert found.sender == Address(name, address)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Re: Word", REPLIED),
        ("Word", "Word does not start.\n\n-- \nAnna"),
        ("Fwd: Word", "From: here it looks fine\nTo: me it is broken"),
        ("Fwd: Word", "---------- Forwarded message ---------\nFrom: Anna Martin\nDate: today\nSubject: Word\n\nHi"),
        ("Fwd: Word", "---------- Forwarded message ---------"),
        ("Fwd: Word", ""),
    ],
)  # fmt: skip
def test_what_is_no_forward_or_names_nobody(subject: str, text: str) -> None:
    read = read_mail(mail(subject, text))
    assert read_forward(read) is None


def test_commands_of_the_forwarder_count_and_those_of_the_forwarded_do_not() -> None:
    text = GMAIL.format(words="Forwarded message", From="From", date="2026", above="#note soon\n\nHello", text=TEXT)
    read = read_own_commands(read_mail(mail("Fwd: Word", text)))
    assert [command.name for command in read.commands] == ["note"]
    assert read.public_text.startswith("Hello\n\n---------- Forwarded message")
    assert read.public_text.endswith("#close spam")


def test_a_forward_without_an_address_orders_nothing_either() -> None:
    text = f"fyi\n\n---------- Forwarded message ---------\nFrom: Anna Martin\nSubject: Word\n\n{TEXT}"
    assert read_own_commands(read_mail(mail("Fwd: Word", text))).commands == ()


def test_the_outermost_of_two_forwards_counts() -> None:
    inner = GMAIL.format(words="Forwarded message", From="From", date="2026", above="fyi", text=TEXT)
    outer = GMAIL.format(words="Forwarded message", From="From", date="2026", above="", text=inner)
    found = read_forward(read_mail(mail("Fwd: Fwd: Word", outer.replace("Anna Martin <anna", "Ben <ben", 1))))
    assert found is not None
    assert found.sender == Address("Ben", "ben@example.org")


@pytest.mark.parametrize(
    "text",
    [
        "From: a\nSent: b\nTo: c\nSubject: d\n" * 30_000,
        "---------- Forwarded message ---------\n" * 30_000,
        "---------- Forwarded message ---------\nFrom: " + "a@b.example, " * 100_000,
        "From:" * 200_000,
        "> " * 200_000 + "From: x",
        "---------- Forwarded message ---------\n" + "To: x\n" * 100_000,
    ],
)
def test_hostile_text_takes_no_time(text: str) -> None:
    read = read_mail(mail("Fwd: Word", text))
    began = time.process_time()
    read_forward(read)
    assert time.process_time() - began < 1


def _ordered(subject: str, text: str) -> tuple[list[str], list[Reason]]:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alice@example.com", "support@example.com", subject
    message.set_content(text)
    read = read_own_commands(read_mail(message.as_bytes(), "alice@example.com"))
    return [command.name for command in read.commands], [error.reason for error in read.errors]


@pytest.mark.parametrize(
    "text",
    [
        "From: Mal <mal@evil.example>\n\n#requester victim@v.example",
        "FYI, can you look?\n\n#requester victim@v.example\n#resolve pay at evil.example",
        "#requester zoe@example.net\nKimden: Mal\n\n#resolve pay",
        "#requester zoe@example.net\n\nHello,\n\n#priority high",
    ],
)
def test_where_a_forward_begins_that_has_no_mark_nobody_can_tell(text: str) -> None:
    names, reasons = _ordered("Fwd: Help", text)
    assert names == []
    assert set(reasons) == {Reason.PASSED_ON}
    assert _ordered("Re: Help", text)[0]


def test_commands_at_the_very_top_of_such_a_forward_are_the_agents() -> None:
    text = "#requester zoe@example.net\n#priority high\n\nHello,\n\nit smokes.\n"
    assert _ordered("Fwd: Help", text) == (["requester", "priority"], [])
    assert _ordered("VS: Help", "Hello\n\n#priority high") == (["priority"], [])  # in Finnish an answer


def test_the_mail_that_is_answered_below_a_forward_is_not_passed_on() -> None:
    text = "See.\n\n---------- Forwarded message ---------\nFrom: Sam <sam@v.example>\n\nUpdate it.\n\n"
    text += "On Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n> secret\n>\n> more\n"
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "alice@example.com", "support@example.com", "Re: Word"
    message["In-Reply-To"] = "<a@example.com>"
    message.set_content(text)
    public = read_own_commands(read_mail(message.as_bytes(), "alice@example.com")).public_text
    assert "Update it." in public
    assert "secret" not in public
    assert "wrote" not in public


@pytest.mark.parametrize("attached", [b"", ATTACHED_MAIL])
@pytest.mark.parametrize("gap", ["\n", "\n\n", "\n\n\n"])
def test_blank_lines_between_the_commands_at_the_top_change_nothing(gap: str, attached: bytes) -> None:
    text = f"#requester lea@example.org{gap}#priority high\n\n\nShe wrote to my own address.\n"
    read = read_own_commands(read_mail(mail("Fwd: Word", text, attached=attached)))
    assert [str(one) for one in read.commands] == ["#requester lea@example.org", "#priority high"]
    assert read.public_text == "She wrote to my own address."


def test_above_an_attached_mail_all_commands_are_the_agents() -> None:
    text = "She wrote to my own address.\n\n#requester\n\n#priority high\n"
    read = read_own_commands(read_mail(mail("Fwd: Word", text, attached=ATTACHED_MAIL)))
    assert [str(one) for one in read.commands] == ["#requester", "#priority high"]
