"""Measures the command `report`: `python -m bench.report [--tickets 50000] [--postgresql]`.

A year of tickets is written straight into the database, eight events and six mails each, as a desk would have left
them: most are answered, solved and confirmed, some escalate by timer or by hand, wait for the requester, come back, or
are still open. Then the whole command is timed, from the start of its process to its end, in every form.
"""

from __future__ import annotations

import argparse
import random
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert, text

from bench.cluster import run_cluster
from bench.figures import print_table, save
from bench.processes import scratch
from mailgate.config import Settings, read_config
from mailgate.core.sla.terms import SlaTopic
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import ROWS
from mailgate.store.database import Database
from mailgate.store.schema import events, messages, tickets
from mailgate.tickets.sla.terms import terms_today

CHUNK = 5_000
END = datetime(2026, 1, 1, tzinfo=UTC)
YEAR = timedelta(days=365)
CONFIG = """
[desk]
address = "support@example.com"
languages = ["en", "fr"]
timezone = "Europe/Paris"
operator = "operator@example.com"
manager = "manager@example.com"

[intake.smtp]
listen = "127.0.0.1:0"

[levels.level1]
mailbox = "level1@example.com"
resolve_within = "4 business hours"
[levels.level2]
mailbox = "level2@example.com"
resolve_within = "2 business days"

[queues.network]
name = "Network"
address = "network@example.com"
[queues.network.levels.level1]
mailbox = "network1@example.com"
[queues.network.levels.level2]
mailbox = "network2@example.com"

[store]
database = "{database}"
"""
_CAUSES = ("", "", "password forgotten", "toner empty", "update went wrong", "cable broken", "account locked")
_ROWS = {(row.state, row.event, row.to): row.name for row in reversed(ROWS)}
_WORDS = "The printer of the second floor prints nothing but grey pages since this morning. " * 6
L1, L2, L3 = LEVELS


class Year:
    """Writes tickets as a desk would have left them, the same at every run."""

    def __init__(self, settings: Settings, count: int, seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._terms = terms_today(settings)
        self._count = count
        self._number = 0

    def chunks(self) -> Iterator[tuple[list[dict[str, Any]], ...]]:
        """Makes the rows of tickets, events and messages."""
        for first in range(0, self._count, CHUNK):
            found: tuple[list[dict[str, Any]], ...] = ([], [], [])
            for number in range(first, min(first + CHUNK, self._count)):
                self._add(number, found)
            yield found

    def _add(self, number: int, found: tuple[list[dict[str, Any]], ...]) -> None:
        draw = self._random
        begun = END - YEAR + YEAR * (number + draw.random()) / self._count
        begun = begun.replace(hour=min(23, max(0, int(draw.gauss(11, 3)))))
        queue = "network" if draw.random() < 0.25 else "default"
        history = _History(number + 1, SlaTopic(queue), self._terms, begun)
        self._live(history, draw)
        story = [one for one in history.rows if one["at"] < END]
        last = [one for one in story if one["from_state"] != one["to_state"]][-1]
        closed = last["to_state"] == State.CLOSED.value
        rated = closed and draw.random() < 0.2
        found[0].append(
            {
                "id": number + 1, "reference": f"SUP-{number + 1}", "queue": queue, "state": last["to_state"],
                "level": history.level, "subject": "Printer", "requester": f"user{number % 3000}@example.org",
                "requester_name": "", "language": "en", "fields": {}, "created_at": begun, "level_since": begun,
                "cause": draw.choice(_CAUSES), "closed_at": last["at"] if closed else None,
                "rating_asked": closed, "rating": draw.choice((5, 5, 4, 4, 3, 1)) if rated else None,
                "rated_at": last["at"] if rated else None, "solution": _WORDS,
            }
        )  # fmt: skip
        found[1].extend(story)
        found[2].extend(_mail(number + 1, one["at"], direction) for one in story[:3] for direction in ("in", "out"))

    def _live(self, history: _History, draw: random.Random) -> None:
        """Makes eight events on average, from the request to the end."""
        history.step(Event.REQUEST, L1, hours=0)
        history.step(Event.TAKE, L1, hours=draw.expovariate(2))
        fate = draw.random()
        if fate < 0.15:
            history.step(Event.ESCALATION_DUE if fate < 0.08 else Event.ESCALATE, L2, hours=draw.uniform(1, 4))
        if fate > 0.85:
            history.step(Event.WAITING, history.state, hours=1)
            history.step(Event.WROTE, history.state, hours=draw.expovariate(0.05))
        history.step(Event.ANSWERED, history.state, hours=draw.expovariate(1))
        history.step(Event.TIME, history.state, hours=0.1, words=draw.choice(("15m", "30m", "1h")))
        history.step(Event.CAUSE, history.state, hours=0.1, words="toner empty")
        if draw.random() < 0.01:
            return  # and there it lies
        history.step(Event.RESOLVE, State.CONFIRMING, hours=draw.expovariate(0.4))
        if draw.random() < 0.06:
            history.step(Event.SAID_NO, L1, hours=draw.expovariate(0.1))
            history.step(Event.RESOLVE, State.CONFIRMING, hours=draw.expovariate(0.2))
        if draw.random() < 0.75:
            history.step(Event.SAID_YES, State.FINALIZING, hours=draw.expovariate(0.1))
        else:
            history.step(Event.REMINDER_DUE, State.CONFIRMING, hours=48)
            history.step(Event.CLOSE, State.FINALIZING, hours=96, words="no answer")
        history.step(Event.OBJECTION_OVER, State.CLOSED, hours=72)


class _History:
    """The events of one ticket."""

    def __init__(self, ticket: int, kind: SlaTopic, terms: Any, at: datetime) -> None:
        self.rows: list[dict[str, Any]] = []
        self.state: State = L1
        self.level = L1.value
        self._ticket, self._kind, self._terms, self._at = ticket, kind, terms, at

    def step(self, event: Event, to: State, *, hours: float, words: str = "") -> None:
        before = self.state if self.rows else None
        self._at += timedelta(hours=hours)
        begins = to in LEVELS and to != before
        self.level = to.value if to in LEVELS else self.level
        self.rows.append(
            {
                "ticket_id": self._ticket, "at": self._at, "event": event.value,
                "from_state": before.value if before else None, "to_state": to.value, "reason": "", "by": "agent",
                "row": _ROWS.get((before, event, to), ""), "text": words, "journal_id": None,
                "facts": self._terms(self._kind, to.value).as_facts() if begins else None,
            }
        )  # fmt: skip
        self.state = to


def _mail(ticket: int, at: datetime, direction: str) -> dict[str, Any]:
    return {
        "ticket_id": ticket, "direction": direction, "sender": "a@example.org", "recipients": ["b@example.org"],
        "subject": "Printer", "message_id": f"{ticket}.{at.timestamp()}@x", "at": at, "internal": False,
        "notice": "", "text": _WORDS,
    }  # fmt: skip


def fill(settings: Settings, count: int) -> Database:
    """Makes a database with a year of tickets."""
    database = Database(settings.store.database)
    database.create()
    for chunk in Year(settings, count).chunks():
        with database.write() as connection:
            for table, rows in zip((tickets, events, messages), chunk, strict=True):
                connection.execute(insert(table), rows)
    with database.engine.connect() as connection:
        _settle(connection)
    return database


def _settle(connection: Connection) -> None:
    """Updates the statistics of the planner."""
    connection.execute(text("ANALYZE"))
    connection.commit()


def time_command(config: Path, *options: str) -> dict[str, float]:
    """Returns the elapsed seconds of a process and its processor seconds.

    On a machine with other load the elapsed time says little.
    """
    began, used = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "mailgate", "report", "--config", str(config), *options]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    took, now = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    computed = now.ru_utime + now.ru_stime - used.ru_utime - used.ru_stime
    return {"seconds": took, "computing": computed}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.report", description="How long a report takes.")
    parser.add_argument("--tickets", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgresql", action="store_true", help="on a private PostgreSQL instead of SQLite")
    parser.add_argument("--keep", type=Path, help="put the desk into this folder, and leave it there")
    options = parser.parse_args()
    with ExitStack() as stack:
        folder = options.keep or stack.enter_context(scratch("report"))
        folder.mkdir(exist_ok=True)
        cluster = stack.enter_context(run_cluster()) if options.postgresql else None
        url = cluster.make_database() if cluster else f"sqlite:///{folder}/desk.db"
        (folder / "secret").write_text("only for the figures\n")
        config = folder / "mailgate.toml"
        config.write_text(CONFIG.replace("{database}", url))
        began = time.monotonic()
        database = fill(read_config(config), options.tickets)
        database.close()
        print(f"{options.tickets} tickets in {time.monotonic() - began:.0f} s", flush=True)
        year = ("--from", "2025-01-01", "--to", "2025-12-31")
        week = ("--from", "2025-12-25", "--to", "2025-12-31")
        cases = {
            "a year, text": year,
            "a year, JSON": (*year, "--json"),
            "a year, CSV": (*year, "--format", "csv"),
            "a year, HTML": (*year, "--format", "html"),
            "a week, text": week,
        }
        rounds = [{name: time_command(config, *case) for name, case in cases.items()} for _ in range(options.rounds)]
    rows = [[name, *(f"{one[name]['seconds']:.2f} ({one[name]['computing']:.2f})" for one in rounds)] for name in cases]
    print_table(["seconds (computing)", *(f"round {number + 1}" for number in range(len(rounds)))], rows)
    named = {key: str(value) if isinstance(value, Path) else value for key, value in vars(options).items()}
    save("report-postgresql" if options.postgresql else "report", {"options": named, "rounds": rounds})


if __name__ == "__main__":
    main()
