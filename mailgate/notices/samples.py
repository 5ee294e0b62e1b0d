"""A sample ticket for every notice, and the proof of the templates with it.

`sample` serves previews and tests; `prove` is what a check of the configuration runs: every notice in every language,
with much to show and with little, and the mistakes in words. Pure but for reading the templates; never fails on what
an operator wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from mailgate.mail import Address
from mailgate.notices.content import REQUESTER_NOTICES, Content, Earlier, Entry, Mistake
from mailgate.notices.subjects import mailto
from mailgate.notices.templates import OURS, SAID_BADLY, Templates, described
from mailgate.process.effects import Notice

ASKS_FOR_A_WORD = frozenset({Notice.CONFIRM, Notice.CLARIFY, Notice.REMINDER})
"""The notices that are answered by one of the two option words, or by a link."""

_DESK = "support@example.com"
_REFERENCE = "SUP-1042"
_LINK = re.compile(r'href="mailto:[^"?]*\?[^"]*"')
_AGENTS_TEXT = frozenset(
    {
        Notice.ANSWER,
        Notice.QUESTION,
        Notice.WAITING_REMINDER,
        Notice.WAITING_DECISION,
        Notice.TRANSFERRED,
        Notice.COPY,
        Notice.ASK,
        Notice.RETURNED_AUTOMATIC,
        Notice.HELD,
        Notice.LATE_LEVEL,
        Notice.MISTYPED,
        Notice.NOT_POSSIBLE,
        Notice.NOT_YET,
        Notice.OVERTAKEN,
    }
)
_LEVEL1 = frozenset({Notice.REQUEST, Notice.MESSAGE, Notice.HANDED_BACK, Notice.ROUTED, Notice.RECEIPT})
_REQUESTER = Address("Jo Martin", "jo.martin@example.com")
_SOMEBODY = Address("Sam Roy", "sam@example.com")
_STATES = {
    **dict.fromkeys((Notice.CONFIRM, Notice.UNCLEAR, Notice.DECISION, Notice.SOLUTION), "confirming"),
    **dict.fromkeys((Notice.NOT_POSSIBLE, Notice.FINAL, Notice.REVIEW), "finalizing"),
    Notice.CLOSED: "closed",
}
_REASONS = {
    **dict.fromkeys((Notice.DECISION, Notice.FINAL, Notice.CLOSED), ""),
    Notice.FAILED: "550 5.1.1 <sam@example.com>: no such user",
    Notice.NOT_POSSIBLE: "the final notice was sent",
    Notice.OVERTAKEN: "resolve",
    Notice.ALARM: "outbox 4711: 550 5.7.1 relaying denied",
    Notice.WAY_STOPPED: "the server refuses the login: [AUTHENTICATIONFAILED] Invalid credentials",
}
_COMMANDS = {Notice.NOT_YET: "kb", Notice.REASON_WANTED: "close without a reason"}
_AUTHORS = {
    **dict.fromkeys((Notice.MESSAGE, Notice.UNCLEAR, Notice.NEW_PROBLEM, Notice.WITHDRAWAL), _REQUESTER),
    Notice.NOT_FIXED: _REQUESTER,
    Notice.THIRD_PARTY: _SOMEBODY,
    Notice.SOMEBODY_ANSWERED: _SOMEBODY,
}


@dataclass(frozen=True, slots=True)
class _Story:
    """The words of the sample ticket in one language."""

    subject: str
    request: str
    answer: str
    solution: str
    reason: str
    elsewhere: str
    department: str
    options: tuple[str, str]


_STORIES = {
    "fr": _Story(
        "Imprimante en panne",
        "Bonjour,\n\nl'imprimante du 2e étage n'imprime plus depuis ce matin.\nMerci !",
        "Bonjour Jo,\n\nquel message l'imprimante affiche-t-elle exactement ?",
        "Le pilote a été remplacé.\n\n- Éteignez puis rallumez l'imprimante.\n- Relancez l'impression.",
        "le pilote manque sur ce poste",
        "le service des achats, achats@example.com, dossier 4711",
        "Comptabilité",
        ("résolu", "non résolu"),
    ),
    "en": _Story(
        "Printer is broken",
        "Hello,\n\nthe printer on the 2nd floor has not printed since this morning.\nThanks!",
        "Hello Jo,\n\nwhat exactly does the printer show?",
        "We installed a new driver.\n\n- Switch the printer off and on again.\n- Print once more.",
        "the driver is missing on this machine",
        "the purchasing team, purchasing@example.com, case 4711",
        "Accounts",
        ("resolved", "not fixed"),
    ),
}


def sample(notice: Notice, language: str) -> Content:
    """A ticket in the middle of its life, as that notice would show it."""
    words = _STORIES.get(language, _STORIES["en"])
    agent = Address("Alice Durand", "alice@example.com")
    at = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    level = "level1" if notice in _LEVEL1 else "level2"
    reason = words.elsewhere if notice is Notice.TRANSFERRED else _REASONS.get(notice, words.reason)
    content = Content(
        notice, language, ZoneInfo("Europe/Paris"), "Support", _DESK,
        _REQUESTER if notice in REQUESTER_NOTICES else Address("", "level1@example.com"),
        reference=_REFERENCE, subject=words.subject, requester=_REQUESTER, department=words.department,
        author=_AUTHORS.get(notice, agent),
        text=words.answer if notice in _AGENTS_TEXT else words.request, solution=words.solution,
        reason=reason, state=_STATES.get(notice, level), level=level, old_level="level1",
        since=at, created_at=at.replace(hour=7), due=at.replace(day=26), type="incident", priority="high",
        assignee="alice@example.com", minutes=75, count=2,
        command=_COMMANDS.get(notice, "resolve"),
        window="30 days",
        mistakes=(Mistake("#reslove", "resolve", "mistyped"), Mistake("#time", "time", "missing argument")),
        earlier=(Earlier("SUP-977", words.subject, "closed", at.replace(month=9)),),
        story=_story(at, words), others=("sam@example.com",), files=("photo.jpg", "journal.log"),
        left_out=("video.mp4 (38 MB)",), requester_language=language, queues=("network",),
        strayed_to=("it@example.org",), size=64_172_851, most=25 * 2**20,
        place="INBOX, UID 4711 (support, imap.example.com)", told=True, journal_id=815,
        way="imap support@imap.example.com INBOX",
    )  # fmt: skip
    return _with_links(content, words.options)


def _with_links(content: Content, options: tuple[str, str]) -> Content:
    if content.notice not in ASKS_FOR_A_WORD:
        return content
    yes, no = (mailto(_DESK, f"[{_REFERENCE} 7.k7q2abcdefghijkl]", f"{option}.") for option in options)
    return replace(content, yes_link=yes, no_link=no)


def _story(at: datetime, words: _Story) -> tuple[Entry, ...]:
    return (
        Entry(at.replace(hour=7), "Jo Martin", "in", words.request),
        Entry(at.replace(hour=8), "Alice Durand", "note", words.solution.partition("\n")[0], internal=True),
        Entry(at, "Alice Durand", "escalate", ""),
    )


def _bare(content: Content) -> Content:
    """The same notice where next to nothing is known."""
    return Content(
        content.notice,
        content.language,
        content.zone,
        content.desk_name,
        content.desk_address,
        Address("", content.to.address),
        reference=content.reference,
        state=content.state,
        level=content.level,
        known=False,
        yes_link=content.yes_link,
        no_link=content.no_link,
    )


def prove(templates: Templates) -> tuple[str, ...]:
    """Every notice in every language; the mistakes in words, file first. Empty: all is well."""
    mistakes = list(_stray_files(templates))
    for language in templates.languages:
        for notice in Notice:
            mistakes += _mistakes_of(templates, sample(notice, language))
    return tuple(dict.fromkeys(mistakes))


def _mistakes_of(templates: Templates, content: Content) -> Iterator[str]:
    name = f"{content.language}/{content.notice.value}.txt"
    for shown in (content, _bare(content)):
        try:
            rendered = templates.render_strictly(shown)
        except SAID_BADLY as mistake:
            yield described(name, mistake)
            continue
        if content.notice not in ASKS_FOR_A_WORD:
            continue
        links = len(_LINK.findall(rendered.html))
        if links != 2:
            yield f"{name.removesuffix('.txt')}.html: {links} answer links where two are wanted"
        options = templates.options(rendered.language)
        yield from (f"{name}: the word “{word}” is not offered" for word in options if word not in rendered.text)


def _stray_files(templates: Templates) -> Iterator[str]:
    """Files of the operator's folder that nothing reads: most often a slip in the name."""
    ours = {one.relative_to(OURS).as_posix() for one in OURS.rglob("*") if one.is_file()}
    known = {f"{notice.value}{ending}" for notice in Notice for ending in (".txt", ".html")} | {"words.toml"}
    for name in sorted(templates.own_files - ours):
        inner = name.partition("/")[2]
        if inner not in known and not inner.startswith("_"):
            yield f"{name}: no notice has this name"
