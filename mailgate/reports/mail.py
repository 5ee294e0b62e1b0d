"""Writes a report as it is mailed: the text with its bars, and a page with charts as images in the mail."""

from __future__ import annotations

from markupsafe import Markup

from mailgate.notices.rendering.report import ReportContent
from mailgate.notices.rendering.words import Words
from mailgate.reports.counting import Report
from mailgate.reports.page import draw_mail
from mailgate.reports.sections import put_in_words
from mailgate.reports.text import write_text


def write_report_mail(report: Report, words: Words, before: Report | None = None) -> ReportContent:
    """Writes the report in the language of these words, compared with that of the period before; equal reports make
    equal mails."""
    page, note = put_in_words(report, words, before), str(words["report"]["explained"])
    body, drawings = draw_mail(page, f"{report.period.first}.{report.period.last}", note)
    return ReportContent(page.period, write_text(page, note, wraps=False), Markup(body), drawings)
