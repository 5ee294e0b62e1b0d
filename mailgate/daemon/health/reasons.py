"""Says in words why a desk is not well, and what to do about each reason. Pure; raises nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mailgate.config import ROUND_TRIP
from mailgate.core.text import counted, spell_size
from mailgate.daemon.health.values import Health, SendingHealth, SourceHealth

_FETCHED = ("imap ", "maildir ", ROUND_TRIP)  # the ways in that must have a success often enough
NAMES = {"journal": "mail", "outbox": "notice", "timers": "timer"}
"""Nouns for a row of each queue."""

STALE = timedelta(minutes=5)
"""How long a mail may wait to be read, and what is due to be tried; then it is not being processed."""
_FULL = 1_000_000  # bytes; with less, nothing can be written
WITHOUT = {
    "intake": "no mail comes in",
    "worker": "no mail is read",
    "courier": "nothing is sent",
    "clock": "no deadline is kept",
}
"""The roles, and what does not happen without each."""


def find_reasons(health: Health) -> tuple[str, ...]:
    """Returns why the desk is not well, the worst first, each with what helps; empty where it is well."""
    return (
        *describe_sending(health.sending),
        *_of_disks(health),
        *_of_roles(health),
        *_of_ways(health),
        *_of_queues(health),
        *(
            f"the file of {source.name} cannot be used: {source.error}; run `mailgate check`"
            for source in health.directory
            if source.error
        ),
        *_of_clock(health),
    )


def describe_sending(sending: SendingHealth) -> Iterator[str]:
    """Yields why notices are not sent although the relay would take them: a hold, or a dry run that works or did."""
    if sending.held_seconds is not None:
        since = f"for {spell_span(sending.held_seconds)} by {sending.held_by}: {sending.held_reason}"
        yield f"sending has been held {since}; `mailgate resume` sends what waits"
    parked = f'{_count("outbox", sending.parked_by_dry_run)} parked as "dry run"'
    if sending.dry_run_seconds is not None:
        since = f"a dry run has worked here for {spell_span(sending.dry_run_seconds)} and sends nothing: {parked}"
        yield f"{since}; to send them, stop it, `mailgate release --dry-run`, and start the desk"
    elif sending.parked_by_dry_run:
        yield f"{parked}: `mailgate release --dry-run` sends them"


def _of_disks(health: Health) -> Iterator[str]:
    for disk in health.disks:
        if not disk.healthy:
            state = "full" if disk.free < _FULL else "nearly full"
            free = f"{spell_size(disk.free)} free, {disk.percent} %"
            yield f"the disk of {disk.folder} is {state} ({free}): without space no mail is taken; make some"


def _of_roles(health: Health) -> Iterator[str]:
    missing = [role.role for role in health.roles if not role.healthy]
    is_silent = not health.desk.healthy
    if is_silent:
        yield f"{health.desk.error}; the last was {spell_span(health.desk.last_success_seconds)} ago: " + (
            "make space" if "full" in health.desk.error else "start it, or look into its log"
        )
    if is_silent and len(missing) == len({role.role for role in health.roles}):
        return  # all of them: that is said
    for role in missing:
        if role != "clock" or not is_silent:
            yield f"no {role} works: {WITHOUT[role]}; start `mailgate serve`"


def _of_ways(health: Health) -> Iterator[str]:
    for way in health.ways:
        if way.healthy:
            continue
        error = f": {way.error}" if way.failing_seconds is not None else ""
        if not way.name.startswith(_FETCHED):
            yield f"{way.name} cannot store mails{error}; see the log of `mailgate serve`"
            continue
        span = spell_span(way.last_success_seconds)
        since = "yet" if way.last_success_seconds is None else f"for {span}"
        yield f"{way.name} has had no success {since}{error}; run `mailgate check --connect`"
    yield from _of_what_fails(health.relay, "the relay has put off everything", "run `mailgate check --connect`")
    if health.archive is not None:
        yield from _of_what_fails(health.archive, "closed tickets cannot be archived", "run `mailgate check`")


def _of_what_fails(found: SourceHealth, what: str, remedy: str) -> Iterator[str]:
    if not found.healthy:
        yield f"{what} for {spell_span(found.failing_seconds)}: {found.error}; {remedy}"


def _of_queues(health: Health) -> Iterator[str]:
    for name, load in health.queues.items():
        parked = load.parked
        if name == "outbox":
            sending = health.sending
            parked -= sending.parked_by_dry_run + sending.parked_by_only_to
            yield from _of_only_to(sending)
        if parked:
            yield f"{_count(name, parked)} parked: see `mailgate {name}`"
        if load.untried:
            since = spell_span(load.untried_seconds)
            yield f"{_count(name, load.untried)} due and not tried, the first for {since}: see `mailgate {name}`"
    journal = health.queues["journal"]
    if not journal.untried and (journal.oldest_waiting_seconds or 0) > STALE.total_seconds():
        since = spell_span(journal.oldest_waiting_seconds)
        yield f"a mail has waited for {since} to be read: see `mailgate journal`"


def _of_only_to(sending: SendingHealth) -> Iterator[str]:
    if sending.parked_by_only_to:
        why = f"{describe_only_to(sending)}: " if sending.only_to else "only_to was another: "
        parked = f"{_count('outbox', sending.parked_by_only_to)} parked"
        yield f"{why}{parked}; `mailgate requeue outbox --reason only_to` sends what it allows now"


def describe_only_to(sending: SendingHealth) -> str:
    """Tells how many patterns `only_to` has."""
    return f"only_to lets mail go to {counted(sending.only_to, 'pattern')} only"


def _of_clock(health: Health) -> Iterator[str]:
    if health.jump is not None:
        way = "forward" if health.jump.seconds > 0 else "back"
        span = spell_span(abs(health.jump.seconds))
        yield f"the clock went {way} by {span} within the last day: see whether it is right, with `timedatectl`"


def _count(name: str, count: int) -> str:
    return f"{counted(count, NAMES[name])} {'is' if count == 1 else 'are'}"


def spell_span(seconds: int | None) -> str:
    """Formats a time that passed: `40 s`, `16 min`, `3 h`, `2 days`; "some time" where it is not known."""
    if seconds is None:
        return "some time"
    for unit, length in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * length or (unit == "min" and seconds >= 60):
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
