"""The text part of a notice on the wire: wrapped for those who see it as it is, whole for those who know RFC 3676."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from textwrap import wrap

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wcwidth import width

from mailgate.core.mail import Address
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.mime.flowed import (
    _ONE_COLUMN,
    _TWO_COLUMNS,
    COLUMNS,
    FlowedText,
    _columns,
    _wrap,
    _wrap_narrow,
    flow,
)
from mailgate.notices.mime.leak_guard import find_quoted_notice
from mailgate.notices.mime.message import Head, compose
from mailgate.notices.rendering.content import Rendered
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers.message import cut_unmarked, read_mail, read_texts
from mailgate.parsers.mime.clean_text import undo_flow

PROSE = "We replaced the power supply of your router this morning, and it has been running without a stop since then."
WORDS = st.sampled_from(
    ["a", "From", ">", "> ", ">>", "-", "--", "-- ", " ", "  ", "\n", "|", "\t", "`", "`mailgate export SUP-1042`",
     "https://example.com/a/long/path?with=a&query=string", "jo@example.com", "déjà", "漢字", "かな。", "「", "한국어",
     "👩\u200d💻", "x" * 80, "=" * 72, "\u00a0", "é" * 9]
)  # fmt: skip


def read_rfc_3676(text: str, *, delete_space: bool) -> list[tuple[int, str]]:
    """Depth and words of each paragraph and each fixed line, as section 4 has it."""
    found: list[tuple[int, str]] = []
    flows = False
    for line in text.split("\n"):
        words = line.lstrip(">")
        depth = len(line) - len(words)
        words = words.removeprefix(" ")
        if flows and words != "-- " and depth == found[-1][0]:
            found[-1] = depth, found[-1][1] + words
        else:
            found.append((depth, words))
        flows = words.endswith(" ") and words != "-- "
        if flows and delete_space:
            found[-1] = depth, found[-1][1][:-1]
    return found


def lines_of(text: str) -> list[tuple[int, str]]:
    """Depth and words of each line of a text, in which only `> ` marks a quotation."""
    found = []
    for line in text.split("\n"):
        marks = re.match(r">(?: ?>)*(?= |\Z)", line)
        words = line[marks.end() + 1 :] if marks else line
        found.append((marks[0].count(">") if marks else 0, words if words == "-- " else words.rstrip(" ")))
    return found


def read(flowed: FlowedText) -> str:
    return undo_flow(flowed.text, delete_space=flowed.delete_space)


@given(
    st.one_of(
        st.text(max_size=600), st.lists(WORDS, max_size=60).map("".join), st.lists(WORDS, max_size=60).map(" ".join)
    )
)
def test_a_reader_gets_any_text_back(text: str) -> None:
    flowed = flow(text)
    assert read_rfc_3676(flowed.text, delete_space=flowed.delete_space) == lines_of(text)
    assert lines_of(read(flowed)) == lines_of(text)
    assert flow(read(flowed)) == flowed


@given(
    st.lists(st.sampled_from(["a", "word", "a longer one", "dé", "漢字"]), min_size=1).map(" ".join), st.integers(0, 3)
)
def test_no_line_of_words_has_more_than_72_columns(words: str, depth: int) -> None:
    flowed = flow(f"{'> ' * depth}{words}").text
    assert all(width(line.rstrip()) <= 72 for line in flowed.split("\n"))
    assert all(line.startswith(">" * depth + " " * (depth > 0)) for line in flowed.split("\n"))


def test_a_paragraph_an_item_and_a_quotation_are_wrapped() -> None:
    flowed = flow(f"{PROSE}\n\n- {PROSE}\n\n> > {PROSE}")
    assert flowed.parameters == "format=flowed; delsp=no"
    assert flowed.text.split("\n") == [
        "We replaced the power supply of your router this morning, and it has ",
        "been running without a stop since then.",
        "",
        "- We replaced the power supply of your router this morning, and it has ",
        "been running without a stop since then.",
        "",
        ">> We replaced the power supply of your router this morning, and it has ",
        ">> been running without a stop since then.",
    ]


@pytest.mark.parametrize(
    "text",
    [
        f"Restored\n{'=' * 72}\n\nBe quick.\nYours\n-- \nAda",
        f"    sudo systemctl restart printer && {PROSE}",
        f"> quoted:\n>     {PROSE}\n>",
        f"| name | {PROSE} |",
        f"name      {PROSE}",
        f"name\t{PROSE}",
        "https://example.com/" + "a/" * 60,
    ],
)
def test_what_was_set_by_hand_stays(text: str) -> None:
    flowed = flow(text)
    assert [line.removeprefix(" ").strip(" ") for line in flowed.text.split("\n")] == [
        line.strip(" ") for line in text.split("\n")
    ]
    assert read(flowed) == text


@pytest.mark.parametrize(
    ("text", "stuffed"),
    [
        (" a", "  a"),
        (">50 %", " >50 %"),
        ("From here", " From here"),
        ("> a", "> a"),
        (">", ">"),
        ("Fromage", "Fromage"),
    ],
)
def test_only_lines_that_a_reader_would_change_are_stuffed(text: str, stuffed: str) -> None:
    assert flow(text).text == stuffed


def test_nothing_is_broken_inside_a_command_or_an_address() -> None:
    for parts in range(40, 72):
        text = (
            f"{'x' * parts} (`mailgate export SUP-1042 --to FILE`), then https://example.com/a-b?c=d or jo@example.com."
        )
        lines = [line.rstrip() for line in flow(text).text.split("\n")]
        for whole in ("(`mailgate export SUP-1042 --to FILE`),", "https://example.com/a-b?c=d", "jo@example.com."):
            assert sum(whole in line for line in lines) == 1


def test_text_without_spaces_breaks_between_its_letters() -> None:
    flowed = flow("印刷機が動きません。" * 10 + " Reset it, please.")
    assert flowed.parameters == "format=flowed; delsp=yes"
    lines = flowed.text.split("\n")
    assert width(lines[0]) == max(width(line) for line in lines) == 73
    assert not [line for line in lines if line.startswith("。")]
    assert lines[-2].endswith("Reset it,  ")


def test_no_line_above_others_is_taken_for_a_signature() -> None:
    for text in (f"-- {'x' * 71} y", f"--{'漢' * 50}", f"{'word ' * 14}-- {'y' * 71}"):
        assert "-- " not in flow(text).text.split("\n")
        assert read(flow(text)) == text


@pytest.mark.parametrize(
    "piece", ["a", "a ", "漢", "> ", "`", "`a ", "\n", ">", "「", "https://", "| ", "-- ", "a|b   ", "\u0301"]
)
def test_a_long_text_takes_no_time(piece: str) -> None:
    text = piece * 200_000
    assert lines_of(read(flow(text)))[-1:] == lines_of(text)[-1:] or piece == "\n"


# -- reading back ------------------------------------------------------------------------------------------------------

WHEN = "On Mon, 23 Nov 2026 at 09:00, Support <support@example.com> wrote:"
ANSWER = "Thanks, I will tell you tomorrow."
NOTICE = (
    f"Hello Jo,\n\n{PROSE}\n\n- {PROSE}\n\n"
    "    sudo systemctl restart the-printer-of-the-second-floor.service --now --quiet\n\n"
    "印刷機が動きません。電源を入れ直しましたが、まだ動きません。どうすればよいか教えてください。よろしくお願いします。\n\n"
    f"Jo wrote:\n> {PROSE}\n> > {PROSE}\n\nSupport · SUP-1042"
)


def compose_notice(text: str) -> bytes:
    head = Head(
        Address("Support", "support@example.com"), Address("Jo", "jo@example.com"), "Re: Printer [SUP-1042]",
        datetime(2026, 11, 24, tzinfo=UTC), "SUP-1042.7.k7q2abcdefghijkl@example.com", "support@example.com",
    )  # fmt: skip
    return compose(head, Rendered("x", text, "")).body


def on_the_wire(text: str) -> list[str]:
    """The lines of a notice as a client has them that knows no format=flowed."""
    part = message_from_bytes(compose_notice(text), policy=policy.default)
    assert isinstance(part, EmailMessage)
    return str(part.get_content()).splitlines()


def as_mutt(lines: list[str]) -> str:
    return "\n".join([ANSWER, "", WHEN, "", *(f"> {line}" for line in lines)])


def as_thunderbird(lines: list[str]) -> str:
    marked = (f">{line}" if line.startswith(">") else f"> {line.removeprefix(' ')}" for line in lines)
    return "\n".join([ANSWER, "", WHEN, *marked])


def as_outlook(lines: list[str]) -> str:
    fields = "From: Support <support@example.com>\nSent: Monday, November 23, 2026 9:00 AM\nTo: Jo <jo@example.com>"
    return "\n".join([ANSWER, "", "-----Original Message-----", fields, "Subject: Re: Printer [SUP-1042]", "", *lines])


def as_narrow(lines: list[str]) -> str:
    """A client that wraps once more, at 60 columns, and marks only the beginnings."""
    wrapped = (part for line in lines for part in wrap(line.rstrip(), 60) or [""])
    return "\n".join([ANSWER, "", WHEN, "", *(f"> {line}" for line in wrapped)])


def bare(lines: list[str]) -> str:
    return "\n".join([ANSWER, "", *lines])


def reply(body: str, *, flowed: bool = False) -> bytes:
    kind = "text/plain; charset=utf-8; format=flowed" if flowed else "text/plain; charset=utf-8"
    head = f"From: Jo <jo@example.com>\nSubject: Re: Printer\nIn-Reply-To: <1@example.com>\nContent-Type: {kind}\n\n"
    return f"{head}{body}".encode()


def test_the_desk_reads_its_own_notice_whole() -> None:
    assert read_texts(compose_notice(NOTICE)) == (NOTICE.replace("> > ", ">> "),)


@pytest.mark.parametrize("quote", [as_mutt, as_thunderbird, as_outlook, as_narrow, bare])
@pytest.mark.parametrize("flowed", [False, True])
@pytest.mark.parametrize("joined", [False, True])
def test_a_notice_that_a_reply_quotes_is_no_part_of_it(
    quote: Callable[[list[str]], str], *, flowed: bool, joined: bool
) -> None:
    """By clients that show the lines as they came, and by those that join them."""
    raw = compose_notice(NOTICE)
    lines = read_texts(raw)[0].split("\n") if joined else on_the_wire(NOTICE)
    mail = read_mail(reply(quote(lines), flowed=flowed))
    assert cut_unmarked(mail, read_texts(raw)).new_text == ANSWER


@pytest.mark.parametrize("quote", [as_mutt, as_thunderbird, as_outlook, as_narrow, bare])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_internal_notice_is_known_however_it_is_wrapped(quote: Callable[[list[str]], str], language: str) -> None:
    internal = Templates().render(sample(Notice.REQUEST, language)).text
    assert find_quoted_notice(quote(on_the_wire(internal)), lambda _address: False)


NARROW = st.sampled_from(["a", "déjà", "From", "--", "x" * 71, "x" * 73, "…", "\u00a0", "e.g."])


@given(st.lists(NARROW, min_size=1, max_size=60), st.sampled_from([" ", "  "]))
def test_words_of_one_column_a_letter_are_wrapped_as_all_others(words: list[str], space: str) -> None:
    line = space.join(words)
    if "-- " not in line:
        assert list(_wrap_narrow(line, COLUMNS)) == list(_wrap(line, COLUMNS))


@given(st.lists(WORDS, max_size=40))
def test_a_line_that_is_passed_over_would_have_stayed_as_it_is(words: list[str]) -> None:
    text = "".join(words).rstrip(" ")
    looked_at = flow(f"{text}\n ")  # with a space at an end, every line is looked at
    assert (looked_at.text.removesuffix("\n"), looked_at.delete_space) == (flow(text).text, flow(text).delete_space)


@pytest.mark.parametrize(("letters", "columns"), [(_ONE_COLUMN.replace("\n", ""), 1), (_TWO_COLUMNS, 2)])
def test_letters_take_the_columns_that_a_terminal_gives_them(letters: str, columns: int) -> None:
    known = "".join(re.findall(f"[{letters}]", "".join(map(chr, range(0xD800)))))
    assert {width(letter) for letter in known} == {columns}
    assert _columns(known) == width(known)
