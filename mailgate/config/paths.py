"""Paths of the configuration, and what is read behind them at once: secret files.

Relative paths begin at the folder of the configuration file (rule 35), which the context (`ConfigLocation`)
names. What is not there or cannot be read is a ValueError whose sentence loader.py puts behind the key; a secret
that others can read is only a warning.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, PlainValidator, ValidationInfo

from mailgate.config.permissions import describe_denied
from mailgate.config.types import read_text

_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s:\[\]/]*)):(?P<port>\d{1,5})")

# Login, host, port, name and query of a database, as SQLAlchemy reads them.
_POSTGRESQL = re.compile(
    r"(?:[^:/]*(?::[^@]*)?@)?(?:\[[^/?\[\]]+\]|[^/:?\[\]]+)?(?::\d{1,5})?(?:/[^?]*)?(?:\?.*)?", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class ConfigLocation:
    """Context of the validation: the folder of relative paths, systemd's credentials, and the warnings so far."""

    folder: Path
    credentials: Path | None = None
    needs_secrets: bool = True  # False: one that cannot be read counts as read, without a line
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Listen:
    """The place where a source listens: a host ("" for all) and a port, or the path of a UNIX socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    def __str__(self) -> str:
        if self.path:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class SecretFile:
    """A secret as read: its lines without line ends, blank ones left out.

    There is at least one, unless the reader needed no secrets and may not read the file (`read_config`).
    """

    path: Path
    lines: tuple[bytes, ...] = field(repr=False)

    @property
    def text(self) -> str:
        """The first line: a password."""
        return self.lines[0].decode()


def _place(info: ValidationInfo) -> ConfigLocation:
    context: Any = info.context
    return context if isinstance(context, ConfigLocation) else ConfigLocation(Path.cwd())


def read_path(value: object, info: ValidationInfo) -> Path:
    """The path that is meant, from the folder of the configuration file on."""
    if isinstance(value, Path):
        return value
    if not read_text(value):
        raise ValueError("must not be empty")
    return _place(info).folder / read_text(value)


def _optional_path(value: object, info: ValidationInfo) -> Path | None:
    return None if value is None or value == "" else read_path(value, info)


def _listen(value: object, info: ValidationInfo) -> Listen:
    if isinstance(value, Listen):
        return value
    text = read_text(value)
    if text.startswith("unix:") and len(text) > 5:
        return Listen(path=read_path(text[5:], info))
    found = _PORT.fullmatch(text)
    if found is None or int(found["port"]) > 65535:
        raise ValueError(
            f'"{text}" is not an address to listen on: write "127.0.0.1:8025", "[::1]:8025" or "unix:PATH"'
        )
    return Listen(found["six"] or found["host"] or "", int(found["port"]))


def _http(value: object, info: ValidationInfo) -> Listen | None:
    if value is None or value == "":
        return None
    place = _listen(value, info)
    if place.path is not None:
        raise ValueError('must be a host and a port, such as "127.0.0.1:9464"')
    return place


def _file(value: object, info: ValidationInfo) -> Path | None:
    if value is None or value == "":
        return None
    path = read_path(value, info)
    if not os.path.isfile(path):  # unlike Path.is_file, never raises
        raise ValueError(f"the file {path} does not exist")
    return path


def _folder(value: object, info: ValidationInfo) -> Path | None:
    if value is None or value == "":
        return None
    path = read_path(value, info)
    if not os.path.isdir(path):
        raise ValueError(f"the folder {path} does not exist")
    return path


def _database(value: str, info: ValidationInfo) -> str:
    scheme, mark, rest = value.partition("://")
    kind = scheme.partition("+")[0]
    if not mark or kind not in ("sqlite", "postgresql"):
        raise ValueError('must be "sqlite:///FILE" or "postgresql+psycopg://USER@HOST/NAME"')
    if kind == "postgresql":
        if scheme not in ("postgresql", "postgresql+psycopg"):
            raise ValueError(f'"{scheme}": the driver is psycopg; write "postgresql+psycopg://USER@HOST/NAME"')
        if not _POSTGRESQL.fullmatch(rest):  # the error does not quote it: it may have a password
            raise ValueError('has an impossible host or port: write "postgresql+psycopg://USER@HOST:5432/NAME"')
        return value
    file = rest.removeprefix("/")
    if not rest.startswith("/") or not file or file.startswith(":memory:"):
        raise ValueError('names no file, but the database must outlive the process; write "sqlite:///mailgate.db"')
    place = _place(info)
    path, meant = place.folder / file, Path("/") / file
    if path != meant and not path.parent.is_dir() and meant.parent != Path("/") and meant.parent.is_dir():
        place.warnings.append(f'store.database: three slashes mean {path}; for {meant}, write "{scheme}:///{meant}"')
    return f"{scheme}:///{path}"


def _secret_file(value: object, info: ValidationInfo) -> SecretFile:
    place = _place(info)
    path = read_path(value, info)
    if place.credentials and os.path.exists(place.credentials / path.name):
        path = place.credentials / path.name
    try:
        raw = path.read_bytes()
        mode = path.stat().st_mode
    except OSError as error:
        if not place.needs_secrets:
            return SecretFile(path, ())
        words = f"cannot read the secret {path}: {(error.strerror or str(error)).lower()}"
        why = describe_denied(path, os.R_OK) if isinstance(error, PermissionError) else ""
        raise ValueError(f"{words}; {why}" if why else words) from None
    lines = tuple(line for line in raw.splitlines() if line.strip())
    if not lines:
        raise ValueError(f"the secret {path} is empty")
    if mode & 0o006:
        words = "other users can read this secret; chmod 640 limits it to its owner and the desk's group"
        place.warnings.append(f"{path}: {words}")
    return SecretFile(path, lines)


def _password_file(value: object, info: ValidationInfo) -> SecretFile:
    secret = _secret_file(value, info)
    try:
        b"".join(secret.lines[:1]).decode()
    except UnicodeDecodeError:
        raise ValueError(f"the secret {secret.path} is not UTF-8 text") from None
    return secret


PathRead = Annotated[Path, PlainValidator(read_path)]
OptionalPathRead = Annotated[Path | None, PlainValidator(_optional_path)]
ListenRead = Annotated[Listen, PlainValidator(_listen)]
OptionalListenRead = Annotated[Listen | None, PlainValidator(_http)]
FileRead = Annotated[Path | None, PlainValidator(_file)]
FolderRead = Annotated[Path | None, PlainValidator(_folder)]
DatabaseUrl = Annotated[str, AfterValidator(_database)]
SecretFileRead = Annotated[SecretFile, PlainValidator(_secret_file)]
PasswordFileRead = Annotated[SecretFile, PlainValidator(_password_file)]
