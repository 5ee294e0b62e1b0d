"""The sources of a process: errors of their event loop."""

from __future__ import annotations

import asyncio
import errno
import logging
from contextlib import closing

import pytest

from mailgate.daemon.sources import log_once_when_exhausted


def test_an_exhausted_descriptor_table_is_one_line(caplog: pytest.LogCaptureFixture) -> None:
    with closing(asyncio.new_event_loop()) as loop:
        loop.set_exception_handler(log_once_when_exhausted())
        for number in [errno.EMFILE] * 300 + [errno.ENFILE] * 300:
            loop.call_exception_handler({"message": "socket.accept()", "exception": OSError(number, "full")})
        loop.call_exception_handler({"message": "another", "exception": ValueError("a bug")})
    lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.ERROR]
    assert len(lines) == 2, lines
    assert lines[0].startswith("action=accept result=failed reason='Too many open files'")
    assert "another" in lines[1]
