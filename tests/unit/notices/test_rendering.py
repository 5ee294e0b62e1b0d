"""The pages of every notice in every language, as mail programs and screen readers take them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from mailgate.core.formatting import FormattedText
from mailgate.core.workflow.notice_catalogue import Audience, Notice, Tone
from mailgate.notices.rendering.branding import Branding, LogoImage
from mailgate.notices.rendering.colours import (
    DARK_BOX,
    DARK_PAGE,
    DARK_QUOTE_BAR,
    ENOUGH,
    ENOUGH_FOR_BARS,
    LIGHT_BOX,
    LIGHT_PAGE,
    QUOTE_BAR,
    contrast,
    make_banner,
    make_palette,
)
from mailgate.notices.rendering.content import NoticeContent
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from tests.support.screenshots import draw_logo

OURS = Templates()
LOGO = draw_logo()
CID = f"cid:{LOGO.content_id}"
CLIPPED = 102_000  # bytes, above which Gmail cuts a mail
EMPTY = frozenset({"meta", "br", "hr", "img"})
COLOURS = ("#0a6b3d", "#ffcc00", "#0b0b60", "#808080", "#ffffff", "#000000")
EVERY = [(notice, language) for language in OURS.languages for notice in Notice if OURS.has(language, notice)]


def look(colour: str = "#0a6b3d") -> Branding:
    return Branding(make_palette(colour), "The <support> team\nRoom 12", LogoImage(CID, 96, 48, LOGO))


def dressed(notice: Notice, language: str, colour: str = "#0a6b3d") -> NoticeContent:
    return replace(sample(notice, language), look=look(colour))


@dataclass
class Element:
    """An element with its place: what is open around it, the root first."""

    tag: str
    attributes: dict[str, str]
    path: list[Element] = field(repr=False)
    text: str = ""

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()

    @property
    def styles(self) -> dict[str, str]:
        return declarations(self.attributes.get("style", ""))


class Reader(HTMLParser):
    """The elements of a page in the order of their text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[Element] = []
        self.elements: list[Element] = []
        self.css = ""
        self.comments: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {key: value or "" for key, value in attrs}, [*self.open])
        self.elements.append(element)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1].tag == "style":
            self.css += data
        elif self.open:
            self.open[-1].text += data

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)


def read(page: str) -> Reader:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert not reader.open
    return reader


def declarations(text: str) -> dict[str, str]:
    pairs = (one.partition(":") for one in text.split(";") if ":" in one)
    return {key.strip(): value.replace("!important", "").strip() for key, _, value in pairs}


def dark_rules(css: str) -> list[tuple[str, dict[str, str]]]:
    """The rules for a dark page as selectors with what they say, in order."""
    found = re.search(r"@media \(prefers-color-scheme: dark\) \{(.*?\})\s*\}", css, re.DOTALL)
    assert found is not None
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", found[1])
    return [(one.strip(), declarations(body)) for selectors, body in rules for one in selectors.split(",")]


def matches(selector: str, element: Element) -> bool:
    *around, last = selector.split()
    if not is_simple(last, element):
        return False
    return all(any(is_simple(one, outer) for outer in element.path) for one in around)


def is_simple(selector: str, element: Element) -> bool:
    tag, *classes = selector.split(".")
    return (not tag or tag == element.tag) and all(one in element.classes for one in classes)


def inks(reader: Reader, *, dark: bool) -> Iterator[tuple[str, str, Element]]:
    """The colour of each text and that behind it."""
    rules = dark_rules(reader.css) if dark else []
    for element in reader.elements:
        if not element.text.strip() or element.tag in ("title", "style"):
            continue
        ink, ground = "#000000", "#ffffff"
        for one in (*element.path, element):
            said = one.styles
            for selector, body in rules:
                if matches(selector, one):
                    said |= body
            ink = ink if said.get("color") == "inherit" else said.get("color", ink)
            ground = ground if said.get("background") == "transparent" else said.get("background", ground)
        yield ink, ground, element


@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_a_page_is_built_for_every_reader(notice: Notice, language: str) -> None:
    for content in (dressed(notice, language), replace(dressed(notice, language), known=False, reference="")):
        rendered = OURS.render(content)
        reader = read(rendered.html)
        assert reader.elements[0].attributes == {"lang": language}
        headings = [int(one.tag[1]) for one in reader.elements if re.fullmatch("h[1-6]", one.tag)]
        assert headings.count(1) == 1
        assert headings[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(headings))
        assert all(one.attributes["role"] == "presentation" for one in reader.elements if one.tag == "table")
        texts = [one for one in reader.elements if one.tag in ("a", "h1", "h2")]
        assert all(one.text.strip() or any(inner for inner in reader.elements if one in inner.path) for one in texts)
        (wrapper,) = [one for one in reader.elements if "page" in one.classes]  # webmail drops the element html
        assert (wrapper.attributes["lang"], wrapper.attributes["dir"]) == (language, "ltr")
        assert not [one for one in reader.elements if one.tag == "title"]  # the subject of the mail is its title
        assert len(rendered.html.encode()) < CLIPPED


@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_nothing_of_a_page_is_fetched_or_tells_who_reads_it(notice: Notice, language: str) -> None:
    rendered = OURS.render(dressed(notice, language))
    reader = read(rendered.html)
    images = [one for one in reader.elements if one.tag == "img"]
    of_requester = notice.info.audience is Audience.REQUESTER
    with_logo = of_requester and notice not in (Notice.REFUSED, Notice.TOO_LARGE)
    assert [one.attributes["src"] for one in images] == ([CID] if with_logo else [])
    assert [one.attributes["alt"] for one in images] == (["Support"] if with_logo else [])
    assert rendered.logo == (LOGO if with_logo else None)
    for one in reader.elements:
        assert not {"background", "srcset", "onload", "onclick"} & set(one.attributes)
        assert one.tag not in ("script", "iframe", "link", "form", "object", "video", "audio")
        assert urlsplit(one.attributes.get("href", "")).scheme in ("", "mailto", "https", "http")
    assert not re.search(r"url\(|@import|@font-face|http-equiv", rendered.html)


@pytest.mark.parametrize("colour", COLOURS)
def test_every_text_can_be_read(colour: str, whole: bool) -> None:
    met: dict[bool, set[str]] = {False: set(), True: set()}
    share = EVERY if whole else EVERY[COLOURS.index(colour) :: len(COLOURS)]
    for notice, language in share:
        reader = read(OURS.render(dressed(notice, language, colour)).html)
        for dark, grounds in met.items():
            for ink, ground, element in inks(reader, dark=dark):
                assert contrast(ink, ground) >= ENOUGH, (notice, dark, element, ink, ground)
                grounds.add(ground)
    for grounds in met.values():
        assert len(grounds) >= (3 if colour not in ("#ffffff",) else 2), "the page, boxes and a button were met"


def test_the_parser_of_this_test_sees_what_cannot_be_read() -> None:
    page = OURS.render(dressed(Notice.CONFIRM, "en")).html.replace("color:#57606a", "color:#c0c0c0")
    assert [element for ink, ground, element in inks(read(page), dark=False) if contrast(ink, ground) < ENOUGH]
    assert all(contrast(ink, ground) >= ENOUGH for ink, ground, _ in inks(read(page), dark=True))


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("tone", Tone)
def test_a_banner_can_be_read_and_says_its_tone_without_colour(colour: str, tone: Tone) -> None:
    palette = make_palette(colour)
    banner = make_banner(tone, palette)
    for ground, ink, text in ((banner.ground, banner.ink, "#1f2328"), (banner.dark_ground, banner.dark_ink, "#e8eaed")):
        assert contrast(ground, ink) >= ENOUGH
        assert contrast(ground, text) >= ENOUGH
    assert len({make_banner(one, palette).sign for one in Tone}) == len(Tone)


def test_the_bars_of_boxes_can_be_seen() -> None:
    for bar, *grounds in ((QUOTE_BAR, LIGHT_PAGE, LIGHT_BOX), (DARK_QUOTE_BAR, DARK_PAGE, DARK_BOX)):
        assert all(contrast(bar, ground) >= ENOUGH_FOR_BARS for ground in grounds)
    page = OURS.render(dressed(Notice.REQUEST, "en")).html
    assert f"border-left:4px solid {QUOTE_BAR}" in page
    assert f"border-color: {DARK_QUOTE_BAR}" in page


def test_the_banner_comes_first_and_the_preheader_before_it() -> None:
    reader = read(OURS.render(dressed(Notice.REQUEST, "en")).html)
    (banner,) = [one for one in reader.elements if "banner" in one.classes]
    label, heading = [one for one in reader.elements if banner in one.path and one.tag in ("p", "h1")]
    assert label.text == "New request\xa0· high priority\xa0· VIP"
    assert heading.text == "Printer is broken"
    body = next(at for at, one in enumerate(reader.elements) if one.tag == "body")
    preheader = reader.elements[body + 1]
    assert preheader.styles["display"] == "none"
    assert preheader.text.startswith("Due Thursday 26 November, 10:30 · ")
    without = read(OURS.render(dressed(Notice.REPORT, "en")).html)
    assert not [one for one in without.elements if "banner" in one.classes or one.styles.get("display") == "none"]


@pytest.mark.parametrize("language", OURS.languages)
def test_facts_are_a_table_that_needs_no_style_sheet(language: str) -> None:
    reader = read(OURS.render(dressed(Notice.RECEIPT, language)).html)
    facts = [one for one in reader.elements if one.tag == "td" and any("facts" in outer.classes for outer in one.path)]
    labels, values = facts[::2], facts[1::2]
    assert len(labels) == 2
    if language == "en":
        assert [one.text for one in labels] == ["Your reference", "Our reply by"]
        assert values[1].text == "Thursday 26\xa0November at 10:30 (Paris time)"
    assert all(one.styles["word-break"] == "normal" for one in labels), "a word of a label is not broken"
    assert all(one.styles["padding"] and one.styles["font-weight"] == "600" for one in values)


def test_a_request_in_another_language_is_read_aloud_in_it() -> None:
    content = dressed(Notice.REQUEST, "en")
    content = replace(content, author=content.requester, requester_language="de")
    assert OURS.render(content).html.count('<blockquote lang="de"') == 1
    for other in (replace(content, requester_language="en"), replace(content, author=content.forwarded)):
        assert "<blockquote lang" not in OURS.render(other).html


def test_the_answers_are_buttons_where_their_words_stand() -> None:
    rendered = OURS.render(dressed(Notice.CONFIRM, "en"))
    reader = read(rendered.html)
    assert "- resolved\n- not fixed\n" in rendered.text
    assert not [one for one in reader.elements if one.tag == "li" and one.text in ("resolved", "not fixed")]
    order = [rendered.html.index(words) for words in ("one of these words", "Resolved<", "A button opens", "Room 12")]
    assert order == sorted(order)
    plain = read(OURS.render(replace(dressed(Notice.CONFIRM, "en"), yes_link="", no_link="")).html)
    assert [one.text for one in plain.elements if one.tag == "li"][-2:] == ["resolved", "not fixed"]


@pytest.mark.parametrize("language", OURS.languages)
def test_the_scale_stands_without_a_style_sheet(language: str) -> None:
    reader = read(OURS.render(dressed(Notice.FINAL, language)).html)
    stars = [one for one in reader.elements if "star" in one.classes]
    assert len(stars) == 5
    for star in stars:
        assert star.styles["border"].startswith("2px solid")
        assert star.attributes["bgcolor"] == star.styles["background"]
        assert star.styles["mso-padding-alt"]


def test_no_style_sheet_of_a_mail_client_shows_through() -> None:
    """Roundcube and Evolution give quotations and code a colour, and tables borders that collapse."""
    for notice in (Notice.REQUEST, Notice.CONFIRM, Notice.FINAL):
        reader = read(OURS.render(dressed(notice, "en")).html)
        for one in reader.elements:
            if one.tag in ("blockquote", "code", "pre"):
                assert one.styles["color"] == "inherit", one
            if one.tag == "blockquote":
                assert one.styles["padding"] == one.styles["border"] == "0"
                assert one.styles["background"] == "transparent"
                assert one.attributes["type"] not in ("", "cite"), "Evolution would drop its style"
            if one.tag == "td" and "px solid" in one.attributes.get("style", "") and "line" not in one.classes:
                table = [outer for outer in one.path if outer.tag == "table"][-1]
                assert table.styles["border-collapse"] == "separate", one


def test_what_is_wide_cannot_widen_the_page() -> None:
    page = "<table><tbody><tr><td>a</td></tr></tbody></table>"
    content = replace(dressed(Notice.ANSWER, "en"), text="a", formatted=(FormattedText("a", page),))
    reader = read(OURS.render(content).html)
    (scrolled,) = [one for one in reader.elements if one.styles.get("overflow-x") == "auto"]
    assert {one.styles["table-layout"] for one in scrolled.path if one.tag == "table"} == {"fixed"}


def test_a_dark_thunderbird_leaves_the_logo_its_plate_and_the_button_its_words() -> None:
    """It takes away what is a light background, and the dark colour of an element that has no background itself."""
    reader = read(OURS.render(dressed(Notice.CONFIRM, "en", "#ff8800")).html)
    (logo,) = [one for one in reader.elements if one.tag == "img"]
    assert logo.path[-1].styles["box-shadow"].startswith("inset ")
    (button,) = [one for one in reader.elements if one.tag == "a" and "yes" in one.path[-1].classes]
    assert button.styles["background"] == button.path[-1].styles["background"] == "#ff8800"


def test_a_line_of_the_page_that_is_not_translated_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "sv").mkdir()
    (tmp_path / "sv" / "receipt.txt").write_text("Subject: Tack\n\nVi svarar snart.", encoding="utf-8")
    rendered = Templates(tmp_path).render(dressed(Notice.RECEIPT, "sv"))
    assert rendered.language == "sv"
    assert "Automatic message" not in rendered.html
    assert "Automatic message" in OURS.render(dressed(Notice.RECEIPT, "en")).html
    assert "Automatic message" not in OURS.render(dressed(Notice.CONFIRM, "en")).html  # an agent's words


@pytest.mark.parametrize("language", OURS.languages)
def test_the_buttons_stand_without_a_style_sheet(language: str) -> None:
    """Gmail may drop the style sheet, and the Word in Outlook knows no padding of a link."""
    page = OURS.render(dressed(Notice.CONFIRM, language)).html
    reader = read(re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    buttons = [one for one in reader.elements if one.tag == "td" and "button" in one.classes]
    yes, no = OURS.options(language)
    links = [one for one in reader.elements if one.tag == "a" and any("button" in outer.classes for outer in one.path)]
    assert [link.text.casefold() for link in links] == [yes.casefold(), no.casefold()]
    for button, link in zip(buttons, links, strict=True):
        assert button.attributes["bgcolor"] == button.styles["background"]
        assert button.styles["mso-padding-alt"] == link.styles["padding"]
        assert link.styles["color"]
    assert any("mso" in comment and 'width="600"' in comment for comment in reader.comments)


@pytest.mark.parametrize(("notice", "language"), EVERY)
def test_a_signature_is_shown_as_it_was_written(notice: Notice, language: str) -> None:
    rendered = OURS.render(dressed(notice, language))
    if notice.info.audience is not Audience.REQUESTER:
        return
    assert "The <support> team\nRoom 12\n" in rendered.text
    assert "The &lt;support&gt; team<br>Room 12</p>" in rendered.html
    plain = OURS.render(sample(notice, language))
    assert "Room 12" not in plain.text
    assert "Support" in plain.text


def test_a_title_in_a_quotation_is_no_heading_of_ours() -> None:
    content = replace(sample(Notice.REQUEST, "en"), text="PAY NOW\n-------\nto me")
    reader = read(OURS.render(content).html)
    assert not [one for one in reader.elements if one.tag == "h2" and "PAY" in one.text]


@pytest.mark.parametrize("notice", [Notice.ANSWER, Notice.QUESTION, Notice.ASK])
@pytest.mark.parametrize("language", OURS.languages)
def test_the_last_line_of_what_an_agent_wrote_is_the_foot_of_its_page(notice: Notice, language: str) -> None:
    rendered = OURS.render(sample(notice, language))
    foot = rendered.text.splitlines()[-1]
    shown = re.findall(r'<p class="small"[^>]*>(.*?)</p>', rendered.html)
    assert "SUP-1042" in foot
    assert shown == [foot]
    assert rendered.html.count(foot) == 1
