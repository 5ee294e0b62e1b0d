"""Domains and addresses as they are compared, and domains as they are sent: the one place that knows IDNA 2008.

Pure. "straße.de" is not "strasse.de" (RFC 5895, UTS 46 without transitional rules), and a U-label and its A-label are
one domain. The compared form has U-labels, since it is shown to people; what is sent has A-labels. A label that IDNA
2008 does not know (RFC 5891 section 5) stays as it is where domains are compared, and cannot be sent.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

import idna
from publicsuffixlist import PublicSuffixList

_PREFIX = "xn--"
_NO_LABEL = re.compile(r"[^\w.\-\u0080-\U0010ffff]", re.ASCII)  # ASCII that no domain has
_MOST_KEPT = 4_096  # domains whose compared form is kept


def fold_address(address: str) -> str:
    """Returns an address in the form in which addresses are compared: without case, its domain in U-labels."""
    if address.isascii() and _PREFIX not in (lower := address.lower()):
        return lower
    local, mark, domain = address.rpartition("@")
    return _lower(local) + mark + fold_domain(domain) if mark else _lower(address)


@lru_cache(maxsize=_MOST_KEPT)
def fold_domain(domain: str) -> str:
    """Returns a domain in the form in which domains are compared: without case and end point, in U-labels."""
    if domain.isascii() and _PREFIX not in (lower := domain.lower()):
        return lower.removesuffix(".")
    try:
        mapped = idna.uts46_remap(domain, std3_rules=False, transitional=False)
    except (idna.IDNAError, UnicodeError):
        mapped = ""
    if not mapped or _NO_LABEL.search(mapped):  # a wide @ or ; would become one
        mapped = _lower(domain)
    return ".".join(map(_u_label, mapped.removesuffix(".").split(".")))


def to_a_labels(domain: str) -> str | None:
    """Returns a domain as it is sent, in A-labels; None where IDNA 2008 does not know it. ASCII stays as it is."""
    if domain.isascii():
        return domain
    labels = [_a_label(label) for label in fold_domain(domain).split(".")]
    return ".".join(labels) if all(labels) else None


def domain_of(address: str) -> str:
    """Returns the domain of an address, as it is compared; "" where it has none."""
    return fold_domain(address.rpartition("@")[2]) if "@" in address else ""


def is_aligned(one: str, other: str) -> bool:
    """Tells whether two domains are one, or of one organisation (RFC 7489 section 3.1, relaxed).

    The public suffix list names the organisation's domain. A public suffix itself has no organisation.
    """
    left, right = (to_a_labels(fold_domain(domain)) for domain in (one, other))
    if not left or not right or "." not in left or "." not in right:
        return False
    if left == right:
        return True
    organization = _suffixes().privatesuffix(left)
    return organization is not None and organization == _suffixes().privatesuffix(right)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


def _u_label(label: str) -> str:
    if label.isascii() and not label.startswith(_PREFIX):
        return label
    try:
        return idna.ulabel(label)
    except (idna.IDNAError, UnicodeError):
        return label


def _a_label(label: str) -> str:
    """Returns a label as it is sent; "" for one that IDNA does not know."""
    if label.isascii():
        return "" if _NO_LABEL.search(label) else label
    try:
        return idna.alabel(label).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return ""


def _lower(text: str) -> str:
    """Removes the case of letters, and makes none of them another one: "ß" is no "ss", and the Kelvin sign no "k"."""
    letters = ((letter, letter.lower()) for letter in text)
    plain = "".join(letter if not letter.isascii() and lower.isascii() else lower for letter, lower in letters)
    composed = unicodedata.normalize("NFC", plain)
    return plain if sum(map(str.isascii, composed)) > sum(map(str.isascii, plain)) else composed
