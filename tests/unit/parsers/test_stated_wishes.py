"""Urgency and outcome that a requester states are read from lines, the subject and headers, and from nothing else."""

from __future__ import annotations

from email.message import EmailMessage

import pytest

from mailgate.parsers.message import read_mail
from mailgate.parsers.stated_wishes import LONGEST_WISH, StatedWishes, read_stated_wishes


def read(text: str, subject: str = "Word", **headers: str) -> StatedWishes:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "anna@example.org", subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return read_stated_wishes(read_mail(mail.as_bytes()))


@pytest.mark.parametrize(
    ("line", "urgency"),
    [
        ("Urgent: I present at 14:00", "I present at 14:00"),
        ("URGENT!", "URGENT"),
        ("Urgence : avant midi", "avant midi"),
        ("Dringlichkeit: hoch", "hoch"),
        ("* Urgência: hoje", "hoje"),
        ("Pilność: wysoka", "wysoka"),
        ("Brådskande: före kl. 12", "före kl. 12"),
        ("Bra\u030adskande: före kl. 12", "före kl. 12"),
        ("ＵＲＧＥＮＴ：today", "today"),
        ("\xa0• Très urgent : ce soir", "ce soir"),
        ("Ûrgent: today", "today"),
        ("Haster!", "Haster"),
        ("Det haster ikke", ""),
        ("> Urgent: quoted", ""),
        ("The urgent care form: where is it?", ""),
        ("It is not urgent", ""),
        ("Urgent" * 5000, ""),
        (":" * 5000, ""),
    ],
)
def test_a_line(line: str, urgency: str) -> None:
    assert read(f"Word does not start.\n\n{line}\n\nIt worked yesterday.").urgency == urgency


def test_an_outcome_and_its_length() -> None:
    assert read("Desired outcome: a new laptop\nHelp.").outcome == "a new laptop"
    assert read("Oczekiwany rezultat: nowy laptop\nPomocy.").outcome == "nowy laptop"
    assert read("Önskat resultat: en ny dator").outcome == "en ny dator"
    assert read("Ønsket resultat: en ny computer").outcome == "en ny computer"
    assert len(read(f"Desired outcome: {'very ' * 1000}").outcome) <= LONGEST_WISH


@pytest.mark.parametrize(
    ("subject", "urgency"),
    [
        ("URGENT: Word", "URGENT"),
        ("[Dringend] Word", "Dringend"),
        ("PILNE: Word nie działa", "PILNE"),
        ("Akut: Word startar inte", "Akut"),
        ("Haster - Word starter ikke", "Haster"),
        ("Urgent care form", ""),
        ("Urgent", "Urgent"),
        ("", ""),
    ],
)
def test_a_subject(subject: str, urgency: str) -> None:
    assert read("Word does not start.", subject).urgency == urgency


def test_headers() -> None:
    assert read("Word.", Importance="High").urgency == "Importance: High"
    assert read("Word.", X_Priority="1 (Highest)").urgency == "X-Priority: 1 (Highest)"
    assert read("Word.", X_Priority="3", Importance="normal").urgency == ""
