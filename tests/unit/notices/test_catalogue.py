"""The catalogue of notices: a row for each of them, and in it a decision on everything."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import get_type_hints

import pytest

from mailgate.core.workflow.effects import Send
from mailgate.core.workflow.notice_catalogue import (
    NOTICES,
    Asks,
    Audience,
    Automation,
    Background,
    Due,
    Files,
    Notice,
    NoticeInfo,
    Subject,
    Suggestions,
    TextRule,
)
from mailgate.core.workflow.transitions import ROWS

EVERY = tuple(Notice)


def test_every_notice_has_a_row() -> None:
    assert list(NOTICES) == list(Notice), "a row for each notice, in the order of the notices"


def test_no_column_has_a_default() -> None:
    silent = [one.name for one in fields(NoticeInfo) if (one.default, one.default_factory) != (MISSING, MISSING)]
    assert not silent, "a row could leave these undecided"


@pytest.mark.parametrize("notice", EVERY)
def test_a_row_decides_every_column(notice: Notice) -> None:
    kinds = get_type_hints(NoticeInfo)
    undecided = [one.name for one in fields(NoticeInfo) if type(getattr(notice.info, one.name)) is not kinds[one.name]]
    assert not undecided


@pytest.mark.parametrize("notice", EVERY)
def test_a_row_agrees_with_itself(notice: Notice) -> None:
    info = notice.info
    if info.audience is not Audience.REQUESTER:
        assert info.text is TextRule.ALWAYS, "only requesters can be unknown"
        assert not info.logo
        assert info.suggestions is not Suggestions.PUBLIC
    else:
        assert info.background is Background.NONE, "requesters read nothing that is internal"
        assert info.suggestions is not Suggestions.INTERNAL
        assert not info.checklist
        assert info.files in (Files.NONE, Files.MAIL, Files.AGENTS_MAIL)
    if info.audience in (Audience.OPERATOR, Audience.STAFF, Audience.DESK):
        assert (info.subject, info.due) == (Subject.OWN, Due.NONE), "it is of no ticket"
        assert info.automatic, "no person wrote it"
    if info.asks is not Asks.NOTHING:
        assert info.audience is (Audience.THIRD_PARTY if info.asks is Asks.APPROVAL else Audience.REQUESTER)
    if info.refusal:
        assert info.audience is Audience.AGENT
    if info.files is Files.BUNDLE:
        assert info.background is Background.TIMELINE


def test_notices_of_the_table_belong_to_a_ticket() -> None:
    sent = {effect.notice for row in ROWS for effect in row.effects if isinstance(effect, Send)}
    assert not {notice for notice in sent if notice.info.due is Due.NONE}


def test_what_carries_files_is_never_stopped() -> None:
    """Loop protection stops no mail that carries what a person wrote, but for what is new to the manager."""
    stopped = {one for one in Notice if one.info.files is not Files.NONE and one.info.automation is Automation.LIMITED}
    assert stopped == {Notice.MANAGER}
