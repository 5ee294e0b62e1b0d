"""A notice comes whole in one language, or in the next one: never half a mail."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.content import NoticeContent
from mailgate.notices.rendering.lint import read_needs
from mailgate.notices.rendering.locales import list_words
from mailgate.notices.rendering.samples import check_templates, find_gaps, sample
from mailgate.notices.rendering.templates import _PARTS_OF_PAGES, Templates
from mailgate.notices.rendering.templates import OURS as FOLDER
from mailgate.notices.rendering.words import FILTERS, WORDS_OF_FILTERS

OURS = Templates()
RECEIPT = "Subject: [{{ reference }}] Došlo\n\nOdpovíme{% if due %} do {{ due|when }}{% endif %}.\n"
WORDS = """
time = "HH:mm"
zone = "{city}"
when = "{day} {date} {month}, {time} ({zone})"
when_with_year = "{day} {date} {month} {year}, {time} ({zone})"
first = "1"
"""
OPTIONS = '[options]\nyes = "tak"\nno = "nie"\n'


def write(folder: Path, **files: str) -> Templates:
    """Templates with these files of the operator's; `cs_receipt` is cs/receipt.txt, `pl` the words of pl."""
    for name, words in files.items():
        language, _, rest = name.partition("_")
        path = folder / language / (f"{rest}.txt" if rest else "words.toml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(words, "utf-8")
    return Templates(folder, "fr")


def czech(notice: Notice = Notice.RECEIPT) -> NoticeContent:
    return sample(notice, "cs")


def test_one_notice_with_all_that_it_needs_comes_in_its_language(tmp_path: Path) -> None:
    templates = write(tmp_path, cs_receipt=RECEIPT, cs=WORDS + OPTIONS)
    rendered = templates.render(czech())
    assert rendered.language == "cs"
    assert rendered.text == "Odpovíme do čtvrtek 26 listopadu, 10:30 (Paříž).\n"
    assert templates.render(czech(Notice.FINAL)).language == "fr"
    assert find_gaps(templates) == ()
    assert check_templates(templates, ["cs"]) == ()


@pytest.mark.parametrize(
    ("files", "lack"),
    [
        ({"cs_receipt": RECEIPT}, "cs/words.toml has no when"),
        ({"cs_receipt": RECEIPT, "cs": WORDS.replace("first", "fist")}, "cs/receipt.txt: cs/words.toml has no first"),
        ({"cs_receipt": RECEIPT + '{% include "cs/_more.txt" %}', "cs": WORDS}, "cs/_more.txt is not there"),
        ({"cs_receipt": RECEIPT + '{% include "en/_files.txt" %}', "cs": WORDS}, "_files.txt is in another language"),
        (
            {
                "cs_receipt": RECEIPT + '{% include "cs/_more.txt" %}', "cs": WORDS,
                "cs__more": "{{ state|word('states') }}",
            },
            "cs/_more.txt: cs/words.toml has no [states]",
        ),
        (
            {"cs_receipt": RECEIPT + "{{ state|word('states') }}", "cs": WORDS + '[states]\nlevel1 = "u nas"\n'},
            "cs/words.toml has no [states] level2, ",
        ),
        ({"cs_receipt": RECEIPT + "{{ words.options.yes }}", "cs": WORDS + '[options]\nno = "nie"\n'}, "[options] yes"),
        ({"cs_receipt": RECEIPT + "{{ minutes|hours }}", "cs": WORDS}, "cs/words.toml has no [spent]"),
    ],
)  # fmt: skip
def test_a_notice_that_lacks_something_comes_whole_in_the_next_language(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, files: Mapping[str, str], lack: str
) -> None:
    files = {name: words + OPTIONS if name == "cs" and "[" not in words else words for name, words in files.items()}
    templates = write(tmp_path, **files)
    with caplog.at_level(logging.WARNING):
        rendered = [templates.render(czech()) for _ in range(3)]
    assert rendered[0].language == "fr"
    assert rendered[0] == replace(Templates(default="fr").render(czech()))
    assert len(caplog.records) == 1
    assert lack in " ".join(find_gaps(templates))
    assert all(gap.startswith("cs/receipt.txt is not used: ") for gap in find_gaps(templates))
    assert check_templates(templates, ["cs"]) == (), "that is no mistake: the notice comes all the same"


def test_a_region_stands_on_its_mother(tmp_path: Path) -> None:
    receipt = 'Subject: Reçu\n\nAu plus tard {{ due|when }}.\n{% include "fr/_too_large.txt" %}\n'
    templates = write(tmp_path, **{"fr-ca_receipt": receipt}, **{"fr-ca": 'when = "{date} {month}"\n'})
    rendered = templates.render(replace(sample(Notice.RECEIPT, "fr-CA"), left_out=()))
    assert rendered.language == "fr-ca"
    assert rendered.text == "Au plus tard 26 novembre.\n"
    assert find_gaps(templates) == ()


def test_a_text_of_ours_that_the_operator_left_half_in_english_is_ours_again(tmp_path: Path) -> None:
    templates = write(tmp_path, fr_receipt='Subject: Reçu\n\nBonjour\n\n{% include "en/_files.txt" %}\n')
    content = sample(Notice.RECEIPT, "fr")
    assert templates.render(content) == OURS.render(content)
    assert check_templates(templates, ["fr"]) == ("fr/receipt.txt: en/_files.txt is in another language",)


def test_a_text_of_ours_may_be_put_in_other_words(tmp_path: Path) -> None:
    templates = write(tmp_path, fr_receipt='Subject: Reçu\n\nBonjour\n\n{% include "fr/_files.txt" %}\n')
    assert templates.render(sample(Notice.RECEIPT, "fr")).text.startswith("Bonjour\n\nPièces jointes")
    assert check_templates(templates, ["fr"]) == ()


def test_every_answer_to_a_question_must_be_there(tmp_path: Path) -> None:
    reply = (FOLDER / "reply.txt").read_text("utf-8")
    gaps = " ".join(find_gaps(write(tmp_path, cs_reply=reply, cs=OPTIONS)))
    for name in ("_reply_list", "_reply_find", "_reply_help"):
        assert re.search(rf"\b{name}.txt: “.*” is not translated", gaps)


@pytest.mark.parametrize(
    ("words", "mistake"),
    [("days = [", "en/words.toml: "), ('when = "{dai}"', "nothing is called 'dai'")],
)
def test_a_slip_in_the_words_is_told_by_its_file(tmp_path: Path, words: str, mistake: str) -> None:
    templates = write(tmp_path, en=words)
    found = check_templates(templates, ["en"])
    assert found
    assert all(mistake in one for one in found)
    assert templates.render(sample(Notice.RECEIPT, "en")) == OURS.render(sample(Notice.RECEIPT, "en"))


def test_a_slip_in_a_part_is_told_by_the_parts_file_and_line(tmp_path: Path) -> None:
    found = check_templates(write(tmp_path, en__files="\n\n{{ fils }}\n"), ["en"])
    assert found == ("en/_files.txt, line 3: 'fils' is undefined",)


# What ships


class Heard(dict[str, Any]):
    """Words that remember which of them were asked for."""

    def __init__(self, words: Mapping[str, Any], met: set[str]) -> None:
        super().__init__(words)
        self.met = met

    def __getitem__(self, key: str) -> Any:
        self.met.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.met.add(key)
        return super().get(key, default)


@pytest.mark.parametrize("notice", list(Notice))
def test_the_words_that_a_notice_uses_are_among_those_that_it_is_said_to_need(
    notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: set[str] = set()
    templates = Templates()
    words = Heard(templates.words("en"), met)
    monkeypatch.setattr(templates, "_words_of", lambda _language: words)
    templates.render_strictly(replace(sample(notice, "en"), history=()))  # a language without words for it has none
    known: set[str] = set()
    wanted = [f"{notice.value}.txt", "layout.html"]
    unused = {name for name, asks in _PARTS_OF_PAGES.items() if notice.info.asks is not asks}
    files = templates._files - unused
    while wanted:
        needs = read_needs(templates._environment("en"), wanted.pop())
        known |= {path[0] for path in needs.words}
        wanted += [name for name in files if name in needs.files or any(map(name.startswith, needs.starts))]
    heard_by_the_program = {"events", "reasons"}  # `said` asks whether an event has a reason of its own
    heard_by_the_program |= set(list_words("en"))
    assert met <= known | heard_by_the_program


def test_every_filter_that_uses_words_is_known() -> None:
    needing = {name for name, function in FILTERS.items() if 'context["words"]' in _source(function)}
    assert needing <= {*WORDS_OF_FILTERS, "word"}


def _source(function: Any) -> str:
    import inspect

    return inspect.getsource(function)
