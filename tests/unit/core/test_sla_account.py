"""SLA accounts: cases told event by event, with the numbers worked out by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from mailgate.core.calendar.business_time import Hours, PublicHolidays, read_duration, read_week
from mailgate.core.sla.account import SlaAccount, SlaEvent, SlaVerdict, plan_timers
from mailgate.core.sla.replay import read_account
from mailgate.core.sla.terms import SlaTerms, SlaTopic, recall_terms
from mailgate.core.workflow.effects import Timer

PARIS = ZoneInfo("Europe/Paris")
HOURS = Hours(PARIS, read_week({"mon-fri": ["09:00-12:30", "13:30-18:00"]}), PublicHolidays("FR"))
HOUR = timedelta(hours=1)


def terms(within: str = "4 business hours", level: str = "level1", **more: object) -> SlaTerms:
    values: dict[str, object] = {
        "queue": "default", "level": level, "type": "", "priority": "normal",
        "answer_within": read_duration("2 business hours"), "resolve_within": read_duration(within), "warn_at": 0.75,
        "inform_every": None, "hours": HOURS,
    }  # fmt: skip
    return SlaTerms(**{**values, **more})  # type: ignore[arg-type]


def at(text: str) -> datetime:
    """A time on the clocks of Paris, on Monday 23 November 2026 unless a day is named."""
    day, _, time = text.rpartition(" ")
    return datetime.fromisoformat(f"{day or '2026-11-23'} {time}").replace(tzinfo=PARIS).astimezone(UTC)


class History:
    """Events as they would stand in the database."""

    def __init__(self, first: SlaTerms | None) -> None:
        self.entries: list[SlaEvent] = []
        self.state: str | None = None
        self.add("09:00", "request", "level1", row="new · request", terms=first)

    def add(
        self, time: str, event: str, to: str | None = None, *, row: str = "", argument: str = "", undone: bool = False,
        terms: SlaTerms | None = None,
    ) -> History:  # fmt: skip
        name = row or f"{self.state} · {event}"
        facts = terms.as_facts() if terms is not None else None
        number, to = len(self.entries) + 1, to or self.state
        assert to is not None
        self.entries.append(
            SlaEvent(
                number=number,
                at=at(time),
                event=event,
                from_state=self.state,
                to_state=to,
                by="alice@example.com",
                row=name,
                argument=argument,
                undone=undone,
                facts=facts,
            )
        )
        if not undone:
            self.state = to
        return self

    def account(self, now: str, today: SlaTerms | None = None) -> SlaAccount:
        return read_account(self.entries, at(now), SlaTopic("default"), lambda _kind, _level: today or terms())


def test_terms_come_back_as_they_were_written() -> None:
    for one in (terms(), terms("2 business days", "level2", warn_at=read_duration("30 minutes"), type="incident")):
        assert recall_terms(one.as_facts()) == one


def test_a_pause_moves_the_end_by_what_it_took() -> None:
    history = History(terms()).add("10:00", "waiting").add("12:00", "message")
    period = history.account("13:45").periods[0]
    assert (period.due, period.used, period.spare) == (at("16:00"), HOUR * 1.75, HOUR * 2.25)
    assert period.verdict is SlaVerdict.RUNNING
    assert period.pauses[0].taken == HOUR * 2


FOR_HP = "level1 · waiting for a third party · the clock stands for third parties"


def test_a_pause_for_a_third_party_moves_the_solution_alone() -> None:
    history = History(terms(inform_every=read_duration("2 business hours")))
    history.add("10:00", "waiting for a third party", row=FOR_HP, argument="HP")
    account = history.account("11:00")
    period = account.periods[0]
    assert (period.used, period.paused_for) == (HOUR, "HP")
    assert plan_timers(account, at("10:00")) == {Timer.ANSWER_WARNING: at("10:30"), Timer.UPDATE: at("11:00")}
    history.add("11:30", "message", row="level1 · message · the desk waits for a third party")
    history.add(
        "12:00", "answer of a third party", row="level1 · answer of a third party · the desk waits for that person"
    )
    account = history.account("12:00")
    period = account.periods[0]
    assert (period.due, period.used) == (at("16:00"), HOUR)
    assert [(pause.third_party, pause.taken) for pause in period.pauses] == [("HP", HOUR * 2)]
    assert account.silences[0].length == HOUR * 3, "the requester has heard nothing of it"


def test_a_pause_for_a_third_party_becomes_one_for_the_requester() -> None:
    history = History(terms()).add("10:00", "waiting for a third party", row=FOR_HP, argument="HP")
    history.add("11:00", "waiting").add("12:00", "message")
    period = history.account("12:00").periods[0]
    assert [pause.third_party for pause in period.pauses] == ["HP", ""]
    assert (period.due, period.used) == (at("16:00"), HOUR)


EARLY = "level2 · yes · a statement that it works, after an answer that asked nothing"


def test_the_promise_counts_until_the_answer_that_proved_to_be_the_solution() -> None:
    history = History(terms()).add("10:00", "escalate", "level2", terms=terms(level="level2"))
    history.add("12:00", "answer").add("17:00", "yes", "finalizing", row=EARLY)
    period = history.account("18:00").periods[1]
    assert (period.until, period.used, period.verdict) == (at("12:00"), HOUR * 2, SlaVerdict.KEPT)
    assert period.ended is not None
    assert period.ended.event == "yes"


def test_an_answer_before_the_level_had_the_ticket_ends_its_promise_with_the_words_of_the_requester() -> None:
    history = History(terms()).add("09:30", "answer")
    history.add("13:30", "timer escalation", "level2", terms=terms("2 business hours", "level2"))
    history.add("14:30", "yes", "finalizing", row=EARLY)
    first, second = history.account("18:00").periods
    assert (first.verdict, second.verdict, second.used) == (SlaVerdict.MISSED, SlaVerdict.KEPT, HOUR)


def test_what_was_taken_back_did_not_happen() -> None:
    history = History(terms()).add("10:00", "waiting", undone=True).add("10:05", "undo")
    assert history.account("13:00").periods[0].due == at("14:00")


def test_history_is_held_against_what_was_promised_then() -> None:
    history = History(terms()).add("15:00", "resolve", "confirming")
    assert history.account("17:00", terms("8 business hours")).periods[0].verdict is SlaVerdict.MISSED
    without = History(None).add("15:00", "resolve", "confirming")
    assert without.account("17:00", terms("8 business hours")).periods[0].verdict is SlaVerdict.KEPT


def test_a_history_without_facts_has_the_priority_that_its_events_name() -> None:
    history = History(None).add("10:00", "priority", argument="urgent").add("11:30", "resolve", "confirming")
    kinds: list[SlaTopic] = []

    def today(kind: SlaTopic, _level: str) -> SlaTerms:
        kinds.append(kind)
        return terms("2 business hours" if kind.priority == "urgent" else "4 business hours")

    account = read_account(history.entries, at("12:00"), SlaTopic("default", "", "urgent"), today)
    assert kinds[0].priority == "normal"
    assert account.periods[0].due == at("11:00")
    assert account.periods[0].verdict is SlaVerdict.MISSED


def test_each_stay_has_its_own_promise_and_verdict() -> None:
    history = History(terms()).add("10:00", "escalate", "level2", terms=terms("1 business day", "level2"))
    history.add("11:00", "handback", "level1", terms=terms()).add("16:30", "timer escalation", "level2", terms=terms())
    history.add("17:00", "merge", "closed")
    account = history.account("18:00")
    assert [(period.level, period.verdict) for period in account.periods] == [
        ("level1", SlaVerdict.HANDED_ON), ("level2", SlaVerdict.HANDED_ON), ("level1", SlaVerdict.MISSED),
        ("level2", SlaVerdict.NOT_NEEDED),
    ]  # fmt: skip
    assert account.answer.verdict is SlaVerdict.MISSED
    assert account.current is None


@pytest.mark.parametrize(
    ("events", "verdict", "used"),
    [
        ([], SlaVerdict.RUNNING, 1.0),
        ([("09:30", "answer")], SlaVerdict.KEPT, 0.5),
        ([("09:45", "waiting")], SlaVerdict.KEPT, 0.75),
        ([("09:15", "timer warning"), ("09:30", "note")], SlaVerdict.RUNNING, 1.0),
    ],
)
def test_the_first_answer_is_a_word_of_a_human(events: list[tuple[str, str]], verdict: SlaVerdict, used: float) -> None:
    history = History(terms())
    for event in events:
        history.add(*event)
    answer = history.account("10:00").answer
    assert (answer.due, answer.verdict, answer.used) == (at("11:00"), verdict, HOUR * used)


def test_an_answer_is_due_no_later_than_the_solution() -> None:
    history = History(terms("1 business hour"))
    assert history.account("09:30").answer.due == at("10:00")


def test_timers_follow_from_the_account() -> None:
    history = History(terms(inform_every=read_duration("1 business hour")))
    assert plan_timers(history.account("09:00"), at("09:00")) == {
        Timer.ANSWER_WARNING: at("10:30"), Timer.UPDATE: at("10:00"), Timer.WARNING: at("12:00"),
        Timer.ESCALATION: at("14:00"),
    }  # fmt: skip
    history.add("09:30", "answer")
    assert plan_timers(history.account("09:30"), at("09:30"))[Timer.UPDATE] == at("10:30")
    history.add("10:30", "timer update").add("12:00", "timer warning")
    assert plan_timers(history.account("12:10"), at("12:10")) == {
        Timer.UPDATE: at("12:10"), Timer.ESCALATION: at("14:00"),
    }  # fmt: skip
    history.add("12:15", "waiting")
    assert plan_timers(history.account("12:20"), at("12:20")) == {}


@pytest.mark.parametrize(
    ("warn_at", "expected"),
    [(0.5, "11:00"), ("30 minutes", "13:30"), ("1 business hour", "12:00"), (0.0, None), (1.0, None), ("1 day", None)],
)
def test_a_warning_is_a_share_or_a_time_before(warn_at: float | str, expected: str | None) -> None:
    wanted = read_duration(warn_at) if isinstance(warn_at, str) else warn_at
    dues = plan_timers(History(terms(warn_at=wanted)).account("09:00"), at("09:00"))
    assert dues.get(Timer.WARNING) == (at(expected) if expected else None)


def test_silence_is_measured_from_word_to_word() -> None:
    every = read_duration("2 business hours")
    history = History(terms("2 business days", inform_every=every))
    history.add("10:00", "answer").add("15:00", "answer").add("15:30", "waiting").add("17:30", "message")
    account = history.account("18:00")
    assert [silence.length for silence in account.silences] == [HOUR, HOUR * 4, HOUR * 0.5, HOUR * 0.5]
    assert [silence.kept for silence in account.silences] == [True, False, True, True]
    assert account.informed is SlaVerdict.MISSED
    assert account.longest_silence is not None
    assert account.longest_silence.began.number == 2
