"""Draws a comparison: `python -m bench.chart [RESULT.json]` writes docs/performance.svg.

Without a file it takes the newest comparison in bench/results/. A bar is the median of a target's rounds, the line on
it goes from the slowest round to the fastest. It is light, and dark where the reader's pages are dark.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from html import escape
from pathlib import Path

from bench.processes import RESULTS, ROOT

TITLES = {
    "bare": "aiosmtpd, handler that does nothing",
    "floor": "floor of our libraries",
    "mailgate-sqlite": "mailgate, SQLite",
    "mailgate-postgresql": "mailgate, PostgreSQL",
    "roundup": "Roundup",
    "django-helpdesk": "django-helpdesk",
    "request-tracker": "Request Tracker",
}
WORDS = {"acknowledged": "acknowledged", "decided": "decided", "delivered": "at the relay"}
LEFT, WIDTH, RIGHT, BAR, GAP, TOP = 250, 520, 130, 16, 14, 64
STYLE = """
.page { fill: #ffffff; }
text { font: 13px system-ui, sans-serif; fill: #24292f; }
.title { font-size: 15px; font-weight: 600; } .small { font-size: 12px; fill: #57606a; }
.acknowledged { fill: #8c959f; } .decided { fill: #0969da; } .delivered { fill: #1a7f37; }
line { stroke: #24292f; stroke-width: 1.2; } .axis { stroke: #8c959f; stroke-opacity: .5; }
@media (prefers-color-scheme: dark) {
  .page { fill: #0d1117; } text { fill: #e6edf3; } .small { fill: #9198a1; } line { stroke: #e6edf3; }
  .decided { fill: #4493f8; } .delivered { fill: #3fb950; }
}
"""

Summary = dict[str, dict[str, list[float]]]


def draw(summary: Summary, subtitle: str) -> str:
    """Draws the chart as SVG."""
    bars = [
        (name, moment, summary[name][moment])
        for name in TITLES
        if name in summary
        for moment in WORDS
        if moment in summary[name]
    ]
    longest = max(values[2] for _, _, values in bars)
    names = len({name for name, _, _ in bars})
    height = TOP + len(bars) * (BAR + 3) + names * GAP + 8
    total = LEFT + WIDTH + RIGHT
    label = "Mails a second: median of the rounds, with the slowest and the fastest"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total} {height}" width="{total}" height="{height}" '
        f'role="img" aria-label="{label}">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{total}" height="{height}" rx="6"/>',
        f'<text class="title" x="12" y="22">{label}</text>',
        f'<text class="small" x="12" y="42">{escape(subtitle)}</text>',
        f'<line class="axis" x1="{LEFT}" x2="{LEFT}" y1="{TOP - 8}" y2="{height - 8}"/>',
        *_draw_bars(bars, WIDTH / longest),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _draw_bars(bars: list[tuple[str, str, list[float]]], scale: float) -> Iterator[str]:
    y, before = float(TOP), ""
    for name, moment, (low, middle, high) in bars:
        if name != before:
            y += GAP if before else 0
            yield f'<text x="{LEFT - 10}" y="{y + 13:.0f}" text-anchor="end">{TITLES[name]}</text>'
            before = name
        centre = y + BAR / 2
        yield f'<rect class="{moment}" x="{LEFT}" y="{y:.0f}" width="{middle * scale:.1f}" height="{BAR}" rx="2"/>'
        ends = f'x1="{LEFT + low * scale:.1f}" x2="{LEFT + high * scale:.1f}"'
        yield f'<line {ends} y1="{centre:.1f}" y2="{centre:.1f}"/>'
        number = f"{middle:.0f}" if middle >= 20 else f"{middle:.1f}"
        place = LEFT + max(middle, high) * scale + 8
        yield f'<text class="small" x="{place:.0f}" y="{y + 13:.0f}">{number} {WORDS[moment]}</text>'
        y += BAR + 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.chart", description="Draw a comparison.")
    parser.add_argument("result", nargs="?", type=Path, help="a record of `python -m bench`; default the newest")
    parser.add_argument("--output", type=Path, default=ROOT / "docs" / "performance.svg")
    options = parser.parse_args()
    found = sorted(RESULTS.glob("comparison-*.json"))
    if options.result is None and not found:
        parser.error("there is no comparison in bench/results/: run `python -m bench` first")
    record = json.loads((options.result or found[-1]).read_text("utf-8"))
    chosen, machine = record["options"], record["machine"]
    subtitle = (
        f"{chosen['mails']} mails, {chosen['connections']} connections, {chosen['rounds']} rounds in turn, "
        f"{machine['processors']} processors, {record['at'][:10]}"
    )
    options.output.write_text(draw(record["summary"], subtitle), "utf-8")
    print(options.output)


if __name__ == "__main__":
    main()
