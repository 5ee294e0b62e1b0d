"""The Debian package: judged by lintian, and installed, upgraded, removed and purged on a Debian of its own.

Its desk runs under a real systemd, with the machine's Postfix as way in and relay.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import subprocess
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.paths import ROOT
from tests.support.systemd_root import Machine, build_root, find_machine, readme_block
from tests.system.test_container import read_variables

BUILD = ROOT / "packaging" / "build_deb.sh"
EARLIER, LATER = "0.0.1", "99.0"
CAMILLE, DESK = "camille@client.test", "support@example.com"
CONFIG, DATABASE = "/etc/mailgate/mailgate.toml", "/var/lib/mailgate/mailgate.db"
INIT = (
    "mailgate init --yes --address support@example.com --intake smtp --level1 level1@example.com "
    "--level1-agents alice@example.com --level2 level2@example.com --level2-agents carol@example.com "
    "--operator operator@example.com --only-to @example.com,@client.test"
)
# The database as a mailgate made it whose tables ended at that migration.
OLD_DATABASE = """
import sys
from alembic.script import ScriptDirectory
from mailgate.store.database import Database
from mailgate.store.migrations import migrate
steps = ScriptDirectory._upgrade_revs
ScriptDirectory._upgrade_revs = lambda scripts, _, seen: steps(scripts, "0005", seen)
database = Database("sqlite:///" + sys.argv[1])
with database.write() as connection:
    migrate(connection)
"""

pytestmark = [pytest.mark.long, pytest.mark.timeout(1200)]  # the first one may build the root


def _find_tools() -> str:
    """ "" where a package can be built and examined here, else why not."""
    missing = [name for name in ("dh", "dpkg-buildpackage", "lintian", "git") if shutil.which(name) is None]
    return f"{missing[0]} is not installed: make machine" if missing else ""


def build(folder: Path, version: str) -> Path:
    """Builds the package of this checkout in that version."""
    words = [str(BUILD), version, str(folder)]
    environment = {**os.environ, "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"}
    built = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600, env=environment)
    assert built.returncode == 0, built.stderr
    return Path(built.stdout.strip())


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A package of each version."""
    if reason := _find_tools():
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("packages")
    return {version: build(folder, version) for version in (EARLIER, LATER)}


@pytest.fixture
def machine() -> Iterator[Machine]:
    """A bare Debian with a Postfix that has people, but knows no desk."""
    if reason := find_machine():
        pytest.skip(reason)
    with Machine() as made:
        made.add_users(("operator", "level1", "level2", "alice", "carol", "camille"))
        made.run(["postconf", "-e", "myhostname = mx.example.com"])
        made.run(["postconf", "-e", "mydestination = example.com client.test mx.example.com localhost"])
        made.run(["newaliases"])
        yield made


def test_lintian_finds_nothing(packages: dict[str, Path]) -> None:
    words = ["lintian", "--no-cfg", "--allow-root", "--fail-on", "error,warning", str(packages[LATER])]
    judged = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert (judged.returncode, judged.stdout) == (0, "")


def test_the_same_commit_gives_the_same_package(packages: dict[str, Path], tmp_path: Path) -> None:
    assert build(tmp_path, LATER).read_bytes() == packages[LATER].read_bytes()


def _install(machine: Machine, package: Path) -> str:
    """Installs a package as README.md says, and returns what apt printed."""
    for old in (machine.folder / "root/mailgate").glob("*.deb"):
        old.unlink()
    shutil.copy(package, machine.folder / "root/mailgate")
    return machine.shell(readme_block("apt install ./mailgate_*.deb").replace("apt install", "apt install -y"))


def _connect_postfix(machine: Machine) -> None:
    with (machine.folder / "etc/postfix/main.cf").open("a") as file:
        file.write(readme_block("recipient_delimiter = +"))
    (machine.folder / "etc/postfix/transport").write_text(readme_block("smtp:[127.0.0.1]:8025"))
    machine.run(["sh", "-c", "postmap /etc/postfix/transport && systemctl restart postfix"])


def _write(machine: Machine, subject: str, text: str = "It does not print.") -> None:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = CAMILLE, DESK, subject
    mail["Message-ID"] = f"<{len(subject)}.{subject.replace(' ', '-')}@client.test>"
    mail.set_content(text)
    machine.send(mail)


def _tickets(machine: Machine) -> list[str]:
    return re.findall(r"\bSUP-\d+\b", machine.mailgate("tickets").stdout)


def _mode(machine: Machine, path: str) -> str:
    return machine.run(["stat", "-c", "%a %U:%G", path]).stdout.strip()


def test_from_a_bare_debian_to_a_ticket_and_back(machine: Machine, packages: dict[str, Path]) -> None:
    # Three commands, and a ticket.
    said = _install(machine, packages[EARLIER])
    assert "mailgate: write a configuration: mailgate init" in said
    assert machine.run(["mailgate", "--version"]).stdout.startswith("mailgate ")
    assert (_mode(machine, "/etc/mailgate"), _mode(machine, "/var/lib/mailgate")) == (
        "750 root:mailgate",
        "700 mailgate:mailgate",
    )
    assert machine.unit_property("UnitFileState") == "disabled"
    assert machine.unit_property("ActiveState") == "inactive"
    assert not list((machine.folder / "etc/systemd/system").glob("mailgate*"))
    machine.shell(INIT)
    assert not list((machine.folder / "etc/systemd/system").glob("mailgate*")), "the package brought the unit"
    _connect_postfix(machine)
    machine.shell(readme_block("systemctl enable --now mailgate\n"))
    machine.wait_unit("active")
    assert "FAILED" not in machine.run(["mailgate", "check", "--connect"]).stdout
    _write(machine, "Printer")
    machine.wait_mail("level1", "Printer")
    assert _tickets(machine) == ["SUP-1"]
    machine.shell(readme_block("systemctl enable --now mailgate-backup.timer"))
    machine.systemctl("start", "mailgate-backup")
    [saved] = (machine.folder / "var/backups/mailgate").iterdir()
    assert saved.name.startswith("mailgate-")

    # An upgrade restarts what ran, and the ticket goes on.
    before = machine.unit_property("MainPID")
    machine.shell("touch -d 2001-01-01 /usr/lib/systemd/system/mailgate.service; systemctl daemon-reload")
    said = _install(machine, packages[LATER])
    assert "The database is up to date" in said
    machine.wait_unit("active")
    assert machine.unit_property("MainPID") != before
    assert machine.unit_property("NeedDaemonReload") == "no", "systemd has the unit of the new version"
    assert machine.unit_property("ActiveState", "mailgate-backup.timer") == "active"
    assert LATER in machine.run(["dpkg-query", "-W", "mailgate"]).stdout
    machine.wait_mail("camille", "SUP-1")
    _write(machine, "Re: Printer [SUP-1]", "It still does not print.")
    machine.wait_mail("level1", "It still does not print.")
    assert _tickets(machine) == ["SUP-1"]

    # What was stopped stays stopped.
    machine.systemctl("stop", "mailgate")
    machine.shell("dpkg -i ./mailgate_*.deb")
    assert machine.unit_property("ActiveState") == "inactive"
    machine.systemctl("start", "mailgate")

    # Removing keeps the configuration and the data, and a new installation goes on with them.
    machine.shell("apt-get remove -y mailgate")
    assert machine.unit_property("LoadState") == "not-found"
    assert "mailgate" not in machine.systemctl("--failed", "--all")
    assert not (machine.folder / "usr/lib/mailgate").exists()
    assert (machine.folder / CONFIG[1:]).exists()
    assert (machine.folder / DATABASE[1:]).exists()
    _install(machine, packages[LATER])
    machine.systemctl("start", "mailgate")
    machine.wait_unit("active")
    assert _tickets(machine) == ["SUP-1"]

    # Purging keeps email and tickets, with the configuration, in one folder that only root can delete.
    said = machine.shell("apt-get purge -y mailgate")
    assert "rm -r /var/lib/mailgate" in said
    assert "still in /var/backups/mailgate" in said
    assert saved.exists()
    assert not (machine.folder / "etc/mailgate").exists()
    assert (machine.folder / DATABASE[1:]).exists()
    assert _mode(machine, "/var/lib/mailgate/etc-mailgate") == "700 root:root"
    assert (machine.folder / "var/lib/mailgate/etc-mailgate/secret").exists()
    assert not list((machine.folder / "etc/systemd/system").rglob("mailgate*"))
    machine.shell(re.findall(r"To delete all of it: (.*)", said)[0])
    assert not (machine.folder / "var/lib/mailgate").exists()
    assert "mailgate" not in (machine.folder / "etc/passwd").read_text()


def test_an_older_database_is_saved_and_upgraded(machine: Machine, packages: dict[str, Path]) -> None:
    _install(machine, packages[EARLIER])
    machine.shell(INIT)
    machine.run(["runuser", "-u", "mailgate", "--", "/usr/lib/mailgate/bin/python3", "-c", OLD_DATABASE, DATABASE])
    _connect_postfix(machine)
    # It waits for this database, and is to be started again all the same.
    machine.systemctl("start", "--no-block", "mailgate")
    machine.wait_log("run `mailgate upgrade`")
    said = _install(machine, packages[LATER])
    assert "Upgraded the database from version 0005" in said
    [copy] = (machine.folder / "var/lib/mailgate").glob(f"mailgate-{EARLIER}-1-*.tar.gz")
    assert f"delete /var/lib/mailgate/{copy.name} when" in said
    machine.wait_unit("active")
    _write(machine, "Printer")
    machine.wait_mail("level1", "Printer")


def test_purging_an_unused_desk_leaves_nothing(machine: Machine, packages: dict[str, Path]) -> None:
    _install(machine, packages[LATER])
    machine.shell(INIT)
    machine.shell("apt-get purge -y mailgate")
    for folder in ("etc/mailgate", "var/lib/mailgate", "usr/lib/mailgate", "usr/share/doc/mailgate"):
        assert not (machine.folder / folder).exists(), folder


def test_a_wrong_configuration_does_not_stop_the_upgrade(machine: Machine, packages: dict[str, Path]) -> None:
    _install(machine, packages[EARLIER])
    (machine.folder / CONFIG[1:]).write_text('[desk]\naddress = "nowhere"\n')
    said = _install(machine, packages[LATER])
    assert "the configuration requires a change" in said
    assert "ii " in machine.run(["dpkg", "-l", "mailgate"]).stdout


def _buildah(store: Path, *words: str) -> str:
    """Runs buildah with a store of its own, and without a need of namespaces; returns what it printed."""
    environment = {**os.environ, "BUILDAH_ISOLATION": "chroot", "STORAGE_DRIVER": "vfs"}
    places = [f"--root={store}/images", f"--runroot={store}/running"]
    done = subprocess.run(
        ["buildah", *places, *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env=environment,
        cwd=store,
    )
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


@pytest.mark.skipif(shutil.which("buildah") is None, reason="buildah is not installed: make machine")
def test_the_image_runs_the_desk(packages: dict[str, Path], tmp_path: Path) -> None:
    if reason := find_machine():
        pytest.skip(reason)
    shutil.copytree(ROOT / "packaging", tmp_path / "packaging")
    (tmp_path / "dist").mkdir()
    shutil.copy(packages[LATER], tmp_path / "dist")
    base = _buildah(tmp_path, "from", "scratch")
    _buildah(tmp_path, "copy", "--quiet", base, str(build_root()), "/")
    _buildah(tmp_path, "commit", "--quiet", "--rm", base, "localhost/debian")
    limits = [("nofile", resource.RLIMIT_NOFILE), ("nproc", resource.RLIMIT_NPROC)]
    most = [f"--ulimit={name}={resource.getrlimit(limit)[1]}" for name, limit in limits]  # never more than we have
    _buildah(
        tmp_path, "build", *most, "--format=docker", "--build-arg=BASE=localhost/debian",
        "--file=packaging/Containerfile", "--tag=localhost/mailgate", ".",
    )  # fmt: skip
    made = _buildah(tmp_path, "from", *most, "localhost/mailgate")
    config = json.loads(_buildah(tmp_path, "inspect", made))["Docker"]["config"]
    assert (config["User"], config["Entrypoint"], config["Cmd"]) == ("900:900", ["mailgate"], ["serve"])
    assert config["Healthcheck"]["Test"] == ["CMD", "mailgate", "status"]
    given = {name: value for name, value in read_variables().items() if not re.search("_(IMAP|RELAY)_", name)}
    given["MAILGATE_INTAKE__SMTP__LISTEN"] = "127.0.0.1:0"
    given["MAILGATE_DESK__SECRET_FILE"] = "/var/lib/mailgate/secret"
    variables = [f"--env={name}={value}" for name, value in given.items()]
    script = (
        "umask 077; echo 'a key that only the tests know, of 32 letters' > secret; mailgate serve & "
        "until mailgate status | tee status | grep -q '^roles  *intake'; do sleep 1; done; cat status; "
        "kill $! && wait $! && echo ended in order"
    )
    said = _buildah(tmp_path, "run", *variables, made, "--", "sh", "-c", script)
    assert "HEALTHY\n" in said
    assert said.endswith("ended in order")


def test_each_command_has_its_page_and_completes(machine: Machine, packages: dict[str, Path]) -> None:
    _install(machine, packages[LATER])
    pages = {path.name for path in (machine.folder / "usr/share/man/man1").glob("mailgate*")}
    assert {"mailgate.1.gz", "mailgate-serve.1.gz", "mailgate-import.1.gz"} <= pages
    words = "COMP_WORDS='mailgate up' COMP_CWORD=1 _MAILGATE_COMPLETE=bash_complete mailgate"
    assert machine.shell(words) == "plain,upgrade\n"
    for path in ("bash-completion/completions/mailgate", "zsh/vendor-completions/_mailgate"):
        assert "_MAILGATE_COMPLETE" in (machine.folder / "usr/share" / path).read_text()


def test_its_pages_link_to_each_other(packages: dict[str, Path], tmp_path: Path) -> None:
    subprocess.run(["dpkg", "-x", str(packages[LATER]), str(tmp_path)], check=True)
    folder = tmp_path / "usr/share/doc/mailgate"
    pages = [folder / "README.md", folder / "SECURITY.md", *folder.glob("docs/**/*.md")]
    links = {
        page.parent / link for page in pages for link in re.findall(r"\]\(([^)#:]+)[^):]*\)", page.read_text("utf-8"))
    }
    dead = {os.path.relpath(link, folder) for link in links if not link.exists()}
    assert {link for link in dead if not link.startswith("mailgate/")} == {"CHANGELOG.md"}  # it is changelog.gz


def test_pipx_brings_the_command_to_every_user(machine: Machine) -> None:
    machine.shell(readme_block("pipx install --global"))
    assert machine.run(["runuser", "-u", "nobody", "--", "mailgate", "--version"]).stdout.startswith("mailgate ")
    machine.shell(INIT)
    machine.shell(readme_block("systemctl enable --now mailgate\n"))
    machine.wait_unit("active")
    _connect_postfix(machine)
    _write(machine, "Printer")
    machine.wait_mail("level1", "Printer")
    machine.shell(readme_block("systemctl enable --now mailgate-backup.timer"))
    machine.systemctl("start", "mailgate-backup")
    assert list((machine.folder / "var/backups/mailgate").glob("mailgate-*.tar.gz"))
