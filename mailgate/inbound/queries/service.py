"""All questions of one mail, answered in one mail, each in the order in which it was asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Address
from mailgate.core.workflow.events import Event
from mailgate.inbound.queries.access import QueryAccess, rights_of
from mailgate.inbound.queries.explain import explain_for
from mailgate.inbound.queries.lists import find_for, list_for
from mailgate.inbound.queries.reports import report_for
from mailgate.notices.rendering.replies import ArticleLine, QueryReply
from mailgate.notices.system_notices import StaffReply, SystemNotices
from mailgate.parsers.commands import Command
from mailgate.parsers.commands.query_arguments import read_absence
from mailgate.store.journal import say_gathered
from mailgate.store.knowledge import search
from mailgate.store.people import end_absence, put_absence
from mailgate.store.queries.worklists import list_assigned
from mailgate.store.tickets import Ticket, find_by_reference
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.service import TicketService
from mailgate.tickets.values import CommandMistake

# Questions of one mail that are answered: nobody reads more, and while the desk looks for one in a large database no
# other mail is worked off.
MOST = 10
SHOWN = 5  # tickets of one mail that are shown, each in a mail of its own
_ARTICLES = 5  # articles that a search names
_TAG = re.compile(r"\[[A-Za-z][A-Za-z0-9]{0,15}-\d{1,12}(?:[ _]\d{1,6}\.[a-z2-7]{16})?\]")


@dataclass(frozen=True, slots=True)
class Query:
    """Who asks, and by which mail: `message_id` and `subject` are the mail's, `queue` the name of the queue that it is
    for, `ticket` the one that it belongs to. `text` is the mail as it was written, given back where it has mistakes."""

    person: Address
    at: datetime
    queue: str
    message_id: str = ""
    subject: str = ""
    journal_id: int | None = None
    ticket: Ticket | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Round:
    """One asker with what he may see; `zone` is his own."""

    connection: Connection
    asker: Query
    rights: QueryAccess
    zone: ZoneInfo


class QueryService:
    """Answers agents, for one desk."""

    def __init__(
        self, settings: Settings, tickets: TicketService, system_notices: SystemNotices, directory: DirectoryFiles
    ) -> None:
        self._settings = settings
        self._tickets = tickets
        self._system_notices = system_notices
        self._directory = directory
        self._answers: dict[str, Callable[[_Round, str], QueryReply | None]] = {
            "list": self._list,
            "find": self._find,
            "report": self._report,
            "show": self._show,
            "explain": self._explain,
            "away": self._away,
            "help": lambda _round, _args: QueryReply("help", "#help"),
        }

    def answer(
        self,
        connection: Connection,
        asker: Query,
        commands: Sequence[Command],
        *,
        first: Sequence[QueryReply] = (),
        mistakes: tuple[CommandMistake, ...] = (),
        give_back: bool = False,
        asked: str = "",
    ) -> str:
        """Answer all questions of one mail, in order, below what else there is to say of it (`first`, `mistakes`).

        `give_back` adds the mail's own text, `asked` names in short what it asks and orders. Whoever is not of the
        house is answered nothing. What the journal is to say of the answer at the end of its outcome, "" for nothing.
        """
        rights = rights_of(self._settings, asker.person.address)
        if rights is None:
            return ""
        queue = self._settings.queues[rights.home(asker.queue)]
        person = asker.person.address
        directory = self._directory.current()
        one = _Round(connection, asker, rights, directory.zone_of(person, queue.zone))
        replies = (*first, *self._reply(one, commands))
        if not replies and not mistakes:
            return ""
        listed = directory.person(person)
        ticket = asker.ticket
        reply = StaffReply(
            to=asker.person,
            language=(listed.language if listed is not None else "") or queue.language,
            queue=queue,
            replies=replies,
            subject=_TAG.sub("", asker.subject).strip(),
            answers=asker.message_id,
            which=str(asker.journal_id or ""),
            mistakes=mistakes,
            text=asker.text if mistakes or give_back else "",
            asked=asked or names_of(commands),
            reference=ticket.reference if ticket is not None else "",
        )
        sent = self._system_notices.reply(connection, reply, asker.at)
        return "" if sent else say_gathered(person)

    def _reply(self, one: _Round, commands: Sequence[Command]) -> Iterator[QueryReply]:
        asked = _once(commands)
        shown = 0
        for command in asked[:MOST]:
            shown += command.name == "show"
            if command.name == "show" and shown > SHOWN:
                yield QueryReply("too_many_shown", str(command), count=SHOWN)
                continue
            reply = self._answers[command.name](one, command.args)
            if reply is not None:
                yield reply
        if len(asked) > MOST:
            yield QueryReply("too_many", "", count=MOST)

    # -- one question each -----------------------------------------------------------------------------------------

    def _list(self, one: _Round, args: str) -> QueryReply:
        return list_for(one.connection, self._settings, one.rights, one.asker.person.address, args, one.asker.at)

    def _report(self, one: _Round, args: str) -> QueryReply:
        return report_for(one.connection, self._settings, one.rights, args, one.asker.at)

    def _find(self, one: _Round, args: str) -> QueryReply:
        tickets = find_for(one.connection, self._settings, one.rights, args, one.asker.at)
        known = self._settings.knowledge.enabled
        found = search(one.connection, args, queue=one.rights.queues, limit=_ARTICLES) if known else ()
        passages = tuple(ArticleLine(article.number, article.title, article.excerpt) for article in found)
        return QueryReply(tickets.kind, tickets.line, sections=tickets.sections, passages=passages)

    def _explain(self, one: _Round, args: str) -> QueryReply:
        line = f"#explain {args}".strip()
        ticket = self._seen(one, args)
        return ticket if isinstance(ticket, QueryReply) else explain_for(one.connection, ticket, line)

    def _show(self, one: _Round, args: str) -> QueryReply | None:
        """The ticket comes in a mail of its own, whose answer acts on it."""
        ticket = self._seen(one, args, name="show")
        if isinstance(ticket, QueryReply):
            return ticket
        level = one.rights.level_for(ticket)
        person = one.asker.person
        ticket_event = TicketEvent(
            Event.SHOW, one.asker.at, person.address, f"#show {args}".strip(), person, acts_for=level,
            acts_queue=ticket.queue if level is not None else "", journal_id=one.asker.journal_id, order="show",
        )  # fmt: skip
        self._tickets.apply(one.connection, ticket.id, (ticket_event,))
        return None

    def _seen(self, one: _Round, args: str, name: str = "explain") -> Ticket | QueryReply:
        """The ticket that is named, else the mail's own; one that the asker may not see is not there."""
        line = f"#{name} {args}".strip()
        found = find_by_reference(one.connection, args) if args else one.asker.ticket
        found = locate_ticket(self._settings, found) if found is not None else None
        if found is None and not args:
            return QueryReply("which_ticket", line, wanted=name)
        if found is None or not one.rights.sees(found):
            return QueryReply("no_ticket", line, reference=args)
        return found

    def _away(self, one: _Round, args: str) -> QueryReply:
        line, address = f"#away {args}".strip(), one.asker.person.address
        absence = read_absence(args, one.asker.at.astimezone(one.zone).date())
        if absence is None:
            return QueryReply("what_absence", line)
        if absence.last is None:
            end_absence(one.connection, address)
            return QueryReply("back", line)
        back = datetime.combine(absence.last + timedelta(days=1), time(), one.zone)
        put_absence(one.connection, address, back)
        places = [(queue, level) for queue in one.rights.queues for level in self._settings.queues[queue].levels]
        mine = list_assigned(one.connection, places, address, 1)
        return QueryReply("away", line, begin=back, until=absence.last, count=mine.total)


def _once(commands: Sequence[Command]) -> list[Command]:
    """The questions without those that were asked before in other case or spacing; what changes something is none."""
    keys = (
        (at if one.name == "away" else -1, one.name, " ".join(one.args.casefold().split()))
        for at, one in enumerate(commands)
    )
    first: dict[tuple[int, str, str], Command] = {}
    for key, command in zip(keys, commands, strict=True):
        first.setdefault(key, command)
    return list(first.values())


def names_of(commands: Sequence[Command]) -> str:
    """What a mail asks and orders, in short."""
    return ", ".join(f"#{command.name}" for command in commands)
