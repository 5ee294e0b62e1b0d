"""The documentation keeps step with the code: what it names exists, what cites it resolves, modules have terms."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from functools import cache, partial
from pathlib import Path

import pytest

from mailgate.store.schema import metadata
from tests.support.prose import read_python

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "mailgate"
RULES = ROOT / "docs" / "rules.md"
PROCESS = ROOT / "docs" / "process.md"
GLOSSARY = ROOT / "docs" / "glossary.md"
ARCHITECTURE = ROOT / "docs" / "architecture.md"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

_RULES = re.compile(r"\brules?\s+(\d+(?:(?:,\s|\s?[-–]|,?\s(?:and|or|to)\s)\s?\d+)*)", re.IGNORECASE)
_RULE_LINK = re.compile(r"\brules\.md#([\w-]+)")
_PROMISES = re.compile(
    r"\bpromises?\s+(\d+)(?:\sand\s(\d+))?(?!\s(?:business|second|minute|hour|day|week))", re.IGNORECASE
)
_STEPS = re.compile(r"\bS(\d{1,2})\b")
_MARGIN = re.compile(r"\n[ \t]*(?:#:?[ \t]?)?")  # a reference may be broken over two lines of a comment
_PATH = re.compile(r"(?<![\w./:-])(?:mailgate|docs|tests|bench|systemd)/[\w./*@-]*[\w/*]")
_MODULE = re.compile(r"`((?:\w+/)+\w+\.py)`")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PLACEHOLDER = re.compile(r"(?<![A-Za-z])(?:[A-Z]{2}|NAME)(?![A-Za-z])")
_MADE = frozenset({"bench/.work", "bench/results"})  # made by a run, and not kept
_FENCE = re.compile(r"^ *```.*?^ *```[^\n]*$", re.DOTALL | re.MULTILINE)


# -- references to rules, promises and steps ---------------------------------------------------------------------------


def find_references(text: str) -> set[str]:
    """The anchors that a text cites, as `13`, `promise-2` or `S7`."""
    line = _MARGIN.sub(" ", text)
    found = {number for cited in _RULES.findall(line) for number in _numbers(cited)}
    found |= set(_RULE_LINK.findall(line))
    found |= {f"promise-{number}" for pair in _PROMISES.findall(line) for number in pair if number}
    return found | {f"S{number}" for number in _STEPS.findall(line)}


def _numbers(cited: str) -> Iterator[str]:
    """The numbers of `8, 9`, `8 and 9` or `7-9`."""
    for part in re.split(r",?\s(?:and|or)\s|,\s", cited):
        first, *rest = re.findall(r"\d+", part)
        yield from map(str, range(int(first), int(rest[-1] if rest else first) + 1))


def find_anchors(page: Path) -> set[str]:
    """The anchors of a page: those set by hand, and those that GitHub makes of headings."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return set(re.findall(r'<a id="([\w-]+)">', text)) | {_slug(heading) for heading in headings}


def _slug(heading: str) -> str:
    words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
    return re.sub(r"[^\w\- ]", "", words).strip().replace(" ", "-")


def _known_references() -> set[str]:
    steps = re.findall(r"^\| (S\d+) \|", PROCESS.read_text(encoding="utf-8"), re.MULTILINE)
    return find_anchors(RULES) | set(steps)


def _citing_files() -> Iterator[Path]:
    yield from sorted(PACKAGE.rglob("*.py"))
    yield from sorted((PACKAGE / "templates").rglob("*.*"))
    yield from PAGES
    yield from sorted(path for path in (ROOT / "tests").rglob("*.py") if path != Path(__file__))
    yield ROOT / "config.example.toml"


def test_every_rule_promise_and_step_that_is_cited_has_its_anchor() -> None:
    known = _known_references()
    lost = [
        f"{path.relative_to(ROOT)}: {reference}"
        for path in _citing_files()
        for reference in sorted(find_references(path.read_text(encoding="utf-8")) - known)
    ]
    assert not lost


def test_all_rules_promises_and_steps_are_there() -> None:
    wanted = {*map(str, range(1, 37)), *(f"promise-{n}" for n in range(1, 6)), *(f"S{n}" for n in range(1, 13))}
    assert wanted <= _known_references()


def test_the_anchor_of_a_rule_stands_above_its_heading() -> None:
    text = RULES.read_text(encoding="utf-8")
    assert re.findall(r'<a id="(\d+)"></a>\n### (\d+)\. ', text) == [(str(n), str(n)) for n in range(1, 37)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(rule 13)", {"13"}),
        ("# see rule\n    # 13", {"13"}),
        ("Rules 4 and 13: nothing left", {"4", "13"}),
        ("(RFC 5322, 2047; rules 1, 4, 20)", {"1", "4", "20"}),
        ("as what somebody speaks (rules 7-9)", {"7", "8", "9"}),
        ("docs/rules.md#13", {"13"}),
        ("promise 2, steps S9 to S11", {"promise-2", "S9", "S11"}),
        ("a promise 4 business hours long; rule of thumb; S3_level1", set()),
    ],
)
def test_references_are_found(text: str, expected: set[str]) -> None:
    assert find_references(text) == expected


# -- paths and links ---------------------------------------------------------------------------------------------------


def find_lost_paths(text: str, root: Path) -> set[str]:
    """The paths that a page names and that do not exist; `XX` and `NAME` stand for anything."""
    named = {path.rstrip("/") for path in _PATH.findall(text)} - _MADE
    lost = {path for path in named if not _exists(root, path)}
    return lost | {
        path for path in _MODULE.findall(text) if not _exists(root, path) and not _exists(root / "mailgate", path)
    }


def _exists(root: Path, path: str) -> bool:
    pattern = _PLACEHOLDER.sub("*", path)
    return any(root.glob(pattern)) if "*" in pattern else (root / path).exists()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    assert not find_lost_paths(page.read_text(encoding="utf-8"), ROOT)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_within_the_documentation_leads_somewhere(page: Path) -> None:
    lost = []
    for link in _LINK.findall(_FENCE.sub("", page.read_text(encoding="utf-8"))):
        if "://" in link or link.startswith("mailto:"):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in find_anchors(target)):
            lost.append(link)
    assert not lost


def test_a_lost_path_is_found(tmp_path: Path) -> None:
    (tmp_path / "mailgate" / "core").mkdir(parents=True)
    (tmp_path / "mailgate" / "core" / "mail.py").touch()
    text = "`mailgate/core/mail.py`, `core/mail.py`, `mailgate/core/XX.py`, /opt/mailgate/x, mailgate/gone.py, `a/b.py`"
    assert find_lost_paths(text, tmp_path) == {"mailgate/gone.py", "a/b.py"}


# -- architecture.md ---------------------------------------------------------------------------------------------------

_NAME = re.compile(r"`([a-z]\w*(?:/[a-z]\w*)+)((?:\.\w+)*)`")
_SUFFIXES = frozenset({"py", "toml", "md"})


def find_lost_names(text: str, package: Path) -> set[str]:
    """The functions, classes and modules that a page names as `package/module.function` and that are not there."""
    return {
        place + names
        for place, names in _NAME.findall(text)
        if (package / place.partition("/")[0]).is_dir() and not _has_names(package, place, names)
    }


def _has_names(package: Path, place: str, names: str) -> bool:
    wanted = names.split(".")[1:]
    if wanted and wanted[-1] in _SUFFIXES:
        return (package / (place + names)).exists()
    sources = [path.read_text(encoding="utf-8") for path in _sources(package, place) if path.suffix == ".py"]
    defined = [re.compile(rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b", re.MULTILINE) for name in wanted]
    return bool(sources) and all(any(map(one.search, sources)) for one in defined)


def test_every_name_in_the_architecture_is_there() -> None:
    assert not find_lost_names(ARCHITECTURE.read_text(encoding="utf-8"), PACKAGE)


def test_every_table_is_in_the_architecture() -> None:
    assert metadata.tables.keys() <= set(re.findall(r"`(\w+)`", ARCHITECTURE.read_text(encoding="utf-8")))


def test_a_lost_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "core").mkdir()
    (tmp_path / "core" / "mail.py").write_text("class Mail:\n    def read(self): ...\n", encoding="utf-8")
    text = (
        "`core/mail`, `core/mail.Mail.read`, `core/mail.py`, `docs/x.y`, `core/mail.wrote`, `core/gone.read`, `a/b.c`"
    )
    assert find_lost_names(text, tmp_path) == {"core/mail.wrote", "core/gone.read"}


# -- docstrings and comments -------------------------------------------------------------------------------------------

_CITED = re.compile(r"`([A-Za-z_]\w*(?:[./][A-Za-z_]\w*)*)(?:\(\))?`")
_EXAMPLES = frozenset(
    {"Dernière_modification", "Résolu", "ctime", "dosnt", "resolu"}
)  # the words of a mail, a field of mbox


def find_gone_names(package: Path) -> set[str]:
    """The names in backticks in docstrings and comments that nothing in the package has any more."""
    prose, words = _read_package(package)
    tails = {path.relative_to(package).as_posix() for path in package.rglob("*") if "__pycache__" not in path.parts}
    known = cache(partial(_is_known, tails=tails, words=words))
    return {
        f"{path.relative_to(package)}: {name}"
        for path, text in prose
        for name in set(_CITED.findall(text)) - _EXAMPLES
        if not known(name)
    }


def _read_package(package: Path) -> tuple[list[tuple[Path, str]], set[str]]:
    """The docstrings and comments of a package with their files, and all words of its code and its data."""
    prose: list[tuple[Path, str]] = []
    words = set(re.findall(r"\w+", (ROOT / "config.example.toml").read_text(encoding="utf-8")))
    for path in package.rglob("*.*"):
        if path.suffix in (".toml", ".txt", ".html", ".xml", ".json"):
            words.update(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        if path.suffix == ".py":
            source = path.read_text(encoding="utf-8")
            texts = list(read_python(source))
            prose += [(path, one.text) for one in texts]
            docstrings = {one.line for one in texts if one.docstring}
            for token in tokenize.generate_tokens(io.StringIO(source).readline):
                if token.type != tokenize.COMMENT and token.start[0] not in docstrings:
                    words.update(re.findall(r"\w+", token.string))
    return prose, words


def _is_known(name: str, tails: set[str], words: set[str]) -> bool:
    """Tells whether a file, a module, or a name within the package is called that."""
    if "/" in name or name.endswith((".py", ".toml", ".txt", ".md", ".html")):
        folder, _, last = name.rpartition("/")
        module, _, rest = last.partition(".")
        files = [last, f"{last}.py", f"{module}.py"] if folder else [last, f"XX/{last}"]
        found = {re.sub(r"\b(?:LL|XX|NAME)\b", r"[\\w-]+", f"{folder}/{one}".lstrip("/")) for one in files}
        known = any(re.search(rf"(?:^|/){one}$", "\n".join(tails), re.MULTILINE) for one in found)
        return known and (last in files[:1] or set(rest.split(".")) <= words)
    parts = name.split(".")
    inside = next((n for n in range(len(parts), 1, -1) if _is_place(parts[:n], tails)), 0)
    if inside and "/".join(parts[:inside]) in tails:  # a package: what follows is no module of it
        return inside == len(parts)
    return set(parts[inside:]) <= words


def _is_place(parts: Sequence[str], tails: set[str]) -> bool:
    return "/".join(parts) in tails or f"{'/'.join(parts)}.py" in tails


def test_every_name_in_a_docstring_or_a_comment_is_there() -> None:
    assert not find_gone_names(PACKAGE)


def test_a_gone_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "core" / "sla").mkdir(parents=True)
    names = ("read", "core.mail.read", "core/mail.read", "mail.py", "core.sla.fold", "core/post", "post.py", "reads_on")
    cited = ", ".join(f"`{name}`" for name in names)
    (tmp_path / "core" / "mail.py").write_text(f'"""Cites {cited}."""\n\nfold = read = 1\n', encoding="utf-8")
    assert find_gone_names(tmp_path) == {f"core/mail.py: {name}" for name in names[4:]}


# -- the glossary ------------------------------------------------------------------------------------------------------


_ROW = re.compile(r"^\| ([^|]+) \| [^|]+ \| ([^|]*)\| [^|]*\|$", re.MULTILINE)
_PLACES = re.compile(r"`(\w+\(\)|[A-Z]\w+)`|`([a-z][a-z0-9_]*(?:/[a-z0-9_]+)*)`")


def read_glossary(page: Path) -> list[tuple[str, str]]:
    """The terms with their places, in the order of the page."""
    return [(term, where) for term, where in _ROW.findall(page.read_text(encoding="utf-8")) if term != "term"]


def find_modules(package: Path) -> set[str]:
    """The names of the modules and packages of a tree, migrations' versions excepted."""
    modules = {path.stem for path in package.rglob("*.py") if "versions" not in path.parts and path.stem[:2] != "__"}
    return modules | {path.parent.name for path in package.rglob("__init__.py") if path.parent != package}


def find_missing_terms(package: Path, page: Path) -> set[str]:
    """The modules that have no term of their name; `business time` is the term of `business_time`."""
    terms = {re.sub(r"[ -]", "_", term.lower()) for term, _ in read_glossary(page)}
    return {name for name in find_modules(package) - {"versions"} if name.rstrip("_") not in terms}


def find_lost_places(package: Path, page: Path) -> set[str]:
    """The modules, packages, classes and functions of the column "where" that are not there."""
    lost: set[str] = set()
    for _, where in read_glossary(page):
        place = ""
        for name, named_place in _PLACES.findall(where):
            place = named_place or place
            if named_place and not _is_there(package, place):
                lost.add(place)
            elif name and not any(_holds(path, name.removesuffix("()")) for path in _sources(package, place)):
                lost.add(f"{place}: {name}")
    return lost


def _is_there(package: Path, place: str) -> bool:
    return (package / place).is_dir() or (package / f"{place}.py").exists()


def _sources(package: Path, place: str) -> list[Path]:
    module = package / f"{place}.py"
    return [module] if module.exists() else sorted(path for path in (package / place).glob("*") if path.is_file())


def _holds(path: Path, name: str) -> bool:
    return re.search(rf"\b{name}\b", path.read_text(encoding="utf-8")) is not None


def test_each_module_of_the_tree_is_a_term_of_the_glossary() -> None:
    assert not find_missing_terms(PACKAGE, GLOSSARY)


def test_each_place_that_the_glossary_names_is_there() -> None:
    assert not find_lost_places(PACKAGE, GLOSSARY)


def test_the_glossary_is_sorted_and_names_each_term_once() -> None:
    terms = [term.lower() for term, _ in read_glossary(GLOSSARY)]
    assert terms == sorted(set(terms))


def test_what_the_glossary_lacks_is_found(tmp_path: Path) -> None:
    package, page = tmp_path / "mailgate", tmp_path / "glossary.md"
    (package / "core" / "sla").mkdir(parents=True)
    for name in ("mail", "business_time", "import_", "voices", "__init__", "sla/__init__"):
        (package / "core" / f"{name}.py").write_text("class Mail: ..." if name == "mail" else "")
    rows = (
        "| term | meaning | where | source |",
        "|---|---|---|---|",
        "| business time | Time. | `core/business_time` | |",
        "| core | Values. | `core` | |",
        "| import | Taking in. | `core/gone` `Gone` | RFC 4155 |",
        "| mail | A mail. | `core/mail` `Mail` `read_mail()` | |",
        "| mailbox | An address. | | |",
    )
    page.write_text("\n".join(rows), encoding="utf-8")
    assert find_missing_terms(package, page) == {"voices", "sla"}
    assert find_lost_places(package, page) == {"core/gone", "core/gone: Gone", "core/mail: read_mail()"}
