"""Reads the configuration file and reports all its mistakes at once.

Reads the file, the secrets it names and, of the environment, only CREDENTIALS_DIRECTORY (systemd's LoadCredential=).
Raises one ConfigError: what is wrong is for the operator to correct, so nothing is guessed, and no partial
configuration is returned.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mailgate.config.errors import describe, key_text
from mailgate.config.inheritance import QUEUE_TABLES, Inheritance, check_names, inherit_queues
from mailgate.config.paths import ConfigLocation
from mailgate.config.settings import Settings
from mailgate.config.validation import check_settings, list_warnings


class ConfigError(Exception):
    """The configuration cannot be used. `mistakes` are lines that begin with their key; `str` joins them."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


def read_config(path: Path, *, needs_secrets: bool = True) -> Settings:
    """The settings of a TOML file; relative paths begin at its folder (rule 35). Raises ConfigError.

    With `needs_secrets` False, secrets that cannot be read are left out: who only looks signs nothing.
    """
    tables = _read_toml(path)
    inheritance = inherit_queues(tables)
    credentials = os.environ.get("CREDENTIALS_DIRECTORY")
    place = ConfigLocation(path.absolute().parent, Path(credentials) if credentials else None, needs_secrets)
    mistakes = check_names(tables)
    try:
        settings = Settings.model_validate(inheritance.data, context=place)
    except ValidationError as error:
        raise ConfigError(tuple(mistakes + _lines(error, inheritance))) from None
    mistakes += check_settings(settings)
    if mistakes:
        raise ConfigError(tuple(mistakes))
    return settings.with_warnings((*dict.fromkeys(place.warnings), *list_warnings(settings)))


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        tables = tomllib.loads(path.read_bytes().decode())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError((f"{path}: cannot read the configuration: {reason}",)) from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError((f"{path}: line {line} is not UTF-8 text",)) from None
    except (ValueError, RecursionError) as error:  # also a number of thousands of digits, or brackets without end
        raise ConfigError((f"{path}: not TOML: {error}",)) from None
    return {key: _frozen(value) for key, value in tables.items()}


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
