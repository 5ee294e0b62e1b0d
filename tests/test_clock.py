"""Time comes from the clock that a command or a test was given: no module reads the machine's date by itself.

tests/conftest.py makes `SystemClock` raise in a test that is not marked; this one finds what goes around it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
READERS = {
    "datetime": {"now", "utcnow", "today"},
    "date": {"today"},
    "time": {"time", "time_ns", "localtime", "gmtime", "ctime", "strftime"},
    "utils": {"localtime"},
}
THE_CLOCK = "mailgate/core/clock.py"
# These serve real programs, which read the machine's clock: a mail server's INTERNALDATE, a certificate's days.
REAL_PROGRAMS = {f"tests/support/{name}.py" for name in ("certificates", "dovecot", "imap_source", "relay", "sources")}


def reads_of(source: str) -> Iterator[str]:
    """Yields each place of a module that reads the machine's date, as `datetime.now (line 7)`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = node.value
            name = owner.id if isinstance(owner, ast.Name) else owner.attr if isinstance(owner, ast.Attribute) else ""
            if node.attr in READERS.get(name, ()):
                yield f"{name}.{node.attr} (line {node.lineno})"
        if isinstance(node, ast.ImportFrom) and node.module in ("time", "email.utils"):
            taken = READERS[node.module.rpartition(".")[2]].intersection(alias.name for alias in node.names)
            yield from (f"{node.module}.{name} (line {node.lineno})" for name in taken)


def test_only_the_clock_reads_the_machines_date() -> None:
    found = []
    for path in sorted((*(ROOT / "mailgate").rglob("*.py"), *(ROOT / "tests").rglob("*.py"))):
        place, source = path.relative_to(ROOT).as_posix(), path.read_text("utf-8")
        waits_for_programs = place.startswith("tests/system/") or place in REAL_PROGRAMS or "machine_clock" in source
        if place != THE_CLOCK and not waits_for_programs:
            found += [f"{place}: {read}" for read in reads_of(source)]
    assert not found, "\n".join(["take the time from the clock, or from the test's:", *found])


def test_a_read_is_found_in_each_form() -> None:
    lines = ["a = datetime.now(UTC)", "b = dt.datetime.today()", "c = time.time()", "f(date.today)"]
    reads = ["datetime.now (line 1)", "datetime.today (line 2)", "time.time (line 3)", "date.today (line 4)"]
    assert sorted(reads_of("\n".join(lines))) == sorted(reads)
    assert list(reads_of("from time import time")) == ["time.time (line 1)"]
