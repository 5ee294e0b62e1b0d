"""Old mails from an mbox file or a Maildir: each into the journal, once, and worked off like new ones."""

from __future__ import annotations

import mailbox
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.__main__ import main
from mailgate.store.blobs import get_blob
from mailgate.store.schema import journal
from mailgate.transport.mbox import MboxMessage, SkippedMessage, read_mbox
from tests.support.desk import CONFIG, TestDesk

ANNA, BEN = "anna@example.org", "ben@example.org"
LETTER = b"From: %s\nTo: support@example.com\nSubject: %s\nMessage-ID: <%s@client.example.org>\n\n%s\n"

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + '\n[intake]\nmax_size = "3 MiB"\n')
    yield desk
    desk.close()


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def _letter(number: int, text: bytes = b"It is broken.", sender: str = ANNA) -> bytes:
    return LETTER % (sender.encode(), b"Printer %d" % number, b"%d" % number, text)


def _mbox(path: Path, *letters: bytes) -> Path:
    """As the standard library writes it."""
    box = mailbox.mbox(path)
    for letter in letters:
        message = mailbox.mboxMessage(letter)
        message.set_from("anna@example.org", (2026, 11, 2, 8, 0, 0, 0, 306, 0))
        box.add(message)
    box.close()
    return path


def _stored(desk: TestDesk) -> list[bytes]:
    with desk.desk.database.read() as connection:
        blobs = connection.execute(select(journal.c.blob_id).order_by(journal.c.id)).scalars().all()
        return [get_blob(connection, blob) for blob in blobs]


def test_the_mails_of_an_mbox_are_worked_off_like_new_ones(desk: TestDesk, call: Call, tmp_path: Path) -> None:
    letters = [_letter(1), _letter(2, b"From here it is far.\nFrom: is no header."), _letter(3, sender=BEN)]
    path = _mbox(tmp_path / "old.mbox", *letters)
    said = "3 emails added to the journal, 0 already known; `mailgate serve` processes them\n"
    assert call("import", str(path)) == (0, said, "")
    assert _stored(desk) == letters
    desk.settle()
    assert [(one.subject, one.requester) for one in desk.tickets()] == [
        ("Printer 1", ANNA), ("Printer 2", ANNA), ("Printer 3", BEN),
    ]  # fmt: skip
    assert [mail.notice for mail in desk.relay.mails if mail.recipient == BEN] == ["receipt"]
    said = "0 emails added to the journal, 3 already known; `mailgate serve` processes them\n"
    assert call("import", str(path)) == (0, said, "")


def test_what_came_by_another_way_is_known(desk: TestDesk, call: Call, tmp_path: Path) -> None:
    desk.receive(b"Received: by mx.example.com\r\n" + _letter(1).replace(b"\n", b"\r\n"), ANNA)
    path = _mbox(tmp_path / "old.mbox", _letter(1), _letter(2), _letter(2))
    assert call("import", str(path))[1].startswith("1 email added to the journal, 2 already known;")


def test_quietly_no_requester_is_written_to(desk: TestDesk, call: Call, tmp_path: Path) -> None:
    path = _mbox(tmp_path / "old.mbox", _letter(1))
    assert call("import", "--quiet", str(path))[0] == 0
    desk.settle()
    assert {mail.recipient for mail in desk.relay.mails if mail.notice in ("receipt", "request")} == {
        "level1@example.com"
    }
    # Later events of the ticket send mail as ever.
    desk.send(desk.answer("alice@example.com", "#resolve Done.", desk.last("level1@example.com", "request")))
    assert desk.delivered(ANNA)[-1].notice == "confirm"


def test_the_mails_of_a_maildir_and_nothing_there_is_changed(desk: TestDesk, call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "Maildir"
    box = mailbox.Maildir(folder)
    box.add(mailbox.MaildirMessage(_letter(1)))
    read = mailbox.MaildirMessage(_letter(2))
    read.set_subdir("cur")
    box.add(read)
    (folder / "new" / "empty").write_bytes(b"")
    before = sorted(folder.rglob("*"))
    status, said, error = call("import", str(folder))
    assert status == 1
    assert said.startswith("2 emails added to the journal")
    assert error == f"mailgate: {folder}: new/empty was not imported: is empty\n"
    assert sorted(folder.rglob("*")) == before
    assert sorted(_stored(desk)) == [_letter(1), _letter(2)]


def test_a_mail_that_is_too_large_is_named_and_the_others_pass(desk: TestDesk, call: Call, tmp_path: Path) -> None:
    large, too_large = _letter(1, b"x" * 70 + b"\n" + b"y" * 2_000_000), _letter(2, b"z" * 3_500_000)
    path = _mbox(tmp_path / "old.mbox", large, too_large, _letter(3))
    status, said, error = call("import", str(path))
    assert status == 1
    assert said.startswith("2 emails added to the journal")
    assert error.startswith(f"mailgate: {path}: mail 2 was not imported: has 3,500,")
    assert error.endswith("(intake.max_size)\n")
    assert _stored(desk) == [large, _letter(3)]


def test_what_is_none_of_these_is_said_to_be_so(call: Call, tmp_path: Path) -> None:
    (tmp_path / "letter.eml").write_bytes(_letter(1))
    for path in (tmp_path / "letter.eml", tmp_path):
        status, _, error = call("import", str(path))
        assert status == 1
        words = "is not an exported ticket (ZIP), an mbox file (it begins with 'From ') or a Maildir (new, cur)"
        assert error == f"mailgate: {path}: {words}\n"


# -- how an mbox is cut ------------------------------------------------------------------------------------------------

LINE = b"From anna@example.org Mon Nov  2 08:00:00 2026\n"


def _cut(tmp_path: Path, content: bytes) -> list[MboxMessage | SkippedMessage]:
    (tmp_path / "box").write_bytes(content)
    return list(read_mbox(tmp_path / "box", 10_000_000))


@pytest.mark.parametrize(
    ("content", "mails"),
    [
        (LINE + b"A: b\n\ntext\n\n" + LINE + b"C: d\n\n\n", [b"A: b\n\ntext\n", b"C: d\n\n"]),
        (LINE + b"A: b\r\n\r\ntext\r\n\r\n" + LINE + b"C: d", [b"A: b\r\n\r\ntext\r\n", b"C: d"]),
        # No blank line, no date, or quoted: part of the mail.
        (LINE + b"A: b\n\ntext\n" + LINE + b"more\n", [b"A: b\n\ntext\n" + LINE + b"more\n"]),
        (LINE + b"A: b\n\nFrom now on\n\nFrom noon to 12:30\n", [b"A: b\n\nFrom now on\n\nFrom noon to 12:30\n"]),
        (LINE + b"A: b\n\n>From x\n>>From y\n> From z\n", [b"A: b\n\nFrom x\n>From y\n> From z\n"]),
        (b"From - Mon Nov 23 08:00:00 2026\nA: b\n\nx\n", [b"A: b\n\nx\n"]),
        (b"From 17@xxx Mon Nov 23 08:00:00 +0000 2026\nA: b\n\nx\n\n" * 2, [b"A: b\n\nx\n"] * 2),
        (b"From anna at example.org  Mon Nov 23 08:00:00 2026\nA: b\n\nc", [b"A: b\n\nc"]),
    ],
)
def test_where_a_mail_ends(tmp_path: Path, content: bytes, mails: list[bytes]) -> None:
    assert [one.content for one in _cut(tmp_path, content) if isinstance(one, MboxMessage)] == mails


def test_an_endless_line_is_no_trouble(tmp_path: Path) -> None:
    content = b"From " + b"x" * 3_000_000 + b"\nA: b\n\n" + b"From y" * 500_000 + b"\n\n" + LINE + b"C: d\n"
    first, second = _cut(tmp_path, content)
    assert isinstance(first, MboxMessage)
    assert not isinstance(first.content, bytes)
    assert len(first.content) == 6 + 3_000_000 + 1
    first.content.close()
    assert isinstance(second, MboxMessage)
    assert second.content == b"C: d\n"


def test_the_null_sender_and_no_sender(tmp_path: Path) -> None:
    box = (
        LINE + b"A: b\n\n\n" + b"From MAILER-DAEMON Mon Nov 23 08:00:00 2026\nA: b\n\n\n"
        + b"From - Mon Nov 23 08:00:00 2026\nA: b\n\n"
    )  # fmt: skip
    assert [one.sender for one in _cut(tmp_path, box) if isinstance(one, MboxMessage)] == ["anna@example.org", "", None]
