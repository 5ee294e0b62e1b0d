"""What the tests of every folder share: a database of each engine, and a mail server.

A test that asks for `database_url` runs twice, on a SQLite file and on a PostgreSQL of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from mailgate.core.clock import SystemClock
from tests.support.dovecot import Dovecot
from tests.support.postgres import Cluster

ENGINES = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def _no_machine_clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a decision by the machine's date an error, except in tests that are marked `machine_clock`."""

    def refuse(_: SystemClock) -> datetime:
        raise AssertionError("this test reads the machine's clock: give it a HandClock, or mark it machine_clock")

    if request.node.get_closest_marker("machine_clock") is None:
        monkeypatch.setattr(SystemClock, "now", refuse)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    found = Cluster()
    yield found
    found.close()


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database that no other test uses."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/desk.db"
        return
    server: Cluster = request.getfixturevalue("cluster")
    url = server.lend()
    yield url
    server.take_back(url)


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """A real IMAP server; each test takes a user of its own."""
    with Dovecot() as server:
        yield server
