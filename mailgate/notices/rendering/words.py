"""Filters of the templates: times, sizes, durations, names of states and levels in the recipient's language.

The words themselves stand in `words.toml` of each language's folder of templates; `read_words` lays a file of the
operator's over ours, and ours over English, key by key. A value without a word is shown as it is, so that a new event
or an odd reason never stops a notice.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import pass_context
from jinja2.runtime import Context
from wcwidth import wcswidth

from mailgate.core.mail import Address
from mailgate.core.workflow.events import ENDED, EVENTS, Event, TimelineStyle
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.notices.alarms import Alarm
from mailgate.notices.rendering.content import NoticeContent, TimelineEntry
from mailgate.notices.rendering.locales import (
    contract,
    name_city,
    name_language,
    write_duration,
    write_size,
    write_stamp,
    write_time,
)
from mailgate.notices.rendering.replies import TicketResult
from mailgate.parsers.commands.arguments import CHANNELS, read_minutes, read_requester
from mailgate.parsers.quoting.salutations import begins_with_salutation
from mailgate.parsers.translations import Translations
from mailgate.tickets.values import NO_FURTHER, CommandResult, LeftOutFile

Words = Mapping[str, Any]
_SPAN = re.compile(r"(\d{1,5}) ((?:business )?[a-z]+?)s?")
_STATUS = re.compile(r"(?<![\d.])[245]\.((\d{1,3})\.\d{1,3})(?![\d.])")
LEFT_OUT = "files left out"
SET_ASIDE = "set aside"
"""Name in the history of what no event of the workflow is: a notice went without its largest files."""
_FAILURE = re.compile(r"[a-z_]+ to (\S+): (.*)", re.DOTALL)
_ORDER_MARKS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_ORDER = re.compile(f"[{_ORDER_MARKS}]")
_COMMAND = re.compile(r"\s*#[^\W\d_]+[\s:.,;!-]*")
_UNITS = ("second", "minute", "hour", "day", "week")
BUSINESS_UNITS = {
    "business minute": ("%(count)s business minute", "%(count)s business minutes"),
    "business hour": ("%(count)s business hour", "%(count)s business hours"),
    "business day": ("%(count)s business day", "%(count)s business days"),
}
"""Units that CLDR does not have, as messages: for one and for several."""
_STOPS = (".", "!", "?", "…")
_CLOSING_QUOTES = " \xa0\u202f\"'”’»›“"
_GIST = 140
_MOST_DONE = 6  # results of one mail that a copy names
_WITH_ARGUMENT = (TimelineStyle.DETAIL, TimelineStyle.ROUTE, TimelineStyle.ASKED)
_TABLES = {"type": "types", "priority": "priorities"}


class BadWords(ValueError):
    """A file of words cannot be read; the text names it, and the line."""


def read_words(file: Path) -> Words:
    """Reads a table of words; none where the file is not there.

    Raises BadWords where it is no TOML, OSError where it cannot be read.
    """
    if not file.is_file():
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except ValueError as mistake:
        raise BadWords(f"{file.parent.name}/{file.name}: {mistake}") from None


def lay_over(tables: Iterable[Words]) -> Words:
    """Makes one table of words of several, each laid over those before it, key by key."""
    words: dict[str, Any] = {}
    for table in tables:
        for key, value in table.items():
            below = words.get(key)
            words[key] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return words


def translate_words(words: Words, translations: Translations) -> Words:
    """Translates a table of words, without those that have no translation.

    The context of a message is the name of its table, "words" for those of none.
    """
    found: dict[str, Any] = {}
    for table, value in words.items():
        if isinstance(value, dict):
            entries = {key: _translate(one, table, translations) for key, one in value.items()}
            found[table] = {key: one for key, one in entries.items() if one is not None}
        elif (one := _translate(value, "words", translations)) is not None:
            found[table] = one
    return found


def _translate(value: Any, context: str, translations: Translations) -> Any:
    """Translates a text or a list of texts; None where there is no translation of all of it."""
    if isinstance(value, list):
        texts = [translations.find(text, context) for text in value]
        return texts if all(texts) else None
    return translations.find(value, context) or (None if value else "")


@pass_context
def when(context: Context, moment: datetime) -> str:
    """Writes a moment in full, its time zone named (rule 27); with the year where that is not the ticket's own."""
    if not isinstance(moment, datetime):
        raise ValueError("a time is written that is not always there: say {% if … %} around it")
    words, zone = context["words"], context["zone"]
    local = moment.astimezone(zone)
    created = context["created_at"]
    pattern = words["when"] if created is None or created.year == local.year else words["when_with_year"]
    return _fill(words, pattern, local, zone=spell_zone(words, zone))


@pass_context
def soon(context: Context, moment: datetime) -> str:
    """Writes a time of the day on which the notice is written; of another day with its date. A heading names the
    zone."""
    local, written = moment.astimezone(context["zone"]), context["written_at"] or context["created_at"]
    if written is not None and written.astimezone(context["zone"]).date() == local.date():
        return _time(context["words"], local)
    return _fill(context["words"], context["words"]["soon"], local)


@pass_context
def day(context: Context, moment: datetime) -> str:
    """Writes a date with its year."""
    return str(context["words"]["day"].format(**_date(context["words"], moment.astimezone(context["zone"]))))


@pass_context
def stamp(context: Context, moment: datetime) -> str:
    """Writes date and minute in digits, for lists whose heading names the time zone."""
    return write_stamp(moment.astimezone(context["zone"]), context["language"])


@pass_context
def date_of(context: Context, moment: date) -> str:
    """Writes a date with its weekday and year."""
    words = context["words"]
    return str(words["weekday_date"].format(**_date(words, moment)))


def spell_day(words: Words, moment: date) -> str:
    """Writes a date with its year, outside a template."""
    return str(words["day"].format(**_date(words, moment)))


def spell_moment(words: Words, moment: datetime, zone: ZoneInfo) -> str:
    """Writes a moment in full, with its year and its time zone, outside a template."""
    local = moment.astimezone(zone)
    return _fill(words, words["when_with_year"], local, zone=spell_zone(words, zone))


def spell_zone(words: Words, zone: ZoneInfo) -> str:
    """Writes a time zone by its city, `Paris time`, or by its name where it has none."""
    city = name_city(zone, words["locale"])
    return city if city == str(zone) else contract(str(words["zone"].format(city=city)), words["locale"])


@pass_context
def zone_name(context: Context, zone: ZoneInfo) -> str:
    """Writes a time zone as `spell_zone` does, in a template."""
    return spell_zone(context["words"], zone)


def _fill(words: Words, pattern: str, local: datetime, **more: str) -> str:
    """Fills a pattern with the parts of a date and its time."""
    return pattern.format(**_date(words, local), time=_time(words, local), **more)


def _time(words: Words, local: datetime) -> str:
    return write_time(local, words["time"], words["locale"])


def spell_minutes(words: Words, minutes: int) -> str:
    """Writes time spent, outside a template."""
    whole, rest = divmod(minutes, 60)
    form = "both" if whole and rest else "hours" if whole else "minutes"
    return str(words["spent"][form].format(hours=whole, minutes=rest))


def has_history(words: Words) -> bool:
    """Tells whether a language, without the English below it, has all the words for history."""
    return all(key in words for key in WORDS_OF_HISTORY)


def spell_history(words: Words, content: NoticeContent) -> str:
    """Writes the earlier mails below a notice, each quoted below a line with its author and date.

    "" where there are none. Mail programs, and `parsers.quoting`, know such a line for an attribution.
    """
    table = words["history"]
    parts = []
    for mail in content.history:
        author = content.desk_name if mail.author is None else mail.author.name or mail.author.address
        local = mail.at.astimezone(content.zone)
        line, name = table["wrote_for" if mail.written_down else "wrote"], author or table["requester"]
        parts.append(line.format(**_date(words, local), time=f"{local:%H:%M}", name=name, desk=content.desk_name))
        parts[-1] += f"\n{quoted(mail.text)}"
    if parts and content.notice.info.audience is Audience.THIRD_PARTY and content.subject.strip():
        parts.insert(0, table["subject"].format(subject=" ".join(content.subject.split())))
    return "\n\n".join(parts) + "\n" if parts else ""


def _date(words: Words, local: date) -> dict[str, str]:
    ordinal = words["first"] if local.day == 1 else str(local.day)
    month = words["months"][local.month - 1]
    return {"day": words["days"][local.weekday()], "date": ordinal, "month": month, "year": str(local.year)}


@pass_context
def size(context: Context, count: int) -> str:
    """Writes a number of bytes as `spell_size` does, in a template."""
    return write_size(count, context["language"])


def spell_size(words: Words, count: int) -> str:
    """Writes a number of bytes as `640 bytes` or `2.4 MB`."""
    return write_size(count, words["locale"])


def name_files(words: Words, files: Iterable[LeftOutFile]) -> tuple[str, ...]:
    """Writes files with their sizes: `video.mp4 (38 MB)`."""
    return tuple(f"{file.filename} ({spell_size(words, file.size)})" for file in files)


@pass_context
def span(context: Context, duration: str) -> str:
    """Writes a duration of the configuration (`3 business days`) in the recipient's words."""
    found = _SPAN.fullmatch(duration)
    if found is None:
        return duration
    count, unit = int(found[1]), found[2]
    if unit in BUSINESS_UNITS:
        return str(context["translations"].npgettext("duration", *BUSINESS_UNITS[unit], count) % {"count": count})
    return write_duration(count, unit, context["language"]) if unit in _UNITS else duration


@pass_context
def hours(context: Context, minutes: int) -> str:
    """Writes time spent, as the language has it: `45 min`, `2 h`, `1 h 30 min`."""
    return spell_minutes(context["words"], minutes)


@pass_context
def word(context: Context, value: str, table: str) -> str:
    """Returns the recipient's word for a value of the program: `{{ level|word("levels") }}`."""
    if table == "languages":
        return name_language(value, context["language"])
    return str(context["words"].get(table, {}).get(value, value))


@pass_context
def spoken(context: Context, reason: str) -> str:
    """Writes a reason in the recipient's words; `duplicate SUP-7` keeps what follows, free words stay as they are."""
    reasons = context["words"]["reasons"]
    if reason in reasons:
        return str(reasons[reason])
    head, _, rest = reason.partition(" ")
    return f"{reasons[head]} {rest}" if rest and head in ("duplicate", "transferred") else reason


@pass_context
def step(context: Context, entry: TimelineEntry) -> str:
    """Writes an event of the timeline, after the name of its author: `set the priority: high`."""
    return _step(context, entry.what, entry.detail)


def _step(context: Context, what: str, detail: str) -> str:
    did = word(context, what, "events")
    if "{0}" in did:
        return did.replace("{0}", detail)
    if not detail:
        return did
    if what == "time":
        detail = hours(context, read_minutes(detail) or 0)
    elif what == Event.REQUESTER:
        detail = _with_channel(context, detail)
    elif what in _TABLES:
        detail = word(context, detail, _TABLES[what])
    elif what.startswith("close"):
        detail = spoken(context, detail)
    elif what == LEFT_OUT and (failure := _FAILURE.fullmatch(detail)):
        detail = ", ".join(failure.groups())
    elif what == SET_ASIDE and (failure := _FAILURE.fullmatch(detail)):
        detail = failure[1]
    elif what in ("confirm notice failed", "notice failed") and (failure := _FAILURE.fullmatch(detail)):
        detail = ", ".join(filter(None, (failure[1], undelivered(context, failure[2]))))
    return f"{did}{context['words']['colon']} {detail}"


def _with_channel(context: Context, argument: str) -> str:
    """Writes the argument of `#requester` with the channel in the recipient's words: `anna@example.org (phone)`."""
    _, channel = read_requester(argument)
    if not channel:
        return argument
    person = next(argument.removesuffix(f" {words}") for words, named in CHANNELS.items() if named == channel)
    return f"{person} ({word(context, channel, 'channels')})"


@pass_context
def undelivered(context: Context, server_words: str) -> str:
    """Writes why a mail did not arrive, by the status in the mail server's words: `the mailbox is full (5.2.2)`.

    Returns "" where they name no status, and the bare status where there are no words for it.
    """
    words, status = context["words"]["undelivered"], _STATUS.search(server_words)
    if status is None:
        return ""
    why = words.get(status[1]) or words.get(status[2])
    return f"{why} ({status[0]})" if why else status[0]


@pass_context
def order(context: Context, command: str) -> str:
    """Returns a command as its author would write it: `#resolve`; "" where it was none."""
    plain = command.lstrip("#")
    return str(context["words"]["orders"].get(plain, f"#{plain}" if plain else ""))


@pass_context
def wrong(context: Context, reason: str, nearest: str) -> str:
    """Writes the correction of a mistaken line; `nearest` is the command that was meant."""
    words = context["words"]
    usage = words["usage"].get(nearest, f"#{nearest}")
    return str(words["mistakes"].get(reason, words["mistakes"]["mistyped"])).format(nearest=nearest, usage=usage)


@pass_context
def name(context: Context, who: Address | None) -> str:
    """Returns a person's name, else the address; the desk's where nobody is named."""
    return context["desk_name"] if who is None else who.name or who.address


@pass_context
def who(context: Context, person: Address | None) -> str:
    """Returns a person's name and address."""
    if person is None or not person.name:
        return name(context, person)
    return f"{person.name} <{person.address}>"


@pass_context
def did(context: Context, one: CommandResult, requester: str = "") -> str:
    """Writes the result of a command, after the command: `#time 15m: 15 min logged, 1 h 15 in all`.

    The `requester` is named where the notice is of no ticket.
    """
    words, argument, key = context["words"], one.argument, one.event
    if one.event in _TABLES:
        argument = word(context, argument, _TABLES[one.event])
    elif one.event.startswith("close"):
        argument = spoken(context, argument)
    elif one.event == "time":
        argument = hours(context, read_minutes(argument) or 0)
    elif one.event == Event.REQUESTER:
        argument = _with_channel(context, argument)
    elif one.event == "undo":
        argument = ", ".join(filter(None, (order(context, event) for event in argument.split(", "))))
    elif one.event in ("kb", "link") and argument == "no":
        key = f"{one.event} no"
    elif one.event == "waiting" and not argument:
        key = "waiting on"
    elif one.event == "take" and one.state in ENDED:
        key = "take ended"
    elif one.event == "later" and one.until is None:
        key = "later off"
    if one.paused:
        key = f"{key}, paused"
    if one.unsent and f"{key}, unsent" in words["done"]:
        key = f"{key}, unsent"
    shown = ends(argument) if one.event == "note" else gist(argument)  # a client may have broken the note
    values = {"argument": shown, "minutes": hours(context, one.minutes or context["minutes"])}
    values |= {"level": word(context, one.state, "levels")}
    values |= {"reopen": order(context, Event.REOPEN)}
    values |= {"requester": requester or name(context, context["requester"])}
    until = when(context, one.until) if one.until is not None else ""
    values["until"] = until if one.event == "later" or not until else str(words["done"]["until"]).format(until=until)
    pattern = str(words["done"].get(key, key))
    if "({argument})" in pattern and not shown.endswith(".."):
        values["argument"] = shown.removesuffix(".")
    text = pattern.format(**values)
    if one.quotes:
        text += str(words["done"]["ask request"])
    if one.has_more:
        text += str(words["done"]["ask more"])
    if one.files is not None:
        text += str(words["done"]["ask files" if one.files else "ask no files"]).format(files=", ".join(one.files))
    if one.due is not None:
        text += str(words["done"].get("due", "")).format(due=when(context, one.due))
    command = order(context, one.event)
    return f"{command}{words['colon']} {text}" if command else text


@pass_context
def summary(context: Context, done: Sequence[CommandResult]) -> str:
    """Writes what a mail did in one line, after the name of its author: `logged time: 15 min; gave a solution`."""
    shown = [_step(context, *_named(context, one)) for one in done[:_MOST_DONE]]
    shown = [one[:-1] if one.endswith(".") and not one.endswith("..") else one for one in shown]
    return f"{context['words']['semicolon']} ".join(shown if len(done) <= _MOST_DONE else [*shown, "…"])


def _named(context: Context, one: CommandResult) -> tuple[str, str]:
    """Returns what happened and its detail, as the timeline has them; words that the mail carries are no detail."""
    event = one.event.removesuffix(NO_FURTHER)
    if event == Event.NOTE:
        return event, in_quotation_marks(context, ends(one.argument))  # a mail program may have broken the note
    info = EVENTS.get(event)
    return event, gist(one.argument) if info is not None and info.timeline in _WITH_ARGUMENT else ""


@pass_context
def objected(context: Context, objection: tuple[str, ...]) -> str:
    """Writes why a command was not carried out: the program's sentence in the recipient's words, its arguments put
    in."""
    pattern, *parts = objection
    return str(context["words"]["objections"].get(pattern, pattern)).format(*parts)


@pass_context
def refused(context: Context, one: TicketResult) -> str:
    """Writes why a bulk update left a ticket as it was."""
    words, sentence = context["words"], next(iter(one.objection), "")
    if sentence in words["objections"]:
        return objected(context, one.objection)
    reasons, level = words["not_done"], word(context, one.level, "levels")
    return str(reasons.get(sentence, reasons.get(one.why, one.why))).format(level=level, kept=one.kept)


@pass_context
def troubled(context: Context, alarm: Alarm) -> str:
    """Writes an alarm in the operator's words, with a capital; a notice by its name, an address as it is."""
    told = _trouble(context, alarm)
    pattern = str(context["words"]["troubles"].get(alarm.sentence, alarm.sentence))
    begins_with_words = not pattern.startswith("{") or isinstance(alarm.parts[0], Notice)
    return told[:1].upper() + told[1:] if begins_with_words else told


def _trouble(context: Context, alarm: Alarm) -> str:
    pattern = str(context["words"]["troubles"].get(alarm.sentence, alarm.sentence))
    return pattern.format(*(_part(context, part) for part in alarm.parts))


def _part(context: Context, part: str | int | timedelta | Alarm) -> str:
    match part:
        case Alarm():
            return _trouble(context, part)
        case Notice():
            return word(context, part.value, "notices")
        case timedelta():
            days, minutes = round(part / timedelta(days=1)), max(1, round(part / timedelta(minutes=1)))
            return span(context, f"{days} days") if days >= 2 else hours(context, minutes)
    return str(part)


def said(reason: str, event: str, words: Words) -> str:
    """Writes why something happened, as a template shows it.

    An agent's reason loses the command before it (`#escalate no key`); what a timer or the requester's answer caused
    has words of its own, since the phrase that decided is no reason to read.
    """
    if event in words["events"] and event in words["reasons"]:
        return event
    return reason[found.end() :].strip() if (found := _COMMAND.match(reason)) else reason


def visible(value: Any) -> Any:
    """Returns what a template prints, without the marks that turn the reading order round.

    A name, a subject or the value of a field could show the words around it as others than they are.
    """
    if not isinstance(value, str) or value.isascii():
        return value
    for mark in _ORDER_MARKS:  # faster than a pattern, as most texts have none
        if mark in value:
            return _ORDER.sub("", value)
    return value


def quoted(text: str) -> str:
    """Sets text as a quotation: no line of it can pass as one of the desk's."""
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


@pass_context
def in_quotation_marks(context: Context, text: str) -> str:
    """Writes words of a person in the quotation marks of the recipient's language."""
    return str(context["words"]["quotation"].format(words=text))


@pass_context
def labelled(context: Context, label: str, value: Any) -> str:
    """Writes a fact of a list: `Due: Thursday 26 November at 10:30`."""
    return f"{label}{context['words']['colon']} {value}"


def underlined(title: str) -> str:
    """Writes a title with dashes below it, as wide as a terminal shows it."""
    return f"{title}\n{'-' * max(3, wcswidth(title))}"


def stopped(text: str) -> str:
    """Ends a text with a full stop, unless it ends a sentence already, perhaps within quotation marks."""
    return text if text.rstrip(_CLOSING_QUOTES).endswith(_STOPS) else f"{text}."


def ends(text: str) -> str:
    """Returns a text in one line, without its middle where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _GIST else f"{line[: _GIST // 2].rstrip()} … {line[-_GIST // 2 :].lstrip()}"


def gist(text: str) -> str:
    """Returns the first line with words in it, behind a salutation, cut where it is long."""
    lines = list(islice(filter(None, map(str.strip, text.splitlines())), 2)) or [""]
    line = lines[1] if len(lines) > 1 and begins_with_salutation(lines[0]) else lines[0]
    return line if len(line) <= _GIST else line[: _GIST - 1].rstrip() + "…"


_DATES = ("time", "first")
WORDS_OF_HISTORY = ("history", *_DATES)
WORDS_OF_FILTERS: Mapping[str, tuple[str, ...]] = {
    "when": ("when", "when_with_year", "zone", *_DATES),
    "soon": ("soon", *_DATES),
    "day": ("day", *_DATES),
    "date_of": ("weekday_date", *_DATES),
    "zone_name": ("zone",),
    "labelled": ("colon",),
    "in_quotation_marks": ("quotation",),
    "hours": ("spent",),
    "spoken": ("reasons",),
    "step": ("events", "colon", "types", "priorities", "reasons", "spent", "undelivered"),
    "undelivered": ("undelivered",),
    "summary": ("events", "colon", "semicolon", "quotation", "types", "priorities", "reasons", "spent"),
    "order": ("orders",),
    "wrong": ("mistakes", "usage"),
    "did": ("done", "orders", "colon", "levels", "types", "priorities", "reasons", "spent"),
    "objected": ("objections",),
    "refused": ("objections", "not_done", "levels"),
    "troubled": ("troubles", "notices", "spent"),
}
"""Keys of `words.toml` that a filter uses, whatever it is given; `word` names its table itself."""

FILTERS = {
    "when": when,
    "soon": soon,
    "day": day,
    "date_of": date_of,
    "stamp": stamp,
    "zone_name": zone_name,
    "size": size,
    "span": span,
    "hours": hours,
    "word": word,
    "spoken": spoken,
    "step": step,
    "wrong": wrong,
    "order": order,
    "undelivered": undelivered,
    "did": did,
    "summary": summary,
    "objected": objected,
    "refused": refused,
    "troubled": troubled,
    "name": name,
    "who": who,
    "quoted": quoted,
    "stopped": stopped,
    "labelled": labelled,
    "in_quotation_marks": in_quotation_marks,
    "underlined": underlined,
    "gist": gist,
    "greets": begins_with_salutation,
}
