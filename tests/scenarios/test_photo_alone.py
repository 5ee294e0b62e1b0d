"""A photo without a word: what the phone adds is neither the text nor the subject of the ticket."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import TestDesk

ANNA, LEVEL1 = "Anna Martin <anna@example.org>", "level1@example.com"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    yield made
    made.close()


@pytest.mark.parametrize(("name", "named"), [("IMG_2041.jpg", "IMG_2041.jpg"), (None, "(no subject)")])
def test_a_photo_without_a_word_is_named_by_its_file(desk: TestDesk, name: str | None, named: str) -> None:
    mail = desk.mail(ANNA, "Sent from my phone", subject="")
    mail.add_attachment(b"\xff\xd8\xff a photo", "image", "jpeg", filename=name)
    desk.send(mail)
    request = desk.last(LEVEL1, "request")
    assert "Sent from my phone" not in request.text
    assert request.text.startswith(f"New request – {named}\n")
    assert "(no text)" in request.text


def test_a_photo_with_words_is_named_by_them(desk: TestDesk) -> None:
    mail = desk.mail(ANNA, "It leaks here.\n\nSent from my phone", subject="")
    mail.add_attachment(b"\xff\xd8\xff a photo", "image", "jpeg", filename="IMG_2041.jpg")
    desk.send(mail)
    assert desk.last(LEVEL1, "request").text.startswith("New request – It leaks here.\n")
