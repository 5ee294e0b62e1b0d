"""Reads the folder of saved replies when one is wanted: a file is read again only when it has changed.

What is wrong with a file is named as for articles, and that file holds no reply. Never raises; for one thread.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailgate.parsers.articles import InvalidArticle
from mailgate.parsers.saved_replies import FIELDS, SavedReply, read_saved_reply
from mailgate.tickets.knowledge.articles import ArticleFolder


@dataclass(frozen=True, slots=True)
class SavedRepliesStatus:
    """Content of the folder: its replies by language and path, and what is wrong with files, by their names."""

    replies: tuple[SavedReply, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    error: str = ""  # why nothing is known; "" where something is


class SavedReplies:
    """Folder of saved replies, with those below it; without replies if it is None. `queues` are the desk's."""

    def __init__(self, folder: Path | None, queues: Collection[str]) -> None:
        self._folder = ArticleFolder(folder, queues) if folder is not None else None
        self._read: dict[str, tuple[str, SavedReply | InvalidArticle]] = {}  # with the fingerprint of the file

    def status(self) -> SavedRepliesStatus:
        """Reads the folder as it is now."""
        if self._folder is None:
            return SavedRepliesStatus()
        status = self._folder.status()
        self._read = {path: self._refresh(path, mark) for path, mark in status.fingerprints.items()}
        broken = list(status.broken.items())
        broken += ((path, remark) for path, remarks in status.remarks.items() for remark in remarks)
        replies: dict[tuple[str, str, str], tuple[str, SavedReply]] = {}  # with their paths
        for path, (_, reply) in self._read.items():
            if isinstance(reply, InvalidArticle):
                broken.append((path, reply.reason))
                continue
            if reply.unknown:
                broken.append((path, _describe_unknown(reply.unknown)))
            first, _ = replies.setdefault((reply.name, reply.language, reply.queue), (path, reply))
            if first != path:
                same = f'{first} has the reply "{reply.name}" in the same language, and is used'
                broken.append((path, f"{same}; rename or delete one of the two"))
        return SavedRepliesStatus(tuple(reply for _, reply in replies.values()), tuple(broken), status.error)

    def _refresh(self, path: str, fingerprint: str) -> tuple[str, SavedReply | InvalidArticle]:
        """Returns the reply of a file, read anew where its fingerprint has changed."""
        known = self._read.get(path)
        if known is not None and known[0] == fingerprint:
            return known
        assert self._folder is not None
        raw = self._folder.load(path)
        return fingerprint, raw if isinstance(raw, InvalidArticle) else read_saved_reply(raw, path)


def _describe_unknown(unknown: Collection[str]) -> str:
    """Says which braces keep a reply from being sent, and which fields there are."""
    alone = [name for name in unknown if name in ("{", "}")]
    fields = [f"{{{name}}}" for name in unknown if name not in alone]
    parts = [f"unknown field {', '.join(fields)}"] if fields else []
    parts += [f"a {' and a '.join(alone)} by itself, which no field can hold"] if alone else []
    known = ", ".join(f"{{{name}}}" for name in sorted(FIELDS))
    return f"it is never sent: {'; '.join(parts)}; the fields are {known}"


def choose_reply(replies: Sequence[SavedReply], name: str, queue: str, languages: Sequence[str]) -> SavedReply | None:
    """Chooses the reply of a name for a ticket: in the first of these languages that has one, else in any.

    One of the ticket's queue goes before one for all; None where the queue has none of that name.
    """
    fit = [one for one in replies if one.name == name and one.queue in ("", queue)]
    rank = {language: place for place, language in reversed(list(enumerate(languages)))}
    return min(fit, key=lambda one: (rank.get(one.language, len(languages)), not one.queue), default=None)
