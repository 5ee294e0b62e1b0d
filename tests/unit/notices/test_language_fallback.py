"""A notice comes whole in one language, or in the next one: never half a mail."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.content import NoticeContent
from mailgate.notices.rendering.lint import read_needs
from mailgate.notices.rendering.samples import check_templates, find_gaps, sample
from mailgate.notices.rendering.templates import _PARTS_OF_PAGES, SHIPPED, Templates
from mailgate.notices.rendering.templates import OURS as FOLDER
from mailgate.notices.rendering.words import FILTERS, WORDS_OF_FILTERS

OURS = Templates()
RECEIPT = "Subject: [{{ reference }}] Dotarło\n\nOdpowiemy{% if due %} do {{ due|when }}{% endif %}.\n"
WORDS = """
when = "{day} {date} {month}, {time} ({zone})"
when_with_year = "{day} {date} {month} {year}, {time} ({zone})"
days = ["poniedziałek", "wtorek", "środa", "czwartek", "piątek", "sobota", "niedziela"]
months = ["stycznia", "lutego", "marca", "kwietnia", "maja", "czerwca", "lipca", "sierpnia", "września", "października",
    "listopada", "grudnia"]
first = "1"
"""
OPTIONS = '[options]\nyes = "tak"\nno = "nie"\n'


def write(folder: Path, **files: str) -> Templates:
    """Templates with these files of the operator's; `pl_receipt` is pl/receipt.txt, `pl` the words of pl."""
    for name, words in files.items():
        language, _, rest = name.partition("_")
        path = folder / language / (f"{rest}.txt" if rest else "words.toml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(words, "utf-8")
    return Templates(folder, "fr")


def polish(notice: Notice = Notice.RECEIPT) -> NoticeContent:
    return sample(notice, "pl")


def test_one_notice_with_all_that_it_needs_comes_in_its_language(tmp_path: Path) -> None:
    templates = write(tmp_path, pl_receipt=RECEIPT, pl=WORDS + OPTIONS)
    rendered = templates.render(polish())
    assert rendered.language == "pl"
    assert rendered.text == "Odpowiemy do czwartek 26 listopada, 10:30 (Europe/Paris).\n"
    assert templates.render(polish(Notice.FINAL)).language == "fr"
    assert find_gaps(templates) == ()
    assert check_templates(templates, ["pl"]) == ()


@pytest.mark.parametrize(
    ("files", "lack"),
    [
        ({"pl_receipt": RECEIPT}, "pl/words.toml has no days"),
        ({"pl_receipt": RECEIPT, "pl": WORDS.replace("first", "fist")}, "pl/receipt.txt: pl/words.toml has no first"),
        ({"pl_receipt": RECEIPT + '{% include "pl/_more.txt" %}', "pl": WORDS}, "pl/_more.txt is not there"),
        ({"pl_receipt": RECEIPT + '{% include "en/_files.txt" %}', "pl": WORDS}, "_files.txt is in another language"),
        (
            {
                "pl_receipt": RECEIPT + '{% include "pl/_more.txt" %}', "pl": WORDS,
                "pl__more": "{{ state|word('states') }}",
            },
            "pl/_more.txt: pl/words.toml has no [states]",
        ),
        (
            {"pl_receipt": RECEIPT + "{{ state|word('states') }}", "pl": WORDS + '[states]\nlevel1 = "u nas"\n'},
            "pl/words.toml has no [states] level2, ",
        ),
        ({"pl_receipt": RECEIPT + "{{ words.options.yes }}", "pl": WORDS + '[options]\nno = "nie"\n'}, "[options] yes"),
        ({"pl_receipt": RECEIPT + "{{ minutes|hours }}", "pl": WORDS}, "pl/words.toml has no [spent]"),
    ],
)  # fmt: skip
def test_a_notice_that_lacks_something_comes_whole_in_the_next_language(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, files: Mapping[str, str], lack: str
) -> None:
    files = {name: words + OPTIONS if name == "pl" and "[" not in words else words for name, words in files.items()}
    templates = write(tmp_path, **files)
    with caplog.at_level(logging.WARNING):
        rendered = [templates.render(polish()) for _ in range(3)]
    assert rendered[0].language == "fr"
    assert rendered[0] == replace(Templates(default="fr").render(polish()))
    assert len(caplog.records) == 1
    assert lack in " ".join(find_gaps(templates))
    assert all(gap.startswith("pl/receipt.txt is not used: ") for gap in find_gaps(templates))
    assert check_templates(templates, ["pl"]) == (), "that is no mistake: the notice comes all the same"


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
    reply = (FOLDER / "en" / "reply.txt").read_text("utf-8").replace('"en/', '"pl/')
    gaps = " ".join(find_gaps(write(tmp_path, pl_reply=reply, pl=OPTIONS)))
    for name in ("_reply_list", "_reply_find", "_reply_help"):
        assert f"pl/{name}.txt is not there" in gaps


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


def keys(table: Mapping[str, Any], above: str = "") -> Iterator[str]:
    for key, value in table.items():
        yield f"{above}{key}"
        if isinstance(value, dict):
            yield from keys(value, f"{above}{key}.")


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_every_word_is_there_in_every_language(language: str) -> None:
    there = {one: tomllib.loads((FOLDER / one / "words.toml").read_text("utf-8")) for one in ("en", language)}
    assert set(keys(there["en"])) - set(keys(there[language])) == set()


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_what_ships_would_be_whole_for_an_operator_too(tmp_path: Path, language: str) -> None:
    """Asks of an operator's own language what is asked of ours, with every file of ours in it."""
    folder = tmp_path / "own" / language
    folder.mkdir(parents=True)
    for path in (FOLDER / language).iterdir():
        (folder / path.name).write_text(path.read_text("utf-8"), "utf-8")
    templates = Templates(tmp_path / "own")
    assert [lack for notice in Notice for lack in templates.find_lacks(language, notice)] == []


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


@pytest.mark.parametrize("notice", [notice for notice in Notice if OURS.has("en", notice)])
def test_the_words_that_a_notice_uses_are_among_those_that_it_is_said_to_need(
    notice: Notice, monkeypatch: pytest.MonkeyPatch
) -> None:
    met: set[str] = set()
    templates = Templates()
    words = Heard(templates.words("en"), met)
    monkeypatch.setattr(templates, "_words_of", lambda _language: words)
    templates.render_strictly(replace(sample(notice, "en"), history=()))  # a language without words for it has none
    known: set[str] = set()
    wanted = [f"en/{notice.value}.txt", "layout.html"]
    parts = {name for name, asks in _PARTS_OF_PAGES.items() if notice.info.asks is asks}
    files = {name for name in templates._files if name.startswith("en/")} | parts
    while wanted:
        needs = read_needs(templates._environment, wanted.pop())
        known |= {path[0] for path in needs.words}
        wanted += [name for name in files if name in needs.files or any(map(name.startswith, needs.starts))]
    heard_by_the_program = {"events", "reasons"}  # `said` asks whether an event has a reason of its own
    assert met <= known | heard_by_the_program


def test_every_filter_that_uses_words_is_known() -> None:
    needing = {name for name, function in FILTERS.items() if 'context["words"]' in _source(function)}
    assert needing <= {*WORDS_OF_FILTERS, "word"}


def _source(function: Any) -> str:
    import inspect

    return inspect.getsource(function)
