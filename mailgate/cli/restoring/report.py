"""Says what a backup holds, what a restore would replace, what was put back, and what is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from mailgate.cli.backup import describe_contents, digest_keys
from mailgate.cli.output import clean, size
from mailgate.cli.restoring.files import FilePlan
from mailgate.cli.restoring.present import LastNumber, PresentDatabase
from mailgate.cli.restoring.target import RestoreTarget
from mailgate.config import ConfigError, read_config
from mailgate.core.text import counted, ellipsis

if TYPE_CHECKING:
    from mailgate.store.backup.contents import LaterRows
    from mailgate.store.backup.format import BackupManifest, BackupMember


def describe_backup(manifest: BackupManifest, file: Path) -> str:
    """Describes a backup that was verified, with each of its files."""
    return "\n".join(
        (
            f"{file}: backup of {clean(manifest.desk)}, made {_when(manifest)} on {clean(manifest.host)} by mailgate "
            f"{clean(manifest.mailgate)}",
            f"  {manifest.engine}, database version {clean(manifest.contents.version)}: "
            f"{', '.join(describe_contents(manifest))}",
            *(
                f"  {clean(member.path)} ({size(member.size)})"
                for member in manifest.members
                if member.path.startswith("/")
            ),
            *(f"  not in it, because it did not exist: {clean(missing)}" for missing in manifest.missing),
            "  every member agrees with its sum",
        )
    )


def _when(manifest: BackupManifest) -> str:
    from mailgate.store.backup.format import describe_moment

    return describe_moment(manifest.made_at, manifest.timezone)


def describe_shortly(manifest: BackupManifest) -> str:
    """Describes a backup in one line."""
    return (
        f"Backup of {clean(manifest.desk)}, made {_when(manifest)} on {clean(manifest.host)} by mailgate "
        f"{clean(manifest.mailgate)}: {', '.join(describe_contents(manifest))}."
    )


def describe_present(present: PresentDatabase) -> str:
    """Describes the present database by its difference to the backup."""
    if present.unreadable:
        return f"which cannot be read ({present.unreadable})"
    if present.contents is None or present.later is None:
        return "which is empty or does not exist"
    later = present.later
    if not (later.tickets or later.mails or later.notices):
        return "which has nothing that the backup does not have"
    return f"which has since received {_count_later(later)}: the desk loses them"


def _describe_erased(later: LaterRows | None) -> Iterator[str]:
    if later is None:
        yield "If you erased people after the backup, it has them again: run `mailgate erase ADDRESS` for each."
    elif later.erased:
        people = "1 person was" if later.erased == 1 else f"{later.erased} people were"
        yield f"{people} erased after the backup, which has them again: run `mailgate erase ADDRESS` for each."


def _count_later(later: LaterRows) -> str:
    return f"{counted(later.tickets, 'ticket')}, {counted(later.mails, 'email')} and {counted(later.notices, 'notice')}"


def describe_numbers(numbers: LastNumber) -> str:
    """Says where ticket numbers continue."""
    words = f"New tickets are counted on after number {numbers.highest:,}"
    if numbers.is_guess:
        return f"{words}: nothing here tells the highest that was given, so a safe distance was left out."
    return f"{words}, the highest that was given."


def describe_files(
    files: FilePlan, bundles: dict[str, tuple[BackupMember, Path]], manifest: BackupManifest, target: RestoreTarget
) -> Iterator[str]:
    """Says which files were put back, and which were kept."""
    from mailgate.store.backup.format import MemberKind

    for _, path in files.put:
        yield f"Put back: {path}"
    for path in files.kept:
        yield f"Kept, although it differs in the backup: {path}"
    if bundles:
        yield f"Put back into {target.archive}: {counted(len(bundles), 'archived ticket')}"
    elif target.archive is None and manifest.of_kind(MemberKind.ARCHIVE):
        yield "archive.folder is not configured: the archived tickets stay in the backup"


def describe_secret(manifest: BackupManifest, target: RestoreTarget) -> Iterator[str]:
    """Warns where replies to the notices of the backup will not be recognised, or the configuration has mistakes."""
    try:
        keys = digest_keys(read_config(target.config, needs_secrets=False).desk.keys)
    except ConfigError as error:
        yield f"{clean(error.mistakes[0])}: the configuration has mistakes, which `mailgate check` lists"
        return
    if manifest.keys and keys and manifest.keys[0] not in keys:
        yield (
            "the secret is another one than in the backup: the desk will not recognise replies to emails that are out. "
            "Put the line of the backup's secret behind the first one of the present secret, or restore with "
            "--configuration"
        )


def describe_losses(manifest: BackupManifest, present: PresentDatabase) -> Iterator[str]:
    """Says what came after the backup and is lost, and what may be sent twice."""
    contents, later = manifest.contents, present.later
    if contents.waiting_journal:
        yield (
            f"{counted(contents.waiting_journal, 'email')} waited in the backup: the desk decides on them again, and "
            "their senders may get a second receipt."
        )
    if contents.waiting_outbox:
        yield f"{counted(contents.waiting_outbox, 'notice')} waited in the backup: they leave, perhaps once more."
    yield from _describe_erased(later)
    if later is None:
        yield f"What came after {_when(manifest)} is lost; what that was cannot be read here."
        return
    if not (later.tickets or later.mails or later.notices):
        yield "Nothing was lost: the present database had nothing that the backup does not have."
        return
    yield f"Lost, because it came after the backup: {_count_later(later)}."
    for ticket in later.first:
        line = f"{ticket.reference}  {ticket.state}  {ticket.requester}  {ellipsis(ticket.subject, 60)}"
        yield f"  {clean(line)}"
    if later.tickets > len(later.first):
        yield f"  and {later.tickets - len(later.first):,} more tickets"
    if later.tickets:
        yield (
            "An agent's answer to a lost ticket comes back to the agent and reaches no one else; a requester's answer "
            "opens a new ticket."
        )
    yield "An IMAP server or a Maildir that still has the lost emails as new brings them again."
