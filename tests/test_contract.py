"""The contract is as it was frozen: what operators, mail programs and other software rely on (tests/contract).

python -m tests.test_contract           prints what differs; exit status 1 where anything does
python -m tests.test_contract --write   writes tests/contract/frozen anew: only after a change that is meant
"""

from __future__ import annotations

import difflib
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tests.contract.commands import draw_commands
from tests.contract.configuration import draw_configuration
from tests.contract.database import draw_database
from tests.contract.desk import draw_bundles, draw_calls, draw_headers, draw_json, draw_tables, play
from tests.contract.files import draw_loggers, draw_own_headers, draw_templates
from tests.contract.library import draw_parsers, draw_values

FROZEN = Path(__file__).parent / "contract" / "frozen"
ON_PURPOSE = "If this is meant, write it down with: python -m tests.test_contract --write"


def draw(folder: Path) -> dict[str, list[str]]:
    """Returns the lines of each part, as the program is now."""
    for name in ("configuration", "database", "desk"):
        (folder / name).mkdir()
    desk = play(folder / "desk")
    try:
        drawn: dict[str, Iterable[str]] = {
            "bundles": draw_bundles(desk),
            "calls": draw_calls(desk),
            "commands": draw_commands(),
            "configuration": draw_configuration(folder / "configuration"),
            "database": draw_database(folder / "database"),
            "headers": [*draw_headers(desk), *draw_own_headers()],
            "json": draw_json(desk),
            "loggers": draw_loggers(),
            "parsers": draw_parsers(),
            "tables": draw_tables(desk),
            "templates": draw_templates(),
            "values": draw_values(),
        }
        return {name: list(lines) for name, lines in drawn.items()}
    finally:
        desk.close()


def compare(drawn: Mapping[str, list[str]]) -> str:
    """Returns the lines that went (-) and came (+), each below the name of its file; "" where nothing has changed."""
    names = sorted({*drawn, *(path.stem for path in FROZEN.glob("*.txt"))})
    return "\n".join(part for name in names if (part := _compare(FROZEN / f"{name}.txt", drawn.get(name, []))))


def _compare(path: Path, lines: list[str]) -> str:
    frozen = path.read_text("utf-8").splitlines() if path.exists() else []
    found = list(difflib.unified_diff(frozen, lines, n=0, lineterm=""))[2:]
    return "\n".join((path.name, *(line for line in found if not line.startswith("@@")))) if found else ""


def test_the_contract_is_as_it_was_frozen(tmp_path: Path) -> None:
    if changes := compare(draw(tmp_path)):
        pytest.fail(f"The contract has changed.\n{changes}\n{ON_PURPOSE}", pytrace=False)


def test_a_change_is_told_by_its_line() -> None:
    frozen = {path.stem: path.read_text("utf-8").splitlines() for path in FROZEN.glob("*.txt")}
    assert compare(frozen) == ""
    changed = {**frozen, "loggers": ["mailgate.other", *frozen["loggers"][1:]]}
    assert compare(changed) == f"loggers.txt\n-{frozen['loggers'][0]}\n+mailgate.other"
    del changed["values"]
    assert f"values.txt\n-{frozen['values'][0]}" in compare(changed)


def main(words: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder:
        drawn = draw(Path(folder))
    changes = compare(drawn)
    if changes:
        print(changes)
    if words != ["--write"]:
        return 1 if changes else 0
    FROZEN.mkdir(exist_ok=True)
    for path in FROZEN.glob("*.txt"):
        path.unlink()
    for name, lines in drawn.items():
        (FROZEN / f"{name}.txt").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
