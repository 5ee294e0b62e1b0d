"""A Debian of its own with a real systemd, for tests of the unit: `with Machine() as machine:`.

`build_root` makes a Debian root by debootstrap once, from the package mirror that apt uses here, and keeps it in
`folder_of_roots`. `Machine` boots a copy of it in its own namespaces (pid, mount, network, host name, IPC, cgroup): it
sees no network but its own loopback, and no process of it outlives its first one. It needs root, debootstrap and a
mounted cgroup 2; `find_machine` says what is missing.

What a private systemd cannot do here: `MemoryMax=` (the controllers belong to the machine outside).
"""

from __future__ import annotations

import email
import fcntl
import hashlib
import mailbox
import os
import re
import shutil
import subprocess
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from tests.support.flowed import read_text
from tests.support.paths import ROOT

# The names of packages: what README.md installs, the servers around the desk, and what the scenes need.
PACKAGES = (
    "adduser", "ca-certificates", "dbus", "dovecot-core", "dovecot-imapd", "faketime", "iproute2", "openssl", "pipx",
    "postfix", "procps", "python3-venv", "sqlite3", "systemd", "systemd-sysv", "util-linux",
)  # fmt: skip
HOST_NAME = "mx.example.com"
_MACHINES, _PREFIX = Path("/var/tmp"), "mailgate-machine-"
_UNUSED = 14 * 86_400  # seconds after which a root that no test has taken is removed
_WHEELS = "var/cache/wheels"
_PROJECT = (
    "mailgate", "packaging", "systemd", "docs", "README.md", "LICENSE", "config.example.toml", "pyproject.toml",
    "requirements.lock",
)  # fmt: skip
_ENVIRONMENT = (
    "HOME=/root", "USER=root", "LOGNAME=root", "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive", "PAGER=cat",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PIP_NO_INDEX=1", f"PIP_FIND_LINKS=/{_WHEELS}",
)  # fmt: skip

# In the new pid namespace: enter the cgroup, take mount and cgroup namespaces, make what a container manager makes, and
# become the init of the root ($1 root, $2 cgroup, $3 host name). systemd's own rules for such a place:
# https://systemd.io/CONTAINER_INTERFACE. Mounts are shared since units get their credentials by one.
_BOOT = """
set -e
echo 0 > "$2/cgroup.procs"
exec unshare --mount --cgroup --propagation private sh -ec '
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do touch dev/$name; mount --bind /dev/$name dev/$name; done
mkdir dev/pts dev/shm .old
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs tmpfs dev/shm
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
hostname "$3"
ip link set lo up
pivot_root . .old
umount -l .old
mount --make-rshared /
exec env -i container=mailgate-tests PATH=/usr/sbin:/usr/bin /sbin/init
' sh "$1" "$2" "$3"
"""


def find_machine() -> str:
    """ "" where a machine can be made here, else why not. `make machine` installs what is missing."""
    if os.geteuid() != 0:
        return "a systemd of its own needs root"
    missing = [name for name in ("debootstrap", "unshare", "nsenter", "setpriv", "ip") if shutil.which(name) is None]
    if missing:
        return f"{missing[0]} is not installed: make machine"
    return "" if _find_cgroups() else "no cgroup 2 is mounted here"


def folder_of_roots() -> Path:
    """The folder that keeps built roots, outside the checkout."""
    home = os.environ.get("XDG_CACHE_HOME")
    return Path(home) / "mailgate-tests" if home else Path("/var/tmp/mailgate-tests")


def build_root() -> Path:
    """Returns a Debian root that nothing runs in, building it where the recipe (packages, locks) has changed.

    It takes one to three minutes, once. Raises `CalledProcessError` where a package cannot be had.
    """
    folder_of_roots().mkdir(parents=True, exist_ok=True)
    with (folder_of_roots() / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of several test processes one builds
        return _build_root()


def _build_root() -> Path:
    site, suite = _find_mirror()
    lock, project = (ROOT / "requirements.lock").read_text("utf-8"), (ROOT / "pyproject.toml").read_text("utf-8")
    recipe = hashlib.sha256(repr((PACKAGES, site, suite, lock, project)).encode()).hexdigest()[:16]
    root = folder_of_roots() / f"root-{recipe}"
    if root.exists():
        os.utime(root)
        return root
    building = Path(tempfile.mkdtemp(prefix="building-", dir=folder_of_roots()))
    for old in (*folder_of_roots().glob("root-*"), *folder_of_roots().glob("building-*")):
        if building.stat().st_mtime - old.stat().st_mtime > _UNUSED:  # other checkouts may have recipes of their own
            shutil.rmtree(old, ignore_errors=True)
    building.chmod(0o755)
    words = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, str(building), site]
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, timeout=900)
    _fetch_wheels(building)
    building.rename(root)
    return root


def _find_mirror() -> tuple[str, str]:
    """Address and suite of the Debian archive that apt uses on this machine."""
    words = ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)", "Created-By: Packages"]
    listed = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    for line in listed.splitlines():
        site, suite, component = line.rsplit(" ", 2)
        if site.startswith("http") and component == "main" and re.fullmatch("[a-z]+", suite):
            return site, suite
    raise RuntimeError("apt knows no Debian archive on this machine")


def _fetch_wheels(root: Path) -> None:
    """Puts what pip will want of the index into the root, since a machine has no network."""
    _copy_project(root / "root" / "mailgate")
    certificates = Path(os.environ.get("PIP_CERT", "/etc/ssl/certs/ca-certificates.crt"))
    for source in (Path("/etc/resolv.conf"), Path("/etc/hosts"), certificates):
        if source.exists():
            target = root / source.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            shutil.copyfile(source, target)
    script = (
        f"python3 -m venv /tmp/pip && cd /root/mailgate && "
        f"/tmp/pip/bin/pip wheel -q --no-cache-dir -c requirements.lock -w /{_WHEELS} . hatchling pip && rm -r /tmp/pip"
    )
    subprocess.run(["chroot", str(root), "sh", "-ec", script], check=True, timeout=600)


def _copy_project(target: Path) -> None:
    for name in _PROJECT:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / name, target / name, dirs_exist_ok=True, ignore=ignored)
        else:
            shutil.copy(ROOT / name, target / name)


def _find_cgroups() -> Path | None:
    """The folder where cgroup 2 is mounted; None where it is not."""
    for line in Path("/proc/self/mounts").read_text("utf-8").splitlines():
        _, folder, kind, *_ = line.split()
        if kind == "cgroup2":
            return Path(folder)
    return None


def _remove_left(cgroups: Path) -> None:
    """Removes what machines of ended test processes left: no process, since these end with it, but files and groups."""
    for left in (*cgroups.glob(f"{_PREFIX}*"), *_MACHINES.glob(f"{_PREFIX}*")):
        pid = left.name.removeprefix(_PREFIX).partition("-")[0]
        if not Path("/proc", pid).exists():
            _remove_cgroup(cgroups / left.name)
            shutil.rmtree(_MACHINES / left.name, ignore_errors=True)


def _remove_cgroup(group: Path) -> None:
    """Removes a group with all below it, once their killed processes have left."""
    deadline = time.monotonic() + 20
    for folder, _, _ in os.walk(group, topdown=False):
        while Path(folder).exists():
            try:
                Path(folder).rmdir()
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)  # the kernel tells nobody


def readme_block(words: str) -> str:
    """The one block of README.md's *Setting it up on Debian* with these whole words, else a `LookupError`."""
    text = (ROOT / "README.md").read_text("utf-8").split("## Setting it up on Debian", 1)[1]
    blocks = [textwrap.dedent(found[1]) for found in re.finditer(r"^ *```\w*\n(.*?)^ *```$", text, re.M | re.S)]
    found = [block for block in blocks if re.search(rf"{re.escape(words)}(?![\w-])", block)]
    if len(found) != 1:
        raise LookupError(f"{len(found)} blocks of README.md have {words!r}")
    return found[0]


class Machine:
    """A booted copy of the root. `run` and `shell` start commands in it, `folder` is its root folder, seen from here.

    /run, /dev and what is mounted later are seen by commands only. Its users' mail is in /var/mail, in mbox files.
    """

    def __init__(self) -> None:
        cgroups = _find_cgroups()
        assert cgroups is not None, find_machine()
        _remove_left(cgroups)
        self.folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=_MACHINES))
        self.folder.chmod(0o755)
        self._cgroup = cgroups / self.folder.name
        self._process: subprocess.Popen[bytes] | None = None
        self._init = 0

    def __enter__(self) -> Machine:
        try:
            subprocess.run(["cp", "-a", "--reflink=auto", f"{build_root()}/.", str(self.folder)], check=True)
            _copy_project(self.folder / "root" / "mailgate")
            (self.folder / "etc/hostname").write_text(f"{HOST_NAME}\n")
            (self.folder / "etc/hosts").write_text(f"127.0.0.1 localhost {HOST_NAME}\n")
            (self.folder / "etc/resolv.conf").write_text("")
            for unit in ("systemd-modules-load.service", "apt-daily.timer", "apt-daily-upgrade.timer"):
                (self.folder / "etc/systemd/system" / unit).symlink_to("/dev/null")
            self._boot()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _boot(self) -> None:
        self._cgroup.mkdir()
        words = ["unshare", "--pid", "--net", "--uts", "--ipc", "--fork", "--kill-child", "sh", "-c", _BOOT, "sh"]
        # The machine dies with its parent, however that ends: setpriv sees to unshare, unshare to init, init to all.
        words = ["setpriv", "--pdeathsig", "KILL", *words, str(self.folder), str(self._cgroup), HOST_NAME]
        log = (self.folder / "var/log/boot").open("wb")
        with log:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        self.wait_for(lambda: bool(children.read_text().strip()), 10, "it has no first process")
        self._init = int(children.read_text().split()[0])
        state = ["systemctl", "is-system-running"]
        self.wait_for(lambda: self.run(state, check=False).stdout.strip() in ("running", "degraded"), 90, "no boot")

    def close(self) -> None:
        """Kills every process of the machine and removes its files."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
        _remove_cgroup(self._cgroup)
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- commands ------------------------------------------------------------------------------------------------------

    def run(
        self, words: list[str], *, folder: str = "/", check: bool = True, stdin: str = "", seconds: float = 90
    ) -> subprocess.CompletedProcess[str]:
        """Runs a command as the machine's root. Raises `AssertionError` with its output where it fails."""
        inside = ["nsenter", "-t", str(self._init), "-p", "-m", "-n", "-u", "-i", "-C", "-r", "-w"]
        inside += ["env", "-i", "-C", folder, *_ENVIRONMENT, *words]
        done = subprocess.run(inside, input=stdin, capture_output=True, text=True, check=False, timeout=seconds)
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def shell(self, script: str, *, seconds: float = 300) -> str:
        """Runs lines of a shell as they stand in the docs, in the project's folder; the first that fails ends them."""
        script = "\n".join(line.removeprefix("$ ") for line in script.splitlines())
        return self.run(["bash", "-ec", f"cd /root/mailgate\n{script}"], seconds=seconds).stdout

    def mailgate(self, *words: str, folder: str = "/", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Runs a command of the desk as its user, in that folder."""
        return self.run(["runuser", "-u", "mailgate", "--", "mailgate", *words], folder=folder, check=check)

    # -- units ---------------------------------------------------------------------------------------------------------

    def systemctl(self, *words: str, check: bool = True) -> str:
        return self.run(["systemctl", *words], check=check).stdout

    def unit_property(self, name: str, unit: str = "mailgate") -> str:
        """A property of a unit, such as ActiveState, MainPID or NRestarts."""
        return self.systemctl("show", "--value", "-p", name, unit).strip()

    def wait_unit(self, state: str, unit: str = "mailgate", seconds: float = 90) -> None:
        """Waits until the unit's ActiveState is this one."""
        self.wait_for(lambda: self.unit_property("ActiveState", unit) == state, seconds, f"{unit} is not {state}")

    def drop_in(self, name: str, text: str, unit: str = "mailgate") -> Path:
        """Writes a drop-in for a unit and returns its path. It counts from the unit's next start."""
        path = self.folder / f"etc/systemd/system/{unit}.service.d/{name}.conf"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        self.systemctl("daemon-reload")
        return path

    def journal(self, unit: str = "mailgate", *words: str) -> str:
        """Returns the lines that the unit has logged, without times and names."""
        return self.run(["journalctl", "-u", unit, "-o", "cat", "--no-pager", *words]).stdout

    def now(self) -> str:
        """A cursor of the journal: `journal("mailgate", "--after-cursor", cursor)` gives what was logged since."""
        return self.run(["journalctl", "-n", "0", "--show-cursor"]).stdout.rpartition("-- cursor: ")[2].strip()

    def wait_for(self, met: Callable[[], bool], seconds: float, words: str) -> None:
        """Waits until a condition is met; raises `AssertionError` with the words and the end of the desk's log."""
        deadline = time.monotonic() + seconds
        while not met():
            if time.monotonic() > deadline:
                log = self.journal()[-6000:] if self._init else (self.folder / "var/log/boot").read_text("utf-8")
                raise AssertionError(f"{words}, after {seconds} seconds\n{log}")
            time.sleep(0.3)  # nobody tells when it is met, and many a condition is a command

    def wait_log(self, words: str, *, after: str = "", unit: str = "mailgate", seconds: float = 90) -> None:
        """Waits until the unit's log has these words, since a cursor of `now`."""
        since = ("--after-cursor", after) if after else ()
        self.wait_for(lambda: words in self.journal(unit, *since), seconds, f"{unit} did not log {words!r}")

    # -- mail ----------------------------------------------------------------------------------------------------------

    def add_users(self, names: Iterable[str]) -> None:
        """Adds people with a mailbox; a user's password is their name."""
        for name in names:
            self.run(["useradd", "-m", "-N", "-G", "mail", name])
            self.run(["chpasswd"], stdin=f"{name}:{name}\n")

    def send(self, mail: EmailMessage, *, seconds: float = 60) -> None:
        """Hands a mail to the machine's Postfix with the sender and the recipients of its header."""
        self.run(["sendmail", "-t", "-i", "-f", mail["From"].addresses[0].addr_spec], stdin=str(mail), seconds=seconds)

    def mails(self, user: str) -> list[EmailMessage]:
        """The mails in a user's mailbox, the oldest first."""
        path = self.folder / "var/mail" / user
        if not path.exists():
            return []
        box = mailbox.mbox(path, create=False)
        try:
            return [email.message_from_bytes(box.get_bytes(key), policy=default) for key in box.iterkeys()]
        finally:
            box.close()

    def wait_mail(self, user: str, words: str, *, seconds: float = 90) -> EmailMessage:
        """Waits for a mail to this user that has these words in subject, text or In-Reply-To; the newest such."""
        found: list[EmailMessage] = []

        def is_there() -> bool:
            said = [(mail, f"{mail['Subject']}\n{mail['In-Reply-To']}\n{text_of(mail)}") for mail in self.mails(user)]
            found[:] = [mail for mail, text in said if words in " ".join(text.split())]
            return bool(found)

        self.wait_for(is_there, seconds, f"no mail to {user} has {words!r}")
        return found[-1]


def text_of(mail: EmailMessage) -> str:
    """The plain text of a mail, "" where it has none."""
    body = mail.get_body(("plain",))
    return read_text(body) if isinstance(body, EmailMessage) else ""
