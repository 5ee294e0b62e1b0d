"""`process`: prints the support process, drawn from the transition table."""

from __future__ import annotations

import click

from mailgate.cli.context import UsageError


@click.command()
@click.option("--config", hidden=True, help="Not needed: the process is the same everywhere.")
@click.option(
    "--format", "shape", type=click.Choice(["text", "mermaid", "bpmn"]), default="text", show_default=True,
    help="Print text (every row), mermaid (a diagram for Markdown) or bpmn (BPMN 2.0 XML, for a BPMN editor).",
)  # fmt: skip
@click.option(
    "--language", type=click.Choice(["en", "fr"]), help="Label the bpmn diagram in this language; by default, en."
)  # fmt: skip
def process(config: str | None, shape: str, language: str | None) -> None:  # noqa: ARG001
    """Print the support process, generated from the table that drives every ticket."""
    if shape == "bpmn":
        from mailgate.core.workflow.bpmn import draw_bpmn

        # Bytes, since the document says of itself that it is UTF-8, whatever the terminal speaks.
        click.echo(draw_bpmn(language or "en").encode(), nl=False)
        return
    if language:
        raise UsageError(f"{shape} is in English only; leave out --language, or add --format bpmn")
    from mailgate.core.workflow.diagram import draw_mermaid, draw_text

    click.echo(draw_mermaid() if shape == "mermaid" else draw_text(), nl=False)
