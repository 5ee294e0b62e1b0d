"""Says in words why a desk is not well, and what to do about each reason. Pure; raises nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from mailgate.config import ROUND_TRIP
from mailgate.core.text import counted, spell_size
from mailgate.daemon.health.values import Health, SendingHealth, SourceHealth

_FETCHED = ("imap ", "maildir ", ROUND_TRIP)  # the ways in that must have a success often enough
NAMES = {"journal": "email", "outbox": "notice", "timers": "timer", "hooks": "call"}
"""Nouns for a row of each queue."""

STALE = timedelta(minutes=5)
"""How long a mail may wait to be read, and what is due to be tried; then it is not being processed."""
_FULL = 1_000_000  # bytes; with less, nothing can be written
_START = "`systemctl start mailgate`"
WITHOUT = {
    "intake": "no email is received",
    "worker": "no email is processed",
    "courier": "nothing is sent",
    "clock": "deadlines are not kept",
}
"""The roles, and what does not happen without each."""


def find_reasons(health: Health) -> tuple[str, ...]:
    """Returns why the desk is not well, the worst first, each with what helps behind " → "; empty where it is well.

    That `serve` has never worked here is no reason alone, but most others follow from it.
    """
    never_served = health.desk.healthy and health.desk.last_success_seconds is None
    reasons = tuple(_find(health))
    return (f"no `mailgate serve` has run here yet → {_START}", *reasons) if never_served and reasons else reasons


def _find(health: Health) -> Iterator[str]:
    yield from (
        *_of_disks(health),
        *_of_serve(health),
        *describe_sending(health.sending),
        *_of_roles(health),
        *_of_ways(health),
        *_of_queues(health),
        *(
            f"the {source.name} file cannot be used: {source.error} → `mailgate check`"
            for source in health.directory
            if source.error
        ),
        *_of_clock(health),
    )


def describe_sending(sending: SendingHealth) -> Iterator[str]:
    """Yields why notices are not sent although the relay would take them: a hold, or a dry run that works or did."""
    if sending.held_seconds is not None:
        since = f"for {spell_span(sending.held_seconds)} by {sending.held_by}: {sending.held_reason}"
        yield f"sending has been held {since} → `mailgate resume` sends the waiting notices"
    parked = f'{_count("outbox", sending.parked_by_dry_run)} parked as "dry run"'
    if sending.dry_run_seconds is not None:
        since = f"a dry run has been running for {spell_span(sending.dry_run_seconds)} and sends nothing: {parked}"
        yield f"{since} → stop it, send them with `mailgate release --dry-run`, then start the desk"
    elif sending.parked_by_dry_run:
        yield f"{parked} → `mailgate release --dry-run` sends them"


def _of_disks(health: Health) -> Iterator[str]:
    for disk in health.disks:
        if not disk.healthy:
            state = "full" if disk.free < _FULL else "nearly full"
            free = f"{spell_size(disk.free)} free, {disk.percent} %"
            yield f"the disk of {disk.folder} is {state} ({free}): without space no email is accepted → free some"


def _of_serve(health: Health) -> Iterator[str]:
    """Yields that `serve` does not run at all, or that its clock, which keeps all deadlines, gives no sign."""
    if health.desk.healthy:
        return
    since = f"the last report was {spell_span(health.desk.last_success_seconds)} ago"
    if "full" in health.desk.error:
        yield f"{health.desk.error}; {since} → free some space"
    elif all(not role.healthy for role in health.roles):
        yield f"`mailgate serve` is not running, {since} → {_START}, or see its log"
    else:
        yield f"{health.desk.error}: {WITHOUT['clock']}, {since} → {_START}, or see its log"


def _of_roles(health: Health) -> Iterator[str]:
    """Yields the roles that are missing while others work; what `_of_serve` says is not said twice."""
    if any(role.healthy for role in health.roles):
        for role in health.roles:
            if not role.healthy and (role.role != "clock" or health.desk.healthy):
                yield f"no {role.role} is running: {WITHOUT[role.role]} → {_START}"


def _of_ways(health: Health) -> Iterator[str]:
    for way in health.ways:
        if way.healthy:
            continue
        error = f": {way.error}" if way.failing_seconds is not None else ""
        if not way.name.startswith(_FETCHED):
            yield f"{way.name} cannot store emails{error} → see the log of `mailgate serve`"
            continue
        span = spell_span(way.last_success_seconds)
        since = "yet" if way.last_success_seconds is None else f"for {span}"
        yield f"{way.name} has had no success {since}{error} → `mailgate check --connect`"
    yield from _of_what_fails(health.relay, "the relay has deferred everything", "`mailgate check --connect`")
    if health.scanner is not None:
        what = "no email is processed, because the virus scanner has failed"
        yield from _of_what_fails(health.scanner, what, "run its command by hand, or remove [intake.scan]")
    for hook in health.hooks:
        remedy = f"`mailgate hooks`, then `mailgate hooks --test {hook.name.removeprefix('hook ')}`"
        yield from _of_what_fails(hook, f"the {hook.name} has failed", remedy)
    if health.archive is not None:
        yield from _of_what_fails(health.archive, "closed tickets cannot be archived", "`mailgate check`")


def _of_what_fails(found: SourceHealth, what: str, remedy: str) -> Iterator[str]:
    if not found.healthy:
        yield f"{what} for {spell_span(found.failing_seconds)}: {found.error} → {remedy}"


def _of_queues(health: Health) -> Iterator[str]:
    for name, load in health.queues.items():
        parked = load.parked
        if name == "outbox":
            sending = health.sending
            parked -= sending.parked_by_dry_run + sending.parked_by_only_to
            yield from _of_only_to(sending)
        if parked:
            yield f"{_count(name, parked)} parked → `mailgate {name}`, then {_say_ends(name)}"
        if load.quarantined:
            listed, ends = "`mailgate journal`", "`mailgate release journal ID` or `mailgate dismiss journal ID`"
            yield f"{_count(name, load.quarantined)} quarantined by the virus scanner → {listed}, then {ends}"
        if load.untried and not (name == "journal" and health.scanner is not None and not health.scanner.healthy):
            since = spell_span(load.untried_seconds)
            yield f"{_count(name, load.untried)} due but not tried, the first for {since} → `mailgate {name}`"
    journal = health.queues["journal"]
    if not journal.untried and (journal.oldest_waiting_seconds or 0) > STALE.total_seconds():
        since = spell_span(journal.oldest_waiting_seconds)
        yield f"an email has waited for {since} to be processed → `mailgate journal`"


def _of_only_to(sending: SendingHealth) -> Iterator[str]:
    if sending.parked_by_only_to:
        why = f"{describe_only_to(sending)}: " if sending.only_to else "only_to was different: "
        parked = f"{_count('outbox', sending.parked_by_only_to)} parked"
        yield f"{why}{parked} → `mailgate requeue outbox --reason only_to` sends what it allows now"


def describe_only_to(sending: SendingHealth) -> str:
    """Tells how many patterns `only_to` has."""
    return f"only_to limits sending to {counted(sending.only_to, 'pattern')}"


def _of_clock(health: Health) -> Iterator[str]:
    if health.jump is not None:
        way = "forward" if health.jump.seconds > 0 else "back"
        span = spell_span(abs(health.jump.seconds))
        yield f"the clock went {way} by {span} within the last day → check it with `timedatectl`"


def _say_ends(name: str) -> str:
    """Names the commands that end that a row of a queue is parked."""
    again = f"`mailgate requeue {name} ID`"
    return again if name == "timers" else f"{again} or `mailgate dismiss {name} ID`"


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
