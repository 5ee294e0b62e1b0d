"""Signed addresses are read back as they were written, in every style, and known as the desk's own."""

from __future__ import annotations

import pytest

from mailgate.core.addressing import (
    SystemAddresses,
    bounce_address,
    extension_of,
    read_address_token,
    read_bounce_token,
    read_message_id_token,
    signed_address,
    signed_message_id,
    subject_tag,
)
from mailgate.core.tokens import read_tags, sign

ADDRESSES = {"default": "support@example.com", "network": "help-desk@net.example"}
STYLES = ("plus", "minus", "catch-all", "none")
TOKEN = sign((b"a key",), "SUP-12", 3, "anna@example.org")
BOUNCE = sign((b"a key",), "SUP-12", 3, "anna@example.org", bounce=True)


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("address", ADDRESSES.values())
def test_a_signed_address_brings_its_token_back(style: str, address: str) -> None:
    signed = signed_address(TOKEN, address, style)
    in_subject, _bare = read_tags(f"Re: {subject_tag(TOKEN, style)} Printer")
    if style == "none":
        assert signed == address
        assert in_subject == (TOKEN,)
    else:
        assert read_address_token(f"<{signed}>") == TOKEN
        assert in_subject == ()


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("queue", ADDRESSES)
def test_a_signed_address_is_the_desks_own(style: str, queue: str) -> None:
    desk = SystemAddresses(ADDRESSES, style, "default")
    for token in (TOKEN, BOUNCE):
        assert desk.queue_of(signed_address(token, ADDRESSES[queue], style).upper()) == queue
    assert not desk.is_system_address(f"anna@{ADDRESSES[queue].rpartition('@')[2]}")
    assert not desk.is_system_address(f"{TOKEN}@example.org")


def test_a_token_alone_is_an_address_of_a_catch_all_desk_only() -> None:
    assert not SystemAddresses(ADDRESSES, "plus", "default").is_system_address(f"{TOKEN}@example.com")


def test_a_bounce_address_is_signed_unless_one_is_configured() -> None:
    address = bounce_address(BOUNCE, "support@example.com", "plus", "")
    assert read_bounce_token(("other@example.com", address)) == BOUNCE
    assert read_bounce_token((signed_address(TOKEN, "support@example.com", "plus"),)) is None
    assert bounce_address(BOUNCE, "support@example.com", "plus", "bounces@example.com") == "bounces@example.com"


def test_a_signed_message_id_brings_its_token_back() -> None:
    assert read_message_id_token(signed_message_id(TOKEN, "support@example.com")) == TOKEN
    assert read_message_id_token("20261123@example.com") is None


@pytest.mark.parametrize(
    ("address", "style", "wanted"),
    [
        ("Support+Access@Example.com", "plus", "access"),
        ("support-access@example.com", "minus", "access"),
        ("support-access@example.com", "plus", ""),
        ("support@example.com", "plus", ""),
        ("support+access@example.org", "plus", ""),
    ],
)
def test_an_extension_is_what_follows_the_queues_local_part(address: str, style: str, wanted: str) -> None:
    assert extension_of(address, "support@example.com", style) == wanted
