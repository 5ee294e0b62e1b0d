"""The statements and commits of a mail, at the most: of one alone, and of each of 32 that are worked off together.

A slice is whole however busy the machine is. The figures stand in `tests/budget.toml`, the same for both engines: on
PostgreSQL a slice takes one statement more, for the locks by which two workers find the copies of a mail.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from mailgate.core.mail import Envelope, Mail
from mailgate.daemon.workers import inbound, timers
from mailgate.inbound.prefetch import prefetch
from mailgate.store.database import Database
from mailgate.store.journal import JournalRow, append
from mailgate.transport.acceptance import make_entry
from tests.support.desk import CONFIG, TestDesk

pytestmark = pytest.mark.postgresql

BUDGET = tomllib.loads((Path(__file__).parents[1] / "budget.toml").read_text("utf-8"))
_LIMITS = "\n[limits]\nagent_mails_per_hour = 1000\n"


@pytest.fixture
def desk(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestDesk]:
    for name in ("SLICE", "LONG_SLICE", "WHOLE"):
        monkeypatch.setattr(inbound, name, 3600.0)
    monkeypatch.setattr(timers, "LONGEST", 3600.0)
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + _LIMITS)
    yield desk
    desk.close()


def _put_in(desk: TestDesk, mails: list[EmailMessage]) -> None:
    with desk.desk.database.write() as connection:
        for mail in mails:
            address = mail["From"].addresses[0].addr_spec
            envelope = Envelope(address, (mail["To"].addresses[0].addr_spec,), "smtp", desk.clock.now())
            append(connection, make_entry(envelope, mail.as_bytes(policy=policy.SMTP)))


def _first(desk: TestDesk, number: int) -> list[EmailMessage]:
    return [
        desk.mail(f"person{desk.received}@example.org", "The printer prints empty pages.", subject="Printer")
        for _ in range(number)
    ]


def _open(desk: TestDesk, number: int) -> list[str]:
    """Opens tickets and returns the addresses of their requesters."""
    mails = _first(desk, number)
    _put_in(desk, mails)
    desk.settle()
    desk.clock.advance(timedelta(minutes=5))
    return [mail["From"].addresses[0].addr_spec for mail in mails]


def _prepare_first(desk: TestDesk, number: int) -> Callable[[], int]:
    _put_in(desk, _first(desk, number))
    return desk.inbound.step


def _prepare_reply(desk: TestDesk, number: int) -> Callable[[], int]:
    receipts = [desk.last(address, "receipt") for address in _open(desk, number)]
    _put_in(desk, [desk.answer(one.recipient, "It prints stripes now.", one) for one in receipts])
    return desk.inbound.step


def _prepare_answer(desk: TestDesk, number: int) -> Callable[[], int]:
    _open(desk, number)
    requests = [one for one in desk.delivered("level1@example.com") if one.notice == "request"][-number:]
    _put_in(desk, [desk.answer("alice@example.com", "Please change the drum.", one) for one in requests])
    return desk.inbound.step


def _prepare_escalation(desk: TestDesk, number: int) -> Callable[[], int]:
    """Lets the whole time of Level 1 pass without a look at the timers."""
    _open(desk, number)
    desk.clock.advance(timedelta(days=1))
    return desk.workers["clock"].step


PREPARE = {
    "first": _prepare_first,
    "reply": _prepare_reply,
    "answer": _prepare_answer,
    "escalation": _prepare_escalation,
}


def _measure(desk: TestDesk, step: Callable[[], int]) -> Counter[str]:
    counts: Counter[str] = Counter()

    def note_statement(_connection: object, _cursor: object, words: str, *_: object) -> None:
        if not words.startswith("BEGIN"):  # which the driver of PostgreSQL sends by itself
            counts["statements"] += 1

    def note_commit(_connection: object) -> None:
        counts["commits"] += 1

    engine = desk.desk.database.engine
    event.listen(engine, "before_cursor_execute", note_statement)
    event.listen(engine, "commit", note_commit)
    assert step() > 0
    event.remove(engine, "before_cursor_execute", note_statement)
    event.remove(engine, "commit", note_commit)
    return counts


@pytest.mark.parametrize("number", [1, 32])
@pytest.mark.parametrize("kind", PREPARE)
def test_a_mail_takes_no_more_than_its_budget(desk: TestDesk, kind: str, number: int) -> None:
    desk.settle()
    _measure(desk, PREPARE[kind](desk, 1))  # words and templates are loaded
    desk.settle()
    counts = _measure(desk, PREPARE[kind](desk, number))
    for name, budget in BUDGET[kind][f"slice_{number}"].items():
        each = counts[name] / number
        assert each <= budget, (
            f"{kind}: {each:.2f} {name} a mail at slices of {number}, more than the {budget} of tests/budget.toml. If "
            "that is worth it, write the new figure there, and say in CHANGELOG.md that such a mail got dearer."
        )
        assert each > budget * 0.75, (
            f"{kind}: {each:.2f} {name} a mail at slices of {number}, far less than the {budget} of tests/budget.toml: "
            "write the new figure there."
        )


def test_while_a_sender_waits_no_more_is_read_ahead_than_the_last_slice_used(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead: list[int] = []

    def note_prefetch(connection: Connection, mails: Sequence[tuple[JournalRow, Mail]]) -> None:
        ahead.append(len(mails))
        prefetch(connection, mails)

    monkeypatch.setattr(inbound, "prefetch", note_prefetch)
    monkeypatch.setattr(Database, "is_urgent", lambda _: True)
    for seconds, wanted in ((0.0, [1, 1, 1]), (3600.0, [1]), (3600.0, [3])):
        monkeypatch.setattr(inbound, "SLICE", seconds)
        _put_in(desk, _first(desk, 3))
        assert desk.inbound.step() == 3
        assert ahead == wanted
        ahead.clear()


class _Seconds:
    """The machine's seconds: each look at them takes a hundredth; while it is `busy`, a mail comes in at a rest."""

    def __init__(self, desk: TestDesk, busy: bool) -> None:
        self.now, self.rests, self.busy, self._desk = 0.0, list[float](), busy, desk

    def monotonic(self) -> float:
        self.now += 0.01
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.rests.append(seconds)
        if self.busy:
            _put_in(self._desk, _first(self._desk, 1))


@pytest.mark.parametrize("busy", [False, True])
def test_while_senders_wait_and_many_mails_are_left_the_worker_rests_between_slices(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch, busy: bool
) -> None:
    """The rest ends when no mail has come in, at the latest after some times the slice; the last mails need none."""
    monkeypatch.setattr(Database, "is_urgent", lambda _: True)
    monkeypatch.setattr(inbound, "LONG_SLICE", 0.02)
    monkeypatch.setattr(inbound, "time", seconds := _Seconds(desk, busy))
    _put_in(desk, _first(desk, inbound.BACKLOG + 2))
    assert desk.inbound.step() == inbound.BACKLOG + 2
    assert set(seconds.rests) == {inbound.LOOK}
    looks_of_slice = 6  # before it, at its beginning, after each of its mails, and after it
    assert (len(seconds.rests) > 5) is busy
    assert sum(seconds.rests) <= inbound.REST * 0.01 * looks_of_slice
    seconds.busy = False
    while desk.inbound.step():
        pass
    seconds.rests.clear()
    _put_in(desk, _first(desk, inbound.BACKLOG))
    assert desk.inbound.step() == inbound.BACKLOG
    assert not seconds.rests
