"""Lists the files and folders that the settings name: templates, people, secrets, the logo and others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel

from mailgate.config.branding import Logo
from mailgate.config.paths import SecretFile
from mailgate.config.tables import MaildirTable


def list_named_paths(value: object) -> Iterator[Path | SecretFile]:
    """Lists the paths and the secrets of the settings, or of a part of them; a Maildir is none."""
    match value:
        case Path() | SecretFile():
            yield value
        case Logo(path=path):
            yield path
        case MaildirTable():
            return
        case BaseModel():
            for name in type(value).model_fields:
                yield from list_named_paths(getattr(value, name))
        case Mapping():
            for each in value.values():
                yield from list_named_paths(each)
        case tuple():
            for each in value:
                yield from list_named_paths(each)
