"""A person is taken out of the desk: no trace of them is left, and nobody else's ticket changes."""

from __future__ import annotations

import base64
import json
import quopri
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import LargeBinary, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from mailgate.cli import cli
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.parsers.traces import decode_all
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database
from mailgate.store.erasures import begin_erasure, open_history
from mailgate.store.removal import remove_names
from mailgate.store.schema import Compressed, blobs, metadata
from tests.support.desk import CONFIG, TestDesk
from tests.support.mails import bounce_of
from tests.support.postgres import find_program

ANNA = "anna.mueller@bücher.example"
SENT = "anna.mueller@xn--bcher-kva.example"
NAMED = '"Anna Müller" <anna.mueller@xn--bcher-kva.example>'
WORD, FILE = "quetzalcoatlus", b"FILE-8471 the content of her list\n"
NEEDLES = (ANNA, SENT, "Anna Müller", "Müller", WORD, "zeppelinfunk", FILE.decode().strip())
HOOK = '[[hooks]]\nname = "chat"\nevents = ["*"]\nurl = "http://127.0.0.1:1/nobody"\nwith_text = true\n'
MORE = '[figures]\nby_agent = true\n[archive]\nfolder = "archive"\n[knowledge]\narticles = "articles"\n'
ARCHIVED = f"{CONFIG}\n{HOOK}{MORE}"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    (tmp_path / "archive").mkdir()
    desk = TestDesk(tmp_path, database=database_url, config=ARCHIVED)
    del desk.workers["hooks"]  # the calls wait
    yield desk
    desk.close()


def run(desk: TestDesk, *arguments: str) -> Result:
    options = ["--config", str(desk.folder / "mailgate.toml")]
    return CliRunner().invoke(cli, [arguments[0], *arguments[1:], *options], obj=desk.clock, catch_exceptions=False)


def agent(desk: TestDesk, words: str, notice: str = "") -> None:
    desk.send(desk.answer("alice@example.com", words, desk.last("level1@example.com", notice)))


def play(desk: TestDesk) -> None:
    """Anna has tickets of her own, and stands in those of others; Carla has nothing to do with her."""
    first = desk.mail(NAMED, f"The {WORD} is broken.\nPlease help me today with this thing.", subject="Zeppelinfunk")
    first.replace_header("Subject", "Zeppelinfunk für Müller")
    first.add_alternative(f"<p>The <b>{WORD}</b> is broken, says Anna Müller.</p>", subtype="html")
    first.add_attachment(FILE * 400, "text", "csv", filename="müller.csv")
    desk.send(first, ANNA)
    agent(desk, "Which one, Anna?\n\n#note she is called Müller", "request")
    desk.send(desk.answer(NAMED, f"The green {WORD}, as I said to you.", desk.last(SENT)), ANNA)
    agent(desk, "#resolve Restart the green device and hold the button for ten seconds.")
    desk.send(desk.answer(NAMED, "Yes, it works, thank you!", desk.last(SENT, "confirm")), ANNA)
    desk.pass_time("10 days")
    assert [one.state for one in desk.tickets()] == ["closed"]
    # A ticket that ends merged into another one of hers, one with an undo step.
    desk.send(desk.mail(NAMED, f"Another {WORD} has failed since this morning.", subject="Zeppelinfunk again"), ANNA)
    desk.send(desk.mail(NAMED, f"And once more the {WORD}, it makes a noise.", subject="Zeppelinfunk, noise"), ANNA)
    second, _third = desk.tickets()[-2:]
    agent(desk, f"#merge {second.reference}", "request")
    # Bert copies Anna; she answers in that ticket, and Bert quotes her.
    bert = desk.mail("Bert <bert@example.org>", "The lamp flickers in our office.", subject="Lamp", cc=NAMED)
    bert.add_attachment(b"a plan of the office\n" * 300, "text", "plain", filename="plan.txt")
    desk.send(bert)
    agent(desk, "Dear Bert, dear Anna Müller, which lamp?", "request")
    desk.send(desk.answer(NAMED, f"It is the lamp below the {WORD} picture on the wall.", desk.last(SENT)), ANNA)
    desk.send(desk.answer("bert@example.org", "What Anna said is right.", desk.last("bert@example.org")))
    # Carla is another person; so is Joanna, whose address ends as hers does.
    carla = desk.mail("Carla <carla@example.org>", "My chair is broken and needs a new leg.", subject="Chair")
    carla.add_attachment(b"the chair in numbers\n" * 300, "text", "plain", filename="chair.txt")
    desk.send(carla)
    agent(desk, "#resolve Here is a new leg for your chair, with four screws.", "request")
    desk.send(desk.mail("joanna.mueller@example.org", "A joint of the door is loose.", subject="Door"))
    # Mails of no ticket: an answer of her machine, a query about her, and one that was ignored.
    absent = desk.mail(NAMED, f"I am away with my {WORD}.", subject="Away: zeppelinfunk")
    absent["Auto-Submitted"] = "auto-replied"
    desk.send(absent, ANNA)
    desk.send(desk.mail("alice@example.com", f"#find {ANNA}", subject="query"))
    encoded = desk.mail("robot@example.net", "nothing", subject="=?utf-8?b?TcO8bGxlcg==?=")
    encoded.set_content(f"Hello anna.mueller@bücher.example {WORD}", cte="base64")
    encoded["Auto-Submitted"] = "auto-generated"
    desk.send(encoded)
    for ticket in desk.tickets():
        if ticket.state != "closed" and ticket.requester != "joanna.mueller@example.org":
            run(desk, "close", ticket.reference, "withdrawn")
    desk.pass_time("10 days")
    archive = ArchiveWorker(desk.desk)
    while archive.step():
        pass


def spellings(needle: str) -> set[bytes]:
    """A needle as a plain search may meet it: as it is, in base64 at any offset, quoted-printable, as JSON has it."""
    found = {needle.encode(), json.dumps(needle)[1:-1].encode(), quopri.encodestring(needle.encode()).rstrip(b"=\n")}
    for shift in range(3):
        whole = base64.b64encode(b"\0" * shift + needle.encode())
        found.add(whole[4 if shift else 0 : len(whole) - 4])
    return {one.lower() for one in found if len(one) > 5}


def read_all(database: Database) -> dict[str, bytes]:
    """Every value of every row, as text; what is compressed or encoded as it is read."""
    found: dict[str, bytes] = {}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table).order_by(*table.primary_key)).all():
                parts = []
                for column in table.c:
                    value = row._mapping[column.name]
                    if table is blobs and column.name == "content":
                        value = get_blob(connection, row.id)
                    if isinstance(value, bytes) or isinstance(column.type, (LargeBinary, Compressed)):
                        parts += [bytes(value), decode_all(bytes(value)).encode()]
                    else:
                        parts.append((value if isinstance(value, str) else json.dumps(value, default=str)).encode())
                key = "/".join(str(row._mapping[column.name]) for column in table.primary_key)
                found[f"{table.name} {key}"] = b"\n".join(parts)
    return found


def dump(desk: TestDesk) -> bytes:
    """The database as its own tools and a look at its files show it."""
    database = desk.desk.database
    if database.path is None:
        url = desk.desk.database.engine.url
        command = [find_program("pg_dump"), "-h", url.query.get("host", url.host), "-U", "desk", str(url.database)]
        return subprocess.run(list(map(str, command)), check=True, capture_output=True).stdout
    files = [database.path, Path(f"{database.path}-wal")]
    return b"\n".join(one.read_bytes() for one in files if one.exists())


def find_needles(where: bytes) -> list[str]:
    lower = where.lower()
    return [needle for needle in NEEDLES for one in spellings(needle) if one in lower]


def figures(desk: TestDesk, last: str = "2027-01-31") -> Any:
    result = run(desk, "report", "--from", "2026-11-01", "--to", last, "--json")
    assert result.exit_code == 0, result.output
    return {name: value for name, value in json.loads(result.stdout).items() if name != "counted_at"}


def test_no_trace_of_a_person_is_left_and_the_figures_stay(desk: TestDesk) -> None:
    play(desk)
    before, counted = read_all(desk.desk.database), figures(desk)
    assert dict.fromkeys(find_needles(b"\n".join(before.values()))) == dict.fromkeys(NEEDLES)

    assert {"articles", "steps", "archives", "links", "hook_calls"} <= {name.split()[0] for name in before}
    assert find_needles(dump(desk))

    shown = run(desk, "erase", ANNA)
    assert shown.exit_code == 0, shown.output
    assert "Nothing was changed" in shown.output
    assert read_all(desk.desk.database) == before

    done = run(desk, "erase", ANNA, "--yes", "--archive", "--json")
    assert done.exit_code == 0, done.output

    after = read_all(desk.desk.database)
    left = {name: find_needles(value) for name, value in after.items() if find_needles(value)}
    assert left == {}
    assert find_needles(dump(desk)) == []
    assert figures(desk) == counted


def test_the_tickets_of_others_are_unchanged(desk: TestDesk) -> None:
    play(desk)
    before = read_all(desk.desk.database)
    run(desk, "erase", ANNA, "--yes")
    after = read_all(desk.desk.database)
    carla = [name for name, value in before.items() if b"carla" in value.lower() or b"chair" in value.lower()]
    joanna = [name for name, value in before.items() if b"joanna" in value.lower()]
    assert len(carla) > 15
    assert len(joanna) > 5
    assert {name: after.get(name) for name in carla} == {name: before[name] for name in carla}
    assert {name: after.get(name) for name in joanna} == {name: before[name] for name in joanna}
    plan = [name for name, value in before.items() if b"a plan of the office" in value]
    assert plan
    assert any(b"a plan of the office" in value for value in after.values()), "a file of Bert's is gone"
    assert any(b"The lamp flickers in our office." in value for value in after.values())


PLACES = ("plain", "html", "reply-to", "sender", "header", "link", "name of a file", "attached mail", "subject", "copy")


def plant(desk: TestDesk, named: str, address: str, place: str) -> None:
    """Bert sends an email in which another person stands in one place."""
    subject = f"about {address}" if place == "subject" else f"Lamp, {place}"
    mail = desk.mail("Bert <bert@example.org>", "My lamp flickers.", subject=subject, cc=named * (place == "copy"))
    headers = {"reply-to": ("Reply-To", named), "sender": ("Sender", named), "header": ("X-Original-Sender", address)}
    if place in headers:
        mail.add_header(*headers[place])
    elif place == "plain":
        mail.set_content(f"My lamp flickers. Please ask {address}.\nMay I ask whether the rose will do?")
    elif place == "link":
        mail.set_content(f"My lamp flickers: https://x.example/?of={address}, b+{address.replace('@', '=')}@x.example")
    elif place == "html":
        html = f"<p>My lamp flickers, see <b>{address.replace('@', '&#64;')}</b></p>"
        mail.add_alternative(html, subtype="html")
    elif place == "name of a file":
        mail.add_attachment(b"x" * 3000, "application", "pdf", filename=f"{address}.pdf")
    elif place == "attached mail":
        inner = EmailMessage()
        inner["From"], inner["Subject"] = named, "Lamp"
        inner.set_content(f"This lamp is for {address}, who waits for it.", cte="base64")
        mail.add_attachment(inner)
    desk.send(mail)


@pytest.mark.parametrize(
    ("name", "address"),
    [
        ("Pat O'Brien", "pat.obrien@example.org"),
        ("Rose May", "rose@example.org"),
        ("Müller, Anna", "Anna.Mueller@Example.ORG"),
        ("王伟", "wang.wei@xn--bcher-kva.example"),
    ],
)
def test_a_person_is_found_wherever_they_stand(desk: TestDesk, name: str, address: str) -> None:
    named = f'"{name}" <{address}>'
    words = f"The {WORD} is broken in my room."
    desk.send(desk.mail(named, f"{words}\nKind regards,\n{name}", subject="Own"), address)
    for place in PLACES:
        plant(desk, named, address, place)
    agent(desk, f"Dear Bert, dear {name}, which lamp?", "request")
    quoted = f"The one in the hall.\n\nOn Monday {name} <{address}> wrote:\n> {words}\n"
    desk.send(desk.answer("bert@example.org", quoted, desk.last("bert@example.org")))
    agent(desk, f"#note {name} ({address}) told me", "request")
    done = run(desk, "erase", address, "--yes")
    assert done.exit_code == 0, done.output

    needles = {one for needle in (address, name, WORD) for one in (*spellings(needle), *spellings(needle.lower()))}
    needles |= {address.lower().replace("@", sign).encode() for sign in ("&#64;", "=", "%40")}
    after = read_all(desk.desk.database)
    left = {key: [one for one in needles if one in value.lower()] for key, value in after.items()}
    assert {key: found for key, found in left.items() if found} == {}
    texts = b"\n".join(after.values())
    assert b"May I ask whether the rose will do?" in texts
    assert b"The one in the hall." in texts
    assert texts.count(b"My lamp flickers") >= len(PLACES)
    assert "erased already" in run(desk, "erase", address).stdout


def test_the_certificate_names_no_one_and_answers_whether_a_person_was_erased(desk: TestDesk) -> None:
    play(desk)
    refused = run(desk, "erase", ANNA, "--certificate")
    assert refused.exit_code == 1
    target = desk.folder / "certificate.txt"
    target.touch()
    refused = run(desk, "erase", ANNA, "--yes", "--output", str(target))
    assert (refused.exit_code, "already exists" in refused.output) == (1, True)
    assert run(desk, "erase", ANNA, "--certificate").exit_code == 1, "nothing was erased"
    target.unlink()
    done = run(desk, "erase", ANNA, "--yes", "--output", str(target))
    assert "Certificate of erasure 1" in done.stdout
    assert find_needles(target.read_bytes()) == []
    assert "2026/11/SUP-1.zip is a bundle of the person's ticket" in target.read_text()
    assert "Tickets: SUP-1, SUP-2, SUP-3" in target.read_text()
    assert run(desk, "erase", SENT, "--certificate").stdout.strip() in done.stdout
    again = run(desk, "erase", ANNA, "--yes")
    assert (again.exit_code, "erased already" in again.stdout) == (0, True)


def test_bundles_are_removed_and_verify_does_not_miss_them(desk: TestDesk) -> None:
    play(desk)
    bundles = sorted(one.name for one in (desk.folder / "archive").rglob("*.zip"))
    run(desk, "erase", ANNA, "--yes", "--archive")
    left = sorted(one.name for one in (desk.folder / "archive").rglob("*.zip"))
    assert set(bundles) - set(left) == {"SUP-1.zip", "SUP-2.zip", "SUP-3.zip"}
    checked = run(desk, "verify")
    assert checked.exit_code == 0, checked.output
    assert "removed by erasures: 3 bundles" in checked.stdout


def test_a_late_reply_and_a_bounce_bring_no_name_back(desk: TestDesk) -> None:
    desk.send(desk.mail(NAMED, f"The {WORD} is broken.", subject="Zeppelinfunk"), ANNA)
    agent(desk, "Which one, Anna?")
    answer = desk.last(SENT, "answer")
    run(desk, "erase", ANNA, "--yes")
    before = read_all(desk.desk.database)
    desk.send(desk.answer(NAMED, f"It is the green {WORD}.", answer), ANNA)
    desk.send(desk.answer("alice@example.com", "#note her name is Müller", desk.last("level1@example.com", "request")))
    desk.receive(bounce_of(answer), "", [answer.return_path])
    first, second = desk.tickets()
    assert (first.requester, first.state, second.requester) == ("erased-1@invalid", "closed", SENT)
    after = read_all(desk.desk.database)
    mine = [name for name in before if name.split()[0] in ("events", "messages", "tickets", "participants")]
    assert {name: after[name] for name in mine} == {name: before[name] for name in mine}
    added = [one for name, one in after.items() if name not in before and name.startswith(("events", "messages"))]
    assert added
    assert not any(mail.notice == "alarm" for mail in desk.delivered("operator@example.com"))


def test_an_open_ticket_is_closed_without_an_email(desk: TestDesk) -> None:
    desk.send(desk.mail(NAMED, f"The {WORD} is broken.", subject="Zeppelinfunk"), ANNA)
    sent = len(desk.relay.mails)
    shown = run(desk, "erase", ANNA)
    assert "still open, closed without an email: SUP-1" in shown.stdout
    run(desk, "erase", ANNA, "--yes")
    desk.pass_time("30 days")
    assert desk.ticket().state == "closed"
    assert len(desk.relay.mails) == sent
    assert "its person was erased" in run(desk, "reopen", "SUP-1").output
    assert find_needles(b"\n".join(read_all(desk.desk.database).values())) == []


def test_an_interrupted_erasure_is_continued(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    play(desk)
    calls = []

    def fail_at_the_second(*arguments: Any) -> Any:
        calls.append(arguments)
        if len(calls) == 2:
            raise RuntimeError("the power fails")
        return remove_names(*arguments)

    monkeypatch.setattr("mailgate.tickets.erasure.remove_names", fail_at_the_second)
    with pytest.raises(RuntimeError):
        run(desk, "erase", ANNA, "--yes")
    assert find_needles(b"\n".join(read_all(desk.desk.database).values()))
    done = run(desk, "erase", ANNA, "--yes")
    assert "Certificate of erasure 1" in done.stdout
    assert "Tickets: SUP-1, SUP-2, SUP-3" in done.stdout
    assert find_needles(b"\n".join(read_all(desk.desk.database).values())) == []
    assert find_needles(dump(desk)) == []


def test_mails_that_wait_come_first(desk: TestDesk) -> None:
    play(desk)
    with desk.desk.database.write() as db:
        db.execute(text("UPDATE journal SET state = 'waiting' WHERE id = (SELECT max(id) FROM journal)"))
    done = run(desk, "erase", ANNA, "--yes")
    assert done.exit_code == 1
    assert "run the same command again" in done.output
    desk.settle()
    assert run(desk, "erase", ANNA, "--yes").exit_code == 0
    assert find_needles(b"\n".join(read_all(desk.desk.database).values())) == []


def test_a_held_sender_is_forgotten(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "people.csv").write_text("email,name\nbert@example.org,Bert\n")
    config = f'{CONFIG}\n[directory]\npeople = "people.csv"\nunknown = "hold"\n'
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail(NAMED, f"The {WORD} is broken.", subject="Zeppelinfunk"), ANNA)
    before = read_all(desk.desk.database)
    assert any(name.startswith("held_mails") for name in before)
    assert not desk.tickets()
    assert run(desk, "erase", ANNA, "--yes").exit_code == 0
    left = {name: find_needles(value) for name, value in read_all(desk.desk.database).items() if find_needles(value)}
    assert left == {}
    desk.close()


def test_staff_and_what_no_address_is_are_refused(desk: TestDesk) -> None:
    assert run(desk, "erase", "alice@example.com").exit_code == 1
    assert "staff in the configuration" in run(desk, "erase", "Alice@Example.com").output
    assert run(desk, "erase", "support@example.com").exit_code == 1
    assert run(desk, "erase", "anna").exit_code == 2
    assert "has nothing of" in run(desk, "erase", "nobody@example.org").output


# -- the door through which the history loses words --------------------------------------------------------------------

ALLOWED = (
    "UPDATE events SET reason = '', text = ''",
    "UPDATE events SET reason = '…'",
    "UPDATE events SET \"by\" = 'erased-7@invalid'",
    "UPDATE events SET undone = true",
)
ABUSE = (
    "DELETE FROM events",
    "UPDATE events SET text = 'other words'",
    "UPDATE events SET reason = 'a reason that … nobody gave and that is longer than what stood there before, by far'",
    "UPDATE events SET \"by\" = 'carla@example.org'",
    "UPDATE events SET event = 'spam'",
    "UPDATE events SET to_state = 'closed'",
    "UPDATE events SET at = '2020-01-01 00:00:00'",
    "UPDATE events SET journal_id = NULL",
    "UPDATE events SET facts = NULL",
    "UPDATE events SET facts = '{}'",
    "UPDATE events SET ticket_id = 2",
    "UPDATE events SET \"row\" = ''",
)


@pytest.fixture
def door(desk: TestDesk) -> tuple[Database, int]:
    """A desk with two tickets, and an erasure that has begun."""
    desk.send(desk.mail("bert@example.org", "The lamp flickers.", subject="Lamp"))
    desk.send(desk.mail("carla@example.org", "The chair is broken.", subject="Chair"))
    with desk.desk.database.write() as connection:
        number = begin_erasure(connection, "person", "0", desk.clock.now())
    return desk.desk.database, number


@pytest.mark.parametrize("statement", ALLOWED)
def test_words_go_while_the_history_is_open(door: tuple[Database, int], statement: str) -> None:
    database, number = door
    with database.write() as connection, open_history(connection, number, 1):
        connection.execute(text(f"{statement} WHERE ticket_id = 1"))


@pytest.mark.parametrize("statement", ABUSE)
def test_nothing_else_goes_through_the_door(door: tuple[Database, int], statement: str) -> None:
    database, number = door
    with pytest.raises(DBAPIError), database.write() as connection, open_history(connection, number, 1):
        connection.execute(text(f"{statement} WHERE ticket_id = 1"))


@pytest.mark.parametrize("statement", ALLOWED[:3])
def test_the_history_of_another_ticket_stays_shut(door: tuple[Database, int], statement: str) -> None:
    database, number = door
    with (
        pytest.raises(DBAPIError, match="append-only"),
        database.write() as connection,
        open_history(connection, number, 1),
    ):
        connection.execute(text(f"{statement} WHERE ticket_id = 2"))


def test_the_door_is_never_committed_open(door: tuple[Database, int]) -> None:
    database, number = door
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("UPDATE erasures SET open_ticket = 1"))
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("INSERT INTO never_committed (id) VALUES (1)"))
    with database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM erasures WHERE open_ticket IS NOT NULL")).scalar() == 0
    assert number


def test_only_the_third_party_of_the_facts_goes(desk: TestDesk) -> None:
    with desk.desk.database.write() as connection:
        number = begin_erasure(connection, "person", "0", desk.clock.now())
    desk.send(desk.mail("bert@example.org", "The lamp flickers.", subject="Lamp"))
    given = 'INSERT INTO events (ticket_id, at, event, to_state, reason, "by", "row", facts)' + (
        ' SELECT ticket_id, at, event, to_state, reason, "by", "row", \'{0}\' FROM events LIMIT 1'
    )
    facts = '{{"queue": "default", "waits_for": "{}"}}'
    with desk.desk.database.write() as connection:
        connection.exec_driver_sql(given.format(facts.format("anna@example.org")))
    query = "UPDATE events SET facts = '{}' WHERE id = (SELECT max(id) FROM events)"
    with desk.desk.database.write() as connection, open_history(connection, number, 1):
        connection.exec_driver_sql(query.format(facts.format("…")))
    for other in (facts.format("bert@example.org"), '{"queue": "other", "waits_for": "…"}', "{}", "[]", "null"):
        with pytest.raises(DBAPIError), desk.desk.database.write() as connection, open_history(connection, number, 1):
            connection.exec_driver_sql(query.format(other))


def test_an_erasure_that_was_interrupted_at_its_end_is_completed(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.send(desk.mail(NAMED, f"The {WORD} is broken.", subject="Zeppelinfunk"), ANNA)

    def fail(_: Database) -> None:
        raise RuntimeError("the power fails")

    if not desk.desk.database.sqlite:
        pytest.skip("only the file of SQLite is rewritten at the end")
    with monkeypatch.context() as patch:
        patch.setattr(Database, "compact", fail)
        with pytest.raises(RuntimeError):
            run(desk, "erase", ANNA, "--yes")
    assert "not complete yet" in run(desk, "erase", ANNA, "--certificate").stdout
    assert run(desk, "erase", ANNA, "--yes").exit_code == 0
    assert "not complete yet" not in run(desk, "erase", ANNA, "--certificate").stdout
    assert find_needles(dump(desk)) == []
