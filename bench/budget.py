"""Measures what the worker spends on each kind of mail: `python -m bench.budget [--mails 60] [--rounds 3]`.

Everything happens in one thread of one process: the mails are put into the journal, and the worker processes them. For
a first mail, a reply, an agent's answer and an escalation it gives the milliseconds of processor time (each figure is
the least of the rounds), and the statements and commits. With `--postgresql` it also gives the time that passes, the
processor time of the server and the bytes of its log. `--profile KIND` prints where the time goes.

`--instructions` counts the machine's instructions by valgrind, which a busy machine does not change: one run that
processes the mails, less one that only prepares them. `--against REVISION` does the same with another revision of the
code and fails where a mail got dearer by more than `--most` per cent.

`--sizes` processes that many mails of the corpus and gives the bytes of each table, its indexes included, in all and to
the raw bytes of the mails.
"""

from __future__ import annotations

import argparse
import cProfile
import gc
import json
import os
import pstats
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.utils import make_msgid
from pathlib import Path

from sqlalchemy import Engine, event, select, text

from bench.client import DESK, Load
from bench.cluster import Cluster, run_cluster
from bench.desk import CONFIGURATION, url_of
from bench.figures import print_table, save
from bench.processes import ROOT, NotInstalled, cpu_seconds, free_port, scratch
from mailgate.config import read_config
from mailgate.core.clock import HandClock
from mailgate.core.mail import Envelope
from mailgate.daemon import workers
from mailgate.daemon.desk import build_desk, load_ahead
from mailgate.daemon.workers.inbound import InboundWorker
from mailgate.daemon.workers.timers import TimerWorker
from mailgate.store.journal import append
from mailgate.store.schema import outbox
from mailgate.transport.acceptance import make_entry

BEGAN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KINDS = ("first", "reply", "answer", "escalation")
WARM_UP = 12  # mails
AGENT = "alice@example.com"
_ADDED = "Thank you for your mail. It still shows the same message after a restart, on both of our computers.\r\n"
_SOLVED = "We have replaced the cable, and the printer works again. Please tell us if the message comes back.\r\n"


@dataclass
class Spent:
    """What one kind of mail took, all mails of a round together."""

    mails: int = 0
    seconds: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    server: list[ServerUse] = field(default_factory=list)  # empty on SQLite


@dataclass(frozen=True, slots=True)
class ServerUse:
    """What a database server has used: seconds of processor time, bytes of its log."""

    seconds: float
    log_bytes: float

    def since(self, before: ServerUse) -> ServerUse:
        return ServerUse(self.seconds - before.seconds, self.log_bytes - before.log_bytes)


class Bench:
    """A desk in this process, with mails of each kind at hand."""

    def __init__(self, folder: Path, database: str, mails: int, relay: int = 0) -> None:
        (folder / "secret").write_text("k" * 40 + "\n", "ascii")
        (folder / "secret").chmod(0o600)
        path = folder / "mailgate.toml"
        path.write_text(
            CONFIGURATION.format(desk=DESK, database=database, port=free_port(), relay=relay or free_port(), tls=""),
            "utf-8",
        )
        settings = read_config(path)
        self.mails, self.clock = mails, HandClock(BEGAN)
        load_ahead(settings, self.clock)
        self.desk = build_desk(settings, self.clock)
        self.desk.database.create()
        self.inbound, self.timers = InboundWorker(self.desk), TimerWorker(self.desk)
        workers.inbound.WHOLE = workers.timers.LONGEST = 3600.0  # slices are whole however busy the machine is
        self.counts: Counter[str] = Counter()
        _count(self.desk.database.engine, self.counts)

    def put_in(self, mails: list[tuple[bytes, str, str]]) -> None:
        """Adds mails, each with its sender and recipient, to the journal."""
        with self.desk.database.write() as connection:
            for raw, sender, recipient in mails:
                envelope = Envelope(sender, (recipient,), "smtp", self.clock.now(), peer="127.0.0.1")
                append(connection, make_entry(envelope, raw))

    def first_mails(self, seed: int) -> list[tuple[bytes, str, str]]:
        samples = Load(self.mails, replies=0.0, seed=seed).samples()
        return [(one.raw, one.sender, DESK) for one in samples]

    def replies_to(self, notice: str, words: str, sender: str = "") -> list[tuple[bytes, str, str]]:
        """Returns a reply to each of the newest notices of a kind, which quotes it as clients do."""
        with self.desk.database.read() as connection:
            newest = select(outbox.c.recipient, outbox.c.body).where(outbox.c.notice == notice)
            rows = connection.execute(newest.order_by(outbox.c.id.desc()).limit(self.mails)).all()
        return [reply_to(row.body, words, sender or row.recipient) for row in rows]

    def run(self, step: Callable[[], int]) -> tuple[float, Counter[str]]:
        """Works until nothing is due; returns the seconds of processor time, and what was counted."""
        gc.collect()
        self.counts.clear()
        began = time.thread_time()
        while step():
            pass
        return time.thread_time() - began, Counter(self.counts)

    def warm_up(self, kind: str) -> None:
        """Does a few mails of a kind, so that words and templates are loaded."""
        mails, self.mails = self.mails, WARM_UP
        self.run(self.prepare(kind, seed=1000))
        self.mails = mails

    def prepare(self, kind: str, seed: int) -> Callable[[], int]:
        """Makes everything ready for the mails of a kind, and returns the step that processes them."""
        with self.desk.database.write() as connection:
            connection.execute(text("DELETE FROM timers"))  # tickets of earlier rounds would be due with the others
        if kind == "first":
            self.put_in(self.first_mails(seed))
            return self.inbound.step
        self.put_in(self.first_mails(seed))
        self.run(self.inbound.step)
        self.clock.advance(timedelta(minutes=5))
        if kind == "reply":
            self.put_in(self.replies_to("receipt", _ADDED))
        elif kind == "answer":
            self.put_in(self.replies_to("request", _SOLVED, AGENT))
        else:
            self.clock.advance(timedelta(days=1))
            return self.timers.step
        return self.inbound.step


def reply_to(notice: bytes, words: str, sender: str) -> tuple[bytes, str, str]:
    message = message_from_bytes(notice)
    body = message.get_payload(0) if message.is_multipart() else message
    while body.is_multipart():  # type: ignore[union-attr]
        body = body.get_payload(0)  # type: ignore[union-attr]
    said = body.get_payload(decode=True).decode("utf-8").replace("\r\n", "\n")  # type: ignore[union-attr]
    quoted = "".join(f"> {line}".rstrip() + "\r\n" for line in said.split("\n"))
    address = message["Reply-To"]
    raw = (
        f"From: {sender}\r\nTo: {address}\r\nSubject: Re: {message['Subject']}\r\n"
        f"Message-ID: {make_msgid(domain='example.org')}\r\nIn-Reply-To: {message['Message-ID']}\r\n"
        f"References: {message['Message-ID']}\r\nDate: Mon, 23 Nov 2026 10:05:00 +0100\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        f"{words}\r\nOn Mon, 23 Nov 2026 at 10:00, Support <{DESK}> wrote:\r\n{quoted}"
    )
    return raw.encode(), sender, address


def _count(engine: Engine, counts: Counter[str]) -> None:
    def statement(*_: object) -> None:
        counts["statements"] += 1

    def commit(*_: object) -> None:
        counts["commits"] += 1

    event.listen(engine, "before_cursor_execute", statement)
    event.listen(engine, "commit", commit)


@contextmanager
def _bench(database: str, mails: int) -> Iterator[Bench]:
    with scratch("budget") as folder:
        bench = Bench(folder, database or url_of(folder / "desk.db"), mails)
        try:
            yield bench
        finally:
            bench.desk.database.close()


def measure(kinds: list[str], rounds: int, mails: int, cluster: Cluster | None = None) -> dict[str, Spent]:
    """Measures each kind on a desk of its own, so often; on SQLite without a cluster."""
    found = {}
    for kind in kinds:
        found[kind] = spent = Spent(mails)
        with _bench(cluster.make_database() if cluster is not None else "", mails) as bench:
            bench.warm_up(kind)
            for turn in range(rounds):
                step = bench.prepare(kind, seed=turn + 1)
                before, began = _server_use(cluster), time.perf_counter()
                seconds, spent.counts = bench.run(step)
                spent.walls.append(time.perf_counter() - began)
                spent.seconds.append(seconds)
                if cluster is not None:
                    spent.server.append(_server_use(cluster).since(before))
    return found


def _server_use(cluster: Cluster | None) -> ServerUse:
    if cluster is None:
        return ServerUse(0.0, 0.0)
    return ServerUse(cpu_seconds(cluster.pid), float(cluster.run_sql("SELECT pg_current_wal_lsn() - '0/0'")))


def _run_once(kind: str, mails: int, *, prepare_only: bool) -> None:
    """Does one kind once, for valgrind to count."""
    with _bench("", mails) as bench:
        bench.warm_up(kind)
        step = bench.prepare(kind, seed=1)
        if not prepare_only:
            bench.run(step)


def count_instructions(kind: str, mails: int, code: Path) -> float:
    """Returns the instructions of one mail, in millions: a run that processes the mails, less one that does not."""
    return (_instructions(kind, mails, code) - _instructions(kind, mails, code, "--prepare-only")) / mails / 1e6


def _instructions(kind: str, mails: int, code: Path, *more: str) -> int:
    if shutil.which("valgrind") is None:
        raise NotInstalled("valgrind is not installed")
    command = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", sys.executable]
    command += ["-m", "bench.budget", "--once", kind, "--mails", str(mails), *more]
    environment = {
        **os.environ, "PYTHONPATH": f"{code}{os.pathsep}{ROOT}", "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",
    }  # fmt: skip
    done = subprocess.run(command, cwd=code, env=environment, check=True, stderr=subprocess.PIPE, text=True)
    [refs] = re.findall(r"I\s+refs:\s+([\d,]+)", done.stderr)
    return int(refs.replace(",", ""))


@contextmanager
def _checked_out(revision: str) -> Iterator[Path]:
    """Makes a copy of the code of a revision."""
    with scratch("revision") as folder:
        archive = subprocess.run(["git", "archive", revision, "mailgate"], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
        yield folder


def _compare(kinds: list[str], mails: int, against: str, most: float) -> None:
    found: dict[str, dict[str, float]] = {kind: {} for kind in kinds}
    for kind in kinds:
        found[kind]["now"] = round(count_instructions(kind, mails, ROOT), 3)
        if against:
            with _checked_out(against) as code:
                found[kind]["then"] = round(count_instructions(kind, mails, code), 3)
            found[kind]["ratio"] = round(found[kind]["now"] / found[kind]["then"], 3)
        print(kind, found[kind], flush=True)
    save("budget-instructions", {"against": against, "mails": mails, "millions": found})
    dearer = [kind for kind in kinds if found[kind].get("ratio", 1) > 1 + most / 100]
    if dearer:
        raise SystemExit(f"dearer by more than {most} %: {', '.join(dearer)}")


_SIZES = {
    "sqlite": "SELECT tbl_name, sum(pgsize) FROM dbstat JOIN sqlite_schema USING (name) GROUP BY tbl_name ORDER BY 2",
    "postgresql": "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables ORDER BY 2",
}


def measure_sizes(database: str, mails: int) -> dict[str, int]:
    """Returns the bytes of each table after that many mails of the corpus, and of the raw mails as `raw`."""
    samples = Load(mails).samples()
    with _bench(database, mails) as bench:
        bench.put_in([(one.raw, one.sender, DESK) for one in samples])
        bench.run(bench.inbound.step)
        with bench.desk.database.read() as connection:
            rows = connection.execute(text(_SIZES[connection.dialect.name])).all()
    return {"raw": sum(len(one.raw) for one in samples)} | {str(row[0]): int(row[1]) for row in reversed(rows)}


def _report_sizes(engine: str, sizes: dict[str, int], mails: int) -> None:
    raw, whole = sizes["raw"], sum(sizes.values()) - sizes["raw"]
    tables = {"all": whole} | {name: size for name, size in sizes.items() if size * 200 > whole}
    rows = [[name, f"{size / 1e6:.2f}", f"{size / raw:.3f}"] for name, size in tables.items()]
    print_table([engine, "MB", "to raw"], rows)
    save("budget-sizes", {"engine": engine, "mails": mails, "bytes": sizes})


def _profile(kind: str, mails: int, order: str) -> None:
    with _bench("", mails) as bench:
        bench.warm_up(kind)
        step = bench.prepare(kind, seed=1)
        profile = cProfile.Profile()
        profile.enable()
        bench.run(step)
        profile.disable()
    pstats.Stats(profile).sort_stats(order).print_stats(70)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.budget", description="What the worker spends on a mail.")
    parser.add_argument("--mails", type=int, default=60, help="of each kind: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kinds", default=",".join(KINDS), help="%(default)s")
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--profile", choices=KINDS, help="print where the time of a kind goes")
    parser.add_argument("--order", default="tottime", help="of the profile: %(default)s")
    parser.add_argument("--instructions", action="store_true", help="count instructions by valgrind")
    parser.add_argument("--sizes", action="store_true", help="give the bytes of each table after --mails mails")
    parser.add_argument("--against", default="", help="a revision with which the instructions are compared")
    parser.add_argument("--most", type=float, default=3.0, help="per cent that a mail may cost more: %(default)s")
    parser.add_argument("--once", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--prepare-only", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    kinds = options.kinds.split(",")
    if options.once:
        _run_once(options.once, options.mails, prepare_only=options.prepare_only)
    elif options.profile:
        _profile(options.profile, options.mails, options.order)
    elif options.instructions or options.against:
        _compare(kinds, options.mails, options.against, options.most)
    elif options.postgresql:
        with run_cluster() as cluster:
            if options.sizes:
                _report_sizes("postgresql", measure_sizes(cluster.make_database(), options.mails), options.mails)
            else:
                _report("postgresql", measure(kinds, options.rounds, options.mails, cluster))
    elif options.sizes:
        _report_sizes("sqlite", measure_sizes("", options.mails), options.mails)
    else:
        _report("sqlite", measure(kinds, options.rounds, options.mails))


def _report(engine: str, found: dict[str, Spent]) -> None:
    rows, record = [], {}
    for kind, spent in found.items():
        least = min(spent.seconds) / spent.mails * 1000
        record[kind] = {
            "ms": round(least, 3),
            "statements": round(spent.counts["statements"] / spent.mails, 2),
            "commits": round(spent.counts["commits"] / spent.mails, 2),
            "wall_ms": round(min(spent.walls) / spent.mails * 1000, 3),
        }
        if spent.server:
            mails = spent.mails * len(spent.server)  # the server's time is counted in steps of 10 ms: over all rounds
            record[kind]["server_ms"] = round(sum(one.seconds for one in spent.server) / mails * 1000, 3)
            record[kind]["log_kb"] = round(sum(one.log_bytes for one in spent.server) / mails / 1024, 1)
        rows.append([kind, *(str(value) for value in record[kind].values())])
    head = ["ms of processor", "statements", "commits", "ms passed", "ms of the server's processor", "kB of its log"]
    print_table([engine, *head[: len(rows[0]) - 1]], rows)
    save("budget", {"engine": engine, "kinds": json.loads(json.dumps(record))})


if __name__ == "__main__":
    main()
