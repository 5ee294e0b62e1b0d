"""Prints a ticket's history, and its time in each state, on the clock and in business hours.

Everything is computed from the events that the desk wrote.
"""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from wcwidth import wrap

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


def show_history(output: DemoOutput, sandbox: Sandbox) -> None:
    """Prints the history and the times of the scripted ticket; nothing if there is no ticket."""
    ticket = sandbox.ticket()
    if ticket is None:
        return
    output.line()
    output.title(f"The history of {ticket.reference}")
    _print_events(output, sandbox, ticket.id)
    output.line()
    output.title("Where the time went")
    for state, (clock, business) in _time_by_state(sandbox, ticket.id).items():
        output.line(f"  {_SPENT_IN[state]:<36}{_words(clock):>12}   {_words(business):>9} in business hours")
    output.line(f"  {'worked, as logged with #time':<36}{_words(timedelta(minutes=ticket.minutes_spent)):>12}")


def _print_events(output: DemoOutput, sandbox: Sandbox, ticket_id: int) -> None:
    zone = sandbox.settings.default_queue.zone
    for event in sandbox.history(ticket_id):
        start, end = event.from_state or "new", event.to_state
        move = f"{start} → {end}" if start != end else end
        head = f"  {event.at.astimezone(zone):%a %H:%M}  {move:<24}"
        who = "" if event.by == event.event else f" by {event.by}"
        words = f"{event.event}{who}: {event.reason} {event.text if event.event == Event.NOTE else ''}"
        pieces = wrap(" ".join(words.split()), WIDTH - len(head), max_lines=2, placeholder=" …")
        output.line(head + pieces[0])
        output.lines(" " * len(head) + piece for piece in pieces[1:])


def _time_by_state(sandbox: Sandbox, ticket_id: int) -> dict[str, tuple[timedelta, timedelta]]:
    """Sums up each state's time on the clock and in business hours, in the order of their first entries."""
    hours = sandbox.settings.default_queue.hours
    spent: dict[str, tuple[timedelta, timedelta]] = {}
    moves = [event for event in sandbox.history(ticket_id) if event.from_state != event.to_state]
    for entered, left in pairwise(moves):
        clock, business = spent.get(entered.to_state, (timedelta(0), timedelta(0)))
        clock += left.at - entered.at
        business += business_between(entered.at, left.at, hours)
        spent[entered.to_state] = (clock, business)
    return spent


def _words(span: timedelta) -> str:
    minutes = int(span.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60:02d}"
