"""Configuration: mailgate.toml and the operator's files as frozen settings.

`read_config` raises one `ConfigError` that holds all mistakes at once, each with its key; nothing else is raised.
"""

from mailgate.config.branding import Logo
from mailgate.config.forms import Form
from mailgate.config.hooks import Hook
from mailgate.config.loader import ConfigError, read_config, read_places, read_what_is_right
from mailgate.config.paths import Listen, SecretFile
from mailgate.config.rules import Rule
from mailgate.config.settings import ConfirmationTable, DeskTable, Level, Promise, Queue, Settings, WaitingTable
from mailgate.config.source_names import (
    ARCHIVE,
    CLOCK,
    DESK,
    RELAY,
    RETENTION,
    ROUND_TRIP,
    SCANNER,
    SENDING,
    name_hook,
    name_listeners,
    name_sources,
)
from mailgate.config.tables import (
    AgentsTable,
    ArchiveTable,
    DigestTable,
    DirectoryTable,
    ImapTable,
    IntakeTable,
    KnowledgeTable,
    Limits,
    LmtpTable,
    LogTable,
    MaildirTable,
    NoticesTable,
    OAuth2Table,
    RelayTable,
    ReportTable,
    SatisfactionTable,
    SmtpTable,
    StoreTable,
    TrustTable,
)
from mailgate.config.types import PutAwayAction

__all__ = [
    "ARCHIVE",
    "CLOCK",
    "DESK",
    "RELAY",
    "RETENTION",
    "ROUND_TRIP",
    "SCANNER",
    "SENDING",
    "AgentsTable",
    "ArchiveTable",
    "ConfigError",
    "ConfirmationTable",
    "DeskTable",
    "DigestTable",
    "DirectoryTable",
    "Form",
    "Hook",
    "ImapTable",
    "IntakeTable",
    "KnowledgeTable",
    "Level",
    "Limits",
    "Listen",
    "LmtpTable",
    "LogTable",
    "Logo",
    "MaildirTable",
    "NoticesTable",
    "OAuth2Table",
    "Promise",
    "PutAwayAction",
    "Queue",
    "RelayTable",
    "ReportTable",
    "Rule",
    "SatisfactionTable",
    "SecretFile",
    "Settings",
    "SmtpTable",
    "StoreTable",
    "TrustTable",
    "WaitingTable",
    "name_hook",
    "name_listeners",
    "name_sources",
    "read_config",
    "read_places",
    "read_what_is_right",
]
