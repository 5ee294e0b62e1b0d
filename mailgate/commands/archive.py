"""`export`: one ticket with everything that came and went, as a ZIP file that needs no mailgate to be read.

    ticket.json     as `mailgate show --json`
    index.html      the same for people
    mails/NNN.eml   what came in, byte for byte
    sent/NNN.eml    what went out or was to go out, byte for byte
    attachments/    the files of the mails

A file that is there already is never overwritten; one that cannot be finished is removed.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import click
from sqlalchemy import Connection, Row

from mailgate.commands.dossier import Dossier, as_json, read_dossier
from mailgate.commands.opening import Refusal, config_option, reading
from mailgate.commands.page import draw_page
from mailgate.store.blobs import get_blob
from mailgate.store.listing import get_sent, received_mails, sent_notices

_NOT_IN_NAMES = re.compile(r"[^\w .()+,@=-]+")
_LONGEST_NAME = 100


@click.command()
@config_option
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; by default REF.zip here.")
@click.argument("reference", metavar="REF")
def export(config: Path | None, output: Path | None, reference: str) -> None:
    """Write the ticket REF with all its mails, notices and files to a ZIP file.

    The file is for its owner's eyes only; one that exists is not overwritten.
    """
    with reading(config) as view:
        dossier = read_dossier(view.connection, view.ticket(reference))
        path = output or Path(f"{dossier.ticket.reference}.zip")
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise Refusal(f"{path} is there already; name another file with --output") from None
        except OSError as error:
            raise Refusal(f"{path}: {(error.strerror or str(error)).lower()}") from None
        try:
            with os.fdopen(handle, "wb") as file, ZipFile(file, "w", ZIP_DEFLATED) as archive:
                for name, content in _files(view.connection, dossier):
                    archive.writestr(name, content)
        except BaseException as error:
            path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise Refusal(f"{path}: {(error.strerror or str(error)).lower()}") from None
            raise
    click.echo(path)


def _files(connection: Connection, dossier: Dossier) -> Iterator[tuple[str, bytes]]:
    """The files of the archive, one at a time: name and content."""
    yield "ticket.json", json.dumps(as_json(dossier), ensure_ascii=False, indent=2).encode()
    names = {row.id: f"attachments/{row.id:03}-{safe_name(row.filename)}" for row in _attachments(dossier)}
    yield "index.html", draw_page(dossier, names).encode()
    for number, row in enumerate(received_mails(connection, dossier.ticket.id), 1):
        yield f"mails/{number:03}.eml", get_blob(connection, row.blob_id)
    for number, row_id in enumerate(sent_notices(connection, dossier.ticket.id), 1):
        yield f"sent/{number:03}.eml", _sent(connection, row_id)
    for row in _attachments(dossier):
        yield names[row.id], _content(connection, row)


def _attachments(dossier: Dossier) -> Iterator[Row[Any]]:
    for row in dossier.messages:
        yield from dossier.files.get(row.id, ())


def _sent(connection: Connection, row_id: int) -> bytes:
    from mailgate.notices import Insert, Message, assemble

    row = get_sent(connection, row_id)
    message = Message(row.body, tuple(Insert(*place) for place in row.inserts), row.size)
    return assemble(message, partial(get_blob, connection))


def _content(connection: Connection, row: Row[Any]) -> bytes:
    """A file's bytes; those that stayed inside their mail are base64 text there."""
    content = get_blob(connection, row.blob_id, row.span_start, row.span_end)
    return content if row.span_start is None else base64.b64decode(content)


def safe_name(name: str) -> str:
    """A file name of a stranger as one that no unpacker can be led astray by."""
    words = _NOT_IN_NAMES.sub("_", name.rpartition("/")[2].rpartition("\\")[2]).strip(" .")
    stem, dot, ending = words.rpartition(".")
    if len(words) > _LONGEST_NAME and dot and len(ending) <= 10:
        return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
    return words[:_LONGEST_NAME] or "file"
