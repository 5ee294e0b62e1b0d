"""Full-text search of the knowledge base: the articles that fit a text best, ranked alike on both engines.

The engine's index proposes candidates (`ddl/fulltext`), by the telling words of the question: work is bounded whatever
is asked, since words that many articles have only count together. One ranking for both engines then puts them in order:
how much the words that match say, whether they stand in the title, whether the article is in the reader's language,
and how often its solution was confirmed. A word of the question is always quoted before it reaches the engine.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import combinations
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select, text

from mailgate.core.text import ellipsis
from mailgate.parsers.search_terms import spelled_words, words_of
from mailgate.store.ddl.fulltext import FTS, TERMS
from mailgate.store.knowledge import ArticleKind, answer_of, visible_queues
from mailgate.store.rows import columns_of, make_rows
from mailgate.store.schema import articles

TERMS_LIMIT = 48  # different words of a question that are looked up: the first ones, where its subject stands
_WORDS = 10  # of them that the index is asked for, the rarest
_ROWS = 2_500  # articles that these words may have, all together
_PAIRED = 4  # commoner words that are asked for by twos
_PAIR_ROWS = 1_000  # articles that these pairs are expected to have, all together
_CANDIDATES = 100
_STANDING = 200  # of each kind: the most confirmed, where all words of a question are common
_TITLE = 0.5  # share of its weight that a word adds where it stands in the title
_OTHER_LANGUAGE = 0.5  # what an article counts that is not in the reader's language
_CONFIRMED = 0.12  # what each doubling of the confirmations adds
_REFUTED = 0.5  # what is left of an article that failed more often than it helped
_LENGTH, _USUAL = 0.15, 60  # length lowers the score: by how much with each doubling, and the usual number of words
_UNNAMED = 0.6  # of the rarest word that the statistics name, for a word that they do not
_EXCERPT = 200  # letters
_SAYS = 2  # words of a line that says something
_LOOKED_AT = 5_000  # letters of a body that an excerpt is taken from


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article that a search found. `words` are those of the question that match, as it spells them; `in_title` says
    whether one of them stands in the title. `language` and `queue` are "" where the article has none of its own."""

    number: int
    title: str
    excerpt: str
    kind: str
    source: str
    language: str
    queue: str
    confirmed: int
    refuted: int
    words: tuple[str, ...]
    in_title: bool
    at: datetime
    score: float = 0.0


class _Candidate(NamedTuple):
    """An article that may fit a question: the columns of `_COLUMNS`."""

    id: int
    kind: str
    source: str
    title: str
    folded: str
    language: str
    queue: str
    confirmed: int
    refuted: int
    changed_at: datetime


class _ArticleText(NamedTuple):
    """The text of an article, for its excerpt."""

    id: int
    kind: str
    language: str
    body: str


def search(
    connection: Connection,
    words: str,
    *,
    language: str = "",
    queue: str | Collection[str] = "",
    limit: int = 3,
    public_only: bool = False,
) -> tuple[FoundArticle, ...]:
    """Finds the articles that fit a text best, the likeliest first; none for a text without a search word.

    `language` is the reader's; `queue` the queues whose articles they may see besides those of no queue: one name, or
    several, or "" for all queues.
    """
    spelled = dict(spelled_words(words, language, TERMS_LIMIT))
    total = _count_all(connection)
    if not spelled or limit < 1 or not total:
        return ()
    counts = _count_articles(connection, spelled, total)
    telling, pairs = _choose(counts, total)
    allowed = _Allowed(visible_queues(queue), public_only)
    found = {row.id: row for row in _candidates(connection, [*((word,) for word in telling), *pairs], allowed, counts)}
    if len(found) < limit:
        common = counts.keys() - telling
        found |= {row.id: row for row in _standing(connection, allowed) if common & set(row.folded.split(" "))}
    weights = {word: math.log(1 + total / (1 + count)) for word, count in counts.items()}
    ranked = sorted((_rank(row, weights, spelled, language) for row in found.values()), key=_order)[:limit]
    texts = make_rows(_ArticleText._make, connection.execute(_BODIES, {"ids": [one.number for one in ranked]}))
    bodies = {row.id: row for row in texts}
    return tuple(replace(one, excerpt=_excerpt(bodies[one.number], spelled, language)) for one in ranked)


@dataclass(frozen=True, slots=True)
class _Allowed:
    """The articles that a reader may see: those of these queues (none: of all), perhaps public ones only."""

    queues: tuple[str, ...]
    public_only: bool

    def where(self, values: dict[str, object]) -> str:
        """Returns the condition, to follow others, and adds its parameters to `values`."""
        said = [f"AND kind <> '{ArticleKind.GONE}'"]
        if self.queues:
            names = [f"queue{at}" for at, _ in enumerate(self.queues)]
            values |= dict(zip(names, self.queues, strict=True))
            said.append(f"AND queue IN ({', '.join(f':{name}' for name in names)})")
        if self.public_only:
            said.append("AND public")
        return " ".join(said)


def _count_all(connection: Connection) -> int:
    """Estimates the number of articles by their highest number."""
    return int(connection.execute(_HIGHEST).scalar() or 0)


def _count_articles(connection: Connection, words: Iterable[str], total: int) -> dict[str, int]:
    """Estimates how many articles have each word; exact on SQLite, where a word of no article is left out."""
    asked = list(words)
    if connection.dialect.name == "sqlite":
        return {row.term: row.doc for row in connection.execute(_COUNTS_OF_SQLITE, {"words": asked})}
    shares, rarest = {}, 0.0
    for row in connection.execute(_COUNTS_OF_POSTGRES, {"words": asked}):
        rarest = row.rarest
        if row.word is not None:
            shares[row.word] = row.share
    return {word: int(shares.get(word, rarest * _UNNAMED) * total) for word in asked}


def _choose(counts: Mapping[str, int], total: int) -> tuple[list[str], list[tuple[str, str]]]:
    """The rarest words, each of which is reason enough to look at an article, and commoner ones by twos."""
    rarest = sorted(counts, key=lambda word: (counts[word], -len(word), word))
    telling: list[str] = []
    rows = 0
    for word in rarest[:_WORDS]:
        rows += counts[word]
        if rows > _ROWS:
            break
        telling.append(word)
    pairs, rows = [], 0
    for one, other in combinations(rarest[len(telling) :][:_PAIRED], 2):
        rows += counts[one] * counts[other] // total
        if rows > _PAIR_ROWS:
            break
        pairs.append((one, other))
    return telling, pairs


def _candidates(
    connection: Connection, asked: Sequence[tuple[str, ...]], allowed: _Allowed, counts: Mapping[str, int]
) -> list[_Candidate]:
    """Finds the articles with most of these words and pairs of words, weighted by their rarity."""
    if not asked:
        return []
    worths = [sum(1 / math.log(3 + counts[word]) for word in words) for words in asked]
    values: dict[str, object] = {"limit": _CANDIDATES}
    where = allowed.where(values)
    if connection.dialect.name == "sqlite":
        for at, (words, worth) in enumerate(zip(asked, worths, strict=True)):
            values |= {f"words{at}": " AND ".join(f'"{word}"' for word in words), f"worth{at}": worth}
        hits = " UNION ALL ".join(_HITS_IN_SQLITE.format(at=at) for at, _ in enumerate(asked))
        query = text(_FIND_IN_SQLITE.format(hits=hits, where=where))
    else:
        values["queries"] = [" & ".join(map(_quote, words)) for words in asked]
        values["worths"] = worths
        query = text(_FIND_IN_POSTGRES.format(where=where))
    return make_rows(_Candidate._make, connection.execute(query.columns(**_TYPES), values))


def _quote(word: str) -> str:
    """A word for a tsquery. Words are letters and digits only; any other character would be harmless too."""
    return "'" + word.replace("\\", "").replace("'", "") + "'"


def _standing(connection: Connection, allowed: _Allowed) -> list[_Candidate]:
    """The most confirmed articles of each kind, for a question of words that they all may have."""
    found: list[_Candidate] = []
    for kind in (ArticleKind.ARTICLE, ArticleKind.SOLUTION):
        values: dict[str, object] = {"limit": _STANDING, "kind": kind.value}
        query = text(_STANDING_OF.format(where=allowed.where(values)))
        found += make_rows(_Candidate._make, connection.execute(query.columns(**_TYPES), values))
    return found


# -- ranking -----------------------------------------------------------------------------------------------------------


def _rank(row: _Candidate, weights: Mapping[str, float], spelled: Mapping[str, str], language: str) -> FoundArticle:
    """A candidate with what speaks for it."""
    known = row.folded.split(" ")
    words = weights.keys() & set(known)
    title = words.intersection(words_of(row.title, row.language))
    score = sum(weights[word] for word in words) + _TITLE * sum(weights[word] for word in title)
    score /= 1 + _LENGTH * math.log2(1 + len(known) / _USUAL)  # a whole manual has every word
    if language and row.language and row.language != language:
        score *= _OTHER_LANGUAGE
    if row.refuted > row.confirmed:
        score *= _REFUTED
    score *= 1 + _CONFIRMED * math.log2(1 + max(row.confirmed - row.refuted, 0))
    return FoundArticle(
        number=row.id,
        title=row.title,
        excerpt="",
        kind=row.kind,
        source=row.source,
        language=row.language,
        queue=row.queue,
        confirmed=row.confirmed,
        refuted=row.refuted,
        words=tuple(spelling for word, spelling in spelled.items() if word in words),
        in_title=bool(title),
        at=row.changed_at,
        score=score,
    )


def _order(found: FoundArticle) -> tuple[float, int]:
    return -found.score, -found.number


def _excerpt(row: _ArticleText, spelled: Mapping[str, str], language: str) -> str:
    """Excerpts an article from the line on that has most of the words, else from its first line of several words.

    A greeting is no excerpt.
    """
    lines = [line.strip(" \t#*>-") for line in answer_of(row.kind, row.body[:_LOOKED_AT]).splitlines()]
    lines = [line for line in lines if line]
    said = [words_of(line, row.language or language) for line in lines]
    asked = spelled.keys()
    best = max(range(len(lines)), key=lambda at: (len(asked & set(said[at])), len(said[at]) >= _SAYS), default=0)
    return ellipsis(" ".join(lines[best:]), _EXCERPT)


# Statements are built once: building one costs more than running it.
_HIGHEST = select(func.max(articles.c.id))
_BODIES: Select[Any] = select(*columns_of(articles, _ArticleText)).where(
    articles.c.id.in_(bindparam("ids", expanding=True))
)
_COLUMNS = ", ".join(_Candidate._fields)
_SHOWN = ", ".join(f"a.{name}" for name in _COLUMNS.split(", "))
_TYPES = {"changed_at": articles.c.changed_at.type}
_HITS_IN_SQLITE = f"SELECT rowid AS id, :worth{{at}} AS worth FROM {FTS} WHERE {FTS} MATCH :words{{at}}"
# An index of its own holds what may be seen, and nothing else: the articles themselves lie far apart.
_FIND_IN_SQLITE = f"""
    SELECT {_SHOWN} FROM (
        SELECT hits.id AS id, sum(worth) AS worth FROM ({{hits}}) AS hits
        CROSS JOIN articles AS seen INDEXED BY ix_articles_seen ON seen.id = hits.id
        WHERE true {{where}} GROUP BY hits.id ORDER BY 2 DESC, 1 DESC LIMIT :limit
    ) AS best JOIN articles AS a ON a.id = best.id
"""
# OFFSET keeps the planner from any other way than by the index of the words: it would read all that may be seen.
_FIND_IN_POSTGRES = f"""
    SELECT {_SHOWN} FROM (
        SELECT id, sum(worth) AS worth
        FROM unnest(CAST(:queries AS tsquery[]), CAST(:worths AS float8[])) AS asked (query, worth)
        CROSS JOIN LATERAL (SELECT id, kind, queue, public FROM articles WHERE words @@ query OFFSET 0) AS seen
        WHERE true {{where}} GROUP BY id ORDER BY 2 DESC, 1 DESC LIMIT :limit
    ) AS best JOIN articles AS a ON a.id = best.id
"""
_STANDING_OF = f"SELECT {_COLUMNS} FROM articles WHERE kind = :kind {{where}} ORDER BY confirmed DESC LIMIT :limit"
_COUNTS_OF_SQLITE = text(f"SELECT term, doc FROM {TERMS} WHERE term IN :words").bindparams(
    bindparam("words", expanding=True)
)
# What ANALYZE found of the words: the share of the articles that have one of the commonest, and the least such share.
_COUNTS_OF_POSTGRES = text(
    """
    WITH known AS (
        SELECT most_common_elems::text::text[] AS words, most_common_elem_freqs AS shares FROM pg_stats
        WHERE schemaname = current_schema() AND tablename = 'articles' AND attname = 'words'
    )
    SELECT shares[cardinality(words) + 1] AS rarest, word, share FROM known
    LEFT JOIN LATERAL (
        SELECT word, share FROM unnest(words, shares) AS common (word, share)
        WHERE word IN (SELECT unnest(CAST(:words AS text[])))
    ) AS asked ON true
    """
)
