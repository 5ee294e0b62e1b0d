"""Writes a report as it is mailed: the text with its bars, and a page with charts as images in the mail."""

from __future__ import annotations

from markupsafe import Markup

from mailgate.notices.rendering.branding import DEFAULT_LOOK
from mailgate.notices.rendering.colours import Palette
from mailgate.notices.rendering.report import ReportContent
from mailgate.notices.rendering.words import Words
from mailgate.reports.charts import colour_series
from mailgate.reports.counting import Report
from mailgate.reports.page import draw_mail
from mailgate.reports.sections import put_in_words
from mailgate.reports.text import write_text


def write_report_mail(
    report: Report, words: Words, before: Report | None = None, palette: Palette = DEFAULT_LOOK.colours
) -> ReportContent:
    """Writes the report in the language of these words, compared with that of the period before; equal reports make
    equal mails. `palette` is the desk's."""
    page, note = put_in_words(report, words, before), str(words["report"]["explained"])
    mark = f"{report.period.first}.{report.period.last}"
    body, drawings = draw_mail(page, mark, note, colour_series(palette.accent))
    return ReportContent(page.period, write_text(page, note, wraps=False), Markup(body), drawings)
