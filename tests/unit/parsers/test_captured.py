"""Reads the mails that real mail programs sent, and compares with what people typed into them.

Each `tests/corpus/captured/NAME.eml` has its expectation in `NAME.expect.json`; the README there describes the keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.mail import Mail
from mailgate.parsers import read_answer, read_mail
from mailgate.parsers.forwards import read_forward, read_own_commands
from tests.support.paths import CORPUS

CAPTURED = CORPUS / "captured"
MAILS = sorted(CAPTURED.glob("*.eml"))
KEYS = {
    *("kind", "role", "client", "language", "answers", "why", "verdict", "verdict_not", "commands", "errors"),
    *("new_text", "loose", "absent", "public_text", "public_loose", "public_absent"),
    *("attachments", "encrypted", "forwarded_from"),
}
# Those that are still read wrongly, and why.
READ_WRONGLY = {
    "alpine-agent-waiting-top-it": "a card without delimiter above the quote leaves its first line",
    "alpine-req-yes-bottom-es": "a card without delimiter at the very end is read as text",
    "bsdmailx-req-below-tabs-en": "a whole mail with its headers behind tabs, without an attribution",
    "snail-agent-resolve-below-tabs-en": "the text below a quote behind tabs is lost",
    "snail-req-yes-below-tabs-en": "the text below a quote behind tabs is lost",
}
OF_THE_MACHINE = (b"/tmp/", b"/home/", b"/root", b"localhost")


@pytest.mark.parametrize("path", MAILS, ids=lambda path: path.stem)
def test_mail_of_a_real_client_is_read_as_it_was_typed(path: Path, request: pytest.FixtureRequest) -> None:
    if path.stem in READ_WRONGLY:
        request.applymarker(pytest.mark.xfail(reason=READ_WRONGLY[path.stem], strict=False))
    expected = load_expectation(path)
    mail = read_mail(path.read_bytes())
    assert list(find_differences(mail, expected)) == []


def test_every_capture_says_who_sent_it_and_why_it_is_kept() -> None:
    assert len(MAILS) >= 60
    for path in MAILS:
        expected = load_expectation(path)
        assert expected.keys() <= KEYS
        assert all(expected[key] for key in ("kind", "role", "client", "language", "answers", "why")), path.stem
        assert f"`{path.stem}`" in (CAPTURED / "README.md").read_text(encoding="utf-8")
    assert {path.name.partition(".")[0] for path in CAPTURED.iterdir()} == {path.stem for path in MAILS} | {"README"}


def test_captures_name_no_folder_of_the_machine_that_they_were_made_on() -> None:
    for path in MAILS:
        raw = path.read_bytes()
        assert not [word for word in OF_THE_MACHINE if word in raw], path.stem
    assert sum(path.stat().st_size for path in MAILS) < 4_000_000


def load_expectation(path: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(path.with_suffix(".expect.json").read_text(encoding="utf-8"))
    return expected


def find_differences(mail: Mail, expected: dict[str, Any]) -> Iterator[str]:
    """Compares without regard to white space."""
    if mail.kind != expected["kind"]:
        yield f"kind {mail.kind}"
    if expected.get("encrypted") and not mail.encrypted:
        yield "not seen as encrypted"
    own_files = [attachment.filename for attachment in mail.attachments if not attachment.quoted]
    if expected.get("attachments") not in (None, len(own_files)):
        yield f"attachments {own_files}"
    if expected.get("forwarded_from"):
        forward = read_forward(mail)
        if forward is None or forward.sender.address != expected["forwarded_from"]:
            yield f"forward {forward}"
    if expected["role"] == "agent" and mail.kind == "human":
        yield from find_differences_of_agent(mail, expected)
    else:
        yield from find_differences_of_text("new text", mail.new_text, expected, "new_text", "loose", "absent")
    yield from find_differences_of_verdict(mail, expected)


def find_differences_of_agent(mail: Mail, expected: dict[str, Any]) -> Iterator[str]:
    read = read_own_commands(mail)
    commands = [[command.name, flatten(command.args)] for command in read.commands]
    if expected.get("commands") not in (None, commands):
        yield f"commands {commands}"
    if len(read.errors) != expected.get("errors", 0):
        yield f"errors {read.errors}"
    yield from find_differences_of_text(
        "public text", read.public_text, expected, "public_text", "public_loose", "public_absent"
    )


def find_differences_of_verdict(mail: Mail, expected: dict[str, Any]) -> Iterator[str]:
    answer = read_answer(mail.new_text, mail.subject)
    if expected.get("verdict") not in (None, answer.verdict) or answer.verdict == expected.get("verdict_not", ""):
        yield f"verdict {answer.verdict} of {answer.phrase!r}"


def find_differences_of_text(
    name: str, text: str, expected: dict[str, Any], whole: str, loose: str, absent: str
) -> Iterator[str]:
    flat = flatten(text)
    if expected.get(whole) is not None and flat != flatten(expected[whole]):
        yield f"{name} {text!r}"
    for words in expected.get(loose, ()):
        if flatten(words) not in flat:
            yield f"{name} lost {words!r}: {text!r}"
    for words in expected.get(absent, ()):
        if flatten(words) in flat:
            yield f"{name} kept {words!r}: {text!r}"


def flatten(text: str) -> str:
    return " ".join(text.split())
