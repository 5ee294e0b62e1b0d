"""Names that the files of the program define: names of loggers, names of own headers, templates."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from jinja2 import Environment, nodes

from mailgate.notices.rendering.templates import SHIPPED
from mailgate.notices.rendering.trans_tag import install
from tests.contract.program import ROOT

_HEADER = re.compile(r"X-Mailgate[A-Za-z-]*")


def draw_loggers() -> Iterator[str]:
    """Yields the names of loggers."""
    found = set()
    for module, tree in _modules("getLogger"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "getLogger":
                name = ast.unparse(node.args[0]) if node.args else "''"
                found.add(module if name == "__name__" else str(ast.literal_eval(name)))
    yield from sorted(name for name in found if name.partition(".")[0] == ROOT.name)


def draw_own_headers() -> Iterator[str]:
    """Yields the names of headers that only mailgate has."""
    texts = {
        node.value
        for _, tree in _modules("X-Mailgate")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    yield from (f"own header: {text}" for text in sorted(texts) if _HEADER.fullmatch(text))


def _modules(word: str) -> Iterator[tuple[str, ast.Module]]:
    """Yields name and syntax tree of each module that contains a word."""
    for path in sorted(ROOT.rglob("*.py")):
        text = path.read_text("utf-8")
        if word in text:
            name = ".".join((ROOT.name, *path.relative_to(ROOT).with_suffix("").parts))
            yield name.removesuffix(".__init__"), ast.parse(text)


def draw_templates() -> Iterator[str]:
    """Yields the files that an operator's folder may replace, for one language LL or for all, and the names that the
    shipped ones use."""
    folder = ROOT / "templates"
    languages = " ".join(sorted(SHIPPED))
    names: set[str] = set()
    for path in sorted(folder.iterdir()):
        if path.suffix in (".txt", ".html"):
            names |= _names_in(path.read_text("utf-8"))
            yield f"file {path.name}"
        if path.suffix in (".txt", ".toml"):
            yield f"file LL/{path.name} {languages}"
    yield from sorted(names)


def _names_in(template: str) -> set[str]:
    environment = Environment()
    install(environment)
    tree = environment.parse(template)
    variables = list(tree.find_all(nodes.Name))
    own = {one.name for one in variables if one.ctx != "load"}
    found = {f"name {one.name}" for one in variables if one.name not in own}
    found |= {f"name ….{one.attr}" for one in tree.find_all(nodes.Getattr)}
    return found | {f"filter {one.name}" for one in tree.find_all(nodes.Filter)}
