"""What was written now."""

from __future__ import annotations

import pytest

from mailgate.parsers.quoting import cut_closing, cut_quotes, cut_signature


@pytest.mark.parametrize(
    "below",
    [
        "On Tue, 24 Nov 2026 at 10:00, Support\n<support@example.com>\nwrote:\n\n> resolved?",
        "Le 24/11/2026 à 10:00, Support a écrit :\n> résolu ?",
        "Le 24/11/2026 à 10:00, Support a écrit\xa0:\n\nrésolu ?",
        "Am 24.11.26 um 10:00 schrieb Support:\n> gelöst?",
        "El 24/11/2026 a las 10:00, Support escribió:\n> ¿resuelto?",
        "Il 24/11/2026 10:00, Support ha scritto:\n> risolto?",
        "Op 24-11-2026 om 10:00 schreef Support:\n> opgelost?",
        "Em 24/11/2026 10:00, Support escreveu:\n> resolvido?",
        "Support <support@example.com> wrote:\n> resolved?",
        "-----Message d'origine-----\nDe : Support\nEnvoyé : hier\n\nrésolu ?",
        "________________________________\n*From:* Support\n*Sent:* today\n*To:* Jo\n*Subject:* x\n\nresolved?",
        "Von: Support\nGesendet: heute\nAn: Jo\nBetreff: x\n\ngelöst?",
        "> resolved?\nlooks like a wrapped line\n> or not",
    ],
)
def test_what_is_answered_is_cut(below: str) -> None:
    wanted = "No." if "wrapped" not in below else None
    result = cut_quotes(f"No.\n\n{below}\n", is_answer=True)
    assert result == wanted if wanted else result.startswith("No.")


def test_a_wrapped_line_of_a_quote_belongs_to_it() -> None:
    long = "> " + "word " * 14
    assert cut_quotes(f"No.\n\n{long}\nwrapped\n> end\n", is_answer=True) == "No."


def test_interleaved_answers_keep_their_questions() -> None:
    text = "On 24/11/2026 10:00, Support wrote:\n> Which?\nThis one.\n> Since when?\nMonday.\n> Bye"
    assert cut_quotes(text, is_answer=True) == "> Which?\nThis one.\n> Since when?\nMonday."


def test_a_long_quote_above_an_answer_keeps_its_last_paragraph() -> None:
    text = "> a\n" * 60 + ">\n> Is it resolved?\n\nyes"
    assert cut_quotes(text, is_answer=True) == "> Is it resolved?\n\nyes"


def test_a_signature_below_a_quote_is_nothing_new() -> None:
    text = "No.\n\nOn 24/11/2026 10:00, Support wrote:\n> resolved?\n\n-- \nACME NO Corp"
    assert cut_signature(cut_quotes(text, is_answer=True)) == "No."


def test_in_doubt_a_request_is_kept() -> None:
    for text in ("> prompt", "He said on day 1:\nnothing", "From: a\nSent: b\nTo: c\nSubject: d\n\nplease look"):
        assert cut_quotes(text, is_answer=False) == text
    assert cut_quotes("> prompt", is_answer=True) == ""


def test_a_forward_is_kept_but_not_one_inside_a_quote() -> None:
    forward = "---------- Forwarded message ---------\nFrom: a\nDate: b\nSubject: c\n\n> old"
    assert cut_quotes(f"see\n\n{forward}", is_answer=False) == f"see\n\n{forward}"
    assert cut_quotes(f"no\n\nLe 24/11/2026, Jo a écrit :\n\n{forward}", is_answer=True) == "no"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yes\n-- \nJo\nACME NO Corp", "Yes"),
        ("Oui\n\nEnvoyé à partir d’Outlook pour Android", "Oui"),
        ("Yes\n\nGet Outlook for iOS<https://aka.ms/x>", "Yes"),
        ("Yes\n\nSent from my phone", "Yes"),
        ("Done\n\nBest regards,\nJo", "Done\n\nBest regards,\nJo"),
        ("Done\n\nBest regards,\nJo\nACME NO Corp\n+33 1 23 45 67 89", "Done\n\nBest regards,\nJo"),
        ("a\n--\nb\n" + "c\n" * 30 + "d", "a\n--\nb\n" + "c\n" * 30 + "d"),
        ("Not fixed\n\nIf you are not the intended recipient, say yes\nto us.", "Not fixed"),
    ],
)
def test_signatures_are_cut(text: str, kept: str) -> None:
    assert cut_signature(text) == kept


def test_a_closing_is_cut_for_readers() -> None:
    assert cut_closing("#resolve\n\nCordialement,\nAlice") == "#resolve"
    assert cut_closing("Cordialement est un mot") == "Cordialement est un mot"
