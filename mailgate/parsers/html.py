"""HTML to text, for mails that have no other body.

Answers for text as its reader saw it: hidden parts left out, the targets of links kept where the text does not
show them, cited blocks marked with `> `. Quotes that a mail client marks by its own classes are made visible to
`quoting` by the line QUOTE_BELOW. Reads at most SIZE_LIMIT letters; what inscriptis or lxml cannot read (too deep,
broken) falls back to the text between the tags. Never fails.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

import lxml.html
from inscriptis import Inscriptis
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig
from lxml import etree

from mailgate.parsers.text import clean_text

SIZE_LIMIT = 1_000_000  # letters
DEPTH_LIMIT = 200  # elements inside one another
QUOTE_BELOW = "\ue002"  # a line of its own: what stands below is the mail that is answered

_CITE_FROM, _CITE_TO = "\ue000", "\ue001"
_MARKS = re.compile("[\ue000-\ue002]")
_TAG = re.compile(r"<[^<>]*>")
_UNSEEN = (("<!--", "-->"), ("<style", "</style"), ("<script", "</script"), ("<head>", "</head"))
_BREAK = re.compile(r"</?(?:br|p|div|tr|li|h[1-6]|blockquote)\b[^<>]*>", re.IGNORECASE)
_HIDDEN = re.compile(
    r"display:none|visibility:hidden|mso-hide:all|font-size:0(?:px|pt|em|%)?(?:;|!|$)|max-height:0(?:px)?(?:;|!|$)"
    r"|opacity:0(?:;|!|$)"
)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_LINES = re.compile(r"\n[ \t]*\n(?:[ \t]*\n)+")
_REPLY_IDS = frozenset({"divrplyfwdmsg", "x_divrplyfwdmsg", "replysplit", "mail-editor-reference-message-container"})
_REPLY_CLASSES = frozenset({"outlookmessageheader", "ydp_yahoo_quoted", "moz-forward-container"})
_CITE_CLASSES = frozenset({"gmail_quote", "gmail_quote_container", "protonmail_quote", "tutanota_quote"})
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"].copy(), display_links=False, display_images=False)


@dataclass(frozen=True, slots=True)
class Converted:
    """`text` is the whole, `marked` the same with QUOTE_BELOW lines for `quoting`; `defect` is "" without one."""

    text: str
    marked: str
    defect: str = ""


def convert_html(source: str) -> Converted:
    """Convert a body of HTML to text."""
    defect = "HTML body longer than 1 MB: the rest is left out" if len(source) > SIZE_LIMIT else ""
    source = _DECLARATION.sub("", _MARKS.sub("", source[:SIZE_LIMIT].replace("\x00", "")))
    if not source.strip():
        return Converted("", "", defect)
    try:
        marked = _tidy(_render(source))
    except Exception:  # inscriptis and lxml promise nothing about what they raise
        marked = _tidy(strip_tags(source))
        defect = defect or "HTML body too deep or too broken to lay out: tags were stripped"
    return Converted(clean_text(without_marks(marked)), marked, defect)


def without_marks(text: str) -> str:
    """A marked text as people read it."""
    if QUOTE_BELOW not in text:
        return text
    return "\n".join(line for line in text.split("\n") if line.strip("> ") != QUOTE_BELOW)


def strip_tags(source: str) -> str:
    """The text between the tags: the last resort."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", _drop_unseen(source))))


def _drop_unseen(source: str) -> str:
    """Without comments, styles and scripts; an opening without its end hides nothing. Linear."""
    for opening, closing in _UNSEEN:
        out: list[str] = []
        lowered = source.lower()
        lowered = lowered if len(lowered) == len(source) else source
        position = 0
        while (start := lowered.find(opening, position)) >= 0 and (end := lowered.find(closing, start)) >= 0:
            out.append(source[position:start])
            position = end + len(closing)
        source = "".join(out) + source[position:]
    return source


def _render(source: str) -> str:
    tree = lxml.html.document_fromstring(source)
    _refuse_depth(tree)
    for element in list(tree.iter(etree.Element)):
        _prepare(element)
    return str(Inscriptis(tree, _CONFIG).get_text())


def _refuse_depth(tree: lxml.html.HtmlElement) -> None:
    depth = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > DEPTH_LIMIT:
            raise RecursionError("HTML nested too deep")


def _prepare(element: lxml.html.HtmlElement) -> None:
    style = re.sub(r"\s", "", element.get("style", "")[:1000]).lower()
    if element.getparent() is not None and (_HIDDEN.search(style) or element.get("hidden") is not None):
        element.drop_tree()
        return
    classes = frozenset(element.get("class", "").lower().split())
    if element.get("id", "").lower() in _REPLY_IDS or classes & _REPLY_CLASSES or _is_outlook_border(element, style):
        _insert_before(element, QUOTE_BELOW)
    elif _is_cited(element, classes):
        element.text = f"{_CITE_FROM}{element.text or ''}"
        element.tail = element.tail or ""
        end = etree.SubElement(element, "div")
        end.text = _CITE_TO
    elif element.tag == "a":
        _show_target(element)


def _is_cited(element: lxml.html.HtmlElement, classes: frozenset[str]) -> bool:
    if element.tag == "blockquote":
        marked = element.get("type", "").lower() == "cite" or element.get("cite") is not None
        return marked or bool(classes & _CITE_CLASSES)
    return False


def _is_outlook_border(element: lxml.html.HtmlElement, style: str) -> bool:
    """Word's rule above the header block of the mail that is answered."""
    if element.tag != "div" or "border-top:solid" not in style:
        return False
    return style.startswith(("border:none;border-top:solid", "border-right:none")) and element.getparent() is not None


def _show_target(element: lxml.html.HtmlElement) -> None:
    target = element.get("href", "").strip()[:2000]
    shown = " ".join(element.itertext()).strip()[:2000]
    if not shown or not target.lower().startswith(("http://", "https://", "mailto:")):
        return
    if _bare(target) not in (_bare(shown), _bare("".join(shown.split()))):
        element.tail = f" <{target}>{element.tail or ''}"


def _bare(target: str) -> str:
    text = target.lower()
    for prefix in ("mailto:", "https://", "http://", "www."):
        text = text.removeprefix(prefix)
    return text.rstrip("/").partition("?")[0] if target.lower().startswith("mailto:") else text.rstrip("/")


def _insert_before(element: lxml.html.HtmlElement, line: str) -> None:
    if element.getparent() is None:
        return
    mark = etree.Element("div")
    mark.text = line
    element.addprevious(mark)


def _tidy(text: str) -> str:
    """Turn the citation marks into `> ` and blank lines in a row into one."""
    depth = 0
    out: list[str] = []
    for line in text.replace("\xa0", " ").split("\n"):
        depth = min(depth + line.count(_CITE_FROM), 50)
        content = line.replace(_CITE_FROM, "").replace(_CITE_TO, "").rstrip()
        marked = content != line.rstrip() and not content.strip()
        if not marked:
            out.append(f"{'>' * depth} {content.lstrip()}".rstrip() if depth else content)
        depth = max(0, depth - line.count(_CITE_TO))
    return _LINES.sub("\n\n", clean_text("\n".join(out)))
