"""Copies a PostgreSQL database by `pg_dump` while the desk works, and exchanges a stopped desk's tables for a copy.

The exchange is one transaction of `psql`: the present tables move to a schema of their own, which the desk's user may
make in its database, and the copy takes their place. A process that is killed leaves the old tables.

The programs get the address and the password of the database in their environment, where other users cannot see them.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from itertools import chain, count
from pathlib import Path
from typing import IO, BinaryIO

from sqlalchemy import Connection, Engine, inspect, text

from mailgate.store.ticket_numbers import SKIPPED_NOTICES

ASIDE = "before_restore_"  # with which the name of a schema begins that has the tables of before
_PACKAGE = "apt install postgresql-client"
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_PIECE = 2**20
# Comments, owners and rights belong to the server that the copy comes from.
_PLAIN = ("--no-owner", "--no-privileges", "--no-comments", "--no-tablespaces", "--no-security-labels")
_MOVE_ASIDE = """
BEGIN;
SET LOCAL lock_timeout = '30s';
CREATE SCHEMA {aside};
DO $move$
DECLARE statement text;
BEGIN
    FOR statement IN
        SELECT format('ALTER %s %s SET SCHEMA {aside}', kind, name) FROM (
            SELECT oid, 'pg_class'::regclass AS catalog, oid::regclass::text AS name,
                CASE relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
                    ELSE 'TABLE' END AS kind
            FROM pg_class WHERE relnamespace = '{schema}'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')
            UNION ALL
            SELECT oid, 'pg_proc'::regclass, oid::regprocedure::text, 'ROUTINE'
            FROM pg_proc WHERE pronamespace = '{schema}'::regnamespace
        ) AS one
        WHERE NOT EXISTS (
            SELECT FROM pg_depend AS d
            WHERE d.classid = one.catalog AND d.objid = one.oid
            AND (d.deptype = 'e' OR one.kind = 'SEQUENCE' AND d.deptype IN ('a', 'i'))
        )
    LOOP
        EXECUTE statement;
    END LOOP;
END
$move$;
"""
_BEGIN = "BEGIN;\n"
_END = """
SELECT setval('{schema}.tickets_id_seq', greatest(last_value, {highest:d})) FROM {schema}.tickets_id_seq
WHERE {highest:d} > 0;
UPDATE {schema}.tickets SET notices = notices + {skipped:d};
COMMIT;
"""


class ProgramFailed(Exception):
    """Raised where a program of PostgreSQL is missing, too old, or failed; the text says what to do."""


def read_schema(connection: Connection) -> str:
    """Returns the schema in which the desk has its tables."""
    return str(connection.execute(text("SELECT current_schema()")).scalar() or "")


def measure(connection: Connection) -> int:
    """Returns the size of the database in bytes."""
    return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def has_tables(connection: Connection) -> bool:
    """Tells whether a desk has its tables in the database."""
    return "alembic_version" in inspect(connection).get_table_names()


def is_empty(connection: Connection, schema: str) -> bool:
    """Tells whether a schema has no tables, views or sequences."""
    query = text("SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = CAST(:schema AS regnamespace))")
    return not connection.execute(query, {"schema": schema}).scalar_one()


def find_unused_schema(connection: Connection, name: str) -> str:
    """Returns a name for a schema that does not exist: this one, or with a number behind it."""
    there = set(connection.execute(text("SELECT nspname FROM pg_namespace")).scalars())
    names = chain((name,), (f"{name}_{number}" for number in count(2)))
    return next(one for one in names if one not in there)


def require_programs(engine: Engine, *names: str) -> None:
    """Raises ProgramFailed unless the programs are there and no older than the server."""
    with engine.connect() as connection:
        server = connection.execute(text("SHOW server_version_num")).scalar_one()
    needed = int(server) // 10_000
    for name in names:
        try:
            said = subprocess.run([name, "--version"], capture_output=True, text=True, check=True, env=_reach(engine))
        except FileNotFoundError:
            raise ProgramFailed(f"{name} is not installed: {_PACKAGE}") from None
        except (OSError, subprocess.CalledProcessError) as error:
            raise ProgramFailed(f"{name} cannot be run: {error}") from None
        found = _VERSION.search(said.stdout)
        if found is not None and int(found[1]) < needed:
            raise ProgramFailed(f"{name} has version {found[1]}, but the server has {needed}: {_PACKAGE}-{needed}")


def dump(connection: Connection, target: Path) -> None:
    """Copies the database to a file, exactly as the read transaction of `connection` sees it; keeps that open.

    Schemas in which `restore_dump` keeps the tables of before are left out.
    """
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))  # it takes longer than a minute
    snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
    command = ["pg_dump", "--format=custom", "--compress=1", "--no-password", f"--snapshot={snapshot}"]
    with target.open("wb") as file:
        _run([*command, f"--exclude-schema={ASIDE}*"], file, _reach(connection.engine))


def check_dump(copy: Path) -> None:
    """Reads a dump to its end; raises ProgramFailed for one that `pg_restore` cannot read."""
    with open(os.devnull, "wb") as nowhere:
        _run(["pg_restore", "--file=-", str(copy)], nowhere, dict(os.environ))


def restore_dump(engine: Engine, copy: Path, schema: str, aside: str, highest: int) -> None:
    """Puts a dump in the place of the tables in a schema, which move to the new schema `aside`; "" if there are none.

    Tickets are counted on from behind `highest`, notices from behind those that may be lost. All of it is one
    transaction. Raises ProgramFailed; nothing has changed then.
    """
    names = {"schema": schema, "aside": aside, "highest": highest, "skipped": SKIPPED_NOTICES}
    begin = (_MOVE_ASIDE if aside else _BEGIN).format_map(names)
    end = _END.format_map(names)
    command = ["psql", "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1", "--output=/dev/null"]
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as read_said:
        with (
            subprocess.Popen(command, stdin=subprocess.PIPE, stderr=said, env=_reach(engine)) as psql,
            subprocess.Popen(
                ["pg_restore", "--file=-", *_PLAIN, str(copy)], stdout=subprocess.PIPE, stderr=read_said
            ) as reading,
        ):
            assert psql.stdin is not None
            try:
                _feed(psql.stdin, begin, reading, end)
            except BrokenPipeError:  # psql says why
                reading.kill()
            finally:
                psql.stdin = None  # closed: `wait` would flush it
        if psql.returncode:
            raise ProgramFailed(f"psql: {_last_words(said)}")
        if reading.returncode:
            raise ProgramFailed(f"pg_restore: {_last_words(read_said)}")


def _feed(target: IO[bytes], begin: str, reading: subprocess.Popen[bytes], end: str) -> None:
    """Writes the transaction to `psql`. It commits only what is whole: without its end `psql` takes it back."""
    assert reading.stdout is not None
    with target:
        target.write(begin.encode())
        while piece := reading.stdout.read(_PIECE):
            target.write(piece)
        if reading.wait() == 0:
            target.write(end.encode())


def _run(command: list[str], output: BinaryIO, environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(command, stdout=output, stderr=subprocess.PIPE, env=environment, check=False)
    except FileNotFoundError:
        raise ProgramFailed(f"{command[0]} is not installed: {_PACKAGE}") from None
    if done.returncode:
        words = " ".join(done.stderr.decode("utf-8", "replace").split()) or f"ended with status {done.returncode}"
        raise ProgramFailed(f"{command[0]}: {words.removeprefix(f'{command[0]}: ')}")


def _last_words(said: IO[bytes]) -> str:
    said.seek(0)
    words = " ".join(said.read(4096).decode("utf-8", "replace").split())
    return words.replace("psql:<stdin>:", "line ") or "ended too early"


def _reach(engine: Engine) -> dict[str, str]:
    """Returns the environment in which libpq finds a database as SQLAlchemy does."""
    from psycopg.pq import Conninfo

    arguments, options = engine.dialect.create_connect_args(engine.url)
    named = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    given = {key: value for key, value in options.items() if named.get(key)}
    if "dbname" not in given and arguments:
        given |= {
            option.keyword.decode(): option.val.decode()
            for option in Conninfo.parse(str(arguments[0]).encode())
            if option.val is not None and option.envvar
        }
    variables = {key: envvar.decode() for key, envvar in named.items() if envvar}
    return dict(os.environ) | {variables[key]: str(value) for key, value in given.items()}
