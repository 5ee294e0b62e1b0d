"""The README's diagram is the one that the table draws."""

from __future__ import annotations

from mailgate.core.workflow.diagram import draw_mermaid
from tests.support.paths import ROOT

README = ROOT / "README.md"


def test_the_diagram_is_drawn_from_the_table() -> None:
    block = README.read_text(encoding="utf-8").partition("```mermaid\n")[2].partition("```")[0]
    assert block == draw_mermaid()
