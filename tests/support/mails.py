"""Special mails: delivery reports (DSN), encrypted mail, a changed token."""

from __future__ import annotations

import re
from email.message import EmailMessage
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.desk import Delivered


def bounce_of(mail: Delivered, status: str = "5.1.1", action: str = "failed") -> bytes:
    """A delivery report as Postfix writes it (RFC 3464)."""
    head = mail.raw.partition(b"\r\n\r\n")[0].decode()
    return (
        "From: MAILER-DAEMON@mx.example.com (Mail Delivery System)\r\n"
        f"To: {mail.return_path}\r\nSubject: Undelivered Mail Returned to Sender\r\n"
        f"Message-ID: <bounce.{status}.{mail.message_id.strip('<>').partition('@')[0]}@mx.example.com>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI'm sorry to have to inform you that your message could not\r\n"
        "be delivered to one or more recipients.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.com\r\n\r\n"
        f"Final-Recipient: rfc822; {mail.recipient}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{head}\r\n\r\n--b--\r\n"
    ).encode()


def find_links(mail: Delivered) -> list[tuple[str, str, str]]:
    """The mailto links of a mail: address, subject and body of each."""
    page = mail.message.get_body(("html",))
    links = map(unescape, re.findall(r'href="(mailto:[^"?]+\?[^"]+)"', page.get_content() if page is not None else ""))
    parts = [urlsplit(link) for link in links]
    asked = [parse_qs(one.query) for one in parts]
    return [(unquote(one.path), said["subject"][0], said["body"][0]) for one, said in zip(parts, asked, strict=True)]


def encrypt(message: EmailMessage) -> EmailMessage:
    """A mail as OpenPGP would send it (RFC 3156): nothing of its text can be read."""
    message.clear_content()
    message.make_mixed()
    message.add_attachment(b"Version: 1\n", "application", "pgp-encrypted")
    message.add_attachment(b"-----BEGIN PGP MESSAGE-----\n\nhQEMA1\n", "application", "octet-stream")
    message.replace_header("Content-Type", message["Content-Type"].replace("mixed", "encrypted"))
    message.set_param("protocol", "application/pgp-encrypted")
    return message


def change_a_letter(message: EmailMessage) -> EmailMessage:
    """A reply with the last letter of its signed address changed, and no ids that would help."""
    local, _, domain = str(message["To"]).partition("@")
    message.replace_header("To", f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}")
    del message["In-Reply-To"], message["References"]
    return message
