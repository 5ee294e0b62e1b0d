"""Answers all queries of one mail in one mail, in their order.

The caller has proven who wrote it, or asks for `answer_unproven`.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People, QueryAccess, language_of
from mailgate.core.frozen import replace
from mailgate.core.log_fields import Fields
from mailgate.core.mail import Address, InboundMessage, Mail
from mailgate.core.tokens import TAG
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.inbound.commands import GIVEN_BACK
from mailgate.inbound.queries.explain import explain_for
from mailgate.inbound.queries.lists import find_for, list_for
from mailgate.inbound.queries.reports import report_for
from mailgate.inbound.saved_replies import SavedReplyFinder
from mailgate.notices.rendering.replies import ArticleLine, BlockedAddress, QueryReply, SavedReplyLine
from mailgate.notices.system_notices import StaffReply, SystemNotices
from mailgate.parsers.commands import Command, Commands, is_only_signed
from mailgate.parsers.commands.query_arguments import read_absence
from mailgate.parsers.quoting import signatures
from mailgate.parsers.saved_replies import SavedReply, part_file_name
from mailgate.parsers.vocabulary import HARMLESS_QUESTIONS
from mailgate.store.after_commit import do_after_commit
from mailgate.store.article_search import search
from mailgate.store.journal import say_gathered
from mailgate.store.knowledge import list_named
from mailgate.store.outbox import count_sent
from mailgate.store.people import end_absence, list_blocked, put_absence, read_contact, unblock
from mailgate.store.queries.worklists import list_assigned
from mailgate.store.tickets import Ticket, find_by_reference
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.service import TicketService
from mailgate.tickets.values import CommandMistake

log = logging.getLogger("mailgate.inbound")

# Queries of one mail that are answered: nobody reads more, and while one searches a large database no other mail is
# received.
MOST = 10
MOST_UNPROVEN = 10  # answers to an agent in an hour, with which queries without proof still get one
SHOWN = 5  # tickets of one mail that are shown, each in a mail of its own
_ARTICLES = 5  # articles that a search names
_NAMED = 100  # saved replies that a list names, and articles
_TAG = re.compile(TAG, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Query:
    """The mail that queries came in: its author, the queue that it is for, and the ticket that it belongs to, if any.

    The author of an agent's mail by a shared mailbox is the agent. `proven` says that something proves them.
    """

    message: InboundMessage
    author: Address
    queue: str
    ticket: Ticket | None = None
    proven: bool = True

    @property
    def at(self) -> datetime:
        """When the mail counts."""
        return self.message.at


@dataclass(frozen=True, slots=True)
class _Context:
    """A query mail with the access of its author; `zone` is the author's own."""

    connection: Connection
    query: Query
    access: QueryAccess
    zone: ZoneInfo


class QueryService:
    """Answers the queries of staff, for one desk."""

    def __init__(
        self,
        settings: Settings,
        people: People,
        tickets: TicketService,
        system_notices: SystemNotices,
        directory: DirectoryFiles,
        saved_replies: SavedReplyFinder,
    ) -> None:
        self._settings = settings
        self._saved_replies = saved_replies
        self._tickets = tickets
        self._system_notices = system_notices
        self._directory = directory
        self._people = people
        self._answers: dict[str, Callable[[_Context, str], QueryReply | None]] = {
            "list": self._list,
            "find": self._find,
            "report": self._report,
            "show": self._show,
            "explain": self._explain,
            "away": self._away,
            "blocked": self._blocked,
            "unblock": self._unblock,
            "help": self._help,
        }

    def answer(
        self,
        connection: Connection,
        query: Query,
        commands: Sequence[Command],
        *,
        first: Sequence[QueryReply] = (),
        mistakes: tuple[CommandMistake, ...] = (),
        give_back: bool = False,
        asked: str = "",
    ) -> str:
        """Answers all queries of one mail, below what else there is to say of it (`first`, `mistakes`).

        `give_back` adds the mail's own text, `asked` names its commands in short. A person without access gets no
        answer. Returns the words for the end of the journal's outcome, "" for none.
        """
        access = self._people.access_of(query.author.address)
        if access is None:
            return ""
        message, person = query.message, query.author.address
        queue = self._settings.queues[access.home(query.queue)]
        directory = self._directory.current()
        context = _Context(connection, query, access, directory.zone_of(person, queue.zone))
        replies = (*first, *self._reply(context, commands))
        if not replies and not mistakes:
            return ""
        written = read_contact(connection, person).language
        reply = StaffReply(
            to=query.author,
            language=language_of(queue.languages, written=written, person=directory.person(person)),
            queue=queue,
            replies=replies,
            subject=_TAG.sub("", message.mail.subject).strip(),
            answers=message.mail.message_id,
            which=str(message.journal_id),
            mistakes=mistakes,
            text=message.mail.new_text[:GIVEN_BACK] if mistakes or give_back else "",
            asked=asked or names_of(commands),
            reference=query.ticket.reference if query.ticket is not None else "",
        )
        sent = self._system_notices.reply(connection, reply, query.at)
        return "" if sent else say_gathered(person)

    def answer_unproven(self, connection: Connection, query: Query, commands: Sequence[Command]) -> str:
        """Answers the queries that change nothing in a mail that nothing proves to be its author's (docs/rules.md#8).

        The answer goes to the address as the configuration has it and nowhere else, without a word of the mail but the
        queries and the subject. It stops after `MOST_UNPROVEN` answers in an hour, or a forger could fill the agent's
        mailbox and use up what the desk may send them. Returns the words for the journal's outcome; "" where it answers
        nothing: a doubt about the author, or a desk where agents need a pass, needs the proof for these queries, too.
        """
        asked, message = [one for one in commands if one.name in HARMLESS_QUESTIONS], query.message
        if not asked or self._settings.trust.agents_need == "pass":
            return ""
        if message.auth_of_sender.is_doubt or message.mail.ambiguous_sender:
            return ""
        to, since = self._people.spell(query.author.address), query.at - timedelta(hours=1)
        sent = sum(count_sent(connection, notice.value, to, since) for notice in (Notice.REPLY, Notice.SHOWN))
        more = 1 + min(SHOWN, sum(one.name == "show" for one in asked))  # at most
        if self._people.access_of(to) is None or sent + more > MOST_UNPROVEN:
            return ""
        said = self.answer(connection, replace(query, author=Address("", to), proven=False), asked)
        return f"{names_of(asked)}, answered to the agent, sender not verified{said}"

    def _reply(self, context: _Context, commands: Sequence[Command]) -> Iterator[QueryReply]:
        queries = _without_doubles(commands)
        shown = 0
        for command in queries[:MOST]:
            shown += command.name == "show"
            if command.name == "show" and shown > SHOWN:
                yield QueryReply("too_many_shown", str(command), count=SHOWN)
                continue
            reply = self._answers[command.name](context, command.args)
            if reply is not None:
                yield reply
        if len(queries) > MOST:
            yield QueryReply("too_many", "", count=MOST)

    # -- one query each --------------------------------------------------------------------------------------------

    def _list(self, context: _Context, args: str) -> QueryReply:
        return list_for(
            context.connection, self._settings, context.access, context.query.author.address, args, context.query.at
        )

    def _report(self, context: _Context, args: str) -> QueryReply:
        return report_for(context.connection, self._settings, context.access, args, context.query.at)

    def _find(self, context: _Context, args: str) -> QueryReply:
        tickets = find_for(context.connection, self._settings, context.access, args, context.query.at)
        known = self._settings.knowledge.enabled
        found = search(context.connection, args, queue=context.access.queues, limit=_ARTICLES) if known else ()
        passages = tuple(ArticleLine(article.number, article.title, article.excerpt) for article in found)
        return QueryReply(tickets.kind, tickets.line, sections=tickets.sections, passages=passages)

    def _explain(self, context: _Context, args: str) -> QueryReply:
        line = f"#explain {args}".strip()
        ticket = self._find_ticket(context, args)
        return ticket if isinstance(ticket, QueryReply) else explain_for(context.connection, ticket, line)

    def _show(self, context: _Context, args: str) -> QueryReply | None:
        """Sends the ticket in a notice of its own, whose reply acts on it."""
        ticket = self._find_ticket(context, args, name="show")
        if isinstance(ticket, QueryReply):
            return ticket
        level = context.access.level_for(ticket.queue, ticket.level)
        person = context.query.author
        ticket_event = TicketEvent(
            event=Event.SHOW,
            at=context.query.at,
            by=person.address,
            reason=f"#show {args}".strip() + ("" if context.query.proven else ", sender not verified"),
            author=person,
            acts_for=level,
            acts_queue=ticket.queue if level is not None else "",
            journal_id=context.query.message.journal_id,
            command="show",
        )
        self._tickets.apply(context.connection, ticket.id, (ticket_event,))
        return None

    def _find_ticket(self, context: _Context, args: str, name: str = "explain") -> Ticket | QueryReply:
        """Finds the ticket that is named, else the mail's own; a ticket that the author may not see does not exist."""
        line = f"#{name} {args}".strip()
        found = find_by_reference(context.connection, args) if args else context.query.ticket
        found = locate_ticket(self._settings, found) if found is not None else None
        if found is None and not args:
            return QueryReply("which_ticket", line, wanted=name)
        if found is None or not context.access.sees(found.queue):
            return QueryReply("no_ticket", line, reference=args)
        return found

    def _away(self, context: _Context, args: str) -> QueryReply:
        line, address = f"#away {args}".strip(), context.query.author.address
        absence = read_absence(args, context.query.at.astimezone(context.zone).date())
        if absence is None:
            return QueryReply("what_absence", line)
        if absence.last is None:
            end_absence(context.connection, address)
            return QueryReply("back", line)
        back = datetime.combine(absence.last + timedelta(days=1), time(), context.zone)
        put_absence(context.connection, address, back)
        places = [(queue, level) for queue in context.access.queues for level in self._settings.queues[queue].levels]
        mine = list_assigned(context.connection, places, address, 1, put_off=True)
        return QueryReply("away", line, begin=back, until=absence.last, count=mine.total)

    def _help(self, context: _Context, args: str) -> QueryReply:
        """Lists what can be asked, or with `replies` the texts that `#reply` and `#kb` take by their names."""
        if args != "replies":
            return QueryReply("help", "#help")
        queues = context.access.queues
        named: dict[str, list[SavedReply]] = {}
        for one in self._saved_replies.list_replies():
            if not one.queue or context.access.sees(one.queue):
                named.setdefault(one.name, []).append(one)
        articles = list_named(context.connection, queues) if self._saved_replies.is_enabled else []
        return QueryReply(
            "replies",
            f"#help {args}",
            saved=tuple(
                SavedReplyLine(name, found[0].text, tuple(sorted({one.language for one in found} - {""})))
                for name, found in sorted(named.items())[:_NAMED]
            ),
            passages=tuple(
                ArticleLine(one.number, one.title, part_file_name(one.source)[0]) for one in articles[:_NAMED]
            ),
            more=max(0, len(named) - _NAMED) + max(0, len(articles) - _NAMED),
        )

    @staticmethod
    def _blocked(context: _Context, _args: str) -> QueryReply:
        rows = list_blocked(context.connection)
        return QueryReply(
            "blocked", "#blocked",
            blocked=tuple(BlockedAddress(row.address, row.blocked_at) for row in rows if row.blocked),
            set_aside=tuple(
                BlockedAddress(row.address, row.set_aside_at, row.set_aside_reason)
                for row in rows if row.set_aside_at is not None
            ),
        )  # fmt: skip

    @staticmethod
    def _unblock(context: _Context, args: str) -> QueryReply:
        """Lifts the block of an address; without one, of the requester of the mail's ticket."""
        line, ticket = f"#unblock {args}".strip(), context.query.ticket
        address = args or (ticket.requester if ticket is not None else "")
        if not address:
            return QueryReply("which_address", line)
        if unblock(context.connection, address) is None:
            return QueryReply("not_blocked", line, wanted=address)
        told = Fields(action="unblock", result="ok", to=address, by=context.query.author.address)
        do_after_commit(context.connection, partial(log.info, told))
        return QueryReply("unblocked", line, wanted=address)


def _without_doubles(commands: Sequence[Command]) -> list[Command]:
    """Drops queries that differ from an earlier one by case or spacing only; not `#away`, which changes something."""
    keys = (
        (at if one.name == "away" else -1, one.name, " ".join(one.args.casefold().split()))
        for at, one in enumerate(commands)
    )
    first: dict[tuple[int, str, str], Command] = {}
    for key, command in zip(keys, commands, strict=True):
        first.setdefault(key, command)
    return list(first.values())


def only_asks(read: Commands, mail: Mail) -> bool:
    """Tells whether a mail holds nothing but queries that change nothing, and at most its author's name below them."""
    if read.errors or any(command.name not in HARMLESS_QUESTIONS for command in read.commands):
        return False
    return is_only_signed(read.public_text, signatures.names_of(mail.header("From"), mail.header("Sender")))


def names_of(commands: Sequence[Command]) -> str:
    """Returns the names of a mail's commands, for its outcome."""
    return ", ".join(f"#{command.name}" for command in commands)
