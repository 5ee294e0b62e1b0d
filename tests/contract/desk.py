"""A desk with tickets in many states, and what other programs read of it: JSON, CSV, metrics, bundles, headers."""

from __future__ import annotations

import csv
import io
import json
import re
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing, redirect_stdout
from datetime import date, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mailgate.core.workflow.events import Topic
from mailgate.store.schedules import claim_day
from mailgate.tickets.hooks import ALARM, PING, RECOVERY, write_call
from tests.contract.commands import list_commands
from tests.contract.program import MONDAY, ROOT, HandClock, TestDesk, main, refused

_CONFIGURATION = """
[desk]
address = "support@example.com"
languages = ["en", "fr"]
operator = "operator@example.com"
manager = "manager@example.com"
[intake]
probe_every = "5 minutes"
[[intake.maildir]]
path = "maildir"
[archive]
folder = "archive"
[directory]
people = "people.csv"
equipment = "equipment.csv"
[agents]
transcripts = "always"
[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com", "bob@example.com"]
answer_within = "2 business hours"
inform_every = "1 business hour"
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
resolve_within = "2 days"
[queues.network]
address = "network@example.com"
levels.level1.mailbox = "level1@network.example.com"
levels.level1.agents = ["nils@example.com"]
[forms.access]
title = "Access"
tag = "[ACCESS]"
type = "service"
[[forms.access.fields]]
name = "system"
label = "System"
required = true
[[hooks]]
name = "all"
events = ["*", "alarm"]
command = ["/usr/local/bin/hook"]
with_text = true
"""
_FILES = {
    "people.csv": "address,name,department,language\nanna@example.org,Anna Martin,Sales,en\n",
    "equipment.csv": "address,asset\nanna@example.org,Printer 7\n",
}
_LEVEL1, _LEVEL2, _NETWORK = "level1@example.com", "level2@example.com", "level1@network.example.com"
_ALICE, _CAROL, _NILS = "alice@example.com", "carol@example.com", "nils@example.com"
_ANNA, _BEN, _ZOE, _EVE = "anna@example.org", "ben@example.org", "zoe@example.net", "eve@example.net"


def play(folder: Path) -> TestDesk:
    """Returns a desk with tickets in many states, so that each field of each listing has each kind of value."""
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    desk = TestDesk(folder, database=f"sqlite:///{folder}/desk.db", config=_CONFIGURATION)
    del desk.workers["hooks"]  # what calls would say stands in the database
    with desk.desk.database.write() as connection:  # it ran on Friday, and is an hour late today
        claim_day(connection, _ALICE, date(2026, 11, 20))
    with patch("mailgate.store.tickets.make_word", return_value="word"):
        _play_first(desk)
        _play_others(desk)
        _leave_something(desk)
    return desk


def _play_first(desk: TestDesk) -> None:
    """SUP-1: asked back, resolved, not fixed, escalated, resolved, confirmed, rated, closed."""

    def reply(agent: str, text: str, mailbox: str, notice: str) -> None:
        desk.send(desk.answer(agent, text, desk.last(mailbox, notice)))

    mail = desk.mail(f"Anna <{_ANNA}>", "It is broken.", subject="Printer", cc=f"Ben <{_BEN}>")
    mail.add_attachment(b"\0log" * 99, maintype="application", subtype="octet-stream", filename="log.bin")
    desk.send(mail)
    desk.pass_time("1 hour")
    reply(_ALICE, "#waiting\nWhich one?", _LEVEL1, "request")
    desk.pass_time("2 hours")
    reply(_ANNA, "The blue one.", _ANNA, "question")
    reply(_ALICE, "#type incident\n#time 15m\n#cause dust\n#resolve Cleaned.", _ALICE, "message")
    reply(_ANNA, "Still broken.", _ANNA, "confirm")
    reply(_ALICE, "#note she is cross\n#escalate too hard", _ALICE, "not_fixed")
    reply(_CAROL, "#take\n#resolve New drum.", _LEVEL2, "escalation")
    reply(_ANNA, "It works again, thank you!", _ANNA, "confirm")
    reply(_ANNA, "5", _ANNA, "final")
    desk.pass_time("3 business days")


def _play_others(desk: TestDesk) -> None:
    """SUP-2 by a form; SUP-3 goes into it; SUP-4 waits for its requester; SUP-5 is linked with SUP-2 and late."""
    desk.send(desk.mail(f"Zoe <{_ZOE}>", "System: Mail", subject="[ACCESS] please"))
    desk.send(desk.mail(f"Zoe <{_ZOE}>", "Please!", subject="Access once more"))
    desk.send(desk.answer(_ALICE, "#merge SUP-2", desk.last(_LEVEL1, "request")))
    desk.send(desk.mail(f"Ben <{_BEN}>", "No network.", subject="Network", to="network@example.com"))
    desk.send(desk.answer(_NILS, "#take\n#waiting\nWhere?", desk.last(_NETWORK, "request")))
    desk.send(desk.mail(f"Ben <{_BEN}>", "Neither do I.", subject="Access for me"))
    desk.send(desk.answer(_ALICE, "#link SUP-2\n#priority high\n#reslove", desk.last(_LEVEL1, "request")))
    desk.send(desk.answer(_ALICE, "#link SUP-2\n#priority high", desk.last(_LEVEL1, "request")))
    desk.pass_time("4 business hours")


def _leave_something(desk: TestDesk) -> None:
    """Automatic mails, a refused notice, a waiting notice, a received mail that is not worked off yet."""
    automatic = desk.mail("robot@example.net", "I am away.", subject="Out of office")
    automatic["Auto-Submitted"] = "auto-replied"
    for _ in range(3):
        desk.send(automatic)
    desk.relay.refuse[_EVE] = refused()
    desk.send(desk.mail(f"Eve <{_EVE}>", "My screen is black", subject="Screen"))
    _ask(desk, "escalate", "SUP-5", "by hand")
    _write(desk, "UPDATE journal SET state = 'waiting', sender = NULL WHERE id = (SELECT max(id) FROM journal) - 1")


_SIGN = '{{"hosts": {{"one.example.com": [71, "{at}", "{at}"]}}}}'


def _note_sources(desk: TestDesk) -> None:
    """Writes the state of the sources and of the relay into the database, as the processes of a desk do."""
    success, failure = "2026-11-23 08:00:00.000000", "2026-11-23 08:30:00.000000"
    for name, succeeded, failing, figures in (
        (f"maildir {desk.folder}/maildir", success, failure, '{"held": 2}'),
        ("round trip", success, None, '{"seconds": 1.5}'),
        ("relay", success, failure, "{}"),
        ("archive", success, failure, "{}"),
        ("desk", success, None, "{}"),
        ("role worker", success, None, _SIGN.format(at=desk.clock.now().isoformat())),
        ("clock", None, None, f'{{"jumped_at": "{desk.clock.now().isoformat()}", "jumped_seconds": 600}}'),
    ):
        values = (name, succeeded, failing, "gone" if failing else "", failing, figures)
        columns = "name, succeeded_at, failing_since, last_error, alarmed_at, figures"
        _write(desk, f"INSERT OR REPLACE INTO ways ({columns}) VALUES (?, ?, ?, ?, ?, ?)", *values)


def _write(desk: TestDesk, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(desk.folder / "desk.db")) as database, database:
        database.execute(statement, values)


def call(folder: Path, *words: str, now: datetime = MONDAY) -> str:
    """Runs `mailgate` on the desk of a folder at that time; returns what it prints."""
    out = io.StringIO()
    with redirect_stdout(out):
        status = main([*words, "--config", str(folder / "mailgate.toml")], HandClock(now))
    assert status == 0 or words[0] == "status", f"mailgate {' '.join(words)}: exit status {status}"
    return out.getvalue()


def _ask(desk: TestDesk, *words: str) -> str:
    return call(desk.folder, *words, now=desk.clock.now())


# -- JSON, CSV and metrics ---------------------------------------------------------------------------------------------

_WITH_JSON = (
    "tickets", "show SUP-1", "show SUP-2", "show SUP-4", "show SUP-5", "explain SUP-1", "explain SUP-2",
    "explain SUP-1 --sla", "explain SUP-2 --sla", "explain SUP-4 --sla", "explain SUP-5 --sla", "journal", "outbox",
    "timers", "hooks", "find access", "status", "report", "report --explain", "unblock", "config",
    "erase eve@example.net", "blocked", "backup FILE", "legal-hold",
)  # fmt: skip
_ANY_KEYS = ("fields", "figures")  # objects whose keys are given by the operator or by a source
_FEW_VALUES = ("direction", "verdict", "counts", "unit", "kind", "state", "from_state", "to_state", "row", "figure")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class _Shape:
    """The keys and kinds of values of JSON, gathered from several documents of one command."""

    def __init__(self) -> None:
        self._kinds: dict[str, set[str]] = {}
        self._values: dict[str, set[str]] = {}
        self._seen: Counter[str] = Counter()
        self._objects: Counter[str] = Counter()

    def add(self, value: object, path: str = "") -> None:
        self._seen[path] += 1
        self._kinds.setdefault(path, set()).add(_kind(value))
        name = path.rpartition(".")[2]
        if isinstance(value, dict):
            self._objects[path] += 1
            for key, inner in value.items():
                self.add(inner, f"{path}.{'*' if name in _ANY_KEYS else key}")
        elif isinstance(value, list):
            for inner in value:
                self.add(inner, f"{path}[]")
        elif isinstance(value, str) and name in _FEW_VALUES:
            self._values.setdefault(path, set()).add(value)

    def tell(self) -> Iterator[str]:
        """Yields a line for each place, and one for each value of a key with few values."""
        for path, kinds in sorted(self._kinds.items()):
            around, _, key = path.rpartition(".")
            always = key == "*" or path.endswith("[]") or not path or self._seen[path] == self._objects[around]
            yield f"{path or '.'}: {' or '.join(sorted(kinds))}{'' if always else ', not always'}"
            yield from (f"{path} = {value}" for value in sorted(self._values.get(path, ())))


def _kind(value: object) -> str:
    if isinstance(value, str):
        return "time" if _TIME.fullmatch(value) else "day" if _DAY.fullmatch(value) else "text"
    names = {dict: "object", list: "list", bool: "true or false", int: "whole number", float: "number"}
    return names.get(type(value), "null")


def draw_json(desk: TestDesk) -> Iterator[str]:
    """Yields the keys and kinds of values of what each command prints with --json."""
    shapes = {"status": _Shape()}
    shapes["status"].add(json.loads(_ask(desk, "status", "--json")))  # before any source was seen
    _note_sources(desk)
    for words in map(str.split, _WITH_JSON):
        name = " ".join(word for word in words if not word.startswith("SUP-") and "@" not in word)
        shapes.setdefault(name, _Shape()).add(json.loads(_ask(desk, *_name_file(desk, words), "--json")))
    commands = {name for name, command in list_commands() if any("--json" in one.opts for one in command.params)}
    missing = commands - {name.partition(" ")[0] for name in shapes}
    assert not missing, f"commands with --json that are missing in _WITH_JSON: {', '.join(sorted(missing))}"
    for name, shape in sorted(shapes.items()):
        yield from (f"{name} --json {line}" for line in shape.tell())


def _name_file(desk: TestDesk, words: list[str]) -> list[str]:
    """Puts the file that a command writes in the place of the word FILE."""
    return [str(desk.folder / "written") if word == "FILE" else word for word in words]


def draw_calls(desk: TestDesk) -> Iterator[str]:
    """Yields the types of calls of hooks, and the keys and kinds of values of their JSON."""
    with closing(sqlite3.connect(desk.folder / "desk.db")) as database:
        rows = database.execute("SELECT type, body FROM hook_calls ORDER BY id").fetchall()
    now = desk.clock.now()
    rows += [
        (kind, write_call(kind, now, {"text": "", "host": "", "reference": None})) for kind in (ALARM, RECOVERY, PING)
    ]
    yield from (f"topic {topic.value}" for topic in Topic if topic is not Topic.NONE)
    shapes: dict[str, _Shape] = {}
    for kind, body in rows:
        shapes.setdefault(kind.partition(".")[0], _Shape()).add(json.loads(body))
    for kind, shape in sorted(shapes.items()):
        yield from (f"{kind} {line}" for line in shape.tell())


def draw_tables(desk: TestDesk) -> Iterator[str]:
    """Yields the heads of CSV files, and the names and labels of metrics."""
    for words in ("report", "report --explain"):
        head = next(csv.reader(_ask(desk, *words.split(), "--format", "csv").splitlines()))
        yield f"{words} --format csv: {', '.join(head)}"
    metrics = {re.sub(r'="[^"]*"| [\d.]+$', "", line) for line in _ask(desk, "status", "--metrics").splitlines()}
    yield from (f"status --metrics: {line}" for line in sorted(metrics) if not line.startswith("# HELP"))


# -- bundles -----------------------------------------------------------------------------------------------------------

_FACTS = (
    "$schema", "$id", "type", "const", "enum", "pattern", "format", "minimum", "maximum", "minItems", "maxItems",
    "default", "additionalProperties",
)  # fmt: skip


def draw_bundles(desk: TestDesk) -> Iterator[str]:
    """Yields the published JSON Schemas, and the files of an exported ticket."""
    for path in sorted(ROOT.rglob("*.schema.json")):
        schema = json.loads(path.read_text("utf-8"))
        yield from sorted(_describe_schema(schema, schema.get("$defs", {}), f"schema {path.name.split('.')[0]}"))
    _ask(desk, "export", "SUP-1", "--output", str(desk.folder / "SUP-1.zip"))
    with zipfile.ZipFile(desk.folder / "SUP-1.zip") as archive:
        yield from (f"file {name}" for name in sorted({re.sub(r"\d{3}", "NNN", one) for one in archive.namelist()}))


def _describe_schema(schema: Mapping[str, Any], defined: Mapping[str, Any], path: str, more: str = "") -> Iterator[str]:
    """Yields a line for each place of a schema, without titles and names of definitions: those are class names."""
    whole = [_resolve(one, defined) for one in schema.get("anyOf", (schema,))]
    kinds = [" ".join(f"{fact}={json.dumps(one[fact])}" for fact in _FACTS if fact in one) for one in whole]
    default = f" default={json.dumps(schema['default'])}" if "anyOf" in schema and "default" in schema else ""
    yield f"{path}: {' or '.join(kinds)}{default}{more}"
    for one in whole:
        for key, inner in one.get("properties", {}).items():
            required = ", required" * (key in one.get("required", ()))
            yield from _describe_schema(inner, defined, f"{path}.{key}", required)
        if "items" in one:
            yield from _describe_schema(one["items"], defined, f"{path}[]")
        for place, inner in enumerate(one.get("prefixItems", ())):
            yield from _describe_schema(inner, defined, f"{path}[{place}]")


def _resolve(schema: Mapping[str, Any], defined: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**defined[schema["$ref"].rpartition("/")[2]], **schema} if "$ref" in schema else schema


# -- notices -----------------------------------------------------------------------------------------------------------

_SHOWN = (
    "From", "Message-ID", "Reply-To", "X-Original-From", "Auto-Submitted", "X-Auto-Response-Suppress", "X-Mailgate",
    "Content-Language",
)  # fmt: skip


def draw_headers(desk: TestDesk) -> Iterator[str]:
    """Yields headers and envelope of the first notice of each kind; of the first two with number and signature."""
    told: set[str] = set()
    for number, mail in enumerate(desk.relay.mails):
        if mail.notice in told:
            continue
        told.add(mail.notice)
        yield f"{mail.notice}: {', '.join(mail.message.keys())}"
        shown = [(name, mail.message[name]) for name in _SHOWN if name in mail.message]
        for name, value in (*shown, ("envelope sender", f"<{mail.return_path}>")):
            text = str(value) if number < 2 else _without_signature(str(value))
            yield f"{mail.notice} {name}: {text}"


def _without_signature(value: str) -> str:
    """A header's value without what differs between two tokens of a ticket, or of mails to staff."""
    value = re.sub(r"\bDESK-\d+\.0\.[a-z2-7]{16}@", "DESK-TIME.0.SIGNATURE@", value)
    return re.sub(r"\.\d+\.[a-z2-7]{20}@", ".N.SIGNATURE@", value)
