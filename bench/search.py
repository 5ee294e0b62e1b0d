"""Measures the search in the knowledge base: `python -m bench.search [--articles 200000] [--searches 200]`.

Fills the knowledge base of both engines with the same solutions, in five languages: their words are those of
`parsers/languages` and made-up names of programs, as unevenly used as words are (the n-th commonest as often as 1/n),
and every tenth text has an error code. Then asks questions of several kinds, one engine after the other in each round,
and prints milliseconds: median, 95 of 100, the worst. `hit` is how many of 100 questions made from a solution find it
among the first three.

With `--keep FOLDER` the SQLite database stays there and is used again.
"""

from __future__ import annotations

import argparse
import itertools
import random
import statistics
import time
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from pathlib import Path

from sqlalchemy import text

from bench.cluster import run_cluster
from bench.desk import url_of
from bench.figures import print_table, save
from bench.processes import scratch
from mailgate.store.article_search import search
from mailgate.store.database import Database
from mailgate.store.knowledge import ArticleKind, NewArticle, put_article
from mailgate.store.queries.listings import count_states
from mailgate.store.schema import articles

LANGUAGES = ("en", "fr", "de", "es", "ru")
BATCH = 5_000  # articles of one transaction
MADE_UP = 15_000  # names of programs, machines and places
LONG = 4_000  # words of a long request
BEGAN = datetime(2020, 1, 6, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Question:
    """A search text, and the solution that it was made from, "" where there is none."""

    words: str
    language: str
    source: str = ""


class Corpus:
    """Makes solutions, the same for the same seed."""

    def __init__(self, count: int, seed: int = 1) -> None:
        self.count = count
        self._seed = seed
        self._words = {language: _vocabulary(language) for language in LANGUAGES}
        self._shares = {
            language: list(itertools.accumulate(1 / (rank + 3) for rank, _ in enumerate(words)))
            for language, words in self._words.items()
        }

    def writing(self, number: int) -> NewArticle:
        chance = random.Random(self._seed * 1_000_003 + number)
        language = LANGUAGES[number % len(LANGUAGES)]
        title, body = self.sentence(chance, language, 4, 9), self.sentence(chance, language, 30, 120)
        if number % 10 == 0:
            body += f" 0x{chance.getrandbits(32):08x}"
        queue = ("default", "default", "hr", "")[chance.randrange(4)]
        return NewArticle(ArticleKind.SOLUTION, f"SUP-{number}", title, body, language, queue, public=number % 50 == 0)

    def sentence(self, chance: random.Random, language: str, least: int, most: int) -> str:
        count = chance.randint(least, most)
        return " ".join(chance.choices(self._words[language], cum_weights=self._shares[language], k=count))

    def common(self, language: str, count: int) -> str:
        return " ".join(self._words[language][:count])


def _vocabulary(language: str) -> list[str]:
    """Lists words by frequency: everyday words first, made-up names among the others."""
    folder = files("mailgate.parsers") / "languages"
    small = tomllib.loads((folder / "searching.toml").read_text("utf-8"))[language].split()
    told = tomllib.loads((folder / "detection.toml").read_text("utf-8"))[language]["words"].split()
    answers = tomllib.loads((folder / "answers" / f"{language}.toml").read_text("utf-8"))["common"].split()
    chance = random.Random(7)
    syllables = [
        "ba",
        "do",
        "ki",
        "lan",
        "mer",
        "nos",
        "pra",
        "qui",
        "ros",
        "tek",
        "vir",
        "zon",
        "gra",
        "plu",
        "fex",
        "shi",
    ]
    names = {"".join(chance.choices(syllables, k=chance.randint(2, 4))) for _ in range(MADE_UP)}
    rest = list(dict.fromkeys([*answers, *sorted(names)]))
    random.Random(language).shuffle(rest)
    return list(dict.fromkeys([*small, *told, *rest]))


def ask(corpus: Corpus, kind: str, count: int) -> Iterator[Question]:
    """Makes questions of one kind, the same for every engine."""
    chance = random.Random(kind)
    for _ in range(count):
        number = chance.randrange(corpus.count)
        writing = corpus.writing(number)
        language = writing.language
        match kind:
            case "two words":
                words = " ".join(sorted(writing.body.split(), key=len)[-2:])
                yield Question(words, language, writing.source)
            case "a request":
                known = writing.body.split()
                words = f"{writing.title}\n{' '.join(chance.sample(known, len(known) // 3))}"
                yield Question(f"{words} {corpus.sentence(chance, language, 20, 60)}", language, writing.source)
            case "a long request":
                words = f"{writing.title}\n{writing.body} {corpus.sentence(chance, language, LONG, LONG)}"
                yield Question(words, language, writing.source)
            case "common words":
                yield Question(corpus.common(language, chance.randint(150, 400)), language)
            case "one common word":
                yield Question(corpus.common(language, 400).split()[chance.randint(100, 399)], language)
            case "nothing known":
                yield Question(" ".join(f"x{chance.getrandbits(40):x}" for _ in range(20)), language)


KINDS = ("two words", "a request", "a long request", "common words", "one common word", "nothing known")


def fill(database: Database, corpus: Corpus) -> float:
    """Writes the solutions, unless they exist, and returns how many a second."""
    database.create()
    with database.read() as connection:
        if sum(count_states(connection, articles, "kind").values()) == corpus.count:
            return 0.0
    began = time.monotonic()
    for first in range(0, corpus.count, BATCH):
        with database.write() as connection:
            for number in range(first, min(first + BATCH, corpus.count)):
                put_article(connection, corpus.writing(number), BEGAN + timedelta(minutes=number))
    with database.write() as connection:
        connection.execute(text("UPDATE articles SET confirmed = 1 + (id * 7919) % 5 * ((id * 104729) % 3)"))
    if not database.sqlite:  # as its server does by itself within a minute
        with database.write() as connection:
            connection.exec_driver_sql("ANALYZE articles")
    return corpus.count / (time.monotonic() - began)


def measure(database: Database, questions: list[Question], options: dict[str, object]) -> tuple[list[float], int]:
    """Returns the milliseconds of each question, and how many found the solution that they were made from."""
    times, hits = [], 0
    for question in questions:
        with database.read() as connection:
            began = time.perf_counter()
            found = search(connection, question.words, language=question.language, limit=3, **options)  # type: ignore[arg-type]
            times.append((time.perf_counter() - began) * 1000)
        hits += any(one.source == question.source for one in found)
    return times, hits


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.search", description="How quick the search is.")
    parser.add_argument("--articles", type=int, default=200_000)
    parser.add_argument("--searches", type=int, default=200, help="of each kind")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--engines", default="sqlite,postgresql")
    parser.add_argument("--keep", type=Path, help="a folder for the SQLite database")
    options = parser.parse_args()
    corpus = Corpus(options.articles)
    record: dict[str, dict[str, object]] = {}
    with ExitStack() as stack:
        databases: dict[str, Database] = {}
        for engine in options.engines.split(","):
            if engine == "sqlite":
                folder = options.keep or stack.enter_context(scratch("search"))
                folder.mkdir(parents=True, exist_ok=True)
                databases[engine] = Database(url_of(folder / "search.db"))
            else:
                databases[engine] = Database(stack.enter_context(run_cluster()).make_database())
            stack.callback(databases[engine].close)
            print(f"{engine}: {fill(databases[engine], corpus):.0f} articles a second", flush=True)
        asked: dict[str, tuple[list[Question], dict[str, object]]] = {}
        for kind in KINDS:
            asked[kind] = list(ask(corpus, kind, options.searches)), {}
        asked["a request, one queue"] = list(ask(corpus, "a request", options.searches)), {"queue": "default"}
        asked["a request, public"] = list(ask(corpus, "a request", options.searches)), {"public_only": True}
        rows = []
        for kind, (questions, narrowed) in asked.items():
            part = max(1, len(questions) // options.rounds)
            times: dict[str, list[float]] = {engine: [] for engine in databases}
            hits = dict.fromkeys(databases, 0)
            for at in range(0, len(questions), part):
                for engine, database in databases.items():
                    taken, hit = measure(database, questions[at : at + part], narrowed)
                    times[engine] += taken
                    hits[engine] += hit
            figures = {engine: _figures(taken, hits[engine]) for engine, taken in times.items()}
            record[kind] = dict(figures)
            middle = [statistics.median(taken) for taken in times.values()]
            ratio = f"{middle[-1] / middle[0]:.2f}" if len(middle) > 1 else ""
            rows.append([kind, *(_show(figures[engine]) for engine in databases), ratio])
        print_table(["", *databases, "ratio"], rows)
    save("search", {"options": vars(options), "milliseconds": record})


def _figures(times: list[float], hits: int) -> dict[str, float]:
    ordered = sorted(times)
    return {
        "p50": round(statistics.median(ordered), 1),
        "p95": round(ordered[int(len(ordered) * 0.95)], 1),
        "max": round(ordered[-1], 1),
        "hit": round(100 * hits / len(ordered)),
    }


def _show(figures: dict[str, float]) -> str:
    return f"{figures['p50']} / {figures['p95']} / {figures['max']}, hit {figures['hit']:.0f}"


if __name__ == "__main__":
    main()
