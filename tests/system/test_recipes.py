"""docs/recipes.md is true: its settings are settings, and its recipes bring a mail into the journal of a real desk.

Blocks are found by the word behind the language of their fence: `RECIPE`, or `RECIPE:FILE` for one on the mail side.
Only paths, ports, hosts and users are put in the place of those that stand there. What `make packages` does not install
(Exim, Sieve, fetchmail, getmail, procmail, rspamd) is tried where it is on the machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.utils import formatdate
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mailgate.config import ConfigError, read_config
from mailgate.core.mail import AuthResult
from mailgate.inbound.auth_results import read_auth_results
from mailgate.parsers.message import read_mail
from tests.support.dovecot import PASSWORD, USER, Dovecot
from tests.support.exim import Exim, find_exim
from tests.support.hook_receiver import HookReceiver
from tests.support.imap_source import fresh_user
from tests.support.milters import Milters, NameServer, find_milters, make_key
from tests.support.oauth_server import TokenEndpoint, access
from tests.support.paths import ROOT
from tests.support.postfix import Postfix, find_postfix, python_of_nobody
from tests.support.postgres import Cluster, is_installed
from tests.support.relay import SmtpSink

_FENCE = re.compile(r"^```(\w+) (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OPEN = re.compile(r"^ *```(.*)$", re.MULTILINE)
_FILES = (
    "password_file", "client_secret_file", "service_account_file", "ca_file", "certificate", "key", "users_file",
)  # fmt: skip
_LANGUAGES = ("", "text", "toml", "powershell")

BLOCKS = {found[2]: found[3] for found in _FENCE.finditer((ROOT / "docs" / "recipes.md").read_text("utf-8"))}
SETTINGS = {name: block for name, block in BLOCKS.items() if ":" not in name}

JO, DESK, TAGGED = "jo@customer.example", "support@example.com", "support+SUP-7.1.abc@example.com"
MAIL = b"From: jo@customer.example\nTo: support@example.com\nSubject: Printer\nMessage-ID: <1@c.example>\n\nBroken.\n"

BASE = """
[desk]
address = "support@example.com"
operator = "operator@example.com"
manager = "manager@example.com"
[levels.level1]
mailbox = "level1@example.com"
agents = ["alice@example.com"]
[levels.level2]
mailbox = "level2@example.com"
agents = ["carol@example.com"]
"""

pytestmark = pytest.mark.timeout(300)  # the packages may have to be installed first


# -- what stands in the blocks -----------------------------------------------------------------------------------------


def merge(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """The tables of both, the second one's keys before the first one's."""
    merged = dict(base)
    for key, value in more.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def write_toml(value: Any) -> str:
    """A value in TOML, tables inline."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {write_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(write_toml, value)) + "]"
    return json.dumps(value)


def files_named(value: Any) -> Iterator[str]:
    """The files that a configuration wants to be there."""
    if isinstance(value, list):
        for each in value:
            yield from files_named(each)
    elif isinstance(value, dict):
        for key, each in value.items():
            if key in _FILES:
                yield each
            else:
                yield from files_named(each)


def write_config(folder: Path, block: str, **more: Any) -> Path:
    """mailgate.toml of a desk with this block, with every file that it names."""
    tables = merge(tomllib.loads(BASE), merge(tomllib.loads(block), more))
    for name in ("secret", *files_named(tables)):
        if (folder / name).exists():
            continue
        (folder / name).write_text(f"{PASSWORD}\n")
        (folder / name).chmod(0o640)
    path = folder / "mailgate.toml"
    path.write_text("".join(f"{key} = {write_toml(value)}\n" for key, value in tables.items()))
    return path


def test_every_block_says_what_it_is() -> None:
    text = (ROOT / "docs" / "recipes.md").read_text("utf-8")
    fences = [found[1] for found in _OPEN.finditer(text)][::2]
    assert {fence.partition(" ")[0] for fence in fences} <= set(_LANGUAGES)
    named = [fence.partition(" ")[2] for fence in fences if fence.partition(" ")[0] in ("toml", "text")]
    assert sorted(named) == sorted(BLOCKS)


@pytest.mark.parametrize("name", SETTINGS)
def test_the_settings_of_a_recipe_are_settings(name: str, tmp_path: Path) -> None:
    try:
        settings = read_config(write_config(tmp_path, SETTINGS[name]))
    except ConfigError as error:
        pytest.fail(str(error))
    assert settings.warnings == ()


# -- a desk, and programs that bring mail to it ------------------------------------------------------------------------


@dataclass
class Running:
    """A desk as a process of its own that only takes mail, unless it is `whole`. Everybody may reach its folder."""

    folder: Path
    config: Path
    process: subprocess.Popen[bytes] | None = None
    whole: bool = False

    def start(self) -> None:
        """Take mail by what is configured."""
        role = () if self.whole else ("--role", "intake")
        words = [sys.executable, "-m", "mailgate", "serve", *role, "--config", str(self.config)]
        with (self.folder / "log").open("wb") as log:
            self.process = subprocess.Popen(words, cwd=ROOT, stderr=log)
        self.wait_log("action=start roles=intake")

    def restart(self, block: str) -> None:
        """Go on with other settings on the same database."""
        self.end()
        write_config(self.folder, block, store={"database": f"sqlite:///{self.folder}/db/desk.db"})
        self.start()

    def end(self) -> None:
        """As at SIGTERM."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def wait_log(self, words: str) -> None:
        """Wait until the desk's log has these words."""
        deadline = time.monotonic() + 60
        while words not in (self.folder / "log").read_text("utf-8"):
            if time.monotonic() > deadline:
                raise AssertionError((self.folder / "log").read_text("utf-8"))
            time.sleep(0.02)

    def wait_done(self, count: int) -> list[dict[str, Any]]:
        """The rows of the journal, oldest first, once so many mails have been processed."""
        words = [sys.executable, "-m", "mailgate", "journal", "--all", "--json", "--config", str(self.config)]
        deadline = time.monotonic() + 30
        while True:
            run = subprocess.run(words, cwd=ROOT, check=False, capture_output=True)
            rows: list[dict[str, Any]] = json.loads(run.stdout) if run.returncode == 0 else []
            if len(rows) >= count and all(row["state"] != "waiting" for row in rows):
                return sorted(rows, key=lambda row: int(row["id"]))
            assert time.monotonic() < deadline, f"{rows}: {run.stderr.decode()}"

    def wait_mail(self, count: int = 1) -> list[tuple[str | None, list[str], str]]:
        """The journal, once it has so many mails: sender, recipients, source."""
        words = [sys.executable, "-m", "mailgate", "journal", "--all", "--json", "--config", str(self.config)]
        deadline = time.monotonic() + 20
        while True:
            run = subprocess.run(words, cwd=ROOT, check=False, capture_output=True)
            rows = json.loads(run.stdout) if run.returncode == 0 else []
            if len(rows) >= count:
                return sorted(((row["sender"], row["recipients"], row["source"]) for row in rows), key=str)
            assert time.monotonic() < deadline, f"{len(rows)} mails: {run.stderr.decode()}"


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short path that every user may enter."""
    made = Path(tempfile.mkdtemp(prefix="desk-"))
    made.chmod(0o755)
    (made / "db").mkdir()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def make_desk(folder: Path) -> Iterator[Callable[..., Running]]:
    """A desk with the settings of a recipe; `change` puts places of the test in."""
    made: list[Running] = []

    def make(
        name: str = "",
        change: dict[str, str] | None = None,
        *,
        block: str = "",
        serve: bool = True,
        whole: bool = False,
        database: str = "sqlite:///{folder}/db/desk.db",
    ) -> Running:
        block = replace(SETTINGS[name], change or {}) if name else block
        store = {"store": {"database": database.format(folder=folder)}} if database else {}
        desk = Running(folder, write_config(folder, block, **store), whole=whole)
        made.append(desk)
        if serve:
            desk.start()
        else:  # for `pipe`, which runs as nobody here; root does not serve what belongs to another user
            for own in (folder / "secret", folder / "db"):
                shutil.chown(own, "nobody")
        return desk

    yield make
    for desk in made:
        desk.end()


def replace(text: str, change: dict[str, str]) -> str:
    """Places put in; each one must be there, or the test would try something else than what stands in the recipe."""
    for old, new in change.items():
        assert old in text, f"{old!r} is not in the recipe"
        text = text.replace(old, new)
    return text


@pytest.fixture
def command(folder: Path) -> Path:
    """Stands for /usr/bin/mailgate: one that nobody may run, with the desk's configuration."""
    if not (python := python_of_nobody()):
        pytest.skip("user nobody cannot run this Python and its packages")
    made = folder / "mailgate"
    made.write_text(f'#!/bin/sh\nshift\nexec {python} pipe --config {folder}/mailgate.toml "$@"\n')
    made.chmod(0o755)
    return made


class Kitchen(Postfix):
    """A Postfix after a recipe: what stands in its blocks is added to its files."""

    def __init__(self, sink: SmtpSink) -> None:
        super().__init__(sink.port)
        self.sink = sink

    def cook(self, *, main: str = "", master: str = "", transport: str = "", aliases: str = "") -> None:
        etc = self._folder / "etc"
        # The tables stand elsewhere, and are read as text; the rest is added as it is.
        lines = [line for line in main.splitlines() if not line.startswith("transport_maps")]
        known = {line.partition(" =")[0] for line in lines}
        before = (etc / "main.cf").read_text("ascii").splitlines()
        kept = [line for line in before if line.partition(" =")[0] not in known]
        ours = ["mydestination = relay.test example.com", "local_recipient_maps = $alias_maps $transport_maps"]
        kept = [line for line in kept if not line.startswith(("mydestination", "local_recipient_maps"))]
        (etc / "main.cf").write_text("\n".join([*kept, *ours, *lines, ""]), "ascii")
        with (etc / "master.cf").open("a") as file:
            file.write(master)
        (etc / "transport").write_text(transport, "ascii")
        (etc / "aliases").write_text(aliases, "ascii")

    def change_transport(self, rows: str) -> None:
        """The table anew, as `postmap` would."""
        (self._folder / "etc" / "transport").write_text(rows, "ascii")
        assert self._command("reload").returncode == 0

    @property
    def queue(self) -> Path:
        return self._folder / "queue"

    def set_chroot(self, service: str, value: str) -> None:
        file = self._folder / "etc" / "master.cf"
        text = file.read_text("ascii")
        file.write_text(text.replace(f"{service} unix - - n", f"{service} unix - - {value}"), "ascii")

    def send(self, *recipients: str, sender: str = JO) -> None:
        with smtplib.SMTP("127.0.0.1", self.port, timeout=30) as smtp:
            assert smtp.sendmail(sender, list(recipients), MAIL.replace(b"\n", b"\r\n")) == {}

    def submit(
        self, content: str | bytes, sender: str, to: str = DESK, *, client: str = "", login: str = "", port: int = 0
    ) -> None:
        """Hand a mail to Postfix as a client of that address, or of this machine; after a login if one is given."""
        data = content.encode() if isinstance(content, str) else content
        with smtplib.SMTP("127.0.0.1", port or self.port, "client.example", timeout=60) as smtp:
            if client:
                smtp.ehlo()
                smtp.docmd(f"XCLIENT ADDR={client} NAME=[UNAVAILABLE]")
                smtp.ehlo()
            if login:
                smtp.login(login, PASSWORD)
            assert smtp.sendmail(sender, [to], data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")) == {}

    def sign(self, author: str, text: str) -> bytes:
        """A mail as the author's own server signs it; here that is the same Postfix."""
        self.submit(write_mail(author, text), author, "signed@elsewhere.test", client="127.0.0.1")
        return self.arrived("signed@elsewhere.test")

    def arrived(self, recipient: str, words: str = "") -> bytes:
        """Waits for a mail to that address at the sink, takes it out, and returns its bytes."""
        deadline = time.monotonic() + 30
        while True:
            for mail in self.sink.received:
                if recipient in mail.recipients and words.encode() in mail.content:
                    self.sink.received.remove(mail)
                    return mail.content
            if time.monotonic() > deadline:
                seen = [(mail.recipients, mail.content.decode()[:3000]) for mail in self.sink.received]
                raise AssertionError(f"nothing for {recipient}: {seen}; {self.log()}")
            time.sleep(0.02)


@pytest.fixture
def postfix() -> Iterator[Kitchen]:
    """Not started yet."""
    if missing := find_postfix():
        pytest.skip(missing)
    with SmtpSink() as sink:
        yield Kitchen(sink)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


# -- Postfix -----------------------------------------------------------------------------------------------------------


def test_postfix_lmtp(make_desk: Callable[..., Running], postfix: Kitchen, folder: Path) -> None:
    """Over a socket, then over TCP."""
    places = {"/run/mailgate": str(folder)}, {"127.0.0.1:8024": f"127.0.0.1:{free_port()}"}
    desk = make_desk("postfix-lmtp-unix", places[0])
    socket_line = replace(BLOCKS["postfix-lmtp-unix:transport"], places[0])
    postfix.cook(main=BLOCKS["postfix-lmtp-unix:main.cf"], transport=socket_line)
    with postfix:
        postfix.send(DESK, TAGGED)
        ((sender, recipients, source),) = desk.wait_mail()
        assert (sender, set(recipients), source) == (JO, {DESK, TAGGED}, "lmtp")
        desk.restart(replace(SETTINGS["postfix-lmtp-tcp"], places[1]))
        postfix.change_transport(replace(BLOCKS["postfix-lmtp-tcp:transport"], places[1]))
        postfix.send(TAGGED, sender="second@customer.example")
        assert ("second@customer.example", [TAGGED], "lmtp") in desk.wait_mail(2)


def test_postfix_lmtp_in_its_chroot(make_desk: Callable[..., Running], postfix: Kitchen) -> None:
    inside = postfix.queue / "mailgate"
    inside.mkdir()
    inside.chmod(0o755)
    desk = make_desk("postfix-lmtp-unix", {"/run/mailgate": str(inside)})
    postfix.cook(main=BLOCKS["postfix-lmtp-unix:main.cf"], transport=BLOCKS["postfix-lmtp-chroot:transport"])
    postfix.set_chroot("lmtp", "y")
    with postfix:
        postfix.send(DESK)
        assert desk.wait_mail() == [(JO, [DESK], "lmtp")]


def test_postfix_pipe(make_desk: Callable[..., Running], postfix: Kitchen, command: Path, folder: Path) -> None:
    desk = make_desk(serve=False)
    change = {"user=mailgate": "user=nobody", "/usr/bin/mailgate": str(command)}
    master = replace(BLOCKS["postfix-pipe:master.cf"], change)
    postfix.cook(main=BLOCKS["postfix-pipe:main.cf"], master=master, transport=BLOCKS["postfix-pipe:transport"])
    with postfix:
        (folder / "db").rename(folder / "away")
        postfix.send(DESK, TAGGED)
        postfix.wait_for("(temporary failure. Command output: mailgate: store.database")
        assert postfix.count_queue() == 1
        (folder / "away").rename(folder / "db")
        postfix.flush()
        postfix.send(DESK, sender="")
        postfix.wait_for(": removed", 2)
    assert [(sender, sorted(to), source) for sender, to, source in desk.wait_mail(2)] == [
        ("", [DESK], "pipe"),
        (JO, sorted([DESK, TAGGED]), "pipe"),
    ]


def test_postfix_alias_and_forward(
    make_desk: Callable[..., Running], postfix: Kitchen, command: Path, folder: Path
) -> None:
    desk = make_desk(serve=False)
    forward = folder / ".forward"
    forward.write_text(replace(BLOCKS["postfix-alias:/var/lib/mailgate/.forward"], {"/usr/bin/mailgate": str(command)}))
    shutil.chown(forward, "nobody")
    forward.chmod(0o600)
    aliases = replace(BLOCKS["postfix-alias:aliases"], {":": "", "mailgate": "nobody"})  # texthash has no colon
    postfix.cook(main=f"forward_path = {folder}/.forward", aliases=aliases)
    with postfix:
        postfix.send(TAGGED)
        postfix.wait_for("delivered to command")
    ((sender, recipients, source),) = desk.wait_mail()
    assert (sender, recipients[0], source) == (JO, TAGGED, "pipe")


# -- verifying senders -------------------------------------------------------------------------------------------------

OUTSIDE, RELAY, FORGER = "192.0.2.7", "192.0.2.25", "192.0.2.66"
PASSED = "Authentication-Results: mx.example.com"
FORGED = (
    f"{PASSED}; dmarc=pass header.from=example.com\n",
    f"{PASSED}; dkim=pass header.d=example.com\n",
    f"{PASSED}; spf=pass smtp.mailfrom=example.com\n",
    f"Received-SPF: Pass (mailfrom) identity=mailfrom; client-ip={RELAY}; envelope-from=alice@example.com\n",
)


def write_mail(author: str, text: str, to: str = DESK) -> str:
    number = abs(hash((author, text)))
    return f"From: {author}\nTo: {to}\nSubject: Printer\nDate: {formatdate()}\n" + (
        f"Message-ID: <{number}@client.example>\n\n{text}\n"
    )


@dataclass
class Gate:
    """A Postfix with filters in front of a whole desk. All else that it takes goes to the sink."""

    postfix: Kitchen
    desk: Running


def results_in(content: bytes) -> list[str]:
    """The Authentication-Results of a mail, the topmost first."""
    return [" ".join(str(one).split()) for one in message_from_bytes(content).get_all("Authentication-Results", [])]


@pytest.fixture
def gate(make_desk: Callable[..., Running], postfix: Kitchen, folder: Path) -> Iterator[Gate]:
    """By the recipe with OpenDKIM and OpenDMARC; the domains of the desk and of the customer sign with one key."""
    if missing := find_milters():
        pytest.skip(missing)
    signing, judging, intake = free_port(), free_port(), free_port()
    key = make_key(folder / "mail.private")
    places = {"8891": str(signing), "/etc/dkimkeys/mail.private": str(folder / "mail.private")}
    opendkim = replace(BLOCKS["opendkim:/etc/opendkim.conf"], places)
    opendkim = re.sub(r"^(Domain +)example.com$", r"\1example.com,customer.example", opendkim, flags=re.MULTILINE)
    opendmarc = replace(BLOCKS["opendmarc:/etc/opendmarc.conf"], {"8893": str(judging)})
    records = {
        "mail._domainkey.example.com": key,
        "mail._domainkey.customer.example": key,
        "example.com": f"v=spf1 ip4:{RELAY} -all",
        "customer.example": "v=spf1 -all",
        "_dmarc.example.com": "v=DMARC1; p=none; rua=mailto:postmaster@example.com",
        "_dmarc.customer.example": "v=DMARC1; p=none",
    }
    domains = "mydestination =\nlocal_recipient_maps =\nrelay_domains = example.com, elsewhere.test, customer.example\n"
    main = replace(BLOCKS["verifying:main.cf"], {"8891": str(signing), "8893": str(judging)})
    main += f"{domains}smtpd_authorized_xclient_hosts = 127.0.0.0/8\nrecipient_delimiter = +\n"
    postfix.cook(main=main, transport=f"{DESK} smtp:[127.0.0.1]:{intake}\n")
    relay = f'[relay]\nhost = "127.0.0.1"\nport = {postfix.port}\ntls = "none"\n'
    block = f'{SETTINGS["verifying"]}[intake.smtp]\nlisten = "127.0.0.1:{intake}"\n{relay}'
    with (
        NameServer(records) as server,
        Milters(folder, opendkim=opendkim, opendmarc=opendmarc, server=server, ports=(signing, judging)),
        postfix,
    ):
        yield Gate(postfix, make_desk(block=block, whole=True))


def test_opendkim_and_opendmarc(gate: Gate) -> None:
    """The desk believes the header that they write for a signed mail, and not the one that a forger wrote."""
    order = "#requester ben@customer.example\n\nHe phoned."
    signed = gate.postfix.sign("alice@example.com", order)
    gate.postfix.submit(signed, "alice@example.com", client=OUTSIDE)
    (first,) = gate.desk.wait_done(1)
    assert first["reference"] == "SUP-1", first
    assert gate.postfix.arrived("ben@customer.example")

    changed = signed.replace(b"He phoned.", b"She called.").decode()
    forgeries = (changed, *(header + write_mail("alice@example.com", f"{order}\n\n{header}") for header in FORGED))
    for count, forgery in enumerate(forgeries, 2):
        gate.postfix.submit(forgery, "alice@example.com", client=FORGER)
        row = gate.desk.wait_done(count)[-1]
        assert (row["reference"] or "") == "", (forgery, row)
    assert b"alice@example.com" in gate.postfix.arrived("alice@example.com", "notice=challenge")

    gate.postfix.submit(
        gate.postfix.sign("anna@customer.example", "My printer is broken."), "anna@customer.example", client=OUTSIDE
    )
    assert gate.desk.wait_done(2 + len(forgeries))[-1]["reference"] == "SUP-2"


_ALONE = 'upstream "local" { default = yes; self_scan = yes; }\n'  # of Debian's processes one is enough here


@pytest.fixture
def rspamd(folder: Path) -> Iterator[int]:
    """The port of an rspamd after the recipe, on Debian's configuration; it asks our name server."""
    if shutil.which("rspamd") is None or os.geteuid():
        pytest.skip("rspamd is not installed, or this is not root")
    port, etc = free_port(), folder / "etc"
    shutil.copytree("/etc/rspamd", etc)
    for name in ("data", "run", "logs"):
        (folder / name).mkdir()
        (folder / name).chmod(0o777)
    with NameServer({"example.com": f"v=spf1 ip4:{RELAY} -all", "_dmarc.example.com": "v=DMARC1; p=none"}) as server:
        local = {
            "options.inc": f'dns {{ nameserver = ["{server.address}:53"]; }}\n',
            "worker-proxy.inc": f'bind_socket = "127.0.0.1:{port}";\n{_ALONE}',
            "milter_headers.conf": BLOCKS["rspamd:/etc/rspamd/local.d/milter_headers.conf"],
            **{f"worker-{name}.inc": "enabled = false;\n" for name in ("normal", "controller", "fuzzy")},
        }
        for name, text in local.items():
            (etc / "local.d" / name).parent.mkdir(exist_ok=True)
            (etc / "local.d" / name).write_text(text)
        places = {"CONFDIR": "etc", "LOCAL_CONFDIR": "etc", "DBDIR": "data", "RUNDIR": "run", "LOGDIR": "logs"}
        words = [f"--var={name}={folder / place}" for name, place in places.items()]
        command = ["rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", str(etc / "rspamd.conf"), *words]
        with (folder / "rspamd.out").open("wb") as out:
            process = subprocess.Popen(command, stdout=out, stderr=out)
        try:
            wait_port(port, 200)  # it compiles its patterns first
            yield port
        finally:
            process.terminate()
            process.wait(60)


def wait_port(port: int, seconds: float) -> None:
    """Wait until a program listens at a port of this machine."""
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(OSError):
            return socket.create_connection(("127.0.0.1", port), timeout=1).close()
        assert time.monotonic() < deadline, f"no program listens at {port}"
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_rspamd(postfix: Kitchen, rspamd: int) -> None:
    """The desk reads a pass in the header of rspamd, and a fail for each forgery: no header of a forger is left."""
    main = replace(BLOCKS["rspamd:main.cf"], {"11332": str(rspamd)})
    main += (
        "myhostname = mx.example.com\nsmtpd_authorized_xclient_hosts = 127.0.0.0/8\nrelay_domains = elsewhere.test\n"
    )
    postfix.cook(main=main)
    with postfix:
        for header, client in (("", RELAY), *((one, FORGER) for one in FORGED)):
            mail = header + write_mail("alice@example.com", f"Hello.\n\n{header}")
            postfix.submit(mail, "alice@example.com", "seen@elsewhere.test", client=client)
            read = read_mail(postfix.arrived("seen@elsewhere.test"))
            expected = AuthResult.PASS if client == RELAY else AuthResult.FAIL
            assert len(read.header_all("Authentication-Results")) == 1
            assert read_auth_results(read, ("mx.example.com",)) is expected, read.header_all("Authentication-Results")


def test_the_desks_own_mail_passes_three_times(gate: Gate) -> None:
    """A receipt, looked at as a server elsewhere does that receives it from the address in the SPF record."""
    gate.postfix.submit(
        gate.postfix.sign("anna@customer.example", "My printer is broken."), "anna@customer.example", client=OUTSIDE
    )
    receipt = gate.postfix.arrived("anna@customer.example")
    message = message_from_bytes(receipt)
    assert message["From"] == "Support <support@example.com>"
    assert "d=example.com" in message["DKIM-Signature"]
    rows = gate.desk.wait_done(1)
    assert rows[0]["reference"] == "SUP-1"
    gate.postfix.submit(receipt, "support+b.SUP-1.1.abc@example.com", "seen@elsewhere.test", client=RELAY)
    results = "; ".join(results_in(gate.postfix.arrived("seen@elsewhere.test"))[:3])
    assert [word for word in ("dkim=pass", "spf=pass", "dmarc=pass") if word not in results] == [], results


# -- Exim --------------------------------------------------------------------------------------------------------------

ROUTER = "exim:/etc/exim4/conf.d/router/150_mailgate"


@pytest.fixture
def needs_exim() -> None:
    if missing := find_exim():
        pytest.skip(missing)


@pytest.mark.usefixtures("needs_exim")
@pytest.mark.parametrize("kind", ["unix", "tcp"])
def test_exim_lmtp(make_desk: Callable[..., Running], folder: Path, kind: str) -> None:
    port = str(free_port())
    place = {"/run/mailgate": str(folder)} if kind == "unix" else {"8024": port}
    desk = make_desk(f"exim-lmtp-{kind}", place)
    if kind == "unix":
        place["= mailgate\n"] = "= nobody\n"
        shutil.chown(folder / "lmtp.sock", "nobody")
    transport = replace(BLOCKS[f"exim-lmtp-{kind}:/etc/exim4/conf.d/transport/30_mailgate"], place)
    with Exim(BLOCKS[ROUTER], transport) as exim:
        exim.send(JO, TAGGED, MAIL)
        assert "=> support" in exim.log(), exim.log()
        assert desk.wait_mail() == [(JO, [TAGGED], "lmtp")]


@pytest.mark.usefixtures("needs_exim")
def test_exim_pipe(make_desk: Callable[..., Running], command: Path, folder: Path) -> None:
    desk = make_desk(serve=False)
    change = {"/usr/bin/mailgate": str(command), "user = mailgate": "user = nobody"}
    transport = replace(BLOCKS["exim-pipe:/etc/exim4/conf.d/transport/30_mailgate"], change)
    with Exim(BLOCKS[ROUTER], transport) as exim:
        assert "router = mailgate, transport = mailgate" in exim.route(TAGGED)
        (folder / "db").rename(folder / "away")
        exim.send(JO, TAGGED, MAIL)
        assert "returned 75" in exim.log(), exim.log()
        (folder / "away").rename(folder / "db")
        exim.flush()
        exim.send("", DESK, MAIL)
        assert exim.log().count("Completed") == 2, exim.log()
    assert desk.wait_mail(2) == [("", [DESK], "pipe"), (JO, [TAGGED], "pipe")]


# -- Dovecot -----------------------------------------------------------------------------------------------------------

SIEVE = Path("/usr/lib/dovecot/modules/sieve/lib90_sieve_extprograms_plugin.so")


class Cellar(Dovecot):
    """A Dovecot after a recipe: what stands in its blocks is added to its configuration."""

    def store(self, more: str, *users: str) -> None:
        conf = self.folder / "dovecot.conf"
        added = {line.partition(" =")[0] for line in more.splitlines() if " = " in line and not line.startswith(" ")}
        kept = [line for line in conf.read_text().splitlines() if line.partition(" =")[0] not in added]
        conf.write_text("\n".join([*kept, more]))
        self.set_password(PASSWORD, *users)


@pytest.fixture
def cellar() -> Iterator[Cellar]:
    """Not started yet."""
    made = Cellar()
    yield made
    shutil.rmtree(made.folder, ignore_errors=True)


def here(server: Dovecot) -> dict[str, str]:
    """The server in the place of the one that a recipe names."""
    place = f'host = "localhost"\nport = {server.imaps}\nca_file = "{server.certificate}"'
    return {'host = "imap.example.com"': place}


def wait_count(server: Dovecot, user: str, folder: str, count: int) -> None:
    """Wait until a folder has so many mails."""
    deadline = time.monotonic() + 20
    while True:
        with server.client(user) as client:
            if client.folder_exists(folder) and client.folder_status(folder, ["MESSAGES"])[b"MESSAGES"] == count:
                return
        assert time.monotonic() < deadline, f"{folder} never has {count} mails"
        time.sleep(0.05)


def crlf(mail: bytes) -> bytes:
    return mail.replace(b"\n", b"\r\n")


def test_dovecot_imap(make_desk: Callable[..., Running], dovecot: Dovecot) -> None:
    """And the first start that takes nothing of what is there."""
    user = fresh_user()
    dovecot.deliver(crlf(MAIL), user)
    change = {**here(dovecot), 'user = "support"': f'user = "{user}"'}
    desk = make_desk("dovecot-imap", change)
    assert [source for _, _, source in desk.wait_mail()] == ["imap"]
    wait_count(dovecot, user, "Processed", 1)
    wait_count(dovecot, user, "INBOX", 0)


@pytest.mark.parametrize("name", ["dovecot-oauth2", "m365"])
def test_tokens(make_desk: Callable[..., Running], cellar: Cellar, name: str) -> None:
    """The token server is ours, and so is the mailbox: what Microsoft does is not tried."""
    block = SETTINGS[name].partition("[relay]")[0]
    (user,) = re.findall(r'^user = "(.*)"$', block, re.MULTILINE)
    (host,) = re.findall(r"^host = .*$", block, re.MULTILINE)
    (url,) = re.findall(r'^token_url = "(.*)"$', block, re.MULTILINE)
    (scope,) = re.findall(r'^scope = "(.*)"$', block, re.MULTILINE)
    cellar.store("", user)
    with cellar, TokenEndpoint(access(cellar.token(user))) as endpoint:
        cellar.deliver(crlf(MAIL), user)
        (place,) = here(cellar).values()
        desk = make_desk(block=replace(block, {host: place, url: f"{endpoint.url}/token"}))
        assert [source for _, _, source in desk.wait_mail()] == ["imap"]
        wait_count(cellar, user, "Processed", 1)
    assert (endpoint.heard[0]["grant_type"], endpoint.heard[0]["scope"]) == ("client_credentials", scope)


def test_an_old_mailbox(make_desk: Callable[..., Running], dovecot: Dovecot) -> None:
    user = fresh_user()
    dovecot.deliver(crlf(MAIL), user)
    desk = make_desk("old-mailbox", {**here(dovecot), 'user = "support"': f'user = "{user}"'})
    desk.wait_log("action=meet held=1 taken=0 left=1")
    dovecot.deliver(crlf(MAIL).replace(b"<1@", b"<2@"), user)
    desk.wait_mail()
    wait_count(dovecot, user, "Processed", 1)
    wait_count(dovecot, user, "INBOX", 1)


def test_dovecot_folder_and_master(make_desk: Callable[..., Running], cellar: Cellar) -> None:
    users = {"/etc/dovecot/master-users": str(cellar.folder / "masters")}
    cellar.store(replace(BLOCKS["dovecot-master:/etc/dovecot/conf.d/auth-desk.conf"], users), USER)
    (cellar.folder / "masters").write_text(f"desk:{{PLAIN}}{PASSWORD}\n")
    (cellar.folder / "masters").chmod(0o644)
    with cellar:
        with cellar.client() as client:
            client.create_folder("Web forms")
            client.append("Web forms", crlf(MAIL).replace(b"<1@", b"<2@"))
        cellar.deliver(crlf(MAIL))
        both = replace(SETTINGS["dovecot-master"], here(cellar)) + replace(SETTINGS["dovecot-folder"], here(cellar))
        desk = make_desk(block=both)
        assert [source for _, _, source in desk.wait_mail(2)] == ["imap", "imap"]
        wait_count(cellar, USER, "Processed", 1)
        wait_count(cellar, USER, "Web forms", 1)


def test_dovecot_into_a_maildir(make_desk: Callable[..., Running], cellar: Cellar) -> None:
    cellar.store(BLOCKS["dovecot-maildir:/etc/dovecot/conf.d/99-mailgate.conf"], USER)
    name, _, _, _, _, _, _, end = BLOCKS["dovecot-maildir:/etc/dovecot/users"].split(":")
    assert (name, end) == (USER, "\n")  # the fields of a passwd-file; ours are nobody and its folder
    with cellar:
        cellar.deliver(crlf(MAIL))
        path = cellar.maildir()
        desk = make_desk("dovecot-maildir", {"/var/lib/mailgate/mail/Maildir": str(path)})
        assert [source for _, _, source in desk.wait_mail()] == ["maildir"]
        deadline = time.monotonic() + 20
        while list((path / "new").iterdir()):
            assert time.monotonic() < deadline
            time.sleep(0.02)


@pytest.mark.skipif(not SIEVE.exists(), reason="dovecot-sieve is not installed")
def test_dovecot_sieve_pipe(make_desk: Callable[..., Running], cellar: Cellar, command: Path) -> None:
    desk = make_desk(serve=False)
    sieve, bin_folder = cellar.folder / "sieve", cellar.folder / "sieve-pipe"
    for made in (sieve, bin_folder):
        made.mkdir()
        made.chmod(0o777)
    (sieve / "mailgate.sieve").write_text(BLOCKS["dovecot-sieve:/etc/dovecot/sieve/mailgate.sieve"])
    script = replace(BLOCKS["dovecot-sieve:/etc/dovecot/sieve-pipe/mailgate"], {"/usr/bin/mailgate": str(command)})
    (bin_folder / "mailgate").write_text(script)
    (bin_folder / "mailgate").chmod(0o755)
    conf = BLOCKS["dovecot-sieve:/etc/dovecot/conf.d/99-mailgate.conf"]
    cellar.store(replace(conf, {"/etc/dovecot": str(cellar.folder)}), DESK, "other@example.com")
    with cellar:
        cellar.deliver(crlf(MAIL), TAGGED, JO)
        cellar.deliver(crlf(MAIL), "other@example.com", JO)
        assert desk.wait_mail() == [(JO, [TAGGED], "pipe")], cellar.log()
        wait_count(cellar, "other@example.com", "INBOX", 1)


@pytest.mark.skipif(not SIEVE.exists(), reason="dovecot-sieve is not installed")
def test_dovecot_sieve_redirect(make_desk: Callable[..., Running], cellar: Cellar) -> None:
    """The desk itself stands for the MTA that Dovecot hands the copy to."""
    port = free_port()
    desk = make_desk(block=f'[intake.smtp]\nlisten = "127.0.0.1:{port}"\n')
    script = cellar.folder / "rule.sieve"
    script.write_text(BLOCKS["dovecot-redirect:sieve"])
    conf = BLOCKS["dovecot-sieve:/etc/dovecot/conf.d/99-mailgate.conf"]
    conf = replace(conf, {"/etc/dovecot/sieve/mailgate.sieve": str(script), "type = before": "type = personal"})
    cellar.store(f"{conf}submission_host = 127.0.0.1:{port}\n", "info@example.com")
    with cellar:
        cellar.deliver(crlf(MAIL), "info@example.com", JO)
        assert desk.wait_mail() == [(JO, [DESK], "smtp")], cellar.log()
        wait_count(cellar, "info@example.com", "INBOX", 1)


# -- agents who log in to Postfix, which asks Dovecot ------------------------------------------------------------------


def test_agents_who_submit_at_port_587(
    make_desk: Callable[..., Running], postfix: Kitchen, cellar: Cellar, folder: Path
) -> None:
    """An agent who logged in is believed, by a result that Postfix writes; a header of their own is taken out."""
    submission, intake = free_port(), free_port()
    for name in ("sender_logins", "submission_headers"):
        (folder / name).write_text(BLOCKS[f"submission:/etc/postfix/{name}"])
        (folder / name).chmod(0o644)
    places = {  # this Dovecot is not root's, and gives its socket to nobody else
        "/var/spool/postfix/private": str(cellar.folder), "mode = 0660": "mode = 0666",
        "    user = postfix\n    group = postfix\n": "",
    }  # fmt: skip
    logins = replace(BLOCKS["submission:/etc/dovecot/conf.d/auth-postfix.conf"], places)
    cellar.folder.chmod(0o755)
    cellar.store(f"{logins}auth_username_format = %{{user | lower}}\n", "alice@example.com", "bob@example.com")
    places = {
        "submission inet": f"127.0.0.1:{submission} inet",
        "/etc/postfix": str(folder),
        "smtpd_sasl_path=private": f"smtpd_sasl_path={cellar.folder}",
        "smtpd_tls_security_level=encrypt": "smtpd_tls_security_level=none",
    }
    postfix.cook(
        main="mydestination =\nlocal_recipient_maps =\nrelay_domains = example.com\nrecipient_delimiter = +\n",
        master=replace(BLOCKS["submission:master.cf"], places),
        transport=f"{DESK} smtp:[127.0.0.1]:{intake}\n",
    )
    relay = f'[relay]\nhost = "127.0.0.1"\nport = {postfix.sink.port}\ntls = "none"\n'
    block = f'{SETTINGS["verifying"]}[intake.smtp]\nlisten = "127.0.0.1:{intake}"\n{relay}'
    with cellar, postfix:
        desk = make_desk(block=block, whole=True)
        mail = write_mail('"Alice" <alice@example.com>', "#requester ben@customer.example\n\nHe phoned.")
        postfix.submit(mail, "alice@example.com", login="alice@example.com", port=submission)
        assert desk.wait_done(1)[0]["reference"] == "SUP-1"
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user"):
            postfix.submit(mail, "alice@example.com", login="bob@example.com", port=submission)
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="Access denied"):
            postfix.submit(mail, "alice@example.com", port=submission)
        foreign = f"{PASSED}; dmarc=pass header.from=customer.example\n" + write_mail(JO, "My printer is broken.")
        postfix.submit(foreign, "alice@example.com", "seen@elsewhere.test", login="alice@example.com", port=submission)
        assert results_in(postfix.arrived("seen@elsewhere.test")) == []


# -- fetchmail and the like --------------------------------------------------------------------------------------------


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed")


PLACES = {"smtp": "127.0.0.1/8025", "lmtp": "127.0.0.1/8024"}


@needs("fetchmail")
@pytest.mark.parametrize("kind", ["pipe", "smtp", "lmtp"])
def test_fetchmail(make_desk: Callable[..., Running], dovecot: Dovecot, command: Path, folder: Path, kind: str) -> None:
    user, port = fresh_user(), free_port()
    dovecot.deliver(crlf(MAIL).replace(b"To: support@", b"To: support+x@"), user, JO)
    listen = {"pipe": "", "smtp": "[intake.smtp]\n", "lmtp": "[intake.lmtp]\n"}[kind]
    block = f'{listen}listen = "127.0.0.1:{port}"\n' if listen else ""
    desk = make_desk(block=block, serve=bool(listen))
    rc = folder / "home" / ".fetchmailrc"
    rc.parent.mkdir()
    change = {
        "poll imap.example.com": f"poll localhost service {dovecot.imap}",
        '"support"': f'"{user}"',
        "the password": PASSWORD,
        " ssl": " sslproto ''",
    }
    change |= {"/usr/bin/mailgate": str(command)} if not listen else {PLACES[kind]: f"127.0.0.1/{port}"}
    rc.write_text(replace(BLOCKS[f"fetchmail-{kind}:.fetchmailrc"], change))
    rc.chmod(0o600)
    for each in (rc.parent, rc):
        shutil.chown(each, "nobody")
    environment = {"HOME": str(rc.parent), "PATH": os.environ["PATH"], "FETCHMAILHOME": str(rc.parent)}
    run = subprocess.run(
        ["fetchmail", "-v", "--nodetach", "-f", str(rc)], user="nobody", group="nogroup", extra_groups=[],
        env=environment, cwd="/", check=False, capture_output=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    ((sender, recipients, source),) = desk.wait_mail()
    assert (sender, recipients, source) == (JO, [DESK], kind)
    wait_count(dovecot, user, "INBOX", 0)


@needs("getmail")
def test_getmail(make_desk: Callable[..., Running], dovecot: Dovecot, command: Path, folder: Path) -> None:
    desk = make_desk(serve=False)
    user, home = fresh_user(), folder / "home"
    dovecot.deliver(crlf(MAIL), user, JO)
    home.mkdir()
    change = {
        "SimpleIMAPSSLRetriever": "SimpleIMAPRetriever",
        "imap.example.com": f"localhost\nport = {dovecot.imap}",
        "username = support": f"username = {user}",
        "the password": PASSWORD,
        "/usr/bin/mailgate": str(command),
    }
    (home / "getmailrc").write_text(replace(BLOCKS["getmail:getmailrc"], change))
    for each in (home, home / "getmailrc"):
        shutil.chown(each, "nobody")
    environment = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    run = subprocess.run(
        ["getmail", "--getmaildir", str(home)], user="nobody", group="nogroup", extra_groups=[],
        env={**environment, "HOME": str(home)}, cwd="/", check=False, capture_output=True, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert desk.wait_mail() == [(JO, [DESK], "pipe")]
    wait_count(dovecot, user, "INBOX", 0)


@needs("procmail")
def test_procmail(make_desk: Callable[..., Running], command: Path, folder: Path) -> None:
    desk = make_desk(serve=False)
    rc = folder / "procmailrc"
    rc.write_text(replace(BLOCKS["procmail:.procmailrc"], {"/usr/bin/mailgate": str(command)}))

    def deliver() -> int:
        places = [f"{name}={folder}/db/{name}" for name in ("DEFAULT", "ORGMAIL", "LOGFILE")]
        words = ["procmail", *places, str(rc)]
        run = subprocess.run(words, input=MAIL, user="nobody", group="nogroup", extra_groups=[], cwd="/", check=False)
        return run.returncode

    (folder / "secret").rename(folder / "away")
    assert deliver() == 75
    assert not (folder / "db" / "DEFAULT").exists()
    (folder / "away").rename(folder / "secret")
    assert deliver() == 0
    assert [source for _, _, source in desk.wait_mail()] == ["pipe"]
    assert not (folder / "db" / "DEFAULT").exists()


# -- PostgreSQL --------------------------------------------------------------------------------------------------------


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    """A server that asks the system who calls, with a database of the user nobody."""
    if not is_installed():
        pytest.skip("PostgreSQL is not installed: make packages")
    if os.geteuid():
        pytest.skip("only root can call as several users")
    made = Cluster()
    try:
        made.folder.chmod(0o755)
        with psycopg.connect(made.url("postgres").replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE ROLE nobody LOGIN")
            connection.execute("CREATE DATABASE mailgate OWNER nobody ENCODING UTF8 TEMPLATE template0")
        (made.folder / "data" / "pg_hba.conf").write_text("local all all peer\n")
        made.stop()
        made.start()
        yield made
    finally:
        made.close()


def test_postgresql_by_peer(make_desk: Callable[..., Running], cluster: Cluster, command: Path, folder: Path) -> None:
    """The desk's user needs no password, and root reads why it may not."""
    place = cluster.url("mailgate").replace("desk@", "")
    block = replace(SETTINGS["postgresql-peer"], {"postgresql+psycopg:///mailgate": place})
    make_desk(block=block, serve=False, database="")
    as_nobody = command.read_text().replace(" pipe ", ' "$@" ').replace("shift\n", "").rpartition(' "$@"')[0]
    command.write_text(f"{as_nobody}\n")
    upgraded, looked = (
        subprocess.run([command, *words], user="nobody", cwd="/", check=False, capture_output=True, text=True)
        for words in (("upgrade",), ("journal", "--all", "--json"))
    )
    assert (upgraded.returncode, looked.returncode, looked.stdout) == (0, 0, "[]\n"), upgraded.stderr + looked.stderr
    words = [sys.executable, "-m", "mailgate", "journal", "--config", str(folder / "mailgate.toml")]
    refused = subprocess.run(words, cwd=ROOT, check=False, capture_output=True, text=True)
    assert (refused.returncode, 'role "root" does not exist' in refused.stderr) == (1, True), refused.stderr


# -- hooks -------------------------------------------------------------------------------------------------------------


def _hook_script(folder: Path, block: str, *places: tuple[str, str]) -> Path:
    """The script of a recipe as a program in a folder, with other paths and addresses."""
    text = BLOCKS[block]
    for old, new in places:
        assert old in text, old
        text = text.replace(old, new)
    path = folder / block.partition(":")[2]
    path.write_text(text)
    path.chmod(0o755)
    return path


def _call(script: Path, uid: str = "msg_1", **data: str | None) -> subprocess.CompletedProcess[str]:
    body = {"type": "ticket.closed", "timestamp": "2026-11-23T09:30:00Z", "data": data}
    environment = {"PATH": os.environ["PATH"], "MAILGATE_CALL": uid}
    return subprocess.run(
        [script], input=json.dumps(body), env=environment, text=True, capture_output=True, timeout=30, check=False
    )


def _require_jq() -> None:
    if not (shutil.which("jq") and shutil.which("curl")):
        pytest.skip("jq or curl is not installed: make packages")


def test_the_hook_for_a_chat_room_writes_one_line(tmp_path: Path) -> None:
    _require_jq()
    stand_in = tmp_path / "apprise"  # it needs a room; what it gets is what counts
    stand_in.write_text('#!/bin/sh\necho "$@"\ncat\n')
    stand_in.chmod(0o755)
    script = _hook_script(tmp_path, "hook-chat:tell-chat", ("/opt/apprise/bin/apprise", str(stand_in)))
    said = _call(script, reference="SUP-7", subject="Printer").stdout
    assert said == "--config=/etc/mailgate/apprise.conf\nSUP-7 closed: Printer\n"
    assert _call(script, reference=None, text="a test").stdout.endswith("mailgate closed: a test\n")


@pytest.mark.parametrize("name", ["tell-pager", "tell-pagerduty"])
def test_the_hooks_for_a_pager_post_the_alarm(tmp_path: Path, name: str) -> None:
    _require_jq()
    (tmp_path / "key").write_text("k123\n")
    with HookReceiver() as receiver:
        places = {
            "tell-pager": [("https://ntfy.example.com/desk", receiver.url)],
            "tell-pagerduty": [
                ("https://events.pagerduty.com/v2/enqueue", receiver.url),
                ("/etc/mailgate/pagerduty.key", str(tmp_path / "key")),
            ],
        }
        script = _hook_script(tmp_path, f"hook-pager:{name}", *places[name])
        assert _call(script, text="the relay fails", host="desk1").returncode == 0
        [call] = receiver.calls
        if name == "tell-pager":
            assert call.body.decode().strip() == "desk1: the relay fails"
            assert call.headers["title"] == "mailgate"
        else:
            assert call.json["dedup_key"] == "msg_1"
            assert call.json["routing_key"] == "k123"
            assert call.json["payload"] == {"summary": "the relay fails", "source": "desk1", "severity": "critical"}
        receiver.always = 403
        refused = _call(script, text="the relay fails", host="desk1")
        assert (refused.returncode, "403" in refused.stderr) == (22, True)


def test_the_hook_for_an_inventory_adds_each_call_once(tmp_path: Path) -> None:
    _require_jq()
    table = tmp_path / "solutions.csv"
    script = _hook_script(tmp_path, "hook-inventory:note-solution", ("/var/lib/mailgate/solutions.csv", str(table)))
    for uid in ("msg_1", "msg_1", "msg_2"):
        assert _call(script, uid, reference="SUP-7", by="a@x", requester="r@x", subject='a "b"').returncode == 0
    assert table.read_text().splitlines() == [
        f'"{uid}","2026-11-23T09:30:00Z","SUP-7","a@x","r@x","a ""b"""' for uid in ("msg_1", "msg_2")
    ]
