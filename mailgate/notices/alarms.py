"""Alarms for the operator: the program's sentences with their arguments.

Every sentence has its line under [troubles] in words.toml, so that the operator reads it in their own language; `str`
gives the English of logs and histories. An alarm that is held back is kept in the database as JSON. Values; nothing
here can fail, but for JSON that no alarm was written as (KeyError, ValueError).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mailgate.core.workflow.notice_catalogue import Notice

TOO_MANY_TO_ADDRESS = "{0} got {1} automatic mails within an hour"
TOO_MANY_OF_TICKET = "{0} sent {1} automatic mails within a day"
NOT_SENT = "{0} to {1} not sent: {2}"
FAILED = "{0} to {1} failed: {2}"
TOO_MANY_OVERSIZED = (
    "more than {0} mails within an hour are larger than the desk takes; `mailgate journal --json` has every one of them"
)
FORGED = "{0} says that mail in this name is forged ({1}): nothing of it was done"
TOO_MANY_HELD = "more than {0} mails in the name of {1} wait to be verified"
HOLD_FAILED = "{0}, a question about mail that waits, failed: {1}; it is tried again every hour, and the mail is kept"
TIMER_PARKED = "timer {0} of ticket {1} is parked: {2}; see `mailgate timers`"
REPLANNED = (
    "the configuration of the queue {0} changed. Open tickets with a new deadline: {1}. Overdue: {2}. "
    "`mailgate timers` lists what is due"
)
NOT_ARCHIVED = (
    "closed tickets cannot be written to the folder of archives: {1}. Tickets that wait: {0}. None is lost, and it is "
    "tried again every hour at least"
)
LOST = (
    "a mail from {0} answers {1}, which is not in this database; probably an older backup was restored. The mail was "
    "put into no existing ticket; `mailgate journal --all` shows what became of it. Earlier mails about {1} may still "
    "be in the mailboxes of your levels"
)
RESTORED = (
    "the database is older than the one that last worked here; probably a backup was restored. Its highest ticket "
    "number is {0}, but the desk had already given {1}. New tickets get higher numbers. Tickets that may be missing: "
    "{2}. See Backup in docs/operations.md"
)
MAIL_PARKED = (
    "mail {0} from {1} (“{2}”) could not be processed and is in no ticket: {3}; `mailgate cat journal {0}` prints it, "
    "`mailgate requeue journal {0}` tries it again, `mailgate dismiss journal {0} --reason TEXT` takes it off the list"
)
PARKED_IN_TICKET = (
    "mail {0} from {1} (“{2}”) could not be processed: {3}. Ticket {4} was opened of what could be read; "
    "`mailgate requeue journal {0}` puts the mail whole into it once the cause is mended, "
    "`mailgate dismiss journal {0} --reason TEXT` takes it off the list"
)
DISK_LOW = (
    "the disk of {0} is nearly full ({1} MB free, {2}%); once it is full, the desk can take no more mail. Free some "
    "space, or move the folder to a larger disk"
)
CLOCK_AHEAD = (
    "the clock of this machine went forward by {0}; deadlines follow the new time, and what is due by it happens now. "
    "Check with `timedatectl` that the time is right"
)
CLOCK_BACK = (
    "the clock of this machine went back by {0}; deadlines set before stay as they are and may be too late: "
    "`mailgate timers` lists them. Check with `timedatectl` that the time is right"
)
RELOAD_REFUSED = (
    "the new configuration was not applied, and the desk goes on with the previous one: {0}; correct it, then run "
    "`systemctl reload mailgate`"
)
HOOK_FAILED = (
    "the hook {0} has failed for some time: {1}; its calls wait and are tried again; `mailgate hooks` lists them, and "
    "`mailgate hooks --test {0}` tries it"
)
QUARANTINED = (
    "mail {0} from {1} (“{2}”) was quarantined by the virus scanner: {3}. It is in no ticket, and its sender was not "
    "told; `mailgate cat journal {0}` prints its text, `mailgate release journal {0}` lets it in, "
    "`mailgate dismiss journal {0} --reason TEXT` gives it up"
)
SCANNER_FAILED = (
    "the virus scanner does not work: {0}. No mail is processed until it does, and none is lost. Run its command by "
    "hand, or take [intake.scan] out of the configuration"
)
SENTENCES = (
    TOO_MANY_TO_ADDRESS, TOO_MANY_OF_TICKET, NOT_SENT, FAILED, TOO_MANY_OVERSIZED, FORGED, TOO_MANY_HELD, HOLD_FAILED,
    TIMER_PARKED, REPLANNED, NOT_ARCHIVED, LOST, RESTORED, MAIL_PARKED, PARKED_IN_TICKET,
    DISK_LOW, CLOCK_AHEAD, CLOCK_BACK, RELOAD_REFUSED, HOOK_FAILED, QUARANTINED, SCANNER_FAILED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Alarm:
    """Sentence and its arguments, one of which may be an alarm itself."""

    sentence: str
    parts: tuple[str | int | timedelta | Alarm, ...] = ()

    def __str__(self) -> str:
        return self.sentence.format(*self.parts)

    def as_json(self) -> list[Any]:
        """Returns the alarm as JSON keeps it; `read` reads it."""
        return [self.sentence, [_write_part(part) for part in self.parts]]

    @classmethod
    def read(cls, value: list[Any]) -> Alarm:
        """Reads an alarm from JSON."""
        sentence, parts = value
        return cls(str(sentence), tuple(_read_part(part) for part in parts))


def _write_part(part: str | int | timedelta | Alarm) -> Any:
    match part:
        case Alarm():
            return {"alarm": part.as_json()}
        case Notice():
            return {"notice": part.value}
        case timedelta():
            return {"seconds": part.total_seconds()}
    return part


def _read_part(part: Any) -> str | int | timedelta | Alarm:
    match part:
        case {"alarm": value}:
            return Alarm.read(value)
        case {"notice": value}:
            return Notice(value)
        case {"seconds": value}:
            return timedelta(seconds=value)
    return part  # type: ignore[no-any-return]  # a text or a number, as it was written


@dataclass(frozen=True, slots=True)
class HeldAlarm:
    """An alarm that was held back, since one of its sentence had gone out within the hour."""

    at: datetime
    alarm: Alarm
    reference: str = ""
    """The ticket that it concerns; "" for none."""

    def as_json(self) -> list[Any]:
        """Returns it as JSON keeps it; `read` reads it."""
        return [self.at.isoformat(), self.alarm.as_json(), self.reference]

    @classmethod
    def read(cls, value: list[Any]) -> HeldAlarm:
        """Reads a held alarm from JSON."""
        at, alarm, reference = value
        return cls(datetime.fromisoformat(at), Alarm.read(alarm), str(reference))
