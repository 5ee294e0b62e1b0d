"""Signed addresses: how a token is written into mail addresses, Message-IDs and subjects, and read back.

Pure. `[desk] reply_address` names the style of a signed address: "plus" (`support+TOKEN@`), "minus"
(`support-TOKEN@`), "catch-all" (`TOKEN@`), or "none", where the address stays as it is and the tag in the subject
carries the token (docs/rules.md#2, docs/rules.md#3). What is read here is a claim until `tokens` verifies it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from mailgate.core.domains import domain_of, fold_address
from mailgate.core.tokens import MAC_LENGTH, WORD_LENGTH, Token, read_token, tag

CATCH_ALL, MINUS, NONE = "catch-all", "minus", "none"
LOCAL_PART_MAX = 64  # octets, RFC 5321 section 4.5.3.1.1
# Ten million tickets of a thousand notices each: more would only be refused where an address is close to the limit.
_LONGEST_NUMBERS = ".".join(("9999999", "999", "m" * (WORD_LENGTH + MAC_LENGTH)))
_LONGEST_READ = 128  # letters of a local part, or of the left side of a Message-ID, in which a token is looked for


# -- writing -----------------------------------------------------------------------------------------------------------


def separator(style: str) -> str:
    """Returns the sign between a local part and its extension (RFC 5233)."""
    return "-" if style == MINUS else "+"


def signed_address(token: Token, address: str, style: str) -> str:
    """Returns the address of a queue with a token in it, for Reply-To; the bare address where the style is "none"."""
    local, _, domain = address.rpartition("@")
    if style == NONE:
        return address
    return f"{token}@{domain}" if style == CATCH_ALL else f"{local}{separator(style)}{token}@{domain}"


def bounce_address(token: Token, address: str, style: str, fixed: str) -> str:
    """Returns the envelope sender of a notice: a signed bounce address (docs/rules.md#18).

    `fixed` is the return path that the operator configured, "" for none; it goes first.
    """
    return fixed or signed_address(token, address, style)


def signed_message_id(token: Token, address: str) -> str:
    """Returns the Message-ID of a notice with a token, at the domain of its queue; without angle brackets."""
    return message_id_at(str(token), address)


def message_id_at(left: str, address: str) -> str:
    """Returns a Message-ID with this left side at the domain of an address; without angle brackets."""
    return f"{left}@{address.rpartition('@')[2]}"


def subject_tag(token: Token, style: str) -> str:
    """Returns the tag of a notice's subject: signed where nothing else of the mail brings the token back."""
    return tag(token) if style == NONE else f"[{token.reference}]"


def longest_local_part(address: str, reference: str, style: str) -> int:
    """Returns the length in octets of the longest local part that a queue can need, that of a bounce address."""
    if style in (NONE, CATCH_ALL):
        return 0  # without the address in front, sixteen letters of reference always fit
    return len(f"{address.rpartition('@')[0]}{separator(style)}b.{reference}-{_LONGEST_NUMBERS}".encode())


# -- reading -----------------------------------------------------------------------------------------------------------


def read_address_token(address: str) -> Token | None:
    """Reads the token of an address in any style: the whole local part, or what follows a + or a -."""
    local = address.strip("<> ").rpartition("@")[0][:_LONGEST_READ]
    starts = (0, *(at + 1 for at, letter in enumerate(local) if letter in "+-"))
    return next((token for start in starts if (token := read_token(local[start:])) is not None), None)


def read_bounce_token(recipients: Iterable[str]) -> Token | None:
    """Reads the token of a signed bounce address among the recipients of an envelope (docs/rules.md#18)."""
    tokens = (read_address_token(address) for address in recipients)
    return next((token for token in tokens if token is not None and token.bounce), None)


def read_message_id_token(message_id: str) -> Token | None:
    """Reads the token of a signed Message-ID."""
    return read_token(message_id.partition("@")[0][:_LONGEST_READ])


def extension_of(address: str, queue_address: str, style: str) -> str:
    """Returns what follows the local part of a queue in an address, folded: `access` of `support+access@`.

    Returns "" where there is no extension, or the address is not the queue's.
    """
    local, _, domain = fold_address(address).rpartition("@")
    own, _, own_domain = fold_address(queue_address).rpartition("@")
    is_its = domain == own_domain and local.startswith(f"{own}{separator(style)}")
    return local[len(own) + 1 :] if is_its else ""


class SystemAddresses:
    """Knows which addresses belong to the desk, and to which queue.

    `addresses` are the queues' by their names; `default` is the queue that a signed address of a shared domain
    belongs to where the style is "catch-all".
    """

    def __init__(self, addresses: Mapping[str, str], style: str, default: str) -> None:
        self._separator = separator(style)
        self._by_address = {fold_address(address): name for name, address in addresses.items()}
        # Where queues share a domain, a signed address of none of them is the default queue's, then the first one's.
        names = (*reversed([*addresses]), default)
        self._by_domain = {domain_of(addresses[name]): name for name in names}
        self._catches_all = style == CATCH_ALL

    def queue_of(self, address: str) -> str | None:
        """Returns the name of the queue that an address belongs to, with or without an extension; None for others."""
        local, _, domain = fold_address(address).rpartition("@")
        for name in (local, *self._heads(local)):
            queue = self._by_address.get(f"{name}@{domain}")
            if queue is not None:
                return queue
        return self._by_domain.get(domain) if self._catches_all and read_token(local) is not None else None

    def is_system_address(self, address: str) -> bool:
        """Tells whether mail to an address comes to this desk, signed and extended addresses included."""
        return self.queue_of(address) is not None

    def _heads(self, local: str) -> Iterator[str]:
        """The parts of a local part before each separator: `help-desk-SUP-1` may belong to `help` or `help-desk`."""
        position = local.find(self._separator)
        while position > 0:
            yield local[:position]
            position = local.find(self._separator, position + 1)
