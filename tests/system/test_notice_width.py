"""Every notice fits on a phone, in every language: measured in a headless Chromium."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape, unescape
from pathlib import Path

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from tests.support.chromium import find_chromium
from tests.support.screenshots import Shown, render_pages, run_chromium

PHONES = (320, 360)  # pixels
TEMPLATES = Templates()
LONG = "Benutzerkontenwiederherstellungsprotokolldateiverzeichnis" * 2
WORDS = f"""{LONG} #{LONG[:40]}

{LONG}
-----

- {LONG[:39]}: {LONG}
- ABCDEFGHIJKLMNOP-123456789012: https://example.com/{LONG}

> {LONG}

    #{LONG[:40]} {LONG}
    `mailgate export ABCDEFGHIJKLMNOP-123456789012`
"""
# Says which pages are wider than the phone, and which words of labels are broken in two.
MEASURE = """<script>onload = () => {
  const found = [], page = document.querySelector('iframe').contentDocument
  for (const one of page.querySelectorAll('section')) {
    if (one.scrollWidth > one.clientWidth) found.push(`${one.title}: ${one.scrollWidth} pixels`)
    for (const text of [...one.querySelectorAll('.label')].map(label => label.firstChild)) {
      for (const word of text.nodeType === Node.TEXT_NODE ? text.data.matchAll(/[^\\s\\u00a0-]+/g) : []) {
        const range = page.createRange()
        range.setStart(text, word.index)
        range.setEnd(text, word.index + word[0].length)
        if (word[0].length <= 20 && range.getClientRects().length > 1) found.push(`${one.title}: ${word[0]}`)
      }
    }
  }
  document.title = JSON.stringify(found)
}</script>"""


def measure(pages: list[Shown], width: int, folder: Path) -> list[str]:
    """Returns what is wrong at this width.

    One document has all the pages, since a document for each takes ten times as long.
    """
    bodies = [page.page.partition("<body")[2].partition(">")[2].partition("</body>")[0] for page in pages]
    sections = "".join(
        f'<section title="{escape(page.name)}">{body}</section>' for page, body in zip(pages, bodies, strict=True)
    )
    head = pages[0].page.partition("<body")[0]
    frame = f'<iframe style="border:0;width:{width}px" srcdoc="{escape(f"{head}<body style=margin:0>{sections}")}">'
    file = folder / "measure.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><title></title>{frame}</iframe>{MEASURE}", "utf-8")
    said = run_chromium(find_chromium(), f"--user-data-dir={folder / 'profile'}", "--dump-dom", file.as_uri())
    found = re.search(r"<title>(.+?)</title>", said)
    assert found is not None, "the browser says nothing"
    return [str(one) for one in json.loads(unescape(found[1]))]


def test_no_notice_is_wider_than_a_phone_and_no_label_breaks_a_word(tmp_path: Path) -> None:
    pages = [page for language in TEMPLATES.languages for page in render_pages(language, [], "#0a6b3d")]
    assert len(pages) == len(Notice) * len(TEMPLATES.languages)
    for notice in (Notice.ANSWER, Notice.REQUEST):
        content = replace(sample(notice, "en"), text=WORDS, subject=LONG, desk_name=LONG)
        pages.append(Shown(f"{notice.value} with long words", TEMPLATES.render(content).html))
    assert [one for width in PHONES for one in measure(pages, width, tmp_path)] == []


def test_a_page_that_is_too_wide_is_noticed(tmp_path: Path) -> None:
    page = TEMPLATES.render(sample(Notice.RECEIPT, "en")).html
    pages = [Shown("good", page), Shown("bad", page.replace("<h1", '<p style="width:400px">wide</p><h1'))]
    assert [one.partition(":")[0] for one in measure(pages, 360, tmp_path)] == ["bad"]
