"""The mail client of the demo: writes a mail, replies with the text quoted below, submits it by SMTP.

Pure except `submit`, which raises smtplib.SMTPException or OSError where the desk does not accept the mail.
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
    """A person with a mail client. `quotes` is the line above a quotation, with {when} and {whom} to fill."""

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
    """Writes a new mail."""
    mail = EmailMessage(policy=_WIRE)
    mail["From"] = str(author)
    mail["To"] = to
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain=author.address.rpartition("@")[2])
    mail.set_content(f"{text}\n")
    return mail


def attach(mail: EmailMessage, file: TextFile) -> None:
    """Adds a file to a mail."""
    content = file.content.encode()
    mail.add_attachment(content, maintype="text", subtype="plain", filename=file.name, params={"charset": "utf-8"})


def reply(author: DemoPerson, to: DeliveredMail, text: str, at: datetime) -> EmailMessage:
    """Writes a reply as mail clients do: to Reply-To, threaded, the new text above the quoted one."""
    subject = str(to.message["Subject"])
    subject = subject if subject.lower().startswith("re:") else f"Re: {subject}"
    mail = compose(author, to.reply_to, subject, f"{text}\n\n{quote(author, to, at)}", at)
    answered = str(to.message["Message-ID"]).strip()
    mail["In-Reply-To"] = answered
    mail["References"] = " ".join((*str(to.message["References"] or "").split(), answered))
    return mail


def quote(author: DemoPerson, mail: DeliveredMail, at: datetime) -> str:
    """Quotes a mail for a reply of `at`."""
    when = mail.message["Date"].datetime.astimezone(at.tzinfo)
    words = author.quotes.format(when=f"{when:%d/%m/%Y %H:%M}", whom=mail.message["From"])
    return "\n".join((words, *(f"> {line}".rstrip() for line in mail.text.splitlines())))


def submit(mail: EmailMessage, port: int) -> None:
    """Submits a mail to the desk; on return it is stored durably."""
    sender = mail["From"].addresses[0].addr_spec
    recipient = mail["To"].addresses[0].addr_spec
    with smtplib.SMTP("127.0.0.1", port, local_hostname="client.example", timeout=10) as session:
        session.sendmail(sender, recipient, mail.as_bytes())
