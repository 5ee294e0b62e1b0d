"""The HTML of a mail shows just the words of its text, and nothing that was cut or hidden."""

from __future__ import annotations

import time
import tomllib
from dataclasses import replace
from email.message import EmailMessage
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.core.formatting import FormattedText
from mailgate.core.mail import Mail
from mailgate.parsers import read_mail
from mailgate.parsers.forwards import read_own_commands
from mailgate.parsers.html.alignment import Formatter
from mailgate.parsers.html.runs import read_runs
from mailgate.parsers.html.safe_html import clean, read_target
from tests.support.captured import CAPTURED
from tests.support.examples import examples
from tests.support.parser_invariants import FOLDER, check_formatting
from tests.support.paths import CORPUS
from tests.unit.parsers.test_robustness import LENIENT


def format_words(text: str, page: str) -> FormattedText | None:
    found = Formatter(read_runs(page)).format(text)
    assert found is None or not found[1]
    return found[0] if found else None


def html_of(text: str, page: str) -> str:
    found = format_words(text, page)
    return found.html if found else ""


def make_mail(text: str, page: str) -> Mail:
    message = EmailMessage()
    message["From"], message["Subject"], message["In-Reply-To"] = "Alice <alice@example.com>", "Re: A", "<1@x>"
    message.set_content(text)
    message.add_alternative(page, subtype="html")
    return read_mail(message.as_bytes())


CLIENTS = tomllib.loads((CORPUS / "formatted.toml").read_text("utf-8"))


@pytest.mark.parametrize("client", CLIENTS)
def test_an_answer_of_each_client_is_shown_as_it_was_typed(client: str) -> None:
    mail = make_mail(CLIENTS[client]["text"], CLIENTS[client]["html"])
    found = check_formatting(mail, read_own_commands(mail).public_text)
    if client == "Roundcube":  # its plain form has other letters than the HTML: in doubt the text stays plain
        assert found is None
        return
    assert found is not None
    assert found.html.startswith("<p>Hi <strong>Anna</strong>,</p><ul><li>one</li><li>two")
    assert "<ol><li>inner</li></ol>" in found.html
    assert '<a href="https://kb.example/1" rel="noopener noreferrer">our page</a>.</p>' in found.html
    assert "- one\n- two\n" in found.text
    assert "our page <https://kb.example/1>." in found.text
    for cut in ("secret", "Boss", "Support"):
        assert cut not in found.html


def test_every_mail_of_the_corpus_shows_just_its_words() -> None:
    found = []
    for path in (*sorted(FOLDER.glob("*.eml")), *sorted(CAPTURED.glob("*.eml"))):
        mail = read_mail(path.read_bytes())
        if mail.formatting:
            found.append(check_formatting(mail, mail.new_text))
            check_formatting(mail, read_own_commands(mail).public_text)
    assert len([one for one in found if one is not None]) >= 14, "formatted mails of the corpus"


@pytest.mark.parametrize(
    ("text", "page", "shown"),
    [
        ("a b", "<p>a <strong>b</strong></p>", "<p>a <strong>b</strong></p>"),
        ("a b", '<p>a <span style="font-weight: 700">b</span></p>', "<p>a <strong>b</strong></p>"),
        ("a b", '<b style="font-weight:normal">a <i>b</i></b>', "<p>a <em>b</em></p>"),
        ("a\nb", "<div>a</div><div><b>b</b></div>", "<p>a<br><strong>b</strong></p>"),
        ("a\n\nb", "a<br><br><b>b</b>", "<p>a</p><p><strong>b</strong></p>"),
        ("A\n\nb", "<h1><b>A</b></h1><p>b</p>", "<h3>A</h3><p>b</p>"),
        ("x\n\n 3. a\n 4. b", '<p>x</p><ol start="3"><li>a</li><li>b</li></ol>',
         '<p>x</p><ol start="3"><li>a</li><li>b</li></ol>'),
        ("1. 100 apples", "<ol><li>100 apples</li></ol>", "<ol><li>100 apples</li></ol>"),
        ("1. a\n2. <b>", "<p>1. <b>a</b></p><p>2. &lt;b&gt;</p>", "<p>1. <strong>a</strong></p><p>2. &lt;b&gt;</p>"),
        ("- a\n\n  b", "<ul><li><p>a</p><p>b</p></li></ul>", "<ul><li>a<br><br>b</li></ul>"),
        ("a | b", "<table><tr><td>a<td>b</table>", "<table><tbody><tr><td>a</td><td>b</td></tr></tbody></table>"),
        ("a b", '<table role="presentation"><tr><td><b>a</b><td>b</table>', "<p><strong>a</strong><br>b</p>"),
        ("x\n\n  y", "<p>x</p><pre>  y</pre>", "<p>x</p><pre>  y</pre>"),
        ("> q\n\na", '<blockquote type="cite">q</blockquote><p><b>a</b></p>',
         "<blockquote><p>q</p></blockquote><p><strong>a</strong></p>"),
        ("call 12 34", '<b>call</b> <a href="tel:+1299">12 34</a>', "<p><strong>call</strong> 12 34</p>"),
        ("call +12 34", '<b>call</b> <a href="tel:+1234">+12 34</a>',
         '<p><strong>call</strong> <a href="tel:+1234" rel="noopener noreferrer">+12 34</a></p>'),
        ("𝒳 😀 b", "𝒳 😀 <b>b</b>", "<p>𝒳 😀 <strong>b</strong></p>"),
    ],
)  # fmt: skip
def test_elements(text: str, page: str, shown: str) -> None:
    assert html_of(text, page) == shown


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("a b", "<p>a b</p>"),  # nothing formatted
        ("one two", "<p><b>one</b> secret two</p>"),  # something between the words was cut
        ("one", "<p><b>one</b> secret</p>"),
        ("two", "<p>secret <b>two</b></p>"),
        ("one three", "<p><b>one</b> two</p>"),
        ("two\n\none", "<p><b>one</b></p><p>two</p>"),  # another order
        ("one", '<blockquote type="cite"><b>one</b></blockquote>'),  # a quote alone has it
        ("a <https://x.example> b", '<p><b>a</b> <a href="https://x.example">c</a> b</p>'),
        ("one", "<b>" * 500 + "one"),
        ("one", ""),
        ("", "<b>one</b>"),
    ],
)
def test_in_doubt_the_text_stays_plain(text: str, page: str) -> None:
    assert format_words(text, page) is None


@pytest.mark.parametrize(
    "evil",
    [
        "<script>secret()</script>",
        "<style>secret{}</style>",
        "<svg><text>secret</text><style><img src=x onerror=secret></style></svg>",
        "<!-- secret --><!--[if mso]><b>secret</b><![endif]-->",
        '<span style="display:none">secret</span>',
        '<div style="font-size:0;max-height:0">secret</div>',
        "<b hidden>secret</b>",
        "<s>secret</s>",
        '<img src="https://secret.example/p.png">',
        '<img src="cid:secret">',
        '<iframe src="https://secret.example"></iframe>',
        "<object data=secret></object><textarea>secret</textarea><select><option>secret</select>",
        "<math><mtext></mtext></math>",
        '<a href="javascript:secret()"></a>',
        "<p>secret</p>",
        "<table><tr><td>secret<td>secret</table>",
        "<ul><li>secret",
    ],
)
def test_what_is_not_of_the_text_does_not_come_out(evil: str) -> None:
    page = (
        f"<p>one <b>two</b></p>{evil}<p><i onclick=secret() class=secret id=secret style=background:url(secret)>three"
    )
    shown = html_of("one two\n\nthree", page)
    assert shown.startswith("<p>one <strong>two</strong></p>")
    assert "three" in shown
    assert "secret" not in shown


@pytest.mark.parametrize(
    ("href", "words", "target"),
    [
        ("https://x.example/a b", "page", ""),
        ("https://x.example/a", "page", "https://x.example/a"),
        ("HTTPS://x.example", "page", "HTTPS://x.example"),
        ("javascript:alert(1)", "page", ""),
        ("java\nscript:alert(1)", "page", ""),
        ("data:text/html,x", "page", ""),
        ("//x.example", "page", ""),
        ("https://www.x.example/a", "x.example", "https://www.x.example/a"),
        ("https://evil.example", "bank.example", ""),
        ("https://evil.example", "https://bank.example/login", "https://bank.example/login"),
        ("https://bank.example@evil.example", "bank.example", ""),
        ("mailto:a@x.example?body=yes", "write", "mailto:a@x.example"),
        ("mailto:evil@x.example", "bob@x.example", ""),
        ("https://x.example", " ", ""),
        ("tel:+12-34", "+12 34", "tel:+12-34"),
        ("tel:12;ext=secret", "12", ""),
    ],
)
def test_targets(href: str, words: str, target: str) -> None:
    assert read_target(href, words) == target


def test_the_fence_lets_nothing_else_through() -> None:
    page = (
        '<p class="x" style="y" onclick="z">a<script>s</script><a href="javascript:x" target="_top">b</a></p>'
        '<img src="https://spy.example/x"><form action="x"><input></form><ol start="x"><li>c</li></ol>'
    )
    assert clean(page) == '<p>a<a rel="noopener noreferrer">b</a></p><img><ol><li>c</li></ol>'


def test_words_of_others_stay_plain_below() -> None:
    """An article of the knowledge base goes along behind the agent's own words."""
    found = Formatter(read_runs("<p>Do <b>this</b>.</p><p>secret</p>")).format("Do this.\n\nArticle\n\n- one")
    assert found == (FormattedText("Do this.", "<p>Do <strong>this</strong>.</p>"), "Article\n\n- one")


def test_a_table_stands_in_columns() -> None:
    page = "<table><tr><th>Name<th>Größe<tr><td>資料<td>1<tr><td><td>22<tr><td>long name<td></table>"
    found = format_words("Name\nGröße\n資料\n1\n22\nlong name", page)
    assert found is not None
    assert found.text == "Name      | Größe\n資料      | 1\n          | 22\nlong name"


# Lines of a mail with what was cut from its text
BLOCKS = st.lists(
    st.tuples(
        st.text("ab1. *_-<>&\xa0é語😀'", min_size=1, max_size=8),
        st.sampled_from(
            ("<p>{}</p>", "<div>{}</div>", "<b>{}</b><br>", "<ul><li>{}</li></ul>", "<ol><li>{}<ul><li>{}")
        ),
        st.booleans(),
    ),
    max_size=8,
)


@settings(LENIENT, max_examples=examples(300))
@given(BLOCKS, st.sampled_from(("\n", "\n\n", " ")))
def test_whatever_the_html_only_words_of_the_text_are_shown(blocks: list[tuple[str, str, bool]], end: str) -> None:
    page = "".join(frame.format(escape(words), escape(words)) for words, frame, _ in blocks)
    text = end.join(words for words, _, kept in blocks if kept)
    mail = replace(make_mail("x", "<p>x</p>"), formatting=read_runs(page), pictures=())
    check_formatting(mail, text)


@pytest.mark.parametrize(
    "piece",
    ["<b>x</b> y<br>", "<ul><li>x</li></ul>", "<table><tr><td>x<td>y</table>", "<b>", "<p>&nbsp;</p>x", "<li>x"],
)
def test_the_time_grows_with_the_size(piece: str) -> None:
    def spend(times: int) -> float:
        page = f"<b>q</b>{piece * times}"
        start = time.perf_counter()
        Formatter(read_runs(page)).format("q\n\n" + "x\ny\n" * times)
        return time.perf_counter() - start

    spend(50)
    assert spend(8_000) < 3.0
