"""The commands as an operator calls them, on real tickets."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import update

from mailgate.__main__ import main
from mailgate.cli import SECTIONS, cli
from mailgate.core.mail import Envelope
from mailgate.core.workflow.transitions import ROWS
from mailgate.daemon.supervisor import STEP_FAILED
from mailgate.store.journal import JournalEntry, append
from mailgate.store.people import note_contact
from mailgate.store.schema import VERSION, journal
from mailgate.store.source_status import note_signs
from mailgate.tickets.archive.export import safe_name
from mailgate.transport.acceptance import make_entry
from mailgate.transport.relay import Deferred, Rejected, Skipped
from tests.support.desk import TestDesk

TICKET_FIELDS = {
    "reference", "state", "level", "queue", "type", "priority", "urgency", "desired_outcome", "fields", "subject",
    "requester", "department", "language", "assignee", "created_at", "resolved_at", "closed_at", "solution", "cause",
    "minutes_spent", "participants", "messages", "events", "timers", "links",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    yield desk
    desk.close()


@pytest.fixture
def ticket(desk: TestDesk) -> TestDesk:
    """A desk with one ticket, at level 1, that came with a file."""
    mail = desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer", cc="Ben <ben@example.org>")
    mail.add_attachment(b"\x00log" * 99, maintype="application", subtype="octet-stream", filename="../../log.bin")
    desk.send(mail)
    return desk


Call = Callable[..., Any]
NOT_RUN = "; `mailgate serve` is not running"


@pytest.fixture
def call(desk: TestDesk, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command on the desk: (status, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(desk.folder / "mailgate.toml")], desk.clock)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def read(call: Call) -> Call:
    """Run a command with --json and read what it prints."""
    return lambda *words: json.loads(call(*words, "--json")[1])


# -- looking ---------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("ticket")
def test_tickets_names_every_field_of_the_contract(read: Call) -> None:
    [row] = read("tickets")
    due_at = row.pop("due_at")
    assert due_at == "2026-11-23T13:00:00Z"
    assert row == {
        "reference": "SUP-1", "state": "level1", "level": "level1", "queue": "default", "subject": "Printer",
        "requester": "anna@example.org", "created_at": "2026-11-23T08:00:00Z", "assignee": "", "late": False,
        "tags": [],
    }  # fmt: skip


def test_tickets_are_narrowed(ticket: TestDesk, call: Call, read: Call) -> None:
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    assert [row["reference"] for row in read("tickets", "--limit", "1")] == ["SUP-2"]
    assert read("tickets", "--state", "closed") == []
    assert len(read("tickets", "--queue", "default")) == 2
    status, _, said = call("tickets", "--queue", "nowhere")
    assert (status, said) == (2, 'mailgate: there is no queue "nowhere"; the queues are: default\n')


def test_tickets_are_found_by_their_tags(ticket: TestDesk, call: Call, read: Call) -> None:
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    words = "#tag VPN\n#tag -printer home\n#used reset.ps1\n#used reset.ps1\n#used ping"
    ticket.send(ticket.answer("alice@example.com", words, ticket.last("level1@example.com", "request")))
    for found in (read("tickets", "--tag", "Vpn"), read("find", "tag:vpn"), read("find", "TAG:home", "screen")):
        assert [(row["reference"], row["tags"]) for row in found] == [("SUP-2", ["home", "vpn"])]
    assert read("tickets", "--tag", "vp") == read("find", "tag:printer") == []
    assert (read("show", "SUP-2")["tags"], read("show", "SUP-2")["used"]) == (["home", "vpn"], ["reset.ps1", "ping"])
    assert "TAGS" in call("tickets")[1].splitlines()[0]
    shown = call("show", "SUP-2")[1]
    assert re.search(r"tags +home, vpn", shown)
    assert re.search(r"used +reset.ps1; ping", shown)


@pytest.mark.usefixtures("ticket")
def test_show_has_everything_of_the_contract(read: Call) -> None:
    shown = read("show", "sup-1")
    assert shown.keys() >= TICKET_FIELDS
    assert shown["participants"] == ["anna@example.org", "ben@example.org"]
    mail = shown["messages"][0]
    assert (mail["direction"], mail["from"], mail["to"]) == (
        "in", "anna@example.org", ["support@example.com", "ben@example.org"],
    )  # fmt: skip
    [file] = mail["attachments"]
    assert file.keys() == {"filename", "mime_type", "size", "sha256"}
    assert file["size"] == 396
    [event] = shown["events"]
    assert event.pop("reason")
    assert event == {
        "at": "2026-11-23T08:00:00Z", "event": "request", "from_state": None, "to_state": "level1",
        "by": "anna@example.org",
    }  # fmt: skip
    assert [timer["name"] for timer in shown["timers"]] == ["warning", "escalation"]


def test_show_lists_who_was_asked_to_approve(ticket: TestDesk, call: Call) -> None:
    request, boss = ticket.last("level1@example.com", "request"), "boss@example.org"
    ticket.send(ticket.answer("alice@example.com", "#approve-by zoe@example.net", request))
    ticket.send(ticket.answer("alice@example.com", f"#approve-by {boss} May she have one?", request))
    ticket.send(ticket.answer(boss, "Rejected: too expensive.", ticket.last(boss, "approval")))
    shown = " ".join(call("show", "SUP-1")[1].split())
    asked = "asked Mon 2026-11-23 09:00 by alice@example.com"
    assert f"approval zoe@example.net, {asked}; no decision yet" in shown
    rejected = 'rejected Mon 2026-11-23 09:00 "Rejected: too expensive."'
    assert f'approval {boss}, {asked} "May she have one?"; {rejected}' in shown


def test_explain_of_a_merged_ticket_accounts_for_its_mails(ticket: TestDesk, call: Call) -> None:
    ticket.send(ticket.mail("Anna <anna@example.org>", "Still broken", subject="Again"))
    ticket.send(ticket.answer("alice@example.com", "#merge SUP-1", ticket.last("level1@example.com", "request")))
    _, told, line = call("explain", "SUP-2")
    assert line == "mailgate: SUP-2 was merged into SUP-1\n"
    assert call("note", "2", "by phone")[1:] == ("SUP-1: stays level1\n", "mailgate: 2 was merged into SUP-1\n")
    assert re.findall(r"subject +(.+)", told) == ["Printer", "Again", "Re: Again [SUP-2]"]
    assert re.findall(r"journal +(\d+)", told) == ["1", "2", "3"]


def test_explain_names_the_mail_about_several_tickets_behind_a_step(ticket: TestDesk, call: Call) -> None:
    ticket.send(ticket.mail("Ben <ben@example.org>", "No paper", subject="Paper"))
    ticket.send(ticket.mail("alice@example.com", "#tag SUP-1 SUP-2 monday", subject="Work"))
    ticket.send(ticket.answer("alice@example.com", "yes", ticket.last("alice@example.com", "challenge")))
    told = " ".join(call("explain", "SUP-1")[1].split())
    assert "because #tag monday row S3 level1 · tag journal 3" in told


def test_what_did_nothing_says_why_once_in_the_history(ticket: TestDesk, call: Call, read: Call) -> None:
    assert "reopen is not possible: the ticket is open" in call("reopen", "SUP-1")[2]
    assert read("show", "SUP-1")["events"][-1]["reason"] == "the ticket is open"
    ticket.send(ticket.answer("alice@example.com", "#reopen", ticket.last("level1@example.com", "request")))
    assert read("show", "SUP-1")["events"][-1]["reason"] == "the ticket is open"


def test_unblock_says_what_it_has_lifted(ticket: TestDesk, call: Call) -> None:
    again = (
        ": the desk reads its emails and writes to it again. Notices that were not sent meanwhile are not sent later.\n"
    )
    with ticket.desk.database.write() as connection:
        note_contact(connection, "anna@example.org", set_aside_at=ticket.clock.now(), set_aside_reason="550 5.1.1")
        note_contact(connection, "ben@example.org", blocked=True, blocked_at=ticket.clock.now())
    assert call("unblock", "anna@example.org")[1] == f"anna@example.org is no longer set aside{again}"
    assert call("unblock", "ben@example.org")[1] == f"ben@example.org is no longer blocked{again}"
    assert call("unblock", "ben@example.org")[0] == 1
    assert call("blocked")[1] == "No address is blocked or set aside.\n"


def test_blocked_lists_what_unblock_lists(ticket: TestDesk, call: Call, read: Call) -> None:
    with ticket.desk.database.write() as connection:
        note_contact(connection, "ben@example.org", blocked=True, blocked_at=ticket.clock.now())
    assert call("blocked") == call("unblock")
    assert [row["address"] for row in read("blocked")] == ["ben@example.org"]
    assert read("blocked") == read("unblock")


def test_closing_as_spam_asks_at_a_terminal(
    ticket: TestDesk, call: Call, read: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("sys.stdin", Terminal("n\n"))
    status, said, _ = call("close", "SUP-1", "Spam")
    assert (status, read("show", "SUP-1")["state"], read("blocked")) == (130, "level1", [])
    assert "ignore their new emails" in said
    assert "Close SUP-1 as spam and block anna@example.org? [y/N]" in said
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    assert call("close", "SUP-1", "spam")[0] == 0
    assert [row["address"] for row in read("blocked")] == ["anna@example.org"]
    assert call("reopen", "SUP-1")[1].endswith("; anna@example.org is no longer blocked\n")
    assert read("blocked") == []
    monkeypatch.setattr("sys.stdin", Terminal(""))
    assert call("close", "SUP-1", "spam", "--yes")[0] == 0
    assert ticket.ticket().state == "closed"
    assert call("close", "SUP-9", "spam")[0] == 1


def test_show_of_a_merged_ticket_is_the_kept_one(ticket: TestDesk, read: Call) -> None:
    ticket.send(ticket.mail("Anna <anna@example.org>", "Still broken", subject="Again"))
    ticket.send(ticket.answer("alice@example.com", "#merge SUP-1", ticket.last("level1@example.com", "request")))
    shown = read("show", "SUP-2")
    assert shown["reference"] == "SUP-1"
    assert shown["links"] == [{"reference": "SUP-2", "kind": "merged"}]
    came = [row["text"].strip().partition("\n")[0] for row in shown["messages"] if row["direction"] == "in"]
    assert came == ["It is broken.", "Still broken", "#merge SUP-1"]


@pytest.mark.usefixtures("ticket")
def test_show_tells_the_story_in_80_columns(call: Call) -> None:
    _, told, _ = call("show", "SUP-1")
    assert "mail from anna@example.org" in told
    assert "Mon 2026-11-23 09:00  request: new → level1, by anna@example.org" in told  # Paris, not UTC
    assert max(map(len, told.splitlines())) <= 80


def test_no_mail_moves_the_cursor_of_the_terminal(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("anna@example.org", "red \x1b[31m alert\x07", subject="bell"))
    assert "\x1b" not in call("show", "SUP-1")[1]


def test_no_argument_moves_the_cursor_of_the_terminal(ticket: TestDesk, call: Call, read: Call) -> None:
    for words in (("show", "\x1b[2J\x9b31mSUP-9"), ("journal", "--\x1b]0;title\x07"), ("\x1b[31mcommand",)):
        status, out, err = call(*words)
        assert status != 0
        assert (out + err).replace("\n", "").isprintable()
    assert call("note", "SUP-1", "\x1b[2Jlook \x07here\udcff")[0] == 0
    assert call("close", "SUP-1", "\x1b[31mby phone")[0] == 0
    assert "\x1b" not in json.dumps(read("show", "SUP-1"), ensure_ascii=False)
    assert all(b"\x1b" not in mail.raw for mail in ticket.relay.mails)


def test_json_is_ascii(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("Zoë 李 <zoe@example.org>", "Çà marche pas \u202e \x9b31m 😀", subject="Écran “noir”"))
    for words in (("tickets",), ("show", "SUP-1"), ("explain", "SUP-1"), ("journal",), ("outbox",), ("report",)):
        status, out, _ = call(*words, "--json")
        assert status == 0
        assert out.isascii()
        assert json.loads(out)


def test_explain_accounts_for_every_mail_and_step(ticket: TestDesk, call: Call, read: Call) -> None:
    ticket.send(ticket.answer("alice@example.com", "#resolve New driver.", ticket.last("level1@example.com")))
    ticket.send(ticket.answer("anna@example.org", "Works again, thanks!", ticket.last("anna@example.org", "confirm")))
    told = read("explain", "SUP-1")
    assert [mail["key"].partition(".")[0] for mail in told["mails"]] == [
        "a new request", "signed address SUP-1", "signed address SUP-1",
    ]  # fmt: skip
    events = read("show", "SUP-1")["events"]
    assert [(step["event"], step["reason"]) for step in told["steps"]] == [(e["event"], e["reason"]) for e in events]
    assert {step["row"] for step in told["steps"]} <= {row.name for row in ROWS}
    assert all(step["step"].startswith("S") for step in told["steps"])
    _, text, _ = call("explain", "SUP-1")
    assert all(event["reason"][:30] in text for event in events)
    assert "sent     confirm to anna@example.org" in text


@pytest.mark.usefixtures("ticket")
def test_the_queues_are_listed_with_their_fields(read: Call) -> None:
    common = {"id", "state", "due_at", "attempts", "last_error", "reference"}
    [mail] = read("journal")
    assert mail.keys() >= common | {"source", "sender", "recipients", "message_id", "received_at", "size"}
    assert mail["reference"] == "SUP-1"
    receipt, request = read("outbox")
    assert receipt.keys() >= common | {"message_id", "to", "notice"}
    assert [(row["notice"], row["to"], row["state"]) for row in (receipt, request)] == [
        ("receipt", "anna@example.org", "done"), ("request", "level1@example.com", "done"),
    ]  # fmt: skip
    assert {row["name"] for row in read("timers")} == {"escalation", "warning"}
    assert all(row.keys() >= common for row in read("timers"))


@pytest.mark.usefixtures("ticket")
def test_a_table_leaves_out_what_is_finished_and_says_so(call: Call) -> None:
    assert call("journal")[1] == "Nothing here. Not shown: 1 done (--all).\n"
    assert "anna@example.org" in call("journal", "--all")[1]


# -- acting ----------------------------------------------------------------------------------------------------------


def test_the_operator_resolves_and_closes_by_the_same_table(ticket: TestDesk, call: Call, read: Call) -> None:
    status, said, _ = call("resolve", "SUP-1", "New", "driver", "installed.")
    assert (status, said) == (0, "SUP-1: level1 → confirming; 2 notices to send\n")
    ticket.clock.set(ticket.desk.clock.now())
    shown = read("show", "SUP-1")
    assert (shown["solution"], shown["events"][-1]["by"]) == ("New driver installed.", "operator")
    assert call("close", "SUP-1", "no", "answer")[0] == 0
    assert read("show", "SUP-1")["state"] == "finalizing"
    assert call("reopen", "SUP-1")[1].startswith("SUP-1: finalizing → level1")
    assert call("escalate", "SUP-1", "too hard")[1].startswith("SUP-1: level1 → level2")
    blocked = "anna@example.org is blocked (to undo both: mailgate reopen SUP-1)"
    assert call("close", "SUP-1", "spam")[1] == f"SUP-1: level2 → closed; {blocked}\n"


@pytest.mark.usefixtures("ticket")
def test_a_note_is_kept_and_mails_nobody(call: Call) -> None:
    assert call("note", "SUP-1", "she", "phoned")[1] == "SUP-1: stays level1\n"
    assert "she phoned" in call("show", "SUP-1")[1]


@pytest.mark.usefixtures("ticket")
def test_what_the_table_refuses_is_told_and_recorded(call: Call, read: Call) -> None:
    words = "mailgate: SUP-1: reopen is not possible: the ticket is open (state: level1)\n"
    assert call("reopen", "SUP-1") == (1, "", words)
    assert read("show", "SUP-1")["events"][-1]["event"] == "reopen"


def test_reopening_what_was_closed_as_spam_takes_the_block_back(ticket: TestDesk, call: Call, read: Call) -> None:
    assert call("close", "SUP-1", "spam")[1].startswith("SUP-1: level1 → closed; anna@example.org is blocked")
    ticket.send(ticket.mail("anna@example.org", "Word still does not start", subject="Word again"))
    [blocked] = [row for row in read("journal") if row["state"] == "ignored"]
    assert blocked["last_error"] == "anna@example.org is blocked as spam"
    assert call("requeue", "journal", str(blocked["id"]))[1] == f"journal {blocked['id']} is waiting again{NOT_RUN}.\n"
    ticket.settle()
    assert read("journal")[-1]["reference"] == "SUP-2", "an operator who puts a mail back wants a ticket of it"
    ticket.send(ticket.mail("anna@example.org", "And Excel", subject="Excel"))
    assert read("journal")[-1]["state"] == "ignored", "the sender is still blocked"
    told = call("reopen", "SUP-1", "it was a customer")[1]
    assert told == "SUP-1: closed → level1; 2 notices to send; anna@example.org is no longer blocked\n"
    ticket.send(ticket.mail("anna@example.org", "And the printer", subject="Printer"))
    assert read("journal")[-1]["reference"] == "SUP-3"


def test_a_refused_notice_is_put_back(ticket: TestDesk, call: Call, read: Call) -> None:
    ticket.relay.refuse["zoe@example.net"] = Rejected("550 5.1.1 no such user")
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    [failed] = [row for row in read("outbox") if row["state"] == "failed"]
    assert json.loads(call("status", "--json")[1])["queues"]["outbox"]["parked"] == 0
    assert f"\n    {failed['last_error']}" in call("outbox")[1]
    assert call("requeue", "outbox", str(failed["id"]))[0] == 0
    assert next(row for row in read("outbox") if row["id"] == failed["id"])["state"] == "waiting"
    assert call("requeue", "outbox", "1", "999") == (
        1, "",
        "mailgate: outbox 1 is done: only waiting, parked, failed, ignored or dismissed rows can be retried\n"
        "mailgate: outbox has no row 999\n",
    )  # fmt: skip


def test_notices_are_put_back_by_what_is_true_of_them(ticket: TestDesk, call: Call) -> None:
    people = [f"p{number}@{domain}" for domain in ("example.net", "example.org") for number in range(2)]
    for person in people:
        ticket.relay.refuse[person] = Skipped(f"{person} is not in only_to")
        ticket.send(ticket.mail(person, "My screen is black", subject=f"Screen of {person}"))
    ticket.relay.refuse.clear()
    assert call("requeue", "outbox")[0] == call("requeue", "outbox", "1", "--all")[0] == 2
    assert call("requeue", "timers", "--to", "x")[0] == call("requeue", "outbox", "--since", "soon")[0] == 2
    assert (
        call("requeue", "outbox", "--to", "@EXAMPLE.net", "--error", "nonsense")[1] == "0 notices are waiting again.\n"
    )
    assert (
        call("requeue", "outbox", "--to", "@EXAMPLE.net", "--reason", "only_to")[1]
        == f"2 notices are waiting again{NOT_RUN}.\n"
    )
    assert call("requeue", "outbox", "--since", "2026-11-24")[1] == "0 notices are waiting again.\n"
    assert call("requeue", "outbox", "--since", "1 hour")[1] == f"2 notices are waiting again{NOT_RUN}.\n"
    ticket.settle()
    assert all(ticket.delivered(person) for person in people)


def test_what_waits_is_tried_now(ticket: TestDesk, call: Call) -> None:
    ticket.relay.down = Deferred("450 4.2.0 greylisted", of_recipient=True)
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    ticket.pass_time("2 hours")
    ticket.relay.down = None
    ticket.clock.advance(timedelta(seconds=1))
    assert call("flush", "outbox", "--to", "zoe@")[1] == f"1 notice is due now{NOT_RUN}.\n"
    ticket.settle()
    assert ticket.delivered("zoe@example.net")
    assert call("flush", "journal")[1] == "0 emails are due now.\n"


def test_what_is_due_already_is_said_with_the_reason_why_it_waits(ticket: TestDesk, call: Call, read: Call) -> None:
    ticket.relay.down = Deferred("connection refused")
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    now = ticket.clock.now()
    assert call("flush", "outbox")[1] == f"2 notices are due now{NOT_RUN}.\n"
    assert call("flush", "outbox")[1] == f"Nothing to change: 2 notices are already due{NOT_RUN}.\n"
    with ticket.desk.database.write() as connection:
        note_signs(connection, ("worker",), "one.example.com", 71, now, now)
    row = str(read("outbox", "--state", "waiting")[0]["id"])
    assert call("flush", "outbox", row) == (0, f"outbox {row} is already due; no courier is running.\n", "")
    with ticket.desk.database.write() as connection:
        note_signs(connection, ("courier",), "one.example.com", 71, now, now)
    assert call("flush", "outbox", row)[1] == f"outbox {row} is already due.\n"
    call("hold", "sending", "--reason", "a loop")
    assert "is already due; sending is held by" in call("flush", "outbox", row)[1]


@pytest.mark.usefixtures("ticket")
def test_a_timer_that_runs_cannot_be_put_back(call: Call, read: Call) -> None:
    timer = read("timers")[0]
    words = f"mailgate: timers {timer['id']} is being processed, or is not due yet\n"
    assert call("requeue", "timers", str(timer["id"])) == (1, "", words)
    assert call("requeue", "timers", "--state", "waiting")[1] == "0 timers are waiting again.\n"
    assert read("timers")[0] == timer


def test_a_notice_is_dismissed_with_the_reason_in_the_history(ticket: TestDesk, call: Call, read: Call) -> None:
    ticket.relay.refuse["zoe@example.net"] = Skipped("dry run")
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    [parked] = [row for row in read("outbox") if row["state"] == "parked"]
    row = str(parked["id"])
    assert call("dismiss", "outbox", row)[0] == 2
    assert call("dismiss", "outbox", row, "--reason", " ")[0] == 2
    assert call("dismiss", "outbox", row, "--reason", "told her by phone")[1] == f"outbox {row} is dismissed.\n"
    assert read("outbox", "--state", "dismissed")[0]["last_error"] == (
        "dry run; dismissed by the operator 2026-11-23 08:00 UTC: told her by phone"
    )
    assert json.loads(call("status", "--json")[1])["queues"]["outbox"]["parked"] == 0
    told = call("show", "SUP-2")[1]
    assert "note, by operator\n      receipt to zoe@example.net was dismissed and will not be sent: told her by" in told
    assert "NOT SENT: dismissed, dry run" in told
    assert call("dismiss", "outbox", row, "--reason", "again")[0] == 1
    assert call("dismiss", "outbox", "--all", "--reason", "again")[1] == "0 notices are dismissed.\n"
    assert call("requeue", "outbox", "--all")[1] == "0 notices are waiting again.\n"
    assert call("requeue", "outbox", row)[1] == f"outbox {row} is waiting again{NOT_RUN}.\n"


def test_a_parked_mail_is_dismissed_and_taken_back(desk: TestDesk, call: Call, read: Call) -> None:
    envelope = Envelope("jo@example.org", ("support@example.com",), "test", desk.clock.now())
    with desk.desk.database.write() as connection:
        append(connection, make_entry(envelope, b"Subject: deadly\r\n\r\nHello\r\n"))
        connection.execute(update(journal).values(attempts=6))
    desk.settle()
    assert read("journal")[0]["state"] == "parked", "it stopped the worker at every attempt"
    assert call("dismiss", "journal", "--all", "--reason", "spam")[1] == "1 email is dismissed.\n"
    assert json.loads(call("status", "--json")[1])["queues"]["journal"]["parked"] == 0
    assert call("journal")[1] == "Nothing here. Not shown: 1 dismissed (--all).\n"
    assert call("requeue", "journal", "1")[1] == f"journal 1 is waiting again{NOT_RUN}.\n"
    assert call("requeue", "outbox", "--from", "anna@")[0] == 2, "what goes out comes from the desk"
    desk.send(desk.mail("anna@example.org", "Hello", subject="Hello"))
    assert call("requeue", "journal", "--from", "ANNA@", "--state", "parked")[1] == "0 emails are waiting again.\n"
    cheap = desk.mail("anna@example.org", "Cheap", subject="Cheap")
    cheap["X-Spam-Flag"] = "YES"
    desk.send(cheap)
    assert call("requeue", "journal", "--from", "ANNA@", "--state", "ignored")[1] == (
        f"1 email is waiting again{NOT_RUN}.\n"
    )


def test_show_and_explain_tell_when_each_notice_left(desk: TestDesk, call: Call, read: Call) -> None:
    desk.relay.down = Deferred("connection refused")
    desk.relay.refuse = {"anna@example.org": Rejected("550 5.1.1 User unknown"), "zoe@example.net": Skipped("dry run")}
    desk.send(desk.mail("anna@example.org", "Word does not start", subject="Word"))
    assert (
        "  receipt to anna@example.org\n      NOT SENT yet: waiting, connection refused; next attempt 09:00"
        in call("show", "SUP-1")[1]
    )
    told = " ".join(call("explain", "SUP-1")[1].split())
    assert "request to level1@example.com: waiting, connection refused; next attempt" in told
    assert told.count("NOT SENT") == 1
    desk.pass_time("10 minutes")
    desk.relay.down = None
    desk.pass_time("10 minutes")
    told = call("show", "SUP-1")[1]
    assert "  receipt to anna@example.org\n      NOT SENT: refused, 550 5.1.1 User unknown" in told
    assert "09:00  request to level1@example.com\n      queued 09:00, sent 09:18 (250 ok)" in told
    desk.send(desk.mail("zoe@example.net", "My screen is black", subject="Screen"))
    told = call("show", "SUP-2")[1]
    assert "  receipt to zoe@example.net\n      NOT SENT: parked, dry run" in told
    assert "  sent request to level1@example.com\n" in told
    request = next(one for one in read("show", "SUP-1")["messages"] if one["notice"] == "request")
    assert (request["state"], request["sent_at"], request["relay_reply"]) == ("done", "2026-11-23T08:18:20Z", "250 ok")
    [step, *_] = read("explain", "SUP-1")["steps"]
    assert step["sent"] == ["receipt to anna@example.org", "request to level1@example.com"]
    assert [(one["notice"], one["state"]) for one in step["notices"]] == [("receipt", "failed"), ("request", "done")]


def test_a_notice_that_nobody_tries_says_since_when_and_why(ticket: TestDesk, call: Call) -> None:
    ticket.relay.down = Deferred("connection refused")
    ticket.send(ticket.mail("zoe@example.net", "My screen is black", subject="Screen"))
    ticket.clock.advance(timedelta(hours=8))
    words = "NOT SENT yet: waiting, connection refused; due since 09:00, not tried; `mailgate serve` is not running"
    assert words in " ".join(call("show", "SUP-2")[1].split())
    assert "due since 09:00, not tried; `mailgate serve` is not running" in " ".join(
        call("explain", "SUP-2")[1].split()
    )
    call("hold", "sending", "--reason", "a loop")
    assert "not tried; sending is held by" in " ".join(call("show", "SUP-2")[1].split())
    told = call("outbox")[1]
    assert told.splitlines()[-1].startswith("Due rows are not being tried: sending is held by")


def test_a_refused_notice_stands_behind_the_mail_of_the_same_time(desk: TestDesk, call: Call) -> None:
    desk.relay.refuse["zoe@example.net"] = Rejected("550 5.1.1 no such user")
    desk.send(desk.mail("zoe@example.net", "My screen is black", subject="Screen"))
    told = call("show", "SUP-1")[1]
    assert told.index("mail from zoe@example.net") < told.index("  request: new") < told.index("  notice failed")


# -- export ----------------------------------------------------------------------------------------------------------


def test_an_export_holds_everything_and_overwrites_nothing(ticket: TestDesk, call: Call, read: Call) -> None:
    path = ticket.folder / "bundle.zip"
    assert call("export", "SUP-1", "--output", str(path)) == (0, f"{path}\n", "")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert names[:3] == ["ticket.json", "index.html", "mails/001.eml"]
        bundle, shown = json.loads(archive.read("ticket.json")), read("show", "SUP-1")
        sending = [{name: mail.pop(name) for name in ("state", "sent_at", "relay_reply")} for mail in shown["messages"]]
        assert _holds(bundle, shown)
        assert _holds(bundle["sent"], [one for one in sending if one["state"]])
        assert archive.read("sent/001.eml") == ticket.relay.mails[0].raw
        assert archive.read("sent/002.eml") == ticket.relay.mails[1].raw
        [file] = [name for name in names if name.startswith("attachments/")]
        assert archive.read(file) == b"\x00log" * 99
        assert ".." not in file
        assert b"SUP-1 Printer" in archive.read("index.html")
    before = path.read_bytes()
    status, _, said = call("export", "SUP-1", "--output", str(path))
    assert (status, said) == (1, f"mailgate: {path} already exists; name another file with --output\n")
    assert path.read_bytes() == before


def _holds(whole: Any, part: Any) -> bool:
    """Tells whether everything of a JSON value stands in another one."""
    if isinstance(part, dict):
        return all(name in whole and _holds(whole[name], value) for name, value in part.items())
    if isinstance(part, list):
        return len(whole) == len(part) and all(map(_holds, whole, part))
    return bool(whole == part)


@pytest.mark.parametrize(
    ("name", "safe"),
    [("../../etc/passwd", "passwd"), ("C:\\x\\a.txt", "a.txt"), ("...", "file"), ("é\x00\n.pdf", "é_.pdf")],
)
def test_a_strangers_file_name_stays_in_its_folder(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_a_page_holds_no_markup_of_a_stranger(desk: TestDesk, call: Call) -> None:
    desk.send(desk.mail("anna@example.org", "<script>alert(1)</script>", subject="<b>bold</b>"))
    path = desk.folder / "out.zip"
    call("export", "SUP-1", "--output", str(path))
    with zipfile.ZipFile(path) as archive:
        page = archive.read("index.html").decode()
    assert "<script" not in page
    assert "<b>" not in page


# -- checking --------------------------------------------------------------------------------------------------------


def test_check_says_what_to_do(call: Call) -> None:
    status, said, _ = call("check")
    assert status == 0
    assert "warning  addresses  replace the example addresses" in said
    assert "ok       templates  every notice in en, fr" in said


def test_check_connects_without_sending(desk: TestDesk, call: Call) -> None:
    config = desk.folder / "mailgate.toml"
    config.write_text(config.read_text() + "\n[relay]\nport = 1\n")
    status, said, _ = call("check", "--connect")
    assert status == 1
    assert "ok       database" in said
    assert "FAILED   relay      127.0.0.1:1 does not answer: connection refused" in said


def test_every_mistake_of_the_configuration_is_a_line(desk: TestDesk, call: Call) -> None:
    config = desk.folder / "mailgate.toml"
    config.write_text(config.read_text().replace("operator =", "opera =").replace("4 business hours", "4 parsecs"))
    status, out, said = call("report")
    assert (status, out) == (2, "")
    lines = said.splitlines()
    assert len(lines) >= 2
    assert all(line.startswith("mailgate: ") for line in lines)


@pytest.mark.usefixtures("ticket")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("operator =", "opera ="),
        ("4 business hours", "4 parsecs"),
        ("[levels.level1]", "[levels.level1]\nmailbox = 3\n[levels.level9]"),
        ("[desk]", "[relay]\nport = 'x'\n[desk]"),
        ("[desk]", "[relay]\nport = \n[desk]"),
        ("[desk]", "[[intake.imap]]\nhost = 7\n[desk]"),
        ("[desk]", "[desk"),
        ("[desk]", "nothing = 1\n[desk]"),
    ],
)
def test_who_looks_or_holds_goes_on_without_what_is_wrong_in_the_configuration(
    desk: TestDesk, call: Call, before: str, after: str
) -> None:
    """The desk works on with the settings of before: it must be seen, and be held."""
    config = desk.folder / "mailgate.toml"
    right = config.read_text()
    assert before in right
    config.write_text(right.replace(before, after, 1))
    for words in ("tickets", "show SUP-1", "outbox --all", "journal", "status", "hold sending --reason loop", "resume"):
        status, out, said = call(*words.split())
        assert (status, said.count("\n")) == (0, 1), words
        assert out
        assert "`mailgate check` lists what to correct" in said
    assert call("serve")[0] == call("report")[0] == 2


@pytest.mark.parametrize(
    ("before", "after"), [("database =", "databases ="), ("[store]", "[store"), ("database =", "database = 7 #")]
)
def test_without_the_database_in_the_configuration_nothing_is_looked_at(
    desk: TestDesk, call: Call, before: str, after: str
) -> None:
    config = desk.folder / "mailgate.toml"
    right = config.read_text()
    assert before in right
    config.write_text(right.replace(before, after, 1))
    assert call("tickets")[:2] == call("hold", "sending", "--reason", "loop")[:2] == (2, "")


@pytest.mark.usefixtures("ticket")
def test_status_is_json_and_its_exit_status_the_health(call: Call) -> None:
    status, said, _ = call("status", "--json")
    health = json.loads(said)
    assert (status, health["healthy"]) == (0, True)
    assert health["tickets"]["level1"] == 1
    assert health["queues"]["timers"]["waiting"] == 2
    assert health["database"]["version"] == VERSION


def test_a_mail_that_nobody_works_off_is_not_healthy(ticket: TestDesk, call: Call) -> None:
    old = Envelope("zoe@example.net", ("support@example.com",), "test", ticket.clock.now() - timedelta(minutes=6))
    with ticket.desk.database.write() as connection:
        append(connection, JournalEntry(old, b"Subject: x\r\n\r\n", ""))
    status, said, _ = call("status", "--json")
    assert status == 1
    assert json.loads(said)["queues"]["journal"] == {
        "waiting": 1, "parked": 0, "oldest_waiting_seconds": 360, "untried": 1, "untried_seconds": 360,
        "failed": 0, "quarantined": 0,
    }  # fmt: skip


@pytest.mark.parametrize("words", [("tickets",), ("show", "SUP-1"), ("status",), ("resolve", "SUP-1", "x")])
def test_without_a_database_commands_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    desk = TestDesk(tmp_path, database=f"sqlite:///{tmp_path}/desk.db")
    desk.close()
    (tmp_path / "desk.db").unlink()
    assert main([*words, "--config", str(tmp_path / "mailgate.toml")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("mailgate: there is no database at")
    assert not (tmp_path / "desk.db").exists()


def test_an_unknown_reference_is_one_line(call: Call) -> None:
    assert call("show", "SUP-9") == (1, "", "mailgate: there is no ticket SUP-9\n")


def test_upgrade_says_what_it_found(call: Call) -> None:
    assert call("upgrade") == (0, f"The database is up to date (version {VERSION}).\n", "")


# -- pictures and help -----------------------------------------------------------------------------------------------


def test_preview_prints_a_notice(call: Call) -> None:
    assert "non résolu" in call("preview", "confirm", "--language", "fr")[1]
    assert call("preview", "confirm", "--html")[1].lstrip().startswith("<!")
    status, _, said = call("preview", "recept")
    assert (status, said.splitlines()[0]) == (2, 'mailgate: there is no notice "recept", did you mean "receipt"?')


def test_the_process_shows_every_state(call: Call) -> None:
    text = call("process")[1]
    assert sum(line.startswith("  S") for line in text.splitlines()) == len(ROWS)
    diagram = call("process", "--format", "mermaid")[1]
    assert "level2 --> level3: escalate · timer escalation" in diagram
    assert call("process", "--format", "bpmn")[1].startswith("<?xml")


@pytest.mark.parametrize("name", [name for section in SECTIONS.values() for name in section if name != "demo"])
def test_every_command_has_a_help_that_fits(name: str) -> None:
    run = CliRunner().invoke(cli, [name, "--help"], terminal_width=80)
    assert run.exit_code == 0
    assert max(map(len, run.output.splitlines())) <= 80
    assert "--config" in run.output or name in ("process", "help", "init", "password")


def test_usage_is_one_line_with_the_way_to_the_help(call: Call) -> None:
    assert call("close", "SUP-1")[2].startswith("mailgate: Missing argument 'REASON...' (see `mailgate close --help`)")


@pytest.mark.system
@pytest.mark.usefixtures("ticket")
def test_a_reader_who_leaves_early_ends_it_quietly() -> None:
    words = [sys.executable, "-m", "mailgate", "process"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


@pytest.mark.system
def test_showing_a_ticket_imports_nothing_that_runs_a_desk(ticket: TestDesk) -> None:
    config = str(ticket.folder / "mailgate.toml")
    code = (
        "import sys; from mailgate.__main__ import main;"
        f"main(['show', 'SUP-1', '--config', {config!r}]);"
        "print([m for m in ('jinja2', 'alembic', 'aiosmtpd', 'mailparser', 'holidays', 'lxml') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("failed", ["_find_mistakes", "_continue"])
def test_a_start_whose_step_is_killed_may_succeed_the_next_time(
    call: Call, monkeypatch: pytest.MonkeyPatch, failed: str
) -> None:
    """Status 2 keeps systemd from starting the desk again (`RestartPreventExitStatus`)."""

    def run_apart(step: partial[Sequence[str]]) -> tuple[str, ...]:
        return (STEP_FAILED,) if step.func.__name__ == failed else ()

    monkeypatch.setattr("mailgate.daemon.supervisor.run_apart", run_apart)
    status, _, said = call("serve")
    assert status == 1
    assert said.endswith("mailgate: a step failed or took too long: see the log\n")
