"""The reports that are mailed by themselves: each period once, at its time, with charts that the mail brings along."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from mailgate.config import ReportTable as Configured
from mailgate.daemon.workers.reports import ReportWorker, find_issue
from tests.support.desk import CONFIG, Delivered, TestDesk

PARIS = ZoneInfo("Europe/Paris")
WEEKLY = '\n[[reports]]\nto = ["head@example.com", "boss@example.com"]\n'
MONTHLY = '\n[[reports]]\nevery = "month"\nto = ["head@example.com"]\nat = "06:30"\nlanguage = "fr"\n'


@pytest.fixture
def made(tmp_path: Path, database_url: str) -> Iterator[Any]:
    desks: list[TestDesk] = []

    def make(reports: str) -> TestDesk:
        desks.append(TestDesk(tmp_path, database=database_url, config=CONFIG + reports))
        desks[0].settle()
        return desks[0]

    yield make
    for desk in desks:
        desk.close()


def local(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=PARIS)


def reports_of(desk: TestDesk, address: str = "head@example.com") -> list[Delivered]:
    return [mail for mail in desk.delivered(address) if mail.notice == "report"]


def request(desk: TestDesk, subject: str = "Word") -> None:
    desk.send(desk.mail("Anna Martin <anna@example.org>", "It does not start.", subject=subject))


def test_the_week_comes_on_monday_to_everybody_who_is_named(made: Any) -> None:
    desk = made(WEEKLY)
    request(desk)
    assert reports_of(desk) == []  # a report that is new begins with the week that runs
    desk.pass_until(local(2026, 11, 30, 6, 59))
    assert reports_of(desk) == []
    desk.pass_until(local(2026, 11, 30, 7, 1))
    (mail,) = reports_of(desk)
    assert mail.at == local(2026, 11, 30, 7)
    assert str(mail.message["Subject"]) == "Support report: 23 November 2026 to 29 November 2026"
    assert mail.message["Auto-Submitted"] == "auto-replied"
    assert len(reports_of(desk, "boss@example.com")) == 1
    assert "Opened" in mail.text
    part = mail.message.get_body(("plain",))
    assert isinstance(part, EmailMessage)
    assert max(len(line.removeprefix(" ")) for line in part.get_content().splitlines()) <= 80  # a stuffed space
    desk.pass_until(local(2026, 12, 7, 8))
    assert len(reports_of(desk)) == 2


def test_the_month_comes_on_its_first_in_its_own_language(made: Any) -> None:
    desk = made(MONTHLY)
    desk.pass_until(local(2026, 12, 1, 6, 31))
    (mail,) = reports_of(desk)
    assert (
        " ".join(str(mail.message["Subject"]).split())
        == "Support – rapport d’activité : du 1er novembre 2026 au 30 novembre 2026"
    )
    assert mail.message["Content-Language"] == "fr"


def test_a_machine_that_slept_sends_the_newest_week_once(made: Any) -> None:
    desk = made(WEEKLY)
    desk.sleep("24 days")  # over three Mondays, to a Thursday
    (mail,) = reports_of(desk)
    assert "7 December 2026 to 13 December 2026" in str(mail.message["Subject"])
    desk.pass_until(local(2026, 12, 20, 23))
    assert len(reports_of(desk)) == 1


def test_neither_a_restart_nor_a_second_process_sends_it_again(made: Any) -> None:
    desk = made(WEEKLY)
    desk.pass_until(local(2026, 11, 30, 8))
    other = ReportWorker(desk.desk)
    assert other.step() == 0
    desk.restart(CONFIG + WEEKLY)
    assert len(reports_of(desk)) == 1


def test_two_reports_for_one_reader_are_two_mails(made: Any) -> None:
    one = '[[reports]]\nto = ["head@example.com"]\n'
    desk = made(f'{one}{one}queues = ["default"]\n')
    desk.pass_until(local(2026, 11, 30, 8))
    first, second = reports_of(desk)
    assert first.message_id != second.message_id


def test_charts_come_along_and_the_page_names_each(made: Any) -> None:
    pytest.importorskip("matplotlib")
    desk = made(WEEKLY)
    request(desk)
    desk.pass_until(local(2026, 11, 30, 8))
    message = reports_of(desk)[0].message
    assert message.get_content_type() == "multipart/alternative"
    text, related = message.iter_parts()
    assert text.get_content_type() == "text/plain"
    assert related.get_content_type() == "multipart/related"
    page, *images = related.iter_parts()
    html = page.get_content()
    assert len(images) >= 3
    assert html.count("cid:") == len(images)
    for image in images:
        assert image.get_content_type() == "image/png"
        assert image.get_content_disposition() == "inline"
        assert image.get_content().startswith(b"\x89PNG")
        assert f'src="cid:{str(image["Content-ID"]).strip("<>")}"' in html
    assert html.count(" alt=") == html.count("<img")
    assert "http" not in html.replace("https://mailgate", "")


def test_without_the_extra_the_page_has_bars_of_its_own(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.reports.page.can_draw", lambda: False)
    desk = made(WEEKLY)
    request(desk)
    desk.pass_until(local(2026, 11, 30, 8))
    message = reports_of(desk)[0].message
    text, page = message.iter_parts()
    assert "█" in text.get_content()
    assert page.get_content_type() == "text/html"
    assert "<img" not in page.get_content()
    assert 'class="bar"' in page.get_content()


def test_a_report_begins_with_what_changed_since_the_period_before(made: Any) -> None:
    desk = made(WEEKLY)
    request(desk, "One")
    desk.pass_until(local(2026, 11, 30, 8))
    request(desk, "Two")
    request(desk, "Three")
    desk.pass_until(local(2026, 12, 7, 8))
    mail = reports_of(desk)[-1]
    assert "    Opened           2  ▲ 1 → 2\n" in mail.text
    part = mail.message.get_body(("html",))
    assert part is not None
    page = part.get_content()
    assert re.search(r">Opened</span><br><strong [^>]*>2</strong><br><span [^>]*>▲ 1&nbsp;→&nbsp;2</span>", page)
    assert page.index(">Opened</span>") < page.index("<h2")


def test_one_report_that_fails_keeps_no_other_back(made: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = made(WEEKLY + MONTHLY)

    def fail(*_: Any) -> None:
        raise ZeroDivisionError

    desk.pass_until(local(2026, 11, 30, 6))
    with monkeypatch.context() as patched:
        patched.setattr("mailgate.daemon.workers.reports.write_report_mail", fail)
        desk.pass_until(local(2026, 11, 30, 7, 2))
    assert reports_of(desk) == []
    desk.pass_until(local(2026, 12, 1, 8))
    assert len(reports_of(desk)) == 2


@pytest.mark.parametrize(
    ("every", "now", "first", "due"),
    [
        ("week", local(2026, 11, 30, 7), "2026-11-23", local(2026, 12, 7, 7)),
        ("week", local(2026, 11, 30, 6, 59), "2026-11-16", local(2026, 11, 30, 7)),
        ("week", local(2026, 11, 29, 12), "2026-11-16", local(2026, 11, 30, 7)),
        ("month", local(2026, 3, 1, 6), "2026-01-01", local(2026, 3, 1, 7)),
        ("month", local(2026, 3, 1, 7), "2026-02-01", local(2026, 4, 1, 7)),
        ("month", local(2027, 1, 1, 9), "2026-12-01", local(2027, 2, 1, 7)),
        ("week", local(2026, 3, 30, 9), "2026-03-23", local(2026, 4, 6, 7)),  # the clocks went forward on Sunday
    ],
)
def test_which_period_is_due(every: Any, now: datetime, first: str, due: datetime) -> None:
    issue = find_issue(Configured(every=every, to=("head@example.com",)), now, PARIS)
    assert (issue.key, issue.next_due) == (first, due)
