"""`report`: prints or mails the figures of a period, as text, JSON, CSV or HTML; `--explain` lists their tickets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from mailgate.cli.context import (
    CommandError,
    DeskView,
    UsageError,
    command_clock,
    config_option,
    database_errors,
    json_option,
    reading,
)
from mailgate.reports.periods import Period, preceding, read_day, usual_days, whole_days

if TYPE_CHECKING:
    from mailgate.notices.rendering.templates import Templates
    from mailgate.reports.charts import DrawAll
    from mailgate.reports.counting import Figure, Report

FORMATS = ("text", "json", "csv", "html")
ALL = "all"


@dataclass(frozen=True, slots=True)
class _ReportOptions:
    """The options that say how a report is shown."""

    form: str
    figures: str | None
    language: str


@click.command()
@config_option
@click.option(
    "--from", "first", metavar="DATE", help="Start on this day, such as 2026-11-01; by default, count 30 days."
)
@click.option("--to", "last", metavar="DATE", help="End on this day; by default, today.")
@click.option("--queue", "queues", multiple=True, metavar="NAME", help="Count only this queue. Repeatable.")
@click.option(
    "--format", "form", type=click.Choice(FORMATS), default="text", help="Print in this format; by default, text."
)
@json_option
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write to this file.")
@click.option(
    "--explain", "figures", is_flag=False, flag_value=ALL, default=None, metavar="[FIGURE]",
    help="List the tickets that each figure counts, or only those of FIGURE.",
)  # fmt: skip
@click.option("--language", default="", metavar="CODE", help="Write in this language; by default, the desk's first.")
@click.option("--mail", metavar="ADDRESS", help="Send the report by email to ADDRESS instead.")
def report(
    config: Path | None, first: str | None, last: str | None, queues: tuple[str, ...], form: str, as_json: bool,
    output: Path | None, figures: str | None, language: str, mail: str | None,
) -> None:  # fmt: skip
    """Report what the desk did in a period: the last 30 days, or the days that you give, both included.

    Days are in the desk's time zone. docs/reports.md explains every figure.
    """
    options = _ReportOptions("json" if as_json else form, figures, language)
    if mail is not None:
        if figures is not None or output is not None or options.form != "text":
            raise UsageError("--mail cannot be combined with --explain, --output, --json or --format")
        click.echo(_mail(config, mail, language, first, last, queues))
        return
    from mailgate.reports.counting import without_collection

    # The processes that draw come first: they must not inherit a connection to the database.
    with _drawing(options) as draw_all, reading(config, whole=True) as view, without_collection():
        words = _show(view, _count(view, first, last, queues), options, draw_all)
    if output is None:
        click.echo(words, nl=False)
        return
    try:
        output.write_text(words, "utf-8", newline="")
    except OSError as error:
        raise CommandError(f"{output} cannot be written: {error.strerror}") from None


def _count(view: DeskView, first: str | None, last: str | None, queues: Sequence[str]) -> Report:
    from mailgate.reports.counting import count
    from mailgate.store.queries.reports import list_queues

    now, zone = command_clock().now(), view.settings.default_queue.zone
    period = read_period(first, last, now, zone)
    known = {*view.settings.queues, *list_queues(view.connection)} if queues else ()
    for queue in queues:
        if queue not in known:
            raise UsageError(f'there is no queue "{queue}"; the queues are: {", ".join(sorted(known))}')
    return count(view.connection, view.settings, period, now, tuple(dict.fromkeys(queues)) or None)


def read_period(first: str | None, last: str | None, now: datetime, zone: ZoneInfo) -> Period:
    """Reads the period of two options; the default is the thirty days up to today."""
    usual = usual_days(now, zone)
    end = _day("--to", last) if last is not None else usual.last
    begin = _day("--from", first) if first is not None else end - (usual.last - usual.first)
    if begin > end:
        raise UsageError(f"--from {begin} is after --to {end}")
    return whole_days(begin, end, zone)


def _day(option: str, words: str) -> date:
    try:
        return read_day(words)
    except ValueError as error:
        raise UsageError(f"{option}: {error}") from None


def _drawing(options: _ReportOptions) -> AbstractContextManager[DrawAll | None]:
    """Begins the processes that draw the charts of a page; None for what has no charts."""
    if options.form != "html":
        return nullcontext()
    from mailgate.reports.charts import drawing_processes

    return drawing_processes()


def _show(view: DeskView, counted: Report, options: _ReportOptions, draw_all: DrawAll | None) -> str:
    import json

    from mailgate.reports.data import as_json, write_csv

    figures, traced = tuple(_choose(counted, options.figures)), options.figures is not None
    if options.form == "json":
        found: dict[str, Any] = as_json(counted, figures, traced=traced)
        return json.dumps(found, indent=2) + "\n"
    if options.form == "csv":
        return write_csv(counted, figures, traced=traced)
    templates = _templates(view)
    language = _language(view, templates, options.language)
    words = templates.words(language)
    if traced:
        from mailgate.reports.trace import write_traces

        if options.form == "html":
            raise UsageError("--explain works only with text, JSON and CSV")
        return write_traces(counted, figures, words)
    from mailgate.reports.sections import put_in_words

    page = put_in_words(counted, words)
    if draw_all is not None:
        from mailgate.reports.page import draw_page

        return draw_page(page, language, words["report"]["explained"], draw_all)
    from mailgate.reports.text import write_text

    return write_text(page, words["report"]["explained"])


def _choose(counted: Report, named: str | None) -> Iterator[Figure]:
    """Yields the named figure, or all."""
    from mailgate.reports.measures import BY_NAME

    if named not in (None, ALL, *BY_NAME):
        raise UsageError(f'there is no figure "{named}"; the figures are: {", ".join(BY_NAME)}')
    return (one for one in counted.figures if named in (None, ALL, one.name))


def _mail(
    config: Path | None, address: str, language: str, first: str | None, last: str | None, queues: Sequence[str]
) -> str:
    """Puts the report into the outbox for an address and returns the line that says so."""
    from mailgate.core.mail import Address
    from mailgate.daemon.desk import build_desk
    from mailgate.notices.rendering.branding import look_of
    from mailgate.parsers.commands.arguments import read_address
    from mailgate.reports.counting import count
    from mailgate.reports.mail import write_report_mail

    person = read_address(address)
    if person is None:
        raise UsageError(f'"{address}" is not an address: write it like head@example.com')
    with reading(config, whole=True) as view:
        templates = _templates(view)
        code = _language(view, templates, language)
        counted = _count(view, first, last, queues)
        before = count(view.connection, view.settings, preceding(counted.period), counted.now, tuple(queues) or None)
        palette = look_of(view.settings.default_queue).colours
        report_mail = write_report_mail(counted, templates.words(code), before, palette)
    desk = build_desk(view.settings, command_clock())
    with database_errors():
        try:
            with desk.database.write() as connection:
                now = command_clock().now()
                desk.system_notices.send_report(connection, [Address("", person)], code, report_mail, now)
        finally:
            desk.database.close()
    return f"The report goes to {person}: {report_mail.period}."


def _templates(view: DeskView) -> Templates:
    from mailgate.notices.rendering.templates import Templates

    settings = view.settings
    return Templates(settings.desk.templates, settings.desk.languages[0], settings.countries)


def _language(view: DeskView, templates: Templates, language: str) -> str:
    chosen = language or view.settings.desk.languages[0]
    if chosen not in templates.languages:
        raise UsageError(f'there is no language "{chosen}"; the languages are: {", ".join(templates.languages)}')
    return chosen
