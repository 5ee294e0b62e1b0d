"""Finding tickets by words of their reference, subject and requester, and of their mails. Nothing here writes.

Every word must stand in one of these; `tag:WORD` is a tag of the ticket. Case does not count; SQLite folds ASCII only,
so a word with other letters is looked for in the spellings that people use.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from mailgate.store.queries.worklists import COLUMNS, Listed, Worklist
from mailgate.store.schema import messages, tickets
from mailgate.store.tags import has_tag

WORDS = 8  # words that are looked for
LONGEST = 60  # letters of a word

# One text for each ticket: a look into four columns for each word would take four times as long.
_TEXT = tickets.c.reference + "\n" + tickets.c.subject + "\n" + tickets.c.requester + "\n" + tickets.c.requester_name


def find_tickets(
    connection: Connection, queues: Collection[str] | None, words: Sequence[str], most: int, *, in_mails: bool = False
) -> Worklist:
    """The newest tickets of these queues that have all the words, closed ones too; None are all queues.

    `in_mails` looks into the texts of their mails too, which reads all of them.
    """
    wanted = list(dict.fromkeys(word[:LONGEST] for word in words[:WORDS] if word))
    if not wanted or (queues is not None and not queues):
        return Worklist((), 0)
    caseless = connection.dialect.name == "sqlite"  # its LIKE takes no account of the case of ASCII
    found = (
        *((tickets.c.queue.in_(list(queues)),) if queues is not None else ()),
        tickets.c.merged_into.is_(None),
        *(_stands_in(word, caseless=caseless, in_mails=in_mails) for word in wanted),
    )
    newest = select(*COLUMNS).where(*found).order_by(tickets.c.id.desc()).limit(most)
    rows = tuple(Listed(*row) for row in connection.execute(newest))
    if len(rows) < most:  # every ticket was looked at
        return Worklist(rows, len(rows))
    total = connection.execute(select(func.count()).select_from(tickets).where(*found)).scalar_one()
    return Worklist(rows, int(total))


def _stands_in(word: str, *, caseless: bool, in_mails: bool) -> ColumnElement[bool]:
    before, mark, tag = word.partition(":")
    if mark and tag and before.casefold() == "tag":
        return has_tag(tag)
    here = _has(_TEXT, word, caseless=caseless)
    mails = messages.c.ticket_id == tickets.c.id, _has(messages.c.text, word, caseless=caseless)
    return or_(here, exists().where(*mails)) if in_mails else here


def _has(text: ColumnElement[str], word: str, *, caseless: bool) -> ColumnElement[bool]:
    if not caseless:
        return text.icontains(word, autoescape=True)
    spellings = (word,) if word.isascii() else tuple({word, word.lower(), word.upper(), word.capitalize()})
    return or_(*(text.contains(spelling, autoescape=True) for spelling in spellings))
