"""Arguments of queries: lists, periods, and days as people write them."""

from __future__ import annotations

from datetime import date

import pytest

from mailgate.notices.rendering.templates import SHIPPED
from mailgate.parsers.commands.query_arguments import Absence, Listing, read_absence, read_listing, read_period
from mailgate.parsers.vocabulary import LANGUAGES

MONDAY = date(2026, 11, 23)
EVE, FRIDAY = date(2026, 12, 24), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("args", "last"),
    [
        ("2026-12-24", EVE), ("24.12.", EVE), ("24.12.2026", EVE), ("24/12", EVE), ("12/24", EVE), ("24/12/26", EVE),
        ("24 December", EVE), ("December 24, 2026", EVE), ("24th of December", EVE), ("bis zum 24. Dezember", EVE),
        ("jusqu'au 24 décembre", EVE), ("jusqu’au 24 décembre inclus", EVE), ("until 24 Dec.", EVE),
        ("until Friday", FRIDAY), ("bis Freitag", FRIDAY), ("vendredi", FRIDAY), ("jusqu'à vendredi prochain", FRIDAY),
        ("Friday, 27 November", FRIDAY), ("FRIDAY!", FRIDAY),
        ("Monday", date(2026, 11, 30)), ("today", MONDAY), ("demain", date(2026, 11, 24)),
        ("1 day", MONDAY), ("3 days", date(2026, 11, 25)), ("1 week", date(2026, 11, 29)),
        ("2 Wochen", date(2026, 12, 6)), ("tot en met vrijdag", FRIDAY), ("t/m 24 december", EVE),
        ("3 dagen", date(2026, 11, 25)),
        ("do piątku", FRIDAY), ("do 24 grudnia włącznie", EVE), ("w piątek", FRIDAY), ("2 tygodnie", date(2026, 12, 6)),
        ("till och med fredag", FRIDAY), ("t.o.m. 24 december", EVE), ("i 3 dagar", date(2026, 11, 25)),
        ("til og med fredag", FRIDAY), ("den 24. december", EVE), ("i morgen", date(2026, 11, 24)),
        ("1er janvier", date(2027, 1, 1)), ("1/2", date(2027, 2, 1)), ("2026-11-23", MONDAY),
    ],
)  # fmt: skip
def test_the_last_day_of_an_absence(args: str, last: date) -> None:
    assert read_absence(args, MONDAY) == Absence(last)


@pytest.mark.parametrize(
    "args", ["back", "off", "retour", "de retour", "zurück", "terug", "Back.", "powrót", "tillbaka", "tilbage"]
)
def test_the_end_of_an_absence(args: str) -> None:
    assert read_absence(args, MONDAY) == Absence(None)


@pytest.mark.parametrize(
    "args",
    [
        "", "soon", "2026-11-22", "2026-13-01", "31.02.", "2099-01-01", "0 days", "400 days", "999 weeks", "3", "13/13",
        "until", "Friday Monday", "9" * 100_000, "until " * 50_000, "0000-01-01", "2026-12-24 2026-12-25",
    ],
)  # fmt: skip
def test_what_is_no_absence(args: str) -> None:
    assert read_absence(args, MONDAY) is None


@pytest.mark.parametrize(
    ("args", "what", "rest"),
    [
        ("", "", ""), ("mine", "mine", ""), ("Meine", "mine", ""), ("les miens", "mine", ""), ("level2", "level2", ""),
        ("Level 2 network", "level2", "network"), ("niveau 3", "level3", ""), ("en retard", "breaching", ""),
        ("unassigned network", "unassigned", "network"), ("non assignés", "unassigned", ""), ("tous", "all", ""),
        ("attente", "waiting", ""),
        ("te laat netwerk", "breaching", "netwerk"), ("mijn", "mine", ""), ("freie", "unassigned", ""),
        ("po terminie sieć", "breaching", "sieć"), ("moje", "mine", ""), ("linia 2", "level2", ""),
        ("L2", "level2", ""),
        ("ej tilldelade nät", "unassigned", "nät"), ("mina", "mine", ""), ("nivå 2", "level2", ""),
        ("ikke tildelt netværk", "unassigned", "netværk"), ("mine sager", "mine", ""), ("overskredne", "breaching", ""),
        ("network", "", "network"), ("level", "", "level"), ("level10", "", "level10"),
    ],
)  # fmt: skip
def test_what_to_list(args: str, what: str, rest: str) -> None:
    assert read_listing(args) == Listing(what, rest)


@pytest.mark.parametrize(
    ("args", "period"),
    [
        ("", "week"), ("day", "day"), ("Woche", "week"), ("mois", "month"), ("aujourd’hui", "day"), ("year", None),
        ("tydzień", "week"), ("dziś", "day"), ("månad", "month"), ("denne uge", "week"), ("i dag", "day"),
    ],
)  # fmt: skip
def test_periods(args: str, period: str | None) -> None:
    assert read_period(args) == period


@pytest.mark.parametrize("language", sorted({code.partition("-")[0] for code in SHIPPED}))
def test_a_language_of_notices_has_words_for_every_argument(language: str) -> None:
    english, its = LANGUAGES["en"]["commands"], LANGUAGES[language]["commands"]
    for table in ("list", "report", "away", "waiting", "later"):
        assert set(english[table]) - {"article", "by", "until"} <= set(its[table]), table
