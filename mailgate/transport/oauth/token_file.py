"""The file of a refresh token: held by one process and thread at a time, and replaced whole or not at all.

A server that gives a new refresh token often ends the old one, so that nobody may read the file while another is about
to replace it. Fails with OSError where the file or its folder cannot be used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mailgate.transport import private_file
from mailgate.transport.private_file import PrivateFile

_LONGEST = 64 * 1024  # characters


class RefreshFile:
    """Refresh token file while `hold` has it locked."""

    def __init__(self, file: PrivateFile) -> None:
        self._file = file

    def read(self) -> str:
        """The refresh token, the first word of the file; "" where there is none yet."""
        words = self._file.read(_LONGEST).split()
        return words[0] if words else ""

    def write(self, token: str) -> None:
        """Replaces the token durably: a crash leaves the old token or the new one; after the return, the new one."""
        self._file.write(token + "\n")


@contextmanager
def hold(path: Path) -> Iterator[RefreshFile]:
    """Locks the file, after waiting for another holder: a minute at most, since it only asks a token endpoint."""
    with private_file.hold(path) as file:
        yield RefreshFile(file)
