"""Articles of the knowledge base: those of the operator's folder, and solutions that requesters have confirmed.

`article_search` finds them by words. Nothing here decides what is learned or shown; `mailgate.tickets.knowledge` does.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, insert, select, update

from mailgate.parsers.search_terms import words_of
from mailgate.store.schema import articles, ticket_articles
from mailgate.store.upsert import for_engine, overwrite
from mailgate.store.write_behind import ReadCache


class ArticleKind(StrEnum):
    """Origin of an article. One whose file is gone keeps its number for when it comes back."""

    ARTICLE = "article"
    SOLUTION = "solution"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Article:
    """An article whole. `body` is for agents; `answer` what may go to a requester: of a solution it leaves out the
    request that it solved, which stands before it as a quotation."""

    number: int
    kind: str
    source: str
    title: str
    body: str
    language: str
    queue: str
    public: bool
    confirmed: int
    refuted: int
    at: datetime

    @property
    def answer(self) -> str:
        return answer_of(self.kind, self.body)


class NamedArticle(NamedTuple):
    """An article of the folder, by what it may be called."""

    number: int
    source: str
    title: str
    language: str


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article to be stored."""

    kind: ArticleKind
    source: str
    title: str
    body: str
    language: str = ""
    queue: str = ""
    public: bool = False
    fingerprint: str = ""


def answer_of(kind: str, body: str) -> str:
    """Returns the part of a body that may go to a requester, without the request that a solution quotes."""
    if kind != ArticleKind.SOLUTION:
        return body.strip()
    lines = body.splitlines()
    first = next((at for at, line in enumerate(lines) if not line.startswith(">")), len(lines))
    return "\n".join(lines[first:]).strip()


def has_articles(connection: Connection) -> bool:
    """Tells whether there is any article; costs next to nothing."""
    return _HAS_ARTICLES.read(connection, "", lambda: connection.execute(_ANY).first() is not None)


def visible_queues(queue: str | Collection[str]) -> tuple[str, ...]:
    """Returns the queues whose articles a reader may see, "" for those of no queue; () where they may see all.

    `queue` is one name, or several, or "" for all queues.
    """
    if not queue and isinstance(queue, str):
        return ()
    return tuple(sorted(({queue} if isinstance(queue, str) else set(queue)) | {""}))


def get_article(connection: Connection, number: int, queue: str | Collection[str] = "") -> Article | None:
    """Returns an article by its number, for a reader of `queue` (see `visible_queues`); None where there is none."""
    if not 0 < number < 2**62:
        return None
    row = connection.execute(_GET, {"number": number}).first()
    visible = visible_queues(queue)
    if row is None or row.kind == ArticleKind.GONE or (visible and row.queue not in visible):
        return None
    return Article(
        number=row.id,
        kind=row.kind,
        source=row.source,
        title=row.title,
        body=row.body,
        language=row.language,
        queue=row.queue,
        public=row.public,
        confirmed=row.confirmed,
        refuted=row.refuted,
        at=row.changed_at,
    )


def put_article(connection: Connection, writing: NewArticle, now: datetime) -> int:
    """Writes an article, over the one of the same source where there is one; its number stays the same."""
    values = _values(writing, now)
    number = connection.execute(_NUMBER_OF, {"wanted": writing.source}).scalar()
    if number is None:
        return int(connection.execute(_ADD, values).scalar_one())
    connection.execute(update(articles).where(articles.c.id == number).values(values))
    return int(number)


def withdraw_articles(connection: Connection, sources: Iterable[str], now: datetime) -> None:
    """Withdraws the articles of these sources from the search; their numbers are kept for them."""
    gone = {"kind": ArticleKind.GONE.value, "folded": "", "fingerprint": "", "changed_at": now}
    for source in sources:
        connection.execute(update(articles).where(articles.c.source == source).values(gone))


def list_fingerprints(connection: Connection) -> dict[str, str]:
    """The articles of the folder that can be found: file name → fingerprint."""
    return {row.source: row.fingerprint for row in connection.execute(_FINGERPRINTS)}


def list_named(connection: Connection, queue: str | Collection[str] = "") -> list[NamedArticle]:
    """The articles of the folder for a reader of `queue` (see `visible_queues`), in the order of their files."""
    visible = visible_queues(queue)
    rows = connection.execute(_NAMED)
    return [NamedArticle(*row[:4]) for row in rows if not visible or row.queue in visible]


# -- what requesters said of them --------------------------------------------------------------------------------------


def add_solution(connection: Connection, writing: NewArticle, now: datetime) -> int:
    """Stores a solution that a requester has confirmed, and returns the number of its article.

    The same solution of another ticket (by its fingerprint) is one that was confirmed once more. A ticket that was
    reopened and solved otherwise has a new solution under the number of its old one.
    """
    own = connection.execute(_BY_SOURCE, {"wanted": writing.source}).first()
    same = {"wanted": writing.fingerprint, "queue": writing.queue, "language": writing.language}
    known = own if own is not None else connection.execute(_SAME_SOLUTION, same).first()
    if known is not None and known.fingerprint == writing.fingerprint:
        note_confirmed(connection, (known.id,))
        return int(known.id)
    number = put_article(connection, writing, now)
    connection.execute(update(articles).where(articles.c.id == number).values(confirmed=1, refuted=0))
    return number


def note_confirmed(connection: Connection, numbers: Iterable[int]) -> None:
    """Counts one more confirmation by a requester for these articles."""
    _count(connection, numbers, "confirmed")


def note_refuted(connection: Connection, numbers: Iterable[int]) -> None:
    """Counts one more refutation by a requester for these articles."""
    _count(connection, numbers, "refuted")


def _count(connection: Connection, numbers: Iterable[int], name: str) -> None:
    for number in sorted(set(numbers)):  # in one order: two transactions never wait for each other
        column = articles.c[name]
        connection.execute(update(articles).where(articles.c.id == number).values({name: column + 1}))


def note_given(connection: Connection, ticket_id: int, article_id: int, at: datetime, by: str) -> None:
    """Records that an article was given to a ticket's requester; given again, it gets the new time and author."""
    values = {"ticket_id": ticket_id, "article_id": article_id, "at": at, "by": by}
    connection.execute(for_engine(_GIVE, connection), values)


def list_given(connection: Connection, ticket_id: int, since: datetime | None = None) -> tuple[int, ...]:
    """The numbers of the articles that a ticket's requester was given, the first given first."""
    rows = connection.execute(_GIVEN, {"ticket": ticket_id})
    return tuple(row.article_id for row in rows if since is None or row.at >= since)


def _values(writing: NewArticle, now: datetime) -> dict[str, object]:
    title, body = writing.title.replace("\0", ""), writing.body.replace("\0", "")  # PostgreSQL stores none
    folded = words_of(f"{title}\n{body}", writing.language)
    return {
        "kind": writing.kind.value,
        "source": writing.source,
        "title": title,
        "body": body,
        "folded": " ".join(folded),
        "language": writing.language,
        "queue": writing.queue,
        "public": writing.public,
        "fingerprint": writing.fingerprint,
        "changed_at": now,
    }


# Statements are built once: building one costs more than running it.
_ANY = select(articles.c.id).limit(1)
_HAS_ARTICLES = ReadCache[str, bool](articles)
_GET = select(articles).where(articles.c.id == bindparam("number"))
_NUMBER_OF = select(articles.c.id).where(articles.c.source == bindparam("wanted"))
_BY_SOURCE = select(articles.c.id, articles.c.fingerprint).where(articles.c.source == bindparam("wanted"))
_SAME_SOLUTION = (
    select(articles.c.id, articles.c.fingerprint)
    .where(
        articles.c.fingerprint == bindparam("wanted"),
        articles.c.kind == ArticleKind.SOLUTION.value,
        articles.c.queue == bindparam("queue"),
        articles.c.language == bindparam("language"),
    )
    .order_by(articles.c.id)
    .limit(1)
)
_FINGERPRINTS = select(articles.c.source, articles.c.fingerprint).where(articles.c.kind == ArticleKind.ARTICLE.value)
_NAMED = (
    select(articles.c.id, articles.c.source, articles.c.title, articles.c.language, articles.c.queue)
    .where(articles.c.kind == ArticleKind.ARTICLE.value)
    .order_by(articles.c.source)
)
_ADD = insert(articles).returning(articles.c.id)
_GIVE = overwrite(ticket_articles, ["ticket_id", "article_id"], ["at", "by"])
_GIVEN = (
    select(ticket_articles)
    .where(ticket_articles.c.ticket_id == bindparam("ticket"))
    .order_by(ticket_articles.c.at, ticket_articles.c.article_id)
)
