"""A mailroom, a listener that hands mails to it, and a client that has said EHLO."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.intake.listening import Client, Listening, Mailroom
from tests.intake.mailboxes import fresh_user


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
