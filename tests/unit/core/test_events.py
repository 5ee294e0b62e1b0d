"""The catalogue of events: every event has a row, every row decides everything, and what rows say agrees."""

from __future__ import annotations

import inspect
from dataclasses import MISSING, fields
from enum import Enum

import pytest

from mailgate.core.workflow import events
from mailgate.core.workflow.effects import Timer
from mailgate.core.workflow.events import (
    EVENTS,
    Actor,
    CommandInfo,
    Ending,
    Event,
    EventInfo,
    MailText,
    OnNewTicket,
    Reply,
    StepKind,
    TimelineStyle,
    Topic,
)
from mailgate.parsers.vocabulary import COMMANDS, QUESTIONS

ROWS = [pytest.param(info, id=info.event.name) for info in EVENTS.values()]


def test_every_event_has_one_row() -> None:
    rows = list(events._rows())
    assert sorted(row.event for row in rows) == sorted(Event)
    assert all(event.info.event is event for event in Event)


@pytest.mark.parametrize("kind", [EventInfo, CommandInfo])
def test_no_column_has_a_default(kind: type[EventInfo | CommandInfo]) -> None:
    silent = [one.name for one in fields(kind) if (one.default, one.default_factory) != (MISSING, MISSING)]
    assert silent == []


@pytest.mark.parametrize("write_row", [events._mail, events._order, events._system])
def test_no_kind_of_row_has_a_default(write_row: object) -> None:
    assert callable(write_row)
    defaults = [one.default for one in inspect.signature(write_row).parameters.values()]
    assert set(defaults) == {inspect.Parameter.empty}


@pytest.mark.parametrize("info", ROWS)
def test_a_row_leaves_nothing_undecided(info: EventInfo) -> None:
    kinds: dict[str, type[Enum]] = {
        "event": Event, "actor": Actor, "reply": Reply, "text": MailText, "ending": Ending, "step": StepKind,
        "timeline": TimelineStyle, "topic": Topic,
    }  # fmt: skip
    for name, kind in kinds.items():
        assert isinstance(getattr(info, name), kind), name
    assert isinstance(info.is_reminder, bool)
    assert isinstance(info.is_reported, bool)
    if info.command is not None:
        assert isinstance(info.command.on_new_ticket, OnNewTicket)
        assert isinstance(info.command.place, int)
        assert info.command.name in COMMANDS


@pytest.mark.parametrize("kind", [Actor, Reply, MailText, Ending, StepKind, TimelineStyle])
def test_every_value_of_a_column_is_used(kind: type[Enum]) -> None:
    used = {getattr(info, one.name) for info in EVENTS.values() for one in fields(EventInfo)}
    assert set(kind) - used == set()


def test_every_command_that_acts_on_a_ticket_has_an_event() -> None:
    named = {info.command.name for info in EVENTS.values() if info.command is not None}
    assert named == (COMMANDS - QUESTIONS - {"to"}) | {"show", "help"}  # "#to" opens one, with events of its own


def test_commands_that_move_the_ticket_have_places_of_their_own() -> None:
    places = [info.command.place for info in EVENTS.values() if info.command is not None and info.command.place != 0]
    assert len(places) == len(set(places))


@pytest.mark.parametrize("info", ROWS)
def test_columns_agree(info: EventInfo) -> None:
    assert info.by_timer == (info.event.value in {f"timer {timer.value}" for timer in Timer})
    if info.command is not None:
        assert info.by_agent
    if info.reply is not Reply.NONE:
        assert info.by_participant
    if info.step.is_step or info.text is not MailText.NONE:
        assert info.from_agent
    if info.ending.is_closing or info.ending is Ending.MERGED:
        assert info.command is not None
    if info.step.is_answered:
        assert info.timeline is TimelineStyle.HIDDEN
    if info.timeline is TimelineStyle.HIDDEN:
        assert not info.is_reported
