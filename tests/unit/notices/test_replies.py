"""The answers to agents' questions: a template for each kind, and a word for all that the code has a name for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from mailgate.core.workflow.notice_catalogue import Notice, Subject
from mailgate.core.workflow.transitions import ROWS
from mailgate.inbound.queries.lists import KINDS
from mailgate.inbound.queries.reports import PERIODS
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import OURS, Templates
from mailgate.parsers.commands.query_arguments import read_listing, read_period
from mailgate.parsers.thread_keys import KeyKind

LANGUAGES = Templates().languages
OF_A_TICKET = {notice.value for notice in Notice if notice.info.subject is not Subject.OWN}
NOT_OF_A_TICKET = {"reply", "too_large", "digest", "challenge", "stranger", "refused"}


def words(language: str) -> Mapping[str, Any]:
    return Templates().words(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_answer_has_its_template_and_its_sample(language: str) -> None:
    there = {
        path.stem.removeprefix("_reply_") for folder in (OURS, OURS / language) for path in folder.glob("_reply_*.txt")
    }
    assert {one.kind for one in sample(Notice.REPLY, language).replies} == there - {"lines"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_explained_has_a_word(language: str) -> None:
    tables = words(language)
    assert {row.step for row in ROWS} <= set(tables["steps"])
    assert {kind.value for kind in KeyKind} | {"request", "stray", "other"} <= set(tables["keys"])
    assert set(tables["notices"]) >= OF_A_TICKET - NOT_OF_A_TICKET
    assert {*KINDS, "fresh", "found"} <= set(tables["lists"])
    assert set(PERIODS) == set(tables["periods"])


@pytest.mark.parametrize(("language", "words_of"), [("en", "the operator sent"), ("fr", "l’administrateur a envoyé")])
def test_who_took_a_step_is_named_in_the_readers_words(language: str, words_of: str) -> None:
    log = Templates().render(sample(Notice.REPLY, language)).text
    assert f"· {words_of}" in log


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_may_follow_a_question_is_read_as_it_is_shown(language: str) -> None:
    tables = words(language)
    shown = tables.get("choices", {})
    assert {kind: read_listing(shown.get(kind, kind)).what for kind in KINDS} == {kind: kind for kind in KINDS}
    assert {one: read_period(shown.get(one, one)) for one in PERIODS} == {one: one for one in PERIODS}
    read = {part: read_listing(line.partition(" ")[2]).what for part, line in tables["more_of"].items()}
    same = {part: part for part in ("breaching", "mine", "waiting")}
    assert read == {**same, "due": "all", "fresh": "unassigned"}


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_to_one_question_has_no_gaps(language: str) -> None:
    content, templates = replace(sample(Notice.REPLY, language), mistakes=(), text=""), Templates()
    for reply in content.replies:
        text = templates.render(replace(content, replies=(reply,))).text
        assert "\n\n\n" not in text, reply.kind
        assert len(text.rstrip().split("\n\n")) >= 2, reply.kind
        assert max(map(len, text.splitlines())) < 500, reply.kind


def test_lines_of_a_list_are_short_enough_for_a_phone() -> None:
    content = replace(sample(Notice.REPLY, "en"), mistakes=(), text="")
    lists = [reply for reply in content.replies if reply.kind == "list"]
    text = Templates().render(replace(content, replies=tuple(lists))).text
    lines = [line for line in text.splitlines() if line.startswith("- ")]
    tickets = [line for reply in lists for section in reply.sections for line in section.lines]
    for line, ticket in zip(lines, tickets, strict=True):
        shown, facts = line.partition(ticket.subject)[::2]
        assert ticket.reference in shown
        assert len(shown + ticket.subject) < 90
        assert len(facts) < 90
