"""The full-text index of the articles: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL.

Both are made from the column `folded`, by the database itself, so that every writer of an article, a move to another
database too, leaves an index that fits. `folded` holds words that are made alike already (`parsers/search_terms`): the
engines only split at the spaces.
"""

from __future__ import annotations

from sqlalchemy import Connection

FTS = "articles_fts"
TERMS = "articles_terms"  # how many articles have a word, read from the index

_SQLITE = (
    f"CREATE VIRTUAL TABLE {FTS} USING fts5"
    "(folded, content='articles', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    f"CREATE VIRTUAL TABLE {TERMS} USING fts5vocab('{FTS}', 'row')",
    "CREATE TRIGGER articles_indexed AFTER INSERT ON articles BEGIN"
    f" INSERT INTO {FTS} (rowid, folded) VALUES (new.id, new.folded); END",
    "CREATE TRIGGER articles_reindexed AFTER UPDATE OF id, folded ON articles BEGIN"
    f" INSERT INTO {FTS} ({FTS}, rowid, folded) VALUES ('delete', old.id, old.folded);"
    f" INSERT INTO {FTS} (rowid, folded) VALUES (new.id, new.folded); END",
    "CREATE TRIGGER articles_forgotten AFTER DELETE ON articles BEGIN"
    f" INSERT INTO {FTS} ({FTS}, rowid, folded) VALUES ('delete', old.id, old.folded); END",
)
# The statistics of the words tell the search which of them are common. `fastupdate` would keep new words in a list
# that every search has to read through. A search looks at thousands of rows, and needs none of their long texts: these
# are kept aside, so that the rows lie close together.
_POSTGRES = (
    "ALTER TABLE articles ADD COLUMN words tsvector"
    " GENERATED ALWAYS AS (array_to_tsvector(string_to_array(folded, ' '))) STORED",
    "ALTER TABLE articles SET (toast_tuple_target = 256)",
    "ALTER TABLE articles ALTER COLUMN words SET STATISTICS 300",
    "CREATE INDEX ix_articles_words ON articles USING gin (words) WITH (fastupdate = off)",
)


def install_index(connection: Connection) -> None:
    """Makes the index, once the table of the articles is there."""
    for statement in _SQLITE if connection.dialect.name == "sqlite" else _POSTGRES:
        connection.exec_driver_sql(statement)


def remove_index(connection: Connection) -> None:
    """Removes SQLite's full-text tables, which dropping the table of articles leaves behind."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {TERMS}")
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {FTS}")
