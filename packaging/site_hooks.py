"""Builds a site from pages that are written for the repository: docs/ is its top, the README its first page."""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

_PAGES = {"README.md", "CHANGELOG.md", "SECURITY.md"}  # those outside docs/
_SCRIPT = "packaging/iframe-worker.js"
_LINK = re.compile(r'(?:(?<=\]\()|(?<= src=")|(?<= href="))[^)\s#:"]+')
_FENCE = re.compile(r"^( *```\w+) .*$", re.MULTILINE)  # behind its language a block has words for tests
_DIAGRAM = re.compile(r"^```mermaid\n.*?^```$", re.DOTALL | re.MULTILINE)
_PICTURE = "[![The process](docs/process-en.svg)](docs/process-en.svg)"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages outside docs/, and the files there that pages link to."""
    root = Path(config.docs_dir).parent
    pages = [*_PAGES, *(f"docs/{page.src_uri}" for page in files.documentation_pages())]
    linked = {_resolve(page, link) for page in pages for link in _LINK.findall((root / page).read_text("utf-8"))}
    for name in sorted(linked | _PAGES | {_SCRIPT}):
        if not name.startswith(("docs/", "../")) and (root / name).is_file():
            files.append(File.generated(config, name, abs_src_path=str(root / name)))
    return files


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Points links to where their targets are in the site, and shows the picture of the process for its diagram.

    Browsers would load the program that draws a Mermaid diagram from the net.
    """
    own = page.file.src_uri if page.file.src_uri in _PAGES else f"docs/{page.file.src_uri}"

    def relocate(link: re.Match[str]) -> str:
        target = _resolve(own, link[0]).removeprefix("docs/")
        return posixpath.relpath(target, posixpath.dirname(page.file.src_uri) or ".")

    return _LINK.sub(relocate, _FENCE.sub(r"\1", _DIAGRAM.sub(_PICTURE, markdown)))


def on_page_content(html: str, page: Page, **_: object) -> str:
    """Names the language of a page for requesters, for screen readers and spell checkers."""
    folder, name = posixpath.split(page.file.src_uri)
    language = name.removesuffix(".md")
    return f'<div lang="{language}">{html}</div>' if folder == "requesters" and language != "README" else html


def _resolve(page: str, link: str) -> str:
    """Returns the path in the repository to which a link of a page leads."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), link))
