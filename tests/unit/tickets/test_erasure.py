"""A person is taken out of the desk: no trace of them is left, and nobody else's ticket changes."""

from __future__ import annotations

import base64
import json
import quopri
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import LargeBinary, select

from mailgate.cli import cli
from mailgate.daemon.workers.archive import ArchiveWorker
from mailgate.parsers.traces import decode_all
from mailgate.store.blobs import get_blob
from mailgate.store.database import Database
from mailgate.store.schema import Compressed, blobs, metadata
from tests.support.desk import CONFIG, TestDesk
from tests.support.postgres import find_program

ANNA = "anna.mueller@bücher.example"
SENT = "anna.mueller@xn--bcher-kva.example"
NAMED = '"Anna Müller" <anna.mueller@xn--bcher-kva.example>'
WORD, FILE = "quetzalcoatlus", b"FILE-8471 the content of her list\n"
NEEDLES = (ANNA, SENT, "Anna Müller", "Müller", WORD, "zeppelinfunk", FILE.decode().strip())
ARCHIVED = f'{CONFIG}\n[figures]\nby_agent = true\n[archive]\nfolder = "archive"\n[knowledge]\narticles = "articles"\n'


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    (tmp_path / "archive").mkdir()
    desk = TestDesk(tmp_path, database=database_url, config=ARCHIVED)
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


def figures(desk: TestDesk) -> Any:
    result = run(desk, "report", "--from", "2026-11-01", "--to", "2027-01-31", "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_no_trace_of_a_person_is_left_and_the_figures_stay(desk: TestDesk) -> None:
    play(desk)
    before, counted = read_all(desk.desk.database), figures(desk)
    assert dict.fromkeys(find_needles(b"\n".join(before.values()))) == dict.fromkeys(NEEDLES)

    assert {"articles", "steps", "archives", "links"} <= {name.split()[0] for name in before}
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
