"""Tries the answers of `init`: whether they are valid together, and whether relay, mailbox, database and port work.

Nothing is sent or changed. The configuration so far is written to a folder of its own, which only this user can read,
and is removed at once.
"""

from __future__ import annotations

import os
import secrets
import socket
import tomllib
from collections.abc import Collection, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import tomlkit

from mailgate.cli.checks.desk import CheckResult, Finding, check_database, check_relay
from mailgate.cli.checks.desk_user import look_as, named_user
from mailgate.cli.checks.sources import check_mailboxes
from mailgate.cli.setup.document import IMAP_PASSWORD, RELAY_PASSWORD, SECRET, write_document
from mailgate.cli.setup.machine import STATE_FOLDER, USER
from mailgate.cli.setup.questions import Answers
from mailgate.config import Listen, Settings, read_config
from mailgate.config.inheritance import fill_in_required
from mailgate.core.clock import Clock
from mailgate.store.database import sqlite_file


def make_secrets(given: Answers) -> dict[str, bytes]:
    """Returns the secret files of a configuration, by name: a new signing key, and the passwords."""
    passwords = {IMAP_PASSWORD: given.get("imap_password_file"), RELAY_PASSWORD: given.get("relay_password_file")}
    texts = {SECRET: secrets.token_hex(32)} | {name: text for name, text in passwords.items() if text}
    return {name: f"{text}\n".encode() for name, text in texts.items()}


def read_draft(given: Answers) -> Settings:
    """Returns the settings of the answers so far. Raises ConfigError where they are not valid together."""
    text = tomlkit.dumps(fill_in_required(tomllib.loads(write_document(given))))
    with TemporaryDirectory(prefix="mailgate-init-") as folder:
        for name, content in make_secrets(given).items():
            Path(folder, name).write_bytes(content)
            Path(folder, name).chmod(0o600)
        path = Path(folder, "mailgate.toml")
        path.write_text(text, encoding="utf-8")
        return read_config(path, environment={})


def try_answers(given: Answers, keys: Collection[str], clock: Clock) -> Iterator[Finding]:
    """Yields a finding for each service that the answers of these keys name. The answers must be valid together."""
    settings = read_draft(given)
    if "listen" in keys:
        for table in (settings.intake.smtp, settings.intake.lmtp):
            if table is not None and table.listen.path is None:
                yield _try_port(table.listen)
    if "imap" in keys:
        yield from check_mailboxes(settings, clock)
    if "relay" in keys:
        yield from check_relay(settings, clock)
    if "database" in keys:
        yield from _try_database(settings, is_absolute=":////" in given["database"])


def _try_database(settings: Settings, *, is_absolute: bool) -> Iterator[Finding]:
    """Tries PostgreSQL, and looks for the folder of an SQLite file; one beside the configuration is made with it."""
    is_root = os.geteuid() == 0
    file = sqlite_file(settings.store.database)
    user = named_user(USER) if is_root else None
    if file is not None:
        is_made = is_root and file.parent == STATE_FOLDER
        if is_absolute and not is_made and not file.parent.is_dir():
            words = f"store.database: the folder {file.parent} does not exist: create it, or name another file"
            yield Finding("database", CheckResult.FAILED, words)
    elif user is None:
        yield check_database(settings)
    else:  # PostgreSQL may know who asks (peer)
        yield from look_as(user, lambda: iter((check_database(settings),)))


def _try_port(listen: Listen) -> Finding:
    try:
        family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
        with closing(socket.create_server((listen.host, listen.port), family=family)):
            return Finding("intake", CheckResult.OK, f"{listen} is free")
    except OSError as error:
        words = f"the desk cannot listen on {listen}: {(error.strerror or str(error)).lower()}"
        return Finding("intake", CheckResult.FAILED, words)
