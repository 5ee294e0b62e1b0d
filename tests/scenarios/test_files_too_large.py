"""Files too large for the relay: only the largest stays behind, everybody reads which one, nobody reads a command."""

from __future__ import annotations

import random
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.config import RELAY
from mailgate.store.events import list_events
from mailgate.store.source_status import get_status
from tests.support.desk import Delivered, TestDesk

ANNA, ALICE, LEVEL1 = "anna@example.org", "alice@example.com", "level1@example.com"
LIMIT = 300_000  # bytes that the relay takes
BIG = random.Random(1).randbytes(280_000)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    desk.relay.takes = LIMIT
    yield desk
    desk.close()


def with_files(mail: EmailMessage, **files: bytes) -> EmailMessage:
    for name, content in files.items():
        filename = name.replace("_", ".")
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=filename)
    return mail


def files_of(mail: Delivered) -> list[str | None]:
    return [part.get_filename() for part in mail.message.iter_attachments() if part.get_filename()]


def words_of(mail: Delivered) -> str:
    """Every text of a mail, the part below the files included."""
    parts = (part for part in mail.message.walk() if part.get_content_type() == "text/plain")
    return "\n".join(" ".join(str(part.get_content()).split()) for part in parts)


def history(desk: TestDesk) -> list[str]:
    with desk.desk.database.read() as connection:
        return [row.reason for row in list_events(connection, desk.ticket().id) if row.event == "files left out"]


@pytest.mark.postgresql
def test_an_answer_goes_without_its_largest_file_and_its_author_learns_of_it(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, "The router is dead.", subject="Router"))
    answer = desk.answer(ALICE, "Please install this.", desk.last(LEVEL1), quote=False)
    desk.send(with_files(answer, firmware_bin=BIG, tool_sh=b"#!/bin/sh\n"))
    got, copy, told = desk.last(ANNA, "answer"), desk.last(LEVEL1, "copy"), desk.last(ALICE, "files_left_out")
    assert files_of(got) == files_of(copy) == ["tool.sh"]
    assert "too large for email: firmware.bin (273.4 kB)" in words_of(got)
    assert "mailgate" not in words_of(got)
    assert "Attached: - tool.sh Not attached, because too large (the mail server accepts 293 kB at most)" in words_of(
        copy
    )
    assert "- firmware.bin (273.4 kB)" in words_of(told)
    assert "accepts 293 kB at most in one email" in words_of(told)
    assert [mail.notice for mail in desk.delivered(ALICE)] == ["files_left_out"]
    assert history(desk) == [
        f"answer to {ANNA}: firmware.bin (273.4\xa0kB)",
        f"copy to {LEVEL1}: firmware.bin (273.4\xa0kB)",
    ]
    assert max(len(mail.raw) for mail in desk.relay.mails) < LIMIT


def test_what_a_level_gets_of_a_request_names_the_file_and_keeps_the_others(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, "A first mail: now the desk knows what the relay takes.", subject="Hello"))
    with desk.desk.database.read() as connection:
        status = get_status(connection, RELAY)
    assert status is not None
    assert status.figures == {"size": LIMIT}
    desk.send(with_files(desk.mail(ANNA, "See the log.", subject="Log"), log_zip=BIG, photo_bin=b"a photo"))
    request = desk.last(LEVEL1, "request")
    assert files_of(request) == ["photo.bin"]
    assert "- log.zip (273.4 kB)" in words_of(request)
    assert "your administrator gets every file with `mailgate export SUP-2`" in words_of(request)
    assert desk.delivered(ANNA)[-1].notice == "receipt"
    assert history(desk) == [f"request to {LEVEL1}: log.zip (273.4\xa0kB)"]


def test_a_first_mail_that_is_refused_loses_its_largest_file_alone(desk: TestDesk) -> None:
    """Nobody knew what the relay takes when the notice was written; its EHLO says it."""
    desk.send(with_files(desk.mail(ANNA, "See the log.", subject="Log"), log_zip=BIG, photo_bin=b"a photo"))
    request = desk.last(LEVEL1, "request")
    assert files_of(request) == ["photo.bin"]
    assert "Not attached, because too large (the mail server accepts 293 kB at most): - log.zip" in words_of(request)
    assert history(desk) == [f"request to {LEVEL1}: log.zip (273.4\xa0kB)"]


@pytest.mark.postgresql
def test_a_relay_that_names_no_limit_is_asked_again_with_one_file_less_each_time(desk: TestDesk) -> None:
    desk.relay.announces = False
    desk.send(desk.mail(ANNA, "The router is dead.", subject="Router", cc="zoe@example.org"))
    answer = desk.answer(ALICE, "Please install this.", desk.last(LEVEL1), quote=False)
    desk.send(with_files(answer, firmware_bin=BIG, second_bin=BIG[:250_000], tool_sh=b"#!/bin/sh\n"))
    got = desk.last(ANNA, "answer")
    assert files_of(got) == ["tool.sh"]
    assert "firmware.bin (273.4 kB)" in words_of(got)
    assert "second.bin (244.1 kB)" in words_of(got)
    assert "mailgate" not in words_of(got)
    copy = desk.last(LEVEL1, "copy")
    listed = words_of(copy).partition("Attached:")[2]
    assert listed.startswith(
        " - [firmware.bin: too large, not attached] - [second.bin: too large, not attached] - tool.sh"
    )
    page = copy.message.get_body(("html",))
    assert page is not None
    assert ">[firmware.bin: too large, not attached]</li>" in page.get_content()
    assert files_of(copy) == ["tool.sh"]
    assert not copy.message.defects
    told = [mail for mail in desk.relay.mails if mail.notice == "files_left_out"]
    assert [mail.recipient for mail in told] == [ALICE, ALICE], "once for each file, however many got the answer"
    assert "the mail server doesn’t accept an email of that size" in words_of(told[0])


def test_a_requester_reads_it_in_their_language(desk: TestDesk) -> None:
    desk.relay.announces = False
    desk.send(desk.mail(ANNA, "Bonjour, le routeur ne marche plus depuis hier soir. Merci de votre aide.", subject="x"))
    answer = desk.answer(ALICE, "Installez ceci.", desk.last(LEVEL1), quote=False)
    desk.send(with_files(answer, firmware_bin=BIG))
    assert "trop volumineux pour un e-mail : firmware.bin (273,4 ko)" in words_of(desk.last(ANNA, "answer"))


def test_files_of_one_name_are_all_marked(desk: TestDesk) -> None:
    mail = desk.mail(ANNA, "See the pictures.", subject="Log")
    for content in (BIG, BIG[1:], b"a small one"):
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename="image.bin")
    desk.send(mail)
    marked = "- [image.bin: too large, not attached]"
    assert f"Attached: {marked} {marked} - image.bin" in words_of(desk.last(LEVEL1, "request"))
    page = desk.last(LEVEL1, "request").message.get_body(("html",))
    assert page is not None
    assert page.get_content().count(">[image.bin: too large, not attached]</li>") == 2
