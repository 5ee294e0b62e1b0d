"""Process titles: what `ps` and `top` show for a process of the desk, such as `mailgate: courier` (setproctitle).

The title takes the place of the command line, whose memory the kernel shows (proc_pid_cmdline(5)), and of the command's
name, which has at most 15 letters. On a system that does not tell where the command line lies nothing changes.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress
from pathlib import Path

_PR_SET_NAME = 15
_ARG_START, _ARG_END = 47, 48  # fields of proc_pid_stat(5), from 0


def set_title(role: str) -> None:
    """Names this process after its role; sys.argv is left as it was."""
    title = f"mailgate: {role}".encode()
    with suppress(OSError, AttributeError, IndexError, ValueError):
        # Behind the last parenthesis: the name of the command, field 1, may contain blanks.
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        start, end = int(fields[_ARG_START - 2]), int(fields[_ARG_END - 2])
        if start and end > start:
            ctypes.memmove(start, title[: end - start - 1].ljust(end - start, b"\0"), end - start)
        ctypes.CDLL(None).prctl(_PR_SET_NAME, title.replace(b" ", b"")[:15])
