"""The format of a backup: a gzip-compressed tar file of plain members, whose last one is the manifest.

`tar -xzf` unpacks it without mailgate. Every member has a short name, so that no member needs an extended header.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt

VERSION = 1
MANIFEST = "manifest.json"
LARGEST_MANIFEST = 256 * 2**20  # bytes; a million archived tickets have 200 MB
_Count = Annotated[int, Field(ge=0, le=2**40)]  # rows, and their ids: both engines count a million times further
_DIGEST = Field(pattern=r"^[0-9a-f]{64}$")


class MemberKind(StrEnum):
    """The kind of a member, by which it is put back."""

    CONFIGURATION = "configuration"
    FILE = "file"  # that the configuration names
    DATABASE = "database"
    ARCHIVE = "archive"  # a bundle of a closed ticket


class BackupMember(BaseModel):
    """A line of the manifest: a member, and the file that it was.

    `path` is absolute, that of a bundle below the archive folder. `mode` has the permissions alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[a-z]+(/\d{6}-[A-Za-z0-9._-]{1,60}|\.[a-z]+)$")
    kind: MemberKind
    path: str = Field(min_length=1, max_length=4096)
    mode: int = Field(ge=0, le=0o777)
    user: str = ""
    group: str = ""
    size: NonNegativeInt
    sha256: str = _DIGEST


class DatabaseContents(BaseModel):
    """The contents of a database: its version, rows by table, the highest id of each table, and rows that wait."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: str
    tickets: _Count
    journal: _Count
    outbox: _Count
    last_ticket: _Count
    last_journal: _Count
    last_outbox: _Count
    waiting_journal: _Count
    waiting_outbox: _Count


class BackupManifest(BaseModel):
    """The manifest: what was saved, when and where. `keys` are the SHA-256 of the signing keys, the first one first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    backup: Literal[1] = 1
    mailgate: str
    engine: Literal["sqlite", "postgresql"]
    made_at: AwareDatetime
    timezone: str
    host: str
    desk: str
    configuration: str  # the path of the configuration file
    database: str  # the path of a SQLite database; "" for PostgreSQL
    table_schema: str  # of PostgreSQL; "" for SQLite
    contents: DatabaseContents
    highest: _Count  # ticket number that was ever given
    keys: tuple[str, ...]
    missing: tuple[str, ...] = ()  # files that are named, or in the database as archived, and were not there
    members: tuple[BackupMember, ...]

    def of_kind(self, *kinds: MemberKind) -> tuple[BackupMember, ...]:
        """Returns the members of some kinds."""
        return tuple(member for member in self.members if member.kind in kinds)

    @property
    def database_member(self) -> BackupMember:
        """The copy of the database; `read_manifest` sees to it that there is one."""
        return self.of_kind(MemberKind.DATABASE)[0]


class FormatVersion(BaseModel):
    """The field with which the manifest of every version begins."""

    backup: PositiveInt


def describe_moment(moment: datetime, timezone: str) -> str:
    """Writes a time in the time zone of the backup, or in UTC where this machine does not know it."""
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        zone = ZoneInfo("UTC")
    try:
        return f"{moment.astimezone(zone):%a %Y-%m-%d %H:%M} ({zone.key})"
    except OverflowError:  # the first or the last day of the calendar
        return f"{moment:%Y-%m-%d}"


def name_member(kind: MemberKind, number: int, path: Path) -> str:
    """Returns the short name of a member: its kind, a number and the end of the file's name, in plain letters."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", path.name)[-60:] or "_"
    return f"{kind}/{number:06d}-{plain}"
