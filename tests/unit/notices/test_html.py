"""The HTML that is made from a text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.formatting import FormattedText
from mailgate.notices.rendering.content import ShownPicture
from mailgate.notices.rendering.html import lay_out


def shape(text: str) -> str:
    """The blocks of a text, without their looks."""
    return re.sub(r' (?:style|class|href)="[^"]*"', "", str(lay_out(text))).replace("\n", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("One\ntwo\n\nthree", "<p>One<br>two</p><p>three</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("- Who: Jo\n- Due : now", "<ul><li><strong>Who:</strong> Jo</li><li><strong>Due :</strong> now</li></ul>"),
        ("> a\n> > b\n>\n> c", "<blockquote><p>a</p><blockquote><p>b</p></blockquote><p>c</p></blockquote>"),
        ("Title\n-----\n\nbody", "<h2>Title</h2><p>body</p>"),
        ("a\n\n---\nb", "<p>a</p><hr><p>b</p>"),
        ("    #close withdrawn\n    #take", "<pre><span>#close withdrawn</span><span>#take</span></pre>"),
        ("    #close withdrawn", "<pre>#close withdrawn</pre>"),
        ("    #!/bin/sh\n    ls", "<pre>#!/bin/shls</pre>"),
        ("`mailgate export SUP-7` `x` <b>", "<p><code>mailgate export <span>SUP-7</span></code> `x` &lt;b&gt;</p>"),
        ("> Title\n> -----\n> body", "<blockquote><p><strong>Title</strong></p><p>body</p></blockquote>"),
        ("An E-Mail of 2026-11-20 · Jo", "<p>An <span>E-Mail</span> of <span>2026-11-20</span>\xa0· Jo</p>"),
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
        assert {key for key, _ in attrs} <= {"style", "class", "href"}
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
