"""`preview`: prints a notice with a sample ticket."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from mailgate.cli.context import CommandError, UsageError, config_option, read_settings
from mailgate.cli.output import WIDTH
from mailgate.config import Queue, Settings
from mailgate.core.workflow.notice_catalogue import Audience, Notice

if TYPE_CHECKING:
    from mailgate.notices.rendering.content import NoticeContent, Rendered
    from mailgate.notices.rendering.templates import Templates

_GROUPS = {
    Audience.REQUESTER: "requester",
    Audience.AGENT: "agent",
    Audience.LEVEL: "level",
    Audience.MANAGER: "level",
}


@click.command()
@config_option
@click.option("--language", metavar="CODE", help="Write in this language, such as fr; by default, the queue's first.")
@click.option(
    "--queue", "name", metavar="NAME", help="Use the name and the branding of this queue; by default, the desk's."
)
@click.option("--html", is_flag=True, help="Print the HTML part with its logo; save it and open it in a browser.")
@click.option("--list", "lists", is_flag=True, help="List every notice with its name, its readers and its subject.")
@click.argument("notice", required=False)
def preview(
    config: Path | None, language: str | None, name: str | None, html: bool, lists: bool, notice: str | None
) -> None:
    """Print NOTICE with a sample ticket, from the desk's own template if it has one.

    NOTICE is a name such as receipt, confirm or final; --list shows them all.
    """
    settings = read_settings(config)
    from mailgate.notices.rendering.templates import TEMPLATE_ERRORS, Templates

    templates = Templates(settings.desk.templates, settings.desk.languages[0], settings.countries)
    queue = _read_queue(settings, name)
    code = language or queue.language
    if code.partition("-")[0].lower() not in templates.languages:
        known = ", ".join(templates.languages)
        raise UsageError(f'no notice is available in "{code}"; the languages are: {known}')
    if lists:
        click.echo(_list_notices(templates, code))
        return
    if notice is None:
        raise UsageError("name a notice, such as receipt; --list shows them all")
    content = _sample(_read_notice(notice), code, queue)
    try:
        rendered = templates.render_strictly(content)
    except TEMPLATE_ERRORS as mistake:
        raise CommandError(f"the template of {notice} in {code} has an error: {mistake}") from None
    if rendered.language not in (code.lower(), code.partition("-")[0].lower()):
        click.echo(f"Shown in {rendered.language}: the version in {code} is missing or incomplete.", err=True)
    click.echo(_with_logo(rendered) if html else f"Subject: {rendered.subject}\n\n{rendered.whole_text}".rstrip())


def _read_queue(settings: Settings, name: str | None) -> Queue:
    if name is None:
        return settings.default_queue
    if name not in settings.queues:
        raise UsageError(f'there is no queue "{name}"; the queues are: {", ".join(sorted(settings.queues))}')
    return settings.queues[name]


def _sample(notice: Notice, language: str, queue: Queue) -> NoticeContent:
    """Returns the content of the sample ticket with the name, time zone and branding of a queue."""
    from mailgate.notices.rendering.branding import look_of
    from mailgate.notices.rendering.samples import sample

    content = sample(notice, language)
    return replace(content, desk_name=queue.display_name, zone=queue.zone, look=look_of(queue))


def _with_logo(rendered: Rendered) -> str:
    """Returns the page with its logo embedded, so that a browser can open it; a mail carries it as a part."""
    logo = rendered.logo
    if logo is None:
        return rendered.html
    data = b64encode(logo.data).decode("ascii")
    return rendered.html.replace(f"cid:{logo.content_id}", f"data:{logo.mime_type};base64,{data}")


def _list_notices(templates: Templates, language: str) -> str:
    """Lists the notices, a line each; "*" marks those with a template of the operator."""
    from mailgate.notices.rendering.samples import sample
    from mailgate.notices.rendering.templates import TEMPLATE_ERRORS

    lines = []
    for notice in sorted(Notice):
        try:
            rendered = templates.render_strictly(sample(notice, language))
            subject = rendered.subject
            own = "*" if f"{rendered.language}/{notice.value}.txt" in templates.own_files else ""
        except TEMPLATE_ERRORS as mistake:
            subject, own = f"(error: {mistake})", "*"
        line = f"{notice.value + own:20} {_GROUPS.get(notice.info.audience, 'other'):9}  {subject}"
        lines.append(line if len(line) <= WIDTH else line[: WIDTH - 1] + "…")
    return "\n".join(lines)


def _read_notice(word: str) -> Notice:
    names = [one.value for one in Notice]
    if word in names:
        return Notice(word)
    near = get_close_matches(word, names, 1)
    meant = f', did you mean "{near[0]}"?' if near else ""
    known = wrap(f"the notices are: {', '.join(names)}", WIDTH - 10)
    raise UsageError(f'there is no notice "{word}"{meant}', *known)
