"""Finds what names a person outside their own tickets, and hides it there.

In a ticket of another person, the emails and words of the person go, and their address and names become gaps; all other
words stay. Rows of no ticket that name the person (ignored mails, answers to queries, digests, alarms) are emptied.
SQL proposes rows by a pattern, `parsers/traces` decides.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    Table,
    Text,
    cast,
    delete,
    func,
    or_,
    select,
    update,
)

from mailgate.core.domains import fold_address
from mailgate.parsers.anonymize import GAP
from mailgate.parsers.search_terms import words_of
from mailgate.parsers.traces import Traces, decode_all, fold_lines
from mailgate.store.blobs import DamagedBlob, get_blob, put_blob
from mailgate.store.holds import EXPIRED, OPEN
from mailgate.store.removal import BY_AGENTS, EMPTY_NOTICE, empty_blobs, keep_files_apart
from mailgate.store.schema import (
    approvals,
    articles,
    attachments,
    contacts,
    digests,
    events,
    held_mails,
    holds,
    hook_calls,
    journal,
    message_ids,
    messages,
    outbox,
    participants,
    steps,
    tags,
    ticket_articles,
    tickets,
    ways,
)
from mailgate.store.work_queue import CANCELLED, WAITING

_AT_ONCE = 500  # rows of one query
_SPELT = re.compile("ae|oe|ue|ss|aa", re.IGNORECASE)  # which may stand for one letter
_TICKET_WORDS = (
    "subject", "fields", "urgency", "desired_outcome", "solution", "close_reason", "cause", "question", "last_answer",
    "rating_words", "waits_for",
)  # fmt: skip
_OF_MAIL = ("auth_user", "peer", "message_id", "proven", "author", "subject", "outcome", "last_error")
_TICKET_PEOPLE = ("submitter", "assignee", "last_agent", "last_agent_name")
_WHERE: tuple[tuple[Table, str, tuple[str, ...]], ...] = (
    (messages, "ticket_id", ("sender", "recipients", "subject", "text", "new_text", "new_html")),
    (events, "ticket_id", ("reason", "by", "text", "facts")),
    (tickets, "id", (*_TICKET_WORDS, *_TICKET_PEOPLE)),
    (participants, "ticket_id", ("address", "name")),
    (approvals, "ticket_id", ("address", "question", "words", "asked_by")),
    (message_ids, "ticket_id", ("address",)),
)


@dataclass(frozen=True, slots=True)
class Mentions:
    """Tickets that name a person: by their address, or as one of their people; `by_name` by the name alone."""

    tickets: frozenset[int]
    by_name: frozenset[int]


def list_names(connection: Connection, address: str) -> list[str]:
    """Lists the display names of a folded address in tickets."""
    found = [
        str(row[1])
        for query in (
            select(tickets.c.requester, tickets.c.requester_name),
            select(participants.c.address, participants.c.name),
        )
        for row in connection.execute(query.where(query.selected_columns[1] != ""))
        if fold_address(row[0]) == address
    ]
    return list(dict.fromkeys(found))


def list_own_tickets(connection: Connection, address: str) -> dict[int, str]:
    """Finds the tickets of which a folded address is the requester, merged ones too: their references by their ids."""
    rows = connection.execute(select(tickets.c.id, tickets.c.reference, tickets.c.requester).order_by(tickets.c.id))
    return {int(row[0]): str(row[1]) for row in rows if fold_address(row[2]) == address}


def list_references(connection: Connection, ticket_ids: Collection[int]) -> dict[int, str]:
    """The references of tickets by their ids, lowest first."""
    found: dict[int, str] = {}
    ids = sorted(ticket_ids)
    for at in range(0, len(ids), _AT_ONCE):
        query = select(tickets.c.id, tickets.c.reference).where(tickets.c.id.in_(ids[at : at + _AT_ONCE]))
        found |= {int(row[0]): str(row[1]) for row in connection.execute(query.order_by(tickets.c.id))}
    return found


def find_mentions(connection: Connection, traces: Traces, own: Collection[int]) -> Mentions:
    """Finds the tickets of other people that name the person. Reads every text of the database once."""
    found: set[int] = set()
    named: set[int] = set()
    for table, key, columns in _WHERE:
        query = select(table.c[key], *(table.c[name] for name in columns)).where(
            _may_name(connection, traces, table, columns)
        )
        for row in connection.execute(query, execution_options={"yield_per": _AT_ONCE}):
            ticket_id, text = int(row[0]), "\n".join(map(_as_text, row[1:]))
            if ticket_id in own:
                continue
            if traces.has_address(text):
                found.add(ticket_id)
            elif traces.names_in(text):
                named.add(ticket_id)
    for ticket_id, text in _read_originals(connection, own):
        if ticket_id not in found and traces.has_address(text):
            found.add(ticket_id)
        elif ticket_id not in named and traces.names_in(text):
            named.add(ticket_id)
    return Mentions(frozenset(found), frozenset(named - found))


def _read_originals(connection: Connection, own: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yields the tickets of other people with what can be read of an email as it came in, or the name of a file.

    The record of an email has neither all of its headers nor its HTML as it came, nor an email that is attached to it.
    """
    columns = journal.c.ticket_id, journal.c.id, journal.c.blob_id, *(journal.c[name] for name in _OF_MAIL)
    query = select(*columns).where(journal.c.ticket_id.is_not(None)).order_by(journal.c.id)
    after = 0
    while rows := connection.execute(query.where(journal.c.id > after).limit(_AT_ONCE)).all():
        for row in rows:
            if row.ticket_id not in own:
                yield int(row.ticket_id), "\n".join((*row[3:], _read_mail(connection, row.blob_id)))
        after = int(rows[-1].id)
    names = select(messages.c.ticket_id, attachments.c.filename).join(
        messages, messages.c.id == attachments.c.message_id
    )
    for row in connection.execute(names.where(attachments.c.filename != "")):
        if row.ticket_id not in own:
            yield int(row.ticket_id), row.filename


def list_own_lines(connection: Connection, own: Collection[int], address: str) -> frozenset[str]:
    """The lines of a person's emails in their own tickets, by which quotations in other tickets are recognised."""
    found: set[str] = set()
    ids = sorted(own)
    for at in range(0, len(ids), _AT_ONCE):
        some = messages.c.ticket_id.in_(ids[at : at + _AT_ONCE]), messages.c.direction == "in"
        for row in connection.execute(select(messages.c.sender, messages.c.new_text).where(*some)):
            if fold_address(row.sender) == address:
                found.update(fold_lines(row.new_text, whole=True))
    return frozenset(found)


def _may_name(connection: Connection, traces: Traces, table: Table, columns: Sequence[str]) -> ColumnElement[bool]:
    """The condition that a row may name the person: a pattern with a wildcard for whatever may be spelled otherwise."""
    patterns = _patterns(traces)
    texts = [cast(table.c[name], Text) if isinstance(table.c[name].type, JSON) else table.c[name] for name in columns]
    postgres = connection.dialect.name == "postgresql"
    # SQLite's LIKE ignores the case of ASCII letters; all others are wildcards.
    return or_(*(text.ilike(one) if postgres else text.like(one) for text in texts for one in patterns))


def _patterns(traces: Traces) -> list[str]:
    local, _, _ = traces.address.rpartition("@")
    domains = {one.rpartition("@")[2] for one in traces.spellings if "@" in one}
    found = [f"%{_wild(local)}%{_wild(domain)}%" for domain in sorted(domains)]
    for name in traces.whole_names:
        words = [_wild(_SPELT.sub("%", word)) for word in name]
        orders = words, (*words[-1:], *words[:-1]), (*words[1:], words[0])
        found += [f"%{'%'.join(order)}%" for order in orders]
    return list(dict.fromkeys(found))


def _wild(word: str) -> str:
    return re.sub(r"[^A-Za-z0-9.@-]+", "%", word)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _hide_all(traces: Traces, value: Any) -> Any:
    """Hides the person in a text, or in the texts of a list or a table of JSON."""
    if isinstance(value, str):
        return traces.hide(value)
    if isinstance(value, list):
        return [_hide_all(traces, one) for one in value]
    if isinstance(value, dict):
        return {traces.hide(name): _hide_all(traces, one) for name, one in value.items()}
    return value


def _update_hidden(connection: Connection, table: Table, row: Any, columns: Sequence[str], traces: Traces) -> bool:
    """Hides the person in columns of a row with an id; tells whether anything changed."""
    before = {name: row._mapping[name] for name in columns}
    after = {name: _hide_all(traces, value) for name, value in before.items()}
    if after == before:
        return False
    connection.execute(update(table).where(table.c.id == row._mapping["id"]).values(after))
    return True


# -- a ticket of another person ----------------------------------------------------------------------------------------


def hide_in_ticket(connection: Connection, ticket_id: int, traces: Traces, stand_in: str) -> Counter[str]:
    """Takes a person out of another person's ticket, whose history must be open.

    Their own emails go with their files, also where others quote them. Emails and notices that named them lose their
    original form and keep their text and their files. What they wrote as an agent stays, without their name.
    """
    key = traces.address
    rows = connection.execute(select(messages).where(messages.c.ticket_id == ticket_id).order_by(messages.c.id)).all()
    happened = connection.execute(select(events).where(events.c.ticket_id == ticket_id)).all()
    agent = any(row.event in BY_AGENTS and fold_address(row.by) == key for row in happened)
    theirs = [] if agent else [row for row in rows if row.direction == "in" and fold_address(row.sender) == key]
    people = connection.execute(select(participants).where(participants.c.ticket_id == ticket_id)).all()
    others = [row.name for row in people if row.address != key]
    others += connection.execute(
        select(tickets.c.requester_name, tickets.c.last_agent_name).where(tickets.c.id == ticket_id)
    ).one()
    took_part = bool(theirs) or any(row.address == key for row in people)
    if took_part:
        lines = {line for row in theirs for line in fold_lines(row.new_text or row.text)}
        traces = traces.with_words(lines, others)
    done: Counter[str] = Counter()
    done["mails_of_the_person"] += _remove_mails(connection, theirs, stand_in)
    mine = {row.id for row in theirs}
    changed = [row for row in rows if row.id not in mine and _hide_message(connection, row, traces, stand_in)]
    done["messages"] += len(changed)
    originals = {row.journal_id for row in changed if row.direction == "in" and row.journal_id}
    originals |= _list_naming_mails(connection, ticket_id, traces)
    _remove_attached_mails(connection, ticket_id, traces)
    _empty_originals(connection, sorted(originals), traces)
    carried = {row.message_id for row in changed if row.direction == "out" and row.message_id}
    done["notices"] += _hide_notices(connection, ticket_id, traces, stand_in, carried)
    connection.execute(delete(participants).where(participants.c.ticket_id == ticket_id, participants.c.address == key))
    seen = select(message_ids.c.message_id, message_ids.c.address).where(message_ids.c.ticket_id == ticket_id)
    gone = [row.message_id for row in connection.execute(seen).all() if fold_address(row.address) == key]
    connection.execute(delete(message_ids).where(message_ids.c.message_id.in_(gone)))
    remove_tags(connection, (ticket_id,), traces)
    _hide_approvals(connection, ticket_id, traces, stand_in)
    for event in happened:
        values = _hide_event(event, traces, stand_in)
        if values:
            connection.execute(update(events).where(events.c.id == event.id).values(values))
            done["events"] += 1
    ticket = connection.execute(select(tickets).where(tickets.c.id == ticket_id)).one()
    _update_hidden(connection, tickets, ticket, _TICKET_WORDS, traces)
    swapped = {
        name: stand_in for name in ("submitter", "assignee", "last_agent") if fold_address(ticket._mapping[name]) == key
    }
    if "last_agent" in swapped:
        swapped["last_agent_name"] = ""
    if swapped:
        connection.execute(update(tickets).where(tickets.c.id == ticket_id).values(swapped))
    step = connection.execute(select(steps).where(steps.c.ticket_id == ticket_id)).first()
    if step is not None and traces.hide(text := "\n".join(map(_as_text, step[2:]))) != text:
        connection.execute(delete(steps).where(steps.c.ticket_id == ticket_id))
        done["undo_steps"] += 1
    given = ticket_articles.c.ticket_id == ticket_id, func.lower(ticket_articles.c.by) == key
    connection.execute(update(ticket_articles).where(*given).values(by=stand_in))
    names = select(attachments.c.id, attachments.c.filename).join(messages, messages.c.id == attachments.c.message_id)
    for row in connection.execute(names.where(messages.c.ticket_id == ticket_id)).all():
        _update_hidden(connection, attachments, row, ("filename",), traces)
    return done


def _remove_mails(connection: Connection, rows: Sequence[Row[Any]], stand_in: str) -> int:
    """Removes the person's own emails in a ticket: words, files, and the emails as they came."""
    ids = [row.id for row in rows]
    if not ids:
        return 0
    gone = {"sender": stand_in, "subject": "", "message_id": "", "text": "", "new_text": "", "new_html": ""}
    connection.execute(update(messages).where(messages.c.id.in_(ids)).values(gone))
    files = set(connection.execute(select(attachments.c.blob_id).where(attachments.c.message_id.in_(ids))).scalars())
    connection.execute(delete(attachments).where(attachments.c.message_id.in_(ids)))
    files -= set(connection.execute(select(attachments.c.blob_id).where(attachments.c.blob_id.in_(files))).scalars())
    empty_blobs(connection, files)
    empty_mails(connection, [row.journal_id for row in rows if row.journal_id], stand_in)
    return len(ids)


def _hide_message(connection: Connection, row: Row[Any], traces: Traces, stand_in: str) -> bool:
    """Hides the person in the record of another person's email, or of a notice; tells whether anything changed."""
    values: dict[str, Any] = {
        name: traces.hide(row._mapping[name]) for name in ("subject", "text", "new_text", "new_html")
    }
    if traces.quotes(row.text):
        # What quotes them is cut; lines may have been broken anew, so a notice loses its text as a whole.
        values["text"] = values["new_text"] if row.direction == "in" else GAP
        if traces.quotes(row.new_html) or traces.quotes(row.new_text):
            values["new_html"] = ""
    if traces.quotes(values["new_text"]):
        values["new_text"] = traces.hide_quotations(values["new_text"])
        values["text"] = values["new_text"]
    values["recipients"] = [stand_in if fold_address(one) == traces.address else one for one in row.recipients]
    if fold_address(row.sender) == traces.address:
        values["sender"] = stand_in
    changed = {name: value for name, value in values.items() if value != row._mapping[name]}
    if changed:
        connection.execute(update(messages).where(messages.c.id == row.id).values(changed))
    return bool(changed)


def _list_naming_mails(connection: Connection, ticket_id: int, traces: Traces) -> set[int]:
    """Finds the emails of a ticket that name the person as they came in, whatever the record has of them."""
    mine = or_(
        journal.c.ticket_id == ticket_id,
        journal.c.id.in_(select(messages.c.journal_id).where(messages.c.ticket_id == ticket_id)),
    )
    rows = connection.execute(select(journal).where(mine, journal.c.state != WAITING)).all()
    return {
        int(row.id)
        for row in rows
        if traces.names_in("\n".join((*(row._mapping[name] for name in _OF_MAIL), _read_mail(connection, row.blob_id))))
    }


def _remove_attached_mails(connection: Connection, ticket_id: int, traces: Traces) -> None:
    """Empties emails that are attached to those of a ticket and name the person; other files are not searched."""
    mine = select(messages.c.id).where(messages.c.ticket_id == ticket_id)
    query = select(attachments).where(attachments.c.message_id.in_(mine), attachments.c.mime_type == "message/rfc822")
    for row in connection.execute(query).all():
        try:
            content = get_blob(connection, row.blob_id, row.span_start, row.span_end)
        except (KeyError, DamagedBlob):
            continue
        if traces.names_in(decode_all(content)):
            values = {"blob_id": put_blob(connection, b""), "size": 0, "span_start": None, "span_end": None}
            connection.execute(update(attachments).where(attachments.c.id == row.id).values(values))
            others = select(attachments.c.id).where(attachments.c.blob_id == row.blob_id)
            is_mail = select(journal.c.id).where(journal.c.blob_id == row.blob_id)
            if connection.execute(others).first() is None and connection.execute(is_mail).first() is None:
                empty_blobs(connection, [row.blob_id])


def _empty_originals(connection: Connection, journal_ids: Sequence[int], traces: Traces) -> None:
    """Empties other people's emails as they came in: they named the person; files in them are stored apart."""
    rows = connection.execute(select(journal).where(journal.c.id.in_(journal_ids))).all()
    blob_ids = [row.blob_id for row in rows]
    keep_files_apart(connection, blob_ids)
    empty_blobs(connection, blob_ids)
    for row in rows:
        _update_hidden(connection, journal, row, _OF_MAIL, traces)


def _hide_notices(
    connection: Connection, ticket_id: int, traces: Traces, stand_in: str, carried: Collection[str]
) -> int:
    """Empties the notices of a ticket that went to the person or name them."""
    count = 0
    query = select(outbox).where(outbox.c.ticket_id == ticket_id).order_by(outbox.c.id)
    for row in connection.execute(query).all():
        theirs = fold_address(row.recipient) == traces.address
        text = decode_all(row.body)
        envelope = "\n".join((row.return_path, row.last_error, row.relay_reply))
        named = row.message_id in carried or traces.hide(text) != text or traces.quotes(text)
        if theirs or named or traces.names_in(envelope):
            empty_notice(connection, row, traces, stand_in)
            count += 1
    return count


def empty_notice(connection: Connection, row: Row[Any], traces: Traces, stand_in: str) -> None:
    """Empties a notice as it went out; one that waits for the person is cancelled."""
    values: dict[str, Any] = {"body": EMPTY_NOTICE, "inserts": []}
    values |= {name: traces.hide(row._mapping[name]) for name in ("return_path", "last_error", "relay_reply")}
    if fold_address(row.recipient) == traces.address:
        values |= {"recipient": stand_in, "return_path": ""}
    if row.state == WAITING:
        values |= {"state": CANCELLED, "leased_until": None}
    connection.execute(update(outbox).where(outbox.c.id == row.id).values(values))


def _hide_approvals(connection: Connection, ticket_id: int, traces: Traces, stand_in: str) -> None:
    for row in connection.execute(select(approvals).where(approvals.c.ticket_id == ticket_id)).all():
        values: dict[str, Any] = {"question": traces.hide(row.question), "words": traces.hide(row.words)}
        if fold_address(row.address) == traces.address:
            values |= {"address": stand_in, "words": ""}
        if fold_address(row.asked_by) == traces.address:
            values["asked_by"] = stand_in
        this = approvals.c.ticket_id == ticket_id, approvals.c.notice == row.notice
        connection.execute(update(approvals).where(*this).values(values))


def _hide_event(row: Row[Any], traces: Traces, stand_in: str) -> dict[str, Any]:
    """Returns the columns of an event that change: each loses words only, as the database demands."""
    values: dict[str, Any] = {}
    by_them = fold_address(row.by) == traces.address
    if by_them:
        values["by"] = stand_in
    elif traces.names_in(row.by):
        values["by"] = ""
    for name in ("reason", "text"):
        words = row._mapping[name]
        hidden = traces.hide(words)
        hidden = "" if by_them and row.event not in BY_AGENTS else traces.hide_quotations(hidden)
        if hidden != words:
            values[name] = hidden if GAP in hidden and len(hidden) <= len(words) else ""
    facts = row.facts
    if isinstance(facts, dict) and isinstance(facts.get("waits_for"), str) and traces.names_in(facts["waits_for"]):
        values["facts"] = {**facts, "waits_for": GAP}
    return values


def remove_tags(connection: Connection, ticket_ids: Collection[int], traces: Traces) -> None:
    """Removes tags of tickets that are a name of the person."""
    for row in connection.execute(select(tags).where(tags.c.ticket_id.in_(ticket_ids))).all():
        if traces.hide(row.tag) != row.tag:
            connection.execute(delete(tags).where(tags.c.ticket_id == row.ticket_id, tags.c.tag == row.tag))


# -- rows of no ticket -------------------------------------------------------------------------------------------------


def empty_mails(connection: Connection, journal_ids: Sequence[int], stand_in: str) -> None:
    """Empties mails of the journal, their envelope and what is recorded of them; those that wait stay."""
    for at in range(0, len(journal_ids), _AT_ONCE):
        some = journal.c.id.in_(list(journal_ids[at : at + _AT_ONCE])), journal.c.state != WAITING
        blob_ids = connection.execute(select(journal.c.blob_id).where(*some)).scalars().all()
        keep_files_apart(connection, blob_ids)  # of a mail that was for several tickets
        empty_blobs(connection, blob_ids)
        connection.execute(update(journal).where(*some, journal.c.sender != "").values(sender=stand_in))
        gone: dict[str, Any] = dict.fromkeys(_OF_MAIL, "")
        connection.execute(update(journal).where(*some).values(recipients=[], **gone))


def list_loose_mails(
    connection: Connection, traces: Traces, after: int, limit: int = 200
) -> tuple[list[int], list[int], int | None]:
    """Reads mails that became no ticket: those that name the person, those of them that wait, and how far it came.

    None for the last says that all were read.
    """
    query = (
        select(journal).where(journal.c.ticket_id.is_(None), journal.c.id > after).order_by(journal.c.id).limit(limit)
    )
    rows = connection.execute(query).all()
    found: list[int] = []
    waiting: list[int] = []
    for row in rows:
        envelope = "\n".join((row.sender or "", row.author, row.subject, *row.recipients, row.last_error, row.outcome))
        if row.size == 0 or not (traces.names_in(envelope) or traces.names_in(_read_mail(connection, row.blob_id))):
            continue
        (waiting if row.state == WAITING else found).append(int(row.id))
    return found, waiting, int(rows[-1].id) if len(rows) == limit else None


def _read_mail(connection: Connection, blob: int) -> str:
    try:
        return decode_all(get_blob(connection, blob))
    except (KeyError, DamagedBlob):
        return ""


def list_loose_notices(
    connection: Connection, traces: Traces, references: Collection[str], after: int, limit: int = 200
) -> tuple[list[Row[Any]], int, int | None]:
    """Reads notices of no ticket (answers to queries, digests, alarms, questions of holds).

    Returns those that name the person or one of the references, how many of them wait, and how far it came; None for
    the last says that all were read.
    """
    query = select(outbox).where(outbox.c.ticket_id.is_(None), outbox.c.id > after).order_by(outbox.c.id).limit(limit)
    rows = connection.execute(query).all()
    named = re.compile("|".join(rf"\b{re.escape(one)}\b" for one in references) or r"(?!)")
    found: list[Row[Any]] = []
    waiting = 0
    for row in rows:
        text = "\n".join((row.recipient, row.last_error, row.relay_reply, row.return_path, decode_all(row.body)))
        if row.body.strip() and (traces.names_in(text) or named.search(text)):
            theirs = fold_address(row.recipient) == traces.address
            waits = row.state == WAITING and (row.leased_until is not None or not theirs)
            waiting += waits
            if not waits:
                found.append(row)
        elif fold_address(row.recipient) == traces.address:
            found.append(row)
    return found, waiting, int(rows[-1].id) if len(rows) == limit else None


def count_holds(connection: Connection, traces: Traces) -> int:
    """Counts the holds about the person, or that ask them."""
    return len(_list_holds(connection, traces))


def _list_holds(connection: Connection, traces: Traces) -> list[Row[Any]]:
    rows = connection.execute(select(holds)).all()
    return [row for row in rows if traces.names_in("\n".join((row.subject, row.asked, row.answered_by)))]


def hide_holds(connection: Connection, traces: Traces, stand_in: str) -> int:
    """Takes the person out of holds, and ends the open ones; the mails in them are emptied."""
    found = _list_holds(connection, traces)
    for row in found:
        values = {
            name: stand_in if fold_address(row._mapping[name]) == traces.address else row._mapping[name]
            for name in ("subject", "asked", "answered_by")
        }
        if row.state == OPEN:
            values["state"] = EXPIRED
        connection.execute(update(holds).where(holds.c.id == row.id).values(values))
        if fold_address(row.subject) == traces.address:
            held = connection.execute(select(held_mails.c.journal_id).where(held_mails.c.hold_id == row.id))
            empty_mails(connection, list(held.scalars()), stand_in)
    return len(found)


def remove_hook_calls(connection: Connection, traces: Traces) -> int:
    """Removes the calls of hooks that name the person, also those that wait to be made."""
    found = [
        row.id
        for row in connection.execute(select(hook_calls)).all()
        if traces.names_in("\n".join((row.body, row.last_error, row.reply)))
    ]
    for at in range(0, len(found), _AT_ONCE):
        connection.execute(delete(hook_calls).where(hook_calls.c.id.in_(found[at : at + _AT_ONCE])))
    return len(found)


def remove_contact(connection: Connection, traces: Traces) -> int:
    """Removes what the desk knows of the address whatever the ticket."""
    count = 0
    for table in (contacts, digests):
        for address in connection.execute(select(table.c.address)).scalars().all():
            if fold_address(address) == traces.address:
                count += connection.execute(delete(table).where(table.c.address == address)).rowcount
    return count


def has_contact(connection: Connection, address: str) -> bool:
    """Tells whether the desk has a contact record of a folded address."""
    return connection.execute(select(contacts.c.address).where(contacts.c.address == address)).first() is not None


def hide_in_articles(connection: Connection, traces: Traces) -> int:
    """Hides the person in solutions that were kept as articles; articles of the operator's folder are their files'."""
    count = 0
    query = select(articles).where(
        articles.c.kind == "solution", _may_name(connection, traces, articles, ("title", "body"))
    )
    for row in connection.execute(query).all():
        title, body = traces.hide(row.title), traces.hide(row.body)
        if (title, body) != (row.title, row.body):
            folded = " ".join(words_of(f"{title}\n{body}", row.language))
            values = {"title": title, "body": body, "folded": folded, "fingerprint": ""}
            connection.execute(update(articles).where(articles.c.id == row.id).values(values))
            count += 1
    return count


def hide_in_statuses(connection: Connection, traces: Traces) -> int:
    """Hides the person in the last errors of sources and of the relay, and in alarms that are held back."""
    count = 0
    for row in connection.execute(select(ways)).all():
        values = {"last_error": traces.hide(row.last_error), "figures": _hide_all(traces, row.figures)}
        if values != {"last_error": row.last_error, "figures": row.figures}:
            connection.execute(update(ways).where(ways.c.name == row.name).values(values))
            count += 1
    return count
