"""Plays what real clients sent to a desk that runs: each mail answers a ticket of its own, with that desk's tokens."""

from __future__ import annotations

import json
import re
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from tests.support.captured import READ_WRONGLY, Capture, flatten, load_captures
from tests.support.desk import CONFIG, Delivered
from tests.support.relay import Receiver

DESK = "support@example.com"
ALICE = "alice@example.com"
ANNA = "anna@example.org"
AGENTS_SIGNATURE = "Support Example SA"
BEFORE = {"confirm": "#resolve\n\nIt is repaired.", "question": "#waiting\n\nWhich one do you mean?"}
SETTINGS = """
[trust]
authserv_id = ["mx.example.com"]

[limits]
automatic_per_address_hour = 0
automatic_per_ticket_day = 0
agent_mails_per_hour = 0

[relay]
port = {port}
"""


@dataclass
class Played:
    """A desk that runs, its relay, and the ticket of each capture."""

    config: Path
    port: int
    relay: Receiver
    tickets: dict[str, str] = field(default_factory=dict)
    notices: dict[str, Delivered] = field(default_factory=dict)

    def send(self, sender: str, recipients: list[str], raw: bytes, *, automatic: bool = False) -> None:
        verdict = f"Authentication-Results: mx.example.com; dmarc=pass header.from={sender.partition('@')[2]}\r\n"
        with smtplib.SMTP("127.0.0.1", self.port, timeout=20) as smtp:
            smtp.sendmail("" if automatic else sender, recipients, verdict.encode() + raw)

    def wait_for(self, captures: list[Capture], notice: str, key: Callable[[Delivered], str]) -> None:
        """Waits until each of the captures has its notice, and keeps it; `key` tells whose a notice is."""

        def arrived(mails: list[Delivered]) -> bool:
            found = {key(mail): mail for mail in mails if mail.notice == notice}
            self.notices.update((one.name, found[one.name]) for one in captures if one.name in found)
            return found.keys() >= {one.name for one in captures}

        assert self.relay.wait_for(arrived, 40), notice

    def capture_of(self, mail: Delivered) -> str:
        """The name of the capture in whose ticket a notice is; "" if it is in none."""
        return self._captures.get(reference_of(mail), "")

    @cached_property
    def _captures(self) -> dict[str, str]:
        return {reference: name for name, reference in self.tickets.items()}

    def ask(self, *words: str) -> Any:
        command = [sys.executable, "-m", "mailgate", *words, "--json", "--config", str(self.config)]
        return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)

    def finish(self) -> None:
        """Waits until every mail is read and every notice is sent."""
        for kind in ("journal", "outbox"):
            for _ in range(60):
                if not self.ask(kind, "--state", "waiting"):
                    break
            else:
                raise AssertionError(f"{kind} does not come to an end")


def reference_of(mail: Delivered) -> str:
    return mail.message_id.strip("<").partition(".")[0]


def named_in_subject(mail: Delivered) -> str:
    """The capture that the subject of its request names."""
    found = re.search(r"Request of ([\w-]+)", str(mail.message["Subject"]))
    return found[1] if found else ""


def is_outsider(mail: Delivered) -> bool:
    return mail.recipient.endswith("@example.org")


CAPTURES = load_captures()
ANSWERS = [one for one in CAPTURES if one.expected["answers"] != "new"]
READ_RIGHTLY = [one for one in ANSWERS if one.name not in READ_WRONGLY]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "secret").write_text("a key that only the tests know\n")
    config = folder / "mailgate.toml"
    with Receiver() as relay:
        languages = '["en", "fr", "de", "es", "it", "nl", "pt"]'
        config.write_text(CONFIG.replace('["en", "fr"]', languages) + SETTINGS.format(port=relay.port))
        with (folder / "log").open("wb") as log:
            serve = subprocess.Popen([sys.executable, "-m", "mailgate", "serve", "--config", str(config)], stderr=log)
        try:
            desk = Played(config, read_port(folder / "log", serve), relay)
            play(desk)
            yield desk
        finally:
            serve.terminate()
            serve.wait(20)


def read_port(log: Path, serve: subprocess.Popen[bytes]) -> int:
    while serve.poll() is None:
        found = re.search(r"action=listen protocol=smtp host=\S+ port=(\d+)", log.read_text(encoding="utf-8"))
        if found:
            return int(found[1])
    raise AssertionError(log.read_text(encoding="utf-8"))


def play(desk: Played) -> None:
    """Opens a ticket for each answer, brings it to the notice that the client answered, and sends all captures."""
    for capture in ANSWERS:
        requester = requester_of(capture)
        desk.send(requester, [DESK], write(requester, f"Request of {capture.name}", "The device is broken."))
    desk.wait_for(ANSWERS, "request", named_in_subject)
    desk.tickets.update((name, reference_of(mail)) for name, mail in desk.notices.items())
    for notice, text in BEFORE.items():
        asked = [capture for capture in ANSWERS if capture.expected["answers"] == notice]
        for capture in asked:
            request = desk.notices[capture.name]
            raw = write(ALICE, f"Re: {request.message['Subject']}", text, request)
            desk.send(ALICE, [request.reply_to], raw)
        desk.wait_for(asked, notice, desk.capture_of)
    for capture in CAPTURES:
        if capture.expected["answers"] == "new":
            desk.send(capture.author, [DESK], capture.raw)
        else:
            notice_mail = desk.notices[capture.name]
            recipient = notice_mail.return_path if capture.is_automatic else notice_mail.reply_to
            desk.send(capture.author, [recipient], capture.in_answer_to(notice_mail), automatic=capture.is_automatic)
    desk.finish()


def requester_of(capture: Capture) -> str:
    return capture.author if capture.expected["role"] == "requester" else ANNA


def write(sender: str, subject: str, text: str, answered: Delivered | None = None) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, DESK, subject
    message["Message-ID"] = f"<{abs(hash((sender, subject, text)))}@example.org>"
    if answered is not None:
        message["In-Reply-To"] = answered.message_id
    message.set_content(text)
    return message.as_bytes()


def test_each_answer_moves_its_ticket_as_its_words_say(played: Played) -> None:
    states = {row["reference"]: row["state"] for row in played.ask("tickets")}
    wrong = []
    for capture in READ_RIGHTLY:
        state = states[played.tickets[capture.name]]
        if state not in states_after(capture):
            wrong.append((capture.name, state))
    assert wrong == []


def states_after(capture: Capture) -> set[str]:
    expected = capture.expected
    if expected["role"] == "agent":
        names = {name for name, _ in expected.get("commands") or ()}
        return {"confirming" if "resolve" in names else "level2" if "escalate" in names else "level1"}
    if expected["answers"] != "confirm":
        return {"level1"}
    if expected["kind"] != "human":
        return {"confirming"}
    moved = {"resolved": {"finalizing"}, "not_fixed": {"level1"}}
    return moved.get(expected.get("verdict", ""), {"confirming", "finalizing", "level1"})


def test_no_answer_closes_a_ticket(played: Played) -> None:
    assert played.ask("tickets", "--state", "closed") == []


def test_nothing_internal_leaves(played: Played) -> None:
    """Neither a note, nor a token of a level, nor an agent's signature is in a mail to a requester."""
    outside = [mail for mail in played.relay.mails if is_outsider(mail)]
    staff = [mail for mail in played.relay.mails if not is_outsider(mail)]
    notes = [flatten(args) for one in CAPTURES for name, args in one.expected.get("commands") or () if name == "note"]
    tokens = {mail.message_id.strip("<>").partition("@")[0] for mail in staff if mail.notice == "request"}
    wrongly_signed = {played.tickets[name] for name in READ_WRONGLY if name in played.tickets}
    assert len(outside) > len(ANSWERS)
    assert len(tokens) >= len(ANSWERS)
    for mail in outside:
        text = flatten(mail.text)
        assert not [note for note in notes if note in text]
        assert not [token for token in tokens if token.encode() in mail.raw]
        if reference_of(mail) not in wrongly_signed:
            assert AGENTS_SIGNATURE not in text


def test_what_an_agent_wrote_reaches_the_requester(played: Played) -> None:
    texts = dict.fromkeys(played.tickets, "")
    for mail in played.relay.mails:
        if is_outsider(mail) and played.capture_of(mail):
            texts[played.capture_of(mail)] += flatten(mail.text)
    for capture in READ_RIGHTLY:
        if capture.expected["role"] == "agent":
            assert flatten(capture.expected.get("public_text") or "") in texts[capture.name]


def test_a_forwarded_mail_opens_a_ticket_for_its_author(played: Played) -> None:
    opened = {row["requester"] for row in played.ask("tickets") if row["reference"] not in played.tickets.values()}
    authors = {
        args
        for capture in CAPTURES
        if capture.expected["answers"] == "new"
        for name, args in capture.expected.get("commands") or ()
        if name == "requester"
    }
    assert authors <= opened
