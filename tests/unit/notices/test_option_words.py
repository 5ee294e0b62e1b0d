"""The two words that a notice asks for are read as what they say, in every language that notices speak."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers.replies.answer import AnswerVerdict, read_answer

OURS = Templates()
ASKED = (Notice.CONFIRM, Notice.CLARIFY, Notice.REMINDER, Notice.SOMEBODY_ANSWERED, Notice.FINAL)
# What people write of such a word, and what the button's mail holds.
SPELLINGS = ("{}", "{}.", "{}!")


def quoted(notice: Notice, language: str) -> str:
    return "\n".join(f"> {line}" for line in OURS.render(sample(notice, language)).text.splitlines())


@pytest.mark.parametrize("notice", ASKED)
@pytest.mark.parametrize("language", OURS.languages)
def test_a_word_decides_and_the_quoted_notice_does_not(notice: Notice, language: str) -> None:
    below = quoted(notice, language)
    for word, verdict in zip(OURS.options(language), (AnswerVerdict.RESOLVED, AnswerVerdict.NOT_FIXED), strict=True):
        for said in (one.format(spelled) for one in SPELLINGS for spelled in (word, word.capitalize())):
            for mail in (said, f"{said}\n\n{below}\n", f"{below}\n\n{said}\n"):
                assert read_answer(mail).verdict == verdict, mail[:40]
    assert read_answer(below).verdict == AnswerVerdict.UNCLEAR


@pytest.mark.parametrize("language", OURS.languages)
def test_both_words_left_in_decide_nothing(language: str) -> None:
    yes, no = OURS.options(language)
    assert read_answer(f"- {yes}\n- {no}\n").verdict == AnswerVerdict.UNCLEAR


@pytest.mark.parametrize("language", OURS.languages)
def test_the_subject_of_a_notice_is_no_answer(language: str) -> None:
    """A reply without words of its own says nothing, whatever the notice's subject says."""
    for notice in Notice:
        if notice.info.audience is not Audience.REQUESTER:
            continue
        for content in (sample(notice, language), replace(sample(notice, language), form_asked=2, requester=None)):
            subject = f"Re: {OURS.render(content).subject}"
            assert read_answer("", subject).verdict == AnswerVerdict.UNCLEAR, subject
