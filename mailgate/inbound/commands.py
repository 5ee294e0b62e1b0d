"""What an agent's mail orders: its commands and its text as happenings, in the order in which they are done.

Pure. Whoever may not order is not judged here but by `trust`, and what the ticket's state allows by the table.
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
    if _info.order is not None:  # #close causes one of three events, see `_closing`
        _EVENTS.setdefault(_info.order.name, _info.event)
_CLOSINGS = {
    CloseKind.SPAM: Event.CLOSE_SPAM,
    CloseKind.TRANSFERRED: Event.CLOSE_TRANSFERRED,
    CloseKind.BARE: Event.CLOSE_BARE,
}

GIVEN_BACK = 20_000  # characters of a mail that its author gets back; he has the rest himself
Articles = Mapping[int, str]
"""The text of each article that a mail names with `#kb` and that there is, by its number."""


def part_questions(read: Commands) -> tuple[tuple[Command, ...], Commands]:
    """What a mail asks the desk, and what it orders; of a mail with a mistake nothing is answered either."""
    asked = tuple(command for command in read.commands if command.name in QUESTIONS and command.name != "help")
    return asked, replace(read, commands=tuple(command for command in read.commands if command not in asked))


def numbers_of_articles(read: Commands) -> tuple[int, ...]:
    """The articles that a mail wants sent to the requester."""
    named = (command.args.split() for command in read.commands if command.name == "kb" and command.args != "no")
    return tuple(int(number) for numbers in named for number in numbers)


def interpret_commands(
    read: Commands, base: TicketEvent, written: str = "", articles: Articles | None = None
) -> tuple[TicketEvent, ...]:
    """The happenings of a mail: first what is only written down, then the answer, then what moves the ticket.

    A mistyped line stops everything, and so does an article that is not there. `written` is the mail as its author
    wrote it, to be given back with what is wrong. The text of articles is public text, behind his own.
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
    # What is asked of somebody goes to him only: another command of the same mail must not tell it the requester.
    asks = any(command.name == "ask" for command in read.commands)
    heard, silent = (base, read.public_text), (replace(base, files_stay=True), "")
    told = (silent if asks and command.name != "ask" else heard for command in read.commands)
    ordered = [_happening(command, *how) for command, how in zip(read.commands, told, strict=True)]
    ordered.sort(key=_place)
    carried = any(ticket_event.event.info.text.is_carried for ticket_event in ordered)
    if read.public_text and not carried:
        place = next((at for at, ticket_event in enumerate(ordered) if _place(ticket_event) > 0), len(ordered))
        ordered.insert(place, replace(base, event=Event.ANSWERED, text=read.public_text))
    return tuple(ordered)


def _place(ticket_event: TicketEvent) -> int:
    """Position among the commands of a mail: what it takes back comes first, and what moves the ticket comes last."""
    order = ticket_event.event.info.order
    return order.place if order is not None else 0


def _happening(command: Command, base: TicketEvent, public_text: str) -> TicketEvent:
    line = str(command)
    base = replace(base, order=command.name)
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
    if event.info.text in (
        MailText.SOLUTION,
        MailText.QUESTION,
    ):  # the solution or the question: the rest of the line, then the text
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
