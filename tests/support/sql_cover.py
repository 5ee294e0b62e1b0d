"""A small set of tests that together send every SQL statement, and therefore run on PostgreSQL too.

Every test that needs a database runs on SQLite. Engines differ in the SQL that they get and in what they make of it, so
PostgreSQL is proven by the tests of the store and a set of tests in which each statement occurs. The set is found by
recording the statements of every test, and taking the test that adds most until none is missing:

    python -m tests.support.sql_cover    # needs PostgreSQL, and ten minutes

writes `postgresql_tests.txt` anew. Run it when a store module has new statements. A test that proves locks, races or
crashes on PostgreSQL is marked `postgresql` by hand instead: it is not about statements.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from tests.support.paths import ROOT

LIST = Path(__file__).with_name("postgresql_tests.txt")
_HEAD = """\
# Tests that run on PostgreSQL too, beside those of tests/unit/store: together they send every SQL statement that
# any test sends. Found by `python -m tests.support.sql_cover`.
"""
_PARAMETER = re.compile(r"%\(\w+\)s(?:::\w+(?: WITH TIME ZONE)?(?:\[\])?)?|\?")
_NUMBER = re.compile(r"\b\d+\b")
_UPDATE = re.compile(r"(UPDATE \w+ SET) ((?:\w+=P(?:, )?)+) (WHERE .*)")
_ROW = re.compile(r"\((?:P(?:, )?)+\)(?:, \((?:P(?:, )?)+\))*")


def read_list() -> frozenset[str]:
    """Reads the names of the chosen tests."""
    lines = LIST.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def name_of(item: pytest.Item) -> str:
    """The name of a test without its engine."""
    name = item.nodeid
    for engine in ("sqlite", "postgresql"):
        name = name.replace(f"[{engine}]", "").replace(f"[{engine}-", "[").replace(f"-{engine}]", "]")
    return name


def shapes(statement: str) -> list[str]:
    """A statement without its values, however many rows it has.

    An UPDATE is one shape for each column that it sets and one for its condition: which columns of a ticket change
    together is a matter of the workflow, not of the engine.
    """
    bare = _NUMBER.sub("N", _ROW.sub("(P)", _PARAMETER.sub("P", " ".join(statement.split()))))
    update = _UPDATE.fullmatch(bare)
    if update is None:
        return [bare]
    return [f"{update[1]} {column}" for column in update[2].split(", ")] + [f"{update[1]} {update[3]}"]


def _is_ours() -> bool:
    """True if the program sends the statement, not a test that looks at a table."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and not frame.f_code.co_filename.startswith(str(ROOT)):
        frame = frame.f_back
    return frame is not None and frame.f_code.co_filename.startswith(str(ROOT / "mailgate"))


class Recorder:
    """A plugin of pytest that writes the shapes of the statements of each test, one JSON object a line."""

    def __init__(self, file: Path) -> None:
        self._file = file.with_name(f"{file.name}.{os.getpid()}")  # one for each process of a run
        self._seen: set[str] = set()
        event.listen(Engine, "before_cursor_execute", self._note)

    def _note(self, connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if connection.dialect.name == "postgresql" and _is_ours():
            self._seen.update(shapes(statement))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._seen.clear()
        found = yield
        if self._seen:
            line = {"test": name_of(item), "statements": sorted(self._seen)}
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
        return found


def choose(statements: dict[str, frozenset[str]], always: frozenset[str]) -> list[str]:
    """Chooses tests that send every statement which those of `always` do not; one that adds more comes first.

    A row of the workflow table is chosen last: its desks take long to build.
    """
    missing = frozenset[str]().union(*statements.values()) - frozenset[str]().union(
        *(found for test, found in statements.items() if test in always)
    )
    chosen: list[str] = []
    rows = [test for test in statements if "test_every_row" in test]
    for candidates in (sorted(set(statements).difference(rows)), sorted(rows)):
        while best := max(candidates, key=lambda test: len(statements[test] & missing), default=""):
            if not statements[best] & missing:
                break
            missing -= statements[best]
            chosen.append(best)
    return chosen


def _read(files: Iterable[Path]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            read = json.loads(line)
            found[read["test"]] = found.get(read["test"], frozenset()) | frozenset(read["statements"])
    return found


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "statements"
        words = ["-n", "auto", "--engine", "postgresql", "-m", "not long and not postgresql", "--record-sql", str(file)]
        status = subprocess.run([sys.executable, "-m", "pytest", *words], cwd=ROOT, check=False).returncode
        if status not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return status
        statements = _read(Path(folder).iterdir())
    always = frozenset(test for test in statements if test.startswith("tests/unit/store/"))
    chosen = choose(statements, always)
    LIST.write_text(_HEAD + "".join(f"{test}\n" for test in sorted(chosen)), encoding="utf-8")
    print(f"{len(chosen)} tests of {len(statements)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
