"""A level's checklist: a text of the operator's that comes with a ticket that is new to the level.

It is a template like those of the notices and shows what they may show. One that cannot be read or is wrong is logged
and left out: a slip in it must not hold up a ticket. `mailgate check` proves it beforehand.
"""

from __future__ import annotations

import logging
from pathlib import Path

from mailgate.core.workflow.notices import Notice
from mailgate.notices.rendering.content import NoticeContent
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import SAID_BADLY, Templates

LARGEST = 64 * 1024  # bytes: what is longer is no list to go through

_LOG = logging.getLogger("mailgate.notices.checklists")


def fill_checklist(templates: Templates, path: Path | None, content: NoticeContent) -> str:
    """The checklist with what is known of the ticket; "" where there is none or it is wrong."""
    if path is None:
        return ""
    try:
        return _fill(templates, path, content)
    except SAID_BADLY as mistake:
        _LOG.error("the checklist %s is left out: %s", path, mistake)
        return ""


def prove_checklist(templates: Templates, path: Path, language: str) -> str:
    """What is wrong with a checklist, "" where nothing is."""
    try:
        _fill(templates, path, sample(Notice.ESCALATION, language))
    except SAID_BADLY as mistake:
        return str(mistake) or type(mistake).__name__
    return ""


def _fill(templates: Templates, path: Path, content: NoticeContent) -> str:
    """Raises one of SAID_BADLY."""
    with path.open("rb") as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError(f"it has more than {LARGEST // 1024} kB")
    return templates.fill(text.decode("utf-8-sig"), content)
