"""A public class name has one meaning in the whole tree, so that a reader and a search find one thing."""

from __future__ import annotations

import ast
from pathlib import Path

PACKAGE = Path(__file__).parent.parent / "mailgate"


def find_shared_names(package: Path) -> dict[str, list[str]]:
    """Returns the public class names that several modules define, each with the modules."""
    places: dict[str, list[str]] = {}
    for path in sorted(package.rglob("*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(str(path.relative_to(package)))
    return {name: modules for name, modules in places.items() if len(modules) > 1}


def test_each_public_class_name_has_one_meaning() -> None:
    assert not find_shared_names(PACKAGE)


def test_a_shared_name_is_found(tmp_path: Path) -> None:
    for module in ("one", "two"):
        (tmp_path / f"{module}.py").write_text("class Entry: ...\nclass _Own: ...\n")
    assert find_shared_names(tmp_path) == {"Entry": ["one.py", "two.py"]}
