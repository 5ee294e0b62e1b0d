"""A private Exim for one mail at a time: its own folder and configuration, nothing that listens.

It takes the routers and transports of a recipe as they stand. Needs root, Debian's `exim4-daemon-light`, and the user
that the package makes; it is not installed here, because it takes the place of Postfix.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

_USER = "Debian-exim"

_CONFIG = """\
primary_hostname = relay.test
domainlist local_domains = example.com
spool_directory = {folder}/spool
log_file_path = {folder}/log/%slog
exim_path = {exim}
keep_environment =
never_users =
begin routers
{router}
begin transports
{transport}
begin retry
* * F,1h,1s
"""


def find_exim() -> str:
    """ "" where Exim can be run here, else why not."""
    if os.geteuid() != 0:
        return "Exim needs root to deliver as another user"
    if shutil.which("exim4", path=_PATH) is None:
        return "Exim is not installed: it would take the place of Postfix"
    try:
        pwd.getpwnam(_USER)
    except KeyError:
        return f"there is no user {_USER}"
    return ""


_PATH = f"{os.environ.get('PATH', os.defpath)}:/usr/sbin"


class Exim:
    """`with Exim(router, transport) as exim:`, both as the sections of a configuration have them."""

    def __init__(self, router: str, transport: str) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="exim-"))
        self._folder.chmod(0o755)
        for name in ("spool", "log"):
            (self._folder / name).mkdir()
            shutil.chown(self._folder / name, _USER)
        self._exim = shutil.which("exim4", path=_PATH) or "exim4"
        self._config = self._folder / "exim.conf"
        values = {"folder": self._folder, "exim": self._exim, "router": router, "transport": transport}
        self._config.write_text(_CONFIG.format(**values), "ascii")

    def __enter__(self) -> Exim:
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Take a mail and try at once to deliver it."""
        # In two steps: between them Exim gives up its rights, since the configuration is not its own.
        self._run("-odq", "-oi", "-f", sender or "<>", recipient, content=mail)
        self.flush()

    def route(self, recipient: str) -> str:
        """Exim's plan for a recipient."""
        return self._run("-bt", recipient)

    def flush(self) -> None:
        """Try now to deliver whatever waits."""
        self._run("-qff")

    def log(self) -> str:
        """The log of its deliveries."""
        file = self._folder / "log" / "mainlog"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def _run(self, *words: str, content: bytes = b"") -> str:
        command = [self._exim, "-C", str(self._config), *words]
        run = subprocess.run(command, input=content, check=False, capture_output=True, timeout=30)
        return (run.stdout + run.stderr).decode("utf-8", "replace")
