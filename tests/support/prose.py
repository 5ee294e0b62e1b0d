"""The texts for people in a module: its docstrings and its comments."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_QUOTES = re.compile(r"""^[a-zA-Z]*("{3}|'{3}|"|')|("{3}|'{3}|"|')$""")


@dataclass(frozen=True, slots=True)
class Prose:
    """A text for people: `line` is where it begins in its file."""

    text: str
    line: int = 1
    docstring: bool = False


def read_python(source: str) -> Iterator[Prose]:
    """The docstrings and comments of a module; a bare string below an assignment is a docstring, too."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield Prose(_text_of(node, lines), node.lineno, docstring=True)
    yield from _read_comments(source)


def _text_of(node: ast.Expr, lines: Sequence[str]) -> str:
    """The text of a docstring as it stands, so that its lines can be counted."""
    assert node.end_lineno is not None
    text = "\n".join(lines[node.lineno - 1 : node.end_lineno]).strip()
    return _QUOTES.sub("", text)


def _read_comments(source: str) -> Iterator[Prose]:
    """Comments; those on successive lines are one text."""
    block: list[str] = []
    begin = last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT:
            continue
        line = token.start[0]
        if block and line != last + 1:
            yield Prose("\n".join(block), begin)
            block = []
        if not block:
            begin = line
        block.append(token.string.lstrip("#"))
        last = line
    if block:
        yield Prose("\n".join(block), begin)
