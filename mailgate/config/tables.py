"""Settings around the desk: the store, the sources, the relay, trust and limits.

Every class is a table of the TOML file and every field a key of it, frozen. A value of the wrong kind never gets in;
validation.py checks what the keys mean to each other.
"""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

from mailgate.config.paths import (
    DatabaseUrl,
    FileRead,
    FolderRead,
    Listen,
    ListenRead,
    OptionalListenRead,
    OptionalPathRead,
    PasswordFileRead,
    PathRead,
)
from mailgate.config.types import (
    ClockTime,
    FileMode,
    Header,
    IpNetwork,
    Mailbox,
    MailboxOrDomain,
    OptionalClockTime,
    OptionalHttpsUrl,
    OptionalLanguage,
    OptionalMailbox,
    OptionalTime,
    PortNumber,
    Processes,
    Program,
    PutAwayAction,
    PutAwayActionRead,
    SizeRead,
    TimeOfDay,
)
from mailgate.core.calendar.business_time import read_duration
from mailgate.core.domains import fold_domain

_USUAL_PORT = 993


class ConfigTable(BaseModel):
    """A table of the file: unknown keys are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,
        defer_build=True,
    )


class StoreTable(ConfigTable):
    """[store]. `database` is an SQLAlchemy URL, an SQLite file already resolved to an absolute path."""

    database: DatabaseUrl = Field(default="sqlite:///mailgate.db", validate_default=True)
    processes: Processes = "auto"


class LogTable(ConfigTable):
    """[log]: what `serve` writes to its standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class SmtpTable(ConfigTable):
    """[intake.smtp]. STARTTLS is offered where certificate and key are set."""

    listen: ListenRead = Listen("127.0.0.1", 8025)
    hostname: str = ""
    max_connections: PositiveInt = 200
    per_address: PositiveInt = 20
    wrong_passwords: PositiveInt = 10
    certificate: FileRead = None
    key: FileRead = None
    users_file: FileRead = None


class LmtpTable(ConfigTable):
    """[intake.lmtp]. `mode` and `group` are those of a UNIX socket: who may hand mail over."""

    listen: ListenRead = Listen(path=Path("/run/mailgate/lmtp.sock"))
    mode: FileMode = 0o660
    group: str = ""
    hostname: str = ""
    max_connections: PositiveInt = 200


class OAuth2Table(ConfigTable):
    """An oauth2 table: a token endpoint, and what to show it for an access token.

    That is a client secret alone (RFC 6749 §4.4), a refresh token (§6), or the key file of a Google service account
    (RFC 7523), which names its own token endpoint. The refresh token may be missing until `mailgate authorize` has
    fetched the first one from `device_url` (RFC 8628); it is replaced whenever the server gives a new one, so that its
    path is kept here and not what stands in it. `subject` is whose mailbox a service account opens: by default the
    `user` beside this table.
    """

    token_url: OptionalHttpsUrl = ""
    device_url: OptionalHttpsUrl = ""
    client_id: str = ""
    client_secret_file: PasswordFileRead | None = None
    refresh_token_file: PathRead | None = None
    service_account_file: FileRead = None
    subject: str = ""
    scope: str = ""


class ImapTable(ConfigTable):
    """One [[intake.imap]]: a folder that is emptied or watched.

    `address` is whose mail it holds, for mails that name no address of the desk; "" leaves them to the default queue.
    """

    host: str = Field(min_length=1)
    port: PortNumber = _USUAL_PORT
    tls: Literal["implicit", "starttls", "none"] = "implicit"
    ca_file: FileRead = None
    address: OptionalMailbox = ""
    user: str = Field(min_length=1)
    password_file: PasswordFileRead | None = None
    oauth2: OAuth2Table | None = None
    folder: str = Field(default="INBOX", min_length=1)
    after: PutAwayActionRead = PutAwayAction("move", "Processed")
    first_start: Literal["recent", "all", "new"] = "recent"
    poll_every: ClockTime = read_duration("1 minute")

    @property
    def password(self) -> str:
        """The first line of the password file, "" where OAuth2 is used."""
        return self.password_file.text if self.password_file else ""

    @property
    def source_name(self) -> str:
        """The name of the folder as a source: `imap support@imap.example.com INBOX`."""
        host = self.host
        if self.port != _USUAL_PORT:
            host = f"[{host}]:{self.port}" if ":" in host else f"{host}:{self.port}"
        owner = f"{self.user} on {host}" if "@" in self.user else f"{self.user}@{host}"
        return f"imap {owner} {self.folder}"

    @property
    def canonical_name(self) -> str:
        """The source name as servers read it: host names and INBOX have no case (RFC 9051 section 5.1)."""
        folder = "INBOX" if self.folder.upper() == "INBOX" else self.folder
        return self.model_copy(update={"host": fold_domain(self.host), "folder": folder}).source_name


class MaildirTable(ConfigTable):
    """One [[intake.maildir]]. `address` as for IMAP."""

    path: PathRead
    address: OptionalMailbox = ""

    @property
    def source_name(self) -> str:
        """The name of the Maildir as a source: `maildir /var/mail/support`."""
        return f"maildir {self.path}"

    @property
    def canonical_name(self) -> str:
        """The source name."""
        return self.source_name


MailboxTable = ImapTable | MaildirTable
"""A mailbox that is read. Each has an `address`, a `source_name`, and a `canonical_name` by which two are compared."""


class ScanTable(ConfigTable):
    """[intake.scan]: the virus scanner that every mail passes before it is processed."""

    command: Program = Field(min_length=1)
    timeout: ClockTime = read_duration("1 minute")


class IntakeTable(ConfigTable):
    """[intake]: a source without its table is off (None, or no entry)."""

    max_size: SizeRead = 25 * 1024 * 1024
    spam_headers: tuple[Header, ...] = ("X-Spam-Flag: YES",)
    alarm_after: ClockTime = read_duration("15 minutes")
    probe_every: OptionalClockTime = None
    scan: ScanTable | None = None
    smtp: SmtpTable | None = None
    lmtp: LmtpTable | None = None
    imap: tuple[ImapTable, ...] = ()
    maildir: tuple[MaildirTable, ...] = ()

    @property
    def mailboxes(self) -> tuple[tuple[str, MailboxTable], ...]:
        """The mailboxes that are read, each with its key in [intake], in the order of the configuration."""
        return (
            *((f"imap[{place}]", table) for place, table in enumerate(self.imap)),
            *((f"maildir[{place}]", table) for place, table in enumerate(self.maildir)),
        )

    @property
    def has_sources(self) -> bool:
        """Tells whether any source is configured; without one only `mailgate pipe` brings mail."""
        return bool(self.smtp or self.lmtp or self.mailboxes)


class RelayTable(ConfigTable):
    """[relay]: the one server that every notice leaves by."""

    host: str = Field(default="127.0.0.1", min_length=1)
    port: PortNumber = 25
    tls: Literal["opportunistic", "starttls", "implicit", "none"] = "opportunistic"
    ca_file: FileRead = None
    connections: PositiveInt = 8
    user: str = ""
    password_file: PasswordFileRead | None = None
    oauth2: OAuth2Table | None = None
    return_path: OptionalMailbox = ""
    only_to: tuple[MailboxOrDomain, ...] = ()

    @property
    def password(self) -> str:
        """The first line of the password file, "" where there is none."""
        return self.password_file.text if self.password_file else ""


class TrustTable(ConfigTable):
    """[trust]: which results prove a sender, and which forms, robots, networks and lists may write for others."""

    authserv_id: tuple[str, ...] = ()
    agents_need: Literal["no-fail", "pass"] = "no-fail"
    forms: tuple[Mailbox, ...] = ()
    robots: tuple[Mailbox, ...] = ()
    networks: tuple[IpNetwork, ...] = ()
    own_lists: tuple[str, ...] = ()


class DirectoryTable(ConfigTable):
    """[directory]: the files that say who writes to the desk, and what becomes of mail from anybody else.

    The paths alone are kept: the files are read again whenever they change, and one that is not there must not keep a
    desk from starting.
    """

    people: OptionalPathRead = None
    equipment: OptionalPathRead = None
    unknown: Literal["accept", "hold", "refuse"] = "accept"


class NoticesTable(ConfigTable):
    """[notices]: which news requesters get, and how the words of people are shown."""

    tell_merged: bool = True
    tell_taken: bool = False
    name_agents: bool = False
    formatting: bool = True
    history: Literal["last", "all", "none"] = "last"


class DigestTable(ConfigTable):
    """[digest]: when each agent gets the daily digest, in the agent's own time zone; None for never.

    `say` is whether it has only what is new or due, or all that is theirs, untaken or waiting.
    """

    at: OptionalTime = time(8, 0)
    days: Literal["business", "all"] = "business"
    say: Literal["news", "all"] = "news"


class KnowledgeTable(ConfigTable):
    """[knowledge]: solutions that are found again. `enabled` is the one switch for all of it."""

    enabled: bool = True
    articles: FolderRead = None
    replies: FolderRead = None
    suggestions: int = Field(default=3, ge=0, le=10)
    offer_in_receipt: bool = False


class AgentsTable(ConfigTable):
    """[agents]: which mails the people of the levels get about their own work, and whose a ticket becomes."""

    transcripts: Literal["surprises", "always", "never"] = "surprises"
    decisions: Literal["daily", "each"] = "daily"
    take_on_answer: bool = True
    read_mailbox: bool = True


class SatisfactionTable(ConfigTable):
    """[satisfaction]: whether the final notice asks how content the requester is, and how often at most."""

    ask: bool = True
    again_after: ClockTime = read_duration("30 days")


class ReportTable(ConfigTable):
    """One [[reports]]: the figures of the week or month that is over, mailed to those named. No queues are all."""

    every: Literal["week", "month"] = "week"
    to: tuple[Mailbox, ...] = Field(min_length=1)
    queues: tuple[str, ...] = ()
    at: TimeOfDay = time(7, 0)
    language: OptionalLanguage = ""


class FiguresTable(ConfigTable):
    """[figures]: whether reports count what each agent did."""

    by_agent: bool = False


class ArchiveTable(ConfigTable):
    """[archive]: where a closed ticket is written to as a bundle; None for nowhere."""

    folder: OptionalPathRead = None


class MetricsTable(ConfigTable):
    """[metrics]: where Prometheus gets the figures by HTTP; None for nowhere."""

    listen: OptionalListenRead = None


class Limits(ConfigTable):
    """[limits]: loop protection (rule 24), attempts and sizes. 0 automatic mails: no limit."""

    automatic_per_address_hour: NonNegativeInt = 10
    automatic_per_ticket_day: NonNegativeInt = 20
    automatic_per_domain_hour: NonNegativeInt = 0
    agent_mails_per_hour: NonNegativeInt = 60
    oversized_mails_per_hour: PositiveInt = 10
    disk_free_percent: Annotated[int, Field(ge=0, le=100)] = 5
    max_attempts: PositiveInt = 5
    reference_wait: ClockTime = read_duration("60 seconds")
    lease: ClockTime = read_duration("30 seconds")
    retry_for: ClockTime = read_duration("5 days")
    notice_max_size: SizeRead = 20 * 1024 * 1024
    directory_size: SizeRead = 20 * 1024 * 1024
    logo_size: SizeRead = 100 * 1000
    bundle_size: SizeRead = 1024 * 1024 * 1024
    bundle_files: PositiveInt = 10_000
    list_lines: PositiveInt = 50
    first_contact_age: ClockTime = read_duration("7 days")
    first_contact_mails: PositiveInt = 500
    mailbox_timeout: ClockTime = read_duration("60 seconds")
    mailbox_pause: ClockTime = read_duration("5 minutes")
    idle_window: ClockTime = read_duration("2 minutes")
    reconcile_every: ClockTime = read_duration("1 day")
    challenge_for: ClockTime = read_duration("3 days")
    held_mails: PositiveInt = 20
    stranger_again: ClockTime = read_duration("3 days")
    participants: PositiveInt = 20
    linked_tickets: PositiveInt = 200
    tickets_per_mail: PositiveInt = 50
    tags: PositiveInt = 20
    references: PositiveInt = 20
    history_mails: PositiveInt = 20
    history_size: SizeRead = 10 * 1000
