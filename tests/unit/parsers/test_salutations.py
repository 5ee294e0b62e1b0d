"""The line that begins a mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.parsers.quoting.salutations import begins_with_salutation


@pytest.mark.parametrize(
    "line",
    [
        "Hello,", "Hi Anna,", "Dear Ms Roy,", "Good morning Jo!", "Hey", "Hello again Anna", "**Hello Anna,**",
        "Bonjour,", "Bonjour Camille,", "Chère Madame Petit,", "Madame, Monsieur,", "Bonsoir à tous !", "Re-bonjour,",
        "Hallo Herr Müller,", "Guten Tag Frau Dr. Weiß,", "Sehr geehrte Damen und Herren,", "Liebe Anna,", "Moin",
        "Hola, Ana:", "Buenos días:", "Estimada señora Ruiz:", "Buongiorno Anna,", "Gentile signora Rossi,",
        "Goedemorgen Jan,", "Beste mevrouw de Vries,", "Bom dia, Ana,", "Prezada Ana,", "Exma. Senhora,",
        "Dzień dobry,", "Szanowna Pani,", "Dobrý den,", "Vážená paní Nováková,", "Hej Anna!", "Kære Anna,", "Hei Anna,",
        "Kjære Anna,", "Hyvää päivää,", "Здравствуйте, Анна!", "Добрый день", "Merhaba Ayşe Hanım,", "Sayın Yılmaz,",
        "田中様", "お世話になっております。", "営業部 各位", "\n\n  Hello Anna,  ",
    ],
)  # fmt: skip
def test_a_salutation(line: str) -> None:
    assert begins_with_salutation(f"{line}\n\nI have reinstalled Word.")


@pytest.mark.parametrize(
    "line",
    [
        "I have reinstalled Word.", "Please restart.", "History shows it.", "Hello world is what the program prints",
        "Dearly wanted: a restart", "Bonjour est un mot que le programme affiche maintenant à chaque démarrage.",
        "Did you say hello?", "Hi?", "Der Drucker geht wieder.", "Dagelijks om acht uur.", "Hallowach", "> Hello,",
        "- Hello", "Thanks, hello Anna,",
    ],
)  # fmt: skip
def test_no_salutation(line: str) -> None:
    assert not begins_with_salutation(f"{line}\nHello,")


@given(st.text(max_size=300))
def test_any_text_is_decided(text: str) -> None:
    assert begins_with_salutation(text) in (True, False)


def test_a_long_text_takes_no_time() -> None:
    for text in ("hello " * 100_000, "\n" * 500_000 + "Hello,", ",\n" * 200_000):
        assert not begins_with_salutation(text)
