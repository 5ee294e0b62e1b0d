"""`mailgate init` with real servers, and as root, on a /etc and a /var/lib of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from mailgate.__main__ import main
from mailgate.core.clock import SystemClock
from tests.support.dovecot import PASSWORD, Dovecot
from tests.support.paths import ROOT
from tests.support.postgres import Cluster
from tests.support.relay import SmtpSink

pytestmark = [pytest.mark.system, pytest.mark.machine_clock]

DESK = ("--address", "support@acme.test", "--level1", "level1@acme.test", "--level2", "level2@acme.test")
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run `init` for a new folder, with a relay that works: (status, stdout, stderr)."""

    def run(*words: str) -> tuple[int, str, str]:
        with SmtpSink() as relay:
            folder = str(tmp_path / f"desk{len(list(tmp_path.iterdir()))}")
            status = main(["init", folder, "--yes", *DESK, "--relay", f"127.0.0.1:{relay.port}", *words], SystemClock())
        return status, *capsys.readouterr()

    return run


def test_the_login_to_a_mailbox_is_tried(call: Call, dovecot: Dovecot, user: str, tmp_path: Path) -> None:
    (tmp_path / "right").write_text(f"{PASSWORD}\n")
    (tmp_path / "wrong").write_text("wrong\n")
    imap = ("--intake", "imap", "--imap", f"127.0.0.1:{dovecot.imap}", "--imap-tls", "none", "--imap-user", user)
    status, _, said = call(*imap, "--imap-password-file", str(tmp_path / "right"))
    assert (status, said) == (0, "")
    status, _, said = call(*imap, "--imap-password-file", str(tmp_path / "wrong"))
    assert status == 0
    assert said.startswith(f"mailgate: warning: {user}@127.0.0.1:{dovecot.imap} INBOX: ")
    assert "wrong" not in said
    implicit = ("--intake", "imap", "--imap", f"127.0.0.1:{dovecot.imaps}", "--imap-user", user)
    assert "certificate verify failed" in call(*implicit, "--imap-password-file", str(tmp_path / "right"))[2]


def test_postgresql_is_tried(call: Call, cluster: Cluster) -> None:
    url = cluster.lend()
    status, told, said = call("--intake", "pipe", "--database", url)
    assert (status, said) == (0, "")
    assert "FAILED" not in told
    status, _, said = call("--intake", "pipe", "--database", cluster.url("nowhere"))
    assert (status, 'database "nowhere" does not exist' in said) == (0, True)
    cluster.take_back(url)


# In a mount namespace of its own: what is written to /etc, /var/lib and /run is gone with it.
_NAMESPACE = """
set -e
mount -t tmpfs tmpfs "$1"
cp -a /etc "$1/etc"
mount --bind "$1/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p /run/systemd/system
rm -rf /etc/mailgate /etc/systemd/system/mailgate*
cd /
umask 000
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root sets up a machine")
def test_root_sets_up_the_machine(tmp_path: Path) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")

    def run(script: str) -> list[str]:
        init = f"{sys.executable} -m mailgate init --yes --no-connect {' '.join(DESK)}"
        lines = _NAMESPACE + f'init() {{ {init} "$@" || test $? -eq 1; }}\n' + script
        words = ["unshare", "--mount", "--propagation", "private", "sh", "-c", lines, "sh", str(tmp_path)]
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False, timeout=100)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.partition("== then\n")[2].splitlines()

    show = "stat -c '%a %U:%G %n' /etc/mailgate /etc/mailgate/* /var/lib/mailgate /etc/systemd/system/mailgate.service"
    found = run(
        f"init --intake maildir --maildir '/srv/mail dir'\necho == then\n{show}\n"
        "grep ^ExecStart /etc/systemd/system/mailgate.service\n"
        "cat /etc/systemd/system/mailgate.service.d/init.conf\ngetent passwd mailgate | cut -d: -f1,6\n"
        "grep ^database /etc/mailgate/mailgate.toml"
    )
    assert found[:5] == [
        "755 root:root /etc/mailgate",
        "640 root:mailgate /etc/mailgate/mailgate.toml",
        "640 root:mailgate /etc/mailgate/secret",
        "700 mailgate:mailgate /var/lib/mailgate",
        "644 root:root /etc/systemd/system/mailgate.service",
    ]
    beside = Path(sys.executable).with_name("mailgate")
    program = str(beside) if beside.exists() else f"{sys.executable} -m mailgate"
    assert found[5] == f"ExecStart={program} serve --config /etc/mailgate/mailgate.toml"
    assert found[6:10] == [
        "# Written by `mailgate init`.",
        "[Service]",
        "# The Maildir that the desk reads.",
        'ReadWritePaths="-/srv/mail dir"',
    ]
    assert found[10:] == ["mailgate:/var/lib/mailgate", 'database = "sqlite:////var/lib/mailgate/mailgate.db"']

    unit = "/etc/systemd/system/mailgate.service"
    kept = run(f"echo mine > {unit}\ninit --intake smtp\necho == then\ncat {unit}")
    assert kept == ["mine"]
    replaced = run(
        f"echo mine > {unit}\ninit --intake smtp --force\necho == then\ncat {unit}.* && grep ^ExecStart {unit}"
    )
    assert replaced == ["mine", found[5]]
