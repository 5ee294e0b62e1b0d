"""Who is staff, which addresses are the desk's, and in which language a person is written to."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.config import read_config
from mailgate.config.directory.entries import Person
from mailgate.config.people import People, language_of
from tests.support.desk import CONFIG


def people(folder: Path, reply_address: str = "plus") -> People:
    (folder / "secret").write_text("a key that only the tests know\n")
    path = folder / "mailgate.toml"
    path.write_text(CONFIG.replace("[desk]", f'[desk]\nreply_address = "{reply_address}"'))
    return People(read_config(path))


@pytest.mark.parametrize("address", ["ALICE@example.com", "level1@example.com", "manager@example.com"])
def test_staff_are_levels_and_the_manager(tmp_path: Path, address: str) -> None:
    assert people(tmp_path).is_staff(address)


def test_the_operator_is_staff_and_no_level_member(tmp_path: Path) -> None:
    found = people(tmp_path)
    assert found.is_staff("operator@example.com")
    assert not found.is_level_member("operator@example.com")
    assert found.access_of("operator@example.com") is None


def test_a_requester_is_no_staff(tmp_path: Path) -> None:
    found = people(tmp_path)
    assert not found.is_staff("anna@example.org")
    assert not found.is_internal("anna@example.org")


@pytest.mark.parametrize(
    ("written", "listed", "guessed", "wanted"),
    [
        ("en", "de", "fr", "en"),  # what they wrote goes first
        ("", "de", "fr", "de"),  # then the directory
        ("", "", "en", "en"),  # then what the mail looks like
        ("pl", "pl", "pl", "fr"),  # none of the queue's: its first
        ("pl", "de", "en", "de"),
        ("", "", "", "fr"),
    ],
)
def test_the_language_of_a_person(written: str, listed: str, guessed: str, wanted: str) -> None:
    person = Person("anna@example.org", language=listed)
    found = language_of(("fr", "en", "de"), written=written, person=person, guessed=guessed)
    assert found == wanted
