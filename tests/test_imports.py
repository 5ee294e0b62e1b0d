"""Imports point one way between the packages of mailgate, and never in a circle inside one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "mailgate"
BELOW = {
    "core": (),
    "parsers": ("core",),
    "config": ("core", "parsers"),
    "store": ("core", "parsers", "config"),
    "transport": ("core", "parsers", "config", "store"),
    "tickets": ("core", "parsers", "config", "store"),
    "notices": ("core", "parsers", "config", "store", "tickets"),
    "reports": ("core", "parsers", "config", "store", "tickets", "notices"),
    "inbound": ("core", "parsers", "config", "store", "tickets", "notices", "reports"),
    "daemon": ("core", "parsers", "config", "store", "tickets", "notices", "reports", "inbound", "transport"),
    "cli": ("core", "parsers", "config", "store", "tickets", "notices", "reports", "inbound", "transport", "daemon"),
}
FILES = {path.relative_to(ROOT.parent).with_suffix(""): path for path in sorted(ROOT.rglob("*.py"))}
MODULES = {".".join(name.parts).removesuffix(".__init__"): path for name, path in FILES.items()}


def _imports(module: str) -> Iterator[str]:
    """The modules of mailgate that a module imports, those inside functions included."""
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "mailgate":
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            yield from inner & MODULES.keys() or {node.module}
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


def _package(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_a_package_imports_only_those_below_it() -> None:
    wrong = [
        f"{module} imports {other}"
        for module in MODULES
        for other in _imports(module)
        if (own := _package(module)) in BELOW and (its := _package(other)) != own and its not in ("", *BELOW[own])
    ]
    assert not wrong, "\n".join(wrong)


def test_every_package_has_its_place() -> None:
    assert {_package(module) for module in MODULES} == {*BELOW, "", "__main__"}


def test_modules_of_a_package_do_not_import_each_other_in_a_circle() -> None:
    graph = {module: {one for one in _imports(module) if _package(one) == _package(module)} for module in MODULES}
    while free := [module for module, others in graph.items() if not others & graph.keys()]:
        for module in free:
            del graph[module]
    assert not graph, f"a circle among: {', '.join(sorted(graph))}"
