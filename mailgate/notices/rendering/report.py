"""What a mailed report is made of: its words as text and as the body of a page, and the images that the page shows.

Frozen values; `reports` makes them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Drawing:
    """An image that goes along with the HTML of a mail, which names it by `content_id`."""

    name: str
    content_id: str
    data: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ReportContent:
    """A report in its reader's language: `period` are its days in words."""

    period: str
    text: str
    page: Markup = field(repr=False)
    drawings: tuple[Drawing, ...] = ()
