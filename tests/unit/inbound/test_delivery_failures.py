"""A relay that lets the desk send as itself only: bounces come to one address, and are known by what they report."""

from __future__ import annotations

from pathlib import Path

from tests.support.desk import CONFIG, TestDesk


def test_bounces_come_where_the_operator_says(tmp_path: Path, database_url: str) -> None:
    config = f'{CONFIG}[relay]\nreturn_path = "support@example.com"\n'
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail("anna@example.org", "It is broken.", subject="Printer"))
    request = desk.last("level1@example.com", "request")
    assert request.return_path == "support@example.com"
    assert request.reply_to.startswith("support+SUP-1.")
    desk.receive(_bounce_of(request.message_id), "")
    assert desk.last("operator@example.com", "alarm").text
    desk.close()


def _bounce_of(message_id: str) -> bytes:
    """The report of a relay that could not deliver a notice; LF line ends, as some have."""
    return f"""\
From: MAILER-DAEMON@example.com
To: support@example.com
Subject: Undelivered Mail
Message-ID: <b1@relay.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

No such user.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; level1@example.com
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--b--
""".encode()
