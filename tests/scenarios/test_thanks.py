"""Bare thanks while a solution waits: recorded, unless there is more in the mail than thanks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import TestDesk

ANNA, LEVEL1 = "Anna Martin <anna@example.org>", "level1@example.com"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    made.send(made.mail(ANNA, "Word does not start.", subject="Word"))
    made.send(made.answer("Alice <alice@example.com>", "#resolve I reinstalled it.", made.last(LEVEL1)))
    yield made
    made.close()


def test_thanks_with_a_file_go_to_level1(desk: TestDesk) -> None:
    """The file may say that it does not work; the requester who was polite is asked nothing."""
    mail = desk.answer(ANNA, "Thank you!", desk.last("anna@example.org", "confirm"))
    mail.add_attachment(b"\xff\xd8\xff a photo", "image", "jpeg", filename="error.jpg")
    desk.send(mail)
    assert "error.jpg" in desk.last(LEVEL1, "unclear").text
    assert [one.notice for one in desk.delivered("anna@example.org")] == ["receipt", "confirm"]
    assert "said thank you" not in desk.last(LEVEL1, "unclear").text, "the mail itself says it"
    assert desk.ticket().state == "confirming"


def test_thanks_without_one_go_to_nobody(desk: TestDesk) -> None:
    before = len(desk.relay.mails)
    desk.send(desk.answer(ANNA, "Thank you!", desk.last("anna@example.org", "confirm")))
    assert len(desk.relay.mails) == before
    assert desk.ticket().state == "confirming"
