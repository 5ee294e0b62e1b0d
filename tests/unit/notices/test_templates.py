"""Every notice in every language: said in full, said in part, and never with a stranger's words."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from markupsafe import Markup

from mailgate.core.mail import Address
from mailgate.core.text import fold_case_accents
from mailgate.core.workflow.events import Event, State
from mailgate.core.workflow.notice_catalogue import Asks, Audience, Files, Notice
from mailgate.core.workflow.transitions import NOT_APPLICABLE
from mailgate.notices.rendering import templates
from mailgate.notices.rendering.content import FormValue, NoticeContent, TimelineEntry, recipient_of
from mailgate.notices.rendering.html import lay_out
from mailgate.notices.rendering.samples import check_templates, sample
from mailgate.notices.rendering.subject import subject_line
from mailgate.notices.rendering.templates import OURS as FOLDER
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers import read_commands
from mailgate.parsers.commands.arguments import Reason
from mailgate.parsers.vocabulary import vocabulary

OURS = Templates()
LANGUAGES = OURS.languages
EVERY = [(notice, language) for notice in Notice for language in LANGUAGES]
CANARY = "Zorglub"
REQUESTER_NOTICES = [one for one in Notice if one.info.audience is Audience.REQUESTER]
STAFF_NOTICES = [one for one in Notice if one.info.audience in (Audience.LEVEL, Audience.MANAGER, Audience.AGENT)]


def bare(notice: Notice, language: str, state: str = "level1") -> NoticeContent:
    to = Address("", "jo@example.com")
    return NoticeContent(
        notice, language, ZoneInfo("Europe/Paris"), "Support", "support@example.com", to,
        reference="SUP-7", state=state, level="level1",
    )  # fmt: skip


class Page(HTMLParser):
    """The elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.attributes: list[str] = []
        self.language = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [f"{key}={value}" for key, value in attrs]
        self.links += [value or "" for key, value in attrs if key == "href"]
        if tag == "html":
            self.language = dict(attrs)["lang"] or ""
        if tag not in ("meta", "br", "hr"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    return page


def test_the_shipped_templates_are_proven() -> None:
    assert check_templates(OURS) == ()


@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_every_notice_reads_well_with_much_and_with_little(notice: Notice, language: str) -> None:
    contents = [sample(notice, language), *(bare(notice, language, state) for state in State)]
    for content in contents:
        rendered = OURS.render(content)
        assert rendered.language == language
        assert rendered.subject
        for words in (rendered.subject, rendered.text, rendered.html):
            assert not re.search(r"\bNone\b|undefined|\{\{|\{%|Address\(", words)
        assert "\n\n\n" not in rendered.text
        assert not re.search(r"[ \t]\n|  +\S", re.sub(r"^    .*$", "", rendered.text, flags=re.MULTILINE))
        assert "\n    #" not in rendered.text.rstrip().rpartition("\n\n")[2], "a ready line must not end a mail"


@pytest.mark.parametrize("notice", REQUESTER_NOTICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_one_outside_reads_a_command_of_the_operator(notice: Notice, language: str) -> None:
    rendered = OURS.render(sample(notice, language))
    assert not re.search(r"mailgate [a-z]|`", rendered.text + rendered.html)


@pytest.mark.parametrize("notice", [notice for notice in Notice if notice.info.files is not Files.NONE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_that_may_carry_files_names_those_that_are_too_large(notice: Notice, language: str) -> None:
    content = sample(notice, language)
    assert content.too_large[0] in OURS.render(content).text
    assert content.too_large[0] in re.sub(r"[ \n]+", " ", OURS.render(content).html)


@pytest.mark.parametrize("left_out", [0, 2_000])
def test_a_long_timeline_is_laid_out_only_where_its_page_may_be_kept(
    left_out: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    laid_out: list[int] = []

    def note(text: str, *more: Any) -> Markup:
        laid_out.append(len(text))
        return lay_out(text, *more)

    at = datetime(2026, 11, 23, tzinfo=UTC)
    story = tuple(TimelineEntry(at, "Anna", "in", f"Words {number:04}. " + 90 * "more ") for number in range(500))
    names = tuple(f"mail of that day {number:024}.eml" for number in range(left_out))
    content = replace(bare(Notice.ESCALATION, "en"), story=story, left_out=names)
    whole = OURS.render(content)
    with monkeypatch.context() as patched:
        patched.setattr(templates, "lay_out", note)
        assert OURS.render(content) == whole
        assert sum(laid_out) < 150_000 < len(whole.text)
        patched.setattr(templates, "_fills_page", lambda _body: False)
        assert OURS.render(content) == whole


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_file_that_is_too_large_is_not_said_of_as_of_several(language: str) -> None:
    content = sample(Notice.CONFIRM, language)
    one, two = OURS.render(content), OURS.render(replace(content, left_out=(*content.left_out, "b.iso (1 GB)")))
    for few, many in ((one.text, two.text), (one.html, two.html)):
        assert few != many.replace(", b.iso (1 GB)", "")


@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_every_page_is_sound(notice: Notice, language: str) -> None:
    content = sample(notice, language)
    page = read(OURS.render(content).html)
    assert page.language == language
    assert page.tags.count("h1") == 1
    assert not {"script", "img", "iframe", "form", "object"} & set(page.tags)
    assert not [one for one in page.attributes if re.match(r"on|src=|background=", one)]
    wanted = {Asks.YES_OR_NO: 2, Asks.APPROVAL: 2, Asks.RATING: 5}.get(notice.info.asks, 0)
    assert len([link for link in page.links if link.startswith("mailto:") and "?" in link]) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_lines_that_a_copy_asks_for_are_read_as_commands(language: str) -> None:
    text = OURS.render(sample(Notice.COPY, language)).text
    read = [read_commands(line.strip()).commands for line in text.splitlines() if line.startswith("    #")]
    assert [(one.name, one.args) for commands in read for one in commands][:3] == [
        ("type", "incident"), ("type", "service"), ("type", "question"),
    ]  # fmt: skip
    assert [len(commands) for commands in read] == [1, 1, 1, 1]


@pytest.mark.parametrize("notice", STAFF_NOTICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_line_of_ours_is_a_command_that_stops_a_mail(notice: Notice, language: str) -> None:
    lines = OURS.render(sample(notice, language)).text.splitlines()
    assert not [line for line in lines if line.startswith("#")]
    named = {spelling for spelling, name in vocabulary((language,)).names.items() if name in ("note", "ask")}
    assert not [
        line for line in lines if (word := re.match(r"\s*#([^\W\d_]+)", line)) and fold_case_accents(word[1]) in named
    ]


@pytest.mark.parametrize("notice", REQUESTER_NOTICES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_stranger_reads_none_of_his_words(notice: Notice, language: str) -> None:
    """Rule 13."""
    content = replace(
        sample(notice, language),
        known=False,
        subject=f"{CANARY} a",
        requester=Address(CANARY, "jo@example.com"),
        to=Address(CANARY, "jo@example.com"),
        department=CANARY,
        author=None,
        text="agent's words"
        if notice in (Notice.ANSWER, Notice.QUESTION, Notice.DETAILS, Notice.TRANSFERRED)
        else CANARY,
        files=(),
    )
    if notice in (Notice.CONFIRM, Notice.FINAL):
        content = replace(content, text="")
    rendered = OURS.render(content)
    line = subject_line(content, rendered, "[SUP-1042]")
    assert CANARY not in rendered.subject + rendered.text + rendered.html + line + recipient_of(content).name
    assert line.startswith("[SUP-1042] ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_receipt_never_repeats_the_request(language: str) -> None:
    rendered = OURS.render(replace(sample(Notice.RECEIPT, language), text=CANARY))
    assert CANARY not in rendered.text + rendered.html


@pytest.mark.parametrize("language", LANGUAGES)
def test_confirm_gives_the_solution_in_full_and_both_words(language: str) -> None:
    """S7, rule 15."""
    yes, no = OURS.options(language)
    solution = "Line one\n\n<b>Line two</b> https://example.com/a?b=c&d=1.\nmailto:x@example.com?subject=trap"
    rendered = OURS.render(replace(sample(Notice.CONFIRM, language), solution=solution))
    assert solution in rendered.text
    assert f"\n- {yes}\n- {no}\n" in rendered.text
    page = read(rendered.html)
    queries = [link for link in page.links if link.startswith("mailto:") and "?" in link]
    assert len(queries) == 2
    assert "https://example.com/a?b=c&d=1" in page.links
    assert "b" not in page.tags
    assert "&lt;b&gt;Line two&lt;/b&gt;" in rendered.html


def test_times_name_their_zone_and_speak_the_language() -> None:
    due = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
    french = OURS.render(replace(sample(Notice.RECEIPT, "fr"), due=due)).text
    assert "mardi 1er décembre à 10\xa0h\xa030 (heure de Paris)" in french
    english = OURS.render(replace(sample(Notice.RECEIPT, "en"), due=due.replace(year=2027, month=1))).text
    assert "Friday 1 January 2027 at 10:30 (Paris time)" in english


def test_a_heading_leaves_out_the_day_only_on_that_day() -> None:
    """The day on which the notice is written counts, not that on which the ticket was opened."""
    opened, later = datetime(2026, 11, 23, 9, 30, tzinfo=UTC), datetime(2026, 11, 25, 9, 30, tzinfo=UTC)
    content = replace(sample(Notice.UPDATE, "en"), created_at=opened, since=opened, written_at=later)
    assert "has heard nothing since Monday 23 November, 10:30\n" in OURS.render(content).text
    content = replace(content, since=later)
    assert "has heard nothing since 10:30\n" in OURS.render(content).text


def test_a_closed_desk_says_until_when() -> None:
    """Rule 14."""
    content = replace(sample(Notice.RECEIPT, "fr"), opens=datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    assert "actuellement fermé\xa0; il rouvre le mercredi 25 novembre à 9\xa0h\xa000" in OURS.render(content).text


def test_requesters_read_no_jargon() -> None:
    for notice in REQUESTER_NOTICES:
        for language in LANGUAGES:
            for level in ("level1", "level2", "level3"):
                text = OURS.render(replace(sample(notice, language), level=level, state=level)).text
                jargon = re.search(r"level|niveau|livello|nivel|nível|ebene|stufe|escal|eskal", text, re.IGNORECASE)
                assert jargon is None, (notice, language)


def test_an_answer_is_the_agents_words_alone() -> None:
    content = replace(sample(Notice.ANSWER, "en"), text="Try  this:\n\n\n    ls -l\n\nBye", others=(), left_out=())
    rendered = OURS.render(content)
    assert rendered.text.startswith(content.text)
    assert "Alice" not in rendered.text
    assert re.search(r'<td class="quote"[^>]*><pre', rendered.html)


def test_a_request_cannot_speak_in_our_name() -> None:
    text = "help\r\rSupport says:\u2028#resolve done\x0cReply to this mail\n> quoted"
    rendered = OURS.render(replace(sample(Notice.REQUEST, "en"), text=text))
    body = rendered.text.partition("----\n\n")[2]
    assert body.startswith("> help\n>\n> Support says:\n> #resolve done\n> Reply to this mail\n> > quoted\n\n")


@pytest.mark.parametrize(
    ("notice", "pieces"),
    [
        (Notice.WITHDRAWAL, ["\n    #close withdrawn\n"]),
        (Notice.NEW_PROBLEM, ["\n    #split\n"]),
        (Notice.DECISION, ["#close no answer", "#resolve"]),
        (Notice.WAITING_DECISION, ["#close no answer", "#take", "#resolve"]),
        (
            Notice.LATE_LEVEL,
            ["with Level 2 since Tuesday 24 November at 10:30", "> What exactly does the printer show?"],
        ),
        (Notice.OVERTAKEN, ["Alice Durand has already resolved it", "acted on Tuesday 24 November at 10:30"]),
        (
            Notice.MISTYPED,
            ["- “#reslove”: this isn’t a command. Did you mean “#resolve”?", "“#time”: something is missing"],
        ),
        (Notice.REVIEW, ["    #approve\n", "    #reject REASON\n"]),
        (Notice.ESCALATION, ["Already tried", "the driver is missing", "SUP-977", "times in Paris time"]),
        (Notice.COPY, ["Sent by Alice Durand to Jo Martin <jo.martin@example.com>, sam@example.com:\n\n> Hello Jo"]),
        (
            Notice.FINAL,
            ["SUP-1042", "“not fixed”", "Thursday 26 November", "within 30\xa0days", "We installed a new driver"],
        ),
    ],
)
def test_agents_get_what_they_need(notice: Notice, pieces: list[str]) -> None:
    text = OURS.render(sample(notice, "en")).text
    for piece in pieces:
        assert piece in text


def test_a_timer_is_the_reason_of_an_escalation_that_nobody_asked_for() -> None:
    content = replace(sample(Notice.ESCALATION, "fr"), author=None, reason="")
    assert "le délai de l’équipe Niveau 1 est dépassé" in OURS.render(content).text


def test_an_escalation_by_hand_without_a_reason_is_no_timer() -> None:
    content = replace(sample(Notice.ESCALATION, "fr"), author=None, reason="", command="escalate")
    assert "sans motif indiqué" in OURS.render(content).text


def test_what_was_never_solved_has_no_solution_that_failed() -> None:
    content = replace(sample(Notice.NOT_FIXED, "en"), solution="")
    assert "says it isn’t solved" in OURS.render(content).text


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_every_word_of_the_process_is_translated(language: str) -> None:
    for reason in (reason for (_, event), reason in NOT_APPLICABLE.items() if event.info.by_agent):
        content = replace(sample(Notice.NOT_POSSIBLE, language), objection=(reason,))
        assert reason not in OURS.render(content).text
    for event in Event:
        story = tuple(replace(entry, what=event.value, who="X") for entry in sample(Notice.STATUS, language).story[:1])
        text = OURS.render(replace(sample(Notice.STATUS, language), story=story)).text
        assert f"· X · {event.value}\n" not in text, event


def test_a_level_reads_the_agents_reason_without_its_command() -> None:
    content = replace(sample(Notice.ESCALATION, "en"), reason="#escalate: beyond my rights")
    assert "Escalated by Alice Durand: beyond my rights\n" in OURS.render(content).text
    assert "Escalated by Alice Durand. No reason was given." in OURS.render(replace(content, reason="#escalate")).text


@pytest.mark.parametrize(
    ("notice", "command", "words"),
    [
        (Notice.ESCALATION, "timer escalation", "Escalated automatically: the deadline at Level 1 passed."),
        (Notice.ESCALATION, "escalate", "Escalated by Support: toujours pas\n"),
        (Notice.ESCALATION, "no", "Escalated automatically: the requester says that it isn’t solved."),
        (Notice.MANAGER, "timer overdue", "The deadline at Level 2 has passed"),
        (Notice.TAKEN_OVER, "timer escalation", "Reason: the deadline passed\n"),
        (Notice.LAST_LEVEL, "escalate", "passed on your reason:\n\n> toujours pas\n"),
        (Notice.CLOSED, "yes", "- Reason: the requester confirmed that it’s solved\n"),
        (Notice.DECISION, "timer decision", "and sent a reminder. They haven’t replied."),
        (
            Notice.DECISION,
            "confirm notice failed",
            "We couldn’t deliver our question whether the solution works: toujours pas.\n",
        ),
    ],
)
def test_what_nobody_ordered_says_why_it_happened(notice: Notice, command: str, words: str) -> None:
    author = Address("Jo Martin", "jo.martin@example.com") if command in ("yes", "no") else None
    content = replace(sample(notice, "en"), command=command, reason="#escalate toujours pas", author=author)
    assert words in OURS.render(content).text


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("resolve", "Votre commande #résoudre est restée sans effet"),
        ("answer", "Votre e-mail est resté sans effet"),
        ("close as transferred", "Votre commande #clôturer transmis est restée sans effet"),
        ("cause", "Votre commande #cause est restée sans effet"),
    ],
)
def test_a_refused_command_is_named_as_the_agent_wrote_it(command: str, words: str) -> None:
    assert words in OURS.render(replace(sample(Notice.NOT_POSSIBLE, "fr"), command=command)).text


def test_the_colleague_who_was_faster_is_named_with_what_he_did() -> None:
    content = replace(sample(Notice.OVERTAKEN, "fr"), reason="overtaken by another agent", state="confirming")
    assert "Alice Durand a agi le mardi 24 novembre à 10\xa0h\xa030" in OURS.render(content).text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_that_a_notice_names_exists(language: str) -> None:
    words = vocabulary((language,)).names
    for notice in STAFF_NOTICES:
        contents = [sample(notice, language), *(bare(notice, language, state) for state in State)]
        for content in contents:
            named = re.findall(r"#([^\W\d_]+)", OURS.render(replace(content, mistakes=())).text)
            assert not [word for word in named if fold_case_accents(word) not in words], notice


def write(folder: Path, name: str, words: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(words, "utf-8")


def test_a_missing_translation_falls_back_whole() -> None:
    assert Templates(default="fr").render(sample(Notice.CONFIRM, "cs")).language == "fr"
    rendered = Templates(default="cs").render(replace(sample(Notice.CONFIRM, "fr"), language="cs-CZ"))
    assert rendered.language == "en"
    assert 'lang="en"' in rendered.html
    assert OURS.render(sample(Notice.RECEIPT, "FR-ca")).language == "fr"


def test_the_operators_folder_lies_over_ours(tmp_path: Path) -> None:
    write(
        tmp_path,
        "en/receipt.txt",
        "Subject: Got it\n\nOurs is {{ reference }}{% if due %}, due {{ due|when }}{% endif %}.",
    )
    write(tmp_path, "en/words.toml", 'days = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]\n')
    templates = Templates(tmp_path)
    rendered = templates.render(sample(Notice.RECEIPT, "en"))
    assert rendered.subject == "Got it"
    assert rendered.text == "Ours is SUP-1042, due Th 26 November at 10:30 (Paris time).\n"
    assert "<h1" in rendered.html
    assert check_templates(templates, ["en", "fr"]) == ()
    assert templates.render(sample(Notice.FINAL, "fr")) == OURS.render(sample(Notice.FINAL, "fr"))


def test_the_page_follows_a_text_in_other_words(tmp_path: Path) -> None:
    words = "{{ words.options.yes }} or {{ words.options.no }}"
    write(tmp_path, "en/confirm.txt", f"Subject: Well?\n\nSay {words}. {{{{ solution }}}}")
    templates = Templates(tmp_path)
    html = templates.render(sample(Notice.CONFIRM, "en")).html
    assert "Is everything working now?" not in html
    assert "Say resolved or not fixed." in html
    assert len([link for link in read(html).links if "?" in link]) == 2
    assert check_templates(templates, ["en"]) == ()


def test_a_new_language_needs_only_its_files(tmp_path: Path) -> None:
    write(tmp_path, "sv/receipt.txt", "Subject: [{{ reference }}] Tack\n\nVi svarar snart.")
    assert Templates(tmp_path).render(sample(Notice.RECEIPT, "sv")).text == "Vi svarar snart.\n"


@pytest.mark.parametrize(
    ("name", "words", "mistake"),
    [
        ("en/receipt.txt", "Subject: Hi\n\n{{ refrence }}", "en/receipt.txt, line 3: 'refrence' is undefined"),
        ("en/receipt.txt", "Subject: Hi\n\n{% if due %}", "en/receipt.txt, line 3: "),
        ("en/receipt.txt", "Subject: Hi\n\n{{ due|when }}", "en/receipt.txt, line 3: a time is written that is"),
        ("en/receipt.txt", "Hello", "en/receipt.txt: the first line is not `Subject: …`"),
        ("en/receipt.txt", "Subject: Hi\n", "en/receipt.txt: there is no text below the subject"),
        ("en/recipt.txt", "Subject: Hi\n\nHello", "en/recipt.txt: no notice has this name"),
        ("recipt.txt", "Subject: Hi\n\nHello", "recipt.txt: no notice has this name"),
        ("mailgate.po", "", "mailgate.po: no notice has this name"),
        ("en/confirm.txt", "Subject: Hi\n\n{{ solution }}", "en/confirm.txt: the word “resolved” is not offered"),
        ("fr/confirm.html", "<p>{{ yes_link }}</p>", "fr/confirm.html: 0 answer links where two are wanted"),
        ("en/receipt.txt", "Subject: Hi\n\n{{ ''.__class__.__mro__ }}", "en/receipt.txt, line 3: access to attribute"),
    ],
)
def test_slips_are_found_beforehand_and_hold_up_no_ticket(tmp_path: Path, name: str, words: str, mistake: str) -> None:
    write(tmp_path, name, words)
    templates = Templates(tmp_path)
    found = check_templates(templates, ["en", "fr"])
    assert [one for one in found if one.startswith(mistake)], found
    if name == "en/receipt.txt":
        content = replace(sample(Notice.RECEIPT, "en"), due=None)
        assert templates.render(content) == OURS.render(content)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reason_that_stops_a_mail_has_its_words(language: str) -> None:
    words = OURS.words(language)
    assert set(words["mistakes"]) == {reason.value for reason in Reason}


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_name_subject_or_value_turns_the_reading_order_round(language: str) -> None:
    marks = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    content = replace(
        sample(Notice.ESCALATION, language), subject=f"Pri{marks}nter", department=f"IT{marks}",
        requester=Address(f"An{marks}na", "anna@example.org"), fields=(FormValue(f"Ro{marks}om", f"4{marks}2"),),
        form_title=f"Ac{marks}cess",
    )  # fmt: skip
    rendered = OURS.render(content)
    for words in (rendered.subject, rendered.text, rendered.html):
        assert not set(words) & set(marks)
    assert "Printer" in rendered.text
    assert "42" in rendered.text


def test_a_page_has_no_title_that_a_reply_would_quote_beside_the_heading() -> None:
    """The subject of a mail is its title (HTML, 4.2.2); some programs quote or show that of the page as well."""
    for notice in Notice:
        page = OURS.render_strictly(sample(notice, "en")).html
        assert "<title" not in page


def test_the_weight_of_a_heading_is_its_own() -> None:
    """Webmail has other weights for h1 and h2 than browsers."""
    for notice in (Notice.CONFIRM, Notice.FINAL, Notice.REQUEST, Notice.SOMEBODY_ANSWERED):
        page = OURS.render_strictly(sample(notice, "fr")).html
        headings = re.findall(r"<h[12] style=\"([^\"]*)\"", page)
        assert len(headings) > 1
        assert all("font-weight:700" in style for style in headings)


def test_a_heading_keeps_its_no_break_spaces_and_a_subject_has_plain_ones() -> None:
    """French has one before a question mark: in a heading no line breaks there; a subject is searched for."""
    rendered = Templates().render(sample(Notice.CONFIRM, "fr"))
    assert "est-il résolu\u00a0?" in rendered.text.splitlines()[0]
    assert rendered.subject.endswith("est-il résolu ?")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("notice", [Notice.CONFIRM, Notice.REMINDER, Notice.FINAL, Notice.TRANSFERRED])
def test_a_mail_greets_its_reader_once(notice: Notice, language: str) -> None:
    """The agent's text may begin with a salutation of its own; the notice's is left out then."""
    plain = replace(sample(notice, language), solution="Word has been reinstalled.", history=())
    if notice in (Notice.FINAL, Notice.TRANSFERRED):
        plain = replace(plain, text="")
    greeting = re.sub(r"\A.+\n=+\n+", "", OURS.render_strictly(plain).text).partition("\n")[0]
    assert greeting.endswith((",", ":", "!"))
    words = f"{greeting.rstrip(',:!')} Camille,\n\nWord has been reinstalled."
    greets = replace(plain, text=words, solution="" if notice is Notice.TRANSFERRED else words)
    if notice is Notice.FINAL:
        greets = replace(greets, text="")
    rendered = OURS.render_strictly(greets)
    assert not rendered.text.lstrip()[0].islower()  # as it would behind "Guten Tag,"
    for part in (rendered.text, rendered.html):
        assert part.count(greeting.rstrip(",:!")) == 1
        assert f"{greeting.rstrip(',:!')} Camille," in part


@pytest.mark.parametrize("template", sorted(FOLDER.glob("*.txt")), ids=lambda one: one.stem)
def test_no_paragraph_runs_into_the_next(template: Path) -> None:
    """An `endif` at the end of a line of words takes the line's end with it, and with it the paragraph's."""
    lines = template.read_text("utf-8").split("\n")
    for line, below in pairwise(lines):
        assert below or not re.search(r"[^%]\{% endif %\}$", line) or line.startswith("Subject:"), line
