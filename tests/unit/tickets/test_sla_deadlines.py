"""The timers of a running desk agree with the history of its tickets, whatever happens to a ticket.

Random lives of a ticket on a real desk: after each thing that happens, the promise and the timers in the database are
compared with the fold over the history, and the promise with a model that looks at the clock minute by minute.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.core.calendar.business_time import is_open
from mailgate.core.sla.account import LevelPeriod, SlaAccount, SlaEvent, SlaVerdict, plan_timers
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.events import LEVELS, Event, State
from mailgate.core.workflow.transitions import Condition
from mailgate.store.timers import running_timers
from mailgate.tickets.sla.deadlines import account_for, make_plan
from mailgate.tickets.sla.terms import OF_LEVELS
from tests.support.desk import CONFIG, TestDesk

_MINUTE = timedelta(minutes=1)
_SUPPLIER = "supplier@vendor.example"
_AGENTS = {"level1": "alice@example.com", "level2": "carol@example.com"}
_PROMISES = """
[limits]
automatic_per_address_hour = 0
automatic_per_ticket_day = 0
[[promises]]
priority = ["urgent"]
resolve_within = "2 business hours"
inform_every = "1 business hour"
[[promises]]
priority = ["low"]
resolve_within = "30 hours"
warn_at = "1 hour"
"""
_LEVEL1 = 'resolve_within = "4 business hours"'
_TIMES = ("4 business hours", "7 business hours", "26 hours", "2 business days")
_PASSING = ("5 minutes", "17 minutes", "40 minutes", "1 business hour", "1 business hour", "3 hours", "14 hours")


def _configure(within: str, *, pauses: bool = False) -> str:
    level1 = f'resolve_within = "{within}"\nanswer_within = "2 business hours"\ninform_every = "3 business hours"'
    waiting = f"[waiting]\npause_for_third_parties = {str(pauses).lower()}\n"
    return CONFIG.replace(_LEVEL1, level1) + _PROMISES + waiting


class Life:
    """One ticket, to which anything may happen."""

    def __init__(self, folder: Path, database: str, seed: int) -> None:
        self.pauses = seed % 2 == 1
        self.desk = TestDesk(folder, database=database, config=_configure(_TIMES[0], pauses=self.pauses))
        self.dice = random.Random(seed)
        self.told: list[str] = []
        self.desk.send(self.desk.mail("Anna <anna@example.org>", "It is broken.", subject="Printer"))

    def go_on(self) -> None:
        state = self.desk.ticket().state
        choices = [self.passes, self.passes, self.passes, self.writes, self.starts_again]
        if state in _AGENTS:
            choices += [self.orders] * 4
            choices += [self.supplier_writes] if self.desk.delivered(_SUPPLIER) else []
            choices += [self.takes_back] if self.told and self.told[-1].startswith("#") else []
        elif state != "closed":
            choices += [self.says_no, self.says_no]
        self.dice.choice(choices)()

    def passes(self) -> None:
        words = self.dice.choice(_PASSING)
        self.told.append(words)
        if self.dice.random() < 0.3:
            self.desk.sleep(words)
        else:
            self.desk.pass_time(words)

    def writes(self) -> None:
        self.told.append("message")
        self.desk.send(self.desk.answer("anna@example.org", "It is the blue one.", self.desk.last("anna@example.org")))

    def says_no(self) -> None:
        self.told.append("not fixed")
        self.desk.send(self.desk.answer("anna@example.org", "not fixed", self.desk.last("anna@example.org")))

    def orders(self) -> None:
        ticket = self.desk.ticket()
        waiting = "#waiting\nWhich one?"
        orders = ["We look into it.", waiting, waiting, waiting, "#take", "#priority urgent", "#priority low"]
        orders += ["#type incident", "#priority normal", "#resolve Try again.", "#later 3 hours"]
        orders += ["#waiting HP", "#waiting HP until Friday", f"#ask {_SUPPLIER}\nIs it known?"]
        orders.append("#escalate" if ticket.level == "level1" else "#handback yours")
        self._order(self.dice.choice(orders))

    def supplier_writes(self) -> None:
        self.told.append("answer of a third party")
        self.desk.send(self.desk.answer(_SUPPLIER, "It is.", self.desk.last(_SUPPLIER)))

    def takes_back(self) -> None:
        self._order("#undo")

    def _order(self, order: str) -> None:
        agent = _AGENTS[self.desk.ticket().state]
        mailbox = agent.replace("alice", "level1").replace("carol", "level2")
        seen = [mail for mail in self.desk.relay.mails if mail.recipient in (agent, mailbox)]
        self.told.append(order)
        self.desk.send(self.desk.answer(agent, order, seen[-1], quote=False))

    def starts_again(self) -> None:
        within = self.dice.choice(_TIMES)
        self.told.append(f"within {within}")
        self.desk.restart(_configure(within, pauses=self.pauses))

    # -- what must be so -------------------------------------------------------------------------------------------

    def check(self) -> None:
        ticket, now = self.desk.ticket(), self.desk.clock.now()
        with self.desk.desk.database.read() as connection:
            plan = make_plan(connection, self.desk.settings, ticket, now)
            account = account_for(connection, self.desk.settings, ticket, now)
            running = {Timer(row.name): row.due_at for row in running_timers(connection, ticket.id)}
        assert not plan.changes, (self.told, plan)
        period = account.current
        assert (period is not None) is (State(ticket.state) in LEVELS), self.told
        if period is None:
            return
        assert period.level == ticket.level, self.told
        assert (period.paused_since is None) is (ticket.waiting_since is None), self.told
        assert ticket.promise_due == period.stored_due, self.told
        mine = {timer: due for timer, due in running.items() if timer in OF_LEVELS}
        assert mine == plan_timers(account, now), self.told
        self._compare(account, period, now)

    def _compare(self, account: SlaAccount, period: LevelPeriod, now: datetime) -> None:
        waits = model_waits(account.entries, period)
        assert period.used == model_used(period, waits, now), self.told
        if period.paused_since is None and period.used < period.allowed:
            assert period.due == model_due(period, waits), self.told
        assert (period.verdict is SlaVerdict.RUNNING) is (now <= period.due), self.told


_ENDING_ALL = ("take", Event.WAITING_FOR.value)
_ANSWERS = ("message", "no", "yes", "thanks")


def model_waits(entries: Sequence[SlaEvent], period: LevelPeriod) -> list[tuple[datetime, datetime | None]]:
    """When the clock stood, by the names of the events."""
    waits: list[tuple[datetime, datetime | None]] = []
    of_requester = False
    for entry in entries[entries.index(period.began) + 1 :]:
        refused = "meaningless" in entry.row or " · the ticket is" in entry.row or " · " not in entry.row
        stands = bool(waits) and waits[-1][1] is None
        asks, pauses = entry.event == Event.WAITING.value, entry.row.endswith(Condition.PAUSES.value)
        if refused:
            continue
        if asks or pauses:
            of_requester = asks
            if not stands:
                waits.append((entry.at, None))
        elif stands and entry.event in _ENDING_ALL + (_ANSWERS if of_requester else ("answer of a third party",)):
            waits[-1] = (waits[-1][0], entry.at)
    return waits


def _counts(moment: datetime, period: LevelPeriod, waits: Sequence[tuple[datetime, datetime | None]]) -> bool:
    if any(begin <= moment and (end is None or moment < end) for begin, end in waits):
        return False
    return not period.business or is_open(moment, period.terms.hours)


def model_used(period: LevelPeriod, waits: Sequence[tuple[datetime, datetime | None]], now: datetime) -> timedelta:
    used, moment = timedelta(0), period.began.at
    while moment < now:
        used += _MINUTE * _counts(moment, period, waits)
        moment += _MINUTE
    return used


def model_due(period: LevelPeriod, waits: Sequence[tuple[datetime, datetime | None]]) -> datetime:
    """The first moment at which all of the allowed time has been used."""
    left, moment = period.allowed, period.began.at
    while left:
        left -= _MINUTE * _counts(moment, period, waits)
        moment += _MINUTE
    while period.terms.resolve_within.unit == "business day" and not is_open(moment, period.terms.hours):
        moment += _MINUTE  # n business days end within hours
    return moment


@pytest.mark.parametrize("first", range(4))
def test_what_the_desk_keeps_is_what_the_history_says(first: int, tmp_path: Path, whole: bool) -> None:
    for seed in range(first, 16 if whole else 4, 4):
        folder = tmp_path / str(seed)
        folder.mkdir()
        life = Life(folder, f"sqlite:///{folder}/desk.db", seed)
        life.check()
        for _ in range(18):
            life.go_on()
            life.check()
        life.desk.close()


def test_a_wrong_timer_would_be_noticed(tmp_path: Path) -> None:
    life = Life(tmp_path, f"sqlite:///{tmp_path}/desk.db", 0)
    ticket = life.desk.ticket()
    with life.desk.desk.database.write() as connection:
        from mailgate.store.timers import start_timers

        start_timers(connection, ticket.id, {"escalation": datetime(2026, 11, 25, tzinfo=UTC)}, life.desk.clock.now())
    with pytest.raises(AssertionError):
        life.check()
    life.desk.close()
