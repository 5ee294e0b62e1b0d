"""People of the stories by their first names, and the configuration of one story."""

from __future__ import annotations

from tests.support.desk import CONFIG

PEOPLE = {
    "anna": "Anna Martin <anna@example.org>",
    "ben": "Ben <ben@example.org>",
    "zoe": "Zoé <zoe@example.net>",
    "mallory": "Mallory <mallory@evil.example>",
    "form": "Web form <noreply@www.example.com>",
    "alice": "Alice <alice@example.com>",
    "bob": "Bob <bob@example.com>",
    "carol": "Carol <carol@example.com>",
    "dora": "Dora <dora@example.com>",
    "nils": "Nils <nils@example.com>",
    "level1": "level1@example.com",
    "level2": "level2@example.com",
    "level3": "level3@example.com",
    "network": "network-l1@example.com",
    "luc": "Luc <luc@montreal.example>",
    "lea": "Léa <lea@montreal.example>",
    "montreal1": "niveau1@montreal.example",
    "montreal2": "niveau2@montreal.example",
    "robot": "Monitoring <robot@monitor.example>",
    "supplier": "supplier@vendor.example",
    "desk": "support@example.com",
    "montreal_desk": "aide@montreal.example",
    "manager": "manager@example.com",
    "operator": "operator@example.com",
}

# An agent reads their own mailbox and that of their level.
MAILBOX = {
    "alice": "level1", "bob": "level1", "carol": "level2", "dora": "level3", "nils": "network", "luc": "montreal1",
    "lea": "montreal2",
}  # fmt: skip

_LEVEL3 = """
[levels.level3]
mailbox = "level3@example.com"
agents = ["dora@example.com"]
resolve_within = "3 business days"
"""
_NETWORK = """
[queues.network]
address = "network@example.com"
levels.level1.mailbox = "network-l1@example.com"
levels.level1.agents = ["nils@example.com"]
"""
_MONTREAL = """
[queues.montreal]
name = "Aide Montréal"
address = "aide@montreal.example"
languages = ["fr", "en"]
timezone = "America/Toronto"
business_hours = { mon-fri = ["08:00-16:00"] }
holidays = ""
levels.level1.mailbox = "niveau1@montreal.example"
levels.level1.agents = ["luc@montreal.example"]
levels.level1.resolve_within = "2 business hours"
levels.level2.mailbox = "niveau2@montreal.example"
levels.level2.agents = ["lea@montreal.example"]
"""
_ACCESS = """
[forms.access]
title = { en = "Access to an application", fr = "Accès à une application" }
tag = "[ACCESS]"
type = "service"
[[forms.access.fields]]
name = "system"
label = { en = "System", fr = "Système" }
kind = "choice"
required = true
choices = ["SAP", "Mail"]
[[forms.access.fields]]
name = "since"
label = { en = "Wanted from", fr = "À partir du" }
kind = "date"
required = true
[[forms.access.fields]]
name = "why"
label = { en = "Why", fr = "Pourquoi" }
kind = "long"
"""
_BADGE = """
[forms.badge]
title = "A badge"
queue = "network"
priority = "high"
[[forms.badge.fields]]
name = "building"
label = "Building"
required = true
"""
_BUILT = {
    "level3": _LEVEL3, "network queue": _NETWORK, "montreal queue": _MONTREAL, "access form": _ACCESS,
    "badge form": _BADGE,
}  # fmt: skip


def address_of(person: str) -> str:
    """The bare address of one of PEOPLE."""
    return PEOPLE[person].rpartition("<")[2].rstrip(">")


def configured(extra: list[str]) -> str:
    """The configuration of the tests with a story's own lines: `[table] key = value`, `level3`, `network queue`,
    `montreal queue`, `access form`, `badge form`, `the rule key = value; key = value`."""
    config = CONFIG
    for line in extra:
        if line in _BUILT:
            config += _BUILT[line]
        elif line.startswith("the rule "):
            config += "\n[[rules]]\n" + line.removeprefix("the rule ").replace("; ", "\n") + "\n"
        else:
            table, _, setting = line.partition("] ")
            config = _insert(config, f"{table}]", setting)
    return config


def _insert(config: str, table: str, setting: str) -> str:
    key = setting.partition("=")[0].strip()
    if table not in config:
        return f"{config}\n{table}\n{setting}\n"
    head, _, tail = config.partition(f"{table}\n")
    body, mark, rest = tail.partition("\n[")
    kept = "\n".join(line for line in body.splitlines() if line.partition("=")[0].strip() != key)
    return f"{head}{table}\n{setting}\n{kept}{mark}{rest}"
