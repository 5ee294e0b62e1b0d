"""Suggestions of the machine for a first configuration, and the next steps that `init` prints for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mailgate.cli.init import list_units
from mailgate.cli.setup.machine import SYSTEM_FOLDER, Machine, country_of
from mailgate.cli.setup.next_steps import list_steps
from mailgate.cli.setup.questions import Answers


def machine(root: Path, **environment: str) -> Machine:
    return Machine(SYSTEM_FOLDER, root, environment)


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({"LANG": "en_GB.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "de_AT@euro"}, "de"),
        ({"LANG": "pt_PT.UTF-8"}, "pt"),
        ({"LANG": "pt_BR.UTF-8"}, "pt-br"),
        ({"LANG": "ja_JP.UTF-8"}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "fr_FR", "LC_MESSAGES": "es_ES"}, "es"),
        ({"LANG": "fr_FR", "LC_ALL": "it_IT", "LC_MESSAGES": "es_ES"}, "it"),
    ],
)
def test_the_language_is_that_of_the_terminal(tmp_path: Path, environment: dict[str, str], language: str) -> None:
    assert machine(tmp_path, **environment).language == language


def test_the_zone_is_that_of_the_machine(tmp_path: Path) -> None:
    assert machine(tmp_path).zone == "UTC"
    write(tmp_path / "etc" / "timezone", "Europe/London\n")
    assert machine(tmp_path).zone == "Europe/London"
    (tmp_path / "etc" / "localtime").symlink_to("/usr/share/zoneinfo/America/New_York")
    assert machine(tmp_path).zone == "America/New_York"
    assert machine(tmp_path, TZ="Asia/Tokyo").zone == "Asia/Tokyo"
    assert machine(tmp_path, TZ=":/etc/localtime").zone == "America/New_York"


@pytest.mark.parametrize(
    ("zone", "country"),
    [("Europe/London", "GB"), ("Europe/Paris", "FR"), ("America/Sao_Paulo", "BR"), ("UTC", ""), ("Etc/UTC", "")],
)
def test_the_country_is_that_of_the_zone(zone: str, country: str) -> None:
    assert country_of(zone) == country


def test_a_unit_that_is_there_is_found(tmp_path: Path) -> None:
    assert (machine(tmp_path).unit, machine(tmp_path).has_systemd) == (None, False)
    write(tmp_path / "usr/lib/systemd/system/mailgate.service", "")
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    found = machine(tmp_path)
    assert (found.unit, found.has_systemd) == (tmp_path / "usr/lib/systemd/system/mailgate.service", True)


# -- the next steps ----------------------------------------------------------------------------------------------------


def steps(root: Path, **more: Any) -> list[str]:
    given: Answers = {"address": "support@acme.test", "intake": "smtp", "listen": "127.0.0.1:8025", **more}
    return list(list_steps(given, machine(root)))


def test_postfix_gets_lines_to_paste(tmp_path: Path) -> None:
    main_cf = "transport_maps = hash:/etc/postfix/old,\n\thash:/etc/x\nrecipient_delimiter = -\n"
    write(tmp_path / "etc/postfix/main.cf", main_cf)
    first = steps(tmp_path)[0].splitlines()
    assert first[1:6] == [
        "  # recipient_delimiter is - so far",
        "  recipient_delimiter = +",
        "  message_size_limit = 26214400",
        "  transport_maps = hash:/etc/postfix/old, hash:/etc/x hash:/etc/postfix/transport",
        "  local_recipient_maps = proxy:unix:passwd.byname $alias_maps $transport_maps",
    ]
    assert "  support@acme.test    smtp:[127.0.0.1]:8025" in first


def test_an_empty_map_of_recipients_stays_empty(tmp_path: Path) -> None:
    write(tmp_path / "etc/postfix/main.cf", "local_recipient_maps =\n")
    assert "local_recipient_maps" not in steps(tmp_path)[0]


def test_postfix_keeps_what_it_has(tmp_path: Path) -> None:
    has = (
        "recipient_delimiter = +-", "message_size_limit = 0", "transport_maps = hash:/etc/postfix/transport",
        "local_recipient_maps = hash:/etc/a $transport_maps",
    )  # fmt: skip
    write(tmp_path / "etc/postfix/main.cf", "\n".join(has))
    assert steps(tmp_path)[0].splitlines()[1:4] == [f"  {line}" for line in has if "size" not in line]


@pytest.mark.parametrize(
    ("answers", "line"),
    [
        ({"listen": "[::1]:2525"}, "support@acme.test    smtp:[::1]:2525"),
        ({"listen": ":2525"}, "support@acme.test    smtp:[127.0.0.1]:2525"),
        ({"intake": "lmtp", "listen": "127.0.0.1:8024"}, "support@acme.test    lmtp:inet:127.0.0.1:8024"),
        ({"intake": "lmtp", "listen": "unix:/run/m.sock"}, "support@acme.test    lmtp:unix:/run/m.sock"),
        ({"intake": "pipe"}, "support@acme.test    mailgate:"),
    ],
)
def test_the_transport_is_that_of_the_way_in(tmp_path: Path, answers: dict[str, str], line: str) -> None:
    write(tmp_path / "etc/postfix/main.cf", "message_size_limit = 0\nrecipient_delimiter = +\n")
    first = steps(tmp_path, **answers)[0]
    assert line in [one.strip() for one in first.splitlines()]
    assert "message_size_limit" not in first
    assert ("null_sender=" in first) == (answers.get("intake") == "pipe")


def test_a_mailbox_needs_no_mail_server_and_others_find_their_page(tmp_path: Path) -> None:
    assert "support+test@acme.test" in steps(tmp_path, intake="imap")[0]
    assert "mailgate check --connect" in steps(tmp_path, intake="imap")[1]
    assert "recipes.md" in steps(tmp_path)[0]
    (tmp_path / "etc/exim4").mkdir(parents=True)
    assert "Exim 4" in steps(tmp_path)[0]


def test_a_mailbox_must_get_replies(tmp_path: Path) -> None:
    write(tmp_path / "etc/postfix/main.cf", "recipient_delimiter = -\n")
    assert "  recipient_delimiter = +" in steps(tmp_path, intake="imap")[0].splitlines()
    write(tmp_path / "etc/postfix/main.cf", "recipient_delimiter = +\n")
    assert "recipient_delimiter" not in steps(tmp_path, intake="maildir")[0]


def test_a_virtual_domain_has_another_map(tmp_path: Path) -> None:
    assert "virtual_mailbox_maps" not in "".join(steps(tmp_path))
    write(tmp_path / "etc/postfix/main.cf", "virtual_mailbox_domains = acme.test\n")
    assert "If acme.test is one of virtual_mailbox_domains, add the address" in steps(tmp_path)[0]


def test_a_machine_with_systemd_is_backed_up_every_night(tmp_path: Path) -> None:
    assert not any("backup" in step for step in steps(tmp_path))
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    assert "systemctl enable --now mailgate-backup.timer" in steps(tmp_path)[-1]


def test_the_units_of_the_desk_and_of_its_backup_run_this_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "a 100% place" / "mailgate"
    write(program, "")
    program.chmod(0o755)
    monkeypatch.setattr("sys.argv", [str(program)])
    (tmp_path / "run/systemd/system").mkdir(parents=True)
    given: Answers = {"address": "support@acme.test", "intake": "smtp"}
    units = {file.path.name: file.content.decode() for file in list_units(given, machine(tmp_path), "", force=False)}
    assert set(units) == {"mailgate.service", "mailgate-backup.service", "mailgate-backup.timer"}
    called = f'"{program}"'.replace("%", "%%")
    assert f"ExecStart={called} serve" in units["mailgate.service"]
    assert f"exec {called} backup" in units["mailgate-backup.service"]
    write(tmp_path / "usr/lib/systemd/system/mailgate.service", "")
    assert not list(list_units(given, machine(tmp_path), "", force=False))


def test_only_to_is_the_last_step(tmp_path: Path) -> None:
    assert "only_to = []" in steps(tmp_path, only_to=("@acme.test",))[-1]
    assert "mailgate requeue outbox --reason only_to" in steps(tmp_path, only_to=("@acme.test",))[-1]
