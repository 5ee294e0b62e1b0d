"""Settings from the environment: which variables they are, how they are read, and what is said of a wrong one."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.config import ConfigError, Settings, read_config, read_what_is_right
from mailgate.config.environment import lay_over, list_variables, name_origin

FILE = """
[desk]
address = "support@example.com"
[levels.level1]
mailbox = "level1@example.com"
[levels.level2]
mailbox = "level2@example.com"
[[intake.maildir]]
path = "one"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("0123456789abcdef0123456789abcdef\n")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "mailgate.toml").write_text(FILE)
    return tmp_path / "mailgate.toml"


def read(path: Path, patch: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        patch.setenv(f"MAILGATE_{name}", value)
    return read_config(path)


def mistakes(path: Path, patch: pytest.MonkeyPatch, **variables: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read(path, patch, **variables)
    return caught.value.mistakes


def test_a_variable_overrides_the_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(
        path,
        monkeypatch,
        DESK__ADDRESS="desk@example.org",
        DESK__NAME="Help desk",
        DESK__LANGUAGES='["de", "en"]',
        DESK__BUSINESS_HOURS='{ mon-fri = ["08:00-16:00"] }',
        LIMITS__TAGS="7",
        NOTICES__TELL_TAKEN="true",
        LEVELS__LEVEL1__AGENTS='["alice@example.com"]',
        STORE__DATABASE="sqlite:////tmp/desk.db",
    )
    desk = found.desk
    assert (desk.address, desk.name, desk.languages) == ("desk@example.org", "Help desk", ("de", "en"))
    assert desk.operator == "postmaster@example.org"
    assert (found.limits.tags, found.notices.tell_taken) == (7, True)
    assert found.default_queue.levels["level1"].agents == ("alice@example.com",)
    assert found.default_queue.levels["level1"].mailbox == "level1@example.com"
    assert found.store.database == "sqlite:////tmp/desk.db"


def test_a_file_can_count_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAILGATE_DESK__ADDRESS", "desk@example.org")
    monkeypatch.setenv("MAILGATE_DESK_NAME", "x")
    assert read_config(path, environment={}).desk.address == "support@example.com"


def test_a_number_is_the_place_in_a_list_of_tables(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = read(
        path,
        monkeypatch,
        INTAKE__MAILDIR__0__PATH="/one",
        INTAKE__MAILDIR__1__PATH="/two",
        RULES='[{ name = "vip", sender = "@vip.example", priority = "high" }]',
        RULES__0__TAG="vip",
        QUEUES__7__ADDRESS="seven@example.com",
    )
    assert [str(one.path) for one in found.intake.maildir] == ["/one", "/two"]
    assert [(one.name, one.priority, one.tag) for one in found.rules] == [("vip", "high", ("vip",))]
    assert found.queues["7"].address == "seven@example.com"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("text", "text"),
        ("", ""),
        ("12", 12),
        ('"12"', "12"),
        ("true", True),
        ("[1, 2]", [1, 2]),
        ("90 seconds", "90 seconds"),
        ("1\nother = 2", "1\nother = 2"),
        ("[", "["),
        ("a@b", "a@b"),
    ],
)
def test_a_value_is_toml_where_it_is_toml(text: str, value: object) -> None:
    assert lay_over({}, {"MAILGATE_DESK__NAME": text}) == ({"desk": {"name": value}}, [])


def test_a_number_that_no_setting_has_is_text() -> None:
    text = "0x" + "f" * 5000
    assert lay_over({}, {"MAILGATE_LIMITS__TAGS": text}) == ({"limits": {"tags": text}}, [])


def test_only_settings_are_read() -> None:
    others = {
        "MAILGATE_CONFIG": "/x", "MAILGATE_PORT": "tcp://10.0.0.1:25", "MAILGATE_SERVICE_HOST": "10.0.0.1",
        "MAILGATE_RELAY_PORT": "tcp://10.0.0.2:25", "MAILGATE_RELAY_SERVICE_PORT": "25",
        "MAILGATE": "x", "mailgate_desk__name": "x", "DESK__NAME": "x",
    }  # fmt: skip
    assert list_variables(others) == {}
    assert lay_over({}, others) == ({}, [])


def test_a_shorter_key_is_laid_first() -> None:
    variables = {"MAILGATE_RULES__0__TAG": "b", "MAILGATE_RULES": '[{ tag = "a", name = "n" }]'}
    assert lay_over({}, variables)[0] == {"rules": [{"tag": "b", "name": "n"}]}


def test_tables_of_the_file_are_not_changed() -> None:
    tables = {"desk": {"name": "Support"}, "rules": [{"name": "one"}]}
    lay_over(tables, {"MAILGATE_DESK__NAME": "Other", "MAILGATE_RULES__0__NAME": "two"})
    assert tables == {"desk": {"name": "Support"}, "rules": [{"name": "one"}]}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("DESK__ADRESS", "x", 'desk.adress: unknown key; did you mean "address"? (set by MAILGATE_DESK__ADRESS)'),
        ("RELY__HOST", "x", "MAILGATE_RELY__HOST: there is no table rely; did you mean MAILGATE_RELAY__HOST?"),
        ("ZZZ__HOST", "x", "MAILGATE_ZZZ__HOST: there is no table zzz; the tables are desk, store,"),
        (
            "DESK_ADDRESS", "x",
            "MAILGATE_DESK_ADDRESS: two underscores stand between a table and a key; did you mean "
            "MAILGATE_DESK__ADDRESS?",
        ),
        ("INTAKE__MAILDIR__2__PATH", "x", "MAILGATE_INTAKE__MAILDIR__2__PATH: there is no intake.maildir[1]; number"),
        ("INTAKE__MAILDIR__PATH", "x", "MAILGATE_INTAKE__MAILDIR__PATH: intake.maildir is a list; write the number"),
        ("DESK__ADDRESS__X", "x", "MAILGATE_DESK__ADDRESS__X: desk.address is not a table"),
        ("LIMITS__TAGS", "many", "limits.tags: must be a whole number (set by MAILGATE_LIMITS__TAGS)"),
        (
            "LEVELS__LEVEL1", '{ mailbox = "nobody" }',
            'levels.level1.mailbox: "nobody" is not an address: write only the address, such as "support@example.com" '
            "(set by MAILGATE_LEVELS__LEVEL1)",
        ),
        (
            "LEVELS__LEVEL1__MAILBOX", "support@example.com",
            "levels.level1.mailbox: support@example.com is the desk's own address; this would cause a mail loop "
            "(set by MAILGATE_LEVELS__LEVEL1__MAILBOX)",
        ),
    ],
)  # fmt: skip
def test_a_mistake_names_the_variable(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str
) -> None:
    [mistake] = mistakes(path, monkeypatch, **{name: value})
    assert mistake.startswith(words)


def test_a_mistake_of_the_file_names_no_variable() -> None:
    variables = {"MAILGATE_DESK__NAME": "x"}
    assert name_origin("desk.named: unknown key", variables) == "desk.named: unknown key"
    assert name_origin("desk.name: bad", variables) == "desk.name: bad (set by MAILGATE_DESK__NAME)"


def test_a_desk_is_looked_at_without_what_is_wrong_in_the_environment(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILGATE_LIMITS__TAGS", "many")
    monkeypatch.setenv("MAILGATE_STORE__DATABASE", "sqlite:///desk.db")
    found = read_what_is_right(path)
    assert (found.limits.tags, found.store.database) == (20, f"sqlite:///{path.parent}/desk.db")


def test_without_a_file_the_environment_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("0123456789abcdef0123456789abcdef\n")
    path = tmp_path / "etc" / "mailgate.toml"
    variables = {
        "DESK__ADDRESS": "support@example.com", "DESK__SECRET_FILE": str(tmp_path / "key"),
        "LEVELS__LEVEL1__MAILBOX": "level1@example.com", "LEVELS__LEVEL2__MAILBOX": "level2@example.com",
        "INTAKE__SMTP__LISTEN": "127.0.0.1:2525",
    }  # fmt: skip
    assert "cannot read the configuration" in mistakes(path, monkeypatch, **variables)[0]
    monkeypatch.setattr("mailgate.config.loader.SYSTEM_FILE", path)
    found = read(path, monkeypatch, **variables)
    assert (found.desk.address, found.intake.has_sources) == ("support@example.com", True)
    for name in variables:
        monkeypatch.delenv(f"MAILGATE_{name}")
    assert "cannot read the configuration" in mistakes(path, monkeypatch)[0]
