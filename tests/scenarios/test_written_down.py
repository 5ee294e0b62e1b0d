"""The words of a request that an agent writes down, or forwards, stand in all later mails that show a request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import CONFIG, TestDesk

ALICE, MARIE = "Alice Moreau <alice@example.com>", "Marie Dubois <marie@example.org>"
DAN, EVE, LEVEL1, LEVEL2 = "dan@vendor.example", "eve@example.com", "level1@example.com", "level2@example.com"
WORDS, NOTE = "The printer in room 4 smokes.", "She never pays in time."
ENTRY = "· Marie Dubois · made the request, entered by Alice Moreau\n\n> " + WORDS
ABOVE = "· Marie Dubois · made the request, entered by Alice Moreau\n(see “Original request” above)"
REQUEST = f"Original request\n----------------\n\n> {WORDS}"
BELOW = "Support wrote for Marie Dubois:\n> " + WORDS
FORWARD = (
    "\n\n---------- Forwarded message ---------\nFrom: {author}\nDate: Mon, Nov 23, 2026 at 8:00 AM\n"
    "Subject: Printer\nTo: Alice <alice@example.com>\n\n{text}"
)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(
        tmp_path, database=database_url, config=f'{CONFIG}\n[trust]\nauthserv_id = ["mx.example.com"]\n'
    )  # fmt: skip
    yield made
    made.close()


def write(desk: TestDesk, text: str, *, subject: str = "Printer") -> None:
    """Alice writes to the desk, and her server vouches for her."""
    mail = desk.mail(ALICE, text, subject=subject)
    mail["Authentication-Results"] = "mx.example.com; dmarc=pass header.from=example.com"
    desk.send(mail)
    later(desk)


def reply(desk: TestDesk, text: str, *, address: str = LEVEL1, notice: str = "request", sender: str = ALICE) -> None:
    desk.send(desk.answer(sender, text, desk.last(address, notice)))
    later(desk)


def later(desk: TestDesk) -> None:
    now = desk.clock.now()
    desk.clock.set(now.replace(minute=now.minute + 3))


def told(desk: TestDesk, address: str, notice: str) -> str:
    return desk.last(address, notice).text


def test_staff_and_third_parties_read_them_as_the_request(desk: TestDesk) -> None:
    write(desk, f"#requester {MARIE} by phone\n#type incident\n#note {NOTE}\n#take\n\n{WORDS}")
    reply(desk, "Please switch it off.")
    reply(desk, "It is off.", address="marie@example.org", notice="answer", sender=MARIE)
    reply(desk, f"#ask {DAN} with files\n\nDo you know it?")
    reply(desk, f"#approve-by {EVE} A new one?")
    reply(desk, "#status")
    reply(desk, "#show SUP-1")
    reply(desk, "#escalate no idea")
    for mail, entry in ((told(desk, "alice@example.com", "status"), ENTRY), (told(desk, LEVEL2, "escalation"), ABOVE)):
        assert entry in mail
        assert mail.count(WORDS) == 1
    shown = told(desk, "alice@example.com", "shown")
    assert f"made the request, entered by Alice Moreau\n“{WORDS}”" in shown
    for mail in (told(desk, DAN, "ask"), told(desk, EVE, "approval")):
        assert BELOW in mail
        for inside in ("Alice", "marie@", NOTE, "#", "It is off."):
            assert inside not in mail, inside


def test_the_requester_and_people_in_copy_do_not_read_what_the_agent_wrote_down(desk: TestDesk) -> None:
    write(desk, f"#requester {MARIE}\n#priority high\n#note {NOTE}\n\n{WORDS}")
    reply(desk, "#cc ben@example.org\n\nPlease switch it off.")
    for address in ("marie@example.org", "ben@example.org"):
        answer = told(desk, address, "answer")
        assert not any(inside in answer for inside in ("Alice", NOTE, "#", WORDS))


def test_a_question_beside_the_request_stands_with_its_own_words(desk: TestDesk) -> None:
    write(desk, f"#requester {MARIE}\n#waiting Which floor?\n\n{WORDS}")
    reply(desk, "#cc ben@example.org\n\nWe come at ten.")
    reply(desk, "#status")
    story = told(desk, "alice@example.com", "status")
    assert ENTRY in story
    assert "Alice Moreau · asked the requester and is waiting\n\n> Which floor?" in story
    below = told(desk, "ben@example.org", "answer").partition("We come at ten.")[2]
    assert "Support wrote:\n> Which floor?" in below
    assert WORDS not in below


def test_of_a_forward_people_outside_read_the_forwarded_words_alone(desk: TestDesk) -> None:
    write(desk, f"#requester\n\n{NOTE}" + FORWARD.format(author=MARIE, text=WORDS), subject="Fwd: Printer")
    reply(desk, "Please switch it off.")
    reply(desk, f"#ask {DAN}\n\nDo you know it?")
    for address, notice in (("marie@example.org", "answer"), (DAN, "ask")):
        mail = told(desk, address, notice)
        assert BELOW in mail
        assert NOTE not in mail
    reply(desk, "#escalate no idea")
    assert f"> {NOTE}\n>\n> {WORDS}" in told(desk, LEVEL2, "escalation")


COLLEAGUE = "Bob <bob@example.com>"
NESTED = f"{NOTE}{FORWARD.format(author=MARIE, text=WORDS)}"
NOTICE = f"{WORDS}\n\n23/11/2026 09:00 · Alice Moreau · added a note · internal\n\n{NOTE}"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        (FORWARD.format(author=COLLEAGUE, text=NESTED), "Fwd: Printer"),
        (FORWARD.format(author=MARIE, text=NESTED), "Fwd: Printer"),
        (f"\n\n{NOTE}\n{WORDS}", "Fwd: Printer"),
        (f"\n\n{NOTICE}", "Printer"),
    ],
)
def test_words_that_may_be_of_staff_leave_with_no_answer(desk: TestDesk, text: str, subject: str) -> None:
    write(desk, f"#requester {MARIE}{text}", subject=subject)
    reply(desk, "Please switch it off.")
    assert NOTE not in told(desk, "marie@example.org", "answer")
    reply(desk, "#escalate no idea")
    assert WORDS in told(desk, LEVEL2, "escalation")


def test_a_bare_note_is_no_part_of_the_request(desk: TestDesk) -> None:
    write(desk, f"#requester {MARIE}\n#note\n\n{NOTE}" + FORWARD.format(author=MARIE, text=WORDS), subject="Fwd: P")
    reply(desk, "Please switch it off.")
    answer = told(desk, "marie@example.org", "answer")
    assert answer.endswith(BELOW)
    assert NOTE not in answer
    reply(desk, "#escalate no idea")
    story = told(desk, LEVEL2, "escalation")
    assert REQUEST in story
    assert ABOVE in story
    assert story.count(f"added a note · internal\n\n> {NOTE}") == 1


def test_another_requester_does_not_read_the_words_of_the_first(desk: TestDesk) -> None:
    write(desk, f"#requester {MARIE}\n\n{WORDS}")
    reply(desk, "#requester Ben <ben@example.org>")
    reply(desk, "Please switch it off.")
    assert WORDS not in told(desk, "ben@example.org", "answer")
    reply(desk, "#escalate no idea")
    assert REQUEST in told(desk, LEVEL2, "escalation")
    assert ABOVE in told(desk, LEVEL2, "escalation")


def test_what_an_agent_writes_first_is_theirs_and_stands_before_the_answer(desk: TestDesk) -> None:
    write(desk, f"#to marie@example.org\n#note {NOTE}\n\nYour lease ends. Do you want a new one?")
    reply(desk, "Yes, a red one.", address="marie@example.org", notice="question", sender=MARIE)
    reply(desk, f"#ask {DAN}\n\nDo you have it?", address="alice@example.com", notice="message")
    asked = told(desk, DAN, "ask")
    assert asked.index("> Yes, a red one.") < asked.index("Support wrote:\n> Your lease ends.")
    assert not any(inside in asked for inside in ("Alice", NOTE, "#"))
    reply(desk, "#escalate no idea", address="alice@example.com", notice="message")
    story = told(desk, LEVEL2, "escalation").partition("History (times in")[2]
    assert "sent the request" not in story
    assert story.count("Your lease ends.") == 1
