"""Composes notices: content and envelope → words, headers, bytes, and the row of the outbox.

Every mail that the desk writes is put together here, and here the tokens of others are masked in its words. What
follows from the notice alone comes from the catalogue: the headers of automatic mail, and whether it is counted by the
limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue
from mailgate.config.directory.entries import Directory
from mailgate.core.addressing import read_message_id_token
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.colleagues import Colleagues
from mailgate.notices.logo import Logos
from mailgate.notices.mime.forwarded import mask_words
from mailgate.notices.mime.message import Head, compose
from mailgate.notices.rendering.branding import look_of
from mailgate.notices.rendering.content import NoticeContent, Rendered, recipient_of
from mailgate.notices.rendering.subject import subject_line
from mailgate.notices.rendering.templates import Templates
from mailgate.store.messages import NewMessage
from mailgate.store.outbox import QueuedNotice
from mailgate.store.tickets import Ticket
from mailgate.tickets.values import FileRef


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeEnvelope:
    """Everything beside the content of a notice: its sender, its thread, its way back."""

    queue: Queue
    role: str
    """The recipient's role, which decides what a reply may do (column `outbox.lane`)."""
    at: datetime
    """The Date header."""
    message_id: str
    reply_to: str
    sender: Address | None = None
    """None: the queue's name and address."""
    tag: str = ""
    """Begins or ends the subject; "" where the mail is of no ticket."""
    references: tuple[str, ...] = ()
    """Message-IDs of the thread, oldest first; the last one is the mail that is answered."""
    original_from: str = ""
    unsubscribe: str = ""
    """A link by which a person in copy leaves the ticket; "" for everybody else."""
    return_path: str = ""
    """"" is the null return path (RFC 5321, 4.5.5)."""
    number: int = 0
    """Counts the notices of a ticket, or the attempts of a hold; it stands in the token."""
    ticket: Ticket | None = None
    probe: str = ""
    """The id of a probe, which goes as text alone."""


@dataclass(frozen=True, slots=True)
class ComposedNotice:
    """A notice ready for the outbox, and its headers and words for the ticket's record."""

    queued: QueuedNotice
    head: Head
    rendered: Rendered

    def record(self, *, internal: bool) -> NewMessage:
        """Returns the notice as a row of the ticket's messages."""
        return NewMessage(
            direction="out",
            sender=self.head.sender.address,
            recipients=(self.queued.recipient,),
            subject=self.head.subject,
            message_id=self.head.message_id,
            at=self.head.date,
            text=self.rendered.text,
            internal=internal,
            notice=self.queued.notice,
        )


class Composer:
    """Puts notices together for one desk. Writes no outbox: its caller does, in its own transaction."""

    def __init__(self, templates: Templates, colleagues: Colleagues | None = None) -> None:
        self._templates = templates
        self._colleagues = colleagues
        self._logos = Logos()

    def compose(
        self,
        connection: Connection,
        content: NoticeContent,
        envelope: NoticeEnvelope,
        *,
        files: tuple[FileRef, ...] = (),
        drawings: tuple[FileRef, ...] = (),
    ) -> ComposedNotice:
        """Renders a notice and composes its message around its files; `drawings` are shown by its HTML."""
        if self._colleagues is not None:
            content = self._colleagues.name(content)
        queue, info = envelope.queue, content.notice.info
        token = read_message_id_token(envelope.message_id)
        own = token.mac if token is not None else ""
        rendered = _without_tokens(self._templates.render(content), own)
        sender = envelope.sender or Address(queue.display_name, queue.address)
        if envelope.probe:
            rendered = replace(rendered, html="")  # for people who look at it with any program
        unseen = tuple(one for one in drawings if f"cid:{one.content_id}" not in rendered.html)
        files, drawings = (*files, *unseen), tuple(one for one in drawings if one not in unseen)
        marker = f"notice={content.notice.value}"
        head = Head(
            sender=Address(mask_words(sender.name, own), sender.address),
            to=recipient_of(content),
            subject=mask_words(subject_line(content, rendered, envelope.tag), own),
            date=envelope.at,
            message_id=envelope.message_id,
            reply_to=envelope.reply_to,
            in_reply_to=envelope.references[-1] if envelope.references else "",
            references=envelope.references,
            original_from=mask_words(envelope.original_from, own),
            unsubscribe=envelope.unsubscribe,
            automatic=info.automatic,
            marker=marker if envelope.ticket is None else f"{envelope.ticket.reference}; {marker}",
            language=rendered.language,
            probe=envelope.probe,
        )
        message = compose(head, rendered, files, self._logos.attach(connection, rendered), drawings)
        queued = QueuedNotice(
            notice=content.notice.value,
            number=envelope.number,
            lane=envelope.role,
            queue=queue.name,
            recipient=content.to.address,
            return_path=envelope.return_path,
            message_id=envelope.message_id,
            human=not info.limited,
            size=message.size,
            body=message.body,
            inserts=tuple((at.position, at.blob, at.start, at.end, at.encoded, at.verbatim) for at in message.inserts),
            ticket_id=None if envelope.ticket is None else envelope.ticket.id,
            reference="" if envelope.ticket is None else envelope.ticket.reference,
        )
        return ComposedNotice(queued, head, rendered)


def _without_tokens(rendered: Rendered, own: str) -> Rendered:
    """Masks every token in the words of a notice but the addressee's own, wherever the words come from.

    A person who has the token of another could answer as that one (docs/rules.md#13).
    """
    words = (mask_words(text, own) for text in (rendered.subject, rendered.text, rendered.html, rendered.history))
    subject, text, html, history = words
    return replace(rendered, subject=subject, text=text, html=html, history=history)


def content_for(
    notice: Notice, queue: Queue, to: Address, directory: Directory, language: str | None = None
) -> NoticeContent:
    """Returns the content with which each notice of no ticket begins; `language` is the queue's by default."""
    return NoticeContent(
        notice=notice,
        language=language or queue.language,
        zone=directory.zone_of(to.address, queue.zone),
        desk_name=queue.display_name,
        desk_address=queue.address,
        to=to,
        look=look_of(queue),
    )
