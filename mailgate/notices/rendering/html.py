"""Makes the HTML alternative of a notice from its text part, which is authoritative.

Knows paragraphs, `- ` lists, `> ` quotations, lines indented by four (shown as typed: commands to copy), titles
underlined with dashes, labels of a form or a list, commands of agents and of `mailgate`, and https and mailto links.
A list whose items all have labels is a table of facts, unless a label is an address. Everything else is text and is
escaped. Pure, linear, never fails. A mailto link never gets a query here: only the links by which a requester answers
or rates have one (rule 15).

The Word in Outlook knows padding, borders and backgrounds of table cells alone, so every box is a table of one cell.
Webmail shows a mail under its own style sheet: what that gives to quotations, code and tables is taken back here.

Words that their author formatted are shown so wherever the text has just these words, on lines of their own or quoted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from itertools import islice

from markupsafe import Markup, escape

from mailgate.core.formatting import FormattedText
from mailgate.notices.rendering.colours import LIGHT_BOX, QUOTE_BAR
from mailgate.notices.rendering.content import ShownPicture
from mailgate.notices.rendering.words import visible
from mailgate.parsers.html.safe_html import clean

_LINK = re.compile(r"https?://[^\s<>\"]{1,2000}|mailto:[^\s<>\"?@]{1,64}@[^\s<>\"?@]{1,255}", re.IGNORECASE)
_AFTER_LINK = ".,;:!?)]}»'’"
_LABEL = re.compile(r"([^:,#]{1,48}):\s(.*)", re.DOTALL)
_LONGEST_LABEL = 34  # characters of a label above a list; a longer one is a sentence
_LONGEST_NAME = 80  # of a line above a quotation that stands close to it
_HASH_COMMAND = re.compile(r"#(?<![\w&#/;]#)[^\W\d_][\w-]{0,40}")  # begins with the sign, which is found fast
_UNBROKEN = re.compile(
    r"\b(?:[A-Z][A-Z0-9]{0,9}-\d{1,9}|\d{4}-\d\d-\d\d|\d\d-\d\d-\d{4}|[Ee]-[Mm]ails?"
    r"|[^\W\d_]{1,20}(?:-(?:t-)?(?:ce|elles?|ils?|la|les?|moi|nous|on|vous))+)\b"
)
_HYPHEN = re.compile(r"-[\dMmceilntov]")
_BEFORE_UNIT = re.compile(  # "26. " of "26. November", "30 " of "30 days"
    r"\d(?<![\w.,/-]\d)\d?\.? (?:de )?(?=[^\W\d_])"  # begins with the figure, so that a text is skipped up to one
)
_BEFORE_MARK = re.compile(" (?=[?!:;»](?:\\s|$))", re.MULTILINE)
_COMMAND = re.compile(r"`(mailgate [^`\n]{1,100})`")
_BREAKS = re.compile(r"[\s-]")
_QUOTE_MARK = re.compile(r"\n> ?")
_DEEPEST = 4
_LONGEST_FACT = 100  # characters of a value that stands out by its weight
_LONGEST_KEPT = 600  # characters of a line or list that may stand in other notices, too
_LONGEST_WHOLE = 20  # characters of a word that no phone may break: with a longer one, the page would be too wide
_WIDEST = 520  # pixels of a picture between the lines, for programs that know no max-width
_MARK = "\ue011"
_MARKED = re.compile(f"{_MARK}(\\d{{1,4}}){_MARK}")

_FORMATTED = "\ue012"  # begins a line in place of which formatted words stand
_BOXED = "\ue013"  # begins each line of the solution
_PLACES_LIMIT = 50  # lines at which formatted words are looked for
ANSWERS, CLOSING = "<!--answers-->", "<!--closing-->"
"""Marks in the HTML: in place of the list of the two answers, and before the closing words that end the text."""
_TAG = re.compile(r"<(/?)(p|ul|ol|li|table|th|td|h3|blockquote|pre|code|a|img)\b([^<>]*)>")
_NAME = re.compile(r'alt="\[([^"]*)\]"')

_MARGIN = "margin:0 0 16px"
_TITLE = "margin:24px 0 8px;font-size:17px;font-weight:700;line-height:1.3"
_LIST_LABEL = "margin:0 0 8px;font-size:14px;font-weight:700"
_HINT = "font-size:14px;color:#57606a"
_MONOSPACED = "font-family:Consolas,Menlo,monospace;font-size:14px"
_LINE = "display:block;padding:0 0 4px"
_CODE = "font-family:Consolas,Menlo,monospace;font-size:.94em;color:inherit"
_COMMAND_STYLE = f"{_CODE};font-weight:700"
_GROUND = f"background:{LIGHT_BOX};color:#24292f"
_BAR = f"border-left:4px solid {QUOTE_BAR};border-radius:0 6px 6px 0;{_GROUND}"
_QUOTE = f"padding:12px 16px 0;{_BAR}"
_TYPED = f"padding:10px 14px;border-radius:6px;{_GROUND}"
_PRE = f"margin:0;{_MONOSPACED};line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere;word-break:break-word"
_PRE += ";color:inherit"
_BLOCKQUOTE = "margin:0;padding:0;border:0;background:transparent;color:inherit"
_TABLE = '<table role="presentation" width="100%" border="0" cellpadding="0" cellspacing="0"'
_AROUND = f'{_TABLE} style="{_MARGIN};border-collapse:separate;table-layout:fixed">'
_FACTS = f'{_TABLE} class="facts line" style="margin:0 0 16px;border:1px solid #d5dae0;border-radius:8px;'
_FACTS += 'border-collapse:separate;border-spacing:0">'
_FACT = "padding:9px 14px;text-align:left;vertical-align:top"
_WHOLE_WORDS = "overflow-wrap:normal;word-break:normal"
_CELL = "border:1px solid #c9d1da;padding:6px 10px;text-align:left;vertical-align:top"
_STYLES = {
    "p": f' style="{_MARGIN}"',
    "li": ' style="margin:0 0 4px"',
    "table": f' class="line" cellpadding="0" cellspacing="0" style="{_MARGIN};border-collapse:collapse;{_WHOLE_WORDS}"',
    "th": f' class="line" style="{_CELL};font-weight:700"',
    "td": f' class="line" style="{_CELL}"',
    "h3": f' style="{_TITLE}"',
    "blockquote": f' type="quote" style="{_BLOCKQUOTE}"',  # Evolution drops the style of one that has no type
    "pre": f' style="{_PRE}"',
    "code": f' style="{_CODE}"',
    "a": ' class="link" style="color:#0b57d0"',
}


@dataclass(frozen=True, slots=True)
class Highlights:
    """Parts of a text that its page sets apart; "" or () where there is none.

    `solution` stands in a box with a bar of the colour `accent`. In place of a list of just the two `answers` stands
    the mark ANSWERS, before the `closing` words at the end the mark CLOSING. A quotation of just the words `quoted` is
    in `language`, a code.
    """

    accent: str = ""
    solution: str = ""
    answers: tuple[str, ...] = ()
    closing: str = ""
    quoted: str = ""
    language: str = ""


_NO_HIGHLIGHTS = Highlights()


def lay_out(
    text: str,
    pictures: Sequence[ShownPicture] = (),
    formatted: Sequence[FormattedText] = (),
    highlights: Highlights = _NO_HIGHLIGHTS,
) -> Markup:
    """Sets a text as HTML blocks for the layout; each picture is shown where its name stands in brackets."""
    if not text:
        return Markup()
    parts: list[str] = []
    text = _mark_solution(text.replace(_FORMATTED, "").replace(_BOXED, ""), highlights.solution)
    for one in formatted:
        text = _mark_formatted(text, one, parts, pictures)
    marked = _mark_pictures(text, pictures) if pictures else text
    blocks = "\n".join(_blocks("\n".join(marked.splitlines()), 0, parts, highlights))
    return Markup(_MARKED.sub(lambda mark: _picture(pictures[int(mark[1])]), blocks) if pictures else blocks)


def lay_line(text: str) -> Markup:
    """Sets a line of text, such as a heading, without links."""
    return Markup(_plain(text))


def _mark_solution(text: str, solution: str) -> str:
    """Puts a mark at the beginning of each line of the solution, where the text has it as it is."""
    wanted = _lines_of(solution)
    if not wanted:
        return text
    lines = text.splitlines()
    at = _find_lines(lines, wanted, "")
    if at is None:
        return text
    lines[at : at + len(wanted)] = [_BOXED + line for line in lines[at : at + len(wanted)]]
    return "\n".join(lines)


def _lines_of(text: str) -> list[str]:
    return [line.strip() for line in visible(text).strip().splitlines()] if text else []


def _strip_lines(run: str) -> list[str]:
    return [line.strip() for line in run.split("\n")]


def _find_lines(lines: Sequence[str], wanted: Sequence[str], quote: str) -> int | None:
    """Returns where just these lines stand, each behind `quote`."""
    places = (at for at, line in enumerate(lines) if _unquoted(line, quote) == wanted[0])
    for at in islice(places, _PLACES_LIMIT):
        if [_unquoted(line, quote) for line in lines[at : at + len(wanted)]] == wanted:
            return at
    return None


def _mark_formatted(text: str, one: FormattedText, parts: list[str], pictures: Sequence[ShownPicture]) -> str:
    """Puts a mark in place of the lines that have just these words, as they stand or quoted."""
    wanted, lines = _lines_of(one.text), text.splitlines()
    for quote in ("", _BOXED, ">") if wanted and one.html else ():
        at = _find_lines(lines, wanted, quote)
        if at is not None:
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
            return f"{tag[0]}{_AFTER.get(name, '')}"
        if name in ("ul", "ol"):
            lists += 1
            return f'<{name}{attributes} style="margin:0 0 {16 if lists == 1 else 0}px;padding-left:22px">'
        opened = f"<{name}{attributes}{_STYLES[name]}>"
        return f"{_BEFORE.get(name, '')}{opened}"

    return _TAG.sub(dress, visible(clean(source)))


def _mark_pictures(text: str, pictures: Sequence[ShownPicture]) -> str:
    """Puts a mark in place of each name that stands apart: inside a link or a word it stays as it is."""
    numbers = {picture.name: number for number, picture in enumerate(pictures)}
    names = "|".join(re.escape(name) for name in sorted(numbers, key=len, reverse=True))
    name = re.compile(rf"(?<![^\s>{_BOXED}])\[({names})\](?![^\s.,;:!?)])")
    return name.sub(lambda found: f"{_MARK}{numbers[found[1]]}{_MARK}", text.replace(_MARK, ""))


def _picture(picture: ShownPicture) -> str:
    width = Markup(' width="{}"').format(min(picture.width, _WIDEST)) if picture.width else ""
    image = '<img src="{}" alt="[{}]"{} style="max-width:100%;height:auto;border:0">'
    return str(Markup(image).format(picture.source, picture.name, width))


def _blocks(text: str, depth: int, parts: Sequence[str] = (), highlights: Highlights = _NO_HIGHLIGHTS) -> Iterator[str]:
    runs = [(str(run.lastgroup), run[0][1:]) for run in _runs_at(depth).finditer(f"\n{text}")]
    own = depth == 0  # in a quotation nothing is a command or a fact of ours
    shown = _inline_runs([run for kind, run in runs if kind == "text"], own=own)
    closing = _lines_of(highlights.closing)
    for position, (kind, run) in enumerate(runs):
        if kind == "quote":
            words = _QUOTE_MARK.sub("\n", f"\n{run}")[1:]
            inner = "\n".join(_blocks(words, depth + 1, parts))
            known = highlights.language and _strip_lines(words) == _lines_of(highlights.quoted)
            language = Markup(' lang="{}"').format(highlights.language) if known else ""
            yield f"{_box(_QUOTE)}<blockquote{language}{_STYLES['blockquote']}>{inner}</blockquote>{_BOX_END}"
            continue
        lines = run.split("\n")
        if kind == "text":
            following = runs[position + 1][0] if position + 1 < len(runs) else ""
            nearest = [one for one in runs[position + 1 : position + 3] if one[0] != "blank"]
            after, below = nearest[0] if nearest else ("", "")
            if closing and not after and _strip_lines(run)[-len(closing) :] == closing:
                yield CLOSING
            named = after == "quote" and len(lines) == 1 and len(run) <= _LONGEST_NAME  # who wrote it, or its title
            introduces = named or (after in ("item", "typed", "quote") and run.rstrip().endswith(":"))
            yield from _paragraph(
                next(shown),
                titled=following == "dashes",
                quoted=not own,
                introduces=introduces,
                is_label=introduces
                and after == "item"
                and len(lines) == 1
                and len(run) <= _LONGEST_LABEL
                and not (own and _is_answers(below.split("\n"), highlights)),
            )
        elif kind == "dashes":
            if position == 0 or runs[position - 1][0] != "text":
                yield '<hr class="line" style="border:0;border-top:1px solid #c9d1da;margin:0 0 16px">'
        elif kind == "item":
            yield ANSWERS if own and _is_answers(lines, highlights) else _list(run, own=own)
        elif kind == "typed":
            yield f"{_box(_TYPED)}<pre{_STYLES['pre']}>{_typed(_inline(_dedent(lines)), own=own)}</pre>{_BOX_END}"
        elif kind == "boxed":
            inner = "\n".join(_blocks("\n".join([line.removeprefix(_BOXED) for line in lines]), depth, parts))
            yield f"{_box(_QUOTE.replace(QUOTE_BAR, highlights.accent or QUOTE_BAR), 'quote ours')}{inner}{_BOX_END}"
        elif kind == "formatted":
            yield from (parts[int(line.removeprefix(_FORMATTED))] for line in lines)


def _is_answers(items: list[str], highlights: Highlights) -> bool:
    return bool(items) and tuple(line[2:].strip() for line in items) == highlights.answers


def _box(style: str, classes: str = "quote") -> str:
    """Opens a table of one cell; _BOX_END closes it."""
    return f'{_AROUND}<tr><td class="{classes}" bgcolor="{LIGHT_BOX}" style="{style}">'


_BOX_END = "</td></tr></table>"
_BEFORE = {"table": '<div style="overflow-x:auto">', "blockquote": _box(_QUOTE), "pre": _box(_TYPED)}
_AFTER = {"table": "</div>", "blockquote": _BOX_END, "pre": _BOX_END}


@cache
def _runs_at(depth: int) -> re.Pattern[str]:
    """Returns the pattern of lines of one kind, each with the line feed before it; the group tells the kind.

    Deep in quotations, `>` is a letter as any other.
    """
    kinds = {
        "quote": r">",
        "text": "",
        "blank": r"[^\S\n]*(?=\n|\Z)",
        "formatted": _FORMATTED,
        "boxed": _BOXED,
        "item": "- ",
        "typed": r"(?: {4}|\t)",
        "dashes": r"-{3,}[^\S\n]*(?=\n|\Z)",
    }
    if depth >= _DEEPEST:
        del kinds["quote"]
    others = "|".join(begin for kind, begin in kinds.items() if kind != "text")
    kinds["text"] = rf"(?:[^\W_]|(?!{others}))"  # most lines begin with a letter
    kinds["typed"] += r"(?=[^\n]*\S)"
    return re.compile("|".join(rf"(?P<{kind}>(?:\n{begin}[^\n]*+)++)" for kind, begin in kinds.items()))


def _paragraph(
    lines: list[str], *, titled: bool, quoted: bool, introduces: bool = False, is_label: bool = False
) -> Iterator[str]:
    """Sets a paragraph of lines that are HTML already.

    Its last line is a title where a line of dashes follows; two lines can be a label, with what is expected there in
    brackets (a form). One that introduces a list or a box stands close to it, a short one as its label. A title in a
    quotation is no heading of the page.
    """
    title = lines[-1] if titled else ""
    body = lines[:-1] if titled else lines
    if len(body) == 2 and body[0].endswith((":", "?")) and body[1].startswith("(") and body[1].endswith(")"):
        body = [f"<strong>{body[0]}</strong>", f'<span class="small" style="{_HINT}">{body[1]}</span>']
    if body:
        style = _MARGIN if not introduces else _LIST_LABEL if is_label else "margin:0 0 8px"
        yield f'<p style="{style}">{"<br>".join(body)}</p>'
    if title and quoted:
        yield f'<p style="{_MARGIN}"><strong>{title}</strong></p>'
    elif title:
        yield f'<h2 style="{_TITLE}">{title}</h2>'


def _list(run: str, *, own: bool) -> str:
    return _list_of_ours(run) if own and len(run) <= _LONGEST_KEPT else _make_list(run, own=own)


@lru_cache(maxsize=256)
def _list_of_ours(run: str) -> str:
    return _make_list(run, own=True)


def _make_list(run: str, *, own: bool) -> str:
    items = [line[2:] for line in run.split("\n")]
    labels = [found for item in items if (found := _LABEL.fullmatch(item)) and " · " not in item] if own else []
    if labels and len(labels) == len(items) and not any("@" in label[1] for label in labels):
        return f"{_FACTS}{''.join(_facts([label[1] for label in labels], [label[2] for label in labels]))}</table>"
    inner = "".join([f'<li style="margin:0 0 4px">{item}</li>' for item in _inline_lines(items, commands=own)])
    return f'<ul style="margin:0 0 16px;padding-left:22px">{inner}</ul>'


def _facts(labels: list[str], values: list[str]) -> Iterator[str]:
    """Sets the rows of a table of facts; a line parts each from the one above. A label is as wide as its longest
    word."""
    above = ""
    shown = zip([_inline_own(label.rstrip()) for label in labels], _inline_lines(values, commands=True), strict=True)
    for label, value, (shown_label, shown_value) in zip(labels, values, shown, strict=True):
        weight = ";font-weight:600" if len(value) <= _LONGEST_FACT else ""
        whole = max(map(len, _BREAKS.split(label))) <= _LONGEST_WHOLE
        hint = f"{_HINT};{_WHOLE_WORDS}" if whole else _HINT
        yield (
            f'<tr><td class="small line label" width="34%" style="{above}{_FACT};{hint}">{shown_label}</td>'
            f'<td class="line value" style="{above}{_FACT}{weight}">{shown_value}</td></tr>'
        )
        above = "border-top:1px solid #d5dae0;"


def _typed(text: str, *, own: bool) -> str:
    """Sets lines as typed; each of several commands is a line of its own, so that a phone shows where it begins."""
    lines = text.split("\n")
    bold = [_HASH_COMMAND.sub(r"<strong>\g<0></strong>", line, count=1) for line in lines] if own else lines
    if len(lines) < 2 or not all(line.startswith("#") for line in lines):
        return "\n".join(bold)
    return "".join(f'<span style="{_LINE}">{line}\n</span>' for line in bold)


def _dedent(lines: list[str]) -> str:
    return "\n".join(line.expandtabs(4)[4:] for line in lines)


def _inline_runs(runs: list[str], *, own: bool) -> Iterator[list[str]]:
    """Sets the lines of paragraphs; of those outside quotations most stand in many notices."""
    if own:
        return ([_inline_own(line) for line in run.split("\n")] for run in runs)
    lines = iter(_inline("\n".join(runs)).split("\n"))
    return (list(islice(lines, run.count("\n") + 1)) for run in runs)


def _inline_own(line: str) -> str:
    return _inline_line_of_ours(line) if len(line) <= _LONGEST_KEPT else _inline(line, commands=True)


@lru_cache(maxsize=512)
def _inline_line_of_ours(line: str) -> str:
    return _inline(line, commands=True)


def _inline_lines(lines: list[str], *, commands: bool = False) -> list[str]:
    """Sets lines all at once, since a short text takes as long as a line.

    No link and no reference goes over a line's end.
    """
    return _inline("\n".join(lines), commands=commands).split("\n")


def _inline(text: str, *, commands: bool = False) -> str:
    parts, done = [], 0
    for start, target in _find_links(text) if _may_link(text) else ():
        shown = target.removeprefix("mailto:")
        parts.append(_plain(text[done:start], commands=commands))
        parts.append(Markup('<a class="link" href="{}" style="color:#0b57d0">{}</a>').format(target, shown))
        done = start + len(target)
    parts.append(_plain(text[done:], commands=commands))
    return "".join(parts)


def _may_link(text: str) -> bool:
    return ":" in text and ("://" in text or "mailto:" in text.lower())


def _find_links(text: str) -> Iterator[tuple[int, str]]:
    """Yields where a link begins, and its target; only lines with one are searched, since the pattern is slow."""
    at = 0
    for line in text.split("\n"):
        if _may_link(line):
            for found in _LINK.finditer(line):
                yield at + found.start(), found[0].rstrip(_AFTER_LINK)
        at += len(line) + 1


def _plain(text: str, *, commands: bool = False) -> str:
    """Sets text that is no link.

    What a phone must not break at its hyphen, such as a reference, is kept together, and a short number with the
    word behind it, such as a day with its month. No line begins with a dot between two words or with a mark that has a
    space before it, as in French.
    """
    escaped = str(escape(text))  # a plain string, since substituting in Markup would escape the span as well
    escaped = _BEFORE_MARK.sub("\u00a0", escaped.replace(" · ", "\u00a0· "))
    escaped = _BEFORE_UNIT.sub(lambda number: number[0].replace(" ", "\u00a0"), escaped)
    if "`mailgate " in escaped:
        escaped = _COMMAND.sub(rf'<code style="{_CODE}">\g<1></code>', escaped)
    if commands and "#" in escaped:
        escaped = _HASH_COMMAND.sub(_set_command, escaped)
    if not _HYPHEN.search(escaped):
        return escaped
    words = escaped.split(" ")  # only those with a hyphen are searched, since the pattern is slow
    return " ".join([_keep_together(word) if "-" in word and _HYPHEN.search(word) else word for word in words])


def _keep_together(word: str) -> str:
    return _UNBROKEN.sub(r'<span style="white-space:nowrap">\g<0></span>', word)


def _set_command(found: re.Match[str]) -> str:
    whole = ";white-space:nowrap" if len(found[0]) <= _LONGEST_WHOLE else ""
    return f'<code style="{_COMMAND_STYLE}{whole}">{found[0]}</code>'
