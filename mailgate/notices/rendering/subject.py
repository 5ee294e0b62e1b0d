"""Writes subject lines of notices (rule 13), and the `mailto:` answer links (rule 15). Pure; nothing here fails."""

from __future__ import annotations

import re
from urllib.parse import quote

from mailgate.core.text import ellipsis
from mailgate.core.workflow.notice_catalogue import Audience, Subject
from mailgate.notices.mime.headers import clean_line
from mailgate.notices.rendering.content import NoticeContent, Rendered
from mailgate.parsers.quoting.quote_lines import bare_subject

_LONGEST = 200
_LONGEST_LINK = 499


def subject_line(content: NoticeContent, rendered: Rendered, tag: str) -> str:
    """Writes the subject of a notice, at most 200 characters, its tag always whole.

    `tag` is the bare tag `[SUP-1042]`, or the signed one that takes its place (rule 3); "" for a mail of no ticket.
    Levels, agents and a known requester read their own subject, so that the mails thread; all others the template's.
    """
    info = content.notice.info
    theirs = _bare(content.subject, content.reference)
    stranger = info.audience is Audience.REQUESTER and not content.known
    if stranger or info.subject is Subject.OWN or not theirs:
        ours = clean_line(rendered.subject.replace(f"[{content.reference}]", ""))
        return f"{tag} {ellipsis(ours, _LONGEST - len(tag) - 1)}".strip()
    prefix = "" if content.first and info.subject is Subject.THREAD else "Re: "
    return f"{prefix}{ellipsis(theirs, _LONGEST - len(prefix) - len(tag) - 1)} {tag}".strip()


def mailto(address: str, subject: str, body: str) -> str:
    """Returns a link that opens a new mail (RFC 6068), under 500 characters: a long body is cut, the subject never.

    The subject carries the token (rule 3), since a new mail answers nothing.
    """
    link = f"mailto:{quote(address, safe='@+!*_=')}?subject={quote(clean_line(subject), safe='')}&body="
    lines = "\r\n".join(body.splitlines())
    while len(link) + len(quote(lines, safe="")) > _LONGEST_LINK and lines:
        lines = lines[:-1]
    return link + quote(lines, safe="")


def _bare(subject: str, reference: str) -> str:
    """Returns a subject without stacked reply marks and without tags of any of the desk's tickets."""
    prefix = re.escape(reference.rpartition("-")[0])
    line = clean_line(subject[:1000])
    if prefix:
        line = re.sub(rf"\[{prefix}-\d{{1,12}}(?:[ _]\d{{1,6}}\.[a-z2-7]{{16}})?\]", " ", line, flags=re.IGNORECASE)
    return bare_subject(" ".join(line.split()))
