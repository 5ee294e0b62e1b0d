"""bpmn-js in a headless browser: opens a BPMN document as an editor would, and says what was drawn.

Needs npm, and Debian's `chromium-headless-shell` (or `chromium`) with a font; `make packages` installs them. bpmn-js
comes by `npm ci`, as pinned in tests/support/bpmn_js, when it is first needed. What is missing is an exception, never a
skip.

`python -m tests.support.bpmn_viewer` draws docs/process-en.svg anew.
"""

from __future__ import annotations

import fcntl
import json
import re
import subprocess
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mailgate.core.workflow.bpmn import draw_bpmn
from tests.support.chromium import FLAGS, find_chromium
from tests.support.paths import ROOT

HOME = Path(__file__).parent / "bpmn_js"
DOCS_PICTURE = ROOT / "docs" / "process-en.svg"
WIDTH, HEIGHT = 2520, 1450
_FLAGS = (
    "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--virtual-time-budget=20000",
)  # fmt: skip

Area = tuple[float, float, float, float]


@dataclass(frozen=True)
class Line:
    id: str
    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Shape:
    """`inner` is the area of the text inside, None where there is none."""

    id: str
    kind: str
    area: Area
    inner: Area | None


@dataclass(frozen=True)
class Word:
    """A label outside its element, with the area that its text really takes."""

    id: str
    text: str
    area: Area


@dataclass(frozen=True)
class View:
    """The import of the viewer. `error` is None if it drew the document; coordinates are the diagram's."""

    error: str | None
    warnings: tuple[str, ...]
    elements: frozenset[str]
    shapes: tuple[Shape, ...]
    lines: tuple[Line, ...]
    words: tuple[Word, ...]
    svg: str


def view(document: str, folder: Path, picture: Path | None = None) -> View:
    """Open `document`; `picture` is where a PNG of it is put. RuntimeError: the page did not report."""
    page = folder / "page.html"
    page.write_text(_make_page(document), encoding="utf-8")
    command = [
        find_chromium(),
        *FLAGS,
        *_FLAGS,
        f"--user-data-dir={folder / 'profile'}",
        f"--window-size={WIDTH},{HEIGHT}",
    ]
    if picture:
        _run(*command, f"--screenshot={picture}", page.as_uri())
    shown = _run(*command, "--dump-dom", page.as_uri())
    found = re.search(r'<script id="report"[^>]*>(.+?)</script>', shown, re.DOTALL)
    if not found:
        raise RuntimeError(f"the viewer's page reported nothing, only {shown[-2000:]}")
    return _read(json.loads(unescape(found[1])))


def fetch_viewer() -> Path:
    """bpmn-js as one script, installed when it is missing or no longer the pinned one."""
    script = HOME / "node_modules" / "bpmn-js" / "dist" / "bpmn-navigated-viewer.production.min.js"
    pinned, installed = HOME / "package-lock.json", HOME / "node_modules" / ".package-lock.json"
    with (HOME / "package.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # parallel test runs must not install into each other
        if not script.exists() or installed.stat().st_mtime < pinned.stat().st_mtime:
            _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    return script


def _run(*command: str) -> str:
    run = subprocess.run(command, cwd=HOME, capture_output=True, timeout=90, text=True, encoding="utf-8")
    if run.returncode:
        raise RuntimeError(f"{command[0]} failed: {run.stderr[-2000:]}")
    return run.stdout


def _make_page(document: str) -> str:
    page = (HOME / "page.html").read_text(encoding="utf-8")
    literal = json.dumps(document).replace("<", "\\u003c")
    page = page.replace("VIEWER", fetch_viewer().as_uri()).replace("WIDTH", str(WIDTH)).replace("HEIGHT", str(HEIGHT))
    return page.replace("DIAGRAM)", f"{literal})")


def _read(report: dict[str, Any]) -> View:
    return View(
        error=report["error"],
        warnings=tuple(report["warnings"]),
        elements=frozenset(report["elements"]),
        shapes=tuple(Shape(one["id"], one["kind"], _area(one["box"]), _area(one["inner"])) for one in report["shapes"]),
        lines=tuple(Line(one["id"], one["kind"], tuple((x, y) for x, y in one["points"])) for one in report["lines"]),
        words=tuple(Word(one["id"], one["text"], _area(one["box"])) for one in report["labels"]),
        svg=report["svg"],
    )


def _area(box: Any) -> Any:
    return tuple(box) if box else None


def _draw_for_the_docs() -> None:
    with TemporaryDirectory() as folder:
        svg = view(draw_bpmn("en"), Path(folder)).svg
    # Without a ground of its own it could not be read on a dark page.
    svg = svg.replace('version="1.1">', 'version="1.1" style="background: white">', 1)
    DOCS_PICTURE.write_text(svg.rstrip() + "\n", encoding="utf-8")


if __name__ == "__main__":
    _draw_for_the_docs()
