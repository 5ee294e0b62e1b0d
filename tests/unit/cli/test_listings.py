"""Finding mails, notices and tickets on the command line: filters, columns, one mail in full."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click import ClickException

from mailgate.__main__ import main
from mailgate.cli.listings import read_since
from mailgate.cli.output import table
from mailgate.parsers import plain_reading
from mailgate.transport.relay import Rejected
from tests.support.desk import TestDesk

_SUBJECT = "The printer in the room on the second floor behind the stairs prints nothing but grey pages"
_PARIS = ZoneInfo("Europe/Paris")
_NOON = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)

Call = Callable[..., tuple[int, str, str]]
Read = Callable[..., Any]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    """A desk with two tickets: Camille's came by IMAP and is late at the last level, Zoe's of today was resolved."""
    desk = TestDesk(tmp_path, database=database_url)
    desk.receive(
        _raw("Camille <Camille@client.test>", _SUBJECT, "c1", "It hums too."), None, source="imap", source_key="1"
    )
    desk.pass_time("53 hours")
    desk.send(desk.mail("Zoe <zoe@example.net>", "My screen is black.", subject="Screen"))
    request = desk.last("level1@example.com", "request")
    desk.send(desk.answer("alice@example.com", "#take\n#resolve Plug it in.", request))
    desk.pass_time("1 hour")
    yield desk
    desk.close()


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on the desk: (status, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def read(call: Call) -> Read:
    """Run a command with --json and read what it prints."""
    return lambda *words: json.loads(call(*words, "--json")[1])


def _raw(author: str, subject: str, name: str, text: str) -> bytes:
    head = f"From: {author}\r\nTo: support@example.com\r\nSubject: {subject}\r\nMessage-ID: <{name}@client.test>\r\n"
    return f"{head}Date: Mon, 23 Nov 2026 08:00:00 +0000\r\n\r\n{text}\r\n".encode()


# -- tickets and find ------------------------------------------------------------------------------------------------


def test_a_late_ticket_keeps_its_date_and_is_marked(call: Call, read: Read) -> None:
    late, resolved = read("tickets")
    assert (late["due_at"], late["late"]) == ("2026-11-25T13:00:00Z", True)
    assert (resolved["due_at"], resolved["late"]) == (None, False)
    told = call("tickets")[1]
    assert "DUE (Europe/Paris)" in told.splitlines()[0]
    assert "today 14:00 OVERDUE" in told.splitlines()[1]
    assert [row["reference"] for row in read("tickets", "--late")] == ["SUP-1"]


def test_a_ticket_that_is_put_off_is_listed_and_shown(desk: TestDesk, call: Call, read: Read) -> None:
    order = "#later Friday\n#waiting HP until Thursday 15:00"
    desk.send(desk.answer("carol@example.com", order, desk.last("level2@example.com", "escalation")))
    assert [row["reference"] for row in read("tickets", "--later")] == ["SUP-1"]
    assert len(read("tickets")) == 2
    told = call("show", "SUP-1")[1]
    assert "HP, until Thu 2026-11-26 15:00" in told
    assert "until Fri 2026-11-27 09:00" in told
    shown = read("show", "SUP-1")
    assert (shown["waits_for"], shown["hidden_until"]) == ("HP", "2026-11-27T08:00:00Z")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("--requester", "camille@CLIENT"), ["SUP-1"]),
        (("--requester", "zoe"), ["SUP-2"]),
        (("--requester", "%"), []),
        (("--assignee", "alice"), ["SUP-2"]),
        (("--level", "level1"), ["SUP-2"]),
        (("--level", "level2"), ["SUP-1"]),
        (("--since", "30m"), []),
        (("--since", "2026-11-23"), ["SUP-1", "SUP-2"]),
        (("--state", "confirming", "--since", "1 day"), ["SUP-2"]),
    ],
)
def test_tickets_are_found_by(read: Read, words: tuple[str, ...], found: list[str]) -> None:
    assert [row["reference"] for row in read("tickets", *words)] == found


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("PRINTER",), ["SUP-1"]),
        (("hums", "camille"), ["SUP-1"]),
        (("example.net black",), ["SUP-2"]),
        (("sup",), ["SUP-2", "SUP-1"]),
        (("hums", "zoe"), []),
    ],
)
def test_words_are_found_in_tickets_and_in_their_mails(read: Read, words: tuple[str, ...], found: list[str]) -> None:
    assert [row["reference"] for row in read("find", *words)] == found


def test_find_says_what_it_leaves_out(call: Call) -> None:
    assert call("find", "sup", "--limit", "1")[1].endswith("Not shown: 1 older ticket (--limit).\n")


# -- journal and outbox ----------------------------------------------------------------------------------------------


def test_a_mail_without_envelope_is_found_by_its_author(call: Call, read: Read) -> None:
    [row] = read("journal", "--from", "camille@")
    assert (row["sender"], row["from"], row["subject"]) == (None, "Camille@client.test", _SUBJECT)
    told = call("journal", "--all", "--message-id", "<c1@client.test>")[1]
    assert "Camille@client.test" in told
    assert _SUBJECT in told
    assert len(told.splitlines()) == 2
    assert [row["from"] for row in read("journal", "--to", "support@", "--since", "2 hours")] == ["zoe@example.net"]


def test_notices_are_found_by_recipient_time_and_queue(read: Read) -> None:
    receipt, *_ = read("outbox", "--to", "CAMILLE@client.test", "--queue", "default", "--since", "2026-11-23T08:00Z")
    assert (receipt["notice"], receipt["created_at"]) == ("receipt", "2026-11-23T08:00:00Z")
    assert read("outbox", "--message-id", receipt["message_id"]) == [receipt]
    assert read("outbox", "--to", "camille@client.test", "--since", "10 min") == []


def test_what_the_filter_leaves_out_is_not_counted(call: Call) -> None:
    assert " done " in call("journal", "--from", "camille@")[1], "who names a sender wants their mails in any state"
    words = "Nothing here. Not shown: 1 done (--all).\n"
    assert call("journal", "--from", "camille@", "--state", "parked")[1] == words


def test_only_states_that_a_queue_knows_are_offered(call: Call) -> None:
    status, _, said = call("outbox", "--state", "duplicate")
    assert (status, "'dismissed'" in said) == (2, True)
    assert call("journal", "--state", "ignored")[0] == call("timers", "--state", "cancelled")[0] == 0


def test_a_queue_that_does_not_exist_is_wrong_usage(call: Call) -> None:
    words = 'mailgate: there is no queue "nowhere"; the queues are: default\n'
    assert call("outbox", "--queue", "nowhere") == (2, "", words)


# -- one mail --------------------------------------------------------------------------------------------------------


def test_one_mail_of_the_journal_is_shown_with_what_was_decided(call: Call) -> None:
    told = call("cat", "journal", "1")[1]
    for words in ("journal 1  done", "Camille <Camille@client.test>", "imap", "a new request", "It hums too.", "SUP-1"):
        assert words in told


def test_the_servers_that_a_mail_came_through_are_shown(desk: TestDesk, call: Call, read: Read) -> None:
    mail = desk.mail("eve@example.net", "My keys are sticky.", subject="Keys")
    mail.replace_header("Date", "Wed, 25 Nov 2026 13:56:46 +0000")
    mail["Received"] = "from mx1.example.com by imap.example.com with LMTP id 2; Wed, 25 Nov 2026 14:59:55 +0100"
    mail["Received"] = "from \x1b[2J]laptop (x) by mx1.example.com with ESMTP id 1; Wed, 25 Nov 2026 13:56:48 +0000"
    number = desk.send(mail)
    told = call("cat", "journal", str(number))[1]
    lines = [" ".join(line.split()) for line in told.splitlines()]
    assert "came Wed 2026-11-25 14:56:48, +2 s after its Date: mx1.example.com from" in lines
    assert "Wed 2026-11-25 14:59:55, +3 min 7 s (longest): imap.example.com from" in " ".join(lines)
    assert ": mailgate (test) from imap.example.com" in " ".join(lines)
    assert "\x1b" not in told
    assert "+3 min 7 s (longest): imap.example.com from mx1.example.com" in " ".join(
        call("explain", "SUP-3")[1].split()
    )
    [came] = read("explain", "SUP-3")["mails"]
    assert came["hops"][1] == {
        "server": "imap.example.com", "from": "mx1.example.com", "at": "2026-11-25T13:59:55Z", "delay_seconds": 187.0,
        "longest": True,
    }  # fmt: skip
    [plain] = read("explain", "SUP-1")["mails"]
    assert plain["hops"] == []


def test_a_mail_on_which_the_parsers_fail_is_shown(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def raising(*_: Any) -> Any:
        raise RuntimeError("a bug")

    monkeypatch.setattr(plain_reading, "read_mail", raising)
    assert "It hums too." in call("cat", "journal", "1")[1]
    assert "Camille@client.test" in call("explain", "SUP-1")[1]


def test_an_ignored_mail_can_be_read(desk: TestDesk, call: Call) -> None:
    away = desk.mail("robot@example.net", "I am \x1b[31m away.", subject="Out of office")
    away["Auto-Submitted"] = "auto-replied"
    number = desk.send(away)
    told = call("cat", "journal", str(number))[1]
    assert told.startswith(f"journal {number}  ignored\n")
    assert "opens no ticket" in told
    assert "\x1b" not in told


def test_the_bytes_of_a_mail_come_unchanged(desk: TestDesk, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    config = ("--config", str(desk.folder / "mailgate.toml"))
    assert main(["cat", "journal", "1", "--raw", *config], desk.clock) == 0
    assert capfdbinary.readouterr().out == _raw("Camille <Camille@client.test>", _SUBJECT, "c1", "It hums too.")
    assert main(["cat", "outbox", "1", "--raw", *config], desk.clock) == 0
    assert capfdbinary.readouterr().out in [mail.raw for mail in desk.relay.mails]


def test_a_parked_notice_can_be_read(desk: TestDesk, call: Call, read: Read) -> None:
    desk.relay.refuse["eve@example.net"] = Rejected("550 5.1.1 no such user")
    desk.send(desk.mail("eve@example.net", "My keys are sticky.", subject="Keys"))
    [notice] = read("outbox", "--to", "eve@example.net")
    told = call("cat", "outbox", str(notice["id"]))[1]
    assert "550 5.1.1 no such user" in told


def test_a_mail_that_is_not_there_is_one_line(call: Call) -> None:
    said = "mailgate: the journal has no email 99: see `mailgate journal --all`\n"
    assert call("cat", "journal", "99") == (1, "", said)
    assert call("cat", "outbox", "99")[0] == 1


def test_a_ticket_is_named_by_its_number_and_a_mail_is_pointed_at(call: Call) -> None:
    assert call("show", "1")[1].startswith("SUP-1 ")
    assert call("show", "77")[2] == "mailgate: there is no ticket 77\n"
    assert call("show", "3")[2].startswith(
        "mailgate: there is no ticket 3; journal 3 is an email: mailgate cat journal 3"
    )


# -- tables ----------------------------------------------------------------------------------------------------------


def test_a_table_is_whole_in_a_pipe_and_as_wide_as_the_terminal(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _SUBJECT in call("tickets")[1]
    monkeypatch.setattr("mailgate.cli.listings.terminal_width", lambda: 89)
    told = call("tickets")[1]
    assert _SUBJECT not in told
    assert max(map(len, told.splitlines())) == 89


def test_wide_letters_keep_the_columns_aligned() -> None:
    rows = [("プリンターが動きません", "x"), ("e\u0301a", "x")]
    whole = table(("SUBJECT", "X"), rows, (0,)).splitlines()
    assert whole == [f"SUBJECT{'':17}X", "プリンターが動きません  x", f"e\u0301a{'':22}x"]
    assert table(("SUBJECT", "X"), rows, (0,), 16).splitlines()[1] == "プリンターが…  x"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("2 hours", "2026-11-28T10:00"),
        ("3d", "2026-11-25T12:00"),
        ("90 min", "2026-11-28T10:30"),
        ("1W", "2026-11-21T12:00"),
        ("9:30", "2026-11-28T08:30"),
        ("14:00", "2026-11-27T13:00"),
        ("2026-11-28", "2026-11-27T23:00"),
        ("2026-11-28 01:00", "2026-11-28T00:00"),
        ("2026-11-28T01:00Z", "2026-11-28T01:00"),
    ],
)
def test_times_of_the_past_are_read_in_the_zone_of_the_desk(words: str, expected: str) -> None:
    assert read_since(words, _NOON, _PARIS) == datetime.fromisoformat(expected).replace(tzinfo=UTC)


@pytest.mark.parametrize("words", ["", "soon", "25:00", "2026-13-01", "999999w", "-3d", "3 fortnights", "0001-01-01"])
def test_what_is_no_time_is_wrong_usage(words: str) -> None:
    with pytest.raises(ClickException, match="is not a time"):
        read_since(words, _NOON, _PARIS)
