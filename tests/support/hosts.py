"""Several hosts that share a database: each can be cut off from it, killed and started again.

With root each host has a network namespace of its own with two links: one to the senders, the relay and the mailbox,
one to the database. Cutting the second loses every packet, and nothing tells the host so. Without root each host is a
group of processes on the loopback that reaches the database through a proxy; cutting it off ends its connections.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Protocol

from tests.support.proxy import FaultyProxy

_SMTP = 2525


@dataclass(frozen=True)
class Place:
    """An address and a port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


class Network(Protocol):
    """The links between hosts, the database, and the test's own relay and mailbox.

    The relay and the mailbox listen at `front`, the database at `back`. `open_links` is called once the database is
    there.
    """

    front: str
    back: str

    def open_links(self, names: Sequence[str], database: int) -> None: ...

    def database_of(self, name: str) -> Place:
        """Where a host finds the database."""

    def intake_of(self, name: str) -> Place:
        """Where a host listens for mail."""

    def command(self, name: str, command: Sequence[str]) -> list[str]:
        """The command that runs another one on a host."""

    def cut(self, name: str) -> None:
        """Cut a host off from the database."""

    def mend(self, name: str) -> None:
        """Connect it again."""

    def close(self) -> None: ...


class NamespaceNetwork:
    """Links between network namespaces."""

    def __init__(self) -> None:
        number = os.getpid() % 100_000
        self._prefix = f"mg{number}"
        self._front, self._back = (f"10.{side}.{number % 250}" for side in (201, 202))
        self.front, self.back = f"{self._front}.1", f"{self._back}.1"
        self._numbers: dict[str, int] = {}
        self._database = 0
        for side, address in (("f", self.front), ("b", self.back)):
            _ip("link", "add", f"{self._prefix}{side}", "type", "bridge")
            _ip("addr", "add", f"{address}/24", "dev", f"{self._prefix}{side}")
            _ip("link", "set", f"{self._prefix}{side}", "up")

    def open_links(self, names: Sequence[str], database: int) -> None:
        self._database = database
        for number, name in enumerate(names, 10):
            self._numbers[name] = number
            space = self._space(name)
            _ip("netns", "add", space)
            _ip("-n", space, "link", "set", "lo", "up")
            for side, subnet in (("f", self._front), ("b", self._back)):
                outer = self._link(name, side)
                _ip("link", "add", outer, "type", "veth", "peer", "name", f"eth{side}", "netns", space)
                _ip("link", "set", outer, "master", f"{self._prefix}{side}", "up")
                _ip("-n", space, "addr", "add", f"{subnet}.{number}/24", "dev", f"eth{side}")
                _ip("-n", space, "link", "set", f"eth{side}", "up")

    def database_of(self, name: str) -> Place:  # noqa: ARG002 - one for all
        return Place(self.back, self._database)

    def intake_of(self, name: str) -> Place:
        return Place(f"{self._front}.{self._numbers[name]}", _SMTP)

    def command(self, name: str, command: Sequence[str]) -> list[str]:
        named = ["unshare", "--uts", "sh", "-c", 'hostname "$0" && exec "$@"', name]
        return ["ip", "netns", "exec", self._space(name), *named, *command]

    def cut(self, name: str) -> None:
        _ip("link", "set", self._link(name, "b"), "down")

    def mend(self, name: str) -> None:
        _ip("link", "set", self._link(name, "b"), "up")

    def close(self) -> None:
        for name in self._numbers:
            with suppress(subprocess.CalledProcessError):
                _ip("netns", "del", self._space(name))  # its links go with it
        for side in "fb":
            with suppress(subprocess.CalledProcessError):
                _ip("link", "del", f"{self._prefix}{side}")

    def _space(self, name: str) -> str:
        return f"{self._prefix}-{name}"

    def _link(self, name: str, side: str) -> str:
        return f"{self._prefix}{side}{self._numbers[name]}"


class ProxyNetwork:
    """Hosts on the loopback, each with a proxy to the database."""

    front = back = "127.0.0.1"

    def __init__(self) -> None:
        self._proxies: dict[str, FaultyProxy] = {}
        self._places: dict[str, Place] = {}

    def open_links(self, names: Sequence[str], database: int) -> None:
        for name in names:
            self._proxies[name] = FaultyProxy(database).__enter__()
            self._places[name] = Place(self.front, free_port())

    def database_of(self, name: str) -> Place:
        return Place(self.back, self._proxies[name].port)

    def intake_of(self, name: str) -> Place:
        return self._places[name]

    def command(self, name: str, command: Sequence[str]) -> list[str]:  # noqa: ARG002
        return list(command)

    def cut(self, name: str) -> None:
        self._proxies[name].closed = True
        self._proxies[name].cut()

    def mend(self, name: str) -> None:
        self._proxies[name].closed = False

    def close(self) -> None:
        for proxy in self._proxies.values():
            proxy.__exit__(None, None, None)


def make_network() -> Network:
    """The network of hosts that this machine can have."""
    if os.geteuid() == 0 and all(map(shutil.which, ("ip", "unshare", "hostname"))):
        with suppress(subprocess.CalledProcessError):
            return _make_namespaces()
    return ProxyNetwork()


def _make_namespaces() -> NamespaceNetwork:
    """Makes the links; raises CalledProcessError where this machine forbids namespaces or bridges."""
    _ip("netns", "add", f"mg{os.getpid()}-try")
    _ip("netns", "del", f"mg{os.getpid()}-try")
    return NamespaceNetwork()


def free_port() -> int:
    """A port of the loopback that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Host:
    """A host of a desk: one `serve` with its roles, in a process group of its own."""

    name: str
    roles: tuple[str, ...]
    config: Path
    network: Network
    process: subprocess.Popen[bytes] | None = None
    _log: IO[bytes] | None = field(default=None, repr=False)

    @property
    def intake(self) -> Place:
        """Where it takes mail."""
        return self.network.intake_of(self.name)

    def start(self) -> None:
        """Start its `serve`; it need not run yet afterwards."""
        words = [part for role in self.roles for part in ("--role", role)]
        command = [sys.executable, "-m", "mailgate", "serve", "--config", str(self.config), *words]
        self._log = (self.config.parent / "serve.log").open("ab")
        self.process = subprocess.Popen(
            self.network.command(self.name, command), stdout=self._log, stderr=self._log, start_new_session=True
        )

    def kill(self) -> None:
        """SIGKILL to all of its processes at once."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
        if self._log is not None:
            self._log.close()

    def stop(self) -> None:
        """End it as an operator does, or kill it where that takes too long."""
        if self.process is not None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
        self.kill()

    def cut(self) -> None:
        self.network.cut(self.name)

    def mend(self) -> None:
        self.network.mend(self.name)

    def owns(self, pid: int) -> bool:
        """True for a living process of this host."""
        try:
            return self.process is not None and os.getpgid(pid) == self.process.pid
        except ProcessLookupError:
            return False

    def log(self) -> str:
        """The log of its processes."""
        file = self.config.parent / "serve.log"
        return file.read_text("utf-8", "replace") if file.exists() else ""
