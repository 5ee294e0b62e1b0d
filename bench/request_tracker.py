"""Measures Request Tracker 5 from Debian: Starman with eight workers on a private PostgreSQL, its HTTP mail gateway.

An installed RT is not touched: configuration, database and port are separate. Its mail is piped into a command that
discards it. Installing needs root, apt and some 200 MB; where it fails the target is left out with the reason.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.client import PEOPLE, Load
from bench.cluster import Cluster
from bench.peers import CROWD
from bench.processes import NotInstalled, free_port, run_process, run_tool, scratch

PACKAGES = ("request-tracker5", "rt5-standalone", "rt5-db-postgresql", "starman", "libdbd-pg-perl", "postgresql")
SERVER = Path("/usr/share/request-tracker5/libexec/rt-server")
WORKERS = 8
WARM_UP = PEOPLE  # mails: every worker has all it needs, RT knows the people, and replies have tickets to name
FIRST = 40  # the tickets that replies name: eight clients at once do not know which number comes next

_CONFIGURATION = """
Set($rtname, 'example.com');
Set($Organization, 'example.com');
Set($WebDomain, '127.0.0.1');
Set($WebPort, {port});
Set($CorrespondAddress, 'support@example.com');
Set($CommentAddress, 'comment@example.com');
Set($DatabaseType, 'Pg');
Set($DatabaseHost, '127.0.0.1');
Set($DatabasePort, '{database_port}');
Set($DatabaseName, 'rtbench');
Set($DatabaseUser, 'bench');
Set($DatabasePassword, 'unused');
Set($DatabaseAdmin, 'bench');
Set($MailCommand, 'sendmailpipe');
Set($SendmailPath, '{folder}/drop');
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'error');
Set(%GnuPG, Enable => 0);
Set(%SMIME, Enable => 0);
Set($Timezone, 'UTC');
1;
"""
_RIGHTS = """
@ACL = map { { GroupDomain => 'SystemInternal', GroupType => 'Everyone', Right => $_ } }
    qw(CreateTicket ReplyToTicket CommentOnTicket SeeQueue ShowTicket);
1;
"""
_BOUNDARY = "bench-7d1a"
_FIELD = '--{boundary}\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
_COUNT = "SELECT count(*) FROM Transactions WHERE ObjectType = 'RT::Ticket' AND Type IN ('Create', 'Correspond')"


class RequestTracker:
    """A running RT that keeps its tickets from one measurement to the next."""

    tag = "[example.com #{}]"

    def __init__(self, cluster: Cluster, port: int) -> None:
        self._cluster = cluster
        self._port = port
        self.version = run_tool(["dpkg-query", "-W", "-f", "${Version}", "request-tracker5"])
        self._post_all([mail.raw for mail in Load(WARM_UP, seed=999, replies=0, crowd=CROWD).samples()], 8)

    def measure(self, load: Load) -> float:
        """Returns mails a second, with as many clients as the load has connections."""
        mails = [self._renumber(mail.raw, mail.answers) for mail in load.samples()]
        before = int(self._cluster.run_sql(_COUNT, "rtbench"))
        seconds = self._post_all(mails, load.connections)
        stored = int(self._cluster.run_sql(_COUNT, "rtbench")) - before
        if stored != len(mails):
            print(f"  RT stored {stored} of {len(mails)} mails")
        return len(mails) / seconds

    def _renumber(self, raw: bytes, answers: int | None) -> bytes:
        if answers is None:
            return raw
        return raw.replace(f"#{answers + 1}]".encode("ascii"), f"#{answers % FIRST + 1}]".encode("ascii"), 1)

    def _post_all(self, mails: list[bytes], clients: int) -> float:
        """Returns the seconds until every mail was answered."""
        shares = [mails[number::clients] for number in range(clients)]
        threads = [threading.Thread(target=self._post, args=(share,)) for share in shares if share]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.perf_counter() - began

    def _post(self, mails: list[bytes]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=180)
        for mail in mails:
            headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
            connection.request("POST", "/REST/1.0/NoAuth/mail-gateway", _form(mail), headers)
            answer = connection.getresponse()
            words = answer.read()
            if answer.status != 200 or not words.startswith(b"ok"):
                print(f"  RT answered {answer.status} {words[:200]!r}")
        connection.close()


@contextmanager
def set_up_request_tracker(cluster: Cluster) -> Iterator[RequestTracker]:
    """Installs RT with apt where it is missing. Raises NotInstalled with the reason."""
    _install()
    with scratch("rt") as folder:
        port = free_port()
        (folder / "drop").write_text("#!/bin/sh\nexec cat >/dev/null\n", "ascii")
        (folder / "drop").chmod(0o755)
        settings = {"port": port, "database_port": cluster.port, "folder": folder}
        text = _CONFIGURATION
        for name, value in settings.items():
            text = text.replace(f"{{{name}}}", str(value))
        (folder / "site.pm").write_text(text, "ascii")
        (folder / "rights.pl").write_text(_RIGHTS, "ascii")
        (folder / "conf.d").mkdir()
        paths = {"RT_SITE_CONFIG": str(folder / "site.pm"), "RT_SITE_CONFIG_DIR": str(folder / "conf.d")}
        _make_database(cluster, folder, paths)
        command: list[str | Path] = [SERVER, "--server", "Starman", "--host", "127.0.0.1", "--port", str(port),
                   "--workers", str(WORKERS), "--max-requests", "100000"]  # fmt: skip
        with run_process(command, folder / "log", port, paths):
            yield RequestTracker(cluster, port)


def _install() -> None:
    if SERVER.exists():
        return
    if os.geteuid() != 0:
        raise NotInstalled(f"needs root once: apt-get install --no-install-recommends {' '.join(PACKAGES)}")
    answer = "request-tracker5 request-tracker5/dbconfig-install boolean false\n"
    subprocess.run(["debconf-set-selections"], input=answer, text=True, check=False)
    apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *PACKAGES]
    run_tool(apt, {"DEBIAN_FRONTEND": "noninteractive"})


def _make_database(cluster: Cluster, folder: Path, paths: dict[str, str]) -> None:
    cluster.run_sql("CREATE DATABASE rtbench TEMPLATE template0 ENCODING 'UTF8'")
    login = ["--dba", "bench", "--dba-password", "unused"]
    run_tool(["rt-setup-database-5", "--action", "init", "--skip-create", *login], paths)
    rights = ["--action", "insert", "--datafile", str(folder / "rights.pl")]
    run_tool(["rt-setup-database-5", *rights, *login], paths)


def _form(mail: bytes) -> bytes:
    fields = [("queue", "", b"General"), ("action", "", b"correspond")]
    fields.append(("message", '; filename=""\r\nContent-Type: application/octet-stream', mail.replace(b"\r\n", b"\n")))
    parts = [
        _FIELD.format(boundary=_BOUNDARY, name=name, more=more).encode("ascii") + value + b"\r\n"
        for name, more, value in fields
    ]
    return b"".join(parts) + f"--{_BOUNDARY}--\r\n".encode("ascii")
