"""A journal, a listener that hands mails to it, and a client that has said EHLO."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.listener import Client, FakeJournal, ListenerThread


@pytest.fixture
def journal() -> FakeJournal:
    return FakeJournal()


@pytest.fixture
def desk(journal: FakeJournal) -> Iterator[ListenerThread]:
    with ListenerThread(journal) as listening:
        yield listening


@pytest.fixture
def client(desk: ListenerThread) -> Iterator[Client]:
    with Client(desk.port) as talking:
        talking.greet()
        yield talking
