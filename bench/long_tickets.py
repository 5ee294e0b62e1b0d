"""Measures how a mail grows with what is there: `python -m bench.long_tickets [--sizes 1,500,2000] [--rounds 3]`.

One ticket gets so many mails, a reply and an answer in turn. Then the worker processes mails of each kind in it, each
round on a fresh copy of the database. `--tickets` and `--contacts` say how many tickets the requester of a first mail
and of a search has, beside as many contacts. For each mail: milliseconds of processor time (the least of the rounds)
and statements. SQLite, one thread of one process.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from datetime import timedelta
from email.utils import make_msgid
from pathlib import Path

from sqlalchemy import insert, select, text

from bench.budget import AGENT, Bench, reply_to
from bench.client import DESK
from bench.desk import url_of
from bench.figures import print_table, save
from bench.processes import scratch
from mailgate.store.schema import contacts, outbox, tickets

KINDS = {
    "reply": "It still shows the same message, and the lamp at the back is red now.",
    "answer": "Please turn it off for a minute, and then on again.",
    "#note": "#note Seen on site.",
    "#status": "#status",
    "#show": "#show",
    "#escalate": "#escalate The board is broken.",
}
QUERIES = {"#list": "#list", "#find": "#find printer", "#show": "#show"}
REQUESTER = "anna@example.org"
_CHUNK = 5_000  # rows that are written together
Figures = dict[str, list[float]]  # by kind: milliseconds and statements, each the least


def measure(sizes: Sequence[int], rounds: int) -> dict[int, Figures]:
    """Measures mails of each kind in a ticket of each size."""
    found: dict[int, Figures] = {}
    for size in sizes:
        with scratch("long") as folder:
            _fill_ticket(folder, size)
            found[size] = _measure_copies(folder, KINDS, rounds)
    return found


def measure_crowd(numbers: Sequence[int], rounds: int) -> dict[int, Figures]:
    """Measures the mails of a requester with so many tickets, and searches, where there are as many contacts each."""
    found: dict[int, Figures] = {}
    for number in numbers:
        with scratch("crowd") as folder:
            _fill_ticket(folder, 1)
            _add_tickets(folder, number)
            found[number] = _measure_copies(folder, {**QUERIES, "reply": KINDS["reply"], "first": ""}, rounds)
    return found


def _fill_ticket(folder: Path, mails: int) -> None:
    """Opens two tickets, and sends replies and answers to the first in turn."""
    bench = _open(folder)
    bench.put_in([_write_first("A printer"), _write_first("A screen")])
    bench.run(bench.inbound.step)
    for number in range(1, mails):
        bench.clock.advance(timedelta(minutes=1))
        kind = "answer" if number % 2 else "reply"
        bench.put_in([_mail(bench, 1, kind, f"{KINDS[kind]} ({number})")])
    bench.run(bench.inbound.step)
    bench.desk.database.close()


def _add_tickets(folder: Path, number: int) -> None:
    """Copies the ticket so often, for the same requester, and adds ten times as many contacts."""
    bench = _open(folder)
    with bench.desk.database.write() as connection:
        row = dict(connection.execute(select(tickets).where(tickets.c.id == 1)).mappings().one())
        for first in range(0, number, _CHUNK):
            numbers = range(first + 1000, min(first + _CHUNK, number) + 1000)
            if numbers:
                copies = [row | {"id": one, "reference": f"SUP-{one}", "word": ""} for one in numbers]
                connection.execute(insert(tickets), copies)
        for first in range(0, number * 10, _CHUNK):
            people = [{"address": f"person-{one}@example.net"} for one in range(first, first + _CHUNK)]
            connection.execute(insert(contacts), people)
        connection.execute(text("ANALYZE"))
    bench.desk.database.close()


def _measure_copies(folder: Path, kinds: dict[str, str], rounds: int) -> Figures:
    found: Figures = {}
    for _ in range(rounds):
        for kind, words in kinds.items():
            with scratch("copy") as copy:
                shutil.copy(folder / "desk.db", copy / "desk.db")
                bench = _open(copy)
                bench.clock.advance(timedelta(days=3))
                bench.put_in([_mail(bench, 2, kind, words)])
                bench.run(bench.inbound.step)  # so that words, templates and statements are loaded
                bench.put_in([_mail(bench, 1, kind, words)])
                seconds, counts = bench.run(bench.inbound.step)
                bench.desk.database.close()
            figures = [round(seconds * 1000, 1), float(counts["statements"])]
            found[kind] = [min(pair) for pair in zip(found.get(kind, figures), figures, strict=True)]
    return found


def _open(folder: Path) -> Bench:
    return Bench(folder, url_of(folder / "desk.db"), mails=1)


def _mail(bench: Bench, ticket: int, kind: str, words: str) -> tuple[bytes, str, str]:
    """Returns a mail of a kind that answers the ticket's first notice to its author, or that opens a ticket."""
    if kind == "first":
        return _write_first(f"Request {ticket}")
    notice, sender = ("receipt", "") if kind == "reply" else ("request", AGENT)
    with bench.desk.database.read() as connection:
        of_kind = outbox.c.notice == notice, outbox.c.ticket_id == ticket
        row = connection.execute(
            select(outbox.c.recipient, outbox.c.body).where(*of_kind).order_by(outbox.c.id)
        ).first()
    assert row is not None
    return reply_to(bytes(row.body), words, sender or row.recipient)


def _write_first(subject: str) -> tuple[bytes, str, str]:
    raw = (
        f"From: Anna <{REQUESTER}>\r\nTo: {DESK}\r\nSubject: {subject}\r\n"
        f"Message-ID: {make_msgid(domain='example.org')}\r\nDate: Mon, 23 Nov 2026 10:00:00 +0100\r\n\r\n"
        f"{subject} does not work any more since this morning. What shall I do?\r\n"
    )
    return raw.encode(), REQUESTER, DESK


def _show(name: str, found: dict[int, Figures]) -> None:
    sizes = sorted(found)
    rows = [
        [kind, *(f"{found[size][kind][0]:.1f} ({found[size][kind][1]:.0f})" for size in sizes)]
        for kind in found[sizes[0]]
    ]
    print_table([name, *(f"{size:,}" for size in sizes)], rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.long_tickets", description="How a mail grows.")
    parser.add_argument("--sizes", default="1,500,2000", help="mails of the ticket: %(default)s")
    parser.add_argument("--tickets", default="0,10000", help="tickets of the requester: %(default)s")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    sizes, numbers = ([int(one) for one in words.split(",") if one] for words in (options.sizes, options.tickets))
    long = measure(sizes, options.rounds) if sizes else {}
    crowd = measure_crowd(numbers, options.rounds) if numbers else {}
    for name, found in (("mails of the ticket", long), ("tickets of the requester", crowd)):
        if found:
            _show(name, found)
    save("long-tickets", {"ms_and_statements": {"mails": long, "tickets": crowd}})


if __name__ == "__main__":
    main()
