"""Running totals of what the desk received, sent and did: counters that never fall while the process lives.

The first look counts all rows, the next ones only what is new and what has been settled since. Histograms begin with
the process. For one thread at a time. Raises errors of the database; the next look counts what a failed one did not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from mailgate.core.workflow.events import State
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.core.workflow.topics import name_move
from mailgate.daemon.health.metrics import Family, Sample
from mailgate.store.queries.progress import (
    SettledNotice,
    StepCount,
    count_mails,
    count_notices,
    count_steps,
    find_newest,
    list_reply_times,
    list_settled,
    list_states,
    list_waiting,
)
from mailgate.store.schema import events, journal, outbox
from mailgate.store.work_queue import DONE, DUPLICATE, FAILED, IGNORED, PARKED, QUARANTINED, WAITING

_BOUNDS = (1, 2, 5, 10, 30, 60, 120, 300, 900, 3_600, 14_400, 86_400)  # seconds
_RESULTS = {"journal": (DONE, DUPLICATE, IGNORED, PARKED, QUARANTINED), "outbox": (DONE, FAILED, PARKED)}
_SENT = "sent"  # as the outbox's done is called here
_STEPS = ("opened", "escalated", "closed", "reopened")


class _Histogram:
    """Counts of seconds by bucket, and their sum."""

    def __init__(self) -> None:
        self._counts = [0] * (len(_BOUNDS) + 1)
        self._sum = 0.0

    def add(self, spans: Iterable[timedelta]) -> None:
        for span in spans:
            seconds = max(span.total_seconds(), 0.0)  # a clock that was set back in between
            self._counts[bisect_left(_BOUNDS, seconds)] += 1
            self._sum += seconds

    def family(self, name: str, words: str) -> Family:
        samples, below = [], 0
        for bound, count in zip((*map(float, _BOUNDS), "+Inf"), self._counts, strict=True):
            below += count
            samples.append(Sample(below, (("le", str(bound)),), "_bucket"))
        return Family(name, words, (*samples, Sample(below, (), "_count"), Sample(self._sum, (), "_sum")), "histogram")


@dataclass
class _Seen:
    """How far a table was counted: its highest id, and the rows of a queue that waited, with their ended attempts."""

    newest: int = 0
    waiting: dict[int, int] = field(default_factory=dict)


class Counters:
    """The totals of a desk."""

    def __init__(self) -> None:
        self._is_first = True  # no look at the outbox has succeeded
        self._journal, self._outbox, self._events = _Seen(), _Seen(), _Seen()
        self._received: Counter[str] = Counter()
        self._decided: Counter[str] = Counter(dict.fromkeys(_RESULTS["journal"], 0))
        self._queued: Counter[str] = Counter()
        self._settled: Counter[tuple[str, str]] = Counter()
        self._deferrals = 0
        self._steps: Counter[str] = Counter(dict.fromkeys(_STEPS, 0))
        self._sending, self._replying = _Histogram(), _Histogram()

    def advance(self, connection: Connection) -> None:
        """Counts what has happened since the last look, in one consistent view of the database."""
        self._advance_journal(connection)
        self._advance_outbox(connection)
        newest = find_newest(connection, events)
        for step in count_steps(connection, self._events.newest):
            if name := _name_step(step):
                self._steps[name] += step.number
        self._events.newest = newest

    def _advance_journal(self, connection: Connection) -> None:
        seen, newest, waiting = self._journal, find_newest(connection, journal), list_waiting(connection, journal)
        counts = count_mails(connection, seen.newest)
        states = list_states(connection, journal, sorted(seen.waiting.keys() - waiting.keys()))
        for source, state, count in counts:
            self._received[source] += count
            self._decide(state, count)
        for state in states:
            self._decide(state, 1)
        self._journal = _Seen(newest, waiting)

    def _decide(self, state: str, count: int) -> None:
        if state in _RESULTS["journal"]:
            self._decided[state] += count

    def _advance_outbox(self, connection: Connection) -> None:
        seen, newest, waiting = self._outbox, find_newest(connection, outbox), list_waiting(connection, outbox)
        counts = count_notices(connection, seen.newest)
        settled: list[SettledNotice] = []
        if not self._is_first:
            settled = list_settled(connection, seen.newest, sorted(seen.waiting.keys() - waiting.keys()))
        receipts = [row.id for row in settled if row.state == DONE and row.notice == Notice.RECEIPT.value]
        replies = list_reply_times(connection, receipts)
        for notice, state, count, attempts in counts:
            self._queued[notice] += count
            if self._is_first and state != WAITING:
                self._settle(notice, state, count)
                self._deferrals += max(attempts - count, 0)
        for row in settled:
            self._settle(row.notice, row.state, 1)
            self._deferrals += max(row.attempts - 1 - seen.waiting.get(row.id, 0), 0)
        self._deferrals += sum(max(ended - seen.waiting.get(row_id, 0), 0) for row_id, ended in waiting.items())
        self._sending.add(row.sent_at - row.queued_at for row in settled if row.state == DONE and row.sent_at)
        self._replying.add(went - came for came, went in replies)
        self._outbox = _Seen(newest, waiting)
        self._is_first = False

    def _settle(self, notice: str, state: str, count: int) -> None:
        if state in _RESULTS["outbox"]:
            self._settled[notice, _SENT if state == DONE else state] += count

    def families(self) -> Iterator[Family]:
        """Returns the totals as they were at the last look."""
        yield _counter("received", "Emails received, by source.", self._received, "way")
        yield _counter("decided", "Emails processed, by result.", self._decided, "result")
        yield _counter("notices_queued", "Notices queued, by kind.", self._queued, "notice")
        settled = [
            Sample(self._settled[notice, state], (("notice", notice), ("state", state)), "_total")
            for notice in sorted(self._queued)
            for state in (_SENT, FAILED, PARKED)  # also what is 0: Prometheus sees no increase to a first 1
        ]
        yield Family("notices", "Notices sent, failed or parked, by kind.", settled, "counter")
        yield Family(
            "notice_deferrals", "Attempts after which a notice was deferred.",
            (Sample(self._deferrals, (), "_total"),), "counter",
        )  # fmt: skip
        yield _counter("ticket_steps", "Tickets opened, escalated, closed or reopened.", self._steps, "step")
        yield self._sending.family("send_seconds", "Time from queueing a notice until the relay accepted it.")
        yield self._replying.family("reply_seconds", "Time from receiving a request until its receipt was sent.")


def _counter(name: str, words: str, counts: Counter[str], label: str) -> Family:
    samples = [Sample(count, ((label, value),), "_total") for value, count in sorted(counts.items())]
    return Family(name, words, samples, "counter")


def _name_step(step: StepCount) -> str:
    """Names what an event did to tickets; "" for what is not counted."""
    topic = name_move(State(step.from_state) if step.from_state is not None else None, State(step.to_state))
    return topic.value if topic is not None and topic.value in _STEPS else ""
