"""Gives colleagues their names in what staff read: those that the directory has for their addresses.

Requesters and third parties read what they read without it (docs/rules.md#16).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from mailgate.config import Settings
from mailgate.config.directory.watcher import DirectoryFiles
from mailgate.config.people import People
from mailgate.core.domains import fold_address
from mailgate.core.frozen import replace
from mailgate.core.mail import Address
from mailgate.core.workflow.events import Event
from mailgate.core.workflow.notice_catalogue import Audience
from mailgate.notices.rendering.content import Decisions, NoticeContent
from mailgate.notices.rendering.digest import Digest
from mailgate.notices.rendering.replies import ExplainedStep, ListSection, QueryReply
from mailgate.tickets.validation import HAS_LEFT, STEP_OF_ANOTHER
from mailgate.tickets.values import CommandResult, SentNotice

_OF_STAFF = frozenset({Audience.LEVEL, Audience.AGENT, Audience.MANAGER, Audience.STAFF})
_NAMING = frozenset({STEP_OF_ANOTHER, HAS_LEFT})  # objections whose value is a list of addresses


class Colleagues:
    """The names of one desk's staff."""

    def __init__(self, settings: Settings, directory: DirectoryFiles) -> None:
        self._people = People(settings)
        self._directory = directory

    def name(self, content: NoticeContent) -> NoticeContent:
        """Returns the content of a notice with names in place of the addresses of staff; itself if not for staff."""
        if content.notice.info.audience not in _OF_STAFF:
            return content
        named = {
            "author": self._author(content.author),
            "submitter": self._name(content.submitter),
            "objection": self._objection(content.objection),
            "done": self._done(content.done),
            "sent": self._sent(content.sent),
            "replies": tuple(self._reply(one, content.to.key) for one in content.replies),
            "morning": self._digest(content.morning, content.to.key) if content.morning is not None else None,
            "decisions": self._decisions(content.decisions, content.to.key) if content.decisions is not None else None,
        }
        # most have none of these, and a content is large
        changed: dict[str, Any] = {field: one for field, one in named.items() if one != getattr(content, field)}
        return replace(content, **changed) if changed else content

    def _name(self, address: str, own: str = "") -> str:
        """Returns the name of an address of staff, `own` where the directory has none; any other text stays."""
        named = self._directory.current().name_of(address) if self._people.is_staff(address) else ""
        return named or own or address

    def _list(self, addresses: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
        return ", ".join(self._name(one, names.get(fold_address(one), "")) for one in addresses.split(", "))

    def _objection(self, objection: tuple[str, ...]) -> tuple[str, ...]:
        pattern, *parts = objection or ("",)
        return (pattern, *map(self._list, parts)) if pattern in _NAMING else objection

    def _author(self, author: Address | None) -> Address | None:
        if author is None or not self._people.is_staff(author.address):
            return author
        return replace(author, name=self._directory.current().name_of(author.address) or author.name)

    def _done(self, results: Iterable[CommandResult]) -> tuple[CommandResult, ...]:
        return tuple(
            replace(one, argument=self._name(one.argument)) if one.event == Event.ASSIGN else one for one in results
        )

    def _sent(self, mails: Iterable[SentNotice]) -> tuple[SentNotice, ...]:
        return tuple(replace(one, to=self._name(one.to)) for one in mails)

    def _reply(self, reply: QueryReply, reader: str) -> QueryReply:
        return replace(
            reply,
            sections=self._sections(reply.sections, reader),
            whys=tuple(self._explained(one, dict(reply.names)) for one in reply.whys),
            results=tuple(
                replace(one, done=self._done(one.done), objection=self._objection(one.objection))
                for one in reply.results
            ),
            done=self._done(reply.done),
            sent=self._sent(reply.sent),
        )

    def _sections(self, sections: Iterable[ListSection], reader: str) -> tuple[ListSection, ...]:
        """Names the assignees; the reader's own address stays, by which the template knows what is theirs."""
        return tuple(
            replace(
                section,
                lines=tuple(
                    line if line.assignee.lower() == reader else replace(line, assignee=self._name(line.assignee))
                    for line in section.lines
                ),
            )
            for section in sections
        )

    def _decisions(self, decisions: Decisions, reader: str) -> Decisions:
        """Names the assignees as `_sections` does."""
        return replace(
            decisions,
            tickets=tuple(
                one
                if one.assignee.lower() == reader
                else replace(one, assignee=self._name(one.assignee, one.assignee_name))
                for one in decisions.tickets
            ),
        )

    def _explained(self, why: ExplainedStep, names: Mapping[str, str]) -> ExplainedStep:
        """Names all people whom the ticket knows by a name, too."""
        return replace(
            why,
            who=self._list(why.who, names),
            answered_by=self._list(why.answered_by, names),
            sent=tuple((notice, self._list(whom, names)) for notice, whom in why.sent),
            unsent=tuple((notice, self._list(whom, names)) for notice, whom in why.unsent),
        )

    def _digest(self, digest: Digest, reader: str) -> Digest:
        return replace(digest, sections=self._sections(digest.sections, reader))
