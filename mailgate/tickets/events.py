"""An event of a ticket with everything that its history and its notices may need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mailgate.core.formatting import FormattedText
from mailgate.core.mail import Address, Picture
from mailgate.core.workflow.events import Event, State
from mailgate.parsers.forms import InvalidValue
from mailgate.store.approvals import WITHDRAWN
from mailgate.tickets.values import CommandMistake, CommandResult, FileRef, LeftOut, SentNotice

UNCLEAR, UNPROVEN, DECIDED = "unclear", "unproven", "decided"
"""Why an answer to an approval decides nothing: its words, its author, or that it is decided; or it is WITHDRAWN."""
DECIDES_NOTHING = frozenset({UNPROVEN, DECIDED, WITHDRAWN})
"""Those of them that answer nothing at all: the desk goes on waiting."""

PARTLY, WHOLE = "partly", "whole"
"""How much of a parked mail was read: what opened its ticket, or all of it, once it was put back."""


@dataclass(frozen=True, slots=True)
class TicketEvent:
    """An event of a ticket: its kind, its time, its author, and the words that came with it."""

    event: Event
    at: datetime
    by: str  # an address, `timer NAME`, `operator` or `desk`
    reason: str = ""  # the phrase or the key that decided, verbatim
    author: Address | None = None
    acts_for: State | None = None  # the level that an agent acts for, None for others and the operator
    acts_queue: str = ""  # the queue of that level
    text: str = ""
    argument: str = ""  # of the command, or of the event: an address, a number of stars, a requester's words
    files: tuple[FileRef, ...] = ()
    with_files: bool = False  # a requester's mail has files or pictures of its own, beside those that it quotes
    answers: int = 0  # the number of the notice that an agent's mail answers, 0 where there is none
    mistakes: tuple[CommandMistake, ...] = ()
    outsider: bool = False  # the author stands outside the ticket
    early_yes: bool = False  # a proven yes to an agent's answer that asked nothing
    stars: int = 0  # of the rating in the same mail, 0 where there is none
    words_told: bool = False  # the words beside a rating go to the level that has the ticket by the mail's other event
    unproven: bool = False  # a mail in a participant's name without proof that it is theirs
    refused: bool = False  # the pinned server says that a mail in a participant's name is not theirs
    newcomers: tuple[str, ...] = ()  # people in copy of a mail without proof, who were not taken into the ticket
    encrypted: bool = False
    enclosing: str = ""  # of #ask: what goes beside the request, ALONE or WITH_FILES of parsers/commands/arguments
    files_stay: bool = False  # the files of the mail are not for its notices: internal, or for another person
    strayed_to: tuple[str, ...] | None = None  # the recipients of a request that names no address of the desk
    lost: str = ""  # the ticket that a request answers, where it is not in this database
    journal_id: int | None = None
    reading: str = ""  # of a mail that was parked: PARTLY or WHOLE
    signed: bool = False
    original: FileRef | None = None  # a signed or encrypted mail as it came; None where it may not be passed on
    gathered: bool = False  # one reply to the author tells what came of all tickets of the mail
    command: str = ""  # the English name of the command, "" where there was none
    follows: str = ""  # the reference of the ticket that this one is answered with, "" where it is answered by itself
    rejection: tuple[str, ...] = ()  # why the event was rejected: a sentence and what stands in its braces
    done: tuple[CommandResult, ...] = ()  # for the author's transcript: the results of their mail
    enclosed: tuple[str, ...] = ()  # names of the files that #ask sent
    quotes: bool = False  # #ask sent the request, too
    has_more: bool = False  # of #approve-by: the text of the mail goes to the approver, beside the question of its line
    sent: tuple[SentNotice, ...] = ()  # for the author's transcript: the notices that their mail sent
    left_out: LeftOut | None = None  # for the author: the files that had no room in what their mail sent
    undoable: bool = False  # the author may take their mail back
    forwarded: Address | None = None  # the author of a mail that staff forwards as a request
    fields: tuple[tuple[str, str], ...] = ()  # values for the form of the ticket, by the names of its fields
    wrong: tuple[InvalidValue, ...] = ()  # values for the form that cannot be taken
    new_due: datetime | None = None  # the new deadline of the level, where the event changed it
    quiet: bool = False  # the desk writes to nobody outside about it
    server_words: str = ""  # of a mail server that did not take or deliver a notice: its reply, or its status
    formatted: FormattedText | None = None  # the text, or a part of it, as its author formatted it
    prepended: str = ""  # the saved replies that the author's own words in the text stand below
    only_to: str = ""  # the one recipient to whom a notice that was kept goes now by itself, else ""
    pictures: tuple[Picture, ...] = ()  # of the mail, whose names stand in the text
    failed: str = ""  # the kind of notice that did not arrive
    set_aside: bool = False  # the address to which it went gets no more notices
    moment: str = ""  # a time as an agent wrote it, "" for none
    until: datetime | None = None  # that time; None where it cannot be read or is over
    put_off_until: datetime | None = None  # until when another command of the same mail puts the ticket off
    paused: bool = False  # for the author's transcript: the clock of the ticket that was put off stands
    approval: str = ""  # of an answer to an approval: approved, rejected, or why it decides nothing
    answered: int = 0  # the number of the notice of that approval
    assignee: str = ""  # of a request: who has the ticket once the commands of its mail are done
    tags: tuple[str, ...] = ()  # those that it has then
    begins: bool = False  # the words of an agent with which a ticket begins: the requester has asked for nothing
    waits_for: str = ""  # the third party whom an answer names, since its mail has #waiting
