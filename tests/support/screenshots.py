"""Pictures of every notice, to be looked at: `python -m tests.support.screenshots FOLDER [--languages en,fr]`.

Each notice is shown with its sample ticket at 360 and at 1000 pixels, light and dark, several on a sheet:
`FOLDER/en-360-dark-1.png`. With `--each` a notice has a picture of its own, such as `FOLDER/receipt.png` (those of
docs/notices.md).

It needs a headless Chromium; its pages are those of `mailgate preview --html`, so that any other browser shows the
same.
"""

from __future__ import annotations

import argparse
import json
import re
import struct
import subprocess
import sys
import tempfile
import zlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape, unescape
from pathlib import Path

from mailgate.config import Logo
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.notices.rendering.branding import Branding, LogoImage
from mailgate.notices.rendering.colours import make_palette
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from tests.support.chromium import FLAGS, find_chromium

SCHEMES = {"light": "1", "dark": "0"}  # as Chromium counts them
GAP = 12
TITLE = 22
SEEN = 60  # pixels of a page that are shown again at the top of its next part
SHEET = (1560, 1560)  # pixels: what a viewer shows without making it smaller
SCALES = {360: 1.0, 1000: 0.75}
_STYLE_SHEET = re.compile(r"<style>.*?</style>", re.DOTALL)


@dataclass(frozen=True)
class Shown:
    """A page on a sheet, or a part of it: `height` pixels from `start` on."""

    name: str
    page: str
    height: int = 0
    left: int = 0
    top: int = 0
    start: int = 0


def draw_logo() -> Logo:
    """A little logo: two dark squares on nothing, which a dark page would swallow."""
    width, height = 96, 48
    rows = []
    for y in range(height):
        row = bytearray(b"\0")
        for x in range(width):
            inside = 6 <= y < 42 and (6 <= x < 42 or 54 <= x < 90)
            row += b"\x1d\x3b\x6f\xff" if inside else b"\0\0\0\0"
        rows.append(bytes(row))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b"")]
    data = b"\x89PNG\r\n\x1a\n"
    for kind, content in chunks:
        data += struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
    return Logo(Path("logo.png"), data, "image/png", width, height)


def render_pages(language: str, names: list[str], colour: str) -> list[Shown]:
    """Every notice in a language, those to requesters first."""
    templates, logo = Templates(), draw_logo()
    source = f"data:image/png;base64,{b64encode(logo.data).decode('ascii')}"
    look = Branding(make_palette(colour), "The support team\nRoom 12, extension 4711", LogoImage(source, 96, 48, logo))
    notices = [one for one in Notice if templates.has(language, one) and (not names or one.value in names)]
    notices.sort(key=lambda one: one.info.audience is not Audience.REQUESTER)
    contents = [replace(sample(one, language), look=look) for one in notices]
    return [Shown(f"{one.notice.value} · {language}", templates.render(one).html) for one in contents]


def run_chromium(program: str, *options: str) -> str:
    command = [program, *FLAGS, "--virtual-time-budget=4000", *options]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout


def measure(program: str, pages: list[Shown], width: int, folder: Path) -> list[Shown]:
    """The pages with the height that they take at this width, and a little for the frame of the logo on a dark page."""
    frames = "".join(_frame(page, width, 100) for page in pages)
    script = (
        "<script>onload=()=>{document.title=JSON.stringify([...document.querySelectorAll('iframe')].map("
        "f=>f.contentDocument.documentElement.scrollHeight))}</script>"
    )
    file = folder / "measure.html"
    file.write_text(f"<!doctype html><meta charset=utf-8><title></title>{frames}{script}", "utf-8")
    found = re.search(r"<title>(.*?)</title>", run_chromium(program, "--dump-dom", file.as_uri()))
    assert found is not None, "the browser says nothing"
    heights = json.loads(unescape(found[1]))
    return [replace(page, height=height + 16) for page, height in zip(pages, heights, strict=True)]


def _frame(page: Shown, width: int, height: int, style: str = "") -> str:
    return f'<iframe style="border:0;width:{width}px;height:{height}px;{style}" srcdoc="{escape(page.page)}"></iframe>'


def _part(page: Shown, width: int, scale: float) -> str:
    """The visible part of a page: a hole, and the page behind it moved up."""
    moved = f"display:block;transform:scale({scale}) translateY(-{page.start}px);transform-origin:0 0"
    hole = f"overflow:hidden;width:{round(width * scale)}px;height:{round(page.height * scale)}px"
    return f'<div style="{hole}">{_frame(page, width, page.start + page.height, moved)}</div>'


def split_pages(pages: list[Shown], scale: float) -> Iterator[Shown]:
    """A page that is higher than a sheet goes on in the next column, with a few lines of what was seen."""
    highest = int((SHEET[1] - TITLE - GAP) / scale)
    for page in pages:
        yield replace(page, height=min(page.height, highest))
        for start in range(highest - SEEN, page.height - SEEN, highest - SEEN):
            yield replace(page, name=f"{page.name} …", start=start, height=min(highest, page.height - start))


def lay_sheets(pages: list[Shown], width: int, scale: float) -> Iterator[list[Shown]]:
    """Columns from left to right, each filled from the top."""
    column = round(width * scale) + GAP
    sheet: list[Shown] = []
    left, top = 0, 0
    for page in split_pages(pages, scale):
        height = round(page.height * scale) + TITLE + GAP
        if top and top + height > SHEET[1]:
            left, top = left + column, 0
        if left and left + column > SHEET[0] + GAP:
            yield sheet
            sheet, left, top = [], 0, 0
        sheet.append(replace(page, left=left, top=top))
        top += height
    if sheet:
        yield sheet


def draw_sheet(program: str, sheet: list[Shown], width: int, scheme: str, target: Path, folder: Path) -> None:
    scale = SCALES.get(width, 1.0)
    shown = "".join(
        f'<div style="position:absolute;left:{page.left}px;top:{page.top}px;font:13px/{TITLE}px sans-serif">{page.name}'
        f"{_part(page, width, scale)}</div>"
        for page in sheet
    )
    right = max(page.left for page in sheet) + round(width * scale)
    bottom = max(page.top + TITLE + round(page.height * scale) for page in sheet)
    file = folder / "sheet.html"
    page = f'<!doctype html><meta charset=utf-8><body style="margin:0;background:#8090a0">{shown}'
    file.write_text(page, "utf-8")
    run_chromium(
        program, f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", f"--window-size={right},{bottom}",
        f"--screenshot={target}", file.as_uri(),
    )  # fmt: skip


def draw_page(program: str, page: Shown, width: int, scheme: str, target: Path, folder: Path) -> None:
    """Draws one page as a mail client shows it, down to the height of a sheet."""
    file = folder / "page.html"
    file.write_text(page.page, "utf-8")
    run_chromium(
        program, f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}",
        f"--window-size={width},{min(page.height, SHEET[1])}", f"--screenshot={target}", file.as_uri(),
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Draw every notice.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--languages", default="en,fr")
    parser.add_argument("--only", default="", help="names of notices, with commas")
    parser.add_argument("--widths", default="360,1000")
    parser.add_argument("--schemes", default="light,dark")
    parser.add_argument("--colour", default="#0a6b3d")
    parser.add_argument("--bare", action="store_true", help="without the style sheet, as some Gmail apps show it")
    parser.add_argument("--each", action="store_true", help="a picture for each notice, in the first scheme")
    parser.add_argument("--chromium", default="", help="another program than the one found here")
    wanted = parser.parse_args()
    program = wanted.chromium or find_chromium()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        for language in wanted.languages.split(","):
            pages = render_pages(language, [one for one in wanted.only.split(",") if one], wanted.colour)
            if wanted.bare:
                pages = [replace(one, page=_STYLE_SHEET.sub("", one.page)) for one in pages]
            for width in map(int, wanted.widths.split(",")):
                measured = measure(program, pages, width, Path(temporary))
                if wanted.each:
                    for page in measured:
                        target = wanted.folder.resolve() / f"{page.name.partition(' ')[0]}.png"
                        draw_page(program, page, width, wanted.schemes.split(",")[0], target, Path(temporary))
                    continue
                for number, sheet in enumerate(lay_sheets(measured, width, SCALES.get(width, 1.0)), 1):
                    for scheme in wanted.schemes.split(","):
                        target = wanted.folder.resolve() / f"{language}-{width}-{scheme}-{number}.png"
                        draw_sheet(program, sheet, width, scheme, target, Path(temporary))
                        print(target.name, ", ".join(page.name for page in sheet))
    return 0


if __name__ == "__main__":
    sys.exit(main())
