"""The day plays through on the desk, and the judgement of its mails finds what is needless."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.store.events import list_events
from mailgate.store.schema import journal, outbox, timers
from tests.scenarios.a_day.judgement import digest_lines, judge
from tests.scenarios.a_day.office import LEVEL1, LEVEL2, READERS, Act, StaffOffice
from tests.scenarios.a_day.script import STATES, play_the_day, play_the_two_weeks
from tests.scenarios.a_day.table import list_mails
from tests.support.desk import Delivered
from tests.support.paths import ROOT

SENT_BACK = {notice for notice in Notice if notice.info.refusal} | {
    Notice.MISTYPED, Notice.NOTHING_READ, Notice.RETURNED_AUTOMATIC, Notice.HELD, Notice.CHALLENGE, Notice.FAILED,
    Notice.FILES_LEFT_OUT, Notice.LAST_LEVEL, Notice.UNPROCESSED,
}  # fmt: skip
ALICE, BOB, CAROL, ANNA = "alice@example.com", "bob@example.com", "carol@example.com", "anna@example.org"


@pytest.fixture
def office(tmp_path: Path, database_url: str) -> Iterator[StaffOffice]:
    office = StaffOffice(tmp_path, database_url)
    yield office
    office.close()


def test_the_day_and_the_two_weeks_after_it_play_through_and_no_mail_to_the_staff_is_needless(
    office: StaffOffice,
) -> None:
    play_the_day(office)
    evening = office.clock.now()
    play_the_two_weeks(office)
    mails = judge(office)
    listed = list_mails(mails)
    assert [one.needless for one in mails if one.needless] == [], listed
    day, after = (
        Counter(one.mail.notice for one in mails if (one.mail.at <= evening) is first) for first in (True, False)
    )
    assert day.total() <= 36, listed
    assert after.total() <= 20, listed
    assert _published() == [{kind: count for kind, count in part.items() if count} for part in (day, after)], listed
    assert {ticket.reference: ticket.state for ticket in office.all_tickets()} == STATES
    assert [mail.text for mail in office.relay.mails if mail.notice in SENT_BACK] == []
    assert office.delivered("operator@example.com") == []
    languages = {ticket.language for ticket in office.all_tickets()}
    assert languages == {"en", "fr", "de", "es", "it", "nl"}
    with office.desk.database.read() as connection:
        for table in (journal, outbox, timers):
            assert connection.execute(select(table.c.id).where(table.c.state == "parked")).all() == []
        events = [one.event for ticket in office.all_tickets() for one in list_events(connection, ticket.id)]
    assert "breaker" not in events


def _published() -> list[dict[str, int]]:
    """The mails by kind that docs/agents.md names: of the day, and of the two weeks after it."""
    text = (ROOT / "docs" / "agents.md").read_text("utf-8").partition("| mail | day before |")[2]
    rows = [[cell.strip() for cell in row.split("|")[1:6]] for row in text.split("\n\n")[0].splitlines()[2:]]
    kinds = [row for row in rows if "*" not in row[0]]
    return [{row[0].replace(" ", "_"): int(row[at]) for row in kinds if row[at] != "0"} for at in (2, 4)]


# -- the judgement: each rule on mails that a desk might send --------------------------------------------------------


def _put(
    office: StaffOffice, *mails: tuple[str, str, str], by: str = "", text: str = "", row: int = 10**6, has: str = ""
) -> list[str]:
    """Puts mails (recipient, notice, text) about SUP-1 among those that were sent, and judges them.

    The mail `row` of the journal causes them: `by` wrote it, with `text` in it, while the agent `has` had the ticket.
    """
    office.clock.set(office.clock.now() + timedelta(minutes=1))
    first = len(office.relay.mails)
    for recipient, notice, body in mails:
        mail = EmailMessage()
        mail["X-Mailgate"] = f"notice={notice}" if notice == Notice.DIGEST else f"SUP-1; notice={notice}"
        mail.set_content(body)
        office.relay.mails.append(Delivered("", recipient, mail.as_bytes(), office.clock.now()))
    if by:
        office.acts.append(Act(by, text, row, first, len(office.relay.mails), {"SUP-1": has}))
    staff = sum(recipient in READERS for recipient, _, _ in mails)
    return [one.needless for one in judge(office)[-staff:]]


def test_a_copy_is_needless_where_its_author_alone_reads_it(office: StaffOffice) -> None:
    office.anna.writes("The printer is dead.", "Printer")
    copy = "Sent:\n\n> It is repaired."
    assert _put(office, (LEVEL1, "copy", copy), by=ALICE) == [""]
    assert _put(office, (LEVEL2, "copy", copy), by=CAROL) == ["its readers did it"]
    assert _put(office, (LEVEL2, "message", copy), by=ANNA) == [""]


def test_a_transcript_is_needless_where_nothing_in_it_surprises(office: StaffOffice) -> None:
    office.anna.writes("The printer is dead.", "Printer")
    done = (ALICE, "transcript", "- #resolve")
    assert _put(office, (ANNA, "confirm", "works?"), done, by=ALICE) == ["its readers did it"]
    assert _put(office, ("ben@example.net", "answer", "x"), done, by=ALICE) == [""]
    echo = ["its readers did it"]
    assert _put(office, ("ben@example.net", "ask", "x"), done, by=ALICE, text="#ask ben@example.net") == echo
    assert _put(office, done, by=ALICE, has=ALICE) == echo
    assert _put(office, done, by=ALICE, has=BOB) == [""]
    assert _put(office, (ALICE, "status", "SUP-1"), by=ALICE) == [""]


def test_a_mail_is_needless_where_all_its_readers_have_another_one(office: StaffOffice) -> None:
    office.anna.writes("The printer is dead.", "Printer")
    told = "its readers have it by another mail"
    assert _put(office, (LEVEL1, "warning", "late"), (BOB, "warning", "late"), by=ANNA) == ["", told]
    assert _put(office, (BOB, "warning", "late"), (LEVEL1, "warning", "late"), by=ANNA) == [told, ""]
    assert _put(office, (BOB, "warning", "late"), (BOB, "warning", "late"), by=ANNA) == ["", told]
    assert _put(office, (LEVEL1, "message", "> a\n> b"), (LEVEL1, "unclear", "> a\n> b"), by=ANNA) == ["", told]
    assert _put(office, (LEVEL1, "copy", "> a"), (LEVEL2, "escalation", "> a"), by=ALICE) == ["", ""]


def test_a_digest_is_needless_that_says_nothing_new_and_nothing_due(office: StaffOffice) -> None:
    waiting = "Waiting for the requester (1)\n------------\n\n- SUP-1 Printer · Anna\n"
    late = "Overdue (1)\n-----------\n\n- Overdue since 10:00 · SUP-1 Printer · Anna\n"
    assert digest_lines(waiting + late) == {("Waiting for the requester", "SUP-1"), ("Overdue", "SUP-1")}
    again = "its lines stood in the last one"
    assert _put(office, (ALICE, "digest", waiting), (ALICE, "digest", waiting)) == ["", again]
    assert _put(office, (ALICE, "digest", late), (ALICE, "digest", late)) == ["", ""]
    assert _put(office, (BOB, "digest", waiting)) == [""]


def test_thanks_alone_are_no_decision(office: StaffOffice) -> None:
    office.anna.writes("The printer is dead.", "Printer")
    office.alice.answers("#resolve It is repaired.", ticket=1)
    for words, reason in (("Thank you!", "thanks are no decision"), ("I will test it on Friday.", "")):
        office.anna.answers(words, "confirm")
        assert _put(office, (LEVEL1, "unclear", words), by=ANNA, row=office.acts[-1].journal_id) == [reason]
