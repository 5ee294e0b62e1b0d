"""SASL strings for a login with an access token: OAUTHBEARER (RFC 7628) and Google's XOAUTH2.

Pure. The strings are as SASL has them: the sender adds the base64 of the protocol.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class Mechanism(StrEnum):
    """In the order in which they are chosen: Google and Microsoft have had XOAUTH2 for longer."""

    XOAUTH2 = "XOAUTH2"
    OAUTHBEARER = "OAUTHBEARER"


def choose(offered: Collection[str]) -> Mechanism | None:
    """The mechanism to use of those that a server offers, None where it takes no token."""
    names = {name.upper() for name in offered}
    return next((mechanism for mechanism in Mechanism if mechanism in names), None)


def first_message(mechanism: Mechanism, user: str, token: str, host: str, port: int) -> bytes:
    """The client's only message on success. `host` and `port` are the server's; XOAUTH2 does not tell them."""
    if mechanism is Mechanism.XOAUTH2:
        return f"user={user}\x01auth=Bearer {token}\x01\x01".encode()
    name = user.replace("=", "=3D").replace(",", "=2C")  # RFC 5801 section 4
    return f"n,a={name},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01".encode()


def end_of_failure(mechanism: Mechanism) -> bytes:
    """The answer to the challenge that tells of an error, after which the server refuses (RFC 7628 section 3.2.3)."""
    return b"" if mechanism is Mechanism.XOAUTH2 else b"\x01"
