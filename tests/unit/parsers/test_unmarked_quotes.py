"""A mail that stands in the reply to it without marks of a quote, and words that only look like it."""

from __future__ import annotations

import textwrap
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.parsers.html.html_to_text import convert_html
from mailgate.parsers.message import cut_unmarked, is_piece_of, read_mail, read_texts
from mailgate.parsers.quoting.unmarked_quotes import mark_unmarked, may_repeat, repeats_mail

MAIL = (
    "Hello,\n\nno, it was the cable. Please restart.\n\nIs it solved now?\n\n- solved\n- not solved\n\nSupport · SUP-1"
)
TYPED = "Thanks, I will tell you tomorrow."


def new_text(body: str, *mails: str, subject: str = "Re: Printer") -> str:
    raw = f"From: Anna <anna@example.org>\nSubject: {subject}\nIn-Reply-To: <1@example.com>\n\n{body}"
    return cut_unmarked(read_mail(raw.encode()), mails or (MAIL,)).new_text


@pytest.mark.parametrize("body", [f"{TYPED}\n\n{MAIL}", f"{MAIL}\n\n{TYPED}", f"{MAIL}\n{TYPED}", f"{TYPED}\n{MAIL}"])
def test_the_mail_above_or_below_is_cut(body: str) -> None:
    assert new_text(body) == TYPED


def test_an_attribution_beside_it_is_cut_too() -> None:
    below = f"{TYPED}\n\nOn Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n\n{MAIL}"
    above = f"On Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n\n{MAIL}\n\n{TYPED}"
    assert new_text(below) == new_text(above) == TYPED


def test_other_signs_links_and_ends_of_lines_are_no_difference() -> None:
    changed = MAIL.replace("- ", "• ").replace("solved\n", "Solved <mailto:support@example.com?body=solved>\n")
    changed = changed.replace("cable. Please", "cable.\nPlease").replace("\n\nIs it", " Is it").upper()
    assert new_text(f"{TYPED}\n\n{changed}") == TYPED
    assert new_text(f"{TYPED}\n\n" + "\n".join(f"| {line}" for line in MAIL.split("\n"))) == TYPED


def test_each_form_of_the_mail_is_known() -> None:
    raw = (
        b'Content-Type: multipart/alternative; boundary="b"\n\n--b\nContent-Type: text/plain\n\nAs plain text.\n'
        b"--b\nContent-Type: text/html\n\n<p>As a <b>page</b>.</p>\n--b--\n"
    )
    assert read_texts(raw) == ("As plain text.", "As a page.")
    assert read_texts(b"") == ()


def test_one_answer_and_the_whole_mail_is_the_answer() -> None:
    for word in ("solved", "not solved", "- solved"):
        assert new_text(f"{word}\n\n{MAIL}") == word
        assert new_text(f"{MAIL}\n\n{word}") == word


@pytest.mark.parametrize(
    "body",
    [
        "solved", "- solved", "no, it was the cable. Please restart.\n\nIs it solved now?\n\n- solved",
        MAIL.replace("- not solved\n", ""), MAIL.replace("- solved\n", ""), MAIL.replace("now?", "now? yes"),
        MAIL.replace("Support · SUP-1", "").strip(), f"It says: {MAIL}", f"{MAIL} and more",
        "Is it solved now?\nsolved",
    ],
)  # fmt: skip
def test_a_part_of_the_mail_stays_as_it_is_read_today(body: str) -> None:
    assert mark_unmarked(body, (MAIL,)) == body


def test_a_mail_of_few_words_is_not_looked_for() -> None:
    assert mark_unmarked("It works.\n\nThank you.", ("It works.\n\nThank you.",)) == "It works.\n\nThank you."


def test_a_forward_keeps_what_it_passes_on() -> None:
    assert "cable" in new_text(f"Please look.\n\n{MAIL}", subject="Fwd: Printer")


def test_nothing_but_the_mail_is_no_text() -> None:
    assert new_text(MAIL) == ""


_word = st.text("abcdeéßñ", min_size=1, max_size=7)
_mail = st.lists(st.lists(_word, min_size=2, max_size=20).map(" ".join), min_size=4, max_size=12).map("\n\n".join)


@given(_mail, st.integers(10, 80), st.booleans(), st.sampled_from(("", "> ", "| ", "    ")))
def test_any_mail_is_found_however_it_is_wrapped(mail: str, width: int, top: bool, mark: str) -> None:
    wrapped = [
        f"{mark}{line}" for part in mail.split("\n\n") for line in textwrap.wrap(part, width, break_long_words=False)
    ]
    block = "\n".join(wrapped)
    body = f"solved 1\n\n{block}" if top else f"{block}\n\nsolved 1"
    lines = mark_unmarked(body, (mail,)).split("\n")
    assert [line for line in lines if line and not line.startswith("> ")] == ["solved 1"]


@given(_mail, st.data())
def test_any_smaller_part_of_a_mail_stays(mail: str, data: st.DataObject) -> None:
    parts = mail.split("\n\n")
    start = data.draw(st.integers(0, len(parts)))
    end = data.draw(st.integers(start, len(parts) if start else len(parts) - 1))
    typed = "\n".join(parts[start:end])
    assert mark_unmarked(typed, (mail,)) == typed


def test_long_texts_take_no_time() -> None:
    begun = time.perf_counter()
    mark_unmarked("a b " * 100_000, ("a b " * 20_000 + "c",))
    mark_unmarked("a b c d e f g h\n" * 30_000, ("a b c d e f g h",))
    mark_unmarked("a" + "\u0316\u0301" * 100_000, ("a b c d e f g h",))  # marks that stand in the other order
    assert time.perf_counter() - begun < 3


PAGE = (
    "<html><head><style>p { color: red }</style></head><body><p>Gr&uuml;ezi <b>An</b>na,</p><ol><li>bitte den Dru"
    'cker\r\nneu starten,</li></ol><p><img src="cid:1" alt="Bild vom Kabel"> und das <a href="https://a.example">Kabel'
    "</a> pr\xfcfen: caf\xe9&nbsp;&#8226; zwei</p></body></html>"
)
NOTICE = f"Content-Type: text/html; charset=utf-8\n\n{PAGE}".encode()


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("last", [12, 14, None])
def test_a_piece_of_a_page_is_found(first: int, last: int | None) -> None:
    [text] = read_texts(NOTICE)
    piece = " ".join(text.split()[first:last])
    assert repeats_mail(piece, (text,))
    assert may_repeat(piece, PAGE)
    assert is_piece_of(piece, NOTICE)


def test_words_that_a_person_typed_cost_no_conversion() -> None:
    typed = "No, the printer still shows the same message after a restart."
    assert not may_repeat(typed, PAGE)
    assert not is_piece_of(typed, NOTICE)
    assert not is_piece_of(typed, b"")


@given(
    st.lists(st.sampled_from(["Kabel", "dr\xfccken", "<b>", "</b>", "&amp;", "<br>", " ", " 42 ", "<i>er</i>", "\n"]))
)
def test_each_piece_that_repeats_a_page_may_repeat_it(parts: list[str]) -> None:
    page = f"<p>{''.join(parts)}</p>"
    words = convert_html(page).text.split()
    piece = " ".join(words[: max(9, len(words) // 2)])
    assert may_repeat(piece, page) or not repeats_mail(piece, (convert_html(page).text,))
