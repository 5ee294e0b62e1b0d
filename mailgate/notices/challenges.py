"""Mails about held messages: challenges, questions about unknown senders, and rejections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from mailgate.config import Queue, Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import language_of
from mailgate.core.addressing import message_id_at, signed_address, signed_message_id, subject_tag
from mailgate.core.frozen import replace
from mailgate.core.mail import Address, Mail
from mailgate.core.tokens import Token, hold_reference, sign_hold
from mailgate.core.workflow.events import State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.composer import Composer, NoticeEnvelope, content_for
from mailgate.notices.recipients import MANAGER, REQUESTER
from mailgate.notices.rendering.content import HeldMessage, NoticeContent
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers import read_mail
from mailgate.store.blobs import get_blob
from mailgate.store.holds import HeldRow, HoldRow
from mailgate.store.journal import JournalRow
from mailgate.store.outbox import put_notices
from mailgate.store.people import read_contact
from mailgate.tickets.values import CommandMistake


class ChallengeComposer:
    """Writes mails about held messages into the outbox, in the caller's transaction."""

    def __init__(self, settings: Settings, templates: Templates, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._composer = Composer(templates)
        self._directory = directory

    def challenge(
        self,
        connection: Connection,
        hold: HoldRow,
        held: Sequence[HeldMessage],
        now: datetime,
        *,
        unread: bool = False,
    ) -> None:
        """Asks staff whether these mails in their name are theirs.

        `unread` says that a reply to the challenge was neither a yes nor a no.
        """
        queue, to = self._settings.queue_of(hold.queue), Address("", hold.asked)
        content = replace(
            self._content(connection, Notice.CHALLENGE, queue, to),
            reference=hold_reference(hold.id), held=tuple(held), window=str(self._settings.limits.challenge_for),
            mistakes=(CommandMistake("", "", ""),) if unread else (),
        )  # fmt: skip
        self._ask(connection, hold, content, State.LEVEL1.value, now)

    def ask_about(
        self,
        connection: Connection,
        hold: HoldRow,
        held: Sequence[HeldMessage],
        now: datetime,
        *,
        to_manager: bool = False,
        unread: str = "",
        more: int = 0,
    ) -> None:
        """Asks Level 1, or the manager, for a decision on an unknown sender's mails.

        `unread` is a line of a reply that held no decision, `more` the number of mails that are not shown.
        """
        queue = self._settings.queue_of(hold.queue)
        to = Address("", self._settings.desk.manager if to_manager else hold.asked)
        content = replace(
            self._content(connection, Notice.STRANGER, queue, to),
            reference=hold_reference(hold.id),
            author=held[0].author if held else Address("", hold.subject),
            held=tuple(held),
            count=hold.askings + 1,
            window=str(self._settings.limits.stranger_again),
            more_held=more,
            mistakes=(CommandMistake(unread, "", ""),) if unread else (),
        )
        self._ask(connection, hold, content, MANAGER if to_manager else State.LEVEL1.value, now)

    def pass_on_unproven(
        self,
        connection: Connection,
        hold: HoldRow,
        author: Address,
        text: str,
        outcome: str,
        now: datetime,
        which: int,
    ) -> None:
        """Passes a mail of no ticket that nobody confirmed to Level 1 of the queue; `which` is its row."""
        queue = self._settings.queue_of(hold.queue)
        to = Address("", queue.levels[State.LEVEL1.value].mailbox)
        content = self._content(connection, Notice.HELD, queue, to)
        content = replace(content, author=author, text=text, reason=outcome)
        left = f"{Notice.HELD.value}.{which}.{now.timestamp():.0f}"
        self._put(connection, content, State.LEVEL1.value, message_id_at(left, queue.address), now)

    def refuse(
        self, connection: Connection, queue: Queue, to: Address, language: str, mail: Mail, now: datetime
    ) -> None:
        """Notifies an unknown sender that their mail is rejected; repeats none of their words (rule 13)."""
        content = self._content(connection, Notice.REFUSED, queue, Address("", to.address))
        content = replace(content, language=language, known=False, since=now, created_at=now)
        left = f"{Notice.REFUSED.value}.{now.timestamp():.0f}.{to.key.replace('@', '.at.')}"
        self._put(connection, content, REQUESTER, message_id_at(left, queue.address), now, answers=mail.message_id)

    # -- putting them together -------------------------------------------------------------------------------------

    def _content(self, connection: Connection, notice: Notice, queue: Queue, to: Address) -> NoticeContent:
        return content_for(notice, queue, to, self._directory.current(), self._language(connection, queue, to))

    def _language(self, connection: Connection, queue: Queue, to: Address) -> str:
        written, person = read_contact(connection, to.address).language, self._directory.current().person(to.address)
        return language_of(queue.languages, written=written, person=person)

    def _ask(self, connection: Connection, hold: HoldRow, content: NoticeContent, lane: str, now: datetime) -> None:
        keys, to = self._settings.desk.keys, content.to.address
        token = sign_hold(keys, hold.id, hold.askings + 1, to, word=hold.word)
        queue = self._settings.queue_of(hold.queue)
        self._put(connection, content, lane, signed_message_id(token, queue.address), now, token)

    def _put(
        self,
        connection: Connection,
        content: NoticeContent,
        lane: str,
        message_id: str,
        now: datetime,
        token: Token | None = None,
        answers: str = "",
    ) -> None:
        queue = self._settings.queue_at(content.desk_address) or self._settings.default_queue
        envelope = NoticeEnvelope(
            queue=queue,
            role=lane,
            at=now,
            message_id=message_id,
            reply_to=self._reply_to(token, queue),
            tag=self._tag(token),
            references=(answers,) if answers else (),
            number=token.notice if token is not None else 0,
        )
        put_notices(connection, (self._composer.compose(connection, content, envelope).queued,), now)

    def _tag(self, token: Token | None) -> str:
        if token is None:
            return ""
        return subject_tag(token, self._settings.desk.reply_address)

    def _reply_to(self, token: Token | None, queue: Queue) -> str:
        if token is None:
            return queue.address
        return signed_address(token, queue.address, self._settings.desk.reply_address)


def read_held(connection: Connection, row: JournalRow | HeldRow) -> Mail | None:
    """Parses the mail of a row of the journal; None where it can no longer be read."""
    try:
        return read_mail(get_blob(connection, row.blob_id), row.sender)
    except Exception:  # as the worker of the journal does: a parser's bug must not keep the others waiting
        return None
