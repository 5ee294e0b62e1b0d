"""Builds a ticket's timeline for staff: its mails, notes and events in order, and the requester's earlier tickets.

Reads only. Automatic notices are left out: their events say as much.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from mailgate.config.directory.entries import Directory
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, MessageKind
from mailgate.core.text import ellipsis
from mailgate.core.workflow.events import (
    ENDED,
    EVENTS,
    LEVELS,
    UNPROVEN_COPY,
    Actor,
    Event,
    MailText,
    Reply,
    State,
    TimelineStyle,
)
from mailgate.core.workflow.transitions import Condition
from mailgate.notices.mime.forwarded import mask_words
from mailgate.notices.rendering.content import Earlier, TimelineEntry
from mailgate.notices.rendering.words import LEFT_OUT
from mailgate.parsers import read_commands
from mailgate.parsers.commands import Commands
from mailgate.parsers.commands.arguments import read_requester
from mailgate.parsers.commands.moments import find_return
from mailgate.parsers.likely_duplicates import is_likely_duplicate
from mailgate.store.events import EventRow
from mailgate.store.messages import (
    ConversationRow,
    MailHeadRow,
    MailRow,
    RecentMailRow,
    first_texts,
    list_mail_heads,
    list_newest_mails,
    list_recent_of_participants,
    read_mails,
)
from mailgate.store.people import list_participants
from mailgate.store.tickets import Ticket, earlier_tickets, get_ticket

EARLIER = 5
_SAME_REQUEST = timedelta(days=1)  # within which a request with the same words is likely to be the same

WORDS = 20_000  # characters of one mail in a timeline; the whole mail stays in `mailgate show`
# Characters of a whole timeline: nobody reads more in a mail, and as text and as HTML, encoded, it makes about
# two megabytes at most, which every relay takes. Nothing else of such a notice could be left out.
WHOLE = 300_000
_AUTO_REPLY = MessageKind.AUTO_REPLY.value
_AUTOMATIC_WORDS = 400  # characters of an automatic reply
_RECENT_MAILS = 30  # of the people of a ticket, in which one is looked for
_LINE = 100  # what an entry takes beside its words
_PIECE = 50  # the newest mails, whose words are read at once
_LATER_PIECE = 250  # entries before them, whose words are read at once where they are shown

SUBMITTED = "request written down"
"""Name of the entry of a request that an agent wrote down, or forwarded, for the requester."""
_SUBMISSION = re.compile("#requester (.*?)(, forwarded)?, (?:verified|proven) by ", re.DOTALL)
_WRITES_FIRST = "#to "
_OF_NO_WORKFLOW = ("breaker", LEFT_OUT)  # written to the history by the dispatcher
_OWN_WORDS = (MailText.SOLUTION, MailText.QUESTION)
_NAMING = (Event.ASSIGN, SUBMITTED)  # entries whose detail is an address


def earlier_of(connection: Connection, ticket: Ticket, queues: Sequence[str]) -> tuple[Earlier, ...]:
    """Lists the requester's last tickets before this one, of queues that the recipient may see."""
    return tuple(
        Earlier(old.reference, old.subject, old.state, old.created_at)
        for old in earlier_tickets(connection, ticket, queues, EARLIER)
    )


def likely_duplicate_of(
    connection: Connection, ticket: Ticket, earlier: Sequence[Earlier], text: str
) -> Earlier | None:
    """Finds the open ticket that a new request repeats: of the day before it, with its subject or nearly its words.

    `earlier` are the requester's tickets that the recipient may see, newest first, `text` is that of the request. Reads
    texts only where there is such a ticket with another subject.
    """
    recent = [one for one in earlier if one.state not in ENDED and one.at >= ticket.created_at - _SAME_REQUEST]
    same = next((one for one in recent if _folded(one.subject) == _folded(ticket.subject) != ""), None)
    if same is not None or not recent or not text.strip():
        return same
    texts = first_texts(connection, [one.reference for one in recent])
    new = ticket.subject, text
    return next(
        (
            one
            for one in recent
            if is_likely_duplicate(new, (one.subject, texts.get(one.reference, "")), ticket.language)
        ),
        None,
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def timeline_of(
    connection: Connection,
    ticket: Ticket,
    histories: Mapping[int, Sequence[EventRow]],
    directory: Directory,
    most: int | None = None,
) -> tuple[tuple[TimelineEntry, ...], int]:
    """Returns the timeline of a ticket, oldest first, and the number of entries left out.

    Each thing stands once, in words that a person would use. The first and the newest entries are kept, with `most`
    no more than so many of the newest; only the words of these are read. `histories` are those of the ticket and of the
    tickets merged into it, by their ids.
    """
    story = _tell(connection, ticket, histories, directory)
    shown, left_out = story.shorten(most)
    masked = (replace(entry, text=mask_words(entry.text), detail=mask_words(entry.detail)) for entry in shown)
    return tuple(masked), left_out


def automatic_reply_of(connection: Connection, ticket: Ticket) -> TimelineEntry | None:
    """Returns the last automatic reply of the ticket's people: its author is away; None where they wrote since."""
    return _automatic_reply(connection, ticket, list_recent_of_participants(connection, ticket.id, _RECENT_MAILS))


def recorded_words_of(
    connection: Connection, ticket: Ticket, before: datetime
) -> tuple[TimelineEntry | None, TimelineEntry | None]:
    """Returns what the ticket's people wrote before that time and nobody got a mail about: it stands in the next one.

    The last automatic reply: its author is away, until a day ahead where they named one; None where they wrote since.
    The last bare thanks while the requester is asked whether the solution works; None where there were none.
    """
    recent = list_recent_of_participants(connection, ticket.id, _RECENT_MAILS)
    reply = _automatic_reply(connection, ticket, recent)
    if reply is not None and reply.away_until is not None and reply.away_until <= before.date():
        reply = replace(reply, away_until=None)
    return reply, _thanks(connection, ticket, recent, before)


def _thanks(
    connection: Connection, ticket: Ticket, recent: Sequence[RecentMailRow], before: datetime
) -> TimelineEntry | None:
    since = ticket.confirm_at
    if ticket.state != State.CONFIRMING or since is None:
        return None
    thanks = (row for row in recent if row.event == Event.SAID_THANKS and since <= row.at < before)
    newest = next(thanks, None)
    return None if newest is None else TimelineEntry(newest.at, _who(connection, ticket, newest), newest.event, "")


def _who(connection: Connection, ticket: Ticket, row: RecentMailRow) -> str:
    names = {one.address: one.name for one in list_participants(connection, ticket.id)}
    return names.get(fold_address(row.sender)) or row.sender


def _automatic_reply(connection: Connection, ticket: Ticket, recent: Sequence[RecentMailRow]) -> TimelineEntry | None:
    last: dict[str, RecentMailRow] = {}
    for row in recent:
        last.setdefault(fold_address(row.sender), row)
    away = (row for row in last.values() if row.event == Event.AUTOMATIC and row.reason.startswith(_AUTO_REPLY))
    newest = next((row for row in away if row.new_text.strip()), None)
    if newest is None:
        return None
    text = mask_words(ellipsis(newest.new_text, _AUTOMATIC_WORDS))
    is_requester = fold_address(newest.sender) == fold_address(ticket.requester)
    away_until = find_return(text, newest.at) if is_requester else None
    return TimelineEntry(newest.at, _who(connection, ticket, newest), newest.event, text, away_until=away_until)


def _size(entry: TimelineEntry) -> int:
    return _LINE + len(entry.text) + len(entry.detail)


class _Story:
    """The entries of a timeline; mails give their words where these are asked for."""

    def __init__(self, connection: Connection, name: Callable[[TimelineEntry], TimelineEntry]) -> None:
        self._connection = connection
        self._name = name
        self._entries: list[TimelineEntry] = []  # without names
        self._mails: list[int] = []  # the mail of each entry whose words are not read yet, else 0
        self._steps: dict[int, Sequence[EventRow]] = {}  # of these mails
        self._places: dict[int, list[int]] = {}  # their entries

    def add(self, entries: Sequence[TimelineEntry], mail: int = 0) -> None:
        """Adds entries; `mail` is theirs if its words are not read yet."""
        self._entries += entries
        self._mails += [mail] * len(entries)

    def add_head(self, mail: MailHeadRow, steps: Sequence[EventRow]) -> None:
        """Adds a mail whose words are not read yet: they change nothing but the text of its entries."""
        self._steps[mail.id] = steps
        self.add(_entries_of_mail(MailRow(*mail, new_text="", new_html="", text=""), steps), mail.id)

    def name_all(self) -> list[TimelineEntry]:
        """Returns all entries with their names; the words of all of them must have been read."""
        return [self._name(entry) for entry in self._entries]

    def sort(self) -> None:
        """Puts the entries in the order of their times; must come before `shorten`."""
        order = sorted(range(len(self._entries)), key=lambda at: self._entries[at].at)
        self._entries = [self._entries[at] for at in order]
        self._mails = [self._mails[at] for at in order]
        for at, mail in enumerate(self._mails):
            if mail:
                self._places.setdefault(mail, []).append(at)

    def shorten(self, most: int | None) -> tuple[list[TimelineEntry], int]:
        """Returns the first and the newest entries, as many as have room, and the number of others."""
        first = [self._read(0)] if self._entries else []
        room = WHOLE - sum(map(_size, first))
        newest: list[TimelineEntry] = []
        for at in range(len(self._entries) - 1, 0, -1):
            if most is not None and len(newest) >= most:
                break
            entry = self._read(at)
            room -= _size(entry)
            if room < 0:
                break
            newest.append(entry)
        return [*first, *reversed(newest)], max(len(self._entries) - 1 - len(newest), 0)

    def _read(self, at: int) -> TimelineEntry:
        """Returns an entry with its words; reads those of some mails before it, too, since they come next."""
        if self._mails[at]:
            before = (mail for mail in self._mails[max(at - _LATER_PIECE, 0) : at + 1] if mail)
            wanted = dict.fromkeys(before)
            for mail in read_mails(self._connection, wanted):
                entries = _entries_of_mail(mail, self._steps[mail.id])
                for place, entry in zip(self._places[mail.id], entries, strict=True):
                    self._entries[place], self._mails[place] = entry, 0
        return self._name(self._entries[at])


def _tell(
    connection: Connection, ticket: Ticket, histories: Mapping[int, Sequence[EventRow]], directory: Directory
) -> _Story:
    """Returns the whole timeline, its words as they are; of tickets that were merged into it what people wrote."""
    merged = [one for other in histories if other != ticket.id and (one := get_ticket(connection, other)) is not None]
    agents = {fold_address(one.last_agent): one.last_agent_name for one in (*merged, ticket)}
    story = _tell_alone(connection, ticket, histories[ticket.id], directory, agents, whole=bool(merged))
    if merged:
        entries = story.name_all()
        told = {(entry.at, entry.who, entry.text) for entry in entries}  # a mail of both tickets stands once
        story = _Story(connection, lambda entry: entry)
        for other in merged:
            others = _tell_alone(connection, other, histories[other.id], directory, agents, whole=True).name_all()
            said = (one for one in others if one.text.strip() and (one.at, one.who, one.text) not in told)
            entries += (replace(one, what="in") if one.what == Event.REQUEST else one for one in said)
        story.add(entries)
    story.sort()
    return story


def _tell_alone(
    connection: Connection,
    ticket: Ticket,
    history: Sequence[EventRow],
    directory: Directory,
    agents: Mapping[str, str],
    *,
    whole: bool,
) -> _Story:
    """Returns the entries of one ticket; `agents` are the names by which agents signed, by their folded addresses.

    `whole` reads the words of all mails, else only of the newest.
    """
    names = {row.address: row.name for row in list_participants(connection, ticket.id)}
    names[fold_address(ticket.requester)] = ticket.requester_name

    def name(address: str) -> str:
        """Returns the name of a person of the ticket; of others the directory's, else that of the last agent's From."""
        key = fold_address(address)
        return names.get(key) or directory.name_of(key) or agents.get(key) or address

    def with_names(entry: TimelineEntry) -> TimelineEntry:
        return replace(entry, who=name(entry.who), detail=name(entry.detail) if entry.what in _NAMING else entry.detail)

    newest: Sequence[MailRow] = list_newest_mails(connection, ticket.id, _PIECE)
    heads = list_mail_heads(connection, ticket.id, newest[0].id) if len(newest) == _PIECE else []
    known = {mail.journal_id for mail in heads} | {mail.journal_id for mail in newest}
    steps: dict[int, list[EventRow]] = {}
    alone: list[EventRow] = []
    for row in history:
        if row.journal_id is not None and row.journal_id in known:
            steps.setdefault(row.journal_id, []).append(row)
        else:
            alone.append(row)
    story = _Story(connection, with_names)
    # A rejected mail has an entry only where it has words.
    rejected = [one.id for one in heads if whole or any(map(is_refused, steps.get(one.journal_id or 0, ())))]
    read = {
        mail.id: mail
        for at in range(0, len(rejected), _LATER_PIECE)
        for mail in read_mails(connection, rejected[at : at + _LATER_PIECE])
    }
    for head in heads:
        own = steps.get(head.journal_id or 0, ())
        if head.id in read:
            story.add(_entries_of_mail(read[head.id], own))
        else:
            story.add_head(head, own)
    for mail in newest:
        story.add(_entries_of_mail(mail, steps.get(mail.journal_id or 0, ())))
    story.add([_entry_of_event(row, "") for row in alone if not (row.undone or is_refused(row) or _is_hidden(row))])
    return story


def _entries_of_mail(mail: MailRow, steps: Sequence[EventRow]) -> list[TimelineEntry]:
    """Returns the entries of a mail and its events: its words stand once, with their meaning."""
    words = (mail.new_text or mail.text)[:WORDS]
    html = mail.new_html if words == mail.new_text else ""
    plain = TimelineEntry(mail.at, mail.sender, "in", words, bool(mail.internal), html=html)
    if not steps:
        return [plain]
    opening = next((step for step in steps if step.event == Event.REQUEST), None)
    if opening is not None and (person := submitted_for(opening)) is not None:
        text, html = mail.new_text[:WORDS], html if mail.new_text else ""
        request = TimelineEntry(mail.at, person.address, SUBMITTED, text, detail=opening.by, html=html)
        others = (one for one in steps if one is not opening and not (one.undone or is_refused(one) or _is_hidden(one)))
        return [request, *(_entry_of_event(step, _words_of_command(step)) for step in others)]
    if opening is not None and opening.reason.startswith(_WRITES_FIRST) and len(steps) > 1:
        steps = [step for step in steps if step is not opening]  # the agent's words to the requester are no request
    if not any(_is_from_agent(step) for step in steps):
        first = next((step for step in steps if step.event != Event.RATED), steps[0])
        info = EVENTS.get(first.event)
        answers = info is not None and info.reply in (Reply.YES, Reply.NO, Reply.THANKS)
        named = (answers and first.from_state not in LEVELS) or _style_of(first) is TimelineStyle.NAMED
        return [replace(plain, what=first.event if named else "in")]
    done = [step for step in steps if not step.undone]
    if any(is_refused(step) for step in done):
        refused = [replace(plain, what="refused", internal=True)] if words.strip() else []
        return refused + [_entry_of_event(step, "") for step in done if _is_quiet(step)]
    return _entries_of_commands(words, [step for step in done if not _is_hidden(step)])


def _entries_of_commands(words: str, steps: Sequence[EventRow]) -> list[TimelineEntry]:
    """Returns the entries of an agent's commands; the mail's public text stands with the one that sent it."""
    read: Commands | None = None
    entries = []
    for step in steps:
        text, use = "", _use_of_text(step)
        if use.is_shown and words:
            read = read or read_commands(words)
            own = [one.args for one in read.commands if one.name == step.event and use in _OWN_WORDS]
            text = "\n\n".join(part for part in (*own, read.public_text) if part)
        elif _style_of(step) is TimelineStyle.HELD:
            text = words
        entries.append(_entry_of_event(step, text))
    return entries


def _entry_of_event(step: EventRow, text: str) -> TimelineEntry:
    """Returns the entry of an event; its `detail` goes on the entry's line, `text` is what was written."""
    who = "" if step.by.startswith("timer ") or step.by == "desk" else step.by
    style, detail = _style_of(step), ""
    internal = style in (TimelineStyle.NOTE, TimelineStyle.HELD)
    if step.event == Event.COPIED and step.reason.startswith(UNPROVEN_COPY):
        return TimelineEntry(step.at, who, f"{step.event}, {UNPROVEN_COPY}", text, internal)
    match style:
        case TimelineStyle.NOTE:
            return TimelineEntry(step.at, who, step.event, step.text[:WORDS], internal)
        case TimelineStyle.ASKED:
            asked = _after_command(step.reason)
            return TimelineEntry(step.at, who, step.event, step.text[:WORDS], internal, asked)
        case TimelineStyle.DETAIL:
            detail = step.text
        case TimelineStyle.ROUTE:
            why = _after_command(step.reason)
            detail = f"{step.text} ({why})" if step.text and why else step.text or why
        case TimelineStyle.REASON:
            detail = step.reason
    if _use_of_text(step) in _OWN_WORDS and not text and not detail and step.by == "operator":
        text = _after_command(step.reason)
    return TimelineEntry(step.at, who, step.event, text, internal, detail[:WORDS])


def submitted_for(step: EventRow | ConversationRow) -> Address | None:
    """Returns the requester for whom an agent wrote down the request that opened the ticket; None for another event."""
    found = _SUBMISSION.match(step.reason) if step.event == Event.REQUEST else None
    return read_requester(found[1])[0] if found is not None else None


def is_forwarded(opening: ConversationRow) -> bool:
    """Tells whether such a request is a mail that the agent forwarded, and not what they wrote down themselves."""
    found = _SUBMISSION.match(opening.reason)
    return found is not None and found[2] is not None


def is_refused(step: EventRow | ConversationRow) -> bool:
    """Tells whether the desk rejected what an agent ordered: by the transition table, or by validation."""
    if not _is_from_agent(step) or not step.row:
        return False
    if step.event == Event.CLOSE_BARE and step.from_state in LEVELS:
        return True
    return " · " not in step.row or step.row.endswith(("· meaningless", f"· {Condition.OTHER_LEVEL.value}"))


def _words_of_command(step: EventRow) -> str:
    """Returns what a command beside a request said to the requester; the mail's text is the request."""
    speaks = _use_of_text(step) in _OWN_WORDS and _style_of(step) is TimelineStyle.PLAIN
    return _after_command(step.reason) if speaks else ""


def _style_of(step: EventRow) -> TimelineStyle:
    """Returns the form in which a row of the history is shown; an event that this version does not know stands
    alone."""
    if step.event in _OF_NO_WORKFLOW:
        return TimelineStyle.REASON
    info = EVENTS.get(step.event)
    return info.timeline if info is not None else TimelineStyle.PLAIN


def _use_of_text(step: EventRow) -> MailText:
    info = EVENTS.get(step.event)
    return info.text if info is not None else MailText.NONE


def _is_hidden(step: EventRow) -> bool:
    return _style_of(step) is TimelineStyle.HIDDEN


def _is_quiet(step: EventRow) -> bool:
    """Tells whether it is done even where another command of its mail is rejected."""
    info = EVENTS.get(step.event)
    return info is not None and info.actor is Actor.AGENT and not _is_hidden(step)


def _is_from_agent(step: EventRow | ConversationRow) -> bool:
    info = EVENTS.get(step.event)
    return info is not None and info.from_agent


def _after_command(reason: str) -> str:
    """Returns what follows a command; "" for a reason that is none."""
    return reason.partition(" ")[2].strip() if reason.startswith("#") else ""
