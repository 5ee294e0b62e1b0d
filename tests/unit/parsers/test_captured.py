"""Reads the mails that real mail programs sent, and compares with what people typed into them.

Each `tests/corpus/captured/NAME.eml` has its expectation in `NAME.expect.json`; the README there describes the keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mailgate.core.mail import Mail
from mailgate.parsers import read_answer, read_mail
from mailgate.parsers.forwards import read_forward, read_own_commands
from tests.support.captured import CAPTURED, READ_WRONGLY, Capture, flatten, load_captures

CAPTURES = load_captures()
KEYS = {
    *("kind", "role", "client", "language", "answers", "why", "verdict", "verdict_not", "commands", "errors"),
    *("new_text", "loose", "absent", "public_text", "public_loose", "public_absent"),
    *("attachments", "encrypted", "forwarded_from"),
}
OF_THE_MACHINE = (b"/tmp/", b"/home/", b"/root", b"localhost")
MOST_BYTES = 4_000_000  # all captures together


@pytest.mark.parametrize("capture", CAPTURES, ids=lambda capture: capture.name)
def test_mail_of_a_real_client_is_read_as_it_was_typed(capture: Capture, request: pytest.FixtureRequest) -> None:
    if capture.name in READ_WRONGLY:
        request.applymarker(pytest.mark.xfail(reason=READ_WRONGLY[capture.name], strict=False))
    assert list(find_differences(read_mail(capture.raw), capture.expected)) == []


def test_every_capture_says_who_sent_it_and_why_it_is_kept() -> None:
    readme = (CAPTURED / "README.md").read_text(encoding="utf-8")
    assert len(CAPTURES) >= 60
    for capture in CAPTURES:
        assert capture.expected.keys() <= KEYS
        assert all(capture.expected[key] for key in ("kind", "role", "client", "language", "answers", "why"))
        assert f"`{capture.name}`" in readme
    assert {path.name.partition(".")[0] for path in CAPTURED.iterdir()} == {
        "README",
        *(capture.name for capture in CAPTURES),
    }


def test_captures_name_no_folder_of_the_machine_that_they_were_made_on() -> None:
    for capture in CAPTURES:
        assert not [word for word in OF_THE_MACHINE if word in capture.raw], capture.name
    assert sum(len(capture.raw) for capture in CAPTURES) < MOST_BYTES


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
