"""Settings of the desk and its queues, and the settings as a whole.

Every class is a table of the TOML file and every field a key of it, as in tables.py. `Queue` alone is put together:
the desk's own values with those of `[queues.NAME]` laid over them (inheritance.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, NonNegativeInt, PrivateAttr

from mailgate.config.branding import Colour, LogoRead, Signature
from mailgate.config.forms import Form
from mailgate.config.hooks import Hook
from mailgate.config.paths import FileRead, FolderRead, SecretFileRead
from mailgate.config.rules import Rule
from mailgate.config.tables import (
    AgentsTable,
    ArchiveTable,
    ConfigTable,
    DigestTable,
    DirectoryTable,
    FiguresTable,
    IntakeTable,
    KnowledgeTable,
    Limits,
    LogTable,
    MetricsTable,
    NoticesTable,
    RelayTable,
    ReportTable,
    SatisfactionTable,
    StoreTable,
    TrustTable,
)
from mailgate.config.types import (
    Cause,
    ClosingDays,
    Country,
    DurationRead,
    Language,
    LanguageCode,
    Mailbox,
    OptionalWait,
    Reference,
    Retention,
    Wait,
    WarnAt,
    WeekRead,
    ZoneRead,
)
from mailgate.core.calendar.business_time import Duration, Hours, PublicHolidays, read_duration, read_week
from mailgate.core.domains import fold_address

DEFAULT_QUEUE = "default"
QUEUE_NAME = "(queue)"  # the key under which inheritance.py sets the name of a queue; not a key of the file


class ContactTable(ConfigTable):
    """The keys that the desk and each of its queues have: address, languages, hours and branding."""

    address: Mailbox
    languages: tuple[Language, ...] = Field(default=(LanguageCode("fr"), LanguageCode("en")), min_length=1)
    timezone: ZoneRead = ZoneInfo("Europe/Paris")
    business_hours: WeekRead = read_week({"mon-fri": ["09:00-12:30", "13:30-18:00"]})
    holidays: Country = "FR"
    closing_days: ClosingDays = frozenset()
    colour: Colour = "#0a6b3d"
    logo: LogoRead = None
    signature: Signature = ""

    @property
    def zone(self) -> ZoneInfo:
        return self.timezone

    @property
    def language(self) -> str:
        """The language for a person of whom none is known."""
        return self.languages[0]

    @cached_property
    def hours(self) -> Hours:
        """The calendar that durations with the word business are counted on."""
        return Hours(self.timezone, self.business_hours, PublicHolidays(self.holidays), self.closing_days)


class DeskTable(ContactTable):
    """[desk]: who the desk is. Its name, address, languages and hours are those of the default queue too."""

    name: str = Field(default="Support", min_length=1)
    reference: Reference = "SUP"
    secret_file: SecretFileRead = Field(default="secret", validate_default=True)
    reply_address: Literal["plus", "minus", "catch-all", "none"] = "plus"
    operator: Mailbox
    manager: Mailbox
    templates: FolderRead = None

    @property
    def keys(self) -> tuple[bytes, ...]:
        """The signing keys: the first signs, all verify (rule 2)."""
        return self.secret_file.lines


class Level(ConfigTable):
    """[levels.NAME] of a queue. What `resolve_within` and `answer_within` are by default, inheritance.py says."""

    mailbox: Mailbox
    agents: tuple[Mailbox, ...] = ()
    answer_within: Wait
    resolve_within: Wait
    warn_at: WarnAt = 0.75
    inform_every: OptionalWait = None
    copy_answers: Literal["first", True, False] = "first"
    checklist: FileRead = None

    @cached_property
    def addresses(self) -> frozenset[str]:
        """The addresses that speak for this level (rule 8): its mailbox and its agents, folded."""
        return frozenset(fold_address(address) for address in (self.mailbox, *self.agents))


class WaitingTable(ConfigTable):
    """[waiting]: the life of a ticket after `#waiting`."""

    remind_after: tuple[Wait, ...] = (read_duration("2 business days"), read_duration("5 business days"))
    decide_after: Wait = read_duration("2 business days")
    pause_for_third_parties: bool = False


class ConfirmationTable(ConfigTable):
    """[confirmation]: how tickets are confirmed, finalized, closed and reopened (S7 to S12)."""

    remind_after: tuple[Wait, ...] = (read_duration("2 business days"), read_duration("5 business days"))
    decide_after: Wait = read_duration("2 business days")
    early_yes: Literal["finalize", "tell"] = "finalize"
    on_silence: Literal["ask", "close"] = "ask"
    back_to: Literal["same", "level1"] = "same"
    escalate_after_not_fixed: NonNegativeInt = 2
    objection_window: DurationRead = read_duration("3 business days")
    reopen_within: DurationRead = read_duration("30 days")
    wants: tuple[Literal["type", "cause"], ...] = ()
    causes: tuple[Cause, ...] = ()
    review: tuple[Literal["incident", "service", "question", "low", "normal", "high", "urgent"], ...] = ()
    notify: tuple[Mailbox, ...] = ()


class RetainTable(ConfigTable):
    """[retain]: how long the parts of closed tickets are kept, counted from their closing; None for ever.

    `mails` is about emails and notices of no ticket, counted from their arrival, and the desk's alone.
    """

    raw_mails: Retention = None
    attachments: Retention = None
    texts: Retention = None
    tickets: Retention = None
    mails: Retention = None
    bundle_first: bool = False

    @property
    def parts(self) -> Mapping[str, Duration]:
        """The parts of tickets that have an end, each with its time."""
        found = {name: getattr(self, name) for name in ("raw_mails", "attachments", "texts", "tickets")}
        return {name: time for name, time in found.items() if time is not None}


class Promise(ConfigTable):
    """One [[promises]]: other times for the tickets of some types and priorities, at some levels; none named is all.

    A time that is not given (None) is that of the next promise that fits, and at last that of the level.
    """

    type: tuple[Literal["incident", "service", "question"], ...] = ()
    priority: tuple[Literal["low", "normal", "high", "urgent"], ...] = ()
    levels: tuple[Literal["level1", "level2", "level3"], ...] = ()
    answer_within: OptionalWait = None
    resolve_within: OptionalWait = None
    warn_at: WarnAt | None = None
    inform_every: OptionalWait = None


class Levels(ConfigTable):
    """The levels of a queue; the third is optional."""

    level1: Level
    level2: Level
    level3: Level | None = None


class Queue(ContactTable):
    """One complete queue: [desk], [levels], [[promises]], [waiting], [confirmation] and [retain], overridden by its
    own [queues.NAME].

    `name` is the NAME that `#route` takes, `display_name` the name that people read (the key `name`).
    """

    name: str = Field(alias="(queue)")
    display_name: str = Field(default="Support", alias="name", min_length=1)
    levels_table: Levels = Field(alias="levels")
    promises: tuple[Promise, ...] = ()
    waiting: WaitingTable
    confirmation: ConfirmationTable
    retain: RetainTable = Field(default_factory=RetainTable)

    @cached_property
    def levels(self) -> Mapping[str, Level]:
        """The levels there are: "level1", "level2" and, where configured, "level3", in that order."""
        table = self.levels_table
        found = {"level1": table.level1, "level2": table.level2, "level3": table.level3}
        return {name: level for name, level in found.items() if level is not None}

    def configured_level(self, level: str) -> str:
        """Returns the level that does the work of another: itself, or the highest configured one if it is gone."""
        return level if level in self.levels else list(self.levels)[-1]

    def level_of(self, level: str) -> Level:
        """Returns the settings of a level named by the database; of the highest one if it is gone."""
        return self.levels[self.configured_level(level)]


class Settings(ConfigTable):
    """The whole configuration. `queues` always has "default"; its keys are the names that `#route` takes."""

    desk: DeskTable
    store: StoreTable
    log: LogTable = Field(default_factory=LogTable)
    notices: NoticesTable = Field(default_factory=NoticesTable)
    intake: IntakeTable
    relay: RelayTable
    trust: TrustTable
    directory: DirectoryTable
    agents: AgentsTable = Field(default_factory=AgentsTable)
    digest: DigestTable
    knowledge: KnowledgeTable
    satisfaction: SatisfactionTable
    archive: ArchiveTable
    metrics: MetricsTable
    limits: Limits
    queues: Mapping[str, Queue]
    reports: tuple[ReportTable, ...] = ()
    figures: FiguresTable = Field(default_factory=FiguresTable)
    forms: Mapping[str, Form] = Field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    hooks: tuple[Hook, ...] = ()
    _warnings: tuple[str, ...] = PrivateAttr(())

    @property
    def warnings(self) -> tuple[str, ...]:
        """Warnings for the operator; none of them makes the configuration invalid (rule 35)."""
        return self._warnings

    def with_warnings(self, warnings: tuple[str, ...]) -> Self:
        """Returns a copy of the settings with warnings from their reading."""
        copy = self.model_copy()
        copy._warnings = warnings
        return copy

    @property
    def countries(self) -> Mapping[str, str]:
        """Returns for languages the country whose texts the desk uses: `{"pt": "pt-br"}`."""
        queues = (self.default_queue, *self.queues.values())
        tags = [code for queue in reversed(queues) for code in reversed(queue.languages) if code.tag != code]
        return {str(code): code.tag for code in tags}

    @property
    def default_queue(self) -> Queue:
        return self.queues[DEFAULT_QUEUE]

    def queue_of(self, name: str) -> Queue:
        """Returns the queue named by the database; the default one if it is no longer configured."""
        return self.queues.get(name) or self.default_queue

    def queue_at(self, address: str) -> Queue | None:
        """The queue of that bare address, without case; None where no queue has it."""
        wanted = fold_address(address)
        return next((queue for queue in self.queues.values() if fold_address(queue.address) == wanted), None)
