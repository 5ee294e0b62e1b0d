"""A ticket's history in one table, and where its time went: by state, on the clock and in business hours.

Reads the events that the desk wrote; computes nothing that is not in them.
"""

from __future__ import annotations

import textwrap
from datetime import timedelta
from itertools import pairwise

from mailgate.cli.demo.output import WIDTH, DemoOutput
from mailgate.cli.demo.sandbox import Sandbox
from mailgate.core.calendar.business_time import business_between
from mailgate.core.workflow.events import Event

_SPENT_IN = {
    "level1": "with Level 1",
    "level2": "with Level 2",
    "level3": "with Level 3",
    "confirming": "waiting for the requester's answer",
    "finalizing": "open to objection",
}


def show_ledger(page: DemoOutput, stage: Sandbox) -> None:
    """Print the history of the story's ticket and where the time went; nothing if there is no ticket."""
    ticket = stage.ticket()
    if ticket is None:
        return
    page.line()
    page.title(f"The history of {ticket.reference}")
    _show_history(page, stage, ticket.id)
    page.line()
    page.title("Where the time went")
    for state, (clock, business) in _time_by_state(stage, ticket.id).items():
        page.line(f"  {_SPENT_IN[state]:<36}{_words(clock):>12}   {_words(business):>9} in business hours")
    page.line(f"  {'worked, as logged with #time':<36}{_words(timedelta(minutes=ticket.minutes_spent)):>12}")


def _show_history(page: DemoOutput, stage: Sandbox, ticket_id: int) -> None:
    zone = stage.settings.default_queue.zone
    for event in stage.history(ticket_id):
        start, end = event.from_state or "new", event.to_state
        move = f"{start} → {end}" if start != end else end
        head = f"  {event.at.astimezone(zone):%a %H:%M}  {move:<24}"
        who = "" if event.by == event.event else f" by {event.by}"
        words = f"{event.event}{who}: {event.reason} {event.text if event.event == Event.NOTE else ''}"
        pieces = textwrap.wrap(" ".join(words.split()), WIDTH - len(head), max_lines=2, placeholder=" …")
        page.line(head + pieces[0])
        page.lines(" " * len(head) + piece for piece in pieces[1:])


def _time_by_state(stage: Sandbox, ticket_id: int) -> dict[str, tuple[timedelta, timedelta]]:
    """State → time on the clock and in business hours, in the order in which the states were first entered."""
    hours = stage.settings.default_queue.hours
    spent: dict[str, tuple[timedelta, timedelta]] = {}
    moves = [event for event in stage.history(ticket_id) if event.from_state != event.to_state]
    for entered, left in pairwise(moves):
        clock, business = spent.get(entered.to_state, (timedelta(0), timedelta(0)))
        clock += left.at - entered.at
        business += business_between(entered.at, left.at, hours)
        spent[entered.to_state] = (clock, business)
    return spent


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02d}"
