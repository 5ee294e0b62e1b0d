"""Caches that the desks of a test process share: compiled templates, compiled SQL, an empty database.

In production a process builds one desk; a test run builds thousands. `share` changes nothing of what is rendered or
executed:

- the built-in templates never change, so that all desks without templates of their own use one `Templates`, and the
  others compile none of them again (Jinja's bytecode cache knows a template by its file and its text);
- engines of one kind share their dialect and with it the compiled statements;
- a new SQLite file begins as a copy of an empty database, and is not synced to the disk: a test that cuts the power
  does not run in this process.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pytest
from jinja2.bccache import Bucket, BytecodeCache
from jinja2.sandbox import SandboxedEnvironment
from sqlalchemy import Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import LRUCache

from mailgate.notices.rendering.templates import NO_COUNTRIES, Templates
from mailgate.store import database
from mailgate.store.database import Database

_STATEMENTS = 3000  # more than the program has


def share(patch: pytest.MonkeyPatch, folder: Path) -> None:
    """Shares the caches until the patch is undone; the empty database lies in `folder`."""
    patch.setattr("mailgate.daemon.desk.Templates", _templates)
    patch.setattr(SandboxedEnvironment, "bytecode_cache", property(lambda _: _BYTECODE, lambda *_: None), raising=False)
    open_sqlite, open_postgres = database._open_sqlite, database._open_postgres
    kinds: dict[str, Engine] = {}

    def shared(engine: Engine) -> Engine:
        first = kinds.get(engine.dialect.name)
        if first is None or not hasattr(first.dialect, "default_isolation_level"):  # it has never connected
            kinds[engine.dialect.name] = engine
            engine._compiled_cache = LRUCache(_STATEMENTS)
        else:
            engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
        return engine

    def sqlite(url: str) -> Engine:
        engine = shared(open_sqlite(url))
        event.listen(engine, "connect", _never_sync)
        return engine

    patch.setattr(database, "_open_sqlite", sqlite)
    patch.setattr(database, "_open_postgres", lambda url: shared(open_postgres(url)))
    _share_empty_database(patch, folder / "desk.db")


def _share_empty_database(patch: pytest.MonkeyPatch, file: Path) -> None:
    create = Database.create
    made = Database(f"sqlite:///{file}")
    made.create()
    made.close()

    def copy(self: Database) -> None:
        if self.path is None or self.path.exists():
            create(self)
        else:
            shutil.copyfile(file, self.path)

    patch.setattr(Database, "create", copy)


class _Bytecode(BytecodeCache):
    """Compiled templates of this process."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_BYTECODE = _Bytecode()


@cache
def _built_in(default: str, countries: tuple[tuple[str, str], ...]) -> Templates:
    return Templates(None, default, dict(countries))


def _templates(
    override: Path | None = None, default: str = "en", countries: Mapping[str, str] = NO_COUNTRIES
) -> Templates:
    if override is None:
        return _built_in(default, tuple(sorted(countries.items())))
    return Templates(override, default, countries)


def _never_sync(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
