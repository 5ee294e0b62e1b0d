"""The desk's configuration: TOML → frozen settings.

    settings.py  what may be set of the desk and its queues, with the defaults; the settings as a whole
    tables.py    what may be set around it: store, ways in, relay, trust, limits
    forms.py     what may be asked of a recurring kind of request
    values.py    the words inside: durations, sizes, addresses, hours
    files.py     paths, and the secrets behind them
    logos.py     the desk's colour and logo
    spread.py    each queue: the desk's values with its own laid over them
    reading.py   `read_config`: the file, and every mistake in it at once
    mistakes.py  what pydantic found, as sentences that begin with their keys
    ways.py      what each way in is called
    checks.py    what only shows across keys: loops, doubled addresses, signed addresses that grow too long

Reading fails with one `ConfigError` that holds all mistakes at once; nothing else is raised.
"""

from mailgate.config.branding import Logo
from mailgate.config.forms import Form
from mailgate.config.loader import ConfigError, read_config
from mailgate.config.paths import Listen, SecretFile
from mailgate.config.settings import ConfirmationTable, DeskTable, Level, Promise, Queue, Settings, WaitingTable
from mailgate.config.source_names import ARCHIVE, DESK, RELAY, ROUND_TRIP, name_sources
from mailgate.config.tables import (
    ArchiveTable,
    DigestTable,
    DirectoryTable,
    ImapTable,
    IntakeTable,
    KnowledgeTable,
    Limits,
    LmtpTable,
    MaildirTable,
    OAuth2Table,
    RelayTable,
    ReportTable,
    SatisfactionTable,
    SmtpTable,
    StoreTable,
    TrustTable,
)
from mailgate.config.types import After

__all__ = [
    "ARCHIVE",
    "DESK",
    "RELAY",
    "ROUND_TRIP",
    "After",
    "ArchiveTable",
    "ConfigError",
    "ConfirmationTable",
    "DeskTable",
    "DigestTable",
    "DirectoryTable",
    "Form",
    "ImapTable",
    "IntakeTable",
    "KnowledgeTable",
    "Level",
    "Limits",
    "Listen",
    "LmtpTable",
    "Logo",
    "MaildirTable",
    "OAuth2Table",
    "Promise",
    "Queue",
    "RelayTable",
    "ReportTable",
    "SatisfactionTable",
    "SecretFile",
    "Settings",
    "SmtpTable",
    "StoreTable",
    "TrustTable",
    "WaitingTable",
    "name_sources",
    "read_config",
]
