"""The daemon as a whole: it ends in time whatever the relay does, and notices work that others put in."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from mailgate.config import read_config
from mailgate.daemon import Daemon, build_desk
from mailgate.mail import Envelope
from mailgate.relay import Deferred, Outcome
from mailgate.store.database import Database
from mailgate.store.journal import Entry, append
from tests.desk import CONFIG
from tests.far_end import Receiver

RAW = b"From: anna@example.org\r\nTo: support@example.com\r\nSubject: x\r\nMessage-ID: <1@x>\r\n\r\nIt is broken.\r\n"


class HangingRelay:
    """A relay that says nothing until the connection is cut."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self._cut = threading.Event()

    def send(self, _sender: str, _recipient: str, _message: bytes) -> Outcome:
        self.asked.set()
        self._cut.wait(60)
        return Deferred("cut")

    def close(self) -> None:
        self._cut.set()


def _configure(folder: Path, relay: int = 25) -> Path:
    (folder / "secret").write_text("a key that only the tests know\n")
    path = folder / "mailgate.toml"
    wire = f'[relay]\nhost = "127.0.0.1"\nport = {relay}\ntls = "none"\n'
    path.write_text(f'{CONFIG}\n{wire}[store]\ndatabase = "sqlite:///desk.db"\n')
    return path


def _put_in(folder: Path) -> None:
    """What `mailgate pipe` does in another process: it commits through a connection of its own."""
    other = Database(f"sqlite:///{folder}/desk.db")
    envelope = Envelope("anna@example.org", ("support@example.com",), "pipe", datetime.now(UTC))
    with other.write() as connection:
        append(connection, Entry(envelope, RAW, "1@x"))
    other.close()


def test_a_hanging_relay_does_not_keep_the_daemon(tmp_path: Path) -> None:
    relay = HangingRelay()
    daemon = Daemon(build_desk(read_config(_configure(tmp_path))), relay=relay)
    daemon.start()
    _put_in(tmp_path)
    assert relay.asked.wait(10)
    began = time.monotonic()
    daemon.stop(grace=0.2)
    assert time.monotonic() - began < 10


def test_work_of_another_process_is_noticed(tmp_path: Path) -> None:
    with Receiver() as receiver:
        daemon = Daemon(build_desk(read_config(_configure(tmp_path, receiver.port))))
        daemon.start()
        _put_in(tmp_path)
        noticed = receiver.wait_for(lambda mails: len(mails) == 2, 10)
        daemon.stop()
    assert noticed, "the daemon sleeps up to a minute when it does not notice"
