"""Lists what a notice needs to be complete in one language: its templates, their messages, the words that they use.

Read from the templates themselves, nothing is rendered. A name that only rendering knows counts as all the files that
it may mean. A template that cannot be read or parsed raises one of `TEMPLATE_ERRORS` of templates.py.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import Environment, nodes
from jinja2.ext import extract_from_ast

from mailgate.notices.rendering.trans_tag import install
from mailgate.notices.rendering.words import WORDS_OF_FILTERS, Words
from mailgate.parsers.translations import Translations

Path = tuple[str, ...]
"""Table and key of a word, or a table alone for all of it."""

_PARSER = Environment()
install(_PARSER)


@dataclass(frozen=True, slots=True)
class TranslatedMessage:
    """Sentence of a template that is translated; `many` is its form for several, `context` tells it from others."""

    one: str
    many: str = ""
    context: str = ""


@dataclass(frozen=True, slots=True)
class TemplateFields:
    """Needs of one template: `files` are included templates, `starts` how names begin that only rendering knows in
    full."""

    files: frozenset[str]
    starts: frozenset[str]
    words: frozenset[Path]
    messages: tuple[TranslatedMessage, ...]


def find_lacks(
    environment: Environment,
    roots: tuple[str, ...],
    language: str,
    files: frozenset[str],
    find_file: Callable[[str], str],
    translations: Translations,
    words: Words,
    english: Words,
    unused: Collection[str] = (),
) -> tuple[str, ...]:
    """Lists in words what `language` lacks of what these templates need; empty where nothing is missing.

    `files` are the names of all templates, and `find_file` returns the one that a name means in this language, "" if
    none; `words` are those of the language alone, without the English below them; `unused` are files that are included
    only in other notices.
    """
    lacks: list[str] = []
    wanted, met = list(roots), {*roots, *unused}
    paths: dict[Path, str] = {}
    while wanted:
        name = wanted.pop()
        needs = read_needs(environment, name)
        paths |= dict.fromkeys(sorted(needs.words), name)
        wanted_messages = needs.messages if not name.endswith(".html") else ()  # a page leaves such a message out
        lacks += [f"{name}: “{one.one}” is not translated" for one in wanted_messages if not _find(one, translations)]
        for other in sorted(needs.files | _meant(needs.starts, files)):
            found = find_file(other)
            if other in met or found in met:
                continue
            met.update((other, found))
            if not found:
                lacks.append(f"{name}: {other} is not there")
            elif not _speaks(other, language) or not _speaks(found, language):
                lacks.append(f"{name}: {other} is in another language")
            else:
                wanted.append(found)
    lacks += [f"{name}: {language}/words.toml has no {gap}" for path, name in paths.items()
              for gap in _gaps(path, words, english)]  # fmt: skip
    return tuple(dict.fromkeys(lacks))


def _find(message: TranslatedMessage, translations: Translations) -> str:
    if message.many:
        return translations.find_number(message.one, message.many, 2, message.context)
    return translations.find(message.one, message.context)


def list_included(
    environment: Environment, name: str, files: frozenset[str], find_file: Callable[[str], str]
) -> frozenset[str]:
    """Lists a template and all that it may include or extend, as `find_file` finds them."""
    wanted, met = [name], {name}
    while wanted:
        needs = read_needs(environment, wanted.pop())
        found = {find_file(other) or other for other in needs.files | _meant(needs.starts, files)} - met
        met |= found
        wanted += found
    return frozenset(met)


def read_needs(environment: Environment, name: str) -> TemplateFields:
    """Reads what one template needs, without the needs of the templates that it includes."""
    loader = environment.loader
    assert loader is not None
    source, _, _ = loader.get_source(environment, name)
    return _needs_of(source, name)


@lru_cache(maxsize=1024)
def _needs_of(source: str, name: str) -> TemplateFields:
    """Reads the needs from the text of a template; kept, since most parts are included by many notices."""
    tree = _PARSER.parse(source, name, name)
    files, starts = set(), set()
    for node in tree.find_all(nodes.Stmt):
        if isinstance(node, (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)):
            whole, start = _named(node.template)
            files.update(whole)
            starts.update(start)
    return TemplateFields(frozenset(files), frozenset(starts), frozenset(_words(tree)), tuple(_messages(tree)))


def _messages(tree: nodes.Template) -> Iterator[TranslatedMessage]:
    for _, function, strings in extract_from_ast(tree, babel_style=False):
        texts = [one for one in (strings if isinstance(strings, tuple) else (strings,)) if one is not None]
        context = texts.pop(0) if function in ("pgettext", "npgettext") else ""
        yield TranslatedMessage(texts[0], texts[1] if function in ("ngettext", "npgettext") else "", context)


def _named(expression: nodes.Expr) -> tuple[list[str], list[str]]:
    """Returns the names that an expression can be, and the beginnings of composed ones."""
    if isinstance(expression, nodes.Const) and isinstance(expression.value, str):
        return [expression.value], []
    if isinstance(expression, nodes.CondExpr):
        parts = [expression.expr1, *([expression.expr2] if expression.expr2 is not None else [])]
    elif isinstance(expression, (nodes.List, nodes.Tuple)):
        parts = expression.items
    else:
        first = next(expression.find_all(nodes.Const), None)
        return [], [str(first.value)] if first is not None else []
    pairs = [_named(part) for part in parts]
    return [one for whole, _ in pairs for one in whole], [one for _, start in pairs for one in start]


def _meant(starts: frozenset[str], files: frozenset[str]) -> set[str]:
    """Returns the files that such a name can mean: those that are there for all languages."""
    known = {name for name in files if "/" not in name}
    found = set()
    for one in starts:
        folder, slash, start = one.rpartition("/")
        found |= {f"{folder}{slash}{name}" for name in known if start and name.startswith(start)}
    return found


def _speaks(name: str, language: str) -> bool:
    """Tells whether a template is of that language, or of none, as the layout is."""
    folder, slash, _ = name.partition("/")
    return not slash or folder == language or folder == language.partition("-")[0]


def _words(tree: nodes.Template) -> Iterator[Path]:
    inner: set[int] = set()  # what stands in a longer path is none of its own; the longer one comes first
    for node in tree.find_all(nodes.Expr):
        if isinstance(node, (nodes.Getattr, nodes.Getitem)):
            if id(node) not in inner and (path := _path(node)):
                yield path
            inner.add(id(node.node))
    for one in tree.find_all(nodes.Filter):
        arguments = [argument.value if isinstance(argument, nodes.Const) else None for argument in one.args]
        name = one.name
        if name == "map" and arguments and isinstance(arguments[0], str):
            name, arguments = arguments[0], arguments[1:]
        if name == "word":
            if arguments and isinstance(arguments[0], str):
                yield (arguments[0],)
        else:
            yield from ((key,) for key in WORDS_OF_FILTERS.get(name, ()))


def _path(node: nodes.Node) -> Path:
    """Returns `words.options.yes` as ("options", "yes"), as far as its parts are known; () for anything else."""
    parts: list[str] = []
    while isinstance(node, (nodes.Getattr, nodes.Getitem)):
        if isinstance(node, nodes.Getattr):
            parts.insert(0, node.attr)
        elif isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str):
            parts.insert(0, node.arg.value)
        else:
            parts.clear()  # what a rendering chooses: all of the table
        node = node.node
    return tuple(parts) if isinstance(node, nodes.Name) and node.name == "words" else ()


def _gaps(path: Path, words: Words, english: Words) -> Iterator[str]:
    """Names what is missing below a path, as a person would: `when`, `[states] closed`."""
    own: Any = words
    model: Any = english
    for key in path:
        if not isinstance(model, Mapping) or key not in model:
            return  # no word of the program: the template itself is wrong there, and rendering tells
        model = model[key]
        own = own.get(key) if isinstance(own, Mapping) else None
    name = path[0] if len(path) == 1 else f"[{path[0]}] {'.'.join(path[1:])}"
    if not isinstance(model, Mapping):
        if own is None:
            yield name
        return
    missing = [key for key in model if not isinstance(own, Mapping) or key not in own]
    if len(missing) == len(model):
        yield f"[{name}]"
    elif missing:
        yield f"[{name}] {', '.join(missing)}"
