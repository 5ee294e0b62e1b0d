"""Presents the results of a measurement: spreads, tables of text, and the record in bench/results/."""

from __future__ import annotations

import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.processes import RESULTS

PACKAGES = ("mailgate", "aiosmtpd", "sqlalchemy", "mail-parser", "psycopg")


def spread(values: Iterable[float], digits: int = 3) -> list[float]:
    """Minimum, median, maximum."""
    known = list(values)
    return [round(value, digits) for value in (min(known), statistics.median(known), max(known))]


def show(values: Sequence[float], form: str = ".2f") -> str:
    """Formats a spread: the median, then minimum and maximum."""
    low, middle, high = (format(value, form) for value in values)
    return f"{middle} ({low}-{high})"


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints columns as wide as their widest cell, the first aligned to the left, the others to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    for line in lines:
        first, *others = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        print("  ".join([first, *(cell.strip().rjust(len(cell)) for cell in others)]))


def save(name: str, record: Mapping[str, object]) -> Path:
    """Writes the results and the machine to the record."""
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{name}-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}.json"
    machine = {"processors": os.cpu_count(), "system": platform.platform(), "python": platform.python_version()}
    head = {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": machine | {"sync_ms": time_sync(), "load": [round(value, 2) for value in os.getloadavg()]},
        "versions": {package: _version(package) for package in PACKAGES},
    }
    file.write_text(json.dumps(head | dict(record), indent=1, default=str) + "\n", "utf-8")
    print(file)
    return file


def time_sync(times: int = 100) -> float:
    """Returns the median milliseconds to append 4 kB and sync it, which is the least cost of a commit."""
    found = []
    with tempfile.NamedTemporaryFile() as file:
        for _ in range(times):
            began = time.perf_counter()
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(found), 3)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
