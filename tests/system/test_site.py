"""The documents build as a site without a warning, and it loads nothing from the net."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from lxml import html

ROOT = Path(__file__).parent.parent.parent

pytestmark = pytest.mark.skipif(find_spec("mkdocs") is None, reason="mkdocs is not installed: make .venv/ready")


def build(root: Path, folder: Path) -> tuple[int, str]:
    """Builds the site of a source tree; returns the exit status and what was reported."""
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", "packaging/mkdocs.yml", "-d"]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
    built = subprocess.run([*command, folder], cwd=root, env=environment, capture_output=True, text=True, timeout=100)
    return built.returncode, built.stdout + built.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    status, reported = build(ROOT, folder)
    assert status == 0, reported
    assert "WARNING" not in reported
    return folder


def test_a_lost_page_or_anchor_ends_the_build(tmp_path: Path) -> None:
    for name in ("docs", "packaging"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "README.md").write_text("# A\n\n[b](docs/lost.md) [c](docs/process.md#lost)\n", encoding="utf-8")
    for name in ("CHANGELOG.md", "SECURITY.md"):
        shutil.copy(ROOT / name, tmp_path)
    status, reported = build(tmp_path, tmp_path / "site")
    assert status == 1
    assert "'README.md' contains a link 'lost.md', but the target is not found" in reported
    assert "'README.md' contains a link 'process.md#lost', but the doc 'process.md' does not contain" in reported


def test_every_document_is_a_page(site: Path) -> None:
    documents = {path.relative_to(ROOT / "docs").with_suffix("") for path in (ROOT / "docs").rglob("*.md")}
    pages = {page.relative_to(site).with_suffix("") for page in site.rglob("*.html")}
    named_by_folder = {path.with_name("index") if path.name == "README" else path for path in documents}
    assert named_by_folder | {Path("index"), Path("CHANGELOG")} <= pages


def test_a_page_loads_and_links_only_what_is_there(site: Path) -> None:
    """A link may name another host; what a browser loads by itself may not."""
    lost = []
    for page in sorted({*site.rglob("*.html")} - {site / "404.html"}):  # which a server sends, by paths of its own
        tree = html.parse(page)
        assert not tree.xpath("//*[contains(@class, 'mermaid')]"), "the program that draws it comes from the net"
        loaded = [str(one) for one in tree.xpath("//@src | //link/@href")]
        linked = [str(one).partition("#")[0] for one in tree.xpath("//a/@href")]
        local = [*loaded, *(one for one in linked if ":" not in one)]
        lost += [(page.name, one) for one in local if not (page.parent / one).exists()]
    assert not lost
