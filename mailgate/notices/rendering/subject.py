"""Writes subject lines of notices (rule 13), and the `mailto:` answer links (rule 15). Pure; nothing here fails."""

from __future__ import annotations

import re
from urllib.parse import quote

from mailgate.core.text import ellipsis
from mailgate.core.tokens import MAC
from mailgate.core.workflow.notice_catalogue import Audience, Subject
from mailgate.notices.mime.headers import clean_line
from mailgate.notices.rendering.content import NoticeContent, Rendered
from mailgate.parsers.quoting.quote_lines import bare_subject

_LONGEST = 200
_LONGEST_LINK = 499
_SHORTEST_WORDS = 8  # characters of a subject that still tell a reader something
_BREAKS = "\r\n\r\n"


def subject_line(content: NoticeContent, rendered: Rendered, tag: str) -> str:
    """Writes the subject of a notice, at most 200 characters, its tag always whole.

    `tag` is the bare tag `[SUP-1042]`, or the signed one that takes its place (rule 3); "" for a mail of no ticket.
    Levels, agents and a known requester read their own subject, so that the mails thread; all others the template's.
    """
    theirs = their_subject(content)
    if not theirs:
        return f"{tag} {ellipsis(our_subject(content, rendered), _LONGEST - len(tag) - 1)}".strip()
    begins = content.begins or (content.first and content.notice.info.subject is Subject.THREAD)
    prefix = "" if begins else "Re: "
    return f"{prefix}{ellipsis(theirs, _LONGEST - len(prefix) - len(tag) - 1)} {tag}".strip()


def their_subject(content: NoticeContent) -> str:
    """Returns the ticket's subject without prefixes and tags; "" where the notice may not show it, or it has none."""
    info = content.notice.info
    stranger = info.audience is Audience.REQUESTER and not content.known
    return "" if stranger or info.subject is Subject.OWN else _bare(content.subject, content.reference)


def our_subject(content: NoticeContent, rendered: Rendered) -> str:
    """Returns the subject of the notice's template, without the reference."""
    return clean_line(rendered.subject.replace(f"[{content.reference}]", ""))


def mailto(address: str, words: str, tag: str, body: str, answered: str = "") -> str:
    """Returns a link that opens a new mail (RFC 6068), under 500 characters: `words` are cut, then a long body.

    The subject is `words` with the signed tag, since a new mail answers nothing where a program does not read
    In-Reply-To: `answered` is the Message-ID for it, without angle brackets, "" for none. The body ends with an empty
    line, since some programs put the caret behind it.
    """
    start = f"mailto:{quote(address, safe='@+!*_=')}?subject="
    end = f"&In-Reply-To={quote(f'<{answered}>', safe='')}" if answered else ""
    lines, room = "\r\n".join(body.splitlines()), _LONGEST_LINK - len(start) - len(end) - len("&body=")
    room -= len(quote(f"Re: {tag}{_BREAKS}", safe=""))
    if end and room < len(quote(lines, safe="")):
        return mailto(address, words, tag, body)  # a very long domain
    while len(quote(lines, safe="")) > room and lines:
        lines = lines[:-1]
    shown = _fit(clean_line(words), room - len(quote(f"{lines} ", safe="")))
    subject = f"Re: {shown} {tag}" if shown else f"Re: {tag}"
    return f"{start}{quote(subject, safe='')}&body={quote(lines + _BREAKS, safe='')}{end}"


def unsubscribe_link(address: str, tag: str) -> str:
    """Returns the link of a header List-Unsubscribe (RFC 2369); the word is read in each language of the desk."""
    return f"mailto:{quote(address, safe='@+!*_=')}?subject={quote(f'unsubscribe {tag}', safe='')}"


def _fit(words: str, room: int) -> str:
    """Returns as many words as have room when they are percent-encoded; "" where they would tell nothing."""
    shown, most = words, len(words)
    while len(quote(shown, safe="")) > room and most > _SHORTEST_WORDS:
        most -= 1
        shown = ellipsis(words, most)
    return shown if len(quote(shown, safe="")) <= room else ""


def _bare(subject: str, reference: str) -> str:
    """Returns a subject without stacked reply marks and without tags of any of the desk's tickets."""
    prefix = re.escape(reference.rpartition("-")[0])
    line = clean_line(subject[:1000])
    if prefix:
        line = re.sub(rf"\[{prefix}-\d{{1,12}}(?:[ _]\d{{1,6}}\.{MAC})?\]", " ", line, flags=re.IGNORECASE)
    return bare_subject(" ".join(line.split()))
