"""Failures of a Sunday, under a real systemd: what the desk does, and what its operator gets to know.

A Debian of its own is set up by the steps of README.md as they stand, with its Postfix as way in and relay and its
Dovecot as a mailbox. Each scene begins with an empty database, so that its first ticket is SUP-1.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.systemd_root import Machine, find_machine, readme_block, text_of
from tests.system.test_recipes import BLOCKS

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]  # the first one may build the root

DESK, CAMILLE, ZOE = "support@example.com", "camille@client.test", "zoe@client.test"
RECIPES = ROOT / "docs/recipes.md"
PEOPLE = ("operator", "manager", "level1", "level2", "alice", "camille", "zoe", "helpdesk")
DATABASE = "/var/lib/mailgate/mailgate.db"
CONFIG = """\
[desk]
address = "support@example.com"
languages = ["en"]
timezone = "Europe/Paris"
holidays = ""
operator = "operator@example.com"
manager = "manager@example.com"
[store]
database = "sqlite:////var/lib/mailgate/mailgate.db"
processes = 4
[intake]
alarm_after = "1 minute"
[intake.smtp]
listen = "127.0.0.1:8025"
[[intake.imap]]
host = "127.0.0.1"
port = 143
tls = "none"
user = "helpdesk"
password_file = "imap-password"
poll_every = "10 seconds"
[relay]
port = 25
[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com"]
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
[trust]
authserv_id = []
[digest]
at = ""
[limits]
mailbox_pause = "20 seconds"
idle_window = "10 seconds"
max_attempts = 2
"""
# Its user, its secret and its unit come from `init`; the configuration above then replaces the one that it writes.
INIT = (
    "mailgate init --yes --no-connect --address support@example.com --intake smtp "
    "--level1 level1@example.com --level2 level2@example.com"
)
# Hands a mail to a port as a mail server would, since sendmail hands over to Postfix only.
_SEND = """
import email, email.policy, smtplib, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.SMTP)
with smtplib.SMTP("127.0.0.1", 8025, timeout=30) as smtp:
    smtp.send_message(mail)
"""


def _message_id(subject: str) -> str:
    """The end of the Message-ID of a mail with this subject, by which its answers name it."""
    return f".{subject.replace(' ', '-')}@client.test>"


class Scene:
    """The desk of a scene: mail goes in and out, commands are given, and the operator's mailbox is read."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._mails = 0

    @property
    def config(self) -> Path:
        return self.machine.folder / "etc/mailgate/mailgate.toml"

    def mail(
        self, subject: str, *, sender: str = CAMILLE, to: str = DESK, text: str = "It does not work."
    ) -> EmailMessage:
        self._mails += 1
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Message-ID"] = f"<{self._mails}{_message_id(subject)}"
        mail.set_content(text)
        return mail

    def write(self, subject: str, **more: str) -> None:
        """A mail by way of Postfix."""
        self.machine.send(self.mail(subject, **more))

    def hand_over(self, subject: str, **more: str) -> None:
        """A mail straight to the desk's SMTP, as from another mail server. Raises if it is not taken."""
        self.machine.run(["/opt/mailgate/bin/python", "-c", _SEND], stdin=str(self.mail(subject, **more)))

    def open_ticket(self, subject: str = "Printer", **more: str) -> None:
        """A request that has its receipt."""
        self.write(subject, **more)
        self.wait_receipt(subject, user=more.get("sender", CAMILLE).partition("@")[0])

    def wait_receipt(self, subject: str, *, user: str = "camille", seconds: float = 90) -> EmailMessage:
        """Waits for the desk's answer to a mail with this subject."""
        return self.machine.wait_mail(user, _message_id(subject), seconds=seconds)

    def rows(self, *words: str) -> list[dict[str, Any]]:
        """Returns the rows of a listing."""
        return list(json.loads(self.machine.mailgate(*words, "--json").stdout))

    def tickets(self) -> list[tuple[str, str]]:
        return [(row["reference"], row["subject"]) for row in self.rows("tickets")]

    def wait_tickets(self, count: int, seconds: float = 90) -> None:
        self.machine.wait_for(lambda: len(self.rows("tickets")) == count, seconds, f"there are not {count} tickets")

    def says(self, *words: str, status: int = 0) -> str:
        """Returns stdout and stderr of a command. Raises `AssertionError` at a traceback or another exit status."""
        done = self.machine.mailgate(*words, check=False)
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        assert done.returncode == status, said
        return said

    def is_well(self) -> bool:
        return self.machine.mailgate("status", check=False).returncode == 0

    def wait_well(self, seconds: float = 90) -> None:
        """Waits until `mailgate status` has nothing to say."""
        self.machine.wait_for(self.is_well, seconds, "the desk is not well: " + self.verdict())

    def verdict(self) -> str:
        """Returns the verdict and the reasons of `mailgate status`."""
        return self.machine.mailgate("status", check=False).stdout.partition("\nmailgate ")[0]

    def wait_verdict(self, words: str, seconds: float = 120) -> str:
        """Waits until the verdict is NOT HEALTHY and has these words (a regular expression)."""
        self.machine.wait_for(
            lambda: self.verdict().startswith("NOT HEALTHY") and re.search(words, self.verdict()) is not None,
            seconds,
            f"status does not say {words!r} but {self.verdict()!r}",
        )
        return self.verdict()

    def receipts(self, user: str = "camille") -> list[str]:
        return [mail["Subject"] for mail in self.machine.mails(user)]

    def change(self, old: str, new: str) -> None:
        """Changes the configuration; it counts from a reload or restart."""
        text = self.config.read_text("utf-8")
        assert old in text
        self.config.write_text(text.replace(old, new), "utf-8")

    def children(self) -> list[int]:
        """The process numbers of the desk's children."""
        parent = self.machine.unit_property("MainPID")
        return [int(pid) for pid in self.machine.run(["pgrep", "-P", parent]).stdout.split()]

    def child(self, role: str) -> int:
        """The process number of the child that has this role, by its title."""
        parent = self.machine.unit_property("MainPID")
        listed = self.machine.run(["ps", "-o", "pid=,comm=,args=", "--ppid", parent]).stdout.splitlines()
        [found] = [line for line in listed if role in line]
        return int(found.split()[0])

    def sql(self, statement: str) -> None:
        """Changes the database beside the desk, as an operator never should."""
        self.machine.run(["runuser", "-u", "mailgate", "--", "sqlite3", "-cmd", ".timeout 10000", DATABASE, statement])


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    """A Debian on which README.md has been followed, its unit enabled but stopped."""
    if reason := find_machine():
        pytest.skip(reason)
    with Machine() as made:
        set_up(made)
        yield made


def set_up(machine: Machine) -> None:
    """Follows *Setting it up on Debian* with the blocks as they stand."""
    machine.add_users(PEOPLE)
    machine.shell(readme_block("apt install python3-venv"))
    machine.shell(INIT)
    (machine.folder / "etc/mailgate/mailgate.toml").write_text(CONFIG)
    (machine.folder / "etc/mailgate/imap-password").write_text("helpdesk\n")
    machine.run(["chown", "root:mailgate", "/etc/mailgate/imap-password"])
    (machine.folder / "etc/mailgate/imap-password").chmod(0o640)
    machine.run(["cp", "-a", "/etc/mailgate", "/root/etc-mailgate"])
    with (machine.folder / "etc/postfix/main.cf").open("a") as file:
        file.write(readme_block("recipient_delimiter = +"))
    machine.run(["postconf", "-e", "myhostname = mx.example.com"])
    machine.run(["postconf", "-e", "mydestination = example.com client.test mx.example.com localhost"])
    (machine.folder / "etc/postfix/transport").write_text(readme_block("smtp:[127.0.0.1]:8025"))
    machine.run(["newaliases"])
    machine.run(["sh", "-c", "postmap /etc/postfix/transport && systemctl restart postfix"])
    machine.run(["cp", "-a", "/etc/postfix", "/root/etc-postfix"])
    machine.shell(readme_block("systemctl enable --now mailgate\n"))
    machine.wait_unit("active")


@pytest.fixture
def scene(machine: Machine) -> Iterator[Scene]:
    """A desk without a past that runs and is well. What a scene did to the machine is undone after it."""
    machine.systemctl("start", "mailgate", check=False)
    machine.wait_unit("active")
    made = Scene(machine)
    made.wait_well()
    yield made
    shutil.rmtree(machine.folder / "etc/systemd/system/mailgate.service.d", ignore_errors=True)
    machine.run(["systemctl", "stop", "mailgate"])
    machine.run(["umount", "/var/lib/mailgate"], check=False)
    script = (
        "rm -rf /etc/mailgate && cp -a /root/etc-mailgate /etc/mailgate; cp -a /root/etc-postfix/. /etc/postfix;"
        "postsuper -d ALL; systemctl daemon-reload;"
        "find /var/lib/mailgate -mindepth 1 -delete; chown mailgate:mailgate /var/lib/mailgate; rm -rf /home/*/mail;"
        "for name in /var/mail/*; do : > $name; done; systemctl reset-failed; systemctl start postfix dovecot"
    )
    machine.run(["sh", "-c", script])


def test_the_readme_brings_a_desk_that_works(scene: Scene) -> None:
    machine = scene.machine
    assert "FAILED" not in machine.run(["mailgate", "check", "--connect"]).stdout
    scene.open_ticket("Printer")
    machine.wait_mail("level1", "Printer")
    assert scene.tickets() == [("SUP-1", "Printer")]
    assert machine.unit_property("NRestarts") == "0"
    security = machine.run(["systemd-analyze", "security", "mailgate", "--no-pager"]).stdout
    [exposure] = re.findall(r"Overall exposure level for mailgate.service: ([\d.]+)", security)
    assert float(exposure) <= 1.3, "\n".join(line for line in security.splitlines() if line.startswith("✗"))


def test_commands_work_where_roots_shell_stands(scene: Scene) -> None:
    scene.open_ticket("Printer")
    for words in (["tickets"], ["journal", "--all"], ["show", "SUP-1"], ["check"]):
        done = scene.machine.mailgate(
            *words, folder="/root", check=False
        )  # runuser stays there; mailgate cannot read it
        assert (done.returncode, done.stderr) == (0, "")


def test_lmtp_socket_of_the_group_postfix(scene: Scene) -> None:
    machine, recipe = scene.machine, "postfix-lmtp-unix"
    with scene.config.open("a") as file:
        file.write(BLOCKS[recipe])
    assert "FAILED" not in machine.run(["mailgate", "check", "--connect"]).stdout
    machine.systemctl("restart", "mailgate", check=False)  # without the drop-in it may not give the socket away
    machine.wait_log("SupplementaryGroups=postfix and SystemCallFilter=@chown")
    machine.drop_in("lmtp", BLOCKS[f"{recipe}:/etc/systemd/system/mailgate.service.d/lmtp.conf"])
    (machine.folder / "etc/postfix/transport").write_text(BLOCKS[f"{recipe}:transport"])
    [commands] = re.findall(r"^postconf -F lmtp.*?(?=^```$)", RECIPES.read_text("utf-8"), re.M | re.S)
    machine.shell(commands)
    inode = machine.run(["stat", "-c", "%a %G %i", "/run/mailgate/lmtp.sock"]).stdout
    assert inode.startswith("660 postfix ")
    scene.open_ticket("Printer")
    machine.systemctl("reload", "mailgate")
    scene.open_ticket("Screen")
    assert machine.run(["stat", "-c", "%a %G %i", "/run/mailgate/lmtp.sock"]).stdout == inode
    assert "lmtp" in scene.says("cat", "journal", "2")


# -- what breaks -------------------------------------------------------------------------------------------------------


def test_relay_down(scene: Scene) -> None:
    machine = scene.machine
    machine.systemctl("stop", "postfix")
    scene.hand_over("Printer")
    scene.wait_tickets(1)
    scene.wait_verdict("relay")
    for command in ("show", "explain"):
        said = scene.says(command, "SUP-1")
        assert "NOT SENT" in said
        assert "connection refused" in said
    assert scene.receipts() == []
    machine.systemctl("start", "postfix")
    # The next attempt of one wakes all: none waits for a time of its own.
    scene.says("flush", "outbox")
    machine.wait_mail("level1", "Printer")
    scene.wait_receipt("Printer")
    scene.wait_well()
    assert len(scene.receipts()) == 1
    assert "NOT SENT" not in scene.says("show", "SUP-1")
    assert all(row["sent_at"] and "250" in row["relay_reply"] for row in scene.rows("outbox", "--all"))


def test_first_success_of_the_relay_wakes_what_waits(scene: Scene) -> None:
    machine = scene.machine
    machine.systemctl("stop", "postfix")
    for subject in ("Printer", "Screen", "Mouse"):
        scene.hand_over(subject)
    machine.wait_for(
        lambda: min((row["attempts"] for row in scene.rows("outbox")), default=0) >= 2, 120, "not tried twice"
    )
    machine.systemctl("start", "postfix")
    scene.hand_over("Keyboard")  # its notices are new, and tried at once
    for subject in ("Printer", "Screen", "Mouse", "Keyboard"):
        scene.wait_receipt(subject, seconds=60)
    assert len(scene.receipts()) == 4


def test_disk_full(scene: Scene) -> None:
    machine = scene.machine
    machine.systemctl("stop", "mailgate")
    machine.run(["mount", "-t", "tmpfs", "-o", "size=200M,mode=0700", "tmpfs", "/var/lib/mailgate"])
    machine.run(["chown", "mailgate:mailgate", "/var/lib/mailgate"])
    machine.systemctl("start", "mailgate")
    scene.open_ticket("Printer")
    machine.run(["sh", "-c", "cat /dev/zero > /var/lib/mailgate/fill"], check=False)
    mark = machine.now()
    scene.write("Screen", text="The picture is gone. " * 20_000)
    machine.wait_log("disk is full", after=mark)
    machine.wait_for(lambda: "451" in machine.run(["postqueue", "-p"]).stdout, 30, "Postfix does not keep the mail")
    scene.wait_verdict("disk", seconds=30)
    assert "no `mailgate serve`" not in scene.says("status", status=1)
    assert "database or disk is full" in scene.says("note", "SUP-1", "A note.", status=1)
    assert "Traceback" not in machine.journal("mailgate", "--after-cursor", mark)
    machine.run(["rm", "/var/lib/mailgate/fill"])
    machine.run(["postqueue", "-f"])
    scene.wait_tickets(2)
    scene.wait_receipt("Screen")
    scene.wait_well()
    assert sorted(subject for _, subject in scene.tickets()) == ["Printer", "Screen"]
    assert len(scene.receipts()) == 2


def test_children_killed(scene: Scene) -> None:
    machine = scene.machine
    mark, before = machine.now(), scene.children()
    assert len(before) > 1
    scene.write("Printer")
    machine.run(["kill", "-9", *map(str, before)])
    machine.wait_log("killed by signal 9", after=mark)
    machine.wait_log("action=listen", after=mark)
    machine.run(["postqueue", "-f"])  # Postfix has the mail where the intake was killed before it took it
    scene.wait_receipt("Printer")
    assert not set(before) & set(scene.children())
    assert machine.unit_property("NRestarts") == "0"
    assert (len(scene.tickets()), len(scene.receipts())) == (1, 1)


def test_parent_killed(scene: Scene) -> None:
    machine = scene.machine
    before = machine.unit_property("MainPID")
    scene.write("Printer")
    machine.run(["kill", "-9", before])
    machine.wait_for(lambda: machine.unit_property("MainPID") not in ("0", before), 60, "no new parent")
    machine.wait_unit("active")
    machine.run(["postqueue", "-f"])
    scene.wait_receipt("Printer", seconds=90)
    assert machine.unit_property("NRestarts") == "1"
    assert (len(scene.tickets()), len(scene.receipts())) == (1, 1)


def test_child_stopped(scene: Scene) -> None:
    machine = scene.machine
    mark, courier = machine.now(), scene.child("courier")
    machine.run(["kill", "-STOP", str(courier)])
    scene.write("Printer")
    machine.wait_log("it is stuck", after=mark, seconds=240)
    scene.wait_receipt("Printer")
    assert scene.child("courier") != courier
    scene.wait_well()


@pytest.mark.parametrize(("command", "words"), [("chmod 0400", "0400"), ("chown root:root", "root")])
def test_database_of_another_mode_or_owner(scene: Scene, command: str, words: str) -> None:
    machine = scene.machine
    scene.open_ticket("Printer")
    machine.systemctl("stop", "mailgate")
    machine.run([*command.split(), DATABASE])
    mark = machine.now()
    machine.systemctl("start", "mailgate", check=False)
    machine.wait_log(DATABASE, after=mark)
    log = machine.journal("mailgate", "--after-cursor", mark)
    [line, *_] = [line for line in log.splitlines() if DATABASE in line]
    assert words in line
    for check in (machine.run(["mailgate", "check", "--connect"], check=False), machine.mailgate("check", check=False)):
        assert (check.returncode, DATABASE in check.stdout + check.stderr) == (1, True), check.stdout + check.stderr
    machine.run(["chown", "mailgate:mailgate", DATABASE])
    machine.run(["chmod", "0600", DATABASE])
    machine.systemctl("restart", "mailgate")
    scene.open_ticket("Screen")


def test_broken_configuration(scene: Scene) -> None:
    machine = scene.machine
    mistakes = {
        "Europe/Paris": "Europe/Pari",
        "manager =": "manger =",
        'alarm_after = "1 minute"': 'alarm_after = "x"',
    }
    words = ('there is no time zone "Europe/Pari"', 'did you mean "manager"', "intake.alarm_after")
    for old, new in mistakes.items():
        scene.change(old, new)
    mark, before = machine.now(), scene.children()
    machine.systemctl("reload", "mailgate", check=False)
    for told in words:
        machine.wait_log(told, after=mark)
    machine.wait_mail("operator", "Europe/Pari")
    assert scene.children() == before
    scene.write("Printer")
    scene.wait_receipt("Printer")
    machine.systemctl("restart", "mailgate", check=False)
    machine.wait_unit("failed")
    assert machine.unit_property("NRestarts") == "0"
    assert all(told in machine.journal("mailgate", "--after-cursor", mark) for told in words)
    for old, new in mistakes.items():
        scene.change(new, old)
    machine.systemctl("restart", "mailgate")
    scene.wait_well()


def test_reload_refuses_nobody(scene: Scene) -> None:
    machine = scene.machine
    parent, before = machine.unit_property("MainPID"), scene.children()
    scene.change('address = "support@example.com"', 'address = "support@example.com"\nname = "Help Desk"')
    machine.systemctl("reload", "mailgate")
    for number in range(10):
        scene.hand_over(f"Printer {number}")
    scene.wait_tickets(10)
    assert machine.unit_property("MainPID") == parent
    assert not set(before) & set(scene.children())
    assert "Help Desk" in scene.wait_receipt("Printer 9")["From"]


def test_secret_unreadable_and_gone(scene: Scene) -> None:
    machine = scene.machine
    scene.open_ticket("Printer")
    for command in ("chmod 600", "rm"):
        machine.run([*command.split(), "/etc/mailgate/secret"])
        scene.write("Screen")
        scene.wait_receipt("Screen")  # the desk that runs goes on
        assert "SUP-1" in scene.says("tickets")  # listing needs no secret
        assert scene.is_well()
        assert "/etc/mailgate/secret" in scene.says("check", status=2)
    machine.systemctl("restart", "mailgate", check=False)
    machine.wait_unit("failed")
    machine.wait_log("cannot read the secret /etc/mailgate/secret")


def test_secret_as_a_credential(scene: Scene) -> None:
    machine = scene.machine
    scene.open_ticket("Printer")
    machine.run(["chown", "root:root", "/etc/mailgate/secret"])
    machine.run(["chmod", "600", "/etc/mailgate/secret"])
    [line] = [line for line in (ROOT / "systemd/mailgate.service").read_text().splitlines() if "=secret:" in line]
    machine.drop_in("secret", f"[Service]\n{line.removeprefix('# ')}\n")
    machine.systemctl("restart", "mailgate")
    scene.open_ticket("Screen")
    assert "SUP-2" in scene.says("tickets")
    scene.wait_well()


def test_secret_new(scene: Scene) -> None:
    machine = scene.machine
    scene.open_ticket("Printer")
    machine.run(["sh", "-c", "openssl rand -hex 32 > /etc/mailgate/secret"])
    check = machine.run(["mailgate", "check", "--connect"], check=False)
    assert check.returncode == 1
    assert re.search(r"FAILED +secret .*signed none", check.stdout), check.stdout


def test_clock_ahead_and_back(scene: Scene) -> None:
    machine = scene.machine
    clock = machine.folder / "etc/mailgate/clock"
    clock.write_text("+0")
    library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1"
    lines = (f"LD_PRELOAD={library}", "FAKETIME_TIMESTAMP_FILE=/etc/mailgate/clock", "FAKETIME_NO_CACHE=1",
             "FAKETIME_DONT_FAKE_MONOTONIC=1")  # fmt: skip
    machine.drop_in("clock", "[Service]\n" + "".join(f"Environment={line}\n" for line in lines))
    machine.systemctl("restart", "mailgate")
    scene.open_ticket("Printer")
    clock.write_text("+3d")
    machine.wait_mail("operator", "clock of this machine went forward by 3 days", seconds=180)
    clock.write_text("+0")
    machine.wait_mail("operator", "clock of this machine went back by 3 days", seconds=180)
    # No false alarm about the mailbox, and a real one afterwards is not lost.
    assert not [mail for mail in machine.mails("operator") if "imap" in text_of(mail)]
    machine.systemctl("stop", "dovecot.socket", "dovecot", check=False)
    machine.wait_mail("operator", "imap", seconds=180)


def test_mailbox_down(scene: Scene) -> None:
    machine = scene.machine
    mark = machine.now()
    machine.systemctl("stop", "dovecot.socket", "dovecot", check=False)
    alarm = machine.wait_mail("operator", "imap", seconds=120)
    assert "What to do" in text_of(alarm)
    machine.wait_log("connection refused", after=mark)
    scene.wait_verdict("imap")
    scene.write("Printer", to="helpdesk@example.com")
    scene.write("Screen")
    scene.wait_receipt("Screen")
    machine.systemctl("start", "dovecot")
    scene.wait_receipt("Printer", seconds=120)
    scene.wait_well()
    machine.wait_for(lambda: len(machine.mails("operator")) == 2, 60, "the operator is not told that it works again")


def test_mail_parked(scene: Scene) -> None:
    machine = scene.machine
    machine.wait_for(lambda: (machine.folder / DATABASE[1:]).exists(), 20, "no database")
    scene.sql(
        "CREATE TRIGGER broken BEFORE INSERT ON tickets WHEN NEW.subject LIKE 'Poison%'"
        " BEGIN SELECT RAISE(ABORT, 'a bug'); END"
    )
    scene.write("Poison", text="Nobody may lose this.")
    scene.write("Poison too")
    alarm = text_of(machine.wait_mail("operator", "Poison", seconds=300))
    [first, second] = sorted(row["id"] for row in scene.rows("journal", "--state", "parked"))
    assert f"mailgate requeue journal {first}" in alarm or f"mailgate requeue journal {second}" in alarm

    def has_level1_the_mail() -> bool:
        parts = (part for mail in machine.mails("level1") for part in mail.iter_attachments())
        return any("Nobody may lose this." in part.as_string() for part in parts)

    machine.wait_for(has_level1_the_mail, 60, "Level 1 did not get the mail")
    scene.wait_verdict("parked")
    said = scene.says("cat", "journal", str(first))
    assert "Nobody may lose this." in said
    assert CAMILLE in said
    scene.sql("DROP TRIGGER broken")
    scene.says("requeue", "journal", str(first))
    scene.wait_receipt("Poison")
    scene.says("dismiss", "journal", str(second), "--reason", "written twice")
    scene.wait_well()
    assert scene.tickets() == [("SUP-1", "Poison")]


def test_own_template_fails(scene: Scene) -> None:
    machine = scene.machine
    own = machine.folder / "etc/mailgate/templates/en"
    own.mkdir(parents=True)
    # It fails for SUP-1, not for a sample.
    (own / "receipt.txt").write_text("Subject: [{{ reference }}] Ours\n\n{{ 1 // (reference | length - 5) }}\n")
    scene.change('operator = "', 'templates = "templates"\noperator = "')
    machine.systemctl("restart", "mailgate")
    mark = machine.now()
    scene.write("Printer")
    assert "SUP-1" in text_of(scene.wait_receipt("Printer"))
    lines = [line for line in machine.journal("mailgate", "--after-cursor", mark).splitlines() if "receipt" in line]
    assert [line for line in lines if "level=error" in line and "Traceback" not in line], lines


# -- what an operator asks ---------------------------------------------------------------------------------------------


def test_why_did_this_ticket_close(scene: Scene) -> None:
    scene.open_ticket("Printer")
    scene.says("close", "SUP-1", "solved in a call by telephone")
    said = scene.says("explain", "SUP-1")
    assert "solved in a call by telephone" in said
    assert "finalizing" in said
    assert "answer" in scene.says("explain", "SUP-1", "--sla")


def test_where_is_the_mail_of_a_requester(scene: Scene) -> None:
    scene.write("By mailbox", to="helpdesk@example.com")
    scene.wait_receipt("By mailbox")
    scene.open_ticket("By Postfix")
    scene.open_ticket("Of another", sender=ZOE)
    said = scene.says("journal", "--all")
    assert len([line for line in said.splitlines() if CAMILLE in line]) == 2  # in full, as `grep` finds it
    chosen = scene.says("journal", "--all", "--from", CAMILLE)
    assert "By mailbox" in chosen
    assert "By Postfix" in chosen
    assert "Of another" not in chosen
    assert len([line for line in scene.says("tickets").splitlines() if CAMILLE in line]) == 2
    [row] = scene.rows("journal", "--all", "--message-id", "<1.By-mailbox@client.test>")
    assert row["reference"] == "SUP-1"
    assert "SUP-2" in scene.says("find", "Postfix")


def test_who_got_what_and_when(scene: Scene) -> None:
    scene.open_ticket("Printer")
    scene.machine.wait_mail("level1", "Printer")
    rows = scene.rows("outbox", "--all", "--to", CAMILLE)
    assert [(row["to"], row["reference"], row["relay_reply"][:3]) for row in rows] == [(CAMILLE, "SUP-1", "250")]
    said = scene.says("show", "SUP-1")
    assert re.search(rf"sent .*{CAMILLE}", said), said
    # The relay's queue id leads on to what Postfix did with it.
    [queued] = re.findall(r"queued as (\w+)", rows[0]["relay_reply"])
    assert f"{queued}: to=<{CAMILLE}>" in scene.machine.journal("postfix*")


def test_what_is_the_desk_doing(scene: Scene) -> None:
    scene.open_ticket("Printer")
    lines = scene.says("status").splitlines()
    assert lines[0].startswith("HEALTHY")
    assert len(lines) <= 12
    said = "\n".join(lines)
    for words in ("intake", "worker", "courier", "clock", "relay", "imap", "smtp"):
        assert words in said.lower(), said
    assert json.loads(scene.machine.mailgate("status", "--json").stdout)["healthy"] is True
    assert scene.machine.unit_property("StatusText") != ""
