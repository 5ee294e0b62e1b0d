"""A desk that kills its own process: `python -m tests.support.crashing_desk CONFIG before|after|never N`.

SIGKILL falls just before or just after the N-th commit of the process. The port of its SMTP intake is the first line
on stdout.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from mailgate.config import read_config
from mailgate.daemon.desk import build_desk
from mailgate.daemon.roles import Daemon, serve
from mailgate.store.database import Database


class KillingDatabase(Database):
    """Counts commits of write transactions, and kills the process at a given one."""

    def __init__(self, url: str, when: str, number: int) -> None:
        super().__init__(url)
        self._when = when
        self._left = number
        self._counting = threading.Lock()

    @contextmanager
    def write(self, *, urgent: bool = False) -> Iterator[Connection]:
        with super().write(urgent=urgent) as connection:
            yield connection
            last = self._count()
            if last and self._when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
        if last and self._when == "after":
            os.kill(os.getpid(), signal.SIGKILL)

    def _count(self) -> bool:
        with self._counting:
            self._left -= 1
            return self._left == 0


def main(config: str, when: str, number: str) -> int:
    settings = read_config(Path(config))
    desk = build_desk(settings)
    if when != "never":
        desk = replace(desk, database=KillingDatabase(settings.store.database, when, int(number)))
    daemon = Daemon(desk)
    return serve(daemon, lambda: print(daemon.smtp_port, flush=True))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
