"""Lists the keys by which a mail may belong to a ticket, strongest first (rule 5).

Reads keys from addresses, subject and ids; what they prove is decided in `inbound/follow_up`. Pure, never fails.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from mailgate.core.addressing import read_address_token, read_message_id_token
from mailgate.core.mail import Mail
from mailgate.core.tokens import Token, read_tags, tag

KEYS_LIMIT = 200  # keys of one mail


class KeyKind(StrEnum):
    """The kind of a key, in the order of rule 5."""

    SIGNED_ADDRESS = "signed address"
    SIGNED_TAG = "signed tag"
    SIGNED_MESSAGE_ID = "signed message-id"
    MESSAGE_ID = "message-id"
    BARE_TAG = "bare tag"


@dataclass(frozen=True, slots=True)
class Key:
    """A key to a ticket.

    `value` is the text as it stood (an address, an id, a tag or a reference); `token` is the claim in it, None in the
    last two kinds.
    """

    how: KeyKind
    value: str
    token: Token | None


def read_keys(mail: Mail, recipients: tuple[str, ...]) -> tuple[Key, ...]:
    """Lists the keys of a mail in the order of rule 5, without duplicates.

    `recipients` are those of the envelope.
    """
    listed = [address.address for address in (*mail.to, *mail.cc)]
    ids = [mail.in_reply_to, *reversed(mail.references)]
    signed, bare = read_tags(mail.subject[:2_000])
    keys = [
        *_address_keys((*recipients, *listed)),
        *(Key(KeyKind.SIGNED_TAG, tag(token), token) for token in signed),
        *_signed_ids(ids),
        *(Key(KeyKind.MESSAGE_ID, value, None) for value in ids if value),
        *(Key(KeyKind.BARE_TAG, reference, None) for reference in bare),
    ]
    first: dict[tuple[KeyKind, Token | str], Key] = {}
    for key in keys:
        first.setdefault((key.how, key.token or key.value), key)
    return tuple(first.values())[:KEYS_LIMIT]


def _address_keys(addresses: Iterable[str]) -> Iterator[Key]:
    for address in addresses:
        token = read_address_token(address)
        if token is not None and not token.bounce:
            yield Key(KeyKind.SIGNED_ADDRESS, address, token)


def _signed_ids(ids: Iterable[str]) -> Iterator[Key]:
    for value in ids:
        token = read_message_id_token(value)
        if token is not None and not token.bounce:
            yield Key(KeyKind.SIGNED_MESSAGE_ID, value, token)
