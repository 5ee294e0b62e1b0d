"""HTML as its reader saw it, and what its structure says about quotes and signatures."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.html.html_to_text import SIZE_LIMIT, convert_html
from mailgate.parsers.quoting.strip import read_new_text
from tests.support.examples import examples


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a</div><div>b</div>", "a\nb"),
        ("<div>a<br></div><div><br></div><div>b</div>", "a\n\nb"),
        ("a<br>b<br><br>c<br><br><br><br>d", "a\nb\n\nc\n\nd"),
        ('<p class="MsoNormal">a</p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">b</p>', "a\n\nb"),
        ('<p class="MsoNormal">a<o:p></o:p></p><p class="MsoNormal">b<o:p></o:p></p>', "a\nb"),
        ('<p style="margin:0">a</p><p style="margin: 0cm 0cm 0.0001pt">b</p>', "a\nb"),
        ('<p style="margin:0 0 10px">a</p><p style="margin:0 0 10px">b</p>', "a\n\nb"),
        ("<style>P {margin-top:0;margin-bottom:0;}</style><p>a</p><p>b</p>", "a\nb"),
        ("<ul><li>a</li><li><p>b</p></li></ul>", "- a\n- b"),
        ("<ol><li>a<ol><li>b</li></ol></li><li>c</li></ol>", "1. a\n   1. b\n2. c"),
        ('<ol start="9"><li>a</li><li>b</li></ol>', "9. a\n10. b"),
        ("<ol start='x'><li>a</li></ol>", "1. a"),
        ("<p>x</p><ul><li>a</li></ul><p>y</p>", "x\n\n- a\n\ny"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td></td></tr></table>", "a | b\nc"),
        ("<table><caption>t</caption><tbody><tr><th>a<td>b</table>", "t\na | b"),
        ("<table><tr><td>a<br>b</td><td>c</td></tr></table>", "a\nb\nc"),
        ("<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>", "a | b"),
        ("<table><tr style='display:none'><td>x</td></tr><tr><td>a</td><td hidden>x</td></tr></table>", "a"),
        ("<table>t<tr>r<td>a</td>x<td>b</td></tr><div>d</div>u</table>v", "t\nr\na | b\nx\nd\nu\nv"),
        ('<table><tr><td><pre class="moz-signature">a\n b</pre></td></tr></table>', "a\n b"),
        ("<h1>a</h1>b<h2>c</h2>d", "a\n\nb\n\nc\n\nd"),
        ("<pre>a\n  b\n\nc</pre>", "a\n  b\n\nc"),
        ("a <b>b</b>\n  c&nbsp;d", "a b c d"),
        ("a<script>x</script><style>y</style><!-- z -->b<head><title>t</title></head>", "ab"),
        ("<a href='https://e.example/x'>here</a>", "here <https://e.example/x>"),
        ("<a href='https://e.example/'>e.example</a>", "e.example"),
        ("<a href='mailto:a@e.example?subject=x'>a@e.example</a>", "a@e.example"),
        ("<a href='javascript:x'>here</a> <a name='x'>there</a>", "here there"),
        ("<img alt='A chart'> <img alt='image001.png'> <img src='x'> <img alt='x' width='1'>", "[A chart]"),
        ("well <img alt='😀'>", "well 😀"),
        ("a<hr>b", f"a\n{'_' * 32}\nb"),
        ("&lt;b&gt; &amp;amp; &eacute; &#8364;", "<b> &amp; é €"),
        ("a&zwnj;&nbsp;&zwnj;&nbsp;&zwnj;&nbsp;b&shy;c", "ab\xadc"),
        ("<span>می‌خواهم</span>", "می‌خواهم"),
        ("<?xml version='1.0'?><html><body>a</body></html>", "a"),
        ("<blockquote>a</blockquote>b", "> a\n\nb"),
        ('<blockquote style="margin-left:40px">a</blockquote>b', "a\n\nb"),
        ("<blockquote type=cite>a<blockquote type=cite>b</blockquote></blockquote>c", "> a\n>> b\n\nc"),
        ('<blockquote style="margin:0 0 0 .8ex;border-left:1px #ccc solid">a</blockquote>', "> a"),
        ('<blockquote style="margin:0 0 0 40px;border-left:none">a</blockquote>', "a"),
        ("<textarea>x</textarea><select><option>y</option></select>a", "a"),
        ("<p>\x00a\ue002b\ue005</p>", "a\ufffdb\ufffd"),
        ("<p>&#xE002;&#57349;&#x0e004 &#xe0020;&#573460;</p>", "\ufffd\ufffd\ufffd \U000e0020\U0008c014"),
        ("", ""),
        ("<p></p>", ""),
    ],
)
def test_html_is_read_as_it_looks(html: str, text: str) -> None:
    assert convert_html(html).text == text


@pytest.mark.parametrize(
    "style",
    [
        "display:none",
        "DISPLAY : NONE !important",
        "visibility:hidden",
        "mso-hide:all",
        "font-size:0",
        "font-size:0px;",
        "font-size: 1px; color:#fff",
        "max-height:0px; overflow:hidden",
        "opacity:0",
        "opacity: 0.0;",
        "text-decoration:line-through",
        "text-decoration-line: underline line-through; color:red",
    ],
)
def test_what_is_hidden_is_left_out(style: str) -> None:
    assert convert_html(f'<div style="{style}">preview<p>x</p></div><p>a</p>').text == "a"


@pytest.mark.parametrize(
    "style",
    [
        "text-decoration:underline",
        "text-decoration:none;font-family:line-through",
        "font-size:10px",
        "opacity:0.9",
        "fill-opacity:0",
        "max-height:100px",
        "display:block",
    ],
)
def test_what_is_seen_is_kept(style: str) -> None:
    assert convert_html(f'<div style="{style}">seen</div>').text == "seen"


@pytest.mark.parametrize("tag", ["s", "strike", "del"])
def test_words_that_are_struck_out_are_left_out(tag: str) -> None:
    assert convert_html(f"<p>Floor <{tag}>2</{tag}> <b>3</b>, <span>please</span></p>").text == "Floor 3, please"
    assert convert_html(f"<div><{tag}>resolved</{tag}></div>").text == ""
    assert convert_html(f"<{tag}trong>resolved</{tag}trong>").text == "resolved"


QUOTES = [
    '<div class="gmail_quote"><div class="gmail_attr">?</div><blockquote class="gmail_quote">old</blockquote></div>',
    '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>?:</b> x</div><div>old</div>',
    '<div id="x_divRplyFwdMsg">?</div>old',
    '<div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>?:</b> x</p></div><p>old</p>',
    '<div style="border-right:none;border-bottom:none;border-left:none;border-top:solid #ccc 1pt">X: y</div>old',
    '<div style="padding-top:5px;border-top-color:#eee;border-top-width:1px;border-top-style:solid">From: x</div>old',
    "<blockquote>old</blockquote>",
    '<span id="OLK_SRC_BODY_SECTION">old</span>',
    '<div class="OutlookMessageHeader">old</div>old',
    '<div id="mail-editor-reference-message-container">old</div>',
    '<hr id="stopSpelling">old',
    '<div class="moz-cite-prefix">?</div><blockquote type="cite" cite="mid:x">old</blockquote>',
    '<div class="yahoo_quoted" id="yahoo_quoted_1">old</div>',
    '<div class="ydp12ab34cdyahoo_quoted">old</div>',
    '<hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__">old</div>',
    '<div class="protonmail_quote">old</div>',
    '<blockquote class="tutanota_quote">old</blockquote>',
    '<div name="quote">old</div>',
    '<blockquote style="border-left:1px solid #0857A6">old</blockquote>',
    '<div id="isReplyContent">old</div>',
    '<div class="domino-section">old</div>',
    '<div name="messageReplySection">old</div>',
    '<blockquote class="front-blockquote">old</blockquote>',
    '<blockquote class="freshdesk_quote">old</blockquote>',
    '<div class="x_gmail_quote"><blockquote class="x_gmail_quote">old</blockquote></div>',
]
SIGNATURES = [
    '<div class="gmail_signature">Jo</div>',
    '<div data-smartmail="gmail_signature">Jo</div>',
    '<div class="moz-signature">-- <br>Jo</div>',
    '<div id="Signature">Jo</div>',
    '<div id="x_Signature">Jo</div>',
    '<div id="ms-outlook-mobile-signature">Jo</div>',
    '<div class="protonmail_signature_block">Jo</div>',
    '<div id="AppleMailSignature">Jo</div>',
    '<div class="ydp12ab34cdsignature">Jo</div>',
    '<div name="messageSignatureSection">Jo</div>',
    '<table class="MailSignature"><tr><td>Jo</td><td>x</td></tr></table>',
]


@pytest.mark.parametrize("quote", QUOTES)
@pytest.mark.parametrize("signature", ["", SIGNATURES[0], SIGNATURES[3]])
def test_a_quote_is_known_by_its_structure(quote: str, signature: str) -> None:
    converted = convert_html(f"<div>new</div>{signature}{quote}")
    assert read_new_text(converted.marked, is_answer=True) == "new"
    assert "old" in converted.text


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_signature_is_known_by_its_structure(signature: str) -> None:
    converted = convert_html(f"<div>new</div>{signature}")
    assert read_new_text(converted.marked, is_answer=False, has_ids=False) == "new"
    assert "Jo" in converted.text
    assert not any(0xE000 <= ord(letter) < 0xE010 for letter in converted.text)


@pytest.mark.parametrize(
    "forward",
    [
        '<div class="gmail_quote"><div class="gmail_attr">---------- Forwarded message ---------<br>x</div>old</div>',
        '<div class="protonmail_quote">------- Forwarded Message -------<br>From: x<blockquote>old</blockquote></div>',
        '<div class="moz-forward-container">-------- Weitergeleitete Nachricht --------<br>old</div>',
        '<div>Begin forwarded message:</div><blockquote type="cite">old</blockquote>',
    ],
)
def test_a_forward_is_kept(forward: str) -> None:
    for is_answer in (True, False):
        new = read_new_text(convert_html(f"<div>see</div>{forward}").marked, is_answer=is_answer)
        assert new.startswith("see")
        assert "old" in new


def test_an_answer_inside_or_below_a_quote_is_kept() -> None:
    quote = '<blockquote type="cite">one</blockquote><p>first</p><blockquote type="cite">two</blockquote><p>second</p>'
    assert read_new_text(convert_html(quote).marked, is_answer=True) == "> one\n\nfirst\n\n> two\n\nsecond"
    below = '<div class="yahoo_quoted">old</div><p>new</p>'
    assert read_new_text(convert_html(below).marked, is_answer=True) == "new"


BEYOND = "".join(f" b{number}=c" for number in range(5_000))


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (f"<p title='x'{BEYOND}>seen</p>", "seen"),
        ("<p" + BEYOND.replace("=c", '=">"') + ">seen</p>", "seen"),
        ("<p" + BEYOND.replace("=c", "") + ">seen</p>", "seen"),
        (f"a<!-- <p{BEYOND} -->b", "ab"),
        (f"<p>a</p><script>if (a<b{BEYOND}) </script><p>b</p><p{BEYOND}>c", "a\n\nb\n\nc"),
        (f"<p>it's</p><p class=it's{BEYOND}>what's seen</p>", "it's\n\nwhat's seen"),
        (f'<img alt="Logo>" src="data:image/png;base64,{"A" * 50_000}"> below', "[Logo>] below"),
    ],
)
def test_attributes_without_number_hide_nothing_and_cost_little(html: str, text: str) -> None:
    start = time.process_time()
    assert convert_html(html).text == text
    assert time.process_time() - start < 0.2


@pytest.mark.parametrize("attribute", [" b{n}=c", "/b{n}", ' b{n}=">"', " <b{n}='>'", ' b{n}="'])
def test_a_tag_of_any_length_takes_linear_time(attribute: str) -> None:
    start = time.process_time()
    tag = "".join(attribute.replace("{n}", str(number)) for number in range(SIZE_LIMIT // len(attribute)))
    convert_html(f"<a{tag[: SIZE_LIMIT - 10]}>end")
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "piece",
    [
        "<div>",
        "<table><tr><td>a<td>",
        "<blockquote type=cite>",
        "<ul><li>",
        "<p>a",
        "<a href='http://a'>x",
        "<font><b>",
        '<div style="border:none;border-top:solid">a:',
        '<div class="gmail_signature">',
        "<pre>\n",
        "&zwnj;&nbsp;",
        "<!--",
        "<style>p{",
        "<br>",
        "<img alt='a'>",
        "&nbsp; ",
        "<h1></h1>",
    ],
)
def test_hostile_html_takes_bounded_time(piece: str, share: float) -> None:
    start = time.process_time()
    for count in (150, int(SIZE_LIMIT * share) // len(piece)):
        converted = convert_html(piece * count)
        read_new_text(converted.marked, is_answer=True)
    assert time.process_time() - start < 12 * share


@settings(max_examples=examples(100), deadline=None)
@given(
    st.lists(
        st.sampled_from([*QUOTES, *SIGNATURES, "<div>", "</div>", "<td>", "a\n", "<li>", "</blockquote>"]), max_size=12
    )
)
def test_any_html_gives_clean_text(pieces: list[str]) -> None:
    converted = convert_html("".join(pieces))
    assert not any(0xE000 <= ord(letter) < 0xE010 for letter in converted.text)
    new = read_new_text(converted.marked, is_answer=True)
    assert not any(0xE000 <= ord(letter) < 0xE010 for letter in new)
