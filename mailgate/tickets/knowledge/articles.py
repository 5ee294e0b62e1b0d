"""Reads the folder of articles: the files there are, the changes, and what is wrong with a file.

A file is looked into only when its size or times have changed, and never trusted: it may be huge, no text, no file at
all, or gone while it is read. Such a one is named with the reason, and whatever was read of it before stays as it is,
as do the articles of a folder that cannot be opened. Never raises.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from mailgate.parsers.articles import ArticleText, InvalidArticle, read_article

MOST_BYTES = 512 * 1024  # of a file: a long manual; what is larger is a log, or pictures
MOST_FILES = 10_000  # a mistaken path, such as "/", must not fill the desk with whatever lies there
_ENDINGS = (".md", ".markdown")
_READING = "1"  # to be raised when articles or words are read otherwise: every article is then written anew

_Signature = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ArticleFolderStatus:
    """Content of the folder, by the names of the files."""

    fingerprints: dict[str, str] = field(default_factory=dict)  # of each article
    broken: dict[str, str] = field(default_factory=dict)  # what is wrong with a file that is no article
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # what is odd about an article
    unseen: tuple[str, ...] = ()  # folders that could not be opened, with their slash
    public: int = 0  # articles that requesters may read
    error: str = ""  # why nothing is known; "" where something is


@dataclass(frozen=True, slots=True)
class ArticleFile:
    """Article as read from its file, and the fingerprint of the file."""

    fingerprint: str
    text: ArticleText


@dataclass(frozen=True, slots=True)
class _Known:
    """Result of the last reading of a file."""

    signature: _Signature
    fingerprint: str
    broken: str
    remarks: tuple[str, ...]
    public: bool


class ArticleFolder:
    """Folder of articles and those below it. `queues` are the names that an article may have."""

    def __init__(self, folder: Path, queues: Collection[str]) -> None:
        self.path = folder
        self._queues = frozenset(queues)
        self._known: dict[str, _Known] = {}

    def status(self) -> ArticleFolderStatus:
        """Reads the state of the folder now."""
        look, unseen = ArticleFolderStatus(), list[str]()
        try:
            os.scandir(self.path).close()
        except OSError as error:
            return ArticleFolderStatus(error=f"the folder {self.path} cannot be read: {_words(error)}")
        known: dict[str, _Known] = {}
        for name in self._names(look, unseen):
            found = self._refresh(name)
            if found is None:
                continue
            known[name] = found
            if found.broken:
                look.broken[name] = found.broken
                continue
            look.fingerprints[name] = found.fingerprint
            if found.remarks:
                look.remarks[name] = found.remarks
        self._known = known
        public = sum(one.public for one in known.values() if not one.broken)
        return ArticleFolderStatus(look.fingerprints, look.broken, look.remarks, tuple(unseen), public)

    def load(self, name: str) -> bytes | InvalidArticle:
        """Reads the bytes of a file anew."""
        try:
            return _load(self.path / name)
        except OSError as error:
            return InvalidArticle(_words(error))

    def read(self, name: str) -> ArticleFile | InvalidArticle:
        """Reads an article anew."""
        raw = self.load(name)
        if isinstance(raw, InvalidArticle):
            return raw
        text = read_article(raw, name)
        if isinstance(text, InvalidArticle):
            return text
        return ArticleFile(sha256(_READING.encode() + raw).hexdigest()[:32], text)

    def _names(self, look: ArticleFolderStatus, unseen: list[str]) -> Iterator[str]:
        """Yields the files that may be articles, in alphabetical order; links to folders are not followed."""

        def note(error: OSError) -> None:
            name = os.path.relpath(error.filename, self.path)
            if not isinstance(error, FileNotFoundError):  # else it went while we looked
                look.broken[_shown(name)] = f"the folder cannot be read: {_words(error)}"
                unseen.append(f"{name}/")

        count = 0
        for place, folders, files in os.walk(self.path, onerror=note):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in sorted(files):
                if name.startswith(".") or not name.lower().endswith(_ENDINGS):
                    continue
                count += 1
                if count > MOST_FILES:
                    look.broken["(more)"] = f"there are more than {MOST_FILES} files: the others are ignored"
                    unseen.append("")
                    return
                path = os.path.relpath(os.path.join(place, name), self.path)
                if _shown(path) != path:
                    look.broken[_shown(path)] = "its name is not UTF-8 text"
                else:
                    yield path

    def _refresh(self, name: str) -> _Known | None:
        """Reads a file again where it has changed; None for one that is gone."""
        path = self.path / name
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return _Known((0, 0, 0, 0), "", "it is a broken link", (), False) if os.path.islink(path) else None
        except OSError as error:
            return _Known((0, 0, 0, 0), "", _words(error), (), False)
        signature = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        before = self._known.get(name)
        if before is not None and before.signature == signature:
            return before
        sheet = self.read(name)
        if isinstance(sheet, InvalidArticle):
            return _Known(signature, "", sheet.reason, (), False)
        return _Known(signature, sheet.fingerprint, "", self._remarks(sheet.text), sheet.text.public)

    def _remarks(self, text: ArticleText) -> tuple[str, ...]:
        if not text.queue or text.queue in self._queues:
            return text.remarks
        known = ", ".join(sorted(self._queues))
        wrong = f'queue: there is no queue "{text.queue[:40]}", so nobody finds it; the queues are {known}'
        return (*text.remarks, wrong)


def _load(path: Path) -> bytes | InvalidArticle:
    # Without waiting: opening a pipe would wait for a process that writes into it.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return InvalidArticle("it is not a file")
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        return InvalidArticle(f"it is larger than an article may be ({MOST_BYTES // 1024} KiB)")
    return raw


def _words(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _shown(name: str) -> str:
    """Spells a file name that may have any bytes."""
    return name if _is_text(name) else os.fsencode(name).decode("utf-8", "backslashreplace")


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name and "\n" not in name
