"""Each sentence of the program has words in every language."""

from __future__ import annotations

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from mailgate.core.workflow.events import events_that
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.transitions import NOT_APPLICABLE
from mailgate.notices.alarms import SENTENCES
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from mailgate.notices.rendering.words import Words, gist, spell_zone, stopped
from mailgate.tickets.validation import REJECTIONS
from mailgate.tickets.values import CommandResult

OURS = Templates()
LANGUAGES = OURS.languages
# What an agent's order can bring about of mails to others.
SENT = frozenset(
    {
        Notice.RECEIPT, Notice.ANSWER, Notice.QUESTION, Notice.ESCALATED, Notice.MOVED, Notice.CONFIRM, Notice.REOPENED,
        Notice.MERGED, Notice.TAKEN,
        Notice.FINAL, Notice.TRANSFERRED, Notice.REQUEST, Notice.ESCALATION, Notice.TAKEN_OVER, Notice.HANDED_BACK,
        Notice.ROUTED, Notice.ASSIGNED, Notice.SOLUTION, Notice.NOT_FIXED, Notice.CLOSED, Notice.COPY, Notice.ASK,
        Notice.MANAGER, Notice.REVIEW,
    }
)  # fmt: skip


def words(language: str) -> Words:
    return OURS.words(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_objection_can_be_said(language: str) -> None:
    told = words(language)["objections"]
    to_agents = (reason for (_, event), reason in NOT_APPLICABLE.items() if event.info.by_agent)
    assert {*REJECTIONS, *to_agents} - set(told) == set()
    for pattern, sentence in told.items():
        assert sentence.count("{") == pattern.count("{"), pattern


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trouble_can_be_told(language: str) -> None:
    told = words(language)["troubles"]
    assert set(SENTENCES) == set(told)
    for sentence, words_of_it in told.items():
        assert sorted(re.findall(r"\{.*?\}", words_of_it)) == sorted(re.findall(r"\{.*?\}", sentence)), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_transcript_has_words_for_every_order_and_every_mail(language: str) -> None:
    told = words(language)
    assert {event.value for event in events_that(lambda info: info.by_agent)} - {"answer seen in copy", "show"} - set(
        told["done"]
    ) == set()
    assert {notice.value for notice in SENT} - set(told["sent"]) == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_why_a_mail_did_not_arrive_can_be_told(language: str) -> None:
    told = words(language)["undelivered"]
    assert set(told) >= {"1.1", "2.2", "7"}


@pytest.mark.parametrize(
    ("server_words", "why"),
    [
        ("550 5.1.1 <jo@example.org>: no such user", "the address doesn’t exist (5.1.1)"),
        ("5.1.10", "the domain doesn’t accept email (5.1.10)"),
        ("552-5.2.2 over quota", "the mailbox is full (5.2.2)"),
        ("554 5.7.606 banned", "the mail server rejects the email (5.7.606)"),
        ("5.6.9", "5.6.9"),
        ("host 192.5.1.1 says 550 unknown", ""),
        ("", ""),
    ],
)
def test_a_status_is_told_in_words(server_words: str, why: str) -> None:
    content = replace(sample(Notice.FAILED, "en"), reason=server_words)
    assert Templates().fill("{{ reason|undelivered }}", content) == why


@pytest.mark.parametrize(
    ("zone", "language", "named"),
    [
        ("Europe/Oslo", "fr", "heure d’Oslo"),
        ("Africa/Algiers", "fr", "heure d’Alger"),
        ("Africa/Cairo", "fr", "heure du Caire"),
        ("America/Toronto", "fr", "heure de Toronto"),
        ("Europe/Helsinki", "fr", "heure de Helsinki"),
        ("Europe/Oslo", "es", "hora de Oslo"),
    ],
)
def test_a_time_zone_is_named_by_its_city(zone: str, language: str, named: str) -> None:
    assert spell_zone(words(language), ZoneInfo(zone)) == named


def test_one_line_of_a_mail_says_more_than_its_salutation() -> None:
    assert gist("Guten Tag Frau Braun,\n\nIhr Notebook ist alt.") == "Ihr Notebook ist alt."
    assert gist("\nHello,\n") == "Hello,"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Guests at 12:00", "Guests at 12:00."),
        ("Guests at 12:00.", "Guests at 12:00."),
        ("Il dit « accès refusé ».", "Il dit « accès refusé »."),
        ("she said “never again.”", "she said “never again.”"),
        ("Il dit « accès refusé. »", "Il dit « accès refusé. »"),
        ("really?", "really?"),
        ("and so on …", "and so on …"),
        ("the mailbox is full (5.2.2)", "the mailbox is full (5.2.2)."),
        ("", "."),
    ],
)
def test_a_sentence_of_other_people_gets_no_second_stop(text: str, wanted: str) -> None:
    assert stopped(text) == wanted


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_notice_ends_a_reason_with_two_stops(language: str) -> None:
    templates = Templates()
    for notice in (
        Notice.FINAL,
        Notice.ESCALATION,
        Notice.NOT_POSSIBLE,
        Notice.DECISION,
        Notice.NOT_FIXED,
        Notice.COPY,
        Notice.TRANSCRIPT,
    ):
        reason = "Guests at 12:00."
        done = (CommandResult("close", "close", reason, "finalizing"), CommandResult("note", "note", reason))
        content = replace(sample(notice, language), reason=reason, done=done, objection=(), command="reject")
        said = templates.render(content).text
        assert re.findall(r"12:00\.[.;)]", said) == [], notice
