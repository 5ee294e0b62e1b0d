"""The HTML that is made from a text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.formatting import FormattedText
from mailgate.notices.rendering.content import ShownPicture
from mailgate.notices.rendering.html import ANSWERS, CLOSING, Highlights, lay_out


def shape(text: str) -> str:
    """The blocks of a text, without their looks."""
    page = re.sub(r' (?:style|type|class|href|role|width|border|cell\w+|bgcolor)="[^"]*"', "", str(lay_out(text)))
    return page.replace("\n", "").replace("<table><tr><td><", "[<").replace("></td></tr></table>", ">]")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>two</p><p>three</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        (
            "- Who: Jo\n- Due : now",
            "<table><tr><td>Who</td><td>Jo</td></tr><tr><td>Due</td><td>now</td></tr></table>",
        ),
        ("- Who: Jo\n- now", "<ul><li>Who: Jo</li><li>now</li></ul>"),
        ("> - Who: Jo", "[<blockquote><ul><li>Who: Jo</li></ul></blockquote>]"),
        ("> a\n> > b\n>\n> c", "[<blockquote><p>a</p>[<blockquote><p>b</p></blockquote>]<p>c</p></blockquote>]"),
        ("Title\n-----\n\nbody", "<h2>Title</h2><p>body</p>"),
        ("a\n\n---\nb", "<p>a</p><hr><p>b</p>"),
        (
            "    #close withdrawn\n    #take",
            "[<pre><span><strong>#close</strong> withdrawn</span><span><strong>#take</strong></span></pre>]",
        ),
        ("    #close withdrawn", "[<pre><strong>#close</strong> withdrawn</pre>]"),
        ("    #!/bin/sh\n    ls", "[<pre>#!/bin/shls</pre>]"),
        (
            "Reply #route-to x, it's #1\n- #note TEXT: stays",
            "<p>Reply <code>#route-to</code> x, it&#39;s #1</p><ul><li><code>#note</code> TEXT: stays</li></ul>",
        ),
        ("> #route", "[<blockquote><p>#route</p></blockquote>]"),
        ("`mailgate export SUP-7` `x` <b>", "<p><code>mailgate export <span>SUP-7</span></code> `x` &lt;b&gt;</p>"),
        ("> Title\n> -----\n> body", "[<blockquote><p><strong>Title</strong></p><p>body</p></blockquote>]"),
        ("An E-Mail of 2026-11-20 · Jo", "<p>An <span>E-Mail</span> of <span>2026-11-20</span>\xa0· Jo</p>"),
        (
            "Est-ce là ? Dites-le-nous ; a-t-il : oui !",
            "<p><span>Est-ce</span> là\xa0? <span>Dites-le-nous</span>\xa0; <span>a-t-il</span>\xa0: oui\xa0!</p>",
        ),
        ("see <SUP-7> now", "<p>see &lt;<span>SUP-7</span>&gt; now</p>"),
        ("Bye\n-- \nJo", "<p>Bye<br>-- <br>Jo</p>"),
        ("-- \nJo", "<p>-- <br>Jo</p>"),
        ("see https://x.example/a(b).", "<p>see <a>https://x.example/a(b</a>).</p>"),
        ("mailto:jo@x.example?subject=a", "<p><a>jo@x.example</a>?subject=a</p>"),
        ("javascript:alert(1) <b>", "<p>javascript:alert(1) &lt;b&gt;</p>"),
        ('https://x/"onclick=y', "<p><a>https://x/</a>&#34;onclick=y</p>"),
    ],
)
def test_blocks(text: str, html: str) -> None:
    assert shape(text) == html


class Words(HTMLParser):
    """The visible text of a page, and whether every element is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of_tables = (
            {"role", "width", "border", "cellpadding", "cellspacing", "bgcolor"} if tag in ("table", "td") else ()
        )
        assert {key for key, _ in attrs} <= {"style", "class", "href", "type", *of_tables}
        self.open += [tag] if tag not in ("br", "hr") else []

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.seen += data


@given(st.text(alphabet=st.sampled_from("ab<>&\"'- >:/\n\t#@.?htps"), max_size=200))
def test_no_text_breaks_out_and_no_word_is_lost(text: str) -> None:
    words = Words()
    words.feed(str(lay_out(text)))
    words.close()
    assert words.open == []
    kept = re.sub(r"[^ab#]", "", words.seen)
    assert kept == re.sub(r"[^ab#]", "", text)


def test_a_hostile_text_takes_no_time() -> None:
    for text in (">" * 200_000, "> " * 50_000 + "\n", "- a:\n" * 40_000, "https://" * 20_000, "A1-" * 60_000):
        assert lay_out(text)


def test_a_label_of_a_form_stands_out_from_what_is_expected_there() -> None:
    page = lay_out("System:\n(required; one of: R&D, Mail)\n\nHello:\nand more\n\n(End of the form)")
    assert "<strong>System:</strong><br><span" in page
    assert "(required; one of: R&amp;D, Mail)</span></p>" in page
    assert page.count("<strong>") == 1


# -- what the page sets apart ------------------------------------------------------------------------------------------


def test_the_answers_give_their_place_to_the_buttons_and_the_closing_is_found() -> None:
    chosen = Highlights(answers=("yes", "no"), closing="The team\nRoom 12")
    page = lay_out("Solved?\n\n- yes\n- no\n\nBye,\nThe team\nRoom 12\n", highlights=chosen)
    assert re.sub(r' style="[^"]*"', "", page).split("\n") == [
        "<p>Solved?</p>", ANSWERS, CLOSING, "<p>Bye,<br>The team<br>Room 12</p>"
    ]  # fmt: skip
    assert "font-weight" not in lay_out("One of:\n\n- yes\n- no", highlights=chosen), "an instruction is no label"
    for text in ("- yes", "- no\n- yes", "> - yes\n> - no", "The team\nRoom 12\n\nmore"):
        assert "<!--" not in lay_out(text, highlights=chosen)


def test_a_solution_stands_in_a_box_as_its_author_formatted_it() -> None:
    chosen = Highlights(accent="#123456", solution="Do this:\n\n- it")
    text = "Our solution:\n\nDo this:\n\n- it\n\nBye"
    page = lay_out(text, highlights=chosen)
    assert re.search(r"border-left:4px solid #123456.*Do this:.*<li.*</td></tr></table>\n<p[^>]*>Bye", page, re.DOTALL)
    words = FormattedText("Do this:\n\n- it", "<p>Do <em>this</em></p>")
    formatted = lay_out(text, (), (words,), chosen)
    assert re.search(r'"quote ours".*<em>this</em></p></td></tr></table>\n<p[^>]*>Bye', formatted, re.DOTALL)
    assert lay_out("Other words", highlights=chosen) == lay_out("Other words")


def test_words_in_another_language_say_so() -> None:
    chosen = Highlights(quoted="Guten Tag\n\nJo", language='d"e')
    assert '<blockquote lang="d&#34;e"' in lay_out("> Guten Tag\n>\n> Jo", highlights=chosen)
    assert "lang=" not in lay_out("> Guten Tag\n\n> Jo", highlights=chosen)


def test_a_long_word_of_a_label_leaves_its_value_room() -> None:
    labels = re.findall(r"<td class=\"small[^>]*>", lay_out(f"- Zurückgestellt bis: now\n- {'a' * 25} b: now"))
    assert ["word-break:normal" in one for one in labels] == [True, False]
    assert lay_out("-    : x")


def test_a_label_stands_close_to_its_list() -> None:
    page = lay_out("Attached:\n\n- a\n\nPlease reply with one of these two or three words:\n\n- b\n\nSo:\n\nend")
    assert re.findall(r'<p style="([^"]*)"', page) == [
        "margin:0 0 8px;font-size:14px;font-weight:700", "margin:0 0 8px", "margin:0 0 16px", "margin:0 0 16px"
    ]  # fmt: skip


def test_a_day_stays_with_its_month_and_a_number_with_its_unit() -> None:
    for text in ("26 November", "26. November", "26 de noviembre", "3 décembre", "26 listopada", "30 days"):
        assert f"bis {text.replace(' ', chr(160))} 2026" in lay_out(f"bis {text} 2026")
    for text in ("SUP-26 November", "7.26 November", "126 November"):
        assert "\xa0" not in lay_out(text)


def test_the_words_of_a_label_are_whole_unless_one_is_too_long_for_a_phone() -> None:
    page = lay_out("- Uw meldingsnummer: SUP-1\n- Benutzerkontenwiederherstellung: x")
    assert re.findall(r'label".*?word-break:normal">([^<]*)<', page) == ["Uw meldingsnummer"]
    assert "<table" not in lay_out("- jo.martin@example.com: the solution")


def test_what_would_be_wider_than_a_phone_may_break() -> None:
    for text in ("#escalate now", "SUPPORTDES-123456789", "2027-01-31", "31-01-2027"):
        assert "nowrap" in lay_out(text)
    for text in ("#knowledge-base-article now", "SUPPORTDESK-1234567890"):
        assert "nowrap" not in lay_out(text)


# -- words that their author formatted ---------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Hello\n\nan answer\n\n- one\n\nBye", "Hello\n\n> an answer\n>\n> - one\n\nBye"])
def test_formatted_words_stand_in_place_of_their_text(text: str) -> None:
    words = FormattedText("an answer\n\n- one", "<p>an <strong>answer</strong></p><ul><li>one</li></ul>")
    page = lay_out(text, (), (words,))
    assert "an <strong>answer</strong></p><ul style=" in page
    assert page.count("answer") == page.count("one") == 1
    assert page.startswith("<p")
    assert page.endswith("Bye</p>")
    assert ("<blockquote" in page) is (">" in text)


@pytest.mark.parametrize(
    "text", ["another answer", "an answer or two", "an answer\n\nand\n\n- one", "\ue0120", "\ue011"]
)
def test_where_the_text_has_other_words_they_stay_out(text: str) -> None:
    words = FormattedText("an answer\n\n- one", "<p><strong>secret</strong></p>")
    assert "secret" not in lay_out(text, (), (words,))
    assert lay_out(text) == lay_out(text, (), (words,))


def test_formatted_words_are_cleaned_once_more_and_show_pictures_of_the_notice_alone() -> None:
    page = '<p onclick="x">a <img src="cid:1@x" alt="[a.png]"><img src="cid:2@x" alt="[b.png]">'
    words = FormattedText("a [a.png] [b.png]", f"{page}<script>b</script></p>")
    shown = lay_out(words.text, (ShownPicture("a.png", "cid:own@y"),), (words,))
    assert 'src="cid:own@y" alt="[a.png]"' in shown
    assert "[b.png]" in shown
    for never in ("onclick", "script", "1@x", "2@x"):
        assert never not in shown


def test_nested_lists_and_wide_tables_fit_into_the_page() -> None:
    page = "<ul><li>a<ul><li>b</li></ul></li></ul><table><tbody><tr><td>c</td></tr></tbody></table>"
    shown = lay_out("a\nb\nc", (), (FormattedText("a\nb\nc", page),))
    assert [int(found) for found in re.findall(r"<ul style=\"margin:0 0 (\d+)px", shown)] == [16, 0]
    assert '<div style="overflow-x:auto"><table' in shown
    assert "</table></div>" in shown
