"""SIGKILL at commits of a desk with a hook: each event is called, and a second call has the same id and the same bytes.

A call exists exactly if its event does, since both are of one transaction.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.store.database import Database
from mailgate.store.schema import hook_calls
from tests.support.hook_receiver import HookReceiver
from tests.support.relay import Receiver
from tests.system.test_kill_at_every_commit import SENDERS, CrashingDesk, configure

pytestmark = pytest.mark.postgresql


@pytest.fixture
def receiver() -> Iterator[HookReceiver]:
    with HookReceiver() as found:
        yield found


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", [4, 7, 9, 11, 13, 15, 18])
def test_no_call_is_lost(tmp_path: Path, database_url: str, receiver: HookReceiver, when: str, number: int) -> None:
    with Receiver() as relay:
        config = configure(tmp_path, database_url, relay.port)
        hook = f'[[hooks]]\nname = "web"\nevents = ["*"]\nurl = "{receiver.url}"\ntimeout = "1 second"\n'
        config.write_text(config.read_text() + hook)
        with CrashingDesk(config, when, number) as crashing:
            taken = crashing.offer(list(SENDERS))
            if crashing.port and len(taken) == len(SENDERS):
                _wait(lambda: crashing.process.poll() is not None or _is_done(database_url), 20)
            crashing.process.kill()
        with CrashingDesk(config, "never", 0) as healed:
            healed.offer([one for one in SENDERS if one not in taken])
            assert _wait(lambda: _is_done(database_url), 30)
    by_id: dict[str, set[bytes]] = {}
    for call in receiver.calls:
        by_id.setdefault(call.headers["webhook-id"], set()).add(call.body)
    assert all(len(bodies) == 1 for bodies in by_id.values())
    subjects = sorted(
        call.json["data"]["subject"] for call in {one.headers["webhook-id"]: one for one in receiver.calls}.values()
    )
    assert subjects == sorted(f"help {sender}" for sender in SENDERS)
    assert len(receiver.calls) <= len(by_id) + 1  # a kill doubles at most the one call that the hook was making


def _is_done(database_url: str) -> bool:
    database = Database(database_url)
    try:
        with database.read() as connection:
            return list(connection.execute(select(hook_calls.c.state)).scalars()) == ["done"] * len(SENDERS)
    finally:
        database.close()


def _wait(holds: Callable[[], bool], seconds: float) -> bool:
    """Waits until something holds; False where it does not within so many seconds."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if holds():
            return True
        time.sleep(0.05)
    return False
