"""A private PostgreSQL for one test run: its own folder, a UNIX socket; an empty database for each test.

It has a TCP port only where a test asks for one, for a desk on several hosts.

The server refuses root, so root starts it as the user of Debian's package, or as nobody. Sync is off: tests of what a
crash leaves kill the desk, not the database. `make packages` installs the server where it is missing.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import psycopg

from mailgate.store.database import Database
from mailgate.store.schema import metadata

_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "log_min_messages": "warning",
}


class Cluster:
    """A running server and its databases. It also listens at the address `listen`, if that is given."""

    def __init__(self, listen: str = "", port: int = 5432) -> None:
        self._place = (listen, port)
        self._user = _server_user()
        self.folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
        if self._user is not None:
            shutil.chown(self.folder, self._user)
        self._data = self.folder / "data"
        self._count = 0
        self._free: list[str] = []
        initdb: list[str | Path] = [
            find_program("initdb"),
            "-D",
            self._data,
            "-U",
            "desk",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "-N",
        ]
        subprocess.run(initdb, check=True, capture_output=True, user=self._user, cwd=self.folder)
        if listen:
            with (self._data / "pg_hba.conf").open("a") as rules:
                rules.write("host all desk samenet trust\n")
        self.start()
        self._execute("CREATE DATABASE template_desk")
        template = Database(self.url("template_desk"))
        template.create()
        template.close()

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = {**_SETTINGS, "listen_addresses": self._place[0], "port": str(self._place[1])}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [find_program("postgres"), "-D", str(self._data), "-k", str(self.folder), *options]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, user=self._user, cwd=self.folder)
        deadline = time.monotonic() + 30
        while subprocess.run([find_program("pg_isready"), "-q", *self._reach()], check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "log").read_text()[-2000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """Cut every connection and end at once."""
        self._server.send_signal(signal.SIGINT)
        self._server.wait(30)

    def url(self, name: str) -> str:
        """The address of a database, as the configuration has it."""
        return f"postgresql+psycopg://desk@/{name}?host={quote(str(self.folder))}&port={self._place[1]}"

    def _reach(self) -> list[str]:
        """The socket as an argument of PostgreSQL's programs."""
        return ["-h", str(self.folder), "-p", str(self._place[1])]

    def lend(self) -> str:
        """The address of a database with a desk's empty tables; to be given back."""
        return self._free.pop() if self._free else self.create("template_desk")

    def take_back(self, url: str) -> None:
        """Empty a lent database for the next test: rows are deleted, which is much faster than a new database."""
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute(b"ALTER TABLE events DISABLE TRIGGER USER")  # else its history stays
            for table in reversed(metadata.sorted_tables):
                connection.execute(f"DELETE FROM {table.name}".encode())
                if table.c.get("id") is not None:
                    connection.execute(f"ALTER SEQUENCE {table.name}_id_seq RESTART".encode())
            connection.execute(b"ALTER TABLE events ENABLE TRIGGER USER")
        self._free.append(url)

    def create(self, template: str = "template0") -> str:
        """A new database, without tables unless a template has some; its address."""
        self._count += 1
        name = f"desk{self._count}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.url(name)

    def close(self) -> None:
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _execute(self, statement: str) -> None:
        place = f"host={self.folder} port={self._place[1]} user=desk dbname=postgres"
        with psycopg.connect(place, autocommit=True) as connection:
            connection.execute(statement.encode())


def _server_user() -> str | None:
    """As whom the server runs, None for ourselves."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def is_installed() -> bool:
    """True where the server's programs are there."""
    return _search("initdb") is not None


def _search(program: str) -> str | None:
    """Debian keeps the server's programs out of the PATH; the newest version counts."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    return shutil.which(program, path=os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")]))


def find_program(program: str) -> str:
    found = _search(program)
    assert found, f"{program} of PostgreSQL is missing: `make packages` installs it"
    return found
