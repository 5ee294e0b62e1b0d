"""Recipients for the relay: whether one is allowed (rule 31), and how an address is spelled for it (rule 20)."""

from __future__ import annotations

import re

from mailgate.core.domains import domain_of, fold_address, to_a_labels
from mailgate.transport.relay.outcomes import Rejected, clean

_UNCLEAN = re.compile("[\x00-\x20<>\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def is_allowed(recipient: str, only_to: tuple[str, ...]) -> bool:
    """Tells whether `only_to` allows a recipient: by a `@domain` entry or a whole address; an empty one allows all."""
    address = fold_address(recipient)
    domain = f"@{domain_of(recipient)}"
    return not only_to or any(fold_address(entry) in (address, domain) for entry in only_to)


def spell(address: str, smtputf8: bool) -> str | Rejected:
    """The address with its domain as A-labels; Rejected where it cannot be written to at all.

    `smtputf8` tells whether the relay takes a local part beyond ASCII (RFC 6531). "" is the null sender.
    """
    local, at, domain = address.rpartition("@")
    if _UNCLEAN.search(re.sub(r'^"[^"\\<>\x00-\x1f\x7f]*"@', "@", address)):
        return Rejected(f"{clean(address)} is not an address that can receive email")
    if not local.isascii() and not smtputf8:
        return Rejected(f"the relay does not offer SMTPUTF8, which {address} needs")
    sent = to_a_labels(domain)
    return Rejected(f"{address} has no domain that can receive email") if sent is None else local + at + sent
