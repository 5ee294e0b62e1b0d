"""Counts the report of a period from the database. Reads only; nothing fails but the database.

All figures come from here: those of the command line, of an agent's `#report`, and of the mail at the end of a week or
month.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain
from operator import itemgetter

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.core.sla.replay import read_account
from mailgate.core.sla.terms import SlaTopic as TicketKind
from mailgate.core.workflow.events import LEVEL_NAMES
from mailgate.reports.measures import (
    AGES,
    DAY_NAMES,
    MEASURES,
    Measure,
    MeasureKind,
    calculate,
    hour_name,
    share,
)
from mailgate.reports.periods import Period
from mailgate.reports.samples import Key, Sample, Samples, take_samples
from mailgate.store.queries.reports import ReportedTicket, ReportWindow, count_mails, list_histories, list_reported
from mailgate.tickets.sla.terms import terms_today

_HOURS = tuple(hour_name(day, hour) for day in range(len(DAY_NAMES)) for hour in range(24))
_STARS = ("5", "4", "3", "2", "1")
_VALUE = itemgetter(1)  # of a sample


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report, and the samples behind it: the ticket of each, and its own value.

    `queue` is "" for all queues of the report together, `level` "" for all levels, `item` "" where the figure comes
    once. `value` is None where there is nothing to compute it from. Of a share, `samples` are its part, `others` the
    rest.
    """

    measure: Measure
    queue: str
    level: str
    item: str
    value: float | None
    samples: Sequence[Sample] = field(repr=False)
    others: Sequence[Sample] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """Name of the measure."""
        return self.measure.name


@dataclass(frozen=True)
class Report:
    """Figures of a period, as they were known at `now`.

    `queues` are the names of those that are in it, `names` their display names, `levels` the levels that they have.
    """

    period: Period
    now: datetime
    queues: tuple[str, ...]
    names: Mapping[str, str]
    levels: tuple[str, ...]
    figures: tuple[Figure, ...]
    _places: Mapping[tuple[str, str, str, str], Figure] = field(repr=False)

    def figure(self, name: str, queue: str = "", level: str = "", item: str = "") -> Figure:
        """Returns one figure; KeyError where the report has none there (an item that did not occur)."""
        return self._places[name, queue, level, item]

    def value(self, name: str, queue: str = "", level: str = "", item: str = "") -> float | None:
        """Returns one number; None where there is none."""
        found = self._places.get((name, queue, level, item))
        return found.value if found is not None else None

    def items(self, name: str, queue: str = "") -> tuple[Figure, ...]:
        """Returns all figures that come once for each item, in their order."""
        return tuple(one for one in self.figures if one.name == name and one.queue == queue)

    @property
    def comments(self) -> tuple[ReportedTicket, ...]:
        """Returns the tickets whose requesters wrote words beside their rating, the newest first."""
        found = self.figure("rating_words").samples
        return tuple(
            sorted(
                (reported for reported, _ in found), key=lambda reported: (reported.rated_at, reported.id), reverse=True
            )
        )


def count(
    connection: Connection, settings: Settings, period: Period, now: datetime, queues: Sequence[str] | None = None
) -> Report:
    """Counts the report of these queues (None: of all that have tickets or are configured)."""
    window = ReportWindow(period.begin, period.end, now, queues)
    with without_collection():
        reported = list_reported(connection, window)
        samples = _take(connection, settings, period, window, reported)
        names = queues if queues is not None else _list_queues(settings, reported)
        figures = tuple(_make_figures(samples, period, tuple(names)))
    places = {(one.name, one.queue, one.level, one.item): one for one in figures}
    shown, levels = _names(settings, names), _levels(settings, names, samples)
    return Report(period, now, tuple(names), shown, levels, figures, places)


def _list_queues(settings: Settings, reported: Mapping[int, ReportedTicket]) -> list[str]:
    """Lists the configured queues, the default one first, and then those that are no longer configured."""
    first = settings.default_queue.name
    gone = {one.queue for one in reported.values()} - settings.queues.keys()
    return [first, *(name for name in settings.queues if name != first), *sorted(gone)]


def _names(settings: Settings, queues: Sequence[str]) -> dict[str, str]:
    """Returns the display names of the queues; where two have the same, with the queue's own name."""
    shown = {name: settings.queues[name].display_name if name in settings.queues else name for name in queues}
    often = Counter(shown.values())
    return {name: said if often[said] == 1 else f"{said} ({name})" for name, said in shown.items()}


def _levels(settings: Settings, queues: Sequence[str], samples: Samples) -> tuple[str, ...]:
    """Returns the levels that one of the queues has, or had."""
    found = {level for name in queues if name in settings.queues for level in settings.queues[name].levels}
    found |= {level for places in samples.by_name.values() for _, level, _ in places}
    return tuple(level for level in LEVEL_NAMES if level in found)


@contextmanager
def without_collection() -> Iterator[None]:
    """Disables garbage collection while a report is read: what is read stays to its end.

    To search it for garbage again and again takes a quarter of the time.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _take(
    connection: Connection,
    settings: Settings,
    period: Period,
    window: ReportWindow,
    reported: Mapping[int, ReportedTicket],
) -> Samples:
    samples, find_terms = Samples(), terms_today(settings)
    at = min(window.now, window.end)
    for ticket, entries in list_histories(connection, window, reported):
        one = reported[ticket]
        account = read_account(entries, at, TicketKind(one.queue, one.type, one.priority), find_terms)
        take_samples(samples, period, at, one, account, by_agent=settings.figures.by_agent)
    for ticket, came, went in count_mails(connection, window, reported):
        for name, number in (("mails_in", came), ("mails_out", went)):
            if number:
                samples.add(name, reported[ticket], number)
    samples.break_down()
    return samples


# -- from samples to figures -------------------------------------------------------------------------------------------

_Merged = Mapping[Key, Sequence[Sample]]
_IN_ORDER = frozenset({MeasureKind.MEDIAN, MeasureKind.MOST})


class _Values:
    """The values of the samples of one name in their order; several figures are made of the same ones."""

    def __init__(self, found: Mapping[Key, Sequence[Sample]]) -> None:
        self._parts = _list_parts(found)
        self._of_parts = {part: sorted(map(_VALUE, samples)) for part, samples in found.items()}
        self._ordered: dict[Key, list[float]] = {}

    def in_order(self, place: Key) -> list[float]:
        """Returns the values of a place. To merge those of its parts is quicker than to sort them all again."""
        if place not in self._ordered:
            parts = [self._of_parts[part] for part in self._parts.get(place, ())]
            self._ordered[place] = parts[0] if len(parts) == 1 else sorted(chain.from_iterable(parts))
        return self._ordered[place]


def _make_figures(samples: Samples, period: Period, queues: tuple[str, ...]) -> Iterator[Figure]:
    merged: dict[str, _Merged] = {}
    values: dict[str, _Values] = {}

    def in_order(name: str, key: Key) -> list[float]:
        if name not in values:
            values[name] = _Values(samples.by_name[name])
        return values[name].in_order(key)

    def find(name: str) -> _Merged:
        if name not in merged:
            merged[name] = _merge(samples, name)
        return merged[name]

    for queue in ("", *queues):
        for measure in MEASURES:
            for level in ("", *LEVEL_NAMES) if measure.by_level else ("",):
                names = [measure.at_level + name if level else name for name in measure.samples]
                there, *rest = [find(name) for name in names]
                for item in _items(measure, (there, *rest), period, queue) if measure.by_item else ("",):
                    key = (queue, level, item)
                    found, others = there.get(key, ()), rest[0].get(key, ()) if rest else ()
                    if measure.kind is MeasureKind.COUNT:
                        value: float | None = len(found)
                    elif measure.kind is MeasureKind.SHARE:
                        value = share(len(found), len(others))
                    elif measure.kind in _IN_ORDER:
                        value = calculate(measure.kind, in_order(names[0], key))
                    else:
                        value = calculate(measure.kind, list(map(_VALUE, found)))
                    yield Figure(measure, *key, value, found, others)


def _merge(samples: Samples, name: str) -> _Merged:
    """Merges samples of one name for every place that a figure may have: a queue and all of them, a level and all of
    them."""
    found = samples.by_name[name]
    return {
        place: found[parts[0]] if len(parts) == 1 else list(chain.from_iterable([found[part] for part in parts]))
        for place, parts in _list_parts(found).items()
    }


def _list_parts(found: Mapping[Key, Sequence[Sample]]) -> dict[Key, list[Key]]:
    """Lists for every place whose samples belong to it."""
    parts: dict[Key, list[Key]] = {}
    for queue, level, item in found:
        for place in {(queue, level, item), (queue, "", item), ("", level, item), ("", "", item)}:
            parts.setdefault(place, []).append((queue, level, item))
    return parts


def _items(measure: Measure, there: Sequence[_Merged], period: Period, queue: str) -> Sequence[str]:
    """Returns the items that a figure comes for: fixed ones in their order, others by their frequency."""
    if measure.section == "days":
        return [day.isoformat() for day in period.days]
    fixed = {"age": AGES, "hours": _HOURS, "rating": _STARS}.get(measure.section)
    if fixed is not None:
        return fixed
    found: Counter[str] = Counter()
    for one in there:
        for (name, level, item), samples in one.items():
            if name == queue and not level:
                found[item] += len(samples)
    return sorted(found, key=lambda item: (-found[item], item))
