"""Reads the configuration file and reports all its mistakes at once.

Reads the file, the secrets it names and, of the environment, CREDENTIALS_DIRECTORY (systemd's LoadCredential=) and the
settings in it (`environment`), which override the file.
Raises one ConfigError: what is wrong is for the operator to correct, so nothing is guessed. Only `read_what_is_right`
returns a partial configuration.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mailgate.config.differences import leave_out_defaults
from mailgate.config.environment import SYSTEM_FILE, lay_over, list_variables, name_origin
from mailgate.config.errors import describe, key_text
from mailgate.config.inheritance import (
    QUEUE_TABLES,
    Inheritance,
    Key,
    check_names,
    fill_in_required,
    inherit_queues,
    without_key,
)
from mailgate.config.paths import ConfigLocation
from mailgate.config.settings import Settings
from mailgate.config.tables import ArchiveTable, StoreTable
from mailgate.config.validation import check_settings, list_warnings


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` are lines that begin with their key; `str` joins them."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_config(path: Path, *, needs_secrets: bool = True, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a TOML file; relative paths begin at its folder (rule 35). Raises ConfigError.

    With `needs_secrets` False, secrets that cannot be read are left out: who only looks signs nothing. Settings in
    `environment` override the file; {} is for a file that counts alone.
    """
    tables, mistakes = _read_tables(path, environment)
    inheritance = inherit_queues(tables)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    place = ConfigLocation(path.absolute().parent, Path(credentials) if credentials else None, needs_secrets)
    mistakes += check_names(tables)
    try:
        settings = Settings.model_validate(inheritance.data, context=place)
    except ValidationError as error:
        raise _error_of(mistakes + _lines(error, inheritance), environment) from None
    mistakes += check_settings(settings)
    if mistakes:
        raise _error_of(mistakes, environment)
    return settings.with_warnings((*dict.fromkeys(place.warnings), *list_warnings(settings)))


def read_what_is_right(path: Path) -> Settings:
    """The settings without what is wrong in the file, for commands that only look at or hold a desk that works on.

    Raises ConfigError where the file cannot be read at all, or where store.database is not written or wrong: another
    database would be opened. Secrets that cannot be read are left out, and there are no warnings.
    """
    tables, _ = _read_tables(path, os.environ, leaves_out=True)
    place = ConfigLocation(path.absolute().parent, None, needs_secrets=False)
    while True:
        inheritance = inherit_queues(fill_in_required(tables))
        try:
            settings = Settings.model_validate(inheritance.data, context=place)
            if "database" not in settings.store.model_fields_set:
                raise ConfigError(("store.database: missing, so no database can be opened",))
            return settings
        except ValidationError as error:
            keys = (inheritance.key(each["loc"], each["type"]) for each in error.errors() if each["loc"])
            wrong: Key = next((key for key in keys if key is not None and key[0] in tables), ("store",))
            if wrong[0] == "store":
                raise ConfigError(tuple(_lines(error, inheritance))) from None
            tables = without_key(tables, wrong)


def read_differences(path: Path) -> dict[str, Any]:
    """The settings of a file without mistakes, and of the environment, that differ from the defaults, as tables."""
    tables, _ = _read_tables(path, os.environ)
    return leave_out_defaults(tables, ConfigLocation(path.absolute().parent, None, needs_secrets=False))


def _error_of(mistakes: list[str], environment: Mapping[str, str]) -> ConfigError:
    return ConfigError(tuple(name_origin(mistake, environment) for mistake in mistakes))


def read_places(content: bytes, folder: Path) -> tuple[StoreTable, ArchiveTable]:
    """Reads where a configuration that would stand in `folder` has its database and its archive; raises ConfigError.

    Nothing else of it is checked, since the files that it names may still be missing.
    """
    try:
        tables = {key: _frozen(value) for key, value in tomllib.loads(content.decode()).items()}
        place = ConfigLocation(folder)
        return (
            StoreTable.model_validate(tables.get("store", {}), context=place),
            ArchiveTable.model_validate(tables.get("archive", {}), context=place),
        )
    except (ValidationError, ValueError, RecursionError):
        raise ConfigError(("the configuration in the backup does not say where the database is",)) from None


def _leave_out_sections(text: str) -> str:
    """Returns TOML without the sections that are not TOML, or as it is where one of them may be of [store]."""
    right = ""
    for section in re.split(r"^(?=[ \t]*\[)", text, flags=re.MULTILINE):
        try:
            tomllib.loads(right + section)
            right += section
        except tomllib.TOMLDecodeError:
            if re.search(r"\bstore\b|^[ \t]*\"?database\b", section, re.MULTILINE):
                return text
    return right


def _read_tables(
    path: Path, environment: Mapping[str, str], *, leaves_out: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Returns the tables of the file and the environment, and the mistakes in the names of variables."""
    tables, mistakes = lay_over(_read_toml(path, environment, leaves_out=leaves_out), environment)
    return {key: _frozen(value) for key, value in tables.items()}, mistakes


def _read_toml(path: Path, environment: Mapping[str, str], *, leaves_out: bool = False) -> dict[str, Any]:
    try:
        text = "" if _is_optional(path, environment) else path.read_bytes().decode()
        tables = tomllib.loads(_leave_out_sections(text) if leaves_out else text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError((f"{path}: cannot read the configuration: {reason}",)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError((f"{path}: line {line} is not UTF-8 text",)) from None
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, or brackets without end
        raise ConfigError((f"{path}: not valid TOML: {error}",)) from None
    return tables


def _is_optional(path: Path, environment: Mapping[str, str]) -> bool:
    """Tells whether there is no file, and none is necessary: the whole configuration is in the environment."""
    return path.absolute() == SYSTEM_FILE and bool(list_variables(environment)) and not os.path.lexists(path)


def _frozen(value: Any) -> Any:
    """Lists as tuples: nothing in the settings can be changed."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return value


def _lines(error: ValidationError, inheritance: Inheritance) -> list[str]:
    lines: dict[str, None] = {}
    errors = error.errors(include_url=False, include_input=False)
    inside = {each["loc"][:depth] for each in errors for depth in range(1, len(each["loc"]))}
    for each in errors:
        key = inheritance.key(each["loc"], each["type"])
        hollow = each["type"] == "too_short" and each["loc"] in inside  # short only of its wrong items
        if key is not None and not hollow:
            lines[f"{key_text(key)}: {describe(each, Settings, QUEUE_TABLES)}"] = None
    return list(lines)
