"""Tickets as bundles: whole, verifiable, importable; from any engine to any other."""

from __future__ import annotations

import io
import json
import os
import stat
import warnings
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import func, select

from mailgate.__main__ import main
from mailgate.store import schema
from mailgate.store.blobs import get_blob
from mailgate.store.schema import metadata
from mailgate.store.tickets import find_by_reference, get_ticket
from mailgate.tickets.archive.export import decode, gather
from mailgate.tickets.archive.format import SCHEMAS, ArchivedTicket, draw_schemas
from mailgate.tickets.archive.writer import write_bundle
from tests.support.desk import CONFIG, TestDesk
from tests.support.postgres import Cluster

ANNA, BEN, ALICE, LEVEL1 = "anna@example.org", "ben@example.org", "alice@example.com", "level1@example.com"
LOG = bytes(range(256)) * 40
BIG = os.urandom(2_500_000)

Call = Callable[..., tuple[int, str, str]]
Make = Callable[..., TestDesk]


@pytest.fixture(
    params=[
        "sqlite-sqlite",
        pytest.param("sqlite-postgresql", marks=pytest.mark.system),
        pytest.param("postgresql-sqlite", marks=pytest.mark.system),
    ]
)
def engines(request: pytest.FixtureRequest) -> tuple[str, str]:
    source, _, target = str(request.param).partition("-")
    return source, target


@pytest.fixture
def make(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Make]:
    """Makes a desk on a database of its own; the engine is the beginning of its name."""
    desks: list[TestDesk] = []
    lent: list[str] = []

    def make_one(name: str, config: str = CONFIG) -> TestDesk:
        folder = tmp_path / f"{name}-{len(desks)}"
        folder.mkdir()
        url = f"sqlite:///{folder}/desk.db"
        if name.startswith("postgresql"):
            cluster: Cluster = request.getfixturevalue("cluster")
            url = cluster.lend()
            lent.append(url)
        desks.append(TestDesk(folder, database=url, config=config))
        return desks[-1]

    yield make_one
    for desk in desks:
        desk.close()
    for url in lent:
        request.getfixturevalue("cluster").take_back(url)


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on a desk: (status, stdout, stderr)."""

    def run(desk: TestDesk, *words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


def _live(desk: TestDesk) -> None:
    """SUP-1 is open, with a file, a note, and a step that was taken back; SUP-2 is linked with it and closed; SUP-3 was
    merged into SUP-1; SUP-4 waits for a word of the requester."""
    mail = desk.mail(f"Anna Ähm <{ANNA}>", "It is bröken. 😀", subject="Printer", cc=f"Ben <{BEN}>")
    mail.add_attachment(LOG, maintype="application", subtype="octet-stream", filename="../log.bin")
    desk.send(mail)
    request = desk.last(LEVEL1, "request")
    desk.send(desk.answer(ALICE, "#type incident\n#time 15 min\n#note It is the fuser.", request))
    desk.send(desk.answer(ALICE, "#escalate It is not ours.", request))
    desk.send(desk.answer(ALICE, "#undo", request))
    desk.send(desk.mail(BEN, "Word does not start.", subject="Word"))
    word = desk.last(LEVEL1, "request")
    desk.send(desk.answer(ALICE, "#link SUP-1", word))
    desk.send(desk.answer(ALICE, "#tag office\n#used repair.ps1\n#resolve I reinstalled Word.", word))
    desk.send(desk.answer(BEN, "Yes, it is resolved. Thank you.", desk.last(BEN, "confirm")))
    desk.pass_time("5 business days")
    desk.send(desk.mail(ANNA, "The same again.", subject="Printer again"))
    desk.send(desk.answer(ALICE, "#merge SUP-1", desk.last(LEVEL1, "request")))
    desk.send(desk.mail(ANNA, "Where is my badge?", subject="Badge"))
    desk.send(desk.answer(ALICE, "Which one?\n#waiting", desk.last(LEVEL1, "request")))


def _bundle(desk: TestDesk, reference: str) -> Path:
    """A bundle of a ticket, also of one that was merged away, as the worker writes it."""
    path = desk.folder / f"{reference}.zip"
    with desk.desk.database.read() as connection:
        named = select(schema.tickets.c.id).where(schema.tickets.c.reference == reference)
        ticket = get_ticket(connection, connection.execute(named).scalar_one())
        assert ticket is not None
        with path.open("wb") as file:
            write_bundle(file, gather(connection, ticket, "support@example.com"))
    return path


def _read(path: Path, name: str = "ticket.json") -> Any:
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(name))


def _rows(desk: TestDesk) -> dict[str, int]:
    with desk.desk.database.read() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in metadata.sorted_tables
        }


# -- the format ------------------------------------------------------------------------------------------------------


def test_the_published_schemas_are_those_of_the_models() -> None:
    """After a change: python -c "from mailgate.tickets.archive.format import write_schemas; write_schemas()"."""
    assert {path.name: path.read_text() for path in SCHEMAS.iterdir()} == draw_schemas()


def test_a_bundle_forgets_no_column_of_a_ticket() -> None:
    """The columns left out are a number or a duty of this desk's."""
    left_out = {"id", "unarchived", "version"}
    assert {column.name for column in schema.tickets.c} - ArchivedTicket.model_fields.keys() == left_out


@pytest.mark.parametrize(
    ("table", "part", "left_out"),
    [
        (schema.events, "events", {"id", "ticket_id", "journal_id"}),
        (schema.messages, "messages", {"id", "ticket_id", "journal_id"}),
        (schema.message_ids, "seen", {"ticket_id"}),
        (
            schema.journal, "mails",
            {
                "id", "due_at", "attempts", "leased_until", "created_at", "source_key", "blob_id", "ticket_id",
                "author", "subject", "scanned_at",
            },
        ),
        (
            schema.outbox, "sent",
            {
                "id", "attempts", "leased_until", "ticket_id", "reference", "inserts", "body", "requeued_at",
                "of_recipient", "urgency",
            },
        ),
    ],
)  # fmt: skip
def test_nor_one_of_what_belongs_to_it(table: Any, part: str, left_out: set[str]) -> None:
    model = ArchivedTicket.model_fields[part].annotation.__args__[0]  # type: ignore[union-attr]
    assert {column.name for column in table.c} - model.model_fields.keys() == left_out


def test_real_bundles_are_as_the_schemas_say(make: Make) -> None:
    desk = make("sqlite")
    _live(desk)
    for reference in ("SUP-1", "SUP-2", "SUP-3", "SUP-4"):
        path = _bundle(desk, reference)
        for name in ("ticket", "manifest"):
            schema_ = json.loads((SCHEMAS / f"{name}-1.schema.json").read_text())
            Draft202012Validator.check_schema(schema_)
            Draft202012Validator(schema_).validate(_read(path, f"{name}.json"))
    wrong = _read(path) | {"state": "asleep"}
    assert not Draft202012Validator(json.loads((SCHEMAS / "ticket-1.schema.json").read_text())).is_valid(wrong)


def test_the_same_ticket_gives_the_same_bytes(make: Make, call: Call) -> None:
    desk = make("sqlite")
    _live(desk)
    paths = [desk.folder / "1.zip", desk.folder / "2.zip"]
    for path in paths:
        assert call(desk, "export", "SUP-1", "--output", str(path))[0] == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()


def test_base64_is_decoded_however_it_is_cut() -> None:
    import base64

    raw = os.urandom(1000)
    encoded = base64.encodebytes(raw)
    for step in (1, 2, 3, 4, 5, 7, 76, 77, 5000):
        assert b"".join(decode(encoded[at : at + step] for at in range(0, len(encoded), step))) == raw


# -- verifying -------------------------------------------------------------------------------------------------------


@pytest.fixture
def bundle(make: Make) -> tuple[TestDesk, Path]:
    desk = make("sqlite")
    _live(desk)
    return desk, _bundle(desk, "SUP-1")


def _rewrite(path: Path, change: Callable[[dict[str, bytes]], None], *, mend: bool = False) -> Path:
    """A copy of a bundle with other files in it; `mend` writes a manifest that fits them."""
    with zipfile.ZipFile(path) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    if mend:
        manifest = json.loads(files["manifest.json"])
        manifest["files"] = [
            {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()}
            for name, content in files.items() if name != "manifest.json"
        ]  # fmt: skip
        files["manifest.json"] = json.dumps(manifest).encode()
    target = path.with_name("changed.zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def _set_record(**values: Any) -> Callable[[dict[str, bytes]], None]:
    def change(files: dict[str, bytes]) -> None:
        files["ticket.json"] = json.dumps(json.loads(files["ticket.json"]) | values).encode()

    return change


def test_what_is_whole_is_said_to_be(bundle: tuple[TestDesk, Path], capsys: pytest.CaptureFixture[str]) -> None:
    _, path = bundle
    count = len(_read(path, "manifest.json")["files"])
    assert main(["verify", str(path)]) == 0  # without any configuration
    assert capsys.readouterr().out == f"{path}: SUP-1, {count} files, all unchanged\n"


def test_what_differs_is_named(bundle: tuple[TestDesk, Path], capsys: pytest.CaptureFixture[str]) -> None:
    _, path = bundle

    def change(files: dict[str, bytes]) -> None:
        files["mails/001.eml"] += b"P.S. I owe you 100 euros.\r\n"
        del files["sent/001.eml"]
        files["sent/999.eml"] = b"new"

    changed = _rewrite(path, change)
    assert main(["verify", str(path), str(changed)]) == 1
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        f"mailgate: {changed}: sent/001.eml is missing",
        f"mailgate: {changed}: sent/999.eml is not in manifest.json",
        f"mailgate: {changed}: mails/001.eml differs from what was written",
    ]


# -- importing a bundle ----------------------------------------------------------------------------------------------


def test_all_of_a_desk_comes_over(engines: tuple[str, str], make: Make, call: Call) -> None:
    source, target = make(engines[0]), make(engines[1])
    _live(source)
    for reference in ("SUP-1", "SUP-3", "SUP-2", "SUP-4"):  # in an order in which every link finds its other end
        status, said, error = call(target, "import", str(_bundle(source, reference)))
        assert (status, error) == (0, "")
        assert said.startswith(f"{reference}: imported the ticket of support@example.com\n")
    target.clock.set(source.clock.now())
    for reference in ("SUP-1", "SUP-2", "SUP-3", "SUP-4"):
        before, after = _read(_bundle(source, reference)), _read(_bundle(target, reference))
        assert [one for one in after["events"] if one["event"] not in ("import", "replanned")] == before["events"]
        [event] = [one for one in after["events"] if one["event"] == "import"]
        assert event["reason"].startswith(f"{reference} of support@example.com, manifest ")
        key = lambda one: json.dumps(one, sort_keys=True)  # noqa: E731
        for name in ("seen", "links"):
            assert sorted(after[name], key=key) == sorted(before[name], key=key)
        # The knowledge base is the desk's own: what of it was given is known where the article is.
        for name in before.keys() - {"events", "seen", "links", "articles"}:
            assert after[name] == before[name], name
        with zipfile.ZipFile(_bundle(source, reference)) as ours, zipfile.ZipFile(_bundle(target, reference)) as theirs:
            assert ours.namelist() == theirs.namelist()
            for name in ours.namelist():
                if not name.endswith((".json", ".html")):
                    assert ours.read(name) == theirs.read(name)
    assert target.relay.mails == []


def test_an_imported_ticket_goes_on(engines: tuple[str, str], make: Make, call: Call) -> None:
    """With the same secret and address, replies to mails of the old desk are known and proven."""
    source, target = make(engines[0]), make(engines[1])
    _live(source)
    asked = source.last(ANNA, "question")
    assert call(target, "import", str(_bundle(source, "SUP-4")))[0] == 0
    target.clock.set(source.clock.now())
    target.send(target.answer(ANNA, "The blue one.", asked))
    [ticket] = target.tickets()
    assert (ticket.reference, ticket.waiting_since) == ("SUP-4", None)
    assert "The blue one." in target.last(ALICE, "message").text
    # A mail that the old desk had already is known as the same.
    with source.desk.database.read() as connection:
        query = select(schema.journal.c.blob_id).where(schema.journal.c.ticket_id == 4).order_by(schema.journal.c.id)
        raw = get_blob(connection, connection.execute(query.limit(1)).scalar_one())
    row = target.receive(raw, ANNA)
    with target.desk.database.read() as connection:
        state = connection.execute(select(schema.journal.c.state).where(schema.journal.c.id == row)).scalar()
    assert state == "duplicate"
    # New tickets are counted on behind it.
    target.send(target.mail(BEN, "A new one.", subject="New"))
    assert target.ticket().reference == "SUP-5"
    for words in (("show", "SUP-4"), ("explain", "SUP-4"), ("tickets",), ("journal", "--all")):
        assert call(target, *words)[0] == 0


def test_its_deadlines_run_here(make: Make, call: Call) -> None:
    """By the configuration of the desk that it comes to, and overdue ones fire once."""
    source, target = make("sqlite"), make("sqlite", CONFIG.replace("4 business hours", "1 business hour"))
    source.send(source.mail(ANNA, "It is broken.", subject="Printer"))
    target.clock.set(source.clock.now())
    path = _bundle(source, "SUP-1")
    assert call(target, "import", str(path))[0] == 0
    assert target.relay.mails == []
    target.pass_time("3 business hours")
    assert target.ticket().state == "level2"
    assert len([mail for mail in target.relay.mails if mail.notice == "escalation"]) == 1


def test_a_second_time_changes_nothing(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    source, path = bundle
    target = make("sqlite")
    assert call(target, "import", str(path))[0] == 0
    before = _rows(target)
    assert call(target, "import", str(path)) == (0, "SUP-1 already exists here; nothing was changed\n", "")
    source.send(source.mail(ANNA, "And now?", subject="[SUP-1] Printer"))
    later = _bundle(source, "SUP-1")
    words = f"mailgate: {later}: SUP-1 already exists here, from a different state of it; nothing was changed\n"
    assert call(target, "import", str(later)) == (1, "", words)
    assert _rows(target) == before
    # In the desk that it comes from, too.
    assert call(source, "import", str(later)) == (0, "SUP-1 already exists here; nothing was changed\n", "")


def test_a_reference_that_is_taken_becomes_another(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    _, path = bundle
    target = make("sqlite")
    target.send(target.mail(BEN, "Another one.", subject="Another"))
    status, said, _ = call(target, "import", str(path))
    assert status == 0
    assert said.splitlines()[0] == (
        "SUP-2: SUP-1 of support@example.com was imported under this reference, because another ticket has its own"
    )
    assert call(target, "import", str(path))[1] == "SUP-1 already exists here as SUP-2; nothing was changed\n"
    events = _read(_bundle(target, "SUP-2"))["events"]
    assert any(one["reason"].startswith("SUP-1 of support@example.com") for one in events)
    assert call(target, "show", "SUP-1")[1].startswith("SUP-1 Another")


def test_replies_to_its_old_mails_find_it_all_the_same(make: Make, call: Call) -> None:
    source, target = make("sqlite"), make("sqlite")
    source.send(source.mail(ANNA, "My chair.", subject="Chair"))
    path = _bundle(source, "SUP-1")
    target.send(target.mail(BEN, "My desk.", subject="Desk"))
    assert call(target, "import", str(path))[1].startswith("SUP-2: ")
    target.send(target.answer(ANNA, "The left leg is broken.", source.last(ANNA, "receipt"), quote=False))
    assert [one.subject for one in target.tickets()] == ["Desk", "Chair"]
    message = target.last(LEVEL1, "message")
    assert "[SUP-2]" in str(message.message["Subject"])
    assert "The left leg is broken." in message.text


def test_a_queue_that_is_not_here_becomes_the_default_one(make: Make, call: Call) -> None:
    queue = '\n[queues.network]\naddress = "network@example.com"\nlevels.level1.mailbox = "network-l1@example.com"\n'
    source, target = make("sqlite", CONFIG + queue), make("sqlite")
    source.send(source.mail(ANNA, "No net.", subject="Net", to="network@example.com"))
    assert source.ticket().queue == "network"
    assert call(target, "import", str(_bundle(source, "SUP-1")))[0] == 0
    target.clock.set(source.clock.now())
    assert (target.ticket().queue, target.ticket().state) == ("default", "level1")


def test_a_large_mail_is_streamed_both_ways(make: Make, call: Call) -> None:
    source, target = make("sqlite"), make("sqlite")
    mail = source.mail(ANNA, "The film.", subject="Film")
    mail.add_attachment(BIG, maintype="video", subtype="mp4", filename="film.mp4")
    source.send(mail)
    path = _bundle(source, "SUP-1")
    assert call(target, "import", str(path))[0] == 0
    again = _bundle(target, "SUP-1")
    with zipfile.ZipFile(path) as ours, zipfile.ZipFile(again) as theirs:
        assert ours.read("attachments/001-film.mp4") == BIG
        for name in ours.namelist():
            if not name.endswith((".json", ".html")):
                assert ours.read(name) == theirs.read(name), name
    # The level forgets it: the bundle of the escalation carries the file out of the imported mail.
    target.clock.set(source.clock.now())
    target.pass_time("5 business hours")
    escalation = target.last("level2@example.com", "escalation")
    [file] = [one for one in escalation.message.iter_attachments() if one.get_filename() == "film.mp4"]
    assert file.get_content() == BIG


# -- what is refused ---------------------------------------------------------------------------------------------------


def _refused(call: Call, desk: TestDesk, path: Path) -> str:
    """The one line that says why; nothing was changed."""
    before = _rows(desk)
    status, said, error = call(desk, "import", str(path))
    assert (status, said) == (1, "")
    assert _rows(desk) == before
    [line] = error.splitlines()
    return line.removeprefix(f"mailgate: {path}: ")


def _put(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.__setitem__(name, content)


def _drop(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda files: files.__delitem__(name)


@pytest.mark.parametrize(
    ("change", "mend", "words"),
    [
        (_put("mails/001.eml", b"Subject: another"), False, "mails/001.eml differs from what was written"),
        (_put("../../etc/passwd", b"x"), True, "has a file that does not belong in a bundle: ../../etc/passwd"),
        (_put("/etc/passwd", b"x"), True, "has a file that does not belong in a bundle: /etc/passwd"),
        (_put("attachments/001-a/../b", b"x"), True, "has a file that does not belong in a bundle"),
        (_put("mails/001.eml/x", b"x"), True, "has a file that does not belong in a bundle"),
        (_drop("manifest.json"), False, "has no manifest.json: it is not a bundle, or an older mailgate wrote it"),
        (_drop("ticket.json"), True, "has no ticket.json"),
        (_drop("mails/001.eml"), False, "mails/001.eml is missing"),
        (_drop("mails/001.eml"), True, "ticket.json names mails/001.eml, which is missing"),
        (_put("manifest.json", b"{"), False, "manifest.json is not JSON"),
        (_put("manifest.json", b"[" * 200_000), False, "manifest.json is not JSON"),
        (_put("ticket.json", b'{"a": ' * 100_000), True, "ticket.json is not JSON"),
        (_put("ticket.json", b"\xff\xfe\x00"), True, "ticket.json is not JSON"),
        (_put("ticket.json", b"[]"), True, "ticket.json is not a bundle's"),
        (_set_record(bundle=2), True, ("is a bundle of version 2, but this mailgate reads version 1: use a "
            "newer mailgate")),
        (_set_record(state="asleep"), True, "ticket.json does not match its schema: state"),
        (_set_record(notices=2**40), True, "ticket.json does not match its schema: notices"),
        (_set_record(notices="7"), True, "ticket.json does not match its schema: notices"),
        (_set_record(created_at="2026-11-23T08:00:00"), True, "ticket.json does not match its schema: created_at"),
        (_set_record(closed_at="0001-01-01T00:00:00+14:00"), True, "ticket.json does not match its schema: closed_at"),
        (_set_record(reference="SUP-2"), True, "ticket.json and manifest.json are of different tickets"),
        (_set_record(subject="a\0b"), True, "ticket.json: subject contains a NUL character, which no desk stores"),
        (_set_record(timers=[{"name": "lunch", "due_at": "2026-11-23T08:00:00Z"}]), True, "ticket.json has a timer"),
        (_set_record(mails=[]), True, "ticket.json names an email that is missing"),
    ],
)  # fmt: skip
def test_a_damaged_or_hostile_bundle_changes_nothing(
    bundle: tuple[TestDesk, Path],
    make: Make,
    call: Call,
    change: Callable[[dict[str, bytes]], None],
    mend: bool,
    words: str,
) -> None:
    line = _refused(call, make("sqlite"), _rewrite(bundle[1], change, mend=mend))
    assert line.startswith(words)
    assert line.endswith("; nothing was imported")


def test_an_attachment_must_stand_where_it_is_said_to(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    def move(files: dict[str, bytes]) -> None:
        record = json.loads(files["ticket.json"])
        [file] = record["messages"][0]["attachments"]
        file["span"] = [0, 10]
        files["ticket.json"] = json.dumps(record).encode()

    def replace_file(files: dict[str, bytes]) -> None:
        record = json.loads(files["ticket.json"])
        [file] = record["messages"][0]["attachments"]
        file["span"] = file["mail"] = None
        files[file["file"]] = b"another"
        files["ticket.json"] = json.dumps(record).encode()

    for change in (move, replace_file):
        line = _refused(call, make("sqlite"), _rewrite(bundle[1], change, mend=True))
        assert line.startswith("attachments/001-log.bin ")


@pytest.mark.parametrize("facts", [{"resolve_within": 7}, {"resolve_within": None, "queue": []}, {"x": "y"}])
def test_a_history_that_nobody_wrote(bundle: tuple[TestDesk, Path], make: Make, call: Call, facts: Any) -> None:
    """It is refused, or taken as far as it makes sense; never half."""

    def change(files: dict[str, bytes]) -> None:
        record = json.loads(files["ticket.json"])
        record["events"][0]["facts"] = facts
        record |= {"state": "level1", "level": "level1", "timers": []}
        files["ticket.json"] = json.dumps(record).encode()

    desk, path = make("sqlite"), _rewrite(bundle[1], change, mend=True)
    before = _rows(desk)
    status, _, error = call(desk, "import", str(path))
    if status:
        assert len(error.splitlines()) == 1
        assert "Traceback" not in error
        assert _rows(desk) == before
    else:
        assert call(desk, "show", "SUP-1")[0] == 0


def test_no_zip_file_and_half_of_one(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    desk, path = make("sqlite"), bundle[1]
    raw = path.read_bytes()
    for size in (10, len(raw) // 2, len(raw) - 10):
        half = path.with_name("half.zip")
        half.write_bytes(raw[:size])
        assert _refused(call, desk, half).startswith("is not a ZIP file, or is truncated")
    flipped = bytearray(raw)
    flipped[len(raw) // 3] ^= 0xFF
    (other := path.with_name("flipped.zip")).write_bytes(flipped)
    assert "differs from what was written" in _refused(call, desk, other)
    status, _, error = call(desk, "import", str(path.with_name("none.zip")))
    assert status == 1
    assert "no such file" in error


def test_bombs_links_and_doubles(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    config = CONFIG + '\n[limits]\nbundle_size = "5 MiB"\nbundle_files = 100\n'
    desk, path = make("sqlite", config), bundle[1]
    bomb = _rewrite(path, _put("attachments/999-zeros", bytes(50_000_000)), mend=True)
    assert bomb.stat().st_size < 5 * 2**20
    assert "(limits.bundle_size)" in _refused(call, desk, bomb)
    many = _rewrite(path, lambda files: files.update({f"mails/{at:05}.eml": b"" for at in range(101)}), mend=True)
    assert "(limits.bundle_files)" in _refused(call, desk, many)
    link = zipfile.ZipInfo("mails/998.eml")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for info in (link, zipfile.ZipInfo("ticket.json")):
        raw = io.BytesIO(path.read_bytes())
        with warnings.catch_warnings(), zipfile.ZipFile(raw, "a") as archive:
            warnings.simplefilter("ignore")  # of the double
            archive.writestr(info, b"/etc/passwd")
        (wrong := path.with_name("wrong.zip")).write_bytes(raw.getvalue())
        line = _refused(call, desk, wrong)
        assert "is a link" in line or "two files named ticket.json" in line


def test_a_number_far_away_does_not_use_up_the_desks_own(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    def rename(files: dict[str, bytes]) -> None:
        for name in ("ticket.json", "manifest.json"):
            files[name] = json.dumps(json.loads(files[name]) | {"reference": "SUP-999999999999"}).encode()

    target = make("sqlite")
    assert call(target, "import", str(_rewrite(bundle[1], rename, mend=True)))[0] == 0
    target.send(target.mail(BEN, "A new one.", subject="New"))
    assert [one.reference for one in target.tickets()] == ["SUP-1", "SUP-2"]


@pytest.mark.system
def test_another_desks_prefix_is_kept(bundle: tuple[TestDesk, Path], make: Make, call: Call) -> None:
    target = make("postgresql", CONFIG.replace("[desk]", '[desk]\nreference = "HELP"'))
    target.send(target.mail(BEN, "One.", subject="One"))
    assert call(target, "import", str(bundle[1]))[0] == 0
    with target.desk.database.read() as connection:
        assert find_by_reference(connection, "SUP-1") is not None
    target.send(target.mail(BEN, "Two.", subject="Two"))
    assert {one.reference for one in target.tickets()} == {"HELP-1", "SUP-1", "HELP-3"}
