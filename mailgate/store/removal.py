"""Removes parts of a ticket, or all words and names of it; its row, its events and its figures stay.

Each function is one transaction's work on one ticket, and changes nothing more when it is called again. A blob is
emptied in its place: other rows may refer to it. Rows whose work is leased by a process at that moment are left alone;
`find_unfinished` names their tickets beforehand.
"""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, or_, select, update

from mailgate.core.domains import fold_address
from mailgate.core.workflow.events import EVENTS, Actor, Event, State
from mailgate.parsers.anonymize import GAP
from mailgate.parsers.commands.arguments import read_minutes
from mailgate.store.blobs import DamagedBlob, get_blob, put_blob
from mailgate.store.knowledge import ArticleKind
from mailgate.store.schema import (
    approvals,
    articles,
    attachments,
    blob_parts,
    blobs,
    events,
    hook_calls,
    journal,
    logos,
    message_ids,
    messages,
    outbox,
    participants,
    steps,
    ticket_articles,
    tickets,
    timers,
)
from mailgate.store.work_queue import CANCELLED, WAITING

EMPTY_NOTICE = b"\r\n"
_LONGEST_PLAIN = 64  # characters of the name of a queue, a type or a tag
_CLOSINGS = ("withdrawn", "no answer", "spam")
BY_AGENTS = frozenset(
    info.event.value for info in EVENTS.values() if info.actor in (Actor.LEVEL, Actor.AGENT, Actor.STAFF)
)
"""Events of agents: their author stays, also one who has left, since reports count what each agent did."""
_PLAIN_WORDS = frozenset({Event.TYPE.value, Event.PRIORITY.value, Event.ROUTE.value, Event.TAG.value, Event.USED.value})


@dataclass(frozen=True, slots=True)
class Names:
    """Who stays by name when a ticket is emptied: addresses for which `stays` is true; others become `stand_in`."""

    stays: Callable[[str], bool]
    stand_in: str
    erased: str = ""  # the folded address of the person who is erased, "" where a retention period is over

    def is_erased(self, address: str) -> bool:
        """Tells whether an address is that of the person who is erased."""
        return fold_address(address) == self.erased

    def replace(self, address: str) -> str:
        """Returns an address as it may stay; what is no address (`desk`, `timer NAME`, "") is returned as it is."""
        return address if "@" not in address or self.stays(address) else self.stand_in


def find_unfinished(connection: Connection, ticket_ids: Collection[int], *, notices: bool) -> set[int]:
    """Finds the tickets of which a mail is still to be processed, or a notice is at the relay at this moment.

    With `notices` also those of which a notice waits to be sent.
    """
    waits = () if notices else (outbox.c.leased_until.is_not(None),)
    found = set(
        connection.execute(
            select(outbox.c.ticket_id).where(outbox.c.ticket_id.in_(ticket_ids), outbox.c.state == WAITING, *waits)
        ).scalars()
    )
    waiting = select(journal.c.ticket_id).where(journal.c.ticket_id.in_(ticket_ids), journal.c.state == WAITING)
    return {one for one in (*found, *connection.execute(waiting).scalars()) if one is not None}


def lock_row(connection: Connection, ticket_id: int) -> str:
    """Locks a ticket as it is, merged or not, and returns its state."""
    query = select(tickets.c.state).where(tickets.c.id == ticket_id).with_for_update()
    return str(connection.execute(query).scalar_one())


# -- bytes -------------------------------------------------------------------------------------------------------------


def empty_blobs(connection: Connection, blob_ids: Collection[int]) -> None:
    """Empties blobs; logos stay."""
    ids = list(set(blob_ids) - set(connection.execute(select(logos.c.blob_id)).scalars()))
    for at in range(0, len(ids), 500):
        some = ids[at : at + 500]
        connection.execute(delete(blob_parts).where(blob_parts.c.blob_id.in_(some)))
        connection.execute(update(blobs).where(blobs.c.id.in_(some)).values(content=b"", size=None))


def list_mails(connection: Connection, ticket_id: int) -> list[tuple[int, int]]:
    """Lists the mails of a ticket as (journal id, blob id), without those that other tickets have, too."""
    mine = select(messages.c.journal_id).where(messages.c.ticket_id == ticket_id, messages.c.journal_id.is_not(None))
    other = exists().where(messages.c.journal_id == journal.c.id, messages.c.ticket_id != ticket_id)
    query = select(journal.c.id, journal.c.blob_id).where(
        or_(journal.c.id.in_(mine), journal.c.ticket_id == ticket_id), ~other, journal.c.state != WAITING
    )
    return [(int(row[0]), int(row[1])) for row in connection.execute(query)]


def keep_files_apart(connection: Connection, blob_ids: Collection[int]) -> None:
    """Stores files that lie inside these raw mails as blobs of their own, so that the mails can be emptied."""
    inside = select(attachments).where(attachments.c.blob_id.in_(list(blob_ids)))
    for row in connection.execute(inside).all():
        try:
            content = get_blob(connection, row.blob_id, row.span_start, row.span_end)
        except (KeyError, DamagedBlob):
            content = b""
        if row.span_start is not None:
            content = _decode(content)
        values = {"blob_id": put_blob(connection, content), "span_start": None, "span_end": None}
        connection.execute(update(attachments).where(attachments.c.id == row.id).values(values))


def _decode(text: bytes) -> bytes:
    """Decodes base64 text; what is none of it is skipped."""
    plain = bytes(letter for letter in text if letter not in b" \t\r\n")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4))
    except ValueError:
        return b""


def remove_raw_mails(
    connection: Connection, ticket_id: int, mails: Sequence[tuple[int, int]], *, keep_files: bool
) -> Counter[str]:
    """Empties mails as they came in, and the notices of the ticket as they went out; their texts stay."""
    blob_ids = [blob for _, blob in mails]
    if keep_files:
        keep_files_apart(connection, blob_ids)
    empty_blobs(connection, blob_ids)
    empty = {"body": EMPTY_NOTICE, "inserts": []}
    mine = outbox.c.ticket_id == ticket_id, outbox.c.state != WAITING
    sent = connection.execute(update(outbox).where(*mine).values(empty)).rowcount
    return Counter(raw_mails=len(blob_ids), notices=sent)


def remove_files(connection: Connection, ticket_id: int) -> Counter[str]:
    """Removes the files of a ticket, and the mails that they came in; the texts stay."""
    mine = select(messages.c.id).where(messages.c.ticket_id == ticket_id)
    rows = connection.execute(
        select(attachments.c.id, attachments.c.blob_id).where(attachments.c.message_id.in_(mine))
    ).all()
    if not rows:
        return Counter()
    ids, held = [row[0] for row in rows], {int(row[1]) for row in rows}
    connection.execute(delete(attachments).where(attachments.c.id.in_(ids)))
    shared = select(attachments.c.blob_id).where(attachments.c.blob_id.in_(held))
    of_mails = select(journal.c.blob_id).where(journal.c.blob_id.in_(held))
    kept = {*connection.execute(shared).scalars(), *connection.execute(of_mails).scalars()}
    empty_blobs(connection, held - kept)
    with_files = [mail for mail in list_mails(connection, ticket_id) if mail[1] in held]
    # A notice that carried a file refers to it in its place.
    removed = remove_raw_mails(connection, ticket_id, with_files, keep_files=True)
    return removed + Counter(files=len(ids))


# -- words and names ---------------------------------------------------------------------------------------------------


def remove_texts(connection: Connection, ticket_id: int) -> Counter[str]:
    """Removes the words of a ticket: subjects, texts, notes, solutions, their articles, calls of hooks, its raw mails.

    Its history must be open (`erasures.open_history`). What reports count stays: states, times, minutes, the reasons of
    closings that are one of the known ones, types, priorities, routes and tags. Names stay.
    """
    done = remove_raw_mails(connection, ticket_id, list_mails(connection, ticket_id), keep_files=True)
    of_ticket = {"subject": "", "text": "", "new_text": "", "new_html": ""}
    mine = messages.c.ticket_id == ticket_id
    done["messages"] = connection.execute(update(messages).where(mine).values(of_ticket)).rowcount
    row = connection.execute(
        select(tickets.c.reference, tickets.c.close_reason, tickets.c.rating_words).where(tickets.c.id == ticket_id)
    ).one()
    values: dict[str, Any] = {
        "subject": GAP,
        "fields": {},
        "urgency": "",
        "desired_outcome": "",
        "solution": "",
        "question": "",
        "last_answer": "",
        "waits_for": "",
        "rating_words": GAP if row.rating_words.strip() else "",
        "close_reason": _keep_closing(row.close_reason),
        "unarchived": False,
    }
    connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(**values, version=tickets.c.version + 1))
    connection.execute(update(approvals).where(approvals.c.ticket_id == ticket_id).values(question="", words=""))
    done["hook_calls"] = connection.execute(delete(hook_calls).where(hook_calls.c.ticket_id == ticket_id)).rowcount
    done["undo_steps"] = connection.execute(delete(steps).where(steps.c.ticket_id == ticket_id)).rowcount
    solution = articles.c.kind == ArticleKind.SOLUTION.value, articles.c.source == row.reference
    gone = {"kind": ArticleKind.GONE.value, "title": "", "body": "", "folded": "", "fingerprint": "", "language": ""}
    done["articles"] = connection.execute(update(articles).where(*solution).values(gone)).rowcount
    done["events"] = _empty_events(connection, ticket_id)
    of_mails = [journal_id for journal_id, _ in list_mails(connection, ticket_id)]
    words = {"subject": "", "outcome": "", "last_error": ""}
    connection.execute(update(journal).where(journal.c.id.in_(of_mails)).values(words))
    return done


def _keep_closing(reason: str) -> str:
    """Returns the reason of a closing where it is one of the known ones; a gap in place of an agent's own words."""
    known = not reason or reason in _CLOSINGS or is_duplicate_of(reason)
    return reason if known else GAP


def is_duplicate_of(reason: str) -> bool:
    """Tells whether a reason of a closing is `duplicate REF`."""
    kind, _, rest = reason.partition(" ")
    return kind == "duplicate" and len(rest) < 32 and " " not in rest


def _is_counted(event: str, words: str) -> bool:
    """Tells whether a report counts by the words of an event: minutes, a queue, a tag, a known reason of a closing."""
    if event == Event.TIME:
        return bool(read_minutes(words))
    if event in _PLAIN_WORDS:
        return len(words) <= _LONGEST_PLAIN and "@" not in words
    return words in _CLOSINGS or is_duplicate_of(words)


def _empty_events(connection: Connection, ticket_id: int) -> int:
    count = 0
    for row in connection.execute(select(events).where(events.c.ticket_id == ticket_id)).all():
        kept = row.text if _is_counted(row.event, row.text) else ""
        facts = row.facts
        if isinstance(facts, dict) and facts.get("waits_for"):
            facts = {**facts, "waits_for": GAP}
        if (kept, "", facts) != (row.text, row.reason, row.facts):
            values = {"text": kept, "reason": "", "facts": facts}
            connection.execute(update(events).where(events.c.id == row.id).values(values))
            count += 1
    return count


def remove_names(connection: Connection, ticket_id: int, names: Names, now: datetime) -> Counter[str]:
    """Removes the people of a ticket, whose words are gone already: everyone but those who stay by name.

    Its history must be open. An open ticket is closed without a notice: its timers and its waiting notices are
    cancelled.
    """
    done: Counter[str] = Counter()
    for row in connection.execute(select(messages).where(messages.c.ticket_id == ticket_id)).all():
        values = {
            "sender": names.replace(row.sender),
            "recipients": list(dict.fromkeys(map(names.replace, row.recipients))),
            "message_id": "",
        }
        connection.execute(update(messages).where(messages.c.id == row.id).values(values))
    of_mails = [journal_id for journal_id, _ in list_mails(connection, ticket_id)]
    envelope = {
        "recipients": [], "auth_user": "", "peer": "", "message_id": "", "proven": "", "author": "",
    }  # fmt: skip
    for at in range(0, len(of_mails), 500):
        some = journal.c.id.in_(of_mails[at : at + 500])
        # A null sender ("" of the envelope) says that a mail is a bounce, and names nobody.
        connection.execute(update(journal).where(some, journal.c.sender != "").values(sender=names.stand_in))
        connection.execute(update(journal).where(some).values(envelope))
    done["envelopes"] = len(of_mails)
    waiting = outbox.c.ticket_id == ticket_id, outbox.c.state == WAITING
    connection.execute(
        update(outbox).where(*waiting).values(state=CANCELLED, body=EMPTY_NOTICE, inserts=[], leased_until=None)
    )
    for row in connection.execute(select(outbox.c.id, outbox.c.recipient).where(outbox.c.ticket_id == ticket_id)).all():
        values = {
            "recipient": names.replace(row.recipient),
            "return_path": "",
            "message_id": "",
            "last_error": "",
            "relay_reply": "",
        }
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(values))
    for table, name in ((message_ids, "message_ids"), (participants, "people")):
        done[name] = connection.execute(delete(table).where(table.c.ticket_id == ticket_id)).rowcount
    for row in connection.execute(select(approvals).where(approvals.c.ticket_id == ticket_id)).all():
        values = {"address": names.replace(row.address), "asked_by": names.replace(row.asked_by)}
        this = approvals.c.ticket_id == ticket_id, approvals.c.notice == row.notice
        connection.execute(update(approvals).where(*this).values(values))
    for row in connection.execute(select(ticket_articles).where(ticket_articles.c.ticket_id == ticket_id)).all():
        this = ticket_articles.c.ticket_id == ticket_id, ticket_articles.c.article_id == row.article_id
        connection.execute(update(ticket_articles).where(*this).values(by=names.replace(row.by)))
    for row in connection.execute(
        select(events.c.id, events.c.event, events.c.by).where(events.c.ticket_id == ticket_id)
    ).all():
        by = row.by if row.event in BY_AGENTS and not names.is_erased(row.by) else names.replace(row.by)
        if by != row.by:
            connection.execute(update(events).where(events.c.id == row.id).values(by=by))
    connection.execute(update(timers).where(timers.c.ticket_id == ticket_id).values(last_error=""))
    _empty_ticket(connection, ticket_id, names, now)
    return done


def _empty_ticket(connection: Connection, ticket_id: int, names: Names, now: datetime) -> None:
    row = connection.execute(select(tickets).where(tickets.c.id == ticket_id)).one()
    values: dict[str, Any] = {
        "requester": names.stand_in,
        "requester_name": "",
        "submitter": names.replace(row.submitter),
        "assignee": names.replace(row.assignee),
        "last_agent": names.replace(row.last_agent),
        "last_agent_name": row.last_agent_name if row.last_agent and names.stays(row.last_agent) else "",
        "version": row.version + 1,
    }
    if row.state != State.CLOSED:
        values |= {"state": State.CLOSED.value, "closed_at": now, "promise_due": None, "waiting_since": None}
        running = timers.c.ticket_id == ticket_id, timers.c.state == WAITING
        connection.execute(update(timers).where(*running).values(state=CANCELLED, leased_until=None))
    connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(values))


def count_rows(connection: Connection, ticket_ids: Collection[int]) -> Counter[str]:
    """Counts what tickets have of each kind, for the preview of an erasure."""
    found: Counter[str] = Counter()
    ids = list(ticket_ids)
    for at in range(0, len(ids), 500):
        some = ids[at : at + 500]
        in_messages = select(messages.c.id).where(messages.c.ticket_id.in_(some))
        mails = select(messages.c.journal_id).where(messages.c.ticket_id.in_(some), messages.c.journal_id.is_not(None))
        queries = {
            "messages": select(func.count()).select_from(messages).where(messages.c.ticket_id.in_(some)),
            "files": select(func.count()).select_from(attachments).where(attachments.c.message_id.in_(in_messages)),
            "raw_mails": select(func.count()).select_from(journal).where(journal.c.id.in_(mails)),
            "notices": select(func.count()).select_from(outbox).where(outbox.c.ticket_id.in_(some)),
            "events": select(func.count()).select_from(events).where(events.c.ticket_id.in_(some)),
            "people": select(func.count()).select_from(participants).where(participants.c.ticket_id.in_(some)),
            "hook_calls": select(func.count()).select_from(hook_calls).where(hook_calls.c.ticket_id.in_(some)),
            "undo_steps": select(func.count()).select_from(steps).where(steps.c.ticket_id.in_(some)),
            "articles": select(func.count())
            .select_from(articles)
            .where(
                articles.c.kind == ArticleKind.SOLUTION.value,
                articles.c.source.in_(select(tickets.c.reference).where(tickets.c.id.in_(some))),
            ),
        }
        found += Counter({name: int(connection.execute(query).scalar_one()) for name, query in queries.items()})
    return found
