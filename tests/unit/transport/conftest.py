"""A mailroom, a listener that hands mails to it, and a client that has said EHLO."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.imap_source import fresh_user
from tests.support.listener import Client, Listening, Mailroom


@pytest.fixture
def mailroom() -> Mailroom:
    return Mailroom()


@pytest.fixture
def desk(mailroom: Mailroom) -> Iterator[Listening]:
    with Listening(mailroom) as listening:
        yield listening


@pytest.fixture
def client(desk: Listening) -> Iterator[Client]:
    with Client(desk.port) as talking:
        talking.greet()
        yield talking


@pytest.fixture
def user() -> str:
    """A user of the IMAP server that no other test writes to."""
    return fresh_user()
