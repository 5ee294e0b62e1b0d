"""Dispatches the notices of tickets: from an effect `Send` to rows of the outbox.

Runs in the transaction of `tickets.service`. A notice that loop protection stops (rule 24) is written to the ticket's
history, and the operator gets an alarm, at most once an hour; a notice that carries a person's words is never stopped.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.addressing import bounce_address, signed_address, signed_message_id, subject_tag
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, InboundMessage
from mailgate.core.tokens import Token, sign, tag
from mailgate.core.workflow.effects import Send, To
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Asks, Audience, Notice
from mailgate.notices.alarms import NOT_SENT, Alarm
from mailgate.notices.attachments import files_to_carry, fit, is_bundle
from mailgate.notices.colleagues import Colleagues
from mailgate.notices.composer import Composer, NoticeEnvelope
from mailgate.notices.content_builder import ContentBuilder
from mailgate.notices.history import HistoryReader, PublicMail, files_of_requester
from mailgate.notices.loop_protection import find_exceeded_limit
from mailgate.notices.mime.forwarded import Marks, mask_words
from mailgate.notices.mime.headers import via_name
from mailgate.notices.originals import bundle_originals, seal_original
from mailgate.notices.pictures import show_pictures
from mailgate.notices.recipients import Recipient, Recipients
from mailgate.notices.redaction import redact_files
from mailgate.notices.rendering.checklist import fill_checklist
from mailgate.notices.rendering.content import NoticeContent
from mailgate.notices.rendering.subject import mailto, our_subject, their_subject, unsubscribe_link
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.rendering.words import LEFT_OUT, SET_ASIDE, name_files
from mailgate.notices.survey import is_asked, note_asked, rating_links
from mailgate.notices.system_notices import SystemNotices
from mailgate.notices.timeline import automatic_reply_of
from mailgate.store.events import NewEvent
from mailgate.store.people import ContactRow, get_contact
from mailgate.store.queries.worklists import SILENCES
from mailgate.store.tickets import Ticket
from mailgate.store.unit_of_work import UnitOfWork
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import FileRef, LeftOut


class Dispatcher:
    """Writes the notices of tickets into the outbox; implements `tickets.notifier.Notifier`."""

    def __init__(
        self, settings: Settings, templates: Templates, system_notices: SystemNotices, directory: DirectoryFiles
    ) -> None:
        self._settings = settings
        self._system_notices = system_notices
        self._recipients = Recipients(settings)
        self._contents = ContentBuilder(settings, directory)
        self._history = HistoryReader(settings)
        self._templates = templates
        self._composer = Composer(templates, Colleagues(settings, directory))
        self._robots = frozenset(fold_address(robot) for robot in settings.trust.robots)

    def send(self, batch: UnitOfWork, ticket: Ticket, was: Ticket, send: Send, ticket_event: TicketEvent) -> Ticket:
        """Puts one notice for each recipient into the unit of work; returns the ticket with its notices counted.

        `was` is the ticket before the event, for the recipients that it had then.
        """
        recipients = self._recipients.find(batch.connection, ticket, was, send, ticket_event)
        mails = self._history.read(batch, ticket, send.notice, ticket_event) if recipients else ()
        for recipient in recipients:
            if self._is_pointless(send.notice, recipient, ticket_event) or not self._is_for_now(
                send.notice, recipient, ticket_event
            ):
                continue
            contact = None if recipient.internal else get_contact(batch.connection, recipient.address.address)
            if contact is not None and contact.set_aside_at is not None:
                ticket = self._leave_out(batch, ticket, was, send.notice, contact, ticket_event)
            elif not self._is_stopped(batch, ticket, send.notice, recipient, ticket_event.at):
                known = recipient.internal or (contact is not None and contact.known)
                ticket = self._put(batch, ticket, was, send.notice, recipient, ticket_event, mails, known=known)
        return ticket

    def _leave_out(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        was: Ticket,
        notice: Notice,
        contact: ContactRow,
        ticket_event: TicketEvent,
    ) -> Ticket:
        """Records that a notice is not sent, since its address is set aside (rule 18).

        The author of words that do not leave learns of it, and the level of a question that nobody will answer
        (`UnitOfWork.unasked`).
        """
        since = f"set aside since {contact.set_aside_at:%Y-%m-%d}"
        reason = f"{notice} to {contact.address}: {since}; {contact.set_aside_reason}"
        row = NewEvent(ticket_event.at, SET_ASIDE, ticket.state, ticket.state, reason, "desk", text=contact.address)
        batch.add_event(row)
        if notice.info.asks is Asks.YES_OR_NO:
            batch.unasked = contact.address, contact.set_aside_reason
        by_agent = ticket_event.author is not None and ticket_event.event.info.by_agent
        if by_agent:
            batch.unsent.append(fold_address(contact.address))
        is_told = any(name == Notice.FAILED for name, _ in batch.sent)
        if notice.info.limited or notice.info.asks is Asks.YES_OR_NO or is_told:
            return ticket
        told = replace(
            ticket_event, event=Event.NOTICE_FAILED, argument=contact.address, set_aside=True, gathered=False,
            server_words=contact.set_aside_reason, files=(), original=None, pictures=(),
        )  # fmt: skip
        return self.send(batch, ticket, was, Send(Notice.FAILED, To.AUTHOR if by_agent else To.LEVEL), told)

    def is_away(self, connection: Connection, ticket: Ticket) -> bool:
        """Tells whether a person of the ticket sent an automatic reply and has not written since."""
        return automatic_reply_of(connection, ticket) is not None

    def seal_original(self, connection: Connection, message: InboundMessage) -> FileRef | None:
        """Returns a signed or encrypted mail as a file to attach; None where it may not be passed on (rule 21)."""
        return seal_original(connection, message, self._settings.limits)

    def _is_pointless(self, notice: Notice, recipient: Recipient, ticket_event: TicketEvent) -> bool:
        """Tells whether an automatic notice goes to a robot, answers an old mail that is imported without notices, or
        says to an agent what the reply to their bulk update says.

        A robot may open tickets (rule 10), and no automatic mail answers it (rule 23).
        """
        if ticket_event.gathered and notice.info.audience is Audience.AGENT and notice is not Notice.FILES_LEFT_OUT:
            return True  # the one reply to the mail says it
        outside = notice.info.limited and not recipient.internal
        return outside and (ticket_event.quiet or recipient.address.key in self._robots)

    def _is_for_now(self, notice: Notice, recipient: Recipient, ticket_event: TicketEvent) -> bool:
        """Tells whether a notice leaves now; one that is kept for the mail of the day (`daily_decisions`) does not."""
        if ticket_event.only_to:
            return recipient.address.key == fold_address(ticket_event.only_to)
        kept = self._settings.agents.decisions == "daily" and notice.info.daily
        return not (kept and ticket_event.event in SILENCES)

    def _is_stopped(
        self, batch: UnitOfWork, ticket: Ticket, notice: Notice, recipient: Recipient, now: datetime
    ) -> bool:
        """Applies loop protection: a stop is written to the history, and the operator gets an alarm (rule 24)."""
        if not notice.info.limited:
            return False
        batch.write_automatic()
        breach = find_exceeded_limit(batch.connection, self._settings.limits, ticket, recipient, now)
        if breach is not None:
            batch.write()  # what was sent before stands before it in the outbox
            alarm = Alarm(NOT_SENT, (notice, recipient.address.address, breach))
            row = NewEvent(now, "breaker", ticket.state, ticket.state, str(alarm), "desk", text=notice.value)
            batch.add_event(row)
            self._system_notices.alarm(batch.connection, alarm, now, ticket)
            if recipient.internal:
                self._system_notices.gather(batch.connection, recipient, now)
        return breach is not None

    # -- with what -------------------------------------------------------------------------------------------------

    def _put(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        was: Ticket,
        notice: Notice,
        recipient: Recipient,
        ticket_event: TicketEvent,
        mails: Sequence[PublicMail],
        *,
        known: bool,
    ) -> Ticket:
        ticket = replace(ticket, notices=ticket.notices + 1)
        token = sign(
            self._settings.desk.keys, ticket.reference, ticket.notices, recipient.address.address, word=ticket.word
        )
        seen = self._seen(batch, recipient)
        content = self._contents.gather(batch, ticket, was, notice, recipient, ticket_event, known=known)
        asks = notice.info.asks in (Asks.YES_OR_NO, Asks.APPROVAL)
        asks_rating = is_asked(batch.connection, self._settings, ticket, notice, recipient, ticket_event.at)
        if asks or asks_rating:
            content = self._add_links(content, token, recipient.queue, asks=asks, asks_rating=asks_rating)
        if asks_rating:
            ticket = note_asked(batch.connection, ticket, ticket_event.at)
        kept, lost, unsafe = self._gather_files(batch, ticket, notice, recipient, ticket_event, mails)
        lost = lost if ticket_event.left_out is None else ticket_event.left_out
        too_large = name_files(self._templates.words(content.language), lost.files)
        shown, drawings, kept = show_pictures(kept, ticket_event.pictures, f"{content.text}\n{content.solution}", token)
        content = replace(
            content, first=not seen,
            history=self._history.quote(batch, ticket, notice, recipient, mails, is_first=not seen),
            left_out=(*too_large, *unsafe), too_large=too_large, most=lost.most if too_large else content.most,
            files=tuple(file.filename for file in kept if not file.verbatim and file != ticket_event.original),
            originals=tuple(file.filename for file in kept if file.verbatim and file != ticket_event.original),
            original=ticket_event.original in kept, pictures=shown,
        )  # fmt: skip
        content = replace(content, checklist=self._fill_checklist(content, recipient))
        envelope = self._envelope(ticket, content, token, recipient, ticket_event, seen)
        composed = self._composer.compose(batch.connection, content, envelope, files=kept, drawings=drawings)
        queued = replace(composed.queued, scheduled=ticket_event.event.info.by_timer)
        batch.put_notice(queued, composed.record(internal=recipient.internal))
        if notice.info.audience is Audience.THIRD_PARTY:
            batch.enclosed, batch.quotes = content.files, bool(composed.rendered.history)
        if too_large and ticket_event.left_out is None:
            ticket = self.note_left_out(batch, ticket, was, lost, ticket_event)
        return ticket

    def note_left_out(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        was: Ticket,
        left_out: LeftOut,
        ticket_event: TicketEvent,
        since: datetime | None = None,
    ) -> Ticket:
        """Records that a notice went without files; the agent learns of it once for each mail, or else the level.

        A notice to staff says so itself. Nobody gets a second mail about files that the history names since `since`.
        """
        names = ", ".join(name_files(self._templates.words("en"), left_out.files))
        reason = f"{left_out.notice} to {left_out.recipient}: {names}"
        is_known = not left_out.outside or any(notice == Notice.FILES_LEFT_OUT for notice, _ in batch.sent)
        if since is not None:
            is_known = is_known or any(
                one.event == LEFT_OUT and one.text == names and one.at >= since for one in batch.events()
            )
        batch.add_event(NewEvent(ticket_event.at, LEFT_OUT, ticket.state, ticket.state, reason, "desk", text=names))
        if is_known:
            return ticket
        by_agent = ticket_event.author is not None and ticket_event.event.info.by_agent
        told = replace(ticket_event, left_out=left_out, text="", files=(), original=None, pictures=())
        send = Send(Notice.FILES_LEFT_OUT, To.AUTHOR if by_agent else To.LEVEL)
        return self.send(batch, ticket, was, send, told)

    def _gather_files(
        self,
        batch: UnitOfWork,
        ticket: Ticket,
        notice: Notice,
        recipient: Recipient,
        ticket_event: TicketEvent,
        mails: Sequence[PublicMail],
    ) -> tuple[tuple[FileRef, ...], LeftOut, tuple[str, ...]]:
        """Returns the files that a notice carries, the messages of a bundle last, those that have no room, and the
        names of those that may not be sent."""
        is_whole = is_bundle(notice, ticket_event)
        if is_whole:
            batch.write()  # the mail that came with this event is one of the originals
        histories = batch.histories() if is_whole else {}
        stays = recipient.internal and notice.info.audience is not Audience.THIRD_PARTY
        files = files_to_carry(batch.connection, histories, notice, ticket_event, internal=stays)
        if notice.info.audience is Audience.THIRD_PARTY:
            files = (*files, *files_of_requester(batch, ticket, mails, ticket_event))
        words = self._templates.words(recipient.queue.language)["enclosed"]
        marks = Marks(words["carried"], words["left_out"])
        unsafe: tuple[str, ...] = ()
        if recipient.internal:
            files, unsafe = redact_files(batch.connection, files, marks)
        if is_whole:
            _, missing, _ = fit(batch.connection, files, self._settings.limits)
            marks = replace(marks, too_large=words["too_large"], missing=frozenset(one.filename for one in missing))
            originals = bundle_originals(batch.connection, histories, recipient.queue.zone, marks)
            files, unsafe = (*files, *originals.files), (*unsafe, *originals.left_out)
        kept, lost, most = fit(batch.connection, files, self._settings.limits)
        return kept, LeftOut(notice.value, recipient.address.address, lost, most, outside=not stays), unsafe

    def _fill_checklist(self, content: NoticeContent, recipient: Recipient) -> str:
        """Returns the level's checklist, filled in, on a ticket that is new to it; else ""."""
        if not content.notice.info.checklist:
            return ""
        return fill_checklist(self._templates, recipient.queue.level_of(recipient.lane).checklist, content)

    def _add_links(
        self, content: NoticeContent, token: Token, queue: Queue, *, asks: bool, asks_rating: bool
    ) -> NoticeContent:
        """Adds the answer links to a notice that asks for yes or no, for a rating, or for both.

        Each opens a mail with the subject of the notice; a subject of our own stands in the template.
        """
        words = their_subject(content) or our_subject(content, self._templates.render(content))
        address, answered = self._reply_to(token, queue), signed_message_id(token, queue.address)

        def link(body: str) -> str:
            return mailto(address, words, tag(token), body, answered)

        if asks:
            yes, no = map(link, self._templates.options(content.language, content.notice))
            content = replace(content, yes_link=yes, no_link=no)
        return replace(content, rating_links=rating_links(content.language, link)) if asks_rating else content

    # -- headers ---------------------------------------------------------------------------------------------------

    def _envelope(
        self,
        ticket: Ticket,
        content: NoticeContent,
        token: Token,
        recipient: Recipient,
        ticket_event: TicketEvent,
        seen: list[str],
    ) -> NoticeEnvelope:
        queue = recipient.queue
        carried = ticket_event.author or content.requester
        via = recipient.is_level and not content.notice.info.limited and carried is not None
        shown = mask_words(carried.name or carried.address) if carried else ""  # before the name is cut
        in_copy = not recipient.internal and recipient.address.key != ticket.person.key
        name = via_name(shown, queue.display_name) if via else queue.display_name
        if content.agent and not content.notice.info.automatic:
            name = f"{content.agent}, {queue.display_name}"
        return NoticeEnvelope(
            queue=queue,
            role=recipient.lane,
            at=ticket_event.at,
            message_id=signed_message_id(token, queue.address),
            reply_to=self._reply_to(token, queue),
            sender=Address(name, queue.address),
            tag=subject_tag(token, self._settings.desk.reply_address),
            references=tuple(seen),
            original_from=content.requester.address if via and content.requester else "",
            unsubscribe=unsubscribe_link(self._reply_to(token, queue), tag(token)) if in_copy else "",
            return_path=self._return_path(ticket, content, recipient, token),
            number=token.notice,
            ticket=ticket,
        )

    def _seen(self, batch: UnitOfWork, recipient: Recipient) -> list[str]:
        addresses = [recipient.address.address]
        if recipient.is_level:
            addresses.extend(recipient.queue.level_of(recipient.lane).addresses)
        seen = batch.seen_by(addresses)
        limit = self._settings.limits.references
        return seen if len(seen) <= limit else [seen[0], *seen[len(seen) - limit + 1 :]]

    def _reply_to(self, token: Token, queue: Queue) -> str:
        return signed_address(token, queue.address, self._settings.desk.reply_address)

    def _return_path(self, ticket: Ticket, content: NoticeContent, recipient: Recipient, token: Token) -> str:
        """Returns a signed bounce address, or "" (null) on an automatic notice to an unknown address (rule 18)."""
        if content.notice.info.limited and not content.known:
            return ""
        keys, to = self._settings.desk.keys, recipient.address.address
        bounce = sign(keys, ticket.reference, token.notice, to, word=ticket.word, bounce=True)
        style, fixed = self._settings.desk.reply_address, self._settings.relay.return_path
        return bounce_address(bounce, recipient.queue.address, style, fixed)
