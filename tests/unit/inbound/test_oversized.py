"""Mails larger than the desk takes: their head is in the journal, the rest stays where it was found."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

from mailgate.notices.alarms import Alarm
from mailgate.store.schema import journal
from mailgate.store.work_queue import list_rows
from tests.support.desk import CONFIG, Delivered, TestDesk

SIZE = 61 * 2**20 + 200_000
KEY = "imap://help@example.com@imap.example.com:993/INBOX;UIDVALIDITY=3/;UID={}"


def find(desk: TestDesk, mail: EmailMessage, uid: int = 7, **more: str) -> None:
    """The head of a large mail is read from a mailbox."""
    head = mail.as_bytes().partition(b"\n\n")[0] + b"\n\n"
    more.setdefault("source_key", KEY.format(uid))
    desk.receive(head, None, (), source="imap", whole_size=SIZE, **more)


def last_row(desk: TestDesk) -> tuple[str, str]:
    with desk.desk.database.read() as connection:
        row = list_rows(connection, journal, "state", "outcome")[-1]
    return row.state, row.outcome


def notices(desk: TestDesk, address: str) -> list[str]:
    return [mail.notice for mail in desk.delivered(address)]


def assert_answers(notice: Delivered, mail: EmailMessage) -> None:
    assert notice.return_path == ""
    assert str(notice.message["Auto-Submitted"]) == "auto-replied"
    assert str(notice.message["From"]) == "Support <support@example.com>"
    assert str(notice.message["To"]) == "anna@example.org"
    assert str(notice.message["In-Reply-To"]) == mail["Message-ID"]


def test_its_author_and_the_operator_are_told(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    mail = desk.mail("Anna Zorglub <anna@example.org>", "Zorglub", subject="Zorglub")
    find(desk, mail)
    assert last_row(desk) == (
        "ignored",
        "too large: 61.2 MiB, and the desk takes 25.0 MiB; it stays where it is",
    )
    notice = desk.last("anna@example.org", "too_large")
    assert_answers(notice, mail)
    assert b"Zorglub" not in notice.raw
    report = desk.last("operator@example.com", "oversized")
    assert "INBOX, UID 7 (help@example.com, imap.example.com)" in report.text
    assert 'In the configuration file, set max_size = "62 MiB" under [intake].' in report.text
    desk.close()


def test_the_whole_mail_is_no_duplicate_of_its_head(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    mail = desk.mail("anna@example.org", "", subject="Files")
    find(desk, mail)
    desk.receive(mail.as_bytes(), None, (), source="imap", source_key=KEY.format(8))
    assert last_row(desk)[0] == "done"
    assert len(desk.tickets()) == 1
    desk.close()


def test_many_at_once_are_an_alarm(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    for uid in range(13):
        find(desk, desk.mail(f"person{uid}@example.org", "Look.", subject="Video"), uid)
    assert notices(desk, "operator@example.com") == ["oversized"] * 10 + ["alarm"]
    assert len({mail.message_id for mail in desk.delivered("operator@example.com")}) == 11
    assert notices(desk, "person12@example.org") == ["too_large"]
    desk.close()


def test_an_alarm_before_keeps_no_report_back(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    with desk.desk.database.write() as connection:
        desk.desk.system_notices.alarm(connection, Alarm("the disk is full"), desk.clock.now())
    find(desk, desk.mail("anna@example.org", "Look.", subject="Video"))
    assert notices(desk, "operator@example.com") == ["alarm", "oversized"]
    desk.close()


def test_whom_the_desk_does_not_tell(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail("mallory@evil.example", "Cheap watches!", subject="Offer"))
    desk.send(desk.answer("alice@example.com", "#close spam", desk.last("level1@example.com")))
    find(desk, desk.mail("mallory@evil.example", "Cheap watches!", subject="Offer"), 1)
    assert "blocked as spam" in last_row(desk)[1]
    find(desk, desk.mail("support@example.com", "Myself.", subject="Loop"), 2)
    assert "own address" in last_row(desk)[1]
    assert notices(desk, "operator@example.com") == []
    assert notices(desk, "mallory@evil.example") == ["receipt"]
    desk.close()


def test_nobody_hears_of_a_mail_that_is_years_old(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    mail = desk.mail("anna@example.org", "Look.", subject="Video")
    mail.replace_header("Date", "Mon, 23 Nov 2020 09:00:00 +0100")
    find(desk, mail)
    assert notices(desk, "anna@example.org") == []
    assert "We didn’t notify the sender" in desk.last("operator@example.com", "oversized").text
    assert "Monday 23 November 2020" in desk.last("operator@example.com", "oversized").text
    desk.close()


def test_a_date_to_come_is_none(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    mail = desk.mail("anna@example.org", "Look.", subject="Video")
    mail.replace_header("Date", "Fri, 31 Dec 9999 23:59:00 +0000")
    find(desk, mail)
    assert "your email of Monday 23 November at 09:00" in desk.last("anna@example.org", "too_large").text
    desk.close()


def test_a_language_that_is_known_comes_before_the_queues(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG)
    desk.send(desk.mail("zoe@example.net", "Bonjour, mon imprimante ne fonctionne plus depuis ce matin.", subject="x"))
    find(desk, desk.mail("zoe@example.net", "Video", subject="Video"))
    assert str(desk.last("zoe@example.net").message["Subject"]) == "Votre e-mail est trop volumineux"
    desk.close()


def test_a_maildir_is_named_by_its_file(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    mail = desk.mail("anna@example.org", "Look.", subject="Video")
    find(desk, mail, source_key="maildir:/var/mail/support/new/1764.M1.host")
    assert "Location: /var/mail/support/new/1764.M1.host\n" in desk.last("operator@example.com", "oversized").text
    desk.close()
