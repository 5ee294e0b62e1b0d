"""Words that people format in HTML are shown so to their reader: lists, tables, emphasis, links, headings, pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.store.messages import list_messages
from tests.scenarios.test_pictures import illustrate, images
from tests.support.conversations import page_of
from tests.support.desk import CONFIG, Delivered, TestDesk

REQUEST = """<div>Hello,<br></div><div><br></div><div>since <b>Monday</b> I see this:</div>
<table border="1"><tr><th>Program</th><th>Error</th></tr>
<tr><td>Word</td><td>E-42</td></tr><tr><td>Excel</td><td></td></tr></table>
<h2>What I tried</h2><ol><li>restart</li><li>the <a href="https://kb.example.org/17">page on E-42</a></li></ol>"""
REQUEST_PLAIN = """Hello,

since *Monday* I see this:
Program
Error
Word
E-42
Excel

What I tried

   1. restart
   2. the page on E-42 <https://kb.example.org/17>
"""


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


def ask(desk: TestDesk) -> Delivered:
    """Anna asks in HTML, as Gmail writes it."""
    mail = desk.mail("Anna <anna@example.org>", REQUEST_PLAIN, subject="E-42")
    mail.add_alternative(REQUEST, subtype="html")
    desk.send(mail)
    return desk.last("level1@example.com", "request")


def reply(desk: TestDesk, to: Delivered, text: str, page: str, sender: str = "alice@example.com") -> EmailMessage:
    """An answer with both forms, each above the quoted notice."""
    mail = desk.answer(sender, text, to)
    quote = f'<div class="gmail_quote"><div class="gmail_attr">On Mon, Support wrote:</div><blockquote>{page_of(to)}'
    mail.add_alternative(f"{page}{quote}</blockquote></div>", subtype="html")
    return mail


def words_of(page: str) -> str:
    return " ".join(re.sub(r"<[^<>]*>", " ", page.partition("<body")[2]).split())


def test_the_level_sees_the_request_as_it_was_formatted(desk: TestDesk) -> None:
    request = ask(desk)
    page = page_of(request)
    assert ">Monday</strong>" in page
    assert re.search(r"<th [^>]*>Program</th><th [^>]*>Error</th>", page)
    assert re.search(r"<td [^>]*>Excel</td><td [^>]*></td>", page)
    assert re.search(r"<h3 [^>]*>What I tried</h3><ol [^>]*><li [^>]*>restart</li>", page)
    assert re.search(r'<a href="https://kb.example.org/17" rel="noopener noreferrer" [^>]*>page on E-42</a>', page)
    assert "> Program | Error\n> Word    | E-42\n> Excel\n" in request.text
    assert "> 1. restart\n> 2. the page on E-42 <https://kb.example.org/17>" in request.text


def test_the_requester_sees_the_answer_as_the_agent_formatted_it(desk: TestDesk) -> None:
    page = (
        "<p>#time 10m</p><p>#note she is <b>rude</b></p><p>Please do this:</p><ul><li>open <code>cmd</code></li>"
        '<li>type:<pre>ipconfig\n  /all</pre></li></ul><p><img src="cid:a@b"></p><table><tr><td><b>Room</b></td>'
        '<td>12</td></tr></table><p>Regards</p><div class="gmail_signature">Alice<br><b>extension 4711</b></div>'
    )
    text = (
        "#time 10m\n\n#note she is *rude*\n\nPlease do this:\n\n   - open cmd\n   - type:\n\nipconfig\n  /all\n\n\n"
        "*Room*\n12\n\nRegards\n-- \nAlice\n*extension 4711*"
    )
    desk.send(illustrate(reply(desk, ask(desk), text, page), "", cid="a@b"))
    answer = desk.last("anna@example.org", "answer")
    shown = page_of(answer)
    assert re.search(r"<li [^>]*>open <code [^>]*>cmd</code></li>", shown)
    assert re.search(r"<pre [^>]*>ipconfig\s+/all</pre>", shown)
    assert re.search(r"<td [^>]*><strong>Room</strong></td><td [^>]*>12</td>", shown)
    (cid,) = re.findall(r'<img src="cid:([^"]+)" alt="\[screenshot.png\]"', shown)
    assert cid in images(answer)
    assert "- open cmd" in answer.text
    assert "Room | 12" in answer.text
    for cut in ("rude", "4711", "#time", "#note", "Answering", "level1"):
        assert cut not in words_of(shown), cut
    copy = page_of(desk.last("level1@example.com", "copy"))
    assert re.search(r"<blockquote [^>]*><p [^>]*>Please do this:</p><ul", copy)


def test_a_picture_keeps_the_line_that_outlook_gives_it(desk: TestDesk) -> None:
    page = '<p class="MsoNormal">Click <b>here</b>:</p><p class="MsoNormal"><img src="cid:a@b"></p>'
    page = f'<style>p.MsoNormal {{margin:0cm}}</style>{page}<p class="MsoNormal">Then restart.</p>'
    mail = reply(desk, ask(desk), "Click here:\n[cid:a@b]\nThen restart.", page)
    desk.send(illustrate(mail, "", cid="a@b"))
    answer = desk.last("anna@example.org", "answer")
    assert "Click here:\n[screenshot.png]\nThen restart." in answer.text
    assert re.search(r"Click <strong>here</strong>:<br><img [^>]*><br>Then restart.", page_of(answer))


def test_a_solution_on_the_line_of_the_command_keeps_its_format(desk: TestDesk) -> None:
    page = "<div>#resolve I <b>changed</b> the drum.</div><div><br></div><ul><li>one</li><li>two</li></ul>"
    text = "#resolve I *changed* the drum.\n\n\n   - one\n   - two\n"
    desk.send(reply(desk, ask(desk), text, page))
    shown = page_of(desk.last("anna@example.org", "confirm"))
    assert re.search(r"<p [^>]*>I <strong>changed</strong> the drum.</p><ul", shown)
    assert "#resolve" not in words_of(shown)


def test_words_that_the_html_alone_has_never_leave(desk: TestDesk) -> None:
    page = (
        '<p>Do <b>this</b>.</p><p style="display:none">hidden</p><script>alert(1)</script><!-- secret -->'
        '<style>p{background:url(https://spy.example)}</style><p onclick="x()" class="y">Then <i>that</i>.'
        '<img src="https://spy.example/p.png"></p><p>only in the HTML</p>'
    )
    desk.send(reply(desk, ask(desk), "Do *this*.\n\nThen *that*.", page))
    shown = page_of(desk.last("anna@example.org", "answer"))
    assert "<strong>this</strong>" in shown
    assert "<em>that</em>" in shown
    body = shown.partition("<body")[2]
    for never in ("hidden", "alert", "secret", "spy", "onclick", "only in the HTML"):
        assert never not in body, never


def test_a_link_with_a_token_stays_a_masked_text(desk: TestDesk) -> None:
    """The agent pastes the address of the level's own mail, by which its reader could answer as the level."""
    request = ask(desk)
    signed = str(request.reply_to)
    page = f'<p>Write <b>here</b>: <a href="mailto:{signed}">the desk</a></p>'
    desk.send(reply(desk, request, "Write *here*: the desk", page))
    answer = desk.last("anna@example.org", "answer")
    secret = signed.partition("@")[0].rpartition(".")[2]
    assert secret not in page_of(answer)
    assert secret not in answer.text
    assert "the desk" in answer.text


def test_a_link_that_pretends_to_lead_elsewhere_is_none(desk: TestDesk) -> None:
    page = '<p><b>Log in</b> at <a href="https://evil.example/x">https://bank.example</a></p>'
    mail = desk.mail("anna@example.org", "*Log in* at https://bank.example <https://evil.example/x>", subject="Phish")
    mail.add_alternative(page, subtype="html")
    desk.send(mail)
    shown = page_of(desk.last("level1@example.com", "request"))
    assert 'href="https://evil' not in shown
    assert "<strong>Log in</strong>" in shown


def test_the_message_keeps_its_safe_html(desk: TestDesk) -> None:
    ask(desk)
    with desk.desk.database.read() as connection:
        first = next(iter(list_messages(connection, desk.ticket().id)))
    assert first.new_html.startswith("<p>Hello,</p><p>since <strong>Monday</strong> I see this:</p><table><tbody><tr>")
    assert first.new_text.startswith("Hello,\n\nsince Monday I see this:\nProgram")


def test_the_next_level_sees_the_request_as_it_was_formatted(desk: TestDesk) -> None:
    desk.send(desk.answer("alice@example.com", "#escalate no idea", ask(desk)))
    page = page_of(desk.last("level2@example.com", "escalation"))
    assert ">Monday</strong>" in page
    assert re.search(r"<td [^>]*>Excel</td><td [^>]*></td>", page)


def test_a_request_that_is_split_off_keeps_its_format(desk: TestDesk) -> None:
    desk.send(desk.answer("alice@example.com", "#split", ask(desk)))
    assert ">Monday</strong>" in page_of(desk.last("level1@example.com", "request"))
    assert len(desk.tickets()) == 2


def test_a_plain_mail_has_no_html(desk: TestDesk) -> None:
    mail = desk.mail("anna@example.org", "Nothing works.", subject="Help")
    mail.add_alternative("<div>Nothing works.</div>", subtype="html")
    desk.send(mail)
    with desk.desk.database.read() as connection:
        assert next(iter(list_messages(connection, desk.ticket().id))).new_html == ""


def test_the_desk_may_keep_to_plain_text(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=f"{CONFIG}\n[notices]\nformatting = false\n")
    request = ask(desk)
    desk.close()
    assert "<strong>Monday" not in page_of(request)
    assert "> Program\n> Error\n" in request.text


def test_own_words_stay_formatted_below_a_saved_reply(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=f'{CONFIG}\n[knowledge]\nreplies = "replies"\n')
    (tmp_path / "replies" / "visit.md").write_text("Hello {first_name},\n\nwe come soon.")
    text = "#reply visit\n#note she is *cross*\n\nPlease *close* Word."
    desk.send(reply(desk, ask(desk), text, "#reply visit<br>#note she is <i>cross</i><p>Please <b>close</b> Word.</p>"))
    answer = desk.last("anna@example.org", "answer")
    assert "Hello Anna,\n\nwe come soon.\n\nPlease close Word." in answer.text
    assert "close</strong> Word." in page_of(answer)
    assert "we come soon." in words_of(page_of(answer))
    desk.close()
