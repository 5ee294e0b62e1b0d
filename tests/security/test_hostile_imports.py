"""Bundles, mboxes and Maildirs of an attacker: one line that says why, and nothing is changed; or they come
in and hurt nobody."""

from __future__ import annotations

import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mailgate.__main__ import main
from mailgate.core.workflow.effects import Timer
from mailgate.store.messages import list_messages
from mailgate.store.schema import contacts, metadata, participants
from mailgate.tickets.archive import verification
from tests.support.desk import CONFIG, TestDesk

ANNA, BEN, ALICE, LEVEL1 = "anna@example.org", "ben@example.org", "alice@example.com", "level1@example.com"
TRUST = '\n[trust]\nauthserv_id = ["mx.example.com"]\n'
Files = dict[str, bytes]
Change = Callable[[dict[str, Any]], object]
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """The bundle of a ticket with a file and a person in copy."""
    folder = tmp_path / "source"
    folder.mkdir()
    desk = TestDesk(folder, database=f"sqlite:///{folder}/desk.db")
    mail = desk.mail(ANNA, "It is broken.", subject="Printer", cc=BEN)
    mail.add_attachment(bytes(range(256)) * 40, maintype="application", subtype="octet-stream", filename="log.bin")
    desk.send(mail)
    desk.send(desk.answer(ALICE, "Which one?\n#note It is old.", desk.last(LEVEL1, "request")))
    path = folder / "SUP-1.zip"
    assert main(["export", "SUP-1", "--output", str(path), "--config", str(folder / "mailgate.toml")]) == 0
    desk.close()
    return path


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    folder = tmp_path / "desk"
    folder.mkdir()
    desk = TestDesk(folder, database=database_url, config=CONFIG + TRUST)
    yield desk
    desk.close()


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    capsys.readouterr()

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def _rewrite(path: Path, change: Change, more: Files | None = None) -> Path:
    """A copy with another ticket.json, more files, and a manifest that fits."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()} | (more or {})
    record = json.loads(files["ticket.json"])
    change(record)
    files["ticket.json"] = json.dumps(record).encode()
    manifest = json.loads(files.pop("manifest.json"))
    manifest["files"] = [
        {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()} for name, content in files.items()
    ]
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (*files.items(), ("manifest.json", json.dumps(manifest).encode())):
            archive.writestr(name, content)
    return target


def _set(**values: Any) -> Change:
    return lambda record: record.update(values)


def _each(part: str, **values: Any) -> Change:
    return lambda record: [one.update(values) for one in record[part]]


def _first(part: str, **values: Any) -> Change:
    return lambda record: record[part][0].update(values)


def _double(part: str) -> Change:
    def change(record: dict[str, Any]) -> None:
        record[part] += [one | {"number": len(record[part]) + at} for at, one in enumerate(record[part], 1)]

    return change


def _file(**values: Any) -> Change:
    return lambda record: record["messages"][0]["attachments"][0].update(values)


def _many_files(record: dict[str, Any]) -> None:
    files = record["messages"][0]["attachments"]
    files += [dict(files[0]) for _ in range(1000)]


def _add_people(*addresses: str) -> Change:
    people = [{"address": one, "name": "", "language": "en", "known": True} for one in addresses]
    return lambda record: record["people"].extend(people)


def _rows(desk: TestDesk) -> dict[str, int]:
    with desk.desk.database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


REFUSED = {
    "no number": (_set(fields={"x": float("nan")}), "fields contains an invalid number"),
    "no text": (_set(fields={"x": {"y": [1]}}), "fields has a value that is not text"),
    "a NUL deep down": (_first("events", facts={"x": ["a\0"]}), "events contains a NUL character"),
    "a NUL in a name": (_set(fields={"a\0": "b"}), "fields contains a NUL character"),
    "endless facts": (_first("events", facts={"x": float("inf")}), "events contains an invalid number"),
    "a header in the subject": (_set(subject="Hi\r\nBcc: evil@example.net"), "subject contains a line break"),
    "a header in the name": (_set(requester_name="A\nBcc: evil@example.net"), "requester_name contains a line break"),
    "a header in an address": (_set(requester="a@example.org\r\nRCPT TO:<b@c>"), "requester is not an address"),
    "no requester": (_set(requester=""), "requester is not an address"),
    "two requesters": (_set(requester="a@example.org, b@example.org"), "requester is not an address"),
    "the desk itself": (_set(requester="Support+x@example.com"), "its requester is an address of this desk"),
    "somebody without address": (_add_people("a b"), "people is not an address"),
    "a crowd": (_add_people(*(f"p{at}@example.net" for at in range(3000))), "it has 3,00"),
    "a header in a file's name": (_file(filename="a\r\nX: y"), "messages contains a line break"),
    "a header in a file's type": (_file(mime_type="text/html\r\nX: y"), "messages contains a line break"),
    "one file a thousand times": (_many_files, "it names"),
    "one mail twice": (_double("mails"), "it names 'mails/001.eml' twice"),
    "the beginning of time": (_set(waiting_since="0001-01-01T00:00:00Z"), "waiting_since contains an impossible time"),
    "the end of time": (_set(created_at="9999-12-31T23:59:59Z"), "created_at contains an impossible time: 9999"),
    "an old history": (_each("events", at="0001-01-01T00:00:00Z"), "events contains an impossible time: 0001"),
    "too many notices": (_set(notices=2**31 - 1), "the numbers of its notices are impossible"),
    "notices to come": (_each("sent", number=500), "the numbers of its notices are impossible"),
    "a solution to come": (_set(confirm_notice=500), "the numbers of its notices are impossible"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_ticket_has_is_refused(source: Path, desk: TestDesk, call: Call, name: str) -> None:
    change, words = REFUSED[name]
    path, before = _rewrite(source, change), _rows(desk)
    status, said, error = call("import", str(path))
    assert (status, said) == (1, "")
    assert _rows(desk) == before
    [line] = error.splitlines()
    assert line.startswith(f"mailgate: {path}: ticket.json: {words}")
    assert line.endswith("; nothing was imported")


TAKEN = {
    "unknown words": _set(priority="apocalyptic", type="weird", urgency="x", form="none", language="../../etc"),
    "an unknown history": _each("events", event="bang", from_state="x", to_state="y", row="R9999", facts={"queue": 3}),
    "no history": _set(events=[]),
    "every deadline is over": _set(timers=[{"name": t.value, "due_at": "2020-01-01T00:00:00Z"} for t in Timer]),
    "no deadline": _set(timers=[]),
    "mails and notices that wait": lambda record: [
        one.update(state="waiting") for part in ("mails", "sent") for one in record[part]
    ],
    "unknown notices": _each("sent", notice="nonsense", lane="x", queue="y"),
    "controls": lambda record: [one.update(reason="\x1b[2J\n<script>", by="\x9b2J") for one in record["events"]],
    "a merged ticket that is open": _set(merged_into="SUP-1"),
    "a link to itself": _set(links=[{"reference": "SUP-1", "kind": "x", "towards": "there"}]),
    "thousands of links": _set(
        links=[{"reference": f"\x1b[2JX-{at}", "kind": "x", "towards": "there"} for at in range(2000)]
    ),
    "closed without a date": _set(state="closed"),
    "a highest level": _set(state="level3", level="level3", resolved_by="level3"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_only_strange_comes_in_and_hurts_nobody(source: Path, desk: TestDesk, call: Call, name: str) -> None:
    path = _rewrite(source, TAKEN[name])
    status, said, error = call("import", str(path))
    assert (status, error) == (0, "")
    assert len(said) < 1000
    assert desk.relay.mails == []
    desk.send(desk.mail(ANNA, "And now?", subject="[SUP-1] Printer"))
    desk.pass_time("3 business days")
    told = [said]
    for words in (("show", "SUP-1"), ("explain", "SUP-1"), ("explain", "--sla", "SUP-1"), ("tickets",), ("status",)):
        _, out, error = call(*words)
        assert "Traceback" not in error
        told += [out, error]
    for out in told:
        assert "\x1b" not in out
        assert "\x9b" not in out
    assert len(desk.relay.mails) < 20
    with desk.desk.database.read() as connection:
        for queue in ("journal", "timers", "outbox"):
            states = connection.execute(select(metadata.tables[queue].c.state)).scalars().all()
            assert "parked" not in states, queue


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p><strong>{}</strong></p>", "<p><strong>{}</strong></p>"),
        ("<p onclick=x>{}<script>x</script></p>", "<p>{}</p>"),
        ("<p>{} and more</p>", ""),
        ("<p>something else</p>", ""),
    ],
)
def test_html_of_a_bundle_says_just_what_its_text_says(
    source: Path, desk: TestDesk, call: Call, html: str, kept: str
) -> None:
    path = _rewrite(source, _each("messages", new_text="One word", new_html=html.format("One word")))
    assert call("import", str(path))[0] == 0
    with desk.desk.database.read() as connection:
        assert {row.new_html for row in list_messages(connection, desk.ticket().id)} == {kept.format("One word")}


def test_people_of_this_house_do_not_become_participants(source: Path, desk: TestDesk, call: Call) -> None:
    inside = ("bob@example.com", "level2@example.com", "Support@example.com", "support+x@example.com")
    status, said, _ = call("import", str(_rewrite(source, _add_people(*inside, "Carl@Example.NET"))))
    assert status == 0
    assert said.splitlines()[-1].startswith("Not added as participants, because they belong to this desk: ")
    with desk.desk.database.read() as connection:
        found = connection.execute(select(participants.c.address)).scalars().all()
        known = connection.execute(select(contacts.c.address)).scalars().all()
    assert sorted(found) == [ANNA, BEN, "carl@example.net"]
    assert not {*inside} & {*known}


def test_the_message_ids_of_a_ticket_here_stay_its_own(source: Path, desk: TestDesk, call: Call) -> None:
    mail = desk.mail("zoe@example.net", "My salary.", subject="Salary")
    desk.send(mail)
    receipt, sent = desk.last("zoe@example.net", "receipt"), desk.last(LEVEL1, "request")
    stolen = [str(mail["Message-ID"]).strip("<>"), receipt.message_id.strip("<>"), sent.message_id.strip("<>")]

    def steal(record: dict[str, Any]) -> None:
        record["seen"] = [{"message_id": one, "address": ANNA, "seen_at": "2026-11-23T08:00:00Z"} for one in stolen]
        for at, one in enumerate(record["sent"]):
            one["message_id"] = stolen[1 + at % 2]

    assert call("import", str(_rewrite(source, steal)))[0] == 0
    desk.send(desk.answer("zoe@example.net", "It is wrong again.", receipt, quote=False))
    reply = desk.mail("zoe@example.net", "And once more.", subject="Salary")
    reply["In-Reply-To"] = f"<{stolen[0]}>"
    desk.send(reply)
    for words in ("It is wrong again.", "And once more."):
        [told] = [one for one in desk.relay.mails if one.recipient == LEVEL1 and words in one.text]
        assert "[SUP-1" in str(told.message["Subject"])


# -- the file itself -------------------------------------------------------------------------------------------------


def test_a_table_of_contents_without_end_is_not_read(source: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\1\2", 20, 20, 0, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0, 0, 0) + b"mails/001.eml"
    count = 300_000
    table = entry * count
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count & 0xFFFF, count & 0xFFFF, len(table), 0, 0)
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(table), 0)
    pointer = struct.pack("<4sLQL", b"PK\6\7", 0, len(table), 1)
    small = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 0, 0, 0)

    def fail(*_: object) -> None:
        raise AssertionError("the table was read")

    monkeypatch.setattr(verification, "ZipFile", fail)
    for content in (table + end, table + end64 + pointer + small):
        (bomb := source.with_name("bomb.zip")).write_bytes(content)
        status, _, error = call("import", str(bomb))
        assert status == 1
        assert "(limits.bundle_files); nothing was imported" in error


def test_a_bundle_of_very_many_files_is_read_all_the_same(source: Path, desk: TestDesk, call: Call) -> None:
    """More than a ZIP file of the old kind can count."""
    path = source.with_name("many.zip")
    with zipfile.ZipFile(path, "w") as archive:
        for at in range(70_000):
            archive.writestr(f"mails/{at:05}.eml", b"")
    config = desk.folder / "mailgate.toml"
    config.write_text(config.read_text() + "\n[limits]\nbundle_files = 100000\n")
    assert "has no manifest.json" in call("import", str(path))[2]


def test_names_of_strangers_move_no_cursor(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files["manifest.json"])
    manifest["files"].append({"name": "\x1b[2J\nall is well", "size": 0, "sha256": "0" * 64})
    files |= {"manifest.json": json.dumps(manifest).encode(), "attachments/002-\x9b2J\u202e.exe": b""}
    with zipfile.ZipFile(source, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    capsys.readouterr()
    assert main(["verify", str(source)]) == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 2
    assert error.replace("\n", "").isprintable()
    assert "\u202e" not in error


def test_a_json_of_nothing_but_brackets_is_no_bundle(source: Path, call: Call) -> None:
    brackets = b'{"bundle": 1, "x": [' + b"[]," * 300_000 + b"[]]}"
    for content, words in ((brackets, "does not match its schema"), (b"[" * 10**6, "is not JSON")):
        with zipfile.ZipFile(source) as archive:
            files = {name: archive.read(name) for name in archive.namelist()} | {"manifest.json": content}
        path = source.with_name("json.zip")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, one in files.items():
                archive.writestr(name, one)
        status, _, error = call("import", str(path))
        assert status == 1
        assert words in error


@pytest.mark.parametrize("command", ["import", "verify"])
def test_what_is_no_file_keeps_nobody_waiting(call: Call, tmp_path: Path, command: str) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    (loop := tmp_path / "loop").symlink_to(loop)
    for path in (pipe, Path("/dev/zero"), loop):
        status, said, error = call(command, str(path))
        assert (status, said) == (1, "")
        assert len(error.splitlines()) == 1


# -- mails ---------------------------------------------------------------------------------------------------------


def test_a_pass_that_stands_in_a_file_proves_nothing(desk: TestDesk, call: Call, tmp_path: Path) -> None:
    """Behind a way in the pinned server takes forged headers out; the author of an mbox can write anything."""
    desk.send(desk.mail(ANNA, "It is broken.", subject="Printer"))
    letter = (
        b"Authentication-Results: mx.example.com; dmarc=pass header.from=example.com\n"
        b"From: alice@example.com\nTo: support@example.com\nSubject: [SUP-1] Printer\nMessage-ID: <1@evil.example>\n"
        b"\n#close spam\n"
    )
    (tmp_path / "box").write_bytes(b"From alice@example.com Mon Nov 23 08:00:00 2026\n" + letter)
    assert call("import", str(tmp_path / "box"))[0] == 0
    desk.settle()
    assert desk.ticket().state == "level1"
    desk.receive(letter.replace(b"1@evil", b"2@evil"), ALICE)  # by a way in it does
    assert desk.ticket().state == "closed"


def test_a_maildir_with_strange_names_and_one_that_goes_away(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "Maildir"
    for part in ("new", "cur", "tmp", ".Sent/cur"):
        (folder / part).mkdir(parents=True)
    letter = b"From: %s\nTo: support@example.com\nSubject: Printer\nMessage-ID: <%d@x.example.org>\n\nIt is broken.\n"
    (folder / "new" / "1").write_bytes(letter % (ANNA.encode(), 1))
    (folder / "new" / "2\n\x1b[2Jmailgate: all is well").write_bytes(b"")
    (folder / "tmp" / "3").write_bytes(letter % (ANNA.encode(), 3))
    (folder / ".Sent" / "cur" / "4").write_bytes(letter % (ANNA.encode(), 4))
    (folder / "cur" / "5").symlink_to("/etc/passwd")
    os.mkfifo(folder / "cur" / "6")
    gone = folder / "new" / "7"
    gone.write_bytes(letter % (BEN.encode(), 7))
    is_file = Path.is_file

    def lose(path: Path) -> bool:
        found = is_file(path)
        if path == gone:
            gone.unlink()
        return found

    monkeypatch.setattr(Path, "is_file", lose)
    status, said, error = call("import", str(folder))
    assert (status, said.split(";")[0]) == (1, "1 email added to the journal, 0 already known")
    lines = error.splitlines()
    assert len(lines) == 2
    assert any("7 was not imported: no such file or directory" in line for line in lines)
    assert "\x1b" not in error
