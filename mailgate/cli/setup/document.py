"""The text of a first configuration: short, with comments, only what differs from the defaults or must be set.

Pure. Answers may be missing; what they would set is left out then.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tomlkit
from tomlkit import TOMLDocument
from tomlkit.items import Table

from mailgate.cli.setup.questions import Answers, Server

IMAP_PASSWORD, RELAY_PASSWORD, SECRET = "imap-password", "relay-password", "secret"
_HEAD = """\
mailgate configuration, written by "mailgate init". Settings that are not here have their defaults:
"mailgate config --reference" prints every setting with its default and meaning.
After a change, run "mailgate check --connect", then "systemctl reload mailgate"."""
_HOURS = ["09:00-17:00"]
_HOURS_OF_FRANCE = ["09:00-12:30", "13:30-18:00"]
_LMTP_GROUP = "postfix"


def write_document(given: Answers) -> str:
    """The configuration as TOML."""
    document = tomlkit.document()
    for line in _HEAD.splitlines():
        document.add(tomlkit.comment(line))
    document.add(tomlkit.nl())
    for name, table in (("desk", _desk(given)), ("store", _store(given))):
        _add(document, name, table)
    _add_intake(document, given)
    for name, table in (("relay", _relay(given)), ("trust", _trust(given))):
        _add(document, name, table)
    levels = tomlkit.table(is_super_table=True)
    for level in ("level1", "level2"):
        if level in given:
            levels.append(level, _level(given, level))
    if levels:
        document.append("levels", levels)
    return tomlkit.dumps(document).rstrip("\n") + "\n"


def _add(document: TOMLDocument, name: str, table: Table | None) -> None:
    if table is not None:
        table.add(tomlkit.nl())
        document.append(name, table)


def _desk(given: Answers) -> Table:
    table = tomlkit.table()
    _set(table, "address", given.get("address"), "The address that requesters write to. A source below receives it.")
    languages = list(given["languages"]) if "languages" in given else None
    _set(table, "languages", languages, "The languages of notices. The first is for people of whom none is known.")
    zone = given.get("timezone")
    _set(table, "timezone", zone, "The time zone, and the opening hours in it. Set the hours of your desk.")
    if zone is not None:
        hours = tomlkit.inline_table()
        hours.append("mon-fri", _HOURS_OF_FRANCE if zone == "Europe/Paris" else _HOURS)
        table.append("business_hours", hours)
    _set(table, "holidays", given.get("holidays"), 'The public holidays of a country or region; "" for none.')
    _set(table, "operator", given.get("operator"), "Gets the technical alarms.")
    _set(table, "manager", given.get("manager"), "Gets everything that no level can take.")
    return table


def _store(given: Answers) -> Table | None:
    if "database" not in given:
        return None
    table = tomlkit.table()
    _set(table, "database", given["database"], '"mailgate upgrade --to URL" moves a desk from one database to another.')
    return table


def _add_intake(document: TOMLDocument, given: Answers) -> None:
    way = given.get("intake")
    tables: dict[str, Any] = {}
    if way == "smtp" and "listen" in given:
        tables["smtp"] = _listener(given, "Your mail server hands over the desk's email here.")
    elif way == "lmtp" and "listen" in given:
        tables["lmtp"] = _listener(given, "Your delivery agent hands over the desk's email here. LMTP has no login.")
        if given.get("socket_group"):
            _set(tables["lmtp"], "group", given["socket_group"], "The group that may write to the socket.")
    elif way == "imap" and {"imap", "imap_user"} <= given.keys():
        tables["imap"] = _of_one(_imap(given))
    elif way == "maildir" and "maildir" in given:
        table = tomlkit.table()
        table.append("path", given["maildir"])
        tables["maildir"] = _of_one(table)
    if tables:
        intake = tomlkit.table(is_super_table=True)
        for name, table in tables.items():
            intake.append(name, table)
        document.append("intake", intake)
        document.add(tomlkit.nl())
    elif way == "pipe":
        document.add(
            tomlkit.comment('Your mail server runs "mailgate pipe" for each email, which requires no table here.')
        )
        document.add(tomlkit.nl())


def _of_one(table: Table) -> Any:
    tables = tomlkit.aot()
    tables.append(table)
    return tables


def _listener(given: Answers, comment: str) -> Table:
    table = tomlkit.table()
    _set(table, "listen", given["listen"], comment)
    return table


def _imap(given: Answers) -> Table:
    table, server = tomlkit.table(), given["imap"]
    _set(table, "host", server.host, 'Emails that are stored are moved to the folder "Processed"; see after.')
    tls = given.get("imap_tls", "implicit")
    port = server.port or (993 if tls == "implicit" else 143)
    if port != 993:
        table.append("port", port)
    if tls != "implicit":
        table.append("tls", tls)
    table.append("user", given["imap_user"])
    table.append("password_file", IMAP_PASSWORD)
    return table


def _relay(given: Answers) -> Table | None:
    if "relay" not in given:
        return None
    table, tls = tomlkit.table(), given.get("relay_tls", "opportunistic")
    server: Server = given["relay"]
    _set(table, "host", server.host, "The SMTP server that sends every notice.")
    table.append("port", server.port or {"implicit": 465, "starttls": 587}.get(tls, 25))
    if tls != "opportunistic":
        table.append("tls", tls)
    if given.get("relay_user"):
        table.append("user", given["relay_user"])
        table.append("password_file", RELAY_PASSWORD)
    if given.get("only_to"):
        comment = (
            "Until you trust the desk, it writes only to these addresses and domains, and parks all other notices.\n"
            'Then write [] here, reload, and send them by "mailgate requeue outbox --reason only_to".'
        )
        _set(table, "only_to", list(given["only_to"]), comment)
    return table


def _trust(given: Answers) -> Table | None:
    if "authserv_id" not in given:
        return None
    table = tomlkit.table()
    comment = (
        "The names of your servers in Authentication-Results, which prove senders.\n"
        "[] trusts none: agents are asked whether an email with commands is theirs, unless they reply to a notice."
    )
    _set(table, "authserv_id", list(given["authserv_id"]), comment)
    return table


def _level(given: Answers, level: str) -> Table:
    table = tomlkit.table()
    comments = {"level1": "Level 1 gets new tickets.", "level2": "Level 2 gets what Level 1 passes on or misses."}
    _set(table, "mailbox", given[level], comments[level])
    agents = list(given.get(f"{level}_agents", ()))
    _set(table, "agents", agents, "The addresses that its agents write from.")
    if level == "level1":
        table.add(tomlkit.nl())
    return table


def _set(table: Table, key: str, value: Any, comment: str) -> None:
    if value is not None:
        for line in comment.splitlines():
            table.add(tomlkit.comment(line))
        table.append(key, value)


def group_of_socket(given: Answers, groups: Iterable[str]) -> str:
    """The group that a LMTP socket must have for the mail server of this machine; "" where it is no socket file."""
    is_socket = given.get("intake") == "lmtp" and str(given.get("listen", "")).startswith("unix:")
    return _LMTP_GROUP if is_socket and _LMTP_GROUP in groups else ""
