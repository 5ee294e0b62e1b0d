"""The configuration: what it makes of a file, and what it says of a wrong one."""

from __future__ import annotations

import os
import pickle
import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from mailgate.config import ConfigError, DeskTable, Form, Listen, Promise, PutAwayAction, Queue, Settings, read_config
from mailgate.config.settings import ContactTable
from mailgate.config.tables import ConfigTable
from mailgate.core.calendar.business_time import due, read_duration
from tests.support.examples import examples
from tests.support.paths import ROOT

MINIMAL = """
[desk]
address = "support@example.com"
[levels.level1]
mailbox = "level1@example.com"
[levels.level2]
mailbox = "level2@example.com"
"""
EXAMPLE = ROOT / "config.example.toml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = ["secret", "imap-password", "imap-client", "imap-refresh", "relay-password", "relay-client"]
    for name in [*names, "relay-refresh", "smtp.crt", "smtp.key", "smtp-users"]:
        (tmp_path / name).write_text("0123456789abcdef\n")
        (tmp_path / name).chmod(0o600)
    (tmp_path / "hook.secret").write_text("whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=\n")
    (tmp_path / "hook.secret").chmod(0o600)
    return tmp_path


def read(folder: Path, text: str) -> Settings:
    path = folder / "mailgate.toml"
    path.write_text(text, encoding="utf-8")
    return read_config(path)


def mistakes(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    return caught.value.mistakes


# What is read


def test_a_minimal_file_has_every_default(folder: Path) -> None:
    found = read(folder, MINIMAL)
    assert (found.desk.name, found.desk.reference, found.desk.languages) == ("Support", "SUP", ("fr", "en"))
    assert found.desk.keys == (b"0123456789abcdef",)
    assert (found.desk.operator, found.desk.manager) == ("postmaster@example.com", "postmaster@example.com")
    assert found.store.database == f"sqlite:///{folder}/mailgate.db"
    assert found.intake.smtp is None
    assert found.intake.max_size == 25 * 1024 * 1024
    assert found.warnings == ()
    queue = found.queues["default"]
    assert queue.name == "default"
    assert list(queue.levels) == ["level1", "level2"]
    assert queue.levels["level1"].answer_within == queue.levels["level1"].resolve_within
    assert queue.levels["level2"].resolve_within == read_duration("2 business days")


def test_a_queue_has_what_the_desk_has_but_for_what_it_says(folder: Path) -> None:
    found = read(
        folder,
        MINIMAL
        + """
agents = ["carol@example.com"]
[queues.network]
address = "network@example.com"
name = "Network"
timezone = "Asia/Kathmandu"
business_hours = { sun-thu = ["08:00-16:00"] }
holidays = ""
levels.level1.mailbox = "network-l1@example.com"
levels.level1.resolve_within = "1 business hour"
confirmation.on_silence = "close"
""",
    )
    network, default = found.queues["network"], found.queues["default"]
    assert (network.display_name, default.display_name) == ("Network", "Support")
    assert network.levels["level2"] == default.levels["level2"]
    assert network.levels["level1"].answer_within == read_duration("1 business hour")
    assert (network.confirmation.on_silence, default.confirmation.on_silence) == ("close", "ask")
    assert network.confirmation.reopen_within == default.confirmation.reopen_within
    assert found.queue_at("NETWORK@example.com") is network
    assert found.queue_at("nobody@example.com") is None
    noon = datetime(2026, 5, 1, 12, tzinfo=UTC)  # Friday, 1 May: a holiday in France, in Kathmandu the weekend
    assert due(noon, read_duration("1 business hour"), default.hours) == datetime(2026, 5, 4, 8, tzinfo=UTC)
    assert due(noon, read_duration("1 business hour"), network.hours) == datetime(2026, 5, 3, 3, 15, tzinfo=UTC)


def test_nothing_can_be_changed_and_all_can_be_sent_to_a_process(folder: Path) -> None:
    found = read(folder, MINIMAL)
    with pytest.raises(ValidationError):
        found.desk.name = "Other"
    assert pickle.loads(pickle.dumps(found)) == found


def test_ways_in_and_logins(folder: Path) -> None:
    found = read(
        folder,
        MINIMAL
        + """
[intake.smtp]
listen = "[::1]:0"
[intake.lmtp]
listen = "unix:lmtp.sock"
[[intake.imap]]
host = "imap.example.com"
user = "support"
password_file = "imap-password"
after = "flag"
[relay]
user = "desk"
password_file = "relay-password"
""",
    )
    assert found.intake.smtp
    assert found.intake.smtp.listen == Listen("::1", 0)
    assert str(found.intake.smtp.listen) == "[::1]:0"
    assert found.intake.lmtp
    assert found.intake.lmtp.listen.path == folder / "lmtp.sock"
    assert found.intake.imap[0].after == PutAwayAction("flag")
    assert found.intake.imap[0].password == "0123456789abcdef"
    assert "0123456789abcdef" not in repr(found)


def test_keys_are_rolled_by_lines(folder: Path) -> None:
    (folder / "secret").write_text("new\r\n\nold\n")
    assert read(folder, MINIMAL).desk.keys == (b"new", b"old")


def test_a_systemd_credential_takes_the_place_of_a_missing_secret(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    credentials = folder / "credentials"
    credentials.mkdir()
    (folder / "secret").rename(credentials / "secret")
    assert mistakes(folder, MINIMAL) == (
        f"desk.secret_file: cannot read the secret {folder}/secret: no such file or directory",
    )
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    assert read(folder, MINIMAL).desk.keys == (b"0123456789abcdef",)
    (folder / "secret").write_text("the file, which the desk's user may be unable to read")
    assert read(folder, MINIMAL).desk.keys == (b"0123456789abcdef",)


def test_a_secret_that_others_can_read_is_a_warning(folder: Path) -> None:
    (folder / "secret").chmod(0o644)
    warnings = read(folder, MINIMAL).warnings
    assert len(warnings) == 1
    assert "secret: other users can read this secret" in warnings[0]


def test_the_files_of_the_directory_need_not_be_there_yet(folder: Path) -> None:
    """They come from elsewhere and are read while the desk runs: one that is missing must not keep it from starting."""
    found = read(
        folder, MINIMAL + '[directory]\npeople = "people.csv"\nunknown = "refuse"\n[digest]\nat = ""'
    ).directory
    assert (found.people, found.equipment) == (folder / "people.csv", None)


# What is wrong


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[[intake.imap]]\nhost = "h"\nuser = "u"\npassword_file = "secret"\nprot = 993',
         'intake.imap[0].prot: unknown key; did you mean "port"?'),
        ('[[intake.imap]]\nhost = "h"\nuser = "u"',
         "intake.imap[0]: has a user, but neither password_file nor oauth2"),
        ('[[intake.imap]]\nhost = "h"\nuser = "u"\npassword_file = "secret"\nafter = { move = "INBOX" }',
         "intake.imap[0].after: moves emails to INBOX, where they are; name another folder"),
        ('[[intake.imap]]\nhost = "h"\nuser = "u"\npassword_file = "secret"\nafter = { move = "inbox" }',
         "intake.imap[0].after: moves emails to inbox, where they are; name another folder"),
        ('[[intake.imap]]\nhost = "h"\nuser = "u"\npassword_file = "secret"\nafter = { move = "B" }\n[[intake.imap]]\n'
         'host = "h"\nuser = "u"\npassword_file = "secret"\nfolder = "B"',
         "intake.imap[0].after: moves emails to B, which is read as well; name another folder"),
        ('[[intake.imap]]\nhost = "h"\nuser = "u"\npassword_file = "secret"\npoll_every = "1 hour"',
         'intake.alarm_after: must be at least "120 minutes", twice the longest of limits.idle_window and poll_every'),
        ('[intake.imap]\nhost = "h"', ("intake.imap: needs one table per source: write [[intake.imap]], with "
            "two brackets")),
        ('[intake]\nalarm_after = "20 seconds"',
         'intake.alarm_after: must be at least "1 minutes"'),
        ('[[intake.imap]]\nhost = "H"\nuser = "u"\npassword_file = "secret"\n[[intake.imap]]\nhost = "h"\nuser = "u"\n'
         'password_file = "secret"\nfolder = "Inbox"',
         "intake.imap[1]: intake.imap[0] already reads imap u@h INBOX; remove one of them"),
        ('[[intake.maildir]]\npath = "Maildir"\naddress = "it@example.com"',
         "intake.maildir[0].address: it@example.com is not an address of the desk or of a queue"),
        ('[intake.lmtp]\nmode = "rw"',
         'intake.lmtp.mode: "rw" is not a file mode: write octal digits in quotes, such as "0660"'),
        ('[store]\nprocesses = "two"', 'store.processes: must be "auto" or a number from 1'),
        ("[store]\nprocesses = true", 'store.processes: must be "auto" or a number from 1'),
        ('[limits]\nlease = "2 business days"', "limits.lease: must be clock time: write it without the word business"),
        ('[limits]\nlease = "0 seconds"', "limits.lease: must be longer than zero"),
        ("[limits]\nparticipants = 0", "limits.participants: must be more than 0"),
        ("[limits]\nmax_attempts = 2.5", "limits.max_attempts: must be a whole number"),
        ('[intake]\nmax_size = "25 megs"',
         'intake.max_size: "25 megs" is not a size: write a number and a unit, such as "25 MiB" or "500 kB"'),
        ('[intake.smtp]\ncertificate = "smtp.crt"',
         "intake.smtp: certificate and key belong together; set both or neither"),
        ('[intake.smtp]\nusers_file = "smtp-users"',
         "intake.smtp.users_file: passwords are accepted only after STARTTLS; set certificate and key"),
        ("[relay]\nonly_to = \"@example.com\"", "relay.only_to: must be a list in [brackets]"),
        ('[relay]\ntls = "ssl"',
         'relay.tls: must be one of "opportunistic", "starttls", "implicit" or "none"'),
        ("[relay]\nport = 70000", "relay.port: must be at most 65535"),
        ('[trust]\nnetworks = ["10.0.0.1/8"]',
         'trust.networks[0]: 10.0.0.1/8 has host bits set; write a network such as "192.0.2.0/24"'),
        ('[queues.net]\nreference = "NET"',
         "queues.net.reference: unknown key; the keys here are: address, languages, timezone, business_hours, holidays,"
         " closing_days, colour, logo, signature, name, levels, promises, waiting, confirmation, retain"),
        ('[queues.net]\naddress = "net@example.com"\nlevels.level3.agents = []',
         "queues.net.levels.level3.mailbox: missing; it has no default"),
        ('[queues.net]\naddress = "net@example.com"\nlevels.level1.resolve_within = "soon"',
         'queues.net.levels.level1.resolve_within: "soon" is not a duration: write a number and a unit, such as'
         ' "90 minutes"; units: second, minute, hour, day, week, business minute, business hour, business day'),
        ("[queues.net]\nname = \"Net\"",
         "queues.net.address: support@example.com is already the address of the desk; each queue needs its own"),
        ('[queues.default]\nname = "x"',
         "queues.default: this queue is the desk itself; write its keys in [desk]"),
        ('[queues."our net"]\naddress = "net@example.com"',
         "queues.our net: a queue's name must be at most 32 letters, digits, hyphens and underscores"),
        ('[queues.net]\naddress = "net@example.com"\nlevels.level2.agents = ["Support@example.com"]',
         ("queues.net.levels.level2.agents[0]: Support@example.com is the desk's own address; this would cause "
             "a mail loop")),
        ("[levels.level4]\nmailbox = \"x@example.com\"", 'levels.level4: unknown key; did you mean "level3"?'),
        ("[waitin]", 'waitin: unknown key; did you mean "waiting"?'),
        ("[waiting]\ndecide_after = 3", "waiting.decide_after: must be text in quotes"),
        ("[[promises]]\nwarn_at = 2", "promises[0].warn_at: must be a share from 0 to 1, or a time before the end,"
         ' such as "1 business hour"'),
        ('[[promises]]\npriority = ["urgent"]',
         "promises[0]: has no times; set answer_within, resolve_within, warn_at or inform_every"),
        ("[promises]\nwarn_at = 0.5", "promises: is a table for each: write [[promises]], with two brackets"),
        ('[[reports]]\nto = ["a@example.com"]\nqueues = ["net"]',
         'reports[0].queues: there is no queue "net"; the queues are default'),
        ('[[reports]]\nevery = "week"', "reports[0].to: missing; it has no default"),
        ('[digest]\nat = "8h"',
         'digest.at: "8h" is not a time of day: write hours and minutes, such as "08:00", or "" for never'),
        ('[digest]\ndays = "weekdays"', 'digest.days: must be one of "business" or "all"'),
        ('[levels.level3]\nmailbox = "level3@example.com"\ncopy_answers = "all"',
         'levels.level3.copy_answers: must be one of "first", true or false'),
        ('[directory]\nunknown = "refuse"',
         'directory.unknown: "refuse" needs directory.people, or every sender would be refused'),
    ],
)  # fmt: skip
def test_a_mistake_names_its_key_and_the_way_out(folder: Path, text: str, line: str) -> None:
    assert mistakes(folder, MINIMAL + text) == (line,)


@pytest.mark.parametrize(
    ("desk", "line"),
    [
        ('holidays = "XX"',
         'desk.holidays: there are no public holidays for "XX": write a country code such as FR or DE-BY'),
        ('timezone = "Europe"',
         'desk.timezone: there is no time zone "Europe": write one such as Europe/Paris or UTC'),
        ("business_hours = {}",
         "desk.business_hours: no opening hours: give hours for at least one day of the week"),
        ('business_hours = { mon-fri = "09:00-12:00" }',
         'desk.business_hours: mon-fri must be a list of intervals, such as ["09:00-12:30"]'),
        ("languages = []", "desk.languages: must not be empty"),
        ('languages = ["FR"]',
         "desk.languages[0]: must be a language code, such as fr, or one of a country, such as pt-BR"),
        ('reference = "sup-"',
         "desk.reference: must be up to 16 capital letters and digits, starting with a letter, such as SUP"),
        ('closing_days = ["24.12.2026"]',
         'desk.closing_days: "24.12.2026" is not a date: write year, month and day, such as 2026-12-24'),
        ('secret_file = "empty"', "desk.secret_file: the secret {folder}/empty is empty"),
        ('operator = "support+x@EXAMPLE.com"',
         "desk.operator: support+x@EXAMPLE.com is the desk's own address; this would cause a mail loop"),
        ('templates = "nowhere"', "desk.templates: the folder {folder}/nowhere does not exist"),
    ],
)  # fmt: skip
def test_a_mistake_of_the_desk_is_said_once(folder: Path, desk: str, line: str) -> None:
    (folder / "empty").write_text("\n \n")
    text = MINIMAL.replace("[levels.level1]", f"{desk}\n[levels.level1]")
    assert mistakes(folder, text + '[queues.net]\naddress = "net@example.com"') == (line.format(folder=folder),)


def test_all_mistakes_are_said_at_once(folder: Path) -> None:
    found = mistakes(folder, '[desk]\nadress = "x"\n[levels.level1]\nmailbox = "me"\n[relay]\nport = "25"')
    assert {line.partition(":")[0] for line in found} == {
        "desk.address", "desk.adress", "levels.level1.mailbox", "levels.level2", "relay.port",
    }  # fmt: skip


def test_a_signed_address_must_fit_into_a_local_part(folder: Path) -> None:
    longest = "a" * 25  # and "+b.SUP-9999999.999." and twenty letters: 64 octets
    assert read(folder, MINIMAL.replace("support@", f"{longest}@"))
    too_long = MINIMAL.replace("support@", f"{longest}a@")
    assert mistakes(folder, too_long)[0].startswith("desk.address: signed addresses would be 65 octets long")
    assert read(folder, too_long.replace("[levels.level1]", 'reply_address = "catch-all"\n[levels.level1]'))


def test_a_minus_desk_takes_no_mailbox_with_its_own_extension(folder: Path) -> None:
    text = MINIMAL.replace("level1@", "support-l1@")
    assert read(folder, text)
    found = mistakes(folder, text.replace("[levels.level1]", 'reply_address = "minus"\n[levels.level1]'))
    assert [line.partition(":")[0] for line in found] == ["levels.level1.mailbox"]


def test_a_file_that_is_not_there_or_is_no_toml_is_one_mistake(folder: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the configuration: no such file"):
        read_config(folder / "nowhere.toml")
    assert "line 3" in mistakes(folder, '[desk]\nname = "x"\naddress = @')[0]
    (folder / "latin.toml").write_bytes(b'[desk]\nname = "\xe9"\n')
    with pytest.raises(ConfigError, match="line 2 is not UTF-8 text"):
        read_config(folder / "latin.toml")


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "{a = " * 20_000, "a = " + "9" * 5_000, "\0"])
def test_whatever_no_parser_takes_is_one_mistake(folder: Path, text: str) -> None:
    (folder / "odd.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"odd\.toml: not valid TOML: ") as found:
        read_config(folder / "odd.toml")
    assert len(found.value.mistakes) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_secret_that_we_cannot_read_is_a_mistake(folder: Path) -> None:
    (folder / "secret").chmod(0)
    assert "permission denied" in mistakes(folder, MINIMAL)[0]


KEYS = [
    *("desk", "levels", "level1", "level2", "queues", "net", "waiting", "confirmation", "address", "mailbox"),
    *("intake", "imap", "smtp", "relay", "after", "store", "remind_after", "business_hours", "listen"),
]
ODD = st.sampled_from(["3", "true", '"x"', "[]", "{}", "[{}]", "[3]", "{ move = 1 }", "1979-05-27", "nan"])


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4), ODD), min_size=1, max_size=3))
def test_whatever_is_written_wrong_is_told_in_lines(folder: Path, odd: list[tuple[list[str], str]]) -> None:
    text = "\n".join(f"{'.'.join(keys)} = {value}" for keys, value in odd)
    for file in (text, f'{text}\ndesk.address = "support@example.com"'):
        assert all(re.match(r"\S.*: \S", line) for line in mistakes(folder, file))


# The example

EXEMPT = {"authserv_id", "manager", "agents"}  # of the keys with a default, those whose value in the example is a name


def whole_example() -> str:
    """The example with every setting switched on."""
    return re.sub(r"(?m)^#(?=[\w\[])", "", EXAMPLE.read_text(encoding="utf-8"))


def tables_of(
    table: type[ConfigTable], data: dict[str, Any], key: str = ""
) -> list[tuple[type[ConfigTable], dict[str, Any], str]]:
    """Each table of the model with what the example writes in it."""
    found = [(table, data, key)]
    for name, field in table.model_fields.items():
        written = field.alias or name
        inner = [part for part in (field.annotation, *get_args(field.annotation)) if isinstance(part, type)]
        for part in inner:
            if issubclass(part, ConfigTable) and part is not Queue and written in data:
                value = data[written]
                if part is Form:  # a table of forms by their names
                    (value,) = value.values()
                found += tables_of(part, value[0] if isinstance(value, list) else value, f"{key}.{written}")
    return found


def test_the_example_is_a_working_configuration(folder: Path) -> None:
    found = read(folder, EXAMPLE.read_text(encoding="utf-8"))
    assert found.warnings == ()
    assert found.queues["default"].levels["level1"].agents == ("alice@example.com", "bob@example.com")


def test_every_setting_stands_in_the_example() -> None:
    data = tomllib.loads(whole_example())
    per_queue = {"levels", "promises", "waiting", "confirmation", "retain"}
    queue = {**data["desk"], **{key: data[key] for key in per_queue}, "(queue)": ""}
    found = [
        *tables_of(Settings, {key: value for key, value in data.items() if key not in per_queue}),
        *tables_of(Queue, queue, ".queue")[1:],
    ]
    assert {table for table, _, _ in found} == {*ConfigTable.__subclasses__(), DeskTable} - {ContactTable}
    for table, written, key in found:
        known = {field.alias or name for name, field in table.model_fields.items()}
        assert (key, set(written)) == (key, known)


def test_the_values_in_the_example_are_the_defaults(folder: Path) -> None:
    text = re.sub(r"(?m)^(oauth2|ca_file) = .*$", "", whole_example()).replace('user = ""', 'user = "desk"')
    text = text.replace('command = ["/usr/local/bin/tell-chat", "support"]\n', "")  # a hook has that or a url
    shown = read(folder, text)
    bare = read(folder, MINIMAL + """
[levels.level3]
mailbox = "level3@example.com"
[intake.scan]
command = ["/usr/bin/clamdscan", "--fdpass", "--no-summary", "-"]
[intake.smtp]
[intake.lmtp]
[[intake.imap]]
host = "imap.example.com"
user = "support"
password_file = "imap-password"
[[intake.maildir]]
path = "/var/mail/support"
""")  # fmt: skip
    compared = 0
    for table in (
        "desk",
        "store",
        "intake",
        "relay",
        "trust",
        "satisfaction",
        "agents",
        "archive",
        "metrics",
        "limits",
    ):
        compared += compare(getattr(shown, table), getattr(bare, table))
    assert compared + compare(shown.default_queue, bare.default_queue) > 80


def compare(shown: ConfigTable, bare: ConfigTable) -> int:
    """Hold two tables against each other; how many values were compared."""
    count = 0
    for name in type(shown).model_fields:
        one, other = getattr(shown, name), getattr(bare, name)
        if isinstance(one, tuple) and one and isinstance(one[0], Promise):
            continue  # examples, of which no desk has any by default
        if isinstance(one, tuple) and one and isinstance(one[0], ConfigTable):
            one, other = one[0], other[0]
        if isinstance(one, ConfigTable):
            count += compare(one, other)
        elif name not in EXEMPT and not name.endswith(("_file", "user", "certificate", "key")):
            assert (name, one) == (name, other)
            count += 1
    return count


# Forms

FORM = """
[forms.access]
title = "Access"
tag = "[ACCESS]"
"""
FIELD = """
[[forms.access.fields]]
name = "system"
label = { en = "System", fr = "Système" }
kind = "choice"
choices = ["SAP", "Mail"]
"""


def test_a_form_is_read(folder: Path) -> None:
    form = read(folder, MINIMAL + FORM + FIELD).forms["access"]
    assert (form.title.said("fr"), form.tag, form.queue, form.type, form.priority) == ("Access", "[ACCESS]", "", "", "")
    (field,) = form.fields
    assert (field.label.said("fr"), field.label.said("en-us"), field.label.said("de")) == (
        "Système",
        "System",
        "System",
    )
    assert (field.kind, field.choices, field.required, field.help.said("en")) == ("choice", ("SAP", "Mail"), False, "")
    assert read(folder, MINIMAL).forms == {}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (FORM, "forms.access.fields: missing; it has no default"),
        (FORM + "fields = []", "forms.access.fields: must not be empty"),
        (FORM.replace("tag", "tga") + FIELD, 'forms.access.tga: unknown key; did you mean "tag"?'),
        (FORM.replace('"Access"', "3") + FIELD,
         'forms.access.title: must be text in quotes, or a table of languages such as { en = "…", fr = "…" }'),
        (FORM.replace('"Access"', '{ EN = "x" }') + FIELD,
         'forms.access.title: "EN" is not a language code: write it in lower case, such as fr'),
        (FORM.replace("[ACCESS]", "x") + FIELD,
         "forms.access.tag: must have at least three letters or digits, or it would match by accident"),
        (FORM.replace("[ACCESS]", "[SUP-12]") + FIELD,
         "forms.access.tag: [SUP-12] looks like the tag of a ticket; choose other words"),
        (FORM.replace("forms.access", "forms.SUP-1-2") + FIELD.replace("forms.access", "forms.SUP-1-2"),
         "forms.SUP-1-2: a form's name must be at most 32 lower-case letters, digits, hyphens and underscores"),
        (FORM.replace("forms.access", 'forms."sup-1.2.abcdefghijklmnop"')
         + FIELD.replace("forms.access", 'forms."sup-1.2.abcdefghijklmnop"'),
         ("forms.sup-1.2.abcdefghijklmnop: a form's name must be at most 32 lower-case letters, digits, hyphens "
             "and underscores")),
        (FORM + 'queue = "net"' + FIELD, 'forms.access.queue: there is no queue "net"; the queues are default'),
        (FORM + 'type = "bug"' + FIELD,
         'forms.access.type: must be one of "", "incident", "service" or "question"'),
        (FORM + FIELD + FORM.replace("forms.access", "forms.other").replace("ACCESS", "access")
         + FIELD.replace("forms.access", "forms.other"),
         "forms.other.tag: [access] is already the tag of forms.access; each form needs its own"),
        (FORM + FIELD + FIELD, ("forms.access.fields[1].name: there is already a field system; each field needs "
            "its own name")),
        (FORM + FIELD + FIELD.replace('"system"', '"other"').replace("Système", "Autre"),
         "forms.access.fields[1].label: answers could not tell it from the field system; choose other words"),
        (FORM + FIELD.replace('"System"', '"Date"'),
         ('forms.access.fields[0].label: mail clients write "Date" above every quoted email; choose a longer '
             'label, such as "Date wanted"')),
        (FORM + FIELD.replace('"System"', '"System: which"'),
         "forms.access.fields[0].label: must not contain colons, brackets, = or |: they end a label"),
        (FORM + FIELD.replace('"System"', f'"{"x" * 61}"'),
         "forms.access.fields[0].label: must have at most 60 characters, or mail clients break it into two lines"),
        (FORM + FIELD.replace('"system"', '"knowledge"'),
         "forms.access.fields[0].name: this name is reserved; choose another"),
        (FORM + FIELD.replace(', "Mail"', ""), "forms.access.fields[0].choices: a choice needs at least two"),
        (FORM + FIELD.replace("Mail", "sap!"),
         "forms.access.fields[0].choices: two of them differ only in case, accents or signs"),
        (FORM + FIELD.replace('"choice"', '"date"'), ('forms.access.fields[0].choices: only allowed with '
            'kind = "choice"')),
    ],
)  # fmt: skip
def test_a_mistake_in_a_form(folder: Path, text: str, line: str) -> None:
    assert mistakes(folder, MINIMAL + text) == (line,)


def test_a_form_s_address_is_nobody_else_s(folder: Path) -> None:
    queue = '[queues.other]\naddress = "support-access@example.com"\n'
    text = MINIMAL + FORM + FIELD + queue
    assert read(folder, text)
    found = mistakes(folder, text.replace("[levels.level1]", 'reply_address = "minus"\n[levels.level1]'))
    assert found == ("forms.access: support-access@example.com is already the address of a queue; choose another name",)


def test_who_only_looks_needs_no_secret(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied", str(path))

    path = folder / "mailgate.toml"
    path.write_text(MINIMAL)
    data = path.read_bytes()
    monkeypatch.setattr(Path, "read_bytes", lambda one: data if one == path else refuse(one))
    with pytest.raises(ConfigError, match="permission denied"):
        read_config(path)
    assert read_config(path, needs_secrets=False).desk.keys == ()
