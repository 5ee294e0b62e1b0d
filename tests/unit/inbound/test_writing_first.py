"""An agent writes to a person first (`#to`): what reaches them, and how it looks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import CONFIG, TestDesk

TRUST = '\n[trust]\nauthserv_id = ["mx.example.com"]\n'
ALICE, ANNA = "alice@example.com", "anna@example.org"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, config=CONFIG + TRUST, database=database_url)
    yield made
    made.close()


def test_the_subject_is_the_mails_own_and_its_files_go_along(desk: TestDesk) -> None:
    mail = desk.mail(ALICE, f"#to {ANNA}\n\nHere is the plan.", subject="The move")
    mail["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
    mail.add_attachment(b"%PDF-1.7 the plan", "application", "pdf", filename="plan.pdf")
    desk.send(mail)
    question = desk.last(ANNA, "question")
    assert str(question.message["Subject"]).startswith("The move [SUP-1")
    assert [part.get_filename() for part in question.message.iter_attachments()] == ["plan.pdf"]
