"""Turns the commands and the text of an agent's mail into ticket events, in the order in which they are applied.

Pure. Who may give commands is decided by `roles`, and what the state of the ticket allows by the transition table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mailgate.core.workflow.events import EVENTS, Event, MailText
from mailgate.parsers.commands import (
    QUESTIONS,
    CloseKind,
    Command,
    Commands,
    Reason,
    read_close_reason,
)
from mailgate.tickets.events import TicketEvent
from mailgate.tickets.values import CommandMistake

_EVENTS: dict[str, Event] = {}
for _info in EVENTS.values():
    if _info.command is not None:  # #close causes one of three events, see `_closing`
        _EVENTS.setdefault(_info.command.name, _info.event)
_CLOSINGS = {
    CloseKind.SPAM: Event.CLOSE_SPAM,
    CloseKind.TRANSFERRED: Event.CLOSE_TRANSFERRED,
    CloseKind.BARE: Event.CLOSE_BARE,
}

GIVEN_BACK = 20_000  # characters of a mail that its author gets back; they have the rest themselves
Articles = Mapping[int, str]
"""The texts of the existing articles that a mail names with `#kb`, by their numbers."""


def split_queries(read: Commands) -> tuple[tuple[Command, ...], Commands]:
    """Separates the queries of a mail to the desk from its commands on the ticket."""
    queries = tuple(command for command in read.commands if command.name in QUESTIONS and command.name != "help")
    return queries, replace(read, commands=tuple(command for command in read.commands if command not in queries))


def numbers_of_articles(read: Commands) -> tuple[int, ...]:
    """Returns the numbers of the articles that a mail wants sent to the requester."""
    named = (command.args.split() for command in read.commands if command.name == "kb" and command.args != "no")
    return tuple(int(number) for numbers in named for number in numbers)


def interpret_commands(
    read: Commands, base: TicketEvent, written: str = "", articles: Articles | None = None
) -> tuple[TicketEvent, ...]:
    """Returns the events of a mail: first what is only recorded, then the answer, then what moves the ticket.

    A mistyped line stops everything, and so does a missing article: one `mistyped` event then gives back the mail as
    its author wrote it (`written`). The text of articles is public text, behind the author's own.
    """
    articles = articles or {}
    mistakes = [CommandMistake(error.line, error.nearest, error.reason.value) for error in read.errors]
    missing = (number for number in numbers_of_articles(read) if number not in articles)
    mistakes += (CommandMistake(f"#kb {number}", "kb", Reason.NO_ARTICLE.value) for number in missing)
    if mistakes:
        reason = "; ".join(mistake.line for mistake in mistakes)
        given_back = written[:GIVEN_BACK]
        return (replace(base, event=Event.MISTYPED, mistakes=tuple(mistakes), reason=reason, text=given_back),)
    if not read.internal:
        texts = (read.public_text, *(articles[number] for number in numbers_of_articles(read)))
        read = replace(read, public_text="\n\n".join(text for text in texts if text.strip()))
    base = replace(base, files_stay=read.internal)
    # A question of #ask goes to the person asked only: another command must not carry it to the requester.
    asks = any(command.name == "ask" for command in read.commands)
    public, silent = (base, read.public_text), (replace(base, files_stay=True), "")
    contexts = (silent if asks and command.name != "ask" else public for command in read.commands)
    events = [_to_event(command, *context) for command, context in zip(read.commands, contexts, strict=True)]
    events.sort(key=_place)
    carried = any(ticket_event.event.info.text.is_carried for ticket_event in events)
    if read.public_text and not carried:
        place = next((at for at, ticket_event in enumerate(events) if _place(ticket_event) > 0), len(events))
        events.insert(place, replace(base, event=Event.ANSWERED, text=read.public_text))
    return tuple(events)


def _place(ticket_event: TicketEvent) -> int:
    """Sorts an undo before everything else, and what moves the ticket last."""
    command = ticket_event.event.info.command
    return command.place if command is not None else 0


def _to_event(command: Command, base: TicketEvent, public_text: str) -> TicketEvent:
    line = str(command)
    base = replace(base, command=command.name)
    if command.name == "close":
        return _closing(command.args, base, public_text, line)
    if command.name == "spam":
        return _closing(CloseKind.SPAM.value, base, public_text, line)
    if command.name == "route":
        queue, _, why = command.args.partition(" ")
        why = why.strip(" :,;-–")
        return replace(base, event=Event.ROUTE, argument=queue.rstrip(":,;"), reason=f"#route {why}".strip())
    event = _EVENTS[command.name]
    if event is Event.NOTE:
        return replace(base, event=event, text=command.args, reason="#note", files=())
    if event.info.text in (MailText.SOLUTION, MailText.QUESTION):  # the rest of the line, then the text
        words = "\n\n".join(part for part in (command.args, public_text) if part)
        return replace(base, event=event, text=words, reason=line)
    text = public_text if event.info.text.is_carried else ""
    return replace(base, event=event, argument=command.args, text=text, reason=line)


def _closing(args: str, base: TicketEvent, public_text: str, line: str) -> TicketEvent:
    reason = read_close_reason(args)
    event = _CLOSINGS.get(reason.kind, Event.CLOSE)
    words = reason.detail if reason.kind in (CloseKind.FREE, CloseKind.TRANSFERRED) else reason.kind.value
    if reason.kind is CloseKind.DUPLICATE and reason.detail:
        words = f"{reason.kind.value} {reason.detail}"
    return replace(base, event=event, argument=words, text=public_text, reason=line)
