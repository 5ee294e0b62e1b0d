"""Content of a mailed report: its text, the body of its page, and the images that the page shows.

Frozen values; the package `reports` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Drawing:
    """Image that goes with the HTML of a mail, which names it by `content_id`."""

    name: str
    content_id: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Report in its recipient's language: `period` are its days in words."""

    period: str
    text: str
    page: Markup = field(repr=False)
    drawings: tuple[Drawing, ...] = ()
