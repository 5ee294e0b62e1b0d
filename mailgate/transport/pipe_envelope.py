"""The envelope of a mail on standard input, from what the MTA that runs the command passes beside the mail.

Pure. Postfix local(8), Exim and qmail export SENDER and RECIPIENT, Postfix ORIGINAL_RECIPIENT too, which Dovecot's
Sieve calls ORIG_RECIPIENT, and most put an mbox "From " line before the mail. What cannot be an address is treated as
missing: a mail does not wait for ever because of it.

Measured with Postfix 3.10 and a command in an alias: the null sender is an empty SENDER and `From MAILER-DAEMON`. In
the environment each character outside of command_expansion_filter is a `_` (SENDER=o_neil@x.org for o'neil@x.org), in
the mbox line all stand as they are. RECIPIENT is the name whose alias holds the command, with its extension as it was
written; ORIGINAL_RECIPIENT is what the mail was sent to before aliases, virtual ones included.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from mailgate.core.domains import fold_address

MBOX_LINE = b"From "

_NULL = ("", "mailer-daemon", "<>")  # how MTAs write that there is nobody to answer
_LONGEST = 320  # octets, as for SMTP
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
# The date is `Thu Nov 26 17:12:26 2026`, as asctime has it, and may be missing. A quoted local part may hold blanks.
_LINE = re.compile(r"From\s+(\S+|\"(?:[^\"\\]|\\.)*\"@\S+)(?:\s+(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b.*|\s*)")


def read_sender(environment: Mapping[str, str], mbox_line: bytes) -> str | None:
    """Reads the envelope sender; "" for the null sender, None where neither the environment nor the line has one."""
    line = _LINE.fullmatch(mbox_line.decode("utf-8", "replace").rstrip("\r\n"))
    written = _clean(line[1]) if line else None
    exported = _clean(environment["SENDER"]) if "SENDER" in environment else None
    told = exported
    if exported is None or (written is not None and _is_spelt(exported, written)):
        told = written
    return None if told is None else read_given(told)


def read_given(sender: str) -> str | None:
    """Reads a sender as MTAs write it, such as MAILER-DAEMON for the null sender (""); None if it is no address."""
    clean = _clean(sender)
    return "" if clean is not None and clean.casefold() in _NULL else clean


def read_given_recipients(recipients: Iterable[str]) -> tuple[str, ...]:
    """Returns the recipients of the command line without those that cannot be addresses."""
    return tuple(clean for recipient in recipients if (clean := _clean(recipient)))


def read_recipients(environment: Mapping[str, str]) -> tuple[str, ...]:
    """Reads the recipients that the MTA exports: as the sender wrote them, then as the aliases made them."""
    told: dict[str, str] = {}
    for name in ("ORIGINAL_RECIPIENT", "ORIG_RECIPIENT", "RECIPIENT"):
        address = _clean(environment.get(name, ""))
        if address:
            told.setdefault(fold_address(address), address)
    return tuple(told.values())


def _is_spelt(exported: str, written: str) -> bool:
    """Tells whether both are one address, in which the environment has `_` for what Postfix does not export."""
    shape = re.escape(exported.encode()).replace(b"_", b".")  # one `_` for each byte
    return re.fullmatch(shape, written.encode(), re.DOTALL) is not None


def _is_bytes(text: str) -> bool:
    """Tells whether its surrogates stand for bytes, as Python decodes the command line and the environment."""
    return all(not 0xD800 <= ord(letter) <= 0xDFFF or 0xDC80 <= ord(letter) <= 0xDCFF for letter in text)


def _clean(address: str) -> str | None:
    """The address as text that a database takes; None for what can be none."""
    text = address.encode("utf-8", "surrogateescape" if _is_bytes(address) else "replace").decode("utf-8", "replace")
    text = text.strip(" \t")
    return None if len(text) > _LONGEST or _CONTROL.search(text) else text
