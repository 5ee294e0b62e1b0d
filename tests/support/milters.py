"""A private OpenDKIM and OpenDMARC for one test, and a name server that answers with the test's own TXT records.

Both programs ask the name server of /etc/resolv.conf. They run in a mount namespace of their own, in which that file
names ours, so that no test asks the network. That needs root, and the Debian packages `opendkim` and `opendmarc`, which
`make packages` installs; where one is missing, `find_milters` says why and the tests skip.
"""

from __future__ import annotations

import base64
import os
import shutil
import socket
import struct
import subprocess
import threading
import time
from pathlib import Path

_TXT = 16
_OPENDKIM, _OPENDMARC = "/usr/sbin/opendkim", "/usr/sbin/opendmarc"


def find_milters() -> str:
    """ "" where both can be run here, else why not."""
    if os.geteuid() != 0:
        return "a name server of our own for OpenDKIM and OpenDMARC needs root"
    missing = [program for program in (_OPENDKIM, _OPENDMARC) if not Path(program).exists()]
    if missing:
        return f"{' and '.join(missing)} are not installed: make packages"
    able = subprocess.run(["unshare", "--mount", "true"], check=False, capture_output=True).returncode == 0
    return "" if able else "this machine gives no mount namespace"


class NameServer:
    """Answers questions for TXT records by UDP, at port 53 of a loopback address; every other name does not exist."""

    def __init__(self, records: dict[str, str]) -> None:
        self._records = records
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = self._bind()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def _bind(self) -> str:
        for last in range(1, 255):  # other tests may run at the same time
            address = f"127.77.{os.getpid() % 255}.{last}"
            try:
                self._socket.bind((address, 53))
            except OSError:
                continue
            return address
        raise RuntimeError("no loopback address has port 53 free")

    def __enter__(self) -> NameServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.sendto(b"", (self.address, 53))
        self._thread.join(10)
        self._socket.close()

    def _serve(self) -> None:
        while query := self._socket.recvfrom(4096):
            if not query[0]:
                return
            self._socket.sendto(self._answer(query[0]), query[1])

    def _answer(self, query: bytes) -> bytes:
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii").lower())
            at += 1 + query[at]
        name, end = ".".join(labels), at + 5
        (kind,) = struct.unpack(">H", query[at + 1 : at + 3])
        text = self._records.get(name, "").encode("ascii") if kind == _TXT else b""
        exists = any(one == name or one.endswith(f".{name}") for one in self._records)
        answer = b""
        if text:
            pieces = (text[start : start + 255] for start in range(0, len(text), 255))
            data = b"".join(bytes([len(piece)]) + piece for piece in pieces)
            answer = b"\xc0\x0c" + struct.pack(">HHIH", _TXT, 1, 60, len(data)) + data
        flags = 0x8580 | (0 if exists else 3)
        return query[:2] + struct.pack(">HHHHH", flags, 1, 1 if answer else 0, 0, 0) + query[12:end] + answer


class Milters:
    """`with Milters(folder, opendkim=…, opendmarc=…, server=…):` runs both by these configurations until the end.

    `ports` are those that they listen at.
    """

    def __init__(self, folder: Path, *, opendkim: str, opendmarc: str, server: NameServer, ports: tuple[int, int]):
        self._folder = folder
        self._ports = ports
        (folder / "resolv.conf").write_text(f"nameserver {server.address}\n", "ascii")
        # Our folder is below /tmp, and libunbound asks the root servers where no name server is named.
        more = f"RequireSafeKeys no\nNameservers {server.address}\n"
        (folder / "opendkim.conf").write_text(opendkim + more, "ascii")
        (folder / "opendmarc.conf").write_text(opendmarc, "ascii")
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Milters:
        for words in ([_OPENDKIM, "-f", "-x", "opendkim.conf"], [_OPENDMARC, "-f", "-c", "opendmarc.conf"]):
            inside = f'mount --bind resolv.conf /etc/resolv.conf && exec "$@" 2>>{Path(words[0]).name}.log'
            command = ["unshare", "--mount", "sh", "-c", inside, "sh", *words]
            self._processes.append(subprocess.Popen(command, cwd=self._folder))
        deadline = time.monotonic() + 20
        for port in self._ports:
            while not _listens(port):
                if time.monotonic() > deadline:
                    logs = [file.read_text("utf-8") for file in self._folder.glob("opend*.log")]
                    self.__exit__()
                    raise RuntimeError(f"no milter listens at port {port}: {logs}")
                time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def make_key(path: Path) -> str:
    """Writes a private DKIM key, and returns the TXT record with the public one."""
    openssl = shutil.which("openssl")
    assert openssl is not None, "openssl is missing: make packages"
    subprocess.run([openssl, "genrsa", "-out", str(path), "2048"], check=True, capture_output=True)
    path.chmod(0o600)
    public = subprocess.run(
        [openssl, "rsa", "-in", str(path), "-pubout", "-outform", "DER"], check=True, capture_output=True
    ).stdout
    return f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode('ascii')}"


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
