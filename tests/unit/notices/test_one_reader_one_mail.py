"""Nobody gets two notices with the same content from one event: by a level's mailbox, in person, or as its author.

Goes through every row of the process table, for desks whose levels and people overlap in different ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mailgate.config.people import People
from mailgate.core.mail import Address
from mailgate.core.workflow.effects import Send, To
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.core.workflow.transitions import ROWS, Transition
from mailgate.notices.recipients import Recipient, Recipients
from mailgate.store.tickets import Ticket
from mailgate.tickets.events import TicketEvent
from tests.support.desk import CONFIG, TestDesk

ALICE, BOB, CAROL = "alice@example.com", "bob@example.com", "carol@example.com"
_LEVEL3 = '\n[levels.level3]\nmailbox = "level3@example.com"\nagents = ["carol@example.com", "dora@example.com"]\n'
DESKS = {
    "as usual": CONFIG,
    "one agent at each level": CONFIG.replace('"alice@example.com", "bob@example.com"', '"alice@example.com"'),
    "agents of two levels": CONFIG.replace('["carol@example.com"]', '["carol@example.com", "alice@example.com"]'),
    "one agent for everything": CONFIG.replace('["alice@example.com", "bob@example.com"]', '["carol@example.com"]'),
    "one mailbox": CONFIG.replace("level2@example.com", "level1@example.com"),
    "the manager is an agent": CONFIG.replace("manager@example.com", ALICE).replace('["carol@', '["alice@'),
    "the manager reads the mailbox of level 1": CONFIG.replace("manager@example.com", "level1@example.com"),
    "another team is told of closings": f'{CONFIG}\n[confirmation]\nnotify = ["{BOB}", "{CAROL}"]\n',
}
SAME_CONTENT = (
    {Notice.COPY, Notice.SOLUTION},
    {Notice.ESCALATION, Notice.ROUTED, Notice.TAKEN_OVER},
    {Notice.ESCALATION, Notice.MANAGER},
    {Notice.DECISION, Notice.WAITING_DECISION, Notice.MANAGER_DECISION},
    *({notice} for notice in Notice),
)
"""Notices that tell the reader of two of them the same."""
_ABOUT_OWN_MAIL = {Notice.COPY, Notice.TAKEN_OVER, Notice.MANAGER}


@pytest.fixture(params=DESKS)
def desk(request: pytest.FixtureRequest, tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=DESKS[request.param] + _LEVEL3)
    desk.send(desk.mail("anna@example.org", "The editor does not start.", subject="Editor"))
    yield desk
    desk.close()


def test_no_reader_gets_the_same_twice_from_one_event(desk: TestDesk) -> None:
    recipients, people = Recipients(desk.settings), People(desk.settings)
    ticket, checked, needless = desk.ticket(), 0, []
    with desk.desk.database.read() as connection:
        for row in _rows_with_a_choice():
            for was, now, ticket_event in _cases(ticket, row):
                if ticket_event.acts_for is not None and not people.is_level_member(ticket_event.by):
                    continue
                told: list[tuple[Notice, Recipient]] = []
                for send in (effect for effect in row.effects if isinstance(effect, Send)):
                    found = recipients.find(connection, now, was, send, ticket_event)
                    told += [(send.notice, one) for one in found if one.internal and _is_staffs(send.notice)]
                checked += len(told)
                needless += [
                    f"{row.name}, by {ticket_event.by}, of {was.assignee}: {words}"
                    for words in _needless(people, told, now, ticket_event)
                ]
    assert checked > 200
    assert needless == []


def _rows_with_a_choice() -> Iterator[Transition]:
    """The rows by which one reader could get two mails, or their own words; those alike once."""
    seen = set()
    for row in (row for row in ROWS if row.state is not None):
        sends = tuple(effect for effect in row.effects if isinstance(effect, Send) and _is_staffs(effect.notice))
        wide = any(one.notice in _ABOUT_OWN_MAIL | {Notice.CLOSED} or one.notice.info.whole_level for one in sends)
        key = (row.state, row.to, row.event.info.actor, row.event is Event.RESOLVE, sends)
        if (len(sends) > 1 or wide) and key not in seen:
            seen.add(key)
            yield row


def _is_staffs(notice: Notice) -> bool:
    return notice.info.audience in (Audience.LEVEL, Audience.MANAGER, Audience.AGENT)


def _cases(ticket: Ticket, row: Transition) -> Iterator[tuple[Ticket, Ticket, TicketEvent]]:
    """The ticket before and after a row, for each author and each assignee, with the words of a mail and without."""
    assert row.state is not None
    level = row.state if row.state in LEVELS else State.LEVEL2
    for assignee in ("", ALICE, BOB, CAROL):
        was = replace(ticket, state=row.state.value, level=level.value, resolved_by=level.value, assignee=assignee)
        moved = row.to in LEVELS and row.to is not level
        now = replace(
            was, state=row.to.value, level=row.to.value if row.to in LEVELS else was.level,
            assignee="" if moved else assignee,
        )  # fmt: skip
        authors: tuple[str, ...] = ("anna@example.org",)
        if row.event.info.from_agent:
            authors = (ALICE, BOB, CAROL, "level1@example.com", "manager@example.com")
        for author in authors if not row.event.info.by_timer else ("",):
            by_agent = row.event.info.from_agent and author != "manager@example.com"
            for text in ("Some words.", ""):
                yield (
                    was,
                    now,
                    TicketEvent(
                        event=row.event,
                        at=ticket.created_at,
                        by=author or "timer",
                        author=Address("", author) if author else None,
                        acts_for=level if by_agent else None,
                        acts_queue="default" if by_agent else "",
                        text=text,
                        argument="default" if row.event is Event.ROUTE else "",
                    ),
                )


def _needless(
    people: People, told: list[tuple[Notice, Recipient]], now: Ticket, ticket_event: TicketEvent
) -> Iterator[str]:
    """Names each mail of which every reader has the content by another one, or is the author.

    What the level that has the ticket gets is its work, and stays.
    """
    author = ticket_event.author.address if ticket_event.author is not None else ""
    for at, (notice, one) in enumerate(told):
        readers = people.readers_of(one.address.address) or {one.address.key}
        if notice in _ABOUT_OWN_MAIL and readers == {author}:
            yield f"{notice} to {one.address.address}, whose only reader wrote it"
        is_work = one.lane == now.level and notice not in _ABOUT_OWN_MAIL
        if is_work or notice is Notice.COPY:  # of a copy and a solution, the solution goes to those who act no more
            continue
        for other_notice, other in told[:at] + told[at + 1 :]:
            tells_whose = other_notice is Notice.COPY and other.address.address == now.assignee
            alike = not tells_whose and any({notice, other_notice} <= group for group in SAME_CONTENT)
            if alike and all(people.reads(reader, other.address.address) for reader in readers):
                yield f"{notice} to {one.address.address} beside {other_notice} to {other.address.address}"


@pytest.mark.parametrize(("read", "wanted"), [("true", ["level1@example.com"]), ("false", ["level1@example.com", BOB])])
def test_a_warning_goes_to_the_mailbox_alone_unless_its_agents_do_not_read_it(
    read: str, wanted: list[str], tmp_path: Path, database_url: str
) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=f"{CONFIG}\n[agents]\nread_mailbox = {read}\n")
    desk.send(desk.mail("anna@example.org", "The editor does not start.", subject="Editor"))
    ticket = replace(desk.ticket(), assignee=BOB)
    due = TicketEvent(Event.WARNING_DUE, ticket.created_at, "timer warning")
    with desk.desk.database.read() as connection:
        found = Recipients(desk.settings).find(connection, ticket, ticket, Send(Notice.WARNING, To.LEVEL), due)
    assert [one.address.address for one in found] == wanted
    desk.close()
