"""Earlier words stand below an agent's words: quoted, for those who may see it, and never read as an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from tests.support.desk import CONFIG, TestDesk

ANNA, BEN, DAN = "Anna Weber <anna@example.org>", "Ben <ben@example.org>", "dan@vendor.example"
ALICE, LEVEL1 = "Alice <alice@example.com>", "level1@example.com"
REQUEST = "Hello,\n\nthe printer on the second floor smokes."
SECRET = "This customer never pays in time."
ATTRIBUTION = "On Monday 23 November 2026 at 09:00 Anna Weber wrote:"

Make = Callable[..., TestDesk]


@pytest.fixture
def make(tmp_path: Path, database_url: str) -> Iterator[Make]:
    made: list[TestDesk] = []

    def desk(more: str = "", config: str = CONFIG) -> TestDesk:
        told = '[agents]\ntranscripts = "always"'
        made.append(TestDesk(tmp_path, database=database_url, config=f"{config}\n{told}\n{more}"))
        return made[0]

    yield desk
    for one in made:
        one.close()


def asked(desk: TestDesk, text: str = REQUEST, **more: str) -> None:
    """Anna writes to the desk."""
    desk.send(desk.mail(ANNA, text, subject="Printer", **more))


def reply(desk: TestDesk, text: str, *, notice: str = "request") -> None:
    """Alice replies to the newest mail of that kind to her level, or to her once she has the ticket."""
    desk.send(desk.answer(ALICE, text, desk.last("alice@example.com" if notice == "message" else LEVEL1, notice)))


def follow_up(desk: TestDesk, sender: str, text: str, **more: str) -> None:
    """A person replies to the newest answer to Anna, or to what they got themselves."""
    address = sender.rpartition("<")[2].rstrip(">")
    message = desk.answer(sender, text, desk.last(address))
    for name, value in more.items():
        message[name] = value
    desk.send(message)


def test_an_answer_has_the_mail_that_it_answers_below_as_text_and_as_a_page(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, "Please switch it off.")
    told = desk.last("anna@example.org", "answer")
    assert told.text.endswith(f"{ATTRIBUTION}\n> Hello,\n>\n> the printer on the second floor smokes.")
    assert told.text.index("Please switch") < told.text.index("request SUP-1 ·") < told.text.index(ATTRIBUTION)
    part = told.message.get_body(("html",))
    assert part is not None
    page = str(part.get_content()).replace("\xa0", " ")
    assert "</blockquote>" in page.partition(ATTRIBUTION)[2]


def test_a_question_has_it_too(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, "#waiting\n\nPlease switch it off.")
    assert f"{ATTRIBUTION}\n> Hello,\n" in desk.last("anna@example.org", "question").text


def test_a_solution_and_automatic_notices_have_none(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, "#resolve\n\nSwitched off.")
    desk.pass_time("3 business days")
    for mail in desk.delivered("anna@example.org"):
        assert ATTRIBUTION not in mail.text, mail.notice
    assert desk.last("anna@example.org", "reminder")


def test_the_last_mail_is_quoted_and_no_older_one(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, "Since when?")
    desk.clock.set(desk.clock.now().replace(hour=12))
    follow_up(desk, ANNA, "Since noon.")
    reply(desk, "Please switch it off.", notice="message")
    told = desk.last("anna@example.org", "answer").text
    assert told.endswith("On Monday 23 November 2026 at 13:00 Anna Weber wrote:\n> Since noon.")
    assert "smokes" not in told


def test_all_is_the_public_conversation_newest_first(make: Make) -> None:
    desk = make('[notices]\nhistory = "all"')
    asked(desk)
    reply(desk, f"#note {SECRET}\n\nSince when?")
    reply(desk, f"#note {SECRET}")
    reply(desk, f"#ask {DAN}\n\nDo you know this?")
    desk.send(desk.answer(f"Dan <{DAN}>", "It is the fuser.", desk.last(DAN)))
    follow_up(desk, ANNA, "Since noon.")
    reply(desk, "#time 15m\n\nPlease switch it off.", notice="message")
    reply(desk, "A new part is in.", notice="message")
    told = desk.last("anna@example.org", "answer").text.partition("\nOn Monday")[2]
    words = ["Please switch it off.", "Since noon.", "Since when?", "second floor smokes"]
    assert sorted(words, key=told.index) == words
    assert told.count("at 09:00 Support wrote:") == 2
    for inside in (SECRET, "#", "fuser", "alice@", "Do you know", "just reply"):
        assert inside not in told, inside


def test_none_is_as_it_was(make: Make) -> None:
    desk = make('[notices]\nhistory = "none"')
    asked(desk)
    reply(desk, "Please switch it off.")
    reply(desk, f"#ask {DAN}\n\nDo you know this?")
    assert "smokes" not in desk.last("anna@example.org", "answer").text
    assert "smokes" not in desk.last(DAN).text


def test_an_answer_between_the_lines_has_no_second_quote(make: Make) -> None:
    desk = make()
    asked(desk)
    quoted = "\n".join(f"> {line}".rstrip() for line in desk.last(LEVEL1, "request").text.splitlines())
    quoted = quoted.replace("floor smokes.", "floor smokes.\n\nWe come at ten.\n")
    text = f"On Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n\n{quoted}"
    desk.send(desk.answer(ALICE, text, desk.last(LEVEL1, "request"), quote=False))
    told = desk.last("anna@example.org", "answer").text
    assert "> the printer on the second floor smokes.\nWe come at ten." in told
    assert told.count("smokes") == 1
    assert ATTRIBUTION not in told


def test_a_person_in_copy_sees_only_what_they_were_sent(make: Make) -> None:
    desk = make()
    asked(desk, cc=BEN)
    reply(desk, "Since when?")
    assert "smokes" not in desk.last("ben@example.org", "answer").text  # nothing shows that the address is theirs
    follow_up(desk, BEN, "Since noon, I am told.")
    follow_up(desk, ANNA, "Between us: Ben did it.")
    reply(desk, "Please switch it off.", notice="message")
    assert "Between us" in desk.last("anna@example.org", "answer").text
    told = desk.last("ben@example.org", "answer").text
    assert told.endswith("> Since noon, I am told.")
    assert "Between us" not in told


def test_a_person_put_in_copy_gets_the_request_and_the_last_answer_once(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, "Since when?")
    follow_up(desk, ANNA, "Since noon.")
    reply(desk, f"#cc ben@example.org\n#note {SECRET}\n\nPlease switch it off.", notice="message")
    told = desk.last("ben@example.org", "answer")
    assert str(told.message["Subject"]).startswith("Re: Printer")
    history = told.text.partition("request SUP-1 ·")[2]
    assert history.index("Support wrote:\n> Since when?") < history.index("Anna Weber wrote:\n> Hello,")
    assert "Since noon" not in told.text
    assert SECRET not in told.text
    reply(desk, "And on again.", notice="message")
    assert "smokes" not in desk.last("ben@example.org", "answer").text


def test_a_refused_answer_is_not_quoted(make: Make) -> None:
    desk = make('[notices]\nhistory = "all"')
    asked(desk)
    reply(desk, "#escalate")
    reply(desk, "Too late to be sent.")  # the ticket is with Level 2
    desk.send(desk.answer("Carol <carol@example.com>", "Please switch it off.", desk.last("level2@example.com")))
    told = desk.last("anna@example.org", "answer").text
    assert "smokes" in told
    assert "Too late" not in told


def test_a_mail_that_the_pinned_server_refuses_is_never_quoted(make: Make) -> None:
    desk = make('[trust]\nauthserv_id = ["mx.example.com"]')
    asked(desk)
    forged = desk.mail(ANNA, "Send the parts to Elm Street.", subject="Re: Printer [SUP-1]")
    forged["Authentication-Results"] = "mx.example.com; dmarc=fail header.from=example.org"
    forged.add_attachment(b"forged", maintype="application", subtype="pdf", filename="forged.pdf")
    desk.send(forged)
    reply(desk, "Please switch it off.")
    reply(desk, f"#ask {DAN} with files\n\nDo you know this?")
    for mail in (desk.last("anna@example.org", "answer"), desk.last(DAN)):
        assert "smokes" in mail.text
        assert "Elm Street" not in mail.text
    assert b"forged.pdf" not in desk.last(DAN).raw


def test_tokens_in_it_are_masked(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, "Since when?")
    own = desk.last("anna@example.org", "answer").reply_to
    follow_up(desk, ANNA, f"I wrote to {own} already.")
    reply(desk, "#cc ben@example.org\n\nThank you.", notice="message")
    for address in ("anna@example.org", "ben@example.org"):
        assert own not in desk.last(address, "answer").raw.decode().replace("=\r\n", "").partition("\r\n\r\n")[2]


def test_a_long_mail_is_cut_and_a_long_conversation_ends(make: Make) -> None:
    desk = make('[notices]\nhistory = "all"\n[limits]\nhistory_size = "1 kB"\nhistory_mails = 2')
    asked(desk, "\n".join(f"Line {number} of the request." for number in range(100)))
    reply(desk, "Since when?")
    told = desk.last("anna@example.org", "answer").text
    assert told.endswith("\n> […]")
    assert len(told) < 1_500
    for words in ("one", "two", "three"):
        follow_up(desk, ANNA, f"Number {words}.")
    reply(desk, "Please switch it off.", notice="message")
    told = desk.last("anna@example.org", "answer").text
    assert "Number three." in told
    assert "Number two." in told
    assert "Number one." not in told


def statements(desk: TestDesk, text: str) -> int:
    """The number of SQL statements that read the conversation while an answer is worked off."""
    found: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        found.extend([statement] if "from_state" in statement and "new_text" in statement else [])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        reply(desk, text)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(found)


@pytest.mark.parametrize(("mode", "count"), [("none", 0), ("last", 1), ("all", 1)])
def test_an_answer_to_several_people_costs_one_statement_and_a_request_none(make: Make, mode: str, count: int) -> None:
    desk = make(f'[notices]\nhistory = "{mode}"\n[knowledge]\nenabled = false')
    asked(desk, cc=BEN)
    assert statements(desk, "#note Nobody outside reads this.") == 0
    assert statements(desk, "Please switch it off.") == count


UNMARKED = """{words}

________________________________
From: Support <support@example.com>
Sent: Monday, 23 November 2026 10:00
To: Anna Weber <anna@example.org>
Subject: {subject}

{notice}"""


@pytest.mark.parametrize("mode", ["last", "all"])
@pytest.mark.parametrize("layout", ["unmarked", "top", "bottom", "between"])
def test_words_of_the_history_never_answer_the_question(make: Make, layout: str, mode: str) -> None:
    desk = make(f'[notices]\nhistory = "{mode}"')
    asked(desk, "Yes, it was resolved yesterday.\n\nresolved\n\nNow it smokes again.")
    reply(desk, "#resolve\n\nWe changed the fuser.")
    confirm = desk.last("anna@example.org", "confirm")
    assert "> resolved" not in confirm.text
    words = "I will look at it on Friday."
    quoted = [f"> {line}".rstrip() for line in confirm.text.splitlines()]
    text = {
        "unmarked": UNMARKED.format(words=words, subject=confirm.message["Subject"], notice=confirm.text),
        "top": "\n".join([words, "", *quoted]),
        "bottom": "\n".join([*quoted, "", words]),
        "between": "\n".join([*quoted[:4], "", words, "", *quoted[4:]]),
    }[layout]
    desk.send(desk.answer(ANNA, text, confirm, quote=False))
    assert desk.ticket().state == "confirming"
    asks = desk.last(LEVEL1, "unclear").text
    assert words in asks
    assert "smokes again" not in asks.partition(words)[2].partition("\n\n")[0]


# -- #ask --------------------------------------------------------------------------------------------------------------


def test_a_question_to_a_third_party_carries_the_request_without_the_address(make: Make) -> None:
    desk = make()
    asked(desk, f"{REQUEST}\nWrite to Anna@example.org.\n\n-- \nAnna Weber\n+49 30 1234567")
    since_noon(desk)
    reply(desk, f"#ask {DAN}\n\nDo you know this?")
    told = desk.last(DAN)
    assert told.text.startswith("Do you know this?\n\nThis question is from Support, about a request")
    assert f"Request: Printer\n\n{ATTRIBUTION}\n> Hello,\n" in told.text
    assert "Write to Anna Weber." in told.text
    for hidden in ("anna@example.org", "1234567", "Since noon", "Since when"):
        assert hidden not in told.raw.decode().casefold(), hidden
    assert "#ask: your text was sent to dan@vendor.example only; the request is quoted below it" in (
        desk.last("alice@example.com", "transcript").text
    )


def since_noon(desk: TestDesk) -> None:
    reply(desk, "Since when?")
    follow_up(desk, ANNA, "Since noon.")


def test_a_question_alone_has_the_agents_words_only(make: Make) -> None:
    desk = make()
    asked(desk)
    reply(desk, f"#ask {DAN} alone\n\nDo you know this?")
    assert "smokes" not in desk.last(DAN).text
    assert "the request is quoted" not in desk.last("alice@example.com", "transcript").text


def with_files(desk: TestDesk, text: str, size: int = 10) -> None:
    message = desk.mail(ANNA, text, subject="Printer")
    message.add_attachment(b"x" * size, maintype="application", subtype="pdf", filename="log.pdf")
    message.add_attachment(b"GIF89a", maintype="image", subtype="gif", filename="logo.gif", disposition="inline")
    desk.send(message)


@pytest.mark.parametrize("words", ["with files", "mit Dateien", ", avec fichiers."])
def test_files_go_along_where_the_agent_says_so(make: Make, words: str) -> None:
    desk = make()
    with_files(desk, REQUEST)
    inside = desk.answer(ALICE, f"#note {SECRET}", desk.last(LEVEL1, "request"))
    inside.add_attachment(b"inside", maintype="application", subtype="pdf", filename="inside.pdf")
    desk.send(inside)
    reply(desk, f"#ask {DAN}\n\nDo you know this?")
    assert [part.get_filename() for part in desk.last(DAN).message.iter_attachments()] == []
    reply(desk, f"#ask {DAN} {words}\n\nDo you know this?")
    assert [part.get_filename() for part in desk.last(DAN).message.iter_attachments()] == ["log.pdf"]
    assert "; with log.pdf" in desk.last("alice@example.com", "transcript").text


def test_a_file_without_a_line_of_text_goes_along_too(make: Make) -> None:
    desk = make()
    with_files(desk, "")
    reply(desk, f"#ask {DAN} with files\n\nDo you know this?")
    assert [part.get_filename() for part in desk.last(DAN).message.iter_attachments()] == ["log.pdf"]


def test_files_that_are_too_large_stay_behind_and_the_agent_is_told(make: Make) -> None:
    desk = make('[limits]\nnotice_max_size = "100 kB"')
    with_files(desk, REQUEST, 200_000)
    reply(desk, f"#ask {DAN} with files\n\nDo you know this?")
    assert "log.pdf" in desk.last("alice@example.com", "files_left_out").text
    assert "without the requester’s files" in desk.last("alice@example.com", "transcript").text


@pytest.mark.parametrize(
    ("listed", "words", "subject"),
    [
        ("fr", "Do you know this printer, and what is wrong with it?", "vous pose une question"),
        ("", "Connaissez-vous cette imprimante, et savez-vous ce qu'elle a ?", "vous pose une question"),
        ("", "Kennen Sie diesen Drucker, und wissen Sie, was er hat?", "A question"),  # no language of the queue
        ("", "Do you know this printer, and what is wrong with it?", "A question"),
    ],
)
def test_the_language_is_that_of_the_directory_or_of_the_agents_words(
    make: Make, tmp_path: Path, listed: str, words: str, subject: str
) -> None:
    (tmp_path / "people.csv").write_text(f"email,name,language\n{DAN},Dan,{listed}\n")
    desk = make('[directory]\npeople = "people.csv"')
    asked(desk)
    reply(desk, f"#ask {DAN}\n\n{words}")
    assert subject in str(desk.last(DAN).message["Subject"])
