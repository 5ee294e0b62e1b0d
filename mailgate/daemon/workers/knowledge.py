"""Keeps the knowledge base in step with the folder of articles: looks about every minute, writes what has changed.

Where nothing has changed nothing is written, since a write wakes every role. An article whose file is gone is found no
more, and has its number again when the file comes back. What is wrong with a file is logged once, until that changes;
no file stops the worker. Fails with the database alone, and then tries again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from mailgate.config import Settings
from mailgate.core.clock import Clock
from mailgate.store.database import Database
from mailgate.store.knowledge import ArticleKind, NewArticle, list_fingerprints, put_article, withdraw_articles
from mailgate.tickets.knowledge.articles import ArticleFile, ArticleFolder, ArticleFolderStatus

log = logging.getLogger("mailgate.knowledge")

EVERY = timedelta(minutes=1)
_BATCH = 100  # articles that share a transaction: others want to write too
_LOGGED = 10  # files of which a look tells; `mailgate check` shows all


class KnowledgeWorker:
    """The worker that keeps the articles; one for each desk at a time."""

    name = "knowledge"

    def __init__(self, database: Database, clock: Clock, settings: Settings) -> None:
        self._database = database
        self._clock = clock
        folder = settings.knowledge.articles
        self._folder = ArticleFolder(folder, settings.queues) if folder is not None else None
        self._due: datetime | None = clock.now()
        self._written: ArticleFolderStatus | None = None  # what the database has, as far as we know
        self._told: ArticleFolderStatus | None = None

    def next_due(self) -> datetime | None:
        return self._due

    def step(self) -> int:
        """Look, if it is time; how many articles were written or withdrawn."""
        now = self._clock.now()
        if self._due is None or now < self._due:
            return 0
        look = self._folder.look() if self._folder is not None else ArticleFolderStatus()
        self._tell(look)
        changed = 0 if look.error or look == self._written else self._bring(look, now)
        self._written = None if look.error else look
        self._due = now + EVERY if self._folder is not None else None
        return changed

    def _bring(self, look: ArticleFolderStatus, now: datetime) -> int:
        """Make the database what the folder is."""
        with self._database.read() as connection:
            known = list_fingerprints(connection)
        changed = [name for name, fingerprint in look.fingerprints.items() if known.get(name) != fingerprint]
        kept = look.fingerprints.keys() | look.broken.keys()
        gone = [name for name in known if name not in kept and not name.startswith(look.unseen)]
        for first in range(0, len(changed), _BATCH):
            self._write(changed[first : first + _BATCH], now)
        if gone:
            with self._database.write() as connection:
                withdraw_articles(connection, gone, now)
        if changed or gone:
            log.info(
                "action=read result=ok articles=%d new=%d gone=%d", len(look.fingerprints), len(changed), len(gone)
            )
        return len(changed) + len(gone)

    def _write(self, names: list[str], now: datetime) -> None:
        assert self._folder is not None
        sheets = [(name, self._folder.read(name)) for name in names]
        with self._database.write() as connection:
            for name, sheet in sheets:
                if isinstance(sheet, ArticleFile):  # else it has changed once more: the next look tells
                    put_article(connection, _writing(name, sheet), now)

    def _tell(self, look: ArticleFolderStatus) -> None:
        """Say what is wrong, unless it was said before."""
        before, self._told = self._told or ArticleFolderStatus(), look
        if look.error and look.error != before.error:
            log.error("action=read result=failed reason=%r message='the articles read before stay'", look.error)
        news = [f"{name}: {why}" for name, why in look.broken.items() if before.broken.get(name) != why]
        for name, remarks in look.remarks.items():
            news += [f"{name}: {remark}" for remark in remarks if remark not in before.remarks.get(name, ())]
        for words in news[:_LOGGED]:
            log.warning("action=read warning=%r", words)
        if len(news) > _LOGGED:
            log.warning("action=read message='%d more: mailgate check shows them'", len(news) - _LOGGED)


def _writing(name: str, sheet: ArticleFile) -> NewArticle:
    text = sheet.text
    return NewArticle(
        kind=ArticleKind.ARTICLE,
        source=name,
        title=text.title,
        body=text.body,
        language=text.language,
        queue=text.queue,
        public=text.public,
        fingerprint=sheet.fingerprint,
    )
