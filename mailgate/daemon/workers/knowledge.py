"""Synchronizes the knowledge base with the folder of articles: looks every minute, writes what has changed.

Where nothing has changed nothing is written, since a write wakes every role. An article whose file is gone is no longer
found; it gets its old number when the file comes back. A mistake in a file is logged once, until it changes; no file
stops the worker. Raises only for a lost database.
"""

from __future__ import annotations

import logging
from datetime import datetime

from mailgate.core.log_fields import Fields
from mailgate.daemon.desk import Desk
from mailgate.daemon.periodic import PeriodicJob
from mailgate.store.knowledge import ArticleKind, NewArticle, list_fingerprints, put_article, withdraw_articles
from mailgate.tickets.knowledge.articles import ArticleFile, ArticleFolder, ArticleFolderStatus

log = logging.getLogger("mailgate.knowledge")

_BATCH = 100  # articles in one transaction: other roles need to write, too
_LOGGED = 10  # mistakes that one look logs; `mailgate check` shows all


class KnowledgeWorker:
    """The worker that reads the folder of articles."""

    name = "knowledge"

    def __init__(self, desk: Desk) -> None:
        self._database = desk.database
        self._clock = desk.clock
        folder = desk.settings.knowledge.articles
        self._folder = ArticleFolder(folder, desk.settings.queues) if folder is not None else None
        self._due: datetime | None = desk.clock.now()
        self._written: ArticleFolderStatus | None = None  # the articles in the database, as far as is known here
        self._logged: ArticleFolderStatus | None = None

    def next_due(self) -> datetime | None:
        return self._due

    def step(self) -> int:
        """Looks at the folder if due and returns how many articles were written or withdrawn."""
        now = self._clock.now()
        if self._due is None or now < self._due:
            return 0
        status = self._folder.status() if self._folder is not None else ArticleFolderStatus()
        self._log(status)
        changed = 0 if status.error or status == self._written else self._synchronize(status, now)
        self._written = None if status.error else status
        self._due = now + PeriodicJob.ARTICLES.every if self._folder is not None else None
        return changed

    def _synchronize(self, status: ArticleFolderStatus, now: datetime) -> int:
        """Writes new and changed articles and withdraws those whose files are gone."""
        with self._database.read() as connection:
            known = list_fingerprints(connection)
        changed = [name for name, fingerprint in status.fingerprints.items() if known.get(name) != fingerprint]
        kept = status.fingerprints.keys() | status.broken.keys()
        gone = [name for name in known if name not in kept and not name.startswith(status.unseen)]
        for first in range(0, len(changed), _BATCH):
            self._write(changed[first : first + _BATCH], now)
        if gone:
            with self._database.write() as connection:
                withdraw_articles(connection, gone, now)
        if changed or gone:
            log.info(
                Fields(action="read", result="ok", articles=len(status.fingerprints), new=len(changed), gone=len(gone))
            )
        return len(changed) + len(gone)

    def _write(self, names: list[str], now: datetime) -> None:
        assert self._folder is not None
        files = [(name, self._folder.read(name)) for name in names]
        with self._database.write() as connection:
            for name, file in files:
                if isinstance(file, ArticleFile):  # else it has changed once more: the next look reads it
                    put_article(connection, _new_article(name, file), now)

    def _log(self, status: ArticleFolderStatus) -> None:
        """Logs mistakes that were not logged before."""
        before, self._logged = self._logged or ArticleFolderStatus(), status
        if status.error and status.error != before.error:
            log.error(
                Fields(
                    action="read",
                    result="failed",
                    reason=status.error,
                    message=("the articles read before stay in use"),
                )
            )
        news = [f"{name}: {why}" for name, why in status.broken.items() if before.broken.get(name) != why]
        for name, remarks in status.remarks.items():
            news += [f"{name}: {remark}" for remark in remarks if remark not in before.remarks.get(name, ())]
        for words in news[:_LOGGED]:
            log.warning(Fields(action="read", warning=words))
        if len(news) > _LOGGED:
            log.warning(Fields(action="read", message=f"{len(news) - _LOGGED} more: mailgate check shows them"))


def withdraw_unconfigured(desk: Desk) -> None:
    """Withdraws all articles where the knowledge base is enabled without a folder: one may have been configured."""
    if desk.settings.knowledge.enabled and desk.settings.knowledge.articles is None:
        KnowledgeWorker(desk).step()


def _new_article(name: str, file: ArticleFile) -> NewArticle:
    text = file.text
    return NewArticle(
        kind=ArticleKind.ARTICLE,
        source=name,
        title=text.title,
        body=text.body,
        language=text.language,
        queue=text.queue,
        public=text.public,
        fingerprint=file.fingerprint,
    )
