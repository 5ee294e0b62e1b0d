"""Checks of the configuration, the templates, the database and the relay, for `check`.

Each finding is a line that says `ok` or what to do. A check never raises and sends nothing.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from mailgate.cli.context import NO_POSTGRESQL, first_line
from mailgate.config import Queue, Settings
from mailgate.config.environment import list_variables
from mailgate.core.clock import Clock
from mailgate.core.domains import domain_of, fold_address
from mailgate.core.text import counted, spell_size
from mailgate.core.workflow.notice_catalogue import Audience, Notice
from mailgate.transport.errors import describe_connecting

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from mailgate.notices.rendering.templates import Templates
    from mailgate.store.database import Database

Found = TypeVar("Found")
NO_SOCKET = 'a UNIX socket is not supported here yet: write a host and a port, such as "127.0.0.1:8025"'


class CheckResult(StrEnum):
    """The result of a check; only FAILED makes the exit status 1."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    FAILED = "FAILED"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of `check`: the subject, the result and, in words, what to do."""

    what: str
    verdict: CheckResult
    words: str


def check_settings(settings: Settings) -> Iterator[Finding]:
    """Lists the queues, the settings of the environment, and settings that work but should be changed."""
    queues = ", ".join(f"{name} {queue.address}" for name, queue in settings.queues.items())
    yield Finding("queues", CheckResult.OK, queues)
    for rule in settings.rules:
        yield Finding("rules", CheckResult.OK, str(rule))
    if variables := list_variables(os.environ):
        yield Finding("settings", CheckResult.NOTE, f"set by the environment: {', '.join(variables)}")
    for warning in settings.warnings:
        yield Finding("settings", CheckResult.WARNING, warning)
    yield from _check_addresses(settings)
    if settings.relay.only_to:
        only = ", ".join(settings.relay.only_to)
        yield Finding(
            "relay", CheckResult.NOTE, (f"relay.only_to: only notices to {only} are sent; all others are parked")
        )


def _check_addresses(settings: Settings) -> Iterator[Finding]:
    shared = list(_shared_mailboxes(settings))
    for words in shared:
        yield Finding("levels", CheckResult.WARNING, words)
    examples = sorted({address for address in _addresses(settings) if _is_example(address)})
    if examples:
        yield Finding("addresses", CheckResult.WARNING, f"replace the example addresses: {', '.join(examples)}")
    elif not shared:
        yield Finding(
            "addresses", CheckResult.OK, (f"{len(set(_addresses(settings)))} addresses, each used for one purpose")
        )


def _shared_mailboxes(settings: Settings) -> Iterator[str]:
    for queue in settings.queues.values():
        seen: dict[str, str] = {}
        for name, level in queue.levels.items():
            other = seen.setdefault(fold_address(level.mailbox), name)
            if other != name:
                yield (
                    f"queue {queue.name}: {other} and {name} share {level.mailbox}, so an escalation reaches "
                    "the same people"
                )


def _addresses(settings: Settings) -> Iterator[str]:
    yield from (settings.desk.operator, settings.desk.manager)
    for queue in settings.queues.values():
        yield queue.address
        for level in queue.levels.values():
            yield from (level.mailbox, *level.agents)


def _is_example(address: str) -> bool:
    domain = domain_of(address)
    return domain in ("example.com", "example.org", "example.net") or domain.endswith(".example")


def check_templates(settings: Settings) -> Iterator[Finding]:
    """Renders every notice in every language of the desk, with the operator's templates and branding."""
    from mailgate.notices.rendering.samples import check_templates, find_gaps
    from mailgate.notices.rendering.templates import Templates

    templates = Templates(settings.desk.templates, settings.desk.languages[0], settings.countries)
    languages = _languages(settings, templates)
    mistakes = check_templates(templates, languages)
    for mistake in mistakes:
        yield Finding("templates", CheckResult.FAILED, mistake)
    if not mistakes:
        own = (
            f", {counted(len(templates.own_files), 'file')} of {settings.desk.templates}"
            if settings.desk.templates
            else ""
        )
        yield Finding("templates", CheckResult.OK, f"every notice in {', '.join(languages)}{own}")
    for gap in find_gaps(templates):
        yield Finding("templates", CheckResult.WARNING, gap)
    yield from _check_checklists(settings, templates)
    for queue in settings.queues.values():
        yield from _check_languages(queue, templates)
    yield from _check_colours(settings)


def _languages(settings: Settings, templates: Templates) -> list[str]:
    """Lists the languages that a recipient may get and those that the operator has changed.

    The others are as they come with mailgate, whose tests check them.
    """
    codes: set[str] = {code.tag for queue in settings.queues.values() for code in queue.languages}
    codes |= {name.partition("/")[0] for name in templates.own_files if "/" in name}
    return sorted(codes.intersection(templates.languages)) or ["en"]


def _check_languages(queue: Queue, templates: Templates) -> Iterator[Finding]:
    """Reports languages of a queue in which no notice, or only some, are written."""
    notices = [notice for notice in Notice if notice.info.audience is Audience.REQUESTER]
    for language in queue.languages:
        here = sum(any(templates.is_whole(code, notice) for code in (language.tag, language)) for notice in notices)
        if here == len(notices):
            continue
        lack = f"only {here} of {len(notices)} notices to requesters are" if here else "no notice is"
        others = "readers get" if not here else "the others are sent in"
        words = f"queue {queue.name}: {lack} available in {language}; {others} {queue.language} or English"
        yield Finding("templates", CheckResult.WARNING, words)


def _check_colours(settings: Settings) -> Iterator[Finding]:
    """Reports colours too light for a white page; on a dark page nearly every colour is lightened, so no report."""
    from mailgate.notices.rendering.branding import look_of

    for queue in settings.queues.values():
        colours = look_of(queue).colours
        if colours.accent != colours.fill:
            words = f"queue {queue.name}: {colours.fill} is too light for lines on a white page; they are"
            yield Finding("colour", CheckResult.WARNING, f"{words} {colours.accent}; buttons keep it")


def _check_checklists(settings: Settings, templates: Templates) -> Iterator[Finding]:
    """Renders every checklist of a level once, with a sample ticket."""
    from mailgate.notices.rendering.samples import check_checklist

    named = {(level.checklist, queue.language) for queue in settings.queues.values() for level in queue.levels.values()}
    for path, language in sorted((str(path), language) for path, language in named if path is not None):
        mistake = check_checklist(templates, Path(path), language)
        verdict = CheckResult.FAILED if mistake else CheckResult.OK
        yield Finding("checklist", verdict, f"{path}: {mistake}" if mistake else path)


def check_archive(settings: Settings) -> Iterator[Finding]:
    """Checks that closed tickets can be written to the folder of archives; creates nothing."""
    folder = settings.archive.folder
    if folder is None:
        return
    if not folder.is_dir():
        words = f"archive.folder: the folder {folder} does not exist; create it, writable for the desk's user"
        yield Finding("archive", CheckResult.FAILED, words)
    elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        words = f"archive.folder: this user cannot write to {folder}; grant read, write and execute permission (rwx)"
        yield Finding("archive", CheckResult.FAILED, words)
    else:
        yield Finding("archive", CheckResult.OK, f"closed tickets go to {folder}")


def read_if_there(settings: Settings, read: Callable[[Connection], Found], *, connect: bool) -> Found | None:
    """Returns what `read` finds in the database: a SQLite file if it exists, PostgreSQL with `connect`; else None.

    None also where the database cannot be read: `check --connect` reports that.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from mailgate.store.database import Database, WrongDatabase

    try:
        with closing(Database(settings.store.database)) as database:
            if not (connect if database.path is None else database.path.exists()):
                return None
            database.require()
            with database.read() as connection:
                return read(connection)
    except (SQLAlchemyError, WrongDatabase, ImportError, OSError):
        return None


def check_metrics(settings: Settings) -> Iterator[Finding]:
    """Checks that the package is there that answers Prometheus; tries no port, which a desk that runs has."""
    listen = settings.metrics.listen
    if listen is None:
        return
    if find_spec("prometheus_client") is None:
        words = "metrics.listen: prometheus-client is not installed: install mailgate with the extra metrics"
        yield Finding("metrics", CheckResult.FAILED, words)
    else:
        yield Finding("metrics", CheckResult.OK, f"http://{listen}/metrics and /healthz")


def check_database(settings: Settings) -> Finding:
    """Checks that the database opens, has this version and takes a write, which is taken back; creates nothing."""
    from sqlalchemy.exc import SQLAlchemyError

    from mailgate.store.database import Database

    try:
        database = Database(settings.store.database)
    except ImportError:
        return Finding("database", CheckResult.FAILED, NO_POSTGRESQL)
    except SQLAlchemyError as error:
        return Finding("database", CheckResult.FAILED, first_line(error))
    with closing(database):
        return _check_opened(database)


def _check_opened(database: Database) -> Finding:
    from sqlalchemy.exc import SQLAlchemyError

    from mailgate.store.database import EmptyDatabase, WrongDatabase
    from mailgate.store.locks import try_write
    from mailgate.store.schema import VERSION

    path = database.path
    try:
        if path is not None and not path.exists():
            if path.parent.is_dir() and os.access(path.parent, os.W_OK):
                return Finding("database", CheckResult.NOTE, f"no database at {path} yet: `mailgate serve` creates it")
            return Finding("database", CheckResult.FAILED, f"{path.parent} is not a writable folder")
        database.require()
        try_write(database)
    except EmptyDatabase:
        return Finding(
            "database", CheckResult.NOTE, (f"{database.name} is still empty: `mailgate serve` creates the tables")
        )
    except WrongDatabase as error:
        return Finding("database", CheckResult.FAILED, str(error))
    except (SQLAlchemyError, ImportError, OSError) as error:
        return Finding("database", CheckResult.FAILED, first_line(getattr(error, "orig", None) or error))
    return Finding("database", CheckResult.OK, f"{database.name}, version {VERSION}, writable")


def check_relay(settings: Settings, clock: Clock) -> Iterator[Finding]:
    """Checks that the relay greets, encrypts as configured, accepts the login, and takes mails of the size planned."""
    from mailgate.daemon.desk import relay_settings
    from mailgate.transport.relay.handshake import RelayUnavailable, announced_size, open_session

    relay = settings.relay
    place = f"{relay.host}:{relay.port}"
    try:
        session = open_session(relay_settings(settings, clock))
    except RelayUnavailable as error:
        yield Finding("relay", CheckResult.FAILED, f"{place} cannot be used: {error}")
        return
    except OSError as error:
        words = describe_connecting(error, relay.host, relay.port, relay.tls) or first_line(error.strerror or error)
        yield Finding("relay", CheckResult.FAILED, f"{place} does not answer: {words}")
        return
    features = [name.upper() for name in ("size", "8bitmime", "smtputf8") if session.has_extn(name)]
    most = announced_size(session)
    with suppress(OSError):
        session.quit()
    login = f", logged in as {relay.user}{' by OAuth2' if relay.oauth2 else ''}" if relay.user else ""
    offers = ", ".join(features) or "no extensions"
    yield Finding("relay", CheckResult.OK, f"{place} answers{login}; it offers {offers}")
    planned = settings.limits.notice_max_size
    if 0 < most < planned:  # 0 is no limit: RFC 1870 section 4
        words = (
            f"{place} accepts emails up to {spell_size(most)}, less than limits.notice_max_size "
            f"({spell_size(planned)}): "
            "larger files are left out of notices. With Postfix, raise message_size_limit in its main.cf"
        )
        yield Finding("relay", CheckResult.WARNING, words)
