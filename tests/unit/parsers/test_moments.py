"""Times ahead as agents write them, and whom `#waiting` names."""

from __future__ import annotations

from datetime import date, datetime, time
from pathlib import Path

import pytest

import mailgate
from mailgate.core.calendar.durations import read_duration
from mailgate.notices.rendering.templates import SHIPPED, Templates
from mailgate.notices.rendering.words import date_of
from mailgate.parsers.commands import Command, read_commands
from mailgate.parsers.commands.moments import (
    NamedTime,
    WaitingArgument,
    find_return,
    read_moment,
    read_put_off,
    read_waiting,
)

TEMPLATES = Path(mailgate.__file__).parent / "templates"
TUESDAY = datetime(2026, 11, 24, 10, 0)  # noqa: DTZ001 - local time, as the reader gets it
FRIDAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "day", "at"),
    [
        ("Friday", FRIDAY, None), ("until Friday", FRIDAY, None), ("bis Freitag", FRIDAY, None),
        ("vendredi", FRIDAY, None),
        ("4 December", date(2026, 12, 4), None), ("24.12.", date(2026, 12, 24), None), ("today", TUESDAY.date(), None),
        ("Monday 9:00", date(2026, 11, 30), time(9)), ("Freitag 9 Uhr", FRIDAY, time(9)),
        ("Friday at 9:30", FRIDAY, time(9, 30)),
        ("vendredi à 14h30", FRIDAY, time(14, 30)), ("tomorrow 2 pm", date(2026, 11, 25), time(14)),
        ("segunda-feira 9h", date(2026, 11, 30), time(9)), ("24.12. 9:30", date(2026, 12, 24), time(9, 30)),
        ("mañana a las 9:00", date(2026, 11, 25), time(9)), ("12 am", date(2026, 11, 25), time(0)),
        ("15:00", TUESDAY.date(), time(15)), ("9:00", date(2026, 11, 25), time(9)),
        ("3 weeks", date(2026, 12, 15), None), ("in 2 days", date(2026, 11, 26), None),
        ("do piątku", FRIDAY, None), ("w piątek o 9:00", FRIDAY, time(9)), ("za 3 tygodnie", date(2026, 12, 15), None),
        ("till fredag", FRIDAY, None), ("fredagen den 4 december", date(2026, 12, 4), None),
        ("i morgon kl. 9:00", date(2026, 11, 25), time(9)), ("om 3 veckor", date(2026, 12, 15), None),
        ("til og med fredag", FRIDAY, None), ("fredag d. 4. december", date(2026, 12, 4), None),
        ("i morgen kl. 9:00", date(2026, 11, 25), time(9)), ("om 3 uger", date(2026, 12, 15), None),
        ("Do 9:00", date(2026, 11, 26), time(9)), ("za 28 november", date(2026, 11, 28), None),
    ],
)  # fmt: skip
def test_a_day_and_its_time(text: str, day: date, at: time | None) -> None:
    assert read_moment(text, TUESDAY) == NamedTime(day, at)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("2 business days", "2 business days"), ("2 Werktage", "2 business days"),
        ("2 jours ouvrés", "2 business days"),
        ("2 días hábiles", "2 business days"), ("2 giorni lavorativi", "2 business days"),
        ("2 dias úteis", "2 business days"), ("za 2 dni robocze", "2 business days"),
        ("om 2 arbetsdagar", "2 business days"), ("2 hverdage", "2 business days"),
        ("5 godzin roboczych", "5 business hours"), ("4 arbetstimmar", "4 business hours"),
        ("4 arbejdstimer", "4 business hours"),
        ("4 business hours", "4 business hours"), ("3h", "3 hours"), ("90 min", "90 minutes"),
    ],
)  # fmt: skip
def test_a_length_of_time(text: str, span: str) -> None:
    assert read_moment(text, TUESDAY) == NamedTime(None, span=read_duration(span))


@pytest.mark.parametrize(
    "text", ["", "soon", "25:00", "13 pm", "Friday 9", "30 February", "0 days", "they call", "9" * 5000, "a " * 5000]
)
def test_no_time(text: str) -> None:
    assert read_moment(text, TUESDAY) is None
    assert read_put_off(text) is None


def test_the_word_that_ends_it() -> None:
    assert read_put_off("off") == read_put_off("zurück") == read_put_off("koniec") == read_put_off("slut") == "off"
    assert read_put_off("Friday") == "Friday"


@pytest.mark.parametrize(
    ("args", "name", "moment"),
    [
        ("HP until Friday", "HP", "Friday"),
        ("for printer supplier until 4 December", "printer supplier", "4 December"),
        ("supplier", "supplier", ""), ("HP", "HP", ""), ("HP Friday", "HP", "Friday"), ("on Dell", "Dell", ""),
        ("the parts", "the parts", ""), ("HP 2 business days", "HP", "2 business days"),
        ("Hewlett Packard until 2 pm", "Hewlett Packard", "2 pm"), ("for delivery by UPS", "delivery by UPS", ""),
        ("service@hp.example until Friday", "service@hp.example", "Friday"),
        ("a@hp.example, b@hp.example until Friday", "a@hp.example, b@hp.example", "Friday"),
        ("de HP jusqu'à vendredi", "HP", "à vendredi"), ("d’Orange jusqu’au 4 décembre", "Orange", "au 4 décembre"),
        ("auf Lieferanten bis 4. Dezember", "Lieferanten", "4. Dezember"),
        ("al proveedor hasta el viernes", "proveedor", "el viernes"),
        ("HP until they answer", "HP", "they answer"),
        ("for the copier maker until Friday", "the copier maker", "Friday"),
        ("auf den Hersteller bis Freitag", "den Hersteller", "Freitag"),
        ("HP do piątku", "HP", "piątku"), ("na dostawcę do 4 grudnia", "dostawcę", "4 grudnia"),
        ("do fornecedor até sexta-feira", "fornecedor", "sexta-feira"),
        ("HP till fredag", "HP", "fredag"), ("på leverantören till 4 december", "leverantören", "4 december"),
        ("HP til fredag", "HP", "fredag"), ("på leverandøren til 4. december", "leverandøren", "4. december"),
    ],
)  # fmt: skip
def test_a_third_party(args: str, name: str, moment: str) -> None:
    assert read_waiting(args) == WaitingArgument(False, "", name, moment)


@pytest.mark.parametrize(
    "args",
    [
        "Which version is it?", "Which version", "please send a screenshot", "Bitte Screenshot", "Restart it tomorrow",
        "Serial number", "a screenshot", "Leave it switched on until Friday", "let me know when it works",
        "for how long has it been broken?", "proszę o zrzut ekranu", "skicka en skärmbild, tack",
        "send venligst et skærmbillede", "x" * 5000, "word " * 2000,
    ],
)  # fmt: skip
def test_words_to_the_requester(args: str) -> None:
    assert read_waiting(args) == WaitingArgument(True, args)


@pytest.mark.parametrize(
    "args", ["", "customer", "for the customer", "Kunde", "du client", "you", "na klienta", "kunden", "på svar"]
)
def test_words_for_the_requester_ask_nothing_anew(args: str) -> None:
    assert read_waiting(args) == WaitingArgument(True, "")


@pytest.mark.parametrize(
    "args",
    [
        "until Friday", "Friday", "customer until Friday", "du client jusqu'à vendredi", "do piątku",
        "klienta do piątku", "kunden till fredag", "til fredag",
    ],
)  # fmt: skip
def test_nobody_else_is_named(args: str) -> None:
    read = read_waiting(args)
    assert (read.is_question, read.name, bool(read.moment)) == (False, "", True)


def test_what_the_requester_may_have_to_send_is_in_doubt() -> None:
    assert read_waiting("for the log files") == WaitingArgument(False, "", "the log files", is_doubtful=True)


def test_later_wants_a_time() -> None:
    assert read_commands("#later Monday 9:00\n\nHello").commands == (Command("later", "Monday 9:00"),)
    assert [error.nearest for error in read_commands("#later\n\nHello").errors] == ["later"]
    assert [error.nearest for error in read_commands("#later we talk\n\nHello").errors] == ["later"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I am away until 14 December. In urgent cases please call Bob.", date(2026, 12, 14)),
        ("I am away from 30 November to 14 December, and read no mail.", date(2026, 12, 14)),
        ("I am back on Monday, 14 December 2026.", date(2026, 12, 14)),
        ("Ich bin bis einschließlich 14. Dezember nicht im Haus.", date(2026, 12, 14)),
        ("Bin am Montag, den 14.12. wieder da.", date(2026, 12, 14)),
        ("Je suis absent jusqu’au 14 décembre.", date(2026, 12, 14)),
        ("Estoy fuera hasta el 14 de diciembre.", date(2026, 12, 14)),
        ("Sono assente fino al 14 dicembre.", date(2026, 12, 14)),
        ("Ik ben afwezig tot en met 14 december.", date(2026, 12, 14)),
        ("Estou fora até 14 de dezembro.", date(2026, 12, 14)),
        ("Jestem nieobecny do 14 grudnia.", date(2026, 12, 14)),
        ("Jag är borta till och med 14 december.", date(2026, 12, 14)),
        ("Jeg er tilbage mandag den 14. december.", date(2026, 12, 14)),
        ("I am out of the office until Friday.", FRIDAY),
        ("I am on leave for two weeks.", None), ("I am away for 2 weeks.", None), ("I left on 20 November 2026.", None),
        ("I am away until further notice.", None), ("until", None), ("", None), ("until 14 December 2036", None),
    ],
)  # fmt: skip
def test_the_day_in_an_absence_note(text: str, day: date | None) -> None:
    assert find_return(text, TUESDAY) == day


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_the_day_of_a_ready_line_is_read(language: str) -> None:
    spelled = date_of({"words": Templates().words(language)}, date(2026, 12, 14))  # type: ignore[arg-type]
    assert read_moment(spelled, TUESDAY) == NamedTime(date(2026, 12, 14))
