"""A private Dovecot for one test run: its own folder, free loopback ports, IMAP, IMAPS, LMTP and OAuth2.

It runs as `nobody` where the tests are root. Tokens are checked by a key of its own (HS256), so that no other server
is needed. `make packages` installs it where it is missing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from imapclient import IMAPClient

from tests.support.certificates import make_certificate

USER, PASSWORD = "support", "a password"

_ADDRESSES = """\
auth_username_format = %{user | username | lower}
recipient_delimiter = +
lmtp_save_to_detail_mailbox = no
"""
_CONFIG = """\
dovecot_config_version = 2.4.1
dovecot_storage_version = 2.4.1
base_dir = {folder}/run
state_dir = {folder}/state
instance_name = desk-{imap}
log_path = {folder}/dovecot.log
info_log_path = {folder}/dovecot.log
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
protocols = imap lmtp
listen = {listen}
mail_driver = maildir
mail_home = {folder}/mail/%{{user}}
mail_path = ~/Maildir
mail_uid = {user}
mail_gid = {group}
first_valid_uid = 1
ssl = yes
ssl_server_cert_file = {folder}/cert.pem
ssl_server_key_file = {folder}/key.pem
auth_allow_cleartext = yes
auth_mechanisms = {mechanisms}
{addresses}auth_failure_delay = 0
mail_max_userip_connections = 100
passdb passwd-file {{
  passwd_file_path = {folder}/users
}}
userdb passwd-file {{
  passwd_file_path = {folder}/users
}}
oauth2 {{
  introspection_mode = local
  username_attribute = sub
  oauth2_local_validation {{
    dict fs {{
      fs posix {{
        prefix = {folder}/keys/
      }}
    }}
  }}
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
protocol imap {{
  imap_capability {{
{capability}  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  inet_listener lmtp {{
    listen = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


class Dovecot:
    """`with Dovecot() as server:` runs one; every user's password is PASSWORD until `set_password`.

    It listens on the loopback, and at `also` if that is given.

    `without` names capabilities that it hides, such as "IDLE" or "MOVE"; with `addresses` it takes mail for
    support+anything@any.domain for the user support.
    """

    def __init__(
        self,
        *,
        without: tuple[str, ...] = (),
        mechanisms: str = "plain login oauthbearer xoauth2",
        addresses: bool = False,
        also: str = "",
    ) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        self._user, self._group = ("nobody", "nogroup") if os.geteuid() == 0 else _whoami()
        self.imap, self.imaps, self.lmtp = _free_ports(3)
        self.certificate = self.folder / "cert.pem"
        self._changes = 0
        self._key = secrets.token_bytes(32)
        self._process: subprocess.Popen[bytes] | None = None
        self._listen = f"127.0.0.1 {also}".strip()
        self._write(without, mechanisms, _ADDRESSES if addresses else "")

    def _write(self, without: tuple[str, ...], mechanisms: str, addresses: str) -> None:
        for name in ("run", "state", "mail", "keys/default/HS256"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "keys/default/HS256/default").write_bytes(base64.b64encode(self._key))
        make_certificate(self.certificate, self.folder / "key.pem")
        self.set_password(PASSWORD)
        values = {
            "folder": self.folder, "user": self._user, "group": self._group, "imap": self.imap, "imaps": self.imaps,
            "lmtp": self.lmtp, "capability": "".join(f"    {name} = no\n" for name in without),
            "mechanisms": mechanisms, "addresses": addresses, "listen": self._listen,
        }  # fmt: skip
        (self.folder / "dovecot.conf").write_text(_CONFIG.format(**values))
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", f"{self._user}:{self._group}", self.folder], check=True)

    def __enter__(self) -> Dovecot:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = ["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={self._user}", f"--regid={self._group}", "--clear-groups", *command]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        deadline = time.monotonic() + 20
        while not _listens(self.imap) or not _listens(self.lmtp):
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Dovecot did not start: {self.log()}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End it with every connection."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(20)
            if self._process.stderr is not None:
                self._process.stderr.close()
            self._process = None

    def log(self) -> str:
        """The log of the server, for a test that fails."""
        file = self.folder / "dovecot.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def set_password(self, password: str, *names: str) -> None:
        """The password of these users, or of every user that a test may name."""
        names = names or (USER, *(f"user{number}" for number in range(500)))
        users = self.folder / "users"
        users.write_text("".join(f"{name}:{{PLAIN}}{password}::::::\n" for name in names))
        self._changes += 1  # the file is read again only where its time differs by a second
        os.utime(users, (time.time() + self._changes, time.time() + self._changes))

    def token(self, user: str = USER, seconds: int = 600) -> str:
        """An access token of that life."""
        now = int(time.time())
        claims = json.dumps({"sub": user, "iat": now - 5, "exp": now + seconds}).encode()
        body = _unsigned(claims)
        signature = hmac.new(self._key, body.encode(), hashlib.sha256).digest()
        return f"{body}.{_base64(signature)}"

    def deliver(self, raw: bytes, user: str = USER, sender: str = "anna@example.org") -> None:
        """A mail comes in, as from an MTA."""
        with smtplib.LMTP("127.0.0.1", self.lmtp, timeout=20) as lmtp:
            lmtp.sendmail(sender, [user], raw)

    @contextmanager
    def client(self, user: str = USER) -> Iterator[IMAPClient]:
        """A person's mail client, logged in."""
        client = IMAPClient("127.0.0.1", self.imap, ssl=False, timeout=20)
        client.login(user, PASSWORD)
        try:
            yield client
        finally:
            client.logout()

    def maildir(self, user: str = USER) -> Path:
        """Where that user's mail lies."""
        return self.folder / "mail" / user / "Maildir"

    def renumber(self, user: str = USER) -> None:
        """Give the inbox another UIDVALIDITY, and its mails other UIDs. Nobody may be connected."""
        listed = self.maildir(user) / "dovecot-uidlist"
        fields = listed.read_text().split()
        validity = next(int(field[1:]) for field in fields if field.startswith("V"))
        for file in self.maildir(user).glob("dovecot*"):
            file.unlink()
        listed.write_text(f"3 V{validity + 1000} N100 G{secrets.token_hex(16)}\n")
        if os.geteuid() == 0:
            shutil.chown(listed, self._user, self._group)


def _unsigned(claims: bytes) -> str:
    head = b'{"alg":"HS256","typ":"JWT"}'
    return f"{_base64(head)}.{_base64(claims)}"


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode("ascii")


def _whoami() -> tuple[str, str]:
    import grp
    import pwd

    return pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name


def _free_ports(count: int) -> list[int]:
    taken = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in taken]
    for one in taken:
        one.close()
    return ports


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
