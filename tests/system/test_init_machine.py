"""From nothing to a ticket on a Debian with systemd: install, `mailgate init`, and the steps that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage

import pytest

from tests.support.systemd_root import Machine, find_machine

pytestmark = [pytest.mark.system, pytest.mark.long, pytest.mark.machine_clock]

_INSTALL = """
python3 -m venv /opt/mailgate
/opt/mailgate/bin/pip install -q -c requirements.lock .
ln -s /opt/mailgate/bin/mailgate /usr/local/bin/mailgate
"""
_INIT = (
    "mailgate", "init", "--yes", "--address", "support@example.com", "--level1", "level1@example.com",
    "--level2", "level2@example.com", "--only-to", "@example.com,@client.test", "--languages", "en",
)  # fmt: skip


@pytest.fixture
def machine() -> Iterator[Machine]:
    if reason := find_machine():
        pytest.skip(reason)
    with Machine() as made:
        made.add_users(("camille", "level1", "level2"))
        made.run(["postconf", "-e", "myhostname = mx.example.com"])
        made.run(["postconf", "-e", "mydestination = example.com client.test mx.example.com localhost"])
        made.run(["newaliases"])
        made.run(["systemctl", "restart", "postfix"])
        made.shell(_INSTALL)
        yield made


def block(printed: str, head: str) -> str:
    """The indented lines below a line of the next steps."""
    found = re.search(rf"^ *(?:\d\. )?[^\n]*{re.escape(head)}\n((?:     [^\n]*\n)+)", printed, re.MULTILINE)
    assert found is not None, printed
    return "".join(line.removeprefix("     ") + "\n" for line in found[1].splitlines())


@pytest.mark.parametrize("way", [("smtp",), ("lmtp",), ("pipe",)], ids=" ".join)
def test_a_mail_becomes_a_ticket_after_the_printed_steps(machine: Machine, way: tuple[str, ...]) -> None:
    done = machine.run([*_INIT, "--intake", *way])
    printed = done.stdout
    assert (done.stderr, "FAILED" in printed) == ("", False), printed
    assert machine.run(["stat", "-c", "%a %U:%G", "/etc/mailgate/secret"]).stdout == "640 root:mailgate\n"
    with (machine.folder / "etc/postfix/main.cf").open("a") as file:
        file.write(block(printed, "/etc/postfix/main.cf:"))
    if "pipe" in way:
        with (machine.folder / "etc/postfix/master.cf").open("a") as file:
            file.write(block(printed, "/etc/postfix/master.cf:"))
    (machine.folder / "etc/postfix/transport").write_text(block(printed, "/etc/postfix/transport:"))
    machine.shell(block(printed, "Then run:"))
    machine.shell(block(printed, "at every boot:"))
    machine.wait_unit("active")
    assert "FAILED" not in machine.run(["mailgate", "check", "--connect"]).stdout
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "camille@client.test", "support@example.com", "Printer"
    mail["Message-ID"] = "<printer@client.test>"
    mail.set_content("It does not print.")
    machine.send(mail)
    machine.wait_mail("camille", "<printer@client.test>", seconds=90)
    assert "Printer" in machine.mailgate("tickets").stdout
