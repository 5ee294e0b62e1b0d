"""Makes the HTML alternative of a notice from its text part, which is authoritative.

Knows paragraphs, `- ` lists, `> ` quotations, lines indented by four (shown as typed: commands to copy), titles
underlined with dashes, labels of a form, commands of `mailgate`, and https and mailto links. Everything else is text
and is escaped. Pure, linear, never fails. A mailto link never gets a query here: only the links by which a
requester answers or rates have one (rule 15).

Words that their author formatted are shown so wherever the text has just these words, on lines of their own or quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from html import unescape
from itertools import groupby, islice

from markupsafe import Markup, escape

from mailgate.core.formatting import FormattedText
from mailgate.notices.rendering.content import ShownPicture
from mailgate.notices.rendering.words import visible
from mailgate.parsers.html.safe_html import clean

_LINK = re.compile(r"https?://[^\s<>\"]{1,2000}|mailto:[^\s<>\"?@]{1,64}@[^\s<>\"?@]{1,255}", re.IGNORECASE)
_AFTER_LINK = ".,;:!?)]}»'’"
_LABEL = re.compile(r"([^:,#]{1,40}:)(\s.*)", re.DOTALL)
_UNBROKEN = re.compile(r"\b(?:[A-Z][A-Z0-9]{0,15}-\d{1,12}|\d{4}-\d\d-\d\d|[Ee]-[Mm]ails?)\b")
_HYPHEN = re.compile(r"-[\dMm]")
_COMMAND = re.compile(r"`(mailgate [^`\n]{1,100})`")
_DASHES = re.compile(r"-{3,}\s*")
_DEEPEST = 4
_WIDEST = 520  # pixels of a picture between the lines, for programs that know no max-width
_MARK = "\ue011"
_MARKED = re.compile(f"{_MARK}(\\d{{1,4}}){_MARK}")

_FORMATTED = "\ue012"  # begins a line in place of which formatted words stand
_PLACES_LIMIT = 50  # lines at which formatted words are looked for
_TAG = re.compile(r"<(/?)(p|ul|ol|li|table|th|td|h3|blockquote|pre|code|a|img)\b([^<>]*)>")
_NAME = re.compile(r'alt="\[([^"]*)\]"')

_MARGIN = "margin:0 0 16px"
_TITLE = "margin:24px 0 8px;font-size:17px;font-weight:700;line-height:1.3"
_QUOTE = "margin:0 0 16px;padding:12px 16px 1px;border-left:4px solid #9aa7b8;background:#f3f5f8;color:#24292f"
_HINT = "font-size:14px;color:#57606a"
_HANGING = "display:block;padding-left:18px;text-indent:-18px"
_MONOSPACED = "font:15px/1.45 Consolas,Menlo,monospace"
_TYPED = (
    "margin:0 0 16px;padding:10px 14px;background:#f3f5f8;color:#24292f;border-radius:6px;"
    f"{_MONOSPACED};white-space:pre-wrap;overflow-wrap:anywhere"
)
_CELL = "border:1px solid #c9d1da;padding:6px 10px;text-align:left;vertical-align:top"
_STYLES = {
    "p": f' style="{_MARGIN}"',
    "li": ' style="margin:0 0 4px"',
    "table": f' class="line" cellpadding="0" cellspacing="0" style="{_MARGIN};border-collapse:collapse"',
    "th": f' class="line" style="{_CELL};font-weight:700"',
    "td": f' class="line" style="{_CELL}"',
    "h3": f' style="{_TITLE}"',
    "blockquote": f' class="quote" style="{_QUOTE}"',
    "pre": f' class="quote" style="{_TYPED}"',
    "code": f' style="{_MONOSPACED}"',
    "a": ' class="link" style="color:#0b57d0"',
}


def lay_out(text: str, pictures: Sequence[ShownPicture] = (), formatted: Sequence[FormattedText] = ()) -> Markup:
    """Sets a text as HTML blocks for the layout; each picture is shown where its name stands in brackets."""
    parts: list[str] = []
    text = text.replace(_FORMATTED, "")
    for one in formatted:
        text = _mark_formatted(text, one, parts, pictures)
    marked = _mark_pictures(text, pictures) if pictures else text
    blocks = "\n".join(_blocks(marked.splitlines(), 0, parts))
    return Markup(_MARKED.sub(lambda mark: _picture(pictures[int(mark[1])]), blocks) if pictures else blocks)


def _mark_formatted(text: str, one: FormattedText, parts: list[str], pictures: Sequence[ShownPicture]) -> str:
    """Puts a mark in place of the lines that have just these words, as they stand or quoted."""
    wanted = [line.strip() for line in visible(one.text).strip().splitlines()]
    lines = text.splitlines()
    if not wanted or not one.html:
        return text
    for quote in ("", ">"):
        places = (at for at, line in enumerate(lines) if _unquoted(line, quote) == wanted[0])
        for at in islice(places, _PLACES_LIMIT):
            if [_unquoted(line, quote) for line in lines[at : at + len(wanted)]] == wanted:
                lines[at : at + len(wanted)] = [f"{quote}{_FORMATTED}{len(parts)}"]
                parts.append(_show(one.html, pictures))
                return "\n".join(lines)
    return text


def _unquoted(line: str, quote: str) -> str | None:
    """A line without spaces around it and without its mark of a quote; None where it has no such mark."""
    return line[len(quote) :].strip() if line.startswith(quote) else None


def _show(source: str, pictures: Sequence[ShownPicture]) -> str:
    """Sets formatted words in the styles of the page, with its pictures."""
    shown = {picture.name: picture for picture in pictures}
    lists = 0

    def dress(tag: re.Match[str]) -> str:
        """Gives a tag its style."""
        nonlocal lists
        closes, name, attributes = tag.groups()
        if name == "img":
            found = _NAME.search(attributes)
            picture = shown.get(unescape(found[1])) if found else None
            return _picture(picture) if picture is not None else f"[{found[1]}]" if found else ""
        if closes:
            lists -= name in ("ul", "ol")
            return f"{tag[0]}</div>" if name == "table" else tag[0]
        if name in ("ul", "ol"):
            lists += 1
            return f'<{name}{attributes} style="margin:0 0 {16 if lists == 1 else 0}px;padding-left:22px">'
        opened = f"<{name}{attributes}{_STYLES[name]}>"
        return f'<div style="overflow-x:auto">{opened}' if name == "table" else opened

    return _TAG.sub(dress, visible(clean(source)))


def _mark_pictures(text: str, pictures: Sequence[ShownPicture]) -> str:
    """Puts a mark in place of each name that stands apart: inside a link or a word it stays as it is."""
    numbers = {picture.name: number for number, picture in enumerate(pictures)}
    names = "|".join(re.escape(name) for name in sorted(numbers, key=len, reverse=True))
    name = re.compile(rf"(?<![^\s>])\[({names})\](?![^\s.,;:!?)])")
    return name.sub(lambda found: f"{_MARK}{numbers[found[1]]}{_MARK}", text.replace(_MARK, ""))


def _picture(picture: ShownPicture) -> str:
    width = Markup(' width="{}"').format(min(picture.width, _WIDEST)) if picture.width else ""
    image = '<img src="{}" alt="[{}]"{} style="max-width:100%;height:auto;border:0">'
    return str(Markup(image).format(picture.source, picture.name, width))


def _blocks(lines: list[str], depth: int, parts: Sequence[str] = ()) -> Iterator[str]:
    runs = [(kind, list(run)) for kind, run in groupby(lines, partial(_kind, depth=depth))]
    # all at once, since a short text takes as long as a line; no link and no reference goes over a line's end
    shown = iter(_inline("\n".join(line for kind, run in runs if kind == "text" for line in run)).split("\n"))
    for position, (kind, run) in enumerate(runs):
        following = runs[position + 1][0] if position + 1 < len(runs) else ""
        if kind == "text":
            yield from _paragraph(list(islice(shown, len(run))), titled=following == "dashes", quoted=depth > 0)
        elif kind == "dashes":
            if position == 0 or runs[position - 1][0] != "text":
                yield '<hr class="line" style="border:0;border-top:1px solid #c9d1da;margin:0 0 16px">'
        elif kind == "item":
            yield _list(run)
        elif kind == "typed":
            yield f'<pre class="quote" style="{_TYPED}">{_typed(_inline(_dedent(run)))}</pre>'
        elif kind == "formatted":
            yield from (parts[int(line.removeprefix(_FORMATTED))] for line in run)
        elif kind == "quote":
            inner = "\n".join(_blocks([_unquote(line) for line in run], depth + 1, parts))
            yield f'<blockquote class="quote" style="{_QUOTE}">{inner}</blockquote>'


def _kind(line: str, depth: int) -> str:
    first = line[:1]
    if first.isalnum():
        return "text"
    if first == ">" and depth < _DEEPEST:
        return "quote"
    if not line.strip():
        return "blank"
    if first == _FORMATTED:
        return "formatted"
    if line.startswith("- "):
        return "item"
    if line.startswith(("    ", "\t")):
        return "typed"
    return "dashes" if line.startswith("---") and _DASHES.fullmatch(line) else "text"


def _paragraph(lines: list[str], *, titled: bool, quoted: bool) -> Iterator[str]:
    """Sets a paragraph of lines that are HTML already.

    Its last line is a title where a line of dashes follows; two lines can be a label, with what is expected there in
    brackets (a form). A title in a quotation is no heading of the page.
    """
    title = lines[-1] if titled else ""
    body = lines[:-1] if titled else lines
    if len(body) == 2 and body[0].endswith((":", "?")) and body[1].startswith("(") and body[1].endswith(")"):
        body = [f"<strong>{body[0]}</strong>", f'<span class="small" style="{_HINT}">{body[1]}</span>']
    if body:
        yield f'<p style="{_MARGIN}">{"<br>".join(body)}</p>'
    if title and quoted:
        yield f'<p style="{_MARGIN}"><strong>{title}</strong></p>'
    elif title:
        yield f'<h2 style="{_TITLE}">{title}</h2>'


def _list(lines: list[str]) -> str:
    items = [line[2:] for line in lines]
    labels = [found for item in items if (found := _LABEL.fullmatch(item))]
    if len(labels) == len(items):
        rows = [f"<strong>{_inline(label[1])}</strong>{_inline(label[2])}" for label in labels]
        style = "margin:0 0 16px;padding:0;list-style:none"
    else:
        rows = [_inline(item) for item in items]
        style = "margin:0 0 16px;padding-left:22px"
    inner = "".join(f'<li style="margin:0 0 4px">{row}</li>' for row in rows)
    return f'<ul style="{style}">{inner}</ul>'


def _typed(text: str) -> str:
    """Sets lines as typed; each of several commands hangs, so that a phone shows where it begins."""
    lines = text.split("\n")
    if len(lines) < 2 or not all(line.startswith("#") for line in lines):
        return text
    return "".join(f'<span style="{_HANGING}">{line}\n</span>' for line in lines)


def _unquote(line: str) -> str:
    return line[2:] if line.startswith("> ") else line[1:]


def _dedent(lines: list[str]) -> str:
    return "\n".join(line.expandtabs(4)[4:] for line in lines)


def _inline(text: str) -> str:
    parts, done = [], 0
    for found in _LINK.finditer(text) if "://" in text or "mailto:" in text.lower() else ():
        target = found[0].rstrip(_AFTER_LINK)
        shown = target.removeprefix("mailto:")
        parts.append(_plain(text[done : found.start()]))
        parts.append(Markup('<a class="link" href="{}" style="color:#0b57d0">{}</a>').format(target, shown))
        done = found.start() + len(target)
    parts.append(_plain(text[done:]))
    return "".join(parts)


def _plain(text: str) -> str:
    """Sets text that is no link.

    What a phone must not break at its hyphen, such as a reference, is kept together, and no line begins with a dot
    between two words.
    """
    escaped = str(escape(text))  # a plain string, since substituting in Markup would escape the span as well
    escaped = escaped.replace(" · ", "\u00a0· ")
    if "`mailgate " in escaped:
        escaped = _COMMAND.sub(rf'<code style="{_MONOSPACED}">\g<1></code>', escaped)
    if not _HYPHEN.search(escaped):
        return escaped
    return _UNBROKEN.sub(r'<span style="white-space:nowrap">\g<0></span>', escaped)
