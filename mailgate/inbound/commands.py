"""Turns the commands and the text of an agent's mail into ticket events, in the order in which they are applied.

Pure. Who may give commands is decided by `roles`, and what the state of the ticket allows by the transition table.
"""

from __future__ import annotations

from collections.abc import Mapping

from mailgate.core.frozen import replace
from mailgate.core.workflow.events import ASKING_COMMANDS, EVENTS, Event, MailText
from mailgate.parsers.commands import (
    QUESTIONS,
    CloseKind,
    Command,
    Commands,
    ReadingError,
    Reason,
    part_targets,
    read_close_reason,
)
from mailgate.parsers.commands.arguments import WITH_FILES
from mailgate.parsers.commands.moments import WaitingArgument, read_waiting
from mailgate.parsers.questions import asks_something
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
    """Separates the queries of a mail to the desk from its commands on the ticket; there `#help` lists the commands."""
    asked = (command for command in read.commands if command.name in QUESTIONS)
    queries = tuple(command for command in asked if command.name != "help" or command.args == "replies")
    return queries, replace(read, commands=tuple(command for command in read.commands if command not in queries))


def address_commands(read: Commands) -> Commands:
    """Returns the commands of a mail of no ticket, each with the tickets that its line names."""
    return _fill_notes(replace(read, commands=tuple(map(_address, read.commands))))


def keep_to_ticket(read: Commands, reference: str) -> Commands:
    """Returns the commands of a reply to a ticket; only the mistakes where one names other tickets.

    Where one names the ticket itself, it is as if it named none. In a note, a cause or what was used, references are
    words like any others, and so is what only looks like one (`#resolve E-42 means no paper`).
    """
    prefix = f"{reference.partition('-')[0]}-"
    commands = tuple(_address(one) if _is_addressed(one, prefix) else one for one in read.commands)
    others = [one for one in commands if one.targets and one.targets != (reference,)]
    if others:
        errors = (ReadingError(str(one), one.name, Reason.OTHER_TICKETS) for one in others)
        return Commands((), "", tuple(errors))
    filled = _fill_notes(replace(read, commands=commands))
    return replace(filled, commands=tuple(replace(one, targets=()) for one in filled.commands))


def _address(command: Command) -> Command:
    """Returns a command with the targets that stand in its argument."""
    if command.targets:
        return command
    targets, rest = part_targets(command.name, command.args)
    return replace(command, targets=targets, args=rest)


def _is_addressed(command: Command, prefix: str) -> bool:
    """Tells whether a command in a reply to a ticket is for the tickets that it names."""
    named = _address(command)
    is_about = command.name in ("note", "cause", "used") and bool(named.args)
    return bool(command.targets) or (not is_about and all(one.startswith(prefix) for one in named.targets))


def _fill_notes(read: Commands) -> Commands:
    """Gives a note that consists of references the text of the mail, which is internal then; an error without text."""
    empty = [one for one in read.commands if one.name == "note" and one.targets and not one.args]
    if not empty:
        return read
    if not read.public_text:
        return Commands((), "", (ReadingError(str(empty[0]), "note", Reason.MISSING_ARGUMENT),))
    filled = tuple(replace(one, args=read.public_text) if one in empty else one for one in read.commands)
    return replace(read, commands=filled, public_text="", internal=True)


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
    misplaced = (str(command) for command in read.commands if command.name == "to")
    mistakes += (CommandMistake(line, "to", Reason.NEW_MAIL_ONLY.value) for line in misplaced)
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
    # A question of #ask or #approve-by goes to the person asked: no other command must carry it to the requester.
    asks = any(command.name in ASKING_COMMANDS for command in read.commands)
    public, silent = (base, read.public_text), (replace(base, files_stay=True), "")
    contexts = (silent if asks and command.name not in ASKING_COMMANDS else public for command in read.commands)
    events = [_to_event(command, *context) for command, context in zip(read.commands, contexts, strict=True)]
    events.sort(key=_place)
    if any(one.event.info.text.is_carried and one.event is not Event.FORM for one in events):  # the text goes out once
        events = [replace(one, text="", files_stay=True) if one.event is Event.FORM else one for one in events]
    carried = any(ticket_event.event.info.text.is_carried for ticket_event in events)
    if read.public_text and not carried:
        place = next((at for at, ticket_event in enumerate(events) if _place(ticket_event) > 0), len(events))
        waits = next((one for one in events if one.event is Event.WAITING_FOR), base)
        answer = replace(base, event=Event.ANSWERED, text=read.public_text)
        events.insert(place, replace(answer, waits_for=waits.argument, moment=waits.moment))
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
    if command.name == "ask":
        address, _, enclosing = command.args.partition(" ")
        return replace(base, event=Event.ASK, argument=address, enclosing=enclosing, text=public_text, reason=line)
    if command.name == "approve-by":
        address, _, question = command.args.partition(" ")
        enclosing = WITH_FILES if f"{question} ".startswith(f"{WITH_FILES} ") else ""
        question = question.removeprefix(enclosing).strip(" :,;-–")
        words = "\n\n".join(part for part in (question, public_text) if part)
        return replace(
            base,
            event=Event.APPROVE_BY,
            argument=address,
            enclosing=enclosing,
            text=words,
            has_more=bool(question and public_text),
            reason=f"#approve-by {address}",
        )
    event = _EVENTS[command.name]
    if event is Event.WAITING:
        return _waiting(read_waiting(command.args), base, public_text, line)
    if event is Event.LATER:
        moment = "" if command.args == "off" else command.args
        return replace(base, event=event, argument=command.args, moment=moment, reason=line)
    if event is Event.NOTE:
        return replace(base, event=event, text=command.args, reason="#note", files=())
    if event.info.text is MailText.SOLUTION:  # the rest of the line, then the text
        words = "\n\n".join(part for part in (command.args, public_text) if part)
        return replace(base, event=event, text=words, reason=line)
    text = public_text if event.info.text.is_carried else ""
    return replace(base, event=event, argument=command.args, text=text, reason=line)


def _waiting(read: WaitingArgument, base: TicketEvent, public_text: str, line: str) -> TicketEvent:
    """Returns the event of `#waiting`: a question to the requester, or a third party to wait for.

    "For the log files" beside a question is the requester's answer that is waited for.
    """
    if not read.is_question and not (read.is_doubtful and asks_something(public_text)):
        return replace(base, event=Event.WAITING_FOR, argument=read.name, moment=read.moment, reason=line)
    words = "\n\n".join(part for part in (read.question, public_text) if part)
    return replace(base, event=Event.WAITING, text=words, reason=line)


def _closing(args: str, base: TicketEvent, public_text: str, line: str) -> TicketEvent:
    reason = read_close_reason(args)
    event = _CLOSINGS.get(reason.kind, Event.CLOSE)
    words = reason.detail if reason.kind in (CloseKind.FREE, CloseKind.TRANSFERRED) else reason.kind.value
    if reason.kind is CloseKind.DUPLICATE and reason.detail:
        words = f"{reason.kind.value} {reason.detail}"
    return replace(base, event=event, argument=words, text=public_text, reason=line)
