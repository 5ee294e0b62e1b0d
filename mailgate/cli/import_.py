"""`import`: takes in a ticket of another desk, as a bundle, or the mails of an mbox file or a Maildir.

A ticket is imported whole or not at all, and once. Mails go into the journal as from any source; `serve` processes
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mailgate.cli.context import (
    CommandError,
    command_clock,
    config_option,
    database_errors,
    first_line,
    read_settings,
    require_folder,
)
from mailgate.cli.output import clean
from mailgate.cli.verify import bounds_of
from mailgate.config import Settings
from mailgate.core.mail import IMPORTED, IMPORTED_QUIETLY, Envelope
from mailgate.core.text import counted

if TYPE_CHECKING:
    from mailgate.daemon.desk import Desk
    from mailgate.store.database import Database
    from mailgate.tickets.archive.import_ import ExistingTicket, ImportedTicket
    from mailgate.transport.mbox import MboxMessage, SkippedMessage

# Raised for a history that no desk has written: its states and facts may be anything.
_NO_HISTORY = (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError)
_SHOWN = 20  # of a kind, such as mails that could not be taken; the rest is counted


@click.command("import")
@config_option
@click.option("--quiet", is_flag=True, help="Send no receipts for imported emails. The levels still get the requests.")
@click.argument("file", type=click.Path(path_type=Path))
def import_(config: Path | None, quiet: bool, file: Path) -> int:
    """Import FILE: a bundle (`mailgate export`), an mbox file or a Maildir.

    A bundle brings one ticket with its full history, under its own reference if that is free here. No email is sent.
    Importing the same bundle again changes nothing.

    The emails of an mbox file or a Maildir are added to the journal, each once. `mailgate serve` then processes them as
    if they had just arrived: new requests get a receipt, unless you add --quiet. FILE itself is not changed. Exit
    status 1 if any email could not be imported.
    """
    settings = read_settings(config)
    require_folder(settings)
    try:
        if file.is_file() and _is_zip(file):
            click.echo(_import_bundle(settings, file))
            return 0
        return _import_mails(settings, file, IMPORTED_QUIETLY if quiet else IMPORTED)
    except OSError as error:
        raise CommandError(f"{file}: {(error.strerror or str(error)).lower()}") from None


def _is_zip(file: Path) -> bool:
    from mailgate.tickets.archive.verification import is_zip

    return is_zip(file)


# -- a bundle --------------------------------------------------------------------------------------------------------


def _import_bundle(settings: Settings, file: Path) -> str:
    from mailgate.store.tickets import lock_ticket
    from mailgate.tickets.archive.import_ import ExistingTicket, load_bundle
    from mailgate.tickets.archive.verification import InvalidBundle, open_bundle

    try:
        with open_bundle(file, bounds_of(settings.limits)) as bundle, _open_desk(settings) as desk:
            now, people = desk.clock.now(), desk.receiver.people
            if people.is_system_address(bundle.record.requester):
                raise InvalidBundle("ticket.json: its requester is an address of this desk")
            with desk.database.write() as connection:
                loaded = load_bundle(connection, bundle, settings, now, people.is_internal)
                if isinstance(loaded, ExistingTicket):
                    return _describe_known(file, bundle.record.reference, loaded)
                try:
                    replanned = desk.tickets.replan(connection, lock_ticket(connection, loaded.ticket_id), now)
                except _NO_HISTORY as error:
                    raise InvalidBundle(
                        f"ticket.json: its history is inconsistent: {type(error).__name__} {error}"
                    ) from None
            return _describe_loaded(bundle.record.reference, bundle.record.desk, loaded, changed=replanned.changed)
    except InvalidBundle as error:
        more = f" (and {len(error.lines) - 1} more: see `mailgate verify`)" if len(error.lines) > 1 else ""
        raise CommandError(f"{file}: {error.lines[0]}{more}; nothing was imported") from None


def _describe_known(file: Path, reference: str, known: ExistingTicket) -> str:
    here = "" if known.reference == reference else f" as {known.reference}"
    if known.same:
        return f"{reference} already exists here{here}; nothing was changed"
    raise CommandError(
        f"{file}: {reference} already exists here{here}, from a different state of it; nothing was changed"
    )


def _describe_loaded(reference: str, desk: str, loaded: ImportedTicket, *, changed: bool) -> str:
    lines = [f"{loaded.reference}: imported the ticket of {clean(desk)}"]
    if loaded.renamed:
        words = "was imported under this reference, because another ticket has its own"
        lines = [f"{loaded.reference}: {reference} of {clean(desk)} {words}"]
    if changed:
        lines.append("Its deadlines were recalculated from this desk's configuration.")
    if loaded.unlinked:
        lines.append(f"It was linked to tickets that are not here: {_list_some(loaded.unlinked)}")
    if loaded.insiders:
        lines.append(f"Not added as participants, because they belong to this desk: {_list_some(loaded.insiders)}")
    return "\n".join(lines)


def _list_some(words: Sequence[str]) -> str:
    more = f" and {len(words) - _SHOWN} more" if len(words) > _SHOWN else ""
    return ", ".join(map(clean, words[:_SHOWN])) + more


@contextmanager
def _open_desk(settings: Settings) -> Iterator[Desk]:
    from mailgate.daemon.desk import build_desk
    from mailgate.daemon.numbering import continue_numbers

    with database_errors():
        desk = build_desk(settings, command_clock())
        try:
            desk.database.create()
            continue_numbers(settings, desk.database, command_clock())
            yield desk
        finally:
            desk.database.close()


# -- mails -----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Tally:
    """The numbers of new and known mails, and the mails that could not be taken."""

    new: int = 0
    known: int = 0
    left: list[SkippedMessage] = field(default_factory=list)


def _import_mails(settings: Settings, file: Path, source: str) -> int:
    """Puts every mail into the journal and returns the exit status."""
    from mailgate.transport.mbox import is_maildir, is_mbox, read_maildir, read_mbox

    most = settings.intake.max_size
    if not file.exists():
        raise CommandError(f"{file}: no such file or folder")
    if is_maildir(file):
        mails = read_maildir(file, most)
    elif file.is_file() and is_mbox(file):
        mails = read_mbox(file, most)
    else:
        words = "is not an exported ticket (ZIP), an mbox file (it begins with 'From ') or a Maildir (new, cur)"
        raise CommandError(f"{file}: {words}")
    tally = _store(settings, mails, source)
    click.echo(
        f"{counted(tally.new, 'email')} added to the journal, {tally.known} already known; "
        "`mailgate serve` processes them"
    )
    for one in tally.left[:_SHOWN]:
        click.echo(f"mailgate: {file}: {_line(one.place)} was not imported: {_line(one.reason)}", err=True)
    if len(tally.left) > _SHOWN:
        click.echo(f"mailgate: {file}: and {len(tally.left) - _SHOWN} more were not imported", err=True)
    return 1 if tally.left else 0


def _line(words: str) -> str:
    """Returns text on one line of a terminal: the name of a file may have any character."""
    return " ".join(clean(words).split())


def _store(settings: Settings, mails: Iterator[MboxMessage | SkippedMessage], source: str) -> _Tally:
    """Stores the mails as a source does, a group at a time; a mail that is counted as new is durable."""
    from mailgate.store.database import Database
    from mailgate.transport.acceptance import GROUP, Acceptor
    from mailgate.transport.mbox import SkippedMessage

    tally, clock, seen = _Tally(), command_clock(), set[str]()
    with database_errors(), closing(Database(settings.store.database)) as database:
        database.create()
        with closing(Acceptor(database)) as intake:
            while group := list(islice(mails, GROUP)):
                offered = []
                for message in group:
                    if isinstance(message, SkippedMessage):
                        tally.left.append(message)
                    elif message.digest in seen or _is_known(database, message):
                        tally.known += 1
                        _close(message)
                    else:
                        seen.add(message.digest)
                        envelope = Envelope(message.sender, (), source, clock.now(), source_key=_key(message))
                        offered.append((message, intake.accept(envelope, message.content)))
                for message, future in offered:
                    if (error := future.exception()) is None:
                        tally.new += 1
                    else:
                        tally.left.append(SkippedMessage(message.place, first_line(error)))
    return tally


def _is_known(database: Database, message: MboxMessage) -> bool:
    """Tells whether the journal has the mail, from an earlier import or, by its fingerprint, from any source."""
    from mailgate.inbound.duplicates import fingerprint
    from mailgate.parsers import read_mail
    from mailgate.store.journal import find_offered, was_received

    raw = message.content if isinstance(message.content, bytes) else b"".join(message.content.pieces())
    mail = read_mail(raw, message.sender)
    with database.read() as connection:
        if find_offered(connection, (_key(message),)):
            return True
        return bool(mail.message_id) and was_received(connection, fingerprint(mail))


def _key(message: MboxMessage) -> str:
    """Returns the source key of a mail: the digest of its bytes, since files are moved and merged."""
    return f"import:{message.digest}"


def _close(message: MboxMessage) -> None:
    if not isinstance(message.content, bytes):
        message.content.close()
