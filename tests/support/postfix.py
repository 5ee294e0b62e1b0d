"""A private Postfix for one test run: its own folders, a free loopback port, everything handed on to a sink.

Postfix needs root (its master gives up privileges for every child) and the Debian package `postfix`, which is
installed when it is missing. Where that cannot be, `find_postfix` says why and the tests skip.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from tests.support.paths import ROOT

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
daemon_directory = {daemons}
mail_owner = postfix
setgid_group = postdrop
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = relay.test
mydestination = relay.test
local_recipient_maps = inline:{{known=1}} $alias_maps
mynetworks = 127.0.0.0/8
relayhost = [127.0.0.1]:{sink}
message_size_limit = 200000
smtputf8_enable = yes
smtp_tls_security_level = none
smtpd_tls_security_level = none
alias_maps = texthash:{folder}/etc/aliases
alias_database =
recipient_delimiter = +
transport_maps = texthash:{folder}/etc/transport
smtpd_authorized_xforward_hosts = 127.0.0.0/8
smtp_send_xforward_command = yes
lmtp_send_xforward_command = yes
"""

_MASTER = """\
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
lmtp unix - - n - - lmtp
local unix - n n - - local
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def find_postfix() -> str:
    """ "" where Postfix can be run here, else why not. Installs it on Debian."""
    if os.geteuid() != 0:
        return "Postfix needs root to start"
    if shutil.which("postfix") is None:
        _install()
    return "" if shutil.which("postfix") else "Postfix is not installed and could not be"


def _install() -> None:
    if shutil.which("apt-get") is None:
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    choice = "postfix postfix/main_mailer_type select No configuration\n"
    subprocess.run(["debconf-set-selections"], input=choice, text=True, check=False, capture_output=True)
    for command in (["update", "-qq"], ["install", "-y", "-qq", "postfix"]):
        subprocess.run(["apt-get", *command], env=environment, check=False, capture_output=True, timeout=100)


class Postfix:
    """`with Postfix(sink_port) as postfix:` listens at 127.0.0.1:`postfix.port`. Takes at most 200,000 bytes a mail.

    `transports` says where mail for a domain goes (`{"desk.test": "lmtp:unix:/path"}`), `aliases` what a name of
    relay.test stands for (`{"support": "|/path/command"}`, which is run as nobody); all else goes to the sink.
    """

    def __init__(
        self, sink_port: int, *, transports: dict[str, str] | None = None, aliases: dict[str, str] | None = None
    ) -> None:
        # Not a test folder: Postfix wants every folder on the way readable by its own user, and short socket paths.
        self._folder = Path(tempfile.mkdtemp(prefix="postfix-"))
        self._folder.chmod(0o755)
        self.port = _free_port()
        self._configure(sink_port)
        self._write_table("transport", transports or {})
        self._write_table("aliases", {name: f'"{goal}"' for name, goal in (aliases or {}).items()})

    def _write_table(self, name: str, rows: dict[str, str]) -> None:
        lines = "".join(f"{key} {value}\n" for key, value in rows.items())
        (self._folder / "etc" / name).write_text(lines, "ascii")

    def _configure(self, sink_port: int) -> None:
        configuration = self._folder / "etc"
        for name in ("etc", "queue", "data"):
            (self._folder / name).mkdir()
        shutil.chown(self._folder / "data", "postfix", "postfix")
        daemons = subprocess.run(
            ["postconf", "-dh", "daemon_directory"], check=True, capture_output=True, text=True
        ).stdout.strip()
        values = {"folder": self._folder, "daemons": daemons, "sink": sink_port, "port": self.port}
        (configuration / "main.cf").write_text(_MAIN.format(**values), "ascii")
        (configuration / "master.cf").write_text(_MASTER.format(**values), "ascii")

    def __enter__(self) -> Postfix:
        started = self._command("start")
        if started.returncode != 0:
            raise RuntimeError(f"Postfix did not start: {started.stderr}{self.log()}")
        deadline = time.monotonic() + 15
        while not _listens(self.port):
            if time.monotonic() > deadline:
                raise RuntimeError(f"Postfix does not listen: {self.log()}")
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._command("stop")
        except subprocess.TimeoutExpired:
            _kill(self._folder / "queue" / "pid" / "master.pid")
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def log(self) -> str:
        """The log of Postfix, for a test that fails."""
        file = self._folder / "postfix.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def wait_for(self, words: str, times: int = 1) -> None:
        """Wait until the log has these words so often."""
        deadline = time.monotonic() + 30
        while self.log().count(words) < times:
            if time.monotonic() > deadline:
                raise AssertionError(f"Postfix never said {words!r} {times} times: {self.log()}")
            time.sleep(0.02)  # it tells nobody when it writes

    def count_queue(self) -> int:
        """How many mails it keeps."""
        return self._queue("-j").stdout.count("\n")

    def flush(self) -> None:
        """Let it try again now whatever it keeps."""
        self._queue("-f")

    def _queue(self, word: str) -> subprocess.CompletedProcess[str]:
        command = ["postqueue", "-c", str(self._folder / "etc"), word]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)

    def _command(self, word: str) -> subprocess.CompletedProcess[str]:
        command = ["postfix", "-c", str(self._folder / "etc"), word]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)


def _kill(pid_file: Path) -> None:
    with contextlib.suppress(OSError, ValueError):
        os.kill(int(pid_file.read_text("ascii")), signal.SIGKILL)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def python_of_nobody() -> str:
    """A Python that nobody may run, with our packages: shell words, "" where there is none."""
    packages = os.pathsep.join([str(ROOT), sysconfig.get_paths()["purelib"]])
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for python in (sys.executable, shutil.which(version, path="/usr/bin:/usr/local/bin")):
        words = ["env", f"PYTHONPATH={packages}", "PYTHONDONTWRITEBYTECODE=1", str(python), "-m", "mailgate"]
        try:
            run = subprocess.run(
                [*words, "pipe", "--help"], user="nobody", group=pwd.getpwnam("nobody").pw_gid, extra_groups=[],
                cwd="/", check=False, capture_output=True,
            )  # fmt: skip
        except OSError:
            continue
        if run.returncode == 0:
            return shlex.join(words)
    return ""
