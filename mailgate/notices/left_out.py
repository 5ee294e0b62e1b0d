"""Puts words in place of the largest files of a composed notice, when the relay has refused its size (rule 17)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.mail import Address
from mailgate.core.message_parts import Insert, Message
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.notices.composer import content_for
from mailgate.notices.mime.without_files import language_of, without_largest_files
from mailgate.notices.recipients import REQUESTER
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.rendering.words import name_files
from mailgate.store.blobs import measure_blob
from mailgate.store.outbox import OutboxRow
from mailgate.tickets.values import LeftOut


def leave_out_largest(
    connection: Connection,
    row: OutboxRow,
    message: Message,
    most: int,
    *,
    settings: Settings,
    templates: Templates,
    directory: DirectoryFiles,
) -> tuple[Message, LeftOut]:
    """Takes the largest files out of a notice of the outbox, and says in it which they are, in its language.

    `most` is how many bytes the relay takes; 0 where it does not say: then only the largest file goes.
    """
    notice, queue = Notice(row.notice), settings.queue_of(row.queue)
    outside = row.lane == REQUESTER or notice.info.audience is Audience.THIRD_PARTY
    language = language_of(message) or queue.language
    content = content_for(notice, queue, Address("", row.recipient), directory.current(), language)
    smaller = without_largest_files(message, most, lambda insert: _measure(connection, insert))
    names = name_files(templates.words(language), smaller.files)
    content = replace(content, reference=row.reference, left_out=names, too_large=names, most=most)
    words = templates.fill_part("_too_large" if outside else "_not_attached", content)
    if not outside:
        smaller = smaller.correct_lists(templates.words(language)["enclosed"]["too_large"])
    return smaller.say(words), LeftOut(row.notice, row.recipient, smaller.files, most, outside)


def _measure(connection: Connection, insert: Insert) -> int:
    if insert.start is not None and insert.end is not None:
        return insert.end - insert.start
    return measure_blob(connection, insert.blob)
