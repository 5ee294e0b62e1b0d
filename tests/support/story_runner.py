"""Runs a story on a desk under test: each line is one event or one expectation.

A story is a text that a support agent can read (`*.story`). Lines that begin with `#` are its title and remarks;
`with` lines at its head change the configuration. Expectations are exact: `receives` names every mail that a person
got since the last such line about them, in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from mailgate.store.events import EventRow, list_events
from mailgate.store.people import list_participants
from mailgate.store.schema import journal
from mailgate.store.tickets import Ticket, list_links
from mailgate.store.timers import running_timers
from mailgate.store.work_queue import list_rows
from tests.support.people import PEOPLE, address_of
from tests.support.story_steps import StorySteps, unquoted

_PERSON = "|".join(PEOPLE)
_TEXT = r'"((?:[^"\\]|\\.)*)"'
_HEADER = re.compile(rf"^(.*) with the header {_TEXT}$")
_MAILBOX = re.compile(r"^(.*) into the mailbox(?: of (\S+@\S+))?(?: \((\d+) MB\))?$")
_VERDICT = re.compile(r"^((\w+) .*) and the pinned server says (pass|fail)$")


class StoryRunner(StorySteps):
    """Runs one story on one desk."""

    def __init__(self, folder: Path, story: str, database: str) -> None:
        lines = [line.strip() for line in story.splitlines()]
        self.lines = [line for line in lines if line and not line.startswith(("#", "with "))]
        extra = [line.removeprefix("with ") for line in lines if line.startswith("with ")]
        super().__init__(folder, extra, database)
        self._read: dict[str, int] = {}

    def run(self) -> None:
        """Run every line; a failed expectation is an AssertionError with the text of its line."""
        for line in self.lines:
            try:
                self.play(line)
            except Exception as error:
                raise AssertionError(f"{line}\n    {error}\n    {self._summary()}") from error

    def play(self, line: str) -> None:
        """Run one line; SyntaxError where no pattern of LINES matches."""
        bare = self._take_headers(line)
        for pattern, do in LINES:
            found = re.fullmatch(pattern, bare)
            if found is not None:
                do(self, *found.groups())
                return
        raise SyntaxError(f"no line of a story: {bare}")

    def _take_headers(self, line: str) -> str:
        """Strip what a line adds to its mail (headers, mailbox, verdict) and keep it for the next mail."""
        self.headers, self.mailbox, self.megabytes = [], None, 0
        if found := _MAILBOX.match(line):
            line, self.mailbox, self.megabytes = found[1], found[2] or "", int(found[3] or 0)
        while found := _HEADER.match(line):
            name, _, value = unquoted(found[2]).partition(": ")
            self.headers.append((name, value))
            line = found[1]
        if found := _VERDICT.match(line):
            domain = address_of(found[2]).partition("@")[2]
            result = f"mx.example.com; dmarc={found[3]} header.from={domain}"
            self.headers.append(("Authentication-Results", result))
            line = found[1]
        return line

    # -- expectations ----------------------------------------------------------------------------------------------

    def receives(self, person: str, notices: str) -> None:
        wanted = [] if notices == "nothing" else re.split(r",\s*", notices)
        got = self._unread(person)
        self._read[person] = len(self.desk.delivered(address_of(person)))
        assert got == wanted, f"{person} received {got or 'nothing'}"

    def reads(self, person: str, negation: str | None, words: str, notice: str | None) -> None:
        text = self.desk.last(address_of(person), notice or "").text
        flat, words = " ".join(text.split()), " ".join(unquoted(words).split())
        assert (words in flat) is (negation is None), f"the mail reads:\n{text}"

    def never_reads(self, person: str, words: str) -> None:
        for mail in self.desk.delivered(address_of(person)):
            shown = f"{mail.message['Subject']}\n{mail.text}"
            assert unquoted(words) not in shown, f"the {mail.notice} does:\n{shown}"

    def subject(self, person: str, words: str) -> None:
        subject = str(self.desk.last(address_of(person)).message["Subject"])
        assert subject == unquoted(words), f"the subject is {subject!r}"

    def sender(self, person: str, words: str) -> None:
        sender = str(self.desk.last(address_of(person)).message["From"])
        assert sender == unquoted(words), f"the sender is {sender!r}"

    def reply_address(self, person: str, words: str) -> None:
        reply_to = str(self.desk.last(address_of(person)).message["Reply-To"])
        assert reply_to.startswith(unquoted(words)), f"answers go to {reply_to!r}"

    def ticket_is(self, number: str | None, state: str) -> None:
        found = self._ticket(number)
        assert found.state == state, f"{found.reference} is {found.state}"

    def ticket_has(self, number: str | None, name: str, value: str) -> None:
        found = str(getattr(self._ticket(number), name.replace(" ", "_")))
        assert found == unquoted(value), f"{name} is {found!r}"

    def participants(self, names: str) -> None:
        with self.desk.desk.database.read() as connection:
            found = [row.address for row in list_participants(connection, self.desk.ticket().id)]
        wanted = sorted(address_of(name) for name in re.split(r",\s*", names))
        assert found == wanted, f"they are {found}"

    def count(self, wanted: str) -> None:
        found = len(self.desk.tickets())
        assert found == int(wanted), f"there are {found}"

    def history(self, negation: str | None, words: str) -> None:
        lines = [f"{event.event}: {event.reason} ({event.by})" for event in self.all_events()]
        found = any(unquoted(words) in line for line in lines)
        assert found is (negation is None), "\n    ".join(["the history says", *lines])

    def timers(self, names: str) -> None:
        with self.desk.desk.database.read() as connection:
            running = sorted(row.name for row in running_timers(connection, self.desk.ticket().id))
        wanted = [] if names == "none" else sorted(re.split(r",\s*", names))
        assert running == wanted, f"running are {running}"

    def linked(self, one: str, other: str) -> None:
        with self.desk.desk.database.read() as connection:
            links = [row.reference for row in list_links(connection, int(one))]
        assert f"SUP-{other}" in links, f"linked are {links}"

    def journal(self, state: str, words: str | None) -> None:
        with self.desk.desk.database.read() as connection:
            newest = list_rows(connection, journal, "state", "last_error")[-1]
        assert newest.state == state, f"the journal says {newest.state}: {newest.last_error}"
        if words is not None:
            assert unquoted(words) in newest.last_error, f"the journal says: {newest.last_error}"

    # -- inside ----------------------------------------------------------------------------------------------------

    def _ticket(self, number: str | None) -> Ticket:
        return self.desk.ticket() if number is None else self.all_tickets()[int(number) - 1]

    def all_events(self) -> list[EventRow]:
        """The events of all tickets, oldest first."""
        with self.desk.desk.database.read() as connection:
            events = [event for ticket in self.all_tickets() for event in list_events(connection, ticket.id)]
        return sorted(events, key=lambda event: event.id)

    def _unread(self, person: str) -> list[str]:
        return [mail.notice for mail in self.desk.delivered(address_of(person))[self._read.get(person, 0) :]]

    def _summary(self) -> str:
        tickets = ", ".join(f"{ticket.reference} {ticket.state}" for ticket in self.all_tickets())
        unread = {person: self._unread(person) for person in PEOPLE}
        return f"tickets: {tickets}; unread: { {who: what for who, what in unread.items() if what} }"


LINES: list[tuple[str, Callable[..., None]]] = [
    (
        rf"({_PERSON}) writes {_TEXT}(?: about {_TEXT})?(?: to (\S+@\S+))?(?: with copy to ([\w, ]+))?",
        StoryRunner.writes,
    ),
    (rf"({_PERSON}) replies {_TEXT}(?: to (\w+))?(?: of ticket (\d+))?", StoryRunner.replies),
    (rf"({_PERSON}) replies {_TEXT} to ({_PERSON})'s (\w+)", StoryRunner.replies_to_others_mail),
    (rf"({_PERSON}) replies {_TEXT} to (\w+) with a photo", StoryRunner.replies_with_photo),
    (rf"({_PERSON}) opens the link ([1-5]) of (\w+)(?: and adds {_TEXT})?", StoryRunner.opens_link),
    (rf"({_PERSON}) replies {_TEXT} without a token", StoryRunner.replies_without_token),
    (rf"({_PERSON}) replies {_TEXT} by an alias", StoryRunner.replies_by_alias),
    (rf"({_PERSON}) replies {_TEXT} with a changed letter in the token", StoryRunner.replies_with_a_changed_letter),
    (rf"({_PERSON}) answers all {_TEXT} about {_TEXT}", StoryRunner.replies_to_all),
    (rf"({_PERSON}) is away and answers automatically {_TEXT}(?: to (\w+))?", StoryRunner.answers_automatically),
    (rf"({_PERSON}) writes an encrypted mail about {_TEXT}", StoryRunner.writes_encrypted),
    (rf"({_PERSON}) replies with an encrypted mail(?: and the subject {_TEXT})?", StoryRunner.replies_encrypted),
    (rf"({_PERSON}) writes {_TEXT} about {_TEXT} and, arriving before it, adds {_TEXT}", StoryRunner.writes_twice),
    (r"the same mail comes again", StoryRunner.comes_again),
    (rf"({_PERSON}) writes {_TEXT} about {_TEXT}, which the desk fails to read", StoryRunner.writes_in_vain),
    (r"the operator puts the mail(?: of ticket (\d+))? back", StoryRunner.puts_back),
    (rf"({_PERSON})'s (\w+) bounces(?: with the status ([\d.]+))?", StoryRunner.bounces),
    (rf"({_PERSON})'s (\w+) is (late)", StoryRunner.bounces),
    (r"([\d.]+ [a-z ]+?) pass(?:es)?", StoryRunner.passes),
    (r"the machine sleeps for ([\d.]+ [a-z ]+)", StoryRunner.sleeps),
    (r"the desk starts again with (.+)", StoryRunner.starts_again),
    (rf"the file (\S+) says {_TEXT}", StoryRunner.file_says),
    (r"the file (\S+) is gone", StoryRunner.file_is_gone),
    (rf"the relay is (down|up|refusing (?:{_PERSON}))", StoryRunner.relay),
    (rf"({_PERSON}) receives ([\w, ]+)", StoryRunner.receives),
    (rf"({_PERSON}) reads (not )?{_TEXT}(?: in (\w+))?", StoryRunner.reads),
    (rf"({_PERSON}) never reads {_TEXT}", StoryRunner.never_reads),
    (rf"({_PERSON}) sees the subject {_TEXT}", StoryRunner.subject),
    (rf"({_PERSON}) sees the sender {_TEXT}", StoryRunner.sender),
    (rf"({_PERSON})'s answers go to {_TEXT}", StoryRunner.reply_address),
    (r"ticket(?: (\d+))? is (\w+)", StoryRunner.ticket_is),
    (rf"ticket(?: (\d+))? has the (\w[\w ]*) {_TEXT}", StoryRunner.ticket_has),
    (r"the participants are ([\w, ]+)", StoryRunner.participants),
    (r"there (?:is|are) (\d+) tickets?", StoryRunner.count),
    (rf"the history says (not )?{_TEXT}", StoryRunner.history),
    (r"the timers are ([\w, ]+)", StoryRunner.timers),
    (r"ticket (\d+) is linked with ticket (\d+)", StoryRunner.linked),
    (rf"the journal says (\w+)(?:: {_TEXT})?", StoryRunner.journal),
]
