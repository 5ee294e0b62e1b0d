"""Stand-ins: the addresses that stand where the address of an erased person stood.

They end in "invalid", a domain that never exists (RFC 6761), so that no email ever goes to one. Pure.
"""

from __future__ import annotations

import re

_FORM = re.compile(r"erased-[a-z]?\d{1,19}@invalid")


def stand_in_of_erasure(number: int) -> str:
    """Returns the address for the person of an erasure: the same in all of their tickets."""
    return f"erased-{number}@invalid"


def stand_in_of_ticket(number: int) -> str:
    """Returns the address for the people of a ticket whose retention period is over."""
    return f"erased-t{number}@invalid"


def is_stand_in(address: str) -> bool:
    """Tells whether an address stands for an erased person."""
    return _FORM.fullmatch(address) is not None
