"""History below a notice: the mails of a ticket that its recipient may see, quoted below an agent's words.

A requester's mail is shown to its author and to those whom it was sent to; an agent's answer, in the desk's name, to
those who got it. A person whom an agent put in copy gets the request and the last answer with their first mail, and a
third party (`#ask`, `#approve-by`) the request. Notes, mails of third parties and outsiders, and what a notice says
around an agent's words are never shown (docs/rules.md#16).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from mailgate.config import Settings
from mailgate.core.domains import fold_address
from mailgate.core.mail import Address
from mailgate.core.workflow.events import ASKING_COMMANDS, EVENTS, Event
from mailgate.core.workflow.notice_catalogue import Asks, Audience, Notice
from mailgate.notices.attachments import IDENTITIES
from mailgate.notices.mime.forwarded import mask_words
from mailgate.notices.mime.headers import clean_name
from mailgate.notices.recipients import ASKED, Recipient
from mailgate.notices.rendering.content import QuotedMail
from mailgate.notices.timeline import is_forwarded, is_refused, submitted_for
from mailgate.parsers import read_commands
from mailgate.parsers.commands import Command
from mailgate.parsers.commands.arguments import ALONE, WITH_FILES
from mailgate.parsers.commands.moments import read_waiting
from mailgate.parsers.quoting.quote_lines import is_quoted
from mailgate.store.messages import ConversationRow, list_attachments, list_conversation
from mailgate.store.tickets import Ticket
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import FileRef, as_file

_MOST_ASKED = 1_000  # mails in which the request, and the files for a third party, are looked for
_CUT = "[…]"


@dataclass(frozen=True, slots=True)
class PublicMail:
    """A mail of a person of the ticket, or the public text of an agent's mail; addresses are folded."""

    id: int
    at: datetime
    sender: str
    recipients: frozenset[str]
    text: str
    by_agent: bool
    written_down: bool = False  # or forwarded, by an agent, for the sender
    in_agents_words: bool = False  # written down, and not forwarded
    begins: bool = False  # an agent's mail to the requester with which the ticket began

    def is_of(self, address: str) -> bool:
        """Tells whether a person outside wrote it to the desk, and this address is that person or got it from them."""
        return not self.by_agent and (address == self.sender or address in self.recipients)


class HistoryReader:
    """Reads and chooses what notices quote, for one desk. Reads the store."""

    def __init__(self, settings: Settings) -> None:
        self._mode = settings.notices.history
        self._limits = settings.limits

    def read(
        self, batch: UnitOfWork, ticket: Ticket, notice: Notice, ticket_event: TicketEvent
    ) -> tuple[PublicMail, ...]:
        """Reads the mails that people outside may see, newest first; () where the notice needs none.

        One statement, once for all recipients. The mail that causes the notice is left out.
        """
        if not self._is_wanted(notice, ticket_event):
            return ()
        most = _MOST_ASKED if notice.info.audience is Audience.THIRD_PARTY else self._limits.history_mails
        rows = list_conversation(batch.connection, ticket.id, most)
        groups = (list(group) for _, group in groupby(rows, lambda row: row.id))
        current = ticket_event.journal_id
        earlier = (group for group in groups if current is None or group[0].journal_id != current)
        return tuple(mail for group in earlier for mail in _read_mails(group))

    def _is_wanted(self, notice: Notice, ticket_event: TicketEvent) -> bool:
        """Tells whether a notice quotes: not where the last mail stands between the lines of the answer already."""
        if notice.info.asks is Asks.APPROVAL:
            return True
        if notice is Notice.ASK:
            return ticket_event.enclosing != ALONE and (self._mode != "none" or ticket_event.enclosing == WITH_FILES)
        if notice.info.quotes and self._mode == "last":
            return not any(is_quoted(line) for line in ticket_event.text.split("\n"))
        return notice.info.quotes and self._mode == "all"

    def quote(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        notice: Notice,
        recipient: Recipient,
        mails: Sequence[PublicMail],
        *,
        is_first: bool,
    ) -> tuple[QuotedMail, ...]:
        """Returns what a recipient may see of `mails`, newest first; `is_first` says that they got no mail before."""
        if not mails or (notice is Notice.ASK and self._mode == "none"):
            return ()
        is_new = is_first and not any(mail.is_of(recipient.address.key) for mail in mails)
        filled = [mail for mail in mails if mail.text.strip()]
        chosen = self._choose(batch, ticket, recipient, filled, is_new=is_new)
        quoted: list[QuotedMail] = []
        room = self._limits.history_size
        for mail in chosen[: self._limits.history_mails]:
            text, size = mail.text.strip(), len(mail.text.encode("utf-8", "replace"))
            if size > room and quoted:
                break
            if size > room:
                text = _cut(text, room)
            room -= size
            author = _author(ticket, recipient, mail)
            if author is not None and recipient.lane == ASKED:
                text = _without_address(text, ticket.requester, author.name)
            quoted.append(QuotedMail(mail.at, author, mask_words(text), mail.written_down))
        return tuple(quoted)

    def _choose(
        self, batch: UnitOfWork, ticket: Ticket, recipient: Recipient, mails: Sequence[PublicMail], *, is_new: bool
    ) -> Sequence[PublicMail]:
        """Chooses what a recipient may see; `is_new` says that they neither wrote a mail of the ticket nor got one."""
        reader, requester = recipient.address.key, fold_address(ticket.requester)
        if recipient.lane == ASKED:
            return _request(mails, requester)
        mails = [mail for mail in mails if not mail.in_agents_words]  # they were not written for the requester's eyes
        seen_at = batch.times_seen_by(reader)
        if is_new and reader != requester:
            new = (*_last_answer(mails, batch.times_seen_by(requester)), *_request(mails, requester))
            return tuple(dict.fromkeys(new))
        seen = [mail for mail in mails if mail.is_of(reader) or (mail.by_agent and mail.at in seen_at)]
        return seen if self._mode == "all" else [mail for mail in seen if not mail.by_agent][:1]


def files_of_requester(
    batch: UnitOfWork, ticket: Ticket, mails: Sequence[PublicMail], ticket_event: TicketEvent
) -> tuple[FileRef, ...]:
    """Returns the files of the requester's mails, each once, for a third party whom `#ask` sends them to.

    An image goes along only where it stands in the words: those of signatures do not.
    """
    if ticket_event.enclosing != WITH_FILES:
        return ()
    requester = fold_address(ticket.requester)
    own = (mail for mail in mails if not (mail.by_agent or mail.written_down) and mail.sender == requester)
    texts = {mail.id: mail.text for mail in own}
    rows = (row for row in list_attachments(batch.connection, ticket.id) if row.message_id in texts)
    files = (row for row in rows if row.mime_type not in IDENTITIES)
    shown = [row for row in files if not row.inline or f"[{row.filename}]" in texts[row.message_id]]
    return tuple(as_file(row._replace(inline=False)) for row in {row.sha256: row for row in reversed(shown)}.values())


def _read_mails(rows: Sequence[ConversationRow]) -> Iterator[PublicMail]:
    """Reads one mail with its events; nothing of what people outside must not see.

    A mail that opened the ticket for a requester is two: what its commands said to them, and the request before it.
    """
    opening = next((row for row in rows if row.event == Event.REQUEST), None)
    person = submitted_for(opening) if opening is not None else None
    if opening is None or person is None:
        mail = _read_mail(rows)
        if mail is not None:
            yield mail
        return
    said = [row for row in rows if (info := EVENTS.get(row.event)) is not None and info.text.speaks]
    words = "\n\n".join(_public_text(row.reason) for row in said if not (row.undone or is_refused(row)))
    sender, nobody = fold_address(opening.sender), frozenset[str]()
    if words:
        yield PublicMail(opening.id, opening.at, sender, nobody, words, by_agent=True)
    if opening.words:
        yield PublicMail(
            opening.id, opening.at, person.key, nobody, opening.words, by_agent=False, written_down=True,
            in_agents_words=not is_forwarded(opening),
        )  # fmt: skip


def _read_mail(rows: Sequence[ConversationRow]) -> PublicMail | None:
    """Reads one mail with its events; None for what people outside must not see."""
    mail, infos = rows[0], [EVENTS.get(row.event) for row in rows if row.event]
    by_agent = any(info is not None and info.from_agent for info in infos)
    if by_agent:
        is_public = not any(row.undone or is_refused(row) for row in rows)
        is_public = is_public and any(info is not None and info.text.speaks for info in infos)
    else:
        is_public = not infos or any(info and (info.by_participant or info.event is Event.REQUEST) for info in infos)
        is_public = is_public and not mail.internal
    if not is_public:
        return None
    text = _public_text(mail.new_text) if by_agent else mail.new_text
    recipients = frozenset(map(fold_address, mail.recipients))
    begins = by_agent and any(row.event == Event.REQUEST for row in rows)
    return PublicMail(mail.id, mail.at, fold_address(mail.sender), recipients, text, by_agent, begins=begins)


def _cut(text: str, room: int) -> str:
    """Returns the first lines of a text, as far as `room` bytes have room for them, and a mark that says so."""
    kept = text.encode("utf-8", "replace")[:room].decode("utf-8", "ignore")
    return f"{kept.rpartition(chr(10))[0] or kept}\n{_CUT}"


def _public_text(written: str) -> str:
    """Returns what an agent's mail said to the requester: the words of its commands for them, and its text.

    A third party that `#waiting` names is none of it, nor is the text beside `#ask` or `#approve-by`: that went to the
    person asked alone.
    """
    read = read_commands(written)
    own = [_words_of(command) for command in read.commands]
    asks = any(command.name in ASKING_COMMANDS for command in read.commands)
    return "\n\n".join(part for part in (*own, "" if asks else read.public_text) if part)


def _words_of(command: Command) -> str:
    """Returns the words of a command that the requester gets."""
    if command.name == "waiting":
        return read_waiting(command.args).question
    return command.args if command.name == "resolve" else ""


def _request(mails: Sequence[PublicMail], requester: str) -> tuple[PublicMail, ...]:
    """Returns the requester's first mail, if there is one, and the agent's with which the ticket began."""
    first = next(((mail,) for mail in reversed(mails) if not mail.by_agent and mail.sender == requester), ())
    return (*first, *(mail for mail in mails if mail.begins))


def _last_answer(mails: Sequence[PublicMail], told: Collection[datetime]) -> tuple[PublicMail, ...]:
    """Returns the last answer that the requester got, if there is one; `told` are the times at which they got mail."""
    return next(((mail,) for mail in mails if mail.by_agent and mail.at in told), ())


def _author(ticket: Ticket, recipient: Recipient, mail: PublicMail) -> Address | None:
    """Returns the author of a mail; None for the desk. A third party gets no address."""
    if mail.by_agent:
        return None
    names = {recipient.address.key: recipient.address.name, fold_address(ticket.requester): ticket.requester_name}
    return Address(clean_name(names.get(mail.sender, "")), "" if recipient.lane == ASKED else mail.sender)


def _without_address(text: str, address: str, name: str) -> str:
    """Returns a text with a person's name in place of their address, such as in the values of a contact form."""
    return re.sub(re.escape(address), lambda _: name or _CUT, text, flags=re.IGNORECASE)
