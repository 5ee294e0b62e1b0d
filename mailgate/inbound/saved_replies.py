"""Puts saved replies into an agent's text, and the numbers of articles in place of their names.

`#reply NAME` is a saved reply in the requester's language, or an article of that name; its fields are filled from the
ticket, the directory and the words behind the name. It stands above the agent's own words where its command does. What
cannot be found or filled is a mistake of its line, and the mail goes back whole: nothing half filled leaves. A mail
without `#reply` and `#kb` costs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.text import fold_case_accents
from mailgate.core.workflow.events import ASKING_COMMANDS
from mailgate.inbound.commands import Articles, numbers_of_articles
from mailgate.notices.mime.headers import clean_name
from mailgate.parsers.commands import Command, Commands, ReadingError, Reason
from mailgate.parsers.saved_replies import (
    OF_REQUESTER,
    WORDS,
    SavedReply,
    fill,
    find_nearest,
    fold_name,
    list_fields,
    part_file_name,
)
from mailgate.store.knowledge import NamedArticle, get_article, list_named
from mailgate.store.people import read_contact
from mailgate.store.tickets import Ticket, list_answered_with
from mailgate.tickets.fallback_queue import locate_ticket
from mailgate.tickets.knowledge.saved_replies import SavedReplies, choose_reply

_WORD = re.compile(r"[^\W_]+")
_MOST_SHOWN = 5  # articles that one name may mean
_NOT_BESIDE = ASKING_COMMANDS | {"requester"}  # the text goes to another person, or its reader changes


@dataclass(frozen=True, slots=True)
class NamedTexts:
    """Commands of a mail and the texts that they name: saved replies stand in its public text already."""

    read: Commands
    articles: Articles
    prepended: str = ""  # the saved replies that the public text begins with


class SavedReplyFinder:
    """Finds the saved replies and articles that agents name, for one desk."""

    def __init__(self, settings: Settings, directory: DirectoryFiles) -> None:
        self._settings = settings
        self._directory = directory
        self._folder = SavedReplies(settings.knowledge.replies, settings.queues)
        self.is_enabled = settings.knowledge.enabled

    def list_replies(self) -> tuple[SavedReply, ...]:
        """Reads the folder of saved replies; none while the knowledge base is switched off."""
        return self._folder.status().replies if self.is_enabled else ()

    def resolve(self, connection: Connection, read: Commands, ticket: Ticket, agent: Address) -> NamedTexts:
        """Returns the commands of an agent's mail with what they name; only the mistakes where something is missing."""
        if not any(command.name in ("reply", "kb") for command in read.commands):
            return NamedTexts(read, {})
        ticket = locate_ticket(self._settings, ticket)
        finding = _Finding(self, connection, read, ticket, agent)
        commands = tuple(map(finding.find, read.commands))
        if finding.errors:
            return NamedTexts(Commands((), "", tuple(finding.errors)), {})
        above, below = (_join(finding.texts[place]) for place in (False, True))
        read = replace(read, commands=commands, public_text=_join((above, read.public_text, below)))
        numbers = numbers_of_articles(read) if self.is_enabled else ()
        found = (get_article(connection, number, ticket.queue) for number in numbers)
        articles = {article.number: article.answer for article in found if article is not None}
        return NamedTexts(read, articles | finding.articles, above)

    def values_for(self, ticket: Ticket, agent: Address, words: str) -> Mapping[str, str]:
        """Returns the values of the fields, each on one line; "" for what is not known."""
        directory = self._directory.current()
        name = directory.name_of(ticket.requester) or ticket.requester_name
        name = "" if "@" in name else name
        last, _, first = name.partition(",")
        person = directory.person(ticket.requester)
        values = {
            "name": name,
            "first_name": next(iter((first if first.strip() else last).split()), ""),
            "address": ticket.requester,
            "reference": ticket.reference,
            "subject": ticket.subject,
            "department": ticket.department or (person.department if person is not None else ""),
            "agent": clean_name(directory.name_of(agent.address) or agent.name),  # no address of staff (rule 16)
            "desk": self._settings.queues[ticket.queue].display_name,
            WORDS: words,
        }
        return {field: " ".join(value.split()) for field, value in values.items()}

    def languages_for(self, connection: Connection, ticket: Ticket) -> tuple[str, ...]:
        """Returns the languages in which a requester gets a reply, the best first: their own, then the desk's first."""
        first = self._settings.queues[ticket.queue].languages[0]
        return tuple(dict.fromkeys((read_contact(connection, ticket.requester).language, ticket.language, first)))


class _Finding:
    """Search for the texts that the commands of one mail name: what was found so far, and what is wrong."""

    def __init__(
        self, finder: SavedReplyFinder, connection: Connection, read: Commands, ticket: Ticket, agent: Address
    ) -> None:
        self._finder, self._connection, self._ticket, self._agent = finder, connection, ticket, agent
        self._languages: tuple[str, ...] = ()
        self._known: list[NamedArticle] | None = None
        self._replies: tuple[SavedReply, ...] | None = None
        self._is_elsewhere = read.internal or any(command.name in _NOT_BESIDE for command in read.commands)
        self._is_linking = any(command.name == "link" and command.args != "no" for command in read.commands)
        self.texts: dict[bool, list[str]] = {False: [], True: []}  # by whether they stand below the agent's own words
        self.articles: dict[int, str] = {}  # texts of articles that `#reply` names
        self.errors: list[ReadingError] = []

    def find(self, command: Command) -> Command:
        """Returns a command with what it names in its one spelling, and notes the text or the mistake."""
        if command.name == "kb":
            return self._find_article(command)
        return self._find_reply(command) if command.name == "reply" else command

    def _find_reply(self, command: Command) -> Command:
        written, _, words = command.args.partition(" ")
        name = fold_name(written)
        if self._replies is None:
            self._replies = self._finder.list_replies()
            self._languages = self._finder.languages_for(self._connection, self._ticket)
        reply = choose_reply(self._replies, name, self._ticket.queue, self._languages)
        number = 0
        text = reply.text if reply is not None else ""
        if reply is None:
            found = self._called(name)
            if len(found) != 1:
                return self._not_found(command, name, found)
            number = found[0].number
            article = get_article(self._connection, number, self._ticket.queue)
            text = article.answer if article is not None else ""
        fields = list_fields(text)
        if self._is_elsewhere:
            return self._refuse(command, "reply", Reason.NOT_BESIDE_REPLY)
        if words and WORDS not in fields:
            return self._refuse(command, "reply", Reason.BAD_ARGUMENT)
        filled = fill(text, self._finder.values_for(self._ticket, self._agent, words))
        if filled.missing:
            return self._refuse(command, _list_fields(filled.missing), Reason.NO_VALUE)
        of_one = [field for field in fields if field in OF_REQUESTER]
        if of_one and (self._is_linking or list_answered_with(self._connection, self._ticket.id)):
            return self._refuse(command, _list_fields(of_one), Reason.OF_ONE_REQUESTER)
        if number:
            self.articles[number] = filled.text
            return replace(command, name="kb", args=str(number), below=False)
        self.texts[command.below].append(filled.text)
        return replace(command, args=name, below=False)

    def _find_article(self, command: Command) -> Command:
        """Returns `#kb` with a number in place of the name of an article."""
        if command.args == "no" or command.args.split()[0].isdecimal():
            return command
        name = fold_name(command.args)
        found = self._called(name) or self._titled(name)
        if len(found) != 1:
            return self._not_found(command, name, found)
        return replace(command, args=str(found[0].number))

    def _articles(self) -> list[NamedArticle]:
        if self._known is None:
            self._known = list_named(self._connection, self._ticket.queue) if self._finder.is_enabled else []
        return self._known

    def _called(self, name: str) -> list[NamedArticle]:
        """Finds the articles whose file has this name: of several those in the first language that has one."""
        found = [one for one in self._articles() if part_file_name(one.source)[0] == name]
        if len(found) < 2:
            return found
        languages = self._languages or self._finder.languages_for(self._connection, self._ticket)
        named = [(part_file_name(one.source)[1] or one.language, one) for one in found]
        return next(filter(None, ([one for code, one in named if code == wanted] for wanted in languages)), found)

    def _titled(self, name: str) -> list[NamedArticle]:
        """Finds the articles whose titles have all words of a name."""
        wanted = _words_of(name)
        return [one for one in self._articles() if wanted <= _words_of(one.title)]

    def _not_found(self, command: Command, name: str, found: Sequence[NamedArticle]) -> Command:
        if found:
            shown = ", ".join(f"#kb {one.number} ({one.title})" for one in found[:_MOST_SHOWN])
            return self._refuse(command, shown, Reason.SEVERAL_ARTICLES)
        names = [part_file_name(one.source)[0] for one in self._articles()]
        if command.name == "reply":
            names += (one.name for one in self._replies or () if one.queue in ("", self._ticket.queue))
        near = find_nearest(name, names)
        missing = Reason.NO_REPLY if command.name == "reply" else Reason.NO_ARTICLE
        return self._refuse(command, ", ".join(near), Reason.OTHER_NAMES if near else missing)

    def _refuse(self, command: Command, nearest: str, reason: Reason) -> Command:
        self.errors.append(ReadingError(str(command), nearest, reason))
        return command


def _words_of(text: str) -> set[str]:
    return set(_WORD.findall(fold_case_accents(text)))


def _list_fields(names: Iterable[str]) -> str:
    return ", ".join(name if name in ("{", "}") else f"{{{name}}}" for name in names)


def _join(texts: Iterable[str]) -> str:
    return "\n\n".join(text.strip() for text in texts if text.strip())
