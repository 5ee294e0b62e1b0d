"""Runs the desk under measurement: `mailgate serve` on a database of its own, watched from outside.

The database is read through an engine of the benchmark, and only after the load, so that it costs the desk nothing
while it works. All settings are the defaults, loop protection included: the corpus never reaches its limits.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from bench.client import DESK, Load, Sent, send
from bench.processes import NotInstalled, free_port, run_process
from bench.sink import Sink

LOOK = 0.01  # seconds between two looks
PATIENCE = 300.0  # seconds
WARM_UP = 40  # mails before the clock starts

CONFIGURATION = """\
[desk]
name = "Support"
address = "{desk}"
languages = ["fr", "en"]
timezone = "Europe/Paris"
secret_file = "secret"
operator = "postmaster@example.com"
manager = "head@example.com"
[store]
database = "{database}"
[intake.smtp]
listen = "127.0.0.1:{port}"
{tls}
[relay]
host = "127.0.0.1"
port = {relay}
tls = "none"
[digest]
at = ""
[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com"]
resolve_within = "4 business hours"
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
resolve_within = "2 business days"
"""


@dataclass(frozen=True, slots=True)
class Rates:
    """Mails a second, from the first command of the client: to the last 250, to the last mail decided (its ticket,
    receipt and forward committed), to the last notice at the relay."""

    acknowledged: float
    decided: float
    delivered: float


@dataclass(frozen=True, slots=True)
class Desk:
    """A running desk."""

    pid: int
    port: int
    database: str
    _engine: Engine = field(repr=False)

    def tally(self, table: str) -> dict[str, int]:
        """Counts the rows of a queue by state."""
        with self._engine.connect() as connection:
            rows = connection.execute(text(f"SELECT state, count(*) FROM {table} GROUP BY state")).all()
        return {str(state): int(number) for state, number in rows}

    def wait_decided(self) -> float:
        """Waits until no mail waits and returns the time."""
        return self._wait_empty("journal")

    def wait_delivered(self) -> float:
        """Waits until no notice waits and returns the time."""
        return self._wait_empty("outbox")

    def bytes_stored(self) -> int:
        """Returns the size of the database: a SQLite file with its log, or as PostgreSQL reports it."""
        url = make_url(self.database)
        if url.get_backend_name() != "sqlite":
            with self._engine.connect() as connection:
                return int(connection.execute(text("SELECT pg_database_size(current_database())")).scalar_one())
        file = Path(str(url.database))
        return sum(path.stat().st_size for path in (file, file.with_name(file.name + "-wal")) if path.exists())

    def _wait_empty(self, table: str) -> float:
        waiting = text(f"SELECT EXISTS (SELECT 1 FROM {table} WHERE state = 'waiting')")
        deadline = time.monotonic() + PATIENCE
        with self._engine.connect() as connection:
            while connection.execute(waiting).scalar():
                connection.rollback()
                if time.monotonic() > deadline:
                    raise SystemExit(f"mails still wait after {PATIENCE:.0f} s: {self.tally('journal')}")
                time.sleep(LOOK)
            return time.monotonic()


def url_of(file: Path) -> str:
    """Returns the URL of a SQLite file."""
    return f"sqlite:///{file}"


@contextmanager
def run_desk(
    folder: Path,
    database: str,
    relay: int,
    roles: Sequence[str] = (),
    tls: tuple[Path, Path] | None = None,
    also: str = "",
    configuration: str = CONFIGURATION,
) -> Iterator[Desk]:
    """Runs `mailgate serve` on a database; its notices go to the port `relay`.

    `roles` are those of `--role`; `also` is added to the configuration.
    """
    port = free_port()
    (folder / "secret").write_text("k" * 40 + "\n", "ascii")
    (folder / "secret").chmod(0o600)
    files = f'certificate = "{tls[0]}"\nkey = "{tls[1]}"' if tls else ""
    path = folder / "mailgate.toml"
    path.write_text(
        configuration.format(desk=DESK, database=database, port=port, relay=relay, tls=files) + also, "utf-8"
    )
    command = [str(Path(sys.executable).with_name("mailgate")), "serve", "--config", str(path)]
    for role in roles:
        command += ["--role", role]
    engine = _open(database)
    with run_process(command, folder / "log", port) as process:
        try:
            yield Desk(process.pid, port, database, engine)
        finally:
            engine.dispose()


def measure_desk(desk: Desk, sink: Sink, load: Load, warm_up: bool = True) -> Rates:
    """Sends the load and waits until every notice is out. Raises SystemExit where a ticket or notice is missing."""
    if warm_up:
        send(desk.port, Load(WARM_UP, seed=load.seed + 1000, starttls=load.starttls))
        desk.wait_decided()
        desk.wait_delivered()
    mails, notices, arrived = desk.tally("journal"), desk.tally("outbox"), sink.count()
    sent = send(desk.port, load)
    decided, delivered = desk.wait_decided(), desk.wait_delivered()
    _check(desk, load, mails, notices, sink.count() - arrived)
    return rates(load, sent, decided, delivered)


def rates(load: Load, sent: Sent, decided: float, delivered: float) -> Rates:
    """Returns the rates in mails a second, from three times."""
    spans = (sent.ended - sent.began, decided - sent.began, delivered - sent.began)
    return Rates(*(load.mails / span for span in spans))


def _check(desk: Desk, load: Load, mails: dict[str, int], notices: dict[str, int], arrived: int) -> None:
    """Checks that every mail is done, with a receipt and a forward for a first mail, a forward for a reply."""
    done = desk.tally("journal").get("done", 0) - mails.get("done", 0)
    put = sum(desk.tally("outbox").values()) - sum(notices.values())
    firsts = sum(sample.answers is None for sample in load.samples())
    if done != load.mails or put != load.mails + firsts or arrived != put:
        raise SystemExit(
            f"of {load.mails} mails {done} are done, with {put} notices instead of {load.mails + firsts}, {arrived} "
            f"of them at the relay: {desk.tally('journal')}, {desk.tally('outbox')}"
        )


def _open(database: str) -> Engine:
    url = make_url(database)
    if url.get_backend_name() == "sqlite":
        return create_engine(f"sqlite:///file:{url.database}?mode=ro&uri=true", poolclass=NullPool)
    try:
        return create_engine(database, poolclass=NullPool)
    except ImportError as error:
        raise NotInstalled("the driver for PostgreSQL is not installed: pip install 'mailgate[postgresql]'") from error
