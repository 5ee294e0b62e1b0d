"""`preview` and `process`: what the desk says and does, without a ticket."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from textwrap import wrap

import click

from mailgate.commands.layout import WIDTH
from mailgate.commands.opening import Misuse, Refusal, config_option, read_settings
from mailgate.process.effects import Notice


@click.command()
@config_option
@click.option("--language", metavar="CODE", help="The reader's language, such as fr; by default the desk's first.")
@click.option("--html", is_flag=True, help="Print the HTML part.")
@click.argument("notice")
def preview(config: Path | None, language: str | None, html: bool, notice: str) -> None:
    """Print the notice NOTICE with a sample ticket, from the desk's own template where it has one.

    NOTICE is a name such as receipt, confirm or final; a wrong one lists them all.
    """
    settings = read_settings(config)
    from mailgate.notices import Templates, sample
    from mailgate.notices.templates import SAID_BADLY

    templates = Templates(settings.desk.templates, settings.desk.languages[0])
    code = language or settings.desk.languages[0]
    if code.partition("-")[0].lower() not in templates.languages:
        known = ", ".join(templates.languages)
        raise Misuse(f'no notice is written in "{code}"; there are: {known}')
    content = sample(_read_notice(notice), code)
    try:
        rendered = templates.render_strictly(content)
    except SAID_BADLY as mistake:
        raise Refusal(f"the template of {notice} in {code} is wrong: {mistake}") from None
    click.echo(rendered.html if html else f"Subject: {rendered.subject}\n\n{rendered.text}".rstrip())


def _read_notice(word: str) -> Notice:
    names = [one.value for one in Notice]
    if word in names:
        return Notice(word)
    near = get_close_matches(word, names, 1)
    meant = f', did you mean "{near[0]}"?' if near else ""
    known = wrap(f"there are: {', '.join(names)}", WIDTH - 10)
    raise Misuse(f'there is no notice "{word}"{meant}', *known)


@click.command()
@click.option("--config", hidden=True, help="Not needed: the process is the same everywhere.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "mermaid", "bpmn"]), default="text", show_default=True,
    help="text: every row; mermaid: a diagram for Markdown; bpmn: BPMN 2.0 XML, for a BPMN editor.",
)  # fmt: skip
@click.option(
    "--language", type=click.Choice(["en", "fr"]), help="The words of the bpmn picture; en by default."
)  # fmt: skip
def process(config: str | None, shape: str, language: str | None) -> None:  # noqa: ARG001
    """Print the support process, drawn from the very table that moves the tickets."""
    if shape == "bpmn":
        from mailgate.process.bpmn import draw_bpmn

        # Bytes, since the document says of itself that it is UTF-8, whatever the terminal speaks.
        click.echo(draw_bpmn(language or "en").encode(), nl=False)
        return
    if language:
        raise Misuse(f"{shape} is in English only; leave out --language, or add --format bpmn")
    from mailgate.process.drawing import draw_mermaid, draw_text

    click.echo(draw_mermaid() if shape == "mermaid" else draw_text(), nl=False)
