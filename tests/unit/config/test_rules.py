"""Rules at the door in the configuration: what is read, what is a mistake, and what never matches."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.config import ConfigError, Rule, read_config
from tests.support.desk import CONFIG

NETWORK = """
[queues.network]
address = "network@example.com"
levels.level1.mailbox = "network-l1@example.com"
levels.level1.agents = ["nils@example.com"]
"""


def read(folder: Path, rules: str) -> tuple[tuple[Rule, ...], tuple[str, ...]]:
    (folder / "secret").write_text("a key that only the tests know\n")
    (folder / "secret").chmod(0o600)
    path = folder / "mailgate.toml"
    path.write_text(f"{CONFIG}\n{NETWORK}\n{rules}", encoding="utf-8")
    found = read_config(path)
    return found.rules, found.warnings


def test_a_value_may_stand_alone_or_in_a_list(tmp_path: Path) -> None:
    (one, other), warnings = read(
        tmp_path,
        """
[[rules]]
name = "one"
sender = "*.Example.org"
header = { X-Priority = ["1", "1 *"], Importance = "High" }
tag = "VPN"
[[rules]]
name = "other"
has_files = true
body = ["invoice", "Rechnung*"]
queue = "network"
assignee = "nils@example.com"
""",
    )
    assert (one.sender, one.tag) == (("*.example.org",), ("vpn",))
    assert one.conditions.headers == (("x-priority", ("1", "1 *")), ("importance", ("high",)))
    assert str(one) == "one: sender *.example.org; header X-Priority: 1 or 1 * and Importance: high → tag vpn"
    assert str(other) == ("other: body invoice or Rechnung*; has_files yes → queue network, assignee nils@example.com")
    assert warnings == ()


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ('queue = "none"', 'rules[0].queue: there is no queue "none"; the queues are network, default'),
        ('assignee = "zoe@example.net"',
         "rules[0].assignee: zoe@example.net is not at Level 1 of any queue, where requests start"),
        ('queue = "network"\nassignee = "bob@example.com"',
         "rules[0].assignee: bob@example.com is not at Level 1 of the queue network, where requests start"),
        ('form = "access"', 'rules[0].form: there is no form "access"; the forms are none'),
        ('type = "change"', 'rules[0].type: must be one of "", "incident", "service" or "question"'),
        ("ignore = true",
         "rules[0].ignore: without a condition, every request would be ignored; add a sender or words"),
        ('sender = "@a.example"\nignore = true\ntag = "x"',
         "rules[0].ignore: an ignored email becomes no ticket; remove tag"),
        ('sender = "nobody"', 'rules[0].sender[0]: "nobody" is neither an address nor a domain such as "@example.com"'),
        ('subject = "out * office"',
         'rules[0].subject[0]: "*": a * may stand only at the beginning or the end of a word'),
        ('tag = "two words"',
         "rules[0].tag[0]: must be one word of at most 32 letters, digits, points, hyphens and underscores"),
        ('sendr = "x"', 'rules[0].sendr: unknown key; did you mean "sender"?'),
        ("has_files = 1", "rules[0].has_files: must be true or false"),
        ('[[rules]]\nname = "one"', 'rules[1].name: there is already a rule "one"; each rule needs its own name'),
        ("[[rules]]", "rules[1].name: missing; it has no default"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_its_key(tmp_path: Path, keys: str, line: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, f'[[rules]]\nname = "one"\n{keys}')
    assert caught.value.mistakes == (line,)


def test_rules_are_tables_of_their_own(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read(tmp_path, '[rules]\nname = "one"')
    assert caught.value.mistakes == ("rules: is a table for each: write [[rules]], with two brackets",)


def test_a_rule_that_never_matches_is_a_warning(tmp_path: Path) -> None:
    rules = '[[rules]]\nname = "all-of-them"\nsender = "@a.example"\n[[rules]]\nname = "one"\nsender = "x@a.example"\n'
    _, warnings = read(tmp_path, rules)
    assert warnings == (
        'rules[1]: "one" never matches, because "all-of-them" before it matches everything that it would; put it '
        "first, or remove it",
    )
