"""Checklists: a text of the operator's for each level, shown with a ticket that is new to the level.

It is a template like those of the notices, with the same variables. One that cannot be read or is wrong is logged and
left out: a mistake in it must not delay a ticket. `mailgate check` checks it beforehand.
"""

from __future__ import annotations

import logging
from pathlib import Path

from mailgate.notices.rendering.content import NoticeContent
from mailgate.notices.rendering.templates import TEMPLATE_ERRORS, Templates

LARGEST = 64 * 1024  # bytes; more is no checklist

_LOG = logging.getLogger("mailgate.notices.checklists")


def fill_checklist(templates: Templates, path: Path | None, content: NoticeContent) -> str:
    """Fills the checklist in with the ticket's content; "" where there is none or it is wrong."""
    if path is None:
        return ""
    try:
        return render_checklist(templates, path, content)
    except TEMPLATE_ERRORS as mistake:
        _LOG.error("the checklist %s is ignored: %s", path, mistake)
        return ""


def render_checklist(templates: Templates, path: Path, content: NoticeContent) -> str:
    """Reads and renders a checklist; raises one of TEMPLATE_ERRORS."""
    with path.open("rb") as file:
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST // 1024} kB")
    return templates.fill(text.decode("utf-8-sig"), content)
