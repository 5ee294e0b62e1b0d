"""A ClamAV daemon of our own, which knows one signature: that of the EICAR test file. Nothing is downloaded."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

_SIGNED = b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE"
# In two parts, so that no scanner takes this file for one.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + _SIGNED + b"!$H+H*"
_CLAMD, _CLAMDSCAN = "/usr/sbin/clamd", "/usr/bin/clamdscan"


def find_clamav() -> bool:
    """Tells whether this machine has ClamAV; `make packages` installs it."""
    return all(shutil.which(program) for program in (_CLAMD, _CLAMDSCAN))


class ClamAV:
    """A daemon that listens on a socket in a folder of its own."""

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="clamav-", dir="/tmp"))
        (self._folder / "signatures").mkdir()
        (self._folder / "signatures" / "test.ndb").write_text(f"Eicar-Test-Signature:0:*:{_SIGNED.hex()}\n")
        self._socket = self._folder / "socket"
        self._config = self._folder / "clamd.conf"
        self._config.write_text(
            f"LocalSocket {self._socket}\nDatabaseDirectory {self._folder}/signatures\nForeground yes\nUser root\n"
        )
        self.start()
        return self

    def start(self) -> None:
        command = [_CLAMD, "-c", str(self._config)]
        self._daemon = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while not self._socket.exists():
            assert self._daemon.poll() is None, "clamd has ended"
            assert time.monotonic() < deadline, "clamd does not listen"
            time.sleep(0.05)

    def stop(self) -> None:
        self._daemon.terminate()
        self._daemon.wait(20)

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def command(self) -> list[str]:
        """The command for [intake.scan], as docs/features.md has it, for this daemon."""
        return [_CLAMDSCAN, "-c", str(self._config), "--fdpass", "--no-summary", "-"]
