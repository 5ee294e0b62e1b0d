"""The history below a notice, and replies that quote it: no word of it is read as the requester's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.core.mail import Address
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.content import NoticeContent, QuotedMail, Rendered, without_requester_words
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers import read_mail
from mailgate.parsers.quoting.strip import read_new_text

LANGUAGES = ("da", "de", "en", "es", "fr", "it", "nl", "pl", "pt", "pt-br", "sv")
TIMES = (datetime(2026, 11, 23, 8, 5, tzinfo=UTC), datetime(2026, 3, 1, 22, 30, tzinfo=UTC))
WORDS = "The red one, on Friday."
SAID = "It is resolved, thank you.\n\nresolved\n\n> Which one?\nyes, it works\n\nOn no account."
ATTRIBUTIONS = {
    "da": "Den mandag 23. november 2026 kl. 09:05 skrev Anna Weber:",
    "de": "Am Montag, 23. November 2026 um 09:05 Uhr schrieb Anna Weber:",
    "en": "On Monday 23 November 2026 at 09:05 Anna Weber wrote:",
    "es": "El lunes 23 de noviembre de 2026 a las 09:05, Anna Weber escribió:",
    "fr": "Le lundi 23 novembre 2026 à 09:05, Anna Weber a écrit\xa0:",
    "it": "Il giorno lunedì 23 novembre 2026 alle 09:05, Anna Weber ha scritto:",
    "nl": "Op maandag 23 november 2026 om 09:05 uur schreef Anna Weber:",
    "pl": "W dniu 23 listopada 2026 (poniedziałek) o 09:05 Anna Weber pisze:",
    "pt": "No dia 23 de novembro de 2026, segunda-feira, às 09:05, Anna Weber escreveu:",
    "pt-br": "No dia 23 de novembro de 2026, segunda-feira, às 09:05, Anna Weber escreveu:",
    "sv": "Den måndag 23 november 2026 kl. 09:05 skrev Anna Weber:",
}
BLOCK = "From: Support <support@example.com>\nSent: Monday, 23 November 2026 10:00\nTo: Anna Weber\nSubject: Re: X"
TEXTS = {
    "top, no mark and no line above": "{words}\n\n{notice}",
    "top, Outlook": "{words}\n\n{block}\n\n{notice}",
    "top, marked": "{words}\n\nOn Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n{quoted}",
    "below": "On Mon, 23 Nov 2026 at 10:00, Support <support@example.com> wrote:\n{quoted}\n\n{words}",
    "between": "On Mon, 23 Nov 2026 at 10:00, Support wrote:\n{first}\n\n{words}\n\n{rest}",
    "below the history, marked once less": "{notice}\n\n{words}",
}
PAGES = {
    "Gmail": '<div>{words}</div><div class="gmail_quote"><div class="gmail_attr">On Mon, 23 Nov 2026 at 10:00, Support '
    '&lt;support@example.com&gt; wrote:<br></div><blockquote class="gmail_quote">{page}</blockquote></div>',
    "Outlook": '<p>{words}</p><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p><b>From:</b> Support '
    "&lt;support@example.com&gt;<br><b>Sent:</b> Monday, 23 November 2026 10:00<br><b>To:</b> Anna Weber<br>"
    "<b>Subject:</b> Re: Printer</p></div>{page}",
    "Apple Mail": "<div>{words}</div><div>On 23 Nov 2026, at 10:00, Support &lt;support@example.com&gt; wrote:</div>"
    '<blockquote type="cite">{page}</blockquote>',
    "no marks": "<div>{words}</div><br>{page}",
}


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates()


def with_history(language: str, at: datetime = TIMES[0], notice: Notice = Notice.ANSWER) -> NoticeContent:
    mails = (
        QuotedMail(at, Address("Anna Weber", "anna@example.org"), SAID),
        QuotedMail(at, None, "Is it solved? We close it today."),
        QuotedMail(at, Address("", "anna@example.org"), "not resolved"),
        QuotedMail(at, Address("", "anna@example.org"), "Since Monday it is not resolved.", written_down=True),
    )
    return replace(sample(notice, language), history=mails)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_mail_stands_below_a_line_with_its_author_and_time(templates: Templates, language: str) -> None:
    rendered = templates.render(with_history(language))
    lines = rendered.whole_text.splitlines()
    at = lines.index(ATTRIBUTIONS[language])
    assert lines[at + 1 : at + 4] == ["> It is resolved, thank you.", ">", "> resolved"]
    assert ATTRIBUTIONS[language].replace("Anna Weber", "Support") in lines
    assert ATTRIBUTIONS[language].replace("Anna Weber", "anna@example.org") in lines
    assert ATTRIBUTIONS[language].replace("\xa0", " ") in rendered.html.replace("\xa0", " ")
    written_down = lines[lines.index("> Since Monday it is not resolved.") - 1]
    assert "Support" in written_down
    assert "anna@example.org" in written_down
    assert written_down not in (ATTRIBUTIONS[language], *lines[: at + 1])
    assert rendered.html.count("<blockquote") == 5
    assert ATTRIBUTIONS[language] not in rendered.text  # the record of a ticket has each mail once


@pytest.mark.parametrize("layout", TEXTS)
@pytest.mark.parametrize("notice", [Notice.ANSWER, Notice.QUESTION, Notice.CONFIRM])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_in_text_leaves_no_word_of_it(templates: Templates, language: str, notice: Notice, layout: str) -> None:
    for at in TIMES:
        notice_text = templates.render(with_history(language, at, notice)).whole_text
        lines = [f"> {line}".rstrip() for line in notice_text.splitlines()]
        text = TEXTS[layout].format(
            words=WORDS, notice=notice_text, block=BLOCK, quoted="\n".join(lines), first="\n".join(lines[:3]),
            rest="\n".join(lines[3:]),
        )  # fmt: skip
        new = read_new_text(text, is_answer=True)
        assert WORDS in new
        own = [line for line in new.splitlines() if not line.startswith(">")]
        for said in (
            "It is resolved", "resolved", "yes, it works", "We close it today.", "not resolved", "Since Monday",
        ):  # fmt: skip
            assert said not in own, said


@pytest.mark.parametrize("layout", PAGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_reply_in_html_leaves_no_word_of_it(templates: Templates, language: str, layout: str) -> None:
    page = templates.render(with_history(language)).html
    body = page[page.index("<body") :].partition(">")[2].partition("</body>")[0]
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "Anna Weber <anna@example.org>", "support@example.com", "Re: P"
    message["In-Reply-To"] = "<1@example.com>"
    message.set_content(f"<html><body>{PAGES[layout].format(words=WORDS, page=body)}</body></html>", subtype="html")
    new = read_mail(message.as_bytes()).new_text
    assert new.startswith(WORDS)
    assert "It is resolved" not in new
    assert "yes, it works" not in new


def test_a_reply_to_a_question_of_a_third_party_leaves_no_word_of_the_request(templates: Templates) -> None:
    for language in LANGUAGES:
        content = replace(with_history(language, notice=Notice.ASK), history=with_history(language).history[:1])
        rendered = templates.render(content)
        assert content.subject in rendered.history.partition("\n")[0]
        new = read_new_text(f"{WORDS}\n\n{BLOCK}\n\n{rendered.whole_text}", is_answer=True)
        assert new == WORDS


def test_an_unknown_address_gets_none(templates: Templates) -> None:
    content = replace(with_history("en"), known=False)
    assert without_requester_words(content).history == ()
    rendered = templates.render(content)
    assert (rendered.history, "resolved, thank" in rendered.html) == ("", False)


def test_a_language_of_the_operators_without_words_for_it_has_none(tmp_path: Path) -> None:
    (tmp_path / "fi").mkdir()
    (tmp_path / "fi" / "answer.txt").write_text("Subject: Vastaus\n\n{{ text }}\n", encoding="utf-8")
    words = '[history]\nwrote = "{day} {date} {month} {year}, {time}: {name}"\nsubject = ""\nrequester = ""\n'
    (tmp_path / "fi" / "words.toml").write_text(words, encoding="utf-8")  # without names of days and months
    rendered: Rendered = Templates(tmp_path).render(with_history("fi"))
    assert (rendered.language, rendered.history) == ("fi", "")
