"""Checks the configured sources and, with `--connect`, logs in to the mailboxes.

Each finding is a line that says `ok` or what to do. A check never raises, sends nothing and changes nothing.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from mailgate.cli.checks.desk import NO_SOCKET, CheckResult, Finding
from mailgate.config import ImapTable, Listen, LmtpTable, PutAwayAction, Settings, SmtpTable
from mailgate.core.clock import Clock
from mailgate.core.text import counted, spell_size

_OFTEN = timedelta(minutes=5)
_AFTER = {"flag": "then flagged", "delete": "then deleted"}


def check_sources(settings: Settings) -> Iterator[Finding]:
    """Reports each source, and the probe."""
    intake = settings.intake
    if intake.smtp is not None:
        yield _check_smtp(settings, intake.smtp)
    if intake.lmtp is not None:
        yield _check_lmtp(settings, intake.lmtp)
    for imap in intake.imap:
        yield Finding("intake", CheckResult.OK, _describe_mailbox(imap))
    for folder in intake.maildir:
        yield _check_maildir(folder.path)
    if not intake.has_sources:
        yield Finding(
            "intake", CheckResult.WARNING, ("no source is configured: email arrives only through `mailgate pipe`")
        )
    if intake.probe_every is not None:
        yield from _check_probe(settings)


def _check_smtp(settings: Settings, smtp: SmtpTable) -> Finding:
    if smtp.listen.path is not None:
        return Finding("intake", CheckResult.FAILED, f"intake.smtp.listen: {NO_SOCKET}")
    words = f"SMTP on {smtp.listen}, emails up to {spell_size(settings.intake.max_size)}"
    return _own_relay("intake.smtp", smtp.listen, settings) or Finding("intake", CheckResult.OK, words)


def _check_lmtp(settings: Settings, lmtp: LmtpTable) -> Finding:
    path, folder = lmtp.listen.path, None if lmtp.listen.path is None else lmtp.listen.path.parent
    words = ""
    if path is not None and folder is not None and not os.path.isdir(folder):
        # The unit makes this one when it starts.
        words = "" if folder == Path("/run/mailgate") else f"the folder {folder} does not exist: create it"
    elif path is not None and os.path.exists(path) and not stat.S_ISSOCK(os.stat(path).st_mode):
        words = f"{path} exists but is not a socket: delete it, or name another path"
    elif path is not None and not os.access(str(folder), os.W_OK):
        words = f"no permission to create a socket in {folder}: grant it, or name another folder"
    if words:
        return Finding("intake", CheckResult.FAILED, f"intake.lmtp.listen: {words}")
    ok = f"LMTP on {lmtp.listen}, emails up to {spell_size(settings.intake.max_size)}"
    return _own_relay("intake.lmtp", lmtp.listen, settings) or Finding("intake", CheckResult.OK, ok)


def _own_relay(key: str, listen: Listen, settings: Settings) -> Finding | None:
    if listen.path is not None or (listen.host, listen.port) != (settings.relay.host, settings.relay.port):
        return None
    words = f"{key}.listen and [relay] are both {listen}: the desk would send to itself"
    return Finding("intake", CheckResult.FAILED, words)


def _describe_mailbox(imap: ImapTable) -> str:
    return f"IMAP {imap.source_name.removeprefix('imap ')}, {_describe_after(imap.after)}"


def _describe_after(after: PutAwayAction) -> str:
    return f"then moved to {after.folder}" if after.action == "move" else _AFTER[after.action]


def _check_maildir(path: Path) -> Finding:
    """Checks the access to new/ and cur/: mails are read in one and renamed into the other."""
    for name in ("new", "cur"):
        folder = path / name
        if not os.path.isdir(folder):  # unlike Path.is_dir, never raises
            words = f"{path} is not a Maildir: it has no folder {name} that the desk can read"
            return Finding("intake", CheckResult.FAILED, f"intake.maildir: {words}")
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            words = (
                f"{folder}: no permission to read and rename the emails in it; grant read, write and execute "
                "permission (rwx)"
            )
            return Finding("intake", CheckResult.FAILED, f"intake.maildir: {words}")
    return Finding("intake", CheckResult.OK, f"Maildir {path}")


def _check_probe(settings: Settings) -> Iterator[Finding]:
    from mailgate.transport.relay.addresses import is_allowed

    intake, address = settings.intake, settings.default_queue.address
    assert intake.probe_every is not None
    held = not is_allowed(address, settings.relay.only_to)
    if held:
        words = f"relay.only_to does not name {address}: probes would be parked and never come back"
        yield Finding("probe", CheckResult.WARNING, words)
    rare = intake.probe_every.span >= intake.alarm_after.span
    if rare:
        words = (
            f"intake.probe_every ({intake.probe_every}) is not shorter than intake.alarm_after ({intake.alarm_after}):"
            " there would be an alarm between two probes"
        )
        yield Finding("probe", CheckResult.WARNING, words)
    often = intake.probe_every.span < _OFTEN
    if often:
        a_year = timedelta(days=365) // intake.probe_every.span
        words = (
            f"intake.probe_every ({intake.probe_every}) adds {a_year:,} emails a year to the journal: 5 "
            "minutes are enough"
        )
        yield Finding("probe", CheckResult.WARNING, words)
    if not held and not rare and not often:
        yield Finding("probe", CheckResult.OK, f"every {intake.probe_every} from {address} to itself")


def check_mailboxes(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Checks that each IMAP server accepts the login and has the folder; changes nothing in it."""
    from mailgate.daemon.sources import mailbox_settings
    from mailgate.transport.imap.errors import CommandRejected, ConnectionLost, MailboxUnavailable
    from mailgate.transport.imap.session import open_session
    from mailgate.transport.imap.watchdog import Wake

    for imap in settings.intake.imap:
        mailbox = mailbox_settings(settings, imap, clock, untouched=True)
        place = mailbox.name.removeprefix("imap ")
        wake = Wake()
        try:
            with open_session(mailbox, wake) as session:
                how = "the server announces new ones" if session.can_idle else f"checked every {imap.poll_every}"
                words = f"{place}: {counted(len(session.find_all()), 'email')}; {how}"
            yield Finding("mailbox", CheckResult.OK, words)
        except ConnectionLost as error:
            yield Finding("mailbox", CheckResult.FAILED, f"{place} does not answer: {error}")
        except (MailboxUnavailable, CommandRejected) as error:
            yield Finding("mailbox", CheckResult.FAILED, f"{place}: {error}")
        finally:
            wake.close()
