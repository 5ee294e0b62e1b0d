"""Rules at the door: what they write beside the ticket itself, and what a requester cannot write into its history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.inbound.rules import rule_of
from mailgate.store.tags import add_tags
from tests.support.desk import CONFIG, TestDesk

RULE = """
[[rules]]
name = "remote"
subject = "vpn"
tag = ["VPN", "remote"]
"""


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, config=CONFIG + RULE, database=database_url)
    yield made
    made.close()


def test_a_rule_tags_a_ticket(desk: TestDesk) -> None:
    desk.send(desk.mail("Anna <anna@example.org>", "It does not start.", subject="VPN"))
    assert desk.ticket().tags == ("remote", "vpn")
    with desk.desk.database.write() as connection:
        add_tags(connection, desk.ticket().id, ["Vpn", "home"])
        add_tags(connection, desk.ticket().id, [])
    assert desk.ticket().tags == ("home", "remote", "vpn")


@pytest.mark.parametrize(
    ("reason", "name"),
    [
        ("rule remote: a new request", "remote"),
        ("rule to-bob (bob@example.com is not at Level 1 of network): a new request", "to-bob"),
        ("a new request", ""),
        ("a new request by the form access: why = x; rule remote: y", ""),
    ],
)
def test_the_rule_of_a_reason(reason: str, name: str) -> None:
    assert rule_of(reason) == name
