"""Imports point one way: a floor imports only lower floors, and neighbours never import each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent / "mailgate"
FLOORS = [
    {"mail", "blanks", "fates", "troubles", "clock", "tokens", "systemd", "bells", "network"},
    {"directory", "process", "parsers"},
    {"config"},
    {"oauth"},
    {"trust", "store", "notices", "relay"},
    {"forms", "promises", "happening", "homes"},
    {
        "acts", "bundles", "files", "objections", "knowledge", "logos", "originals", "reckoning", "reports",
        "safekeeping", "story",
    },
    {"judgement", "planning", "record", "readers", "roundtrip", "transcripts"},
    {"breakers", "circulars", "contents", "mornings", "satisfaction"},
    {"dispatch"},
    {"aftermath"},
    {"advance"},
    {"failures", "origin", "orders", "oversized", "questions", "threads"},
    {"voices"},
    {"filling", "ratings"},
    {"counter", "holds"},
    {"openings"},
    {"reception"},
    {"intake", "workers"},
    {"desk"},
    {"gateway"},
    {"daemon", "supervisor"},
    {"demo"},
    {"commands"},
    {"cli"},
    {"__main__"},
]
LEVEL = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}


def _imports(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
        elif isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
    return {name.split(".")[1] for name in names if name.startswith("mailgate.")}


def _room(path: Path) -> str:
    first = path.relative_to(ROOT).parts[0]
    return first.removesuffix(".py")


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_down(path: Path) -> None:
    room = _room(path)
    if room == "__init__":
        return
    assert room in LEVEL, f"{room} has no floor yet: give it one in FLOORS"
    for other in _imports(path) - {room}:
        assert LEVEL[other] < LEVEL[room], f"{room} imports {other}, which is not below it"
