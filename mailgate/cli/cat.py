"""`cat`: shows one mail of the journal or the outbox, how it came or goes, or one call of a hook.

Reads the mail's bytes as they are stored, whatever became of it: parked, ignored, held and oversized mails too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy.exc import NoResultFound

from mailgate.cli.context import CommandError, DeskView, config_option, reading
from mailgate.cli.hops import read_hops_of, write_hops
from mailgate.cli.output import block, clean, local, pairs, single_blanks
from mailgate.core.mail import Address, Mail
from mailgate.core.text import spell_size
from mailgate.store.journal import JournalRow
from mailgate.store.outbox import OutboxRow
from mailgate.store.queries.listings import MailEvent, find_mail, get_sent, list_events_of
from mailgate.store.work_queue import QUARANTINED, WAITING

_RESULTS = ("Authentication-Results", "List-Id", "Auto-Submitted", "X-Spam-Status")


@click.command()
@config_option
@click.option("--raw", is_flag=True, help="Print only the email's bytes, or the JSON of the call, unchanged.")
@click.argument("queue", type=click.Choice(["journal", "outbox", "hooks"]))
@click.argument("number", type=click.IntRange(min=1), metavar="ID")
def cat(config: Path | None, raw: bool, queue: str, number: int) -> None:
    """Print one email of the journal or the outbox, or one call of a hook, by the ID in its list.

    It prints how and when the email came or went, the servers it came through, its headers and text as mailgate read
    them, its files, and the decision. This also works for parked, ignored and held emails. Times are in the desk's time
    zone.
    """
    with reading(config) as view:
        if queue == "journal":
            _show_journal(view, number, raw=raw)
        elif queue == "hooks":
            _show_call(view, number, raw=raw)
        else:
            _show_outbox(view, number, raw=raw)


def _show_journal(view: DeskView, number: int, *, raw: bool) -> None:
    from mailgate.store.blobs import get_blob

    found = find_mail(view.connection, number)
    if found is None:
        raise CommandError(f"the journal has no email {number}: see `mailgate journal --all`")
    row, reference = found
    content = get_blob(view.connection, row.blob_id)
    if raw:
        if row.state == QUARANTINED:
            click.echo("mailgate: the virus scanner found something in this email: open none of its files", err=True)
        _write_raw(content)
        if row.oversized:
            click.echo(f"mailgate: only the beginning of this email ({spell_size(row.size)}) was stored", err=True)
        return
    from mailgate.parsers.plain_reading import read_somehow

    mail = read_somehow(content, row.sender)
    zone = view.settings.default_queue.zone
    steps = (("step", _say_step(step)) for step in list_events_of(view.connection, row.id))
    came = (*_how_it_came(row, zone), *write_hops(read_hops_of(row, mail), zone))
    decided = _what_was_decided(row, reference, zone)
    click.echo(f"journal {row.id}  {row.state}")
    if row.state == QUARANTINED:
        click.echo("The virus scanner found something in this email: do not follow its links.")
    click.echo(pairs([*came, *_headers(mail, row.message_id, zone), *decided, *steps]))
    click.echo(_say_content(mail))


def _show_outbox(view: DeskView, number: int, *, raw: bool) -> None:
    from mailgate.tickets.archive.export import stream_notice

    try:
        row = get_sent(view.connection, number)
    except NoResultFound:
        raise CommandError(f"the outbox has no notice {number}: see `mailgate outbox --all`") from None
    pieces = stream_notice(view.connection, number)
    if raw:
        _write_raw(*pieces)
        return
    from mailgate.parsers import read_mail

    mail = read_mail(b"".join(pieces), row.return_path)
    zone = view.settings.default_queue.zone
    click.echo(f"outbox {row.id}  {row.state}")
    click.echo(pairs([*_how_it_goes(row, zone), *_headers(mail, row.message_id, zone)]))
    click.echo(_say_content(mail))


def _show_call(view: DeskView, number: int, *, raw: bool) -> None:
    from mailgate.store.hook_calls import find_call

    row = find_call(view.connection, number)
    if row is None:
        raise CommandError(f"there is no call {number} of a hook: see `mailgate hooks --all`")
    if raw:
        click.echo(row.body)
        return
    zone = view.settings.default_queue.zone
    click.echo(f"hooks {row.id}  {row.state}")
    click.echo(
        pairs(
            [
                ("hook", row.hook),
                ("webhook-id", row.uid),
                ("queued", f"{local(row.created_at, zone)} ({zone.key})"),
                ("called", _moment(row.called_at, zone)),
                ("next try", _moment(row.due_at, zone) if row.state == WAITING else ""),
                ("tries", str(row.attempts)),
                ("error", clean(row.last_error)),
                ("answer", clean(row.reply)),
            ]
        )
    )
    click.echo(f"\n{_indent(row.body)}" if row.body else "\nWhat it said is not kept once a call is done.")


def _indent(body: str) -> str:
    return clean(json.dumps(json.loads(body), ensure_ascii=False, indent=2))


def _write_raw(*pieces: bytes) -> None:
    for piece in pieces:
        click.echo(piece, nl=False)


def _how_it_came(row: JournalRow, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    by = " ".join(part for part in (row.source, f"from {row.peer}" if row.peer else "") if part)
    yield "received", f"{local(row.received_at, zone)} ({zone.key}), {clean(by)}"
    yield "mailbox", clean(row.source_key or "")
    yield "logged in", row.auth_user
    sender = "unknown sender" if row.sender is None else f"<{clean(row.sender)}>"
    yield "envelope", f"{sender} to {clean(', '.join(row.recipients)) or 'unknown recipients'}"
    yield "size", f"{spell_size(row.size)}{'; only the beginning was stored' if row.oversized else ''}"
    yield "confirmed", f"{row.proven} confirmed that they wrote it (challenge)" if row.proven else ""


def _how_it_goes(row: OutboxRow, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "notice", f"{row.notice}{f' of {row.reference}' if row.reference else ''}"
    yield "queued", f"{local(row.created_at, zone)} ({zone.key})"
    yield "sent", _moment(row.sent_at, zone)
    yield "next try", local(row.due_at, zone) if row.state == "waiting" else ""
    yield "tries", str(row.attempts) if row.attempts else ""
    yield "relay", clean(row.relay_reply)
    yield "last result", clean(row.last_error)
    yield "envelope", f"<{row.return_path}> to {clean(row.recipient)}"
    yield "size", spell_size(row.size)


def _headers(mail: Mail, message_id: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "Date", _moment(mail.date, zone)
    yield "From", _people([mail.sender] if mail.sender is not None else [])
    yield "To", _people(mail.to)
    yield "Cc", _people(mail.cc)
    yield "Reply-To", _people(mail.reply_to)
    yield "Subject", clean(mail.subject)
    yield "Message-ID", clean(message_id or mail.message_id)
    yield "In-Reply-To", clean(mail.in_reply_to)
    yield "References", clean(" ".join(mail.references))
    yield from ((name, clean(value)) for name in _RESULTS for value in mail.header_all(name))
    yield "kind", mail.kind.value
    yield "defects", clean("; ".join(mail.defects))


def _what_was_decided(row: JournalRow, reference: str, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    yield "tries", str(row.attempts) if row.attempts else ""
    yield "next try", local(row.due_at, zone) if row.state == "waiting" and row.attempts else ""
    yield "requeued", "by the operator" if row.forced else ""
    yield "ticket", reference
    yield "decided", clean(row.outcome)
    yield "last result", clean(row.last_error) if row.last_error != row.outcome else ""


def _say_step(step: MailEvent) -> str:
    stays = step.from_state == step.to_state
    move = f"stays {step.to_state}" if stays else f"{step.from_state or 'new'} → {step.to_state}"
    return f"{step.reference} {step.event}, {move}: {clean(step.reason)}"


def _say_content(mail: Mail) -> str:
    text = block(clean(mail.new_text or mail.text), 2) or "  (no text)"
    files = "\n".join(
        f"  [{clean(file.filename)}, {file.mime_type}, {spell_size(file.size)}]" for file in mail.attachments
    )
    return "\n" + single_blanks(f"{text}\n\n{files}")


def _people(people: Iterable[Address]) -> str:
    return ", ".join(f"{clean(one.name)} <{one.address}>" if one.name else one.address for one in people)


def _moment(moment: datetime | None, zone: ZoneInfo) -> str:
    return local(moment, zone) if moment is not None else ""
