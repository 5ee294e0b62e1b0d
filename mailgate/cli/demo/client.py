"""What a mail client does: write a mail, answer one with its text quoted below, hand it to the desk by SMTP.

Pure but for `hand_over`, which raises smtplib.SMTPException or OSError when the desk does not take the mail.
"""

from __future__ import annotations

import smtplib
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

from mailgate.cli.demo.sink import DeliveredMail

# Long References must stay one line: the library would fold them into encoded words.
_WIRE = SMTP.clone(max_line_length=998)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody with a mail client. `quotes` introduces what he quotes, with {when} and {whom} to fill."""

    name: str
    address: str
    quotes: str

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>"


@dataclass(frozen=True, slots=True)
class TextFile:
    """A text file to attach."""

    name: str
    content: str


def compose(author: DemoPerson, to: str, subject: str, text: str, at: datetime) -> EmailMessage:
    """A new mail."""
    mail = EmailMessage(policy=_WIRE)
    mail["From"] = str(author)
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=author.address.rpartition("@")[2])
    mail.set_content(f"{text}\n")
    return mail


def attach(mail: EmailMessage, file: TextFile) -> None:
    """Add a file to a mail."""
    content = file.content.encode()
    mail.add_attachment(content, maintype="text", subtype="plain", filename=file.name, params={"charset": "utf-8"})


def reply(author: DemoPerson, to: DeliveredMail, text: str, at: datetime) -> EmailMessage:
    """A reply as mail clients write it: to Reply-To, threaded, the new text above the quoted one."""
    subject = str(to.message["Subject"])
    subject = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    mail = compose(author, to.reply_to, subject, f"{text}\n\n{quote(author, to, at)}", at)
    answered = str(to.message["Message-ID"]).strip()
    mail["In-Reply-To"] = answered
    mail["References"] = " ".join((*str(to.message["References"] or "").split(), answered))
    return mail


def quote(author: DemoPerson, mail: DeliveredMail, at: datetime) -> str:
    """A mail as its answer of `at` quotes it."""
    when = mail.message["Date"].datetime.astimezone(at.tzinfo)
    words = author.quotes.format(when=f"{when:%d/%m/%Y %H:%M}", whom=mail.message["From"])
    return "\n".join((words, *(f"> {line}".rstrip() for line in mail.text.splitlines())))


def hand_over(mail: EmailMessage, port: int) -> None:
    """Send a mail to the desk; when this returns, the desk has it durably."""
    sender = mail["From"].addresses[0].addr_spec
    recipient = mail["To"].addresses[0].addr_spec
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=10) as session:
        session.sendmail(sender, recipient, mail.as_bytes())
