"""`explain --sla`: writes the SLA account of a ticket with its arithmetic, for people and programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from mailgate.cli.output import clean, iso, local, pairs
from mailgate.core.calendar.business_time import Duration, PublicHolidays
from mailgate.core.calendar.opening_hours import spell_hours, spell_week
from mailgate.core.sla.account import FirstAnswer, LevelPeriod, Silence, SlaAccount, SlaEvent, SlaVerdict, plan_timers
from mailgate.core.sla.arithmetic import CountedSpan, work_out, work_out_answer
from mailgate.core.sla.terms import SlaTerms
from mailgate.core.text import counted

MOST_LINES = 60  # of one sum on a terminal; JSON has every one
_MINUTE = timedelta(minutes=1)


def write_lines(account: SlaAccount, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    """Writes the account line by line, in the desk's time zone."""
    yield from _write_hours(account)
    yield from _write_answer(account.answer, zone, now)
    for number, period in enumerate(account.periods, 1):
        yield from _write_period(number, period, zone)
    yield from _write_silence(account, zone)
    yield from _write_next(account, zone, now)


def _write_hours(account: SlaAccount) -> Iterator[str]:
    for terms in _calendars(account):
        hours = terms.hours
        place = hours.holidays.place if isinstance(hours.holidays, PublicHolidays) else ""
        yield f"\ncalendar of {terms.queue}"
        yield pairs(
            [
                ("zone", hours.zone.key),
                ("open", spell_week(hours.week)),
                ("closed", f"public holidays of {place}" if place else ""),
                ("also", ", ".join(day.isoformat() for day in sorted(hours.closing_days))),
            ]
        )


def _calendars(account: SlaAccount) -> Iterable[SlaTerms]:
    """Returns the terms of each calendar that was used, once."""
    found = {(period.terms.queue, spell_hours(period.terms.hours)): period.terms for period in account.periods}
    terms = account.answer.terms
    return {(terms.queue, spell_hours(terms.hours)): terms, **found}.values()


def _write_answer(answer: FirstAnswer, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    terms = answer.terms
    until = answer.at or now
    yield f"\nfirst answer: {_judge(answer.verdict, answer.due, until)}"
    yield pairs(
        [
            ("promised", f"{terms.answer_within} from {_step(answer.began, zone)}"),
            ("for", _kind(terms)),
            ("due", local(answer.due, zone)),
            ("answered", _step(answer.answered, zone) if answer.answered is not None else "not yet"),
        ]
    )
    if answer.verdict is not SlaVerdict.NOT_NEEDED:
        yield from _write_sum(work_out_answer(answer, until), answer.due, zone)


def _write_period(number: int, period: LevelPeriod, zone: ZoneInfo) -> Iterator[str]:
    terms = period.terms
    yield f"\n{number}. {period.level}: {_judge(period.verdict, period.due, period.until, period.spare)}"
    ended = _step(period.ended, zone) if period.ended is not None else ""
    yield pairs(
        [
            ("promised", f"{terms.resolve_within} from {_step(period.began, zone)}"),
            ("for", _kind(terms)),
            ("due", f"{local(period.due, zone)}{', if the clock resumed now' if period.paused_since else ''}"),
            ("ended", ended),
        ]
    )
    yield from _write_sum(work_out(period), period.due, zone)
    kind = "of worked time" if period.business else "on the clock"
    over = "over by" if period.used > period.allowed else "left"
    yield f"    allowed {span(period.allowed)} {kind}, used {span(period.used)}, {over} {span(abs(period.spare))}"


def _write_sum(lines: Sequence[CountedSpan], due: datetime, zone: ZoneInfo) -> Iterator[str]:
    shown = lines if len(lines) <= MOST_LINES else (*lines[: MOST_LINES // 2], *lines[-MOST_LINES // 2 :])
    for number, line in enumerate(shown):
        if len(lines) > MOST_LINES and number == MOST_LINES // 2:
            yield f"    … {counted(len(lines) - MOST_LINES, 'line')} more (--json has all)"
        yield _write_line(line, due, zone)


def _write_line(line: CountedSpan, due: datetime, zone: ZoneInfo) -> str:
    begins, ends = line.begins.astimezone(zone), line.ends.astimezone(zone)
    end = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{ends:%a %Y-%m-%d %H:%M}"
    times = f"    {begins:%a %Y-%m-%d %H:%M} - {end}"
    if line.pause is not None:
        ended = f"until step {line.pause.ended.number}" if line.pause.ended is not None else "still"
        third = f" for {clean(line.pause.third_party)}" if line.pause.third_party else ""
        return (
            f"{times}  the clock is paused{third}: step {line.pause.began.number} {ended}, {span(line.length)} left out"
        )
    mark = "  the time allowed ends" if line.ends == due else ""
    return f"{times}  + {span(line.length)} = {span(line.total)}{mark}"


def _write_silence(account: SlaAccount, zone: ZoneInfo) -> Iterator[str]:
    longest = account.longest_silence
    if longest is None:
        return
    every = longest.every
    yield f"\nkept informed: {account.informed.value if every is not None else 'nothing promised'}"
    ended = _step(longest.ended, zone) if longest.ended is not None else f"now ({local(longest.until, zone)})"
    entries = [("promised", f"an update every {every}" if every is not None else "")]
    yield pairs([*entries, ("longest", f"{_length(longest)} from {_step(longest.began, zone)} to {ended}")])
    for silence in account.silences:
        if not silence.kept:
            yield f"    too long: from step {silence.began.number}, {_length(silence)}, due {local(silence.due, zone)}"


def _length(silence: Silence) -> str:
    return f"{span(silence.length)}{' of worked time' if silence.every is not None and silence.every.business else ''}"


def _write_next(account: SlaAccount, zone: ZoneInfo, now: datetime) -> Iterator[str]:
    period = account.current
    if period is None:
        yield "\nnow: no level has the ticket, and no deadline is running"
        return
    since = period.paused_since
    if since is not None:
        who = clean(period.paused_for) or "the requester"
        yield (
            f"\nnow: the clock has been paused since {local(since, zone)}, until {who} answers or an agent "
            "takes the ticket"
        )
    else:
        yield "\nnow"
    dues = sorted(plan_timers(account, now).items(), key=lambda one: one[1])
    if dues:
        yield pairs([(timer.value, local(moment, zone)) for timer, moment in dues])


def _judge(verdict: SlaVerdict, due: datetime, until: datetime, spare: timedelta | None = None) -> str:
    if spare is None or verdict in (SlaVerdict.NOT_NEEDED, SlaVerdict.HANDED_ON):
        return verdict.value
    late = until > due
    return f"{verdict.value}, {span(abs(spare))} {'over' if late else 'to spare'}"


def _kind(terms: SlaTerms) -> str:
    priority = f"priority {terms.priority}"
    return ", ".join((terms.level, f"queue {terms.queue}", terms.type or "no type", priority))


def _step(entry: SlaEvent, zone: ZoneInfo) -> str:
    by = f" by {clean(entry.by)}" if entry.by and entry.by != entry.event else ""
    return f"{local(entry.at, zone)} (step {entry.number}: {entry.event}{by})"


def span(time: timedelta) -> str:
    """Formats a length in hours and minutes; in seconds below one minute."""
    hours, minutes = divmod(time // _MINUTE, 60)
    if not hours and not minutes:
        return f"{int(time.total_seconds())} s"
    return f"{hours} h {minutes:02} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min"


def as_json(reference: str, account: SlaAccount, now: datetime) -> dict[str, object]:
    """Returns the account for programs; lengths are seconds, times ISO 8601 in UTC."""
    answer, longest = account.answer, account.longest_silence
    current = account.current
    paused = current is not None and current.paused_since is not None
    return {
        "reference": reference,
        "at": iso(now),
        "first_answer": {
            "terms": answer.terms.as_facts(),
            "began": _entry(answer.began),
            "due": iso(answer.due),
            "answered": _entry(answer.answered),
            "used": answer.used.total_seconds(),
            "verdict": answer.verdict.value,
            "sum": [_line(line) for line in work_out_answer(answer, answer.at or now)],
        },
        "stays": [_period(period) for period in account.periods],
        "informed": {
            "verdict": account.informed.value,
            "longest": _silence(longest) if longest is not None else None,
            "silences": [_silence(one) for one in account.silences],
        },
        "paused": paused,
        "paused_for": current.paused_for if current is not None else "",
        "timers": [
            {"name": timer.value, "due_at": iso(moment)}
            for timer, moment in sorted(plan_timers(account, now).items(), key=lambda one: one[1])
        ],
    }


def _period(period: LevelPeriod) -> dict[str, object]:
    return {
        "level": period.level,
        "queue": period.queue,
        "terms": period.terms.as_facts(),
        "began": _entry(period.began),
        "ended": _entry(period.ended),
        "due": iso(period.due),
        "counts": "worked time" if period.business else "clock time",
        "allowed": period.allowed.total_seconds(),
        "used": period.used.total_seconds(),
        "verdict": period.verdict.value,
        "sum": [_line(line) for line in work_out(period)],
    }


def _silence(silence: Silence) -> dict[str, object]:
    every: Duration | None = silence.every
    return {
        "from": _entry(silence.began),
        "to": _entry(silence.ended),
        "every": str(every) if every is not None else None,
        "due": iso(silence.due),
        "length": silence.length.total_seconds(),
        "kept": silence.kept,
    }


def _line(line: CountedSpan) -> dict[str, object]:
    steps = (line.pause.began, line.pause.ended) if line.pause is not None else ()
    return {
        "from": iso(line.begins),
        "to": iso(line.ends),
        "length": line.length.total_seconds(),
        "total": line.total.total_seconds(),
        "paused_for": line.pause.third_party if line.pause is not None else "",
        "paused_by_steps": [entry.number for entry in steps if entry is not None],
    }


def _entry(entry: SlaEvent | None) -> dict[str, object] | None:
    if entry is None:
        return None
    return {"step": entry.number, "at": iso(entry.at), "event": entry.event, "by": entry.by}
