"""XFORWARD: a local MTA passes on the address of the client that it relays for (Postfix XFORWARD_README).

Pure. Of its attributes, only the client's address is kept. What is wrong is a PathRejection that holds the whole reply,
never an exception. The session decides who may use it.
"""

from __future__ import annotations

import re
from ipaddress import ip_address

from mailgate.transport.smtp.envelope_paths import PathRejection

OFFER = "XFORWARD NAME ADDR PROTO HELO SOURCE"

_KNOWN = frozenset({"NAME", "ADDR", "PROTO", "HELO", "SOURCE", "PORT", "IDENT"})  # what Postfix may ever send
_XTEXT = re.compile(r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})*")  # RFC 3461 section 4
_UNAVAILABLE = "[UNAVAILABLE]"
_IPV6 = "IPV6:"
_SYNTAX = PathRejection("501 5.5.4 Syntax: XFORWARD NAME=VALUE ...")


def read_forward(argument: str | None) -> str | PathRejection | None:
    """The client's IP address from the argument of XFORWARD: "" where it is unavailable, None where not told."""
    address: str | None = None
    words = (argument or "").split()
    if not words:
        return _SYNTAX
    for word in words:
        name, sign, value = word.partition("=")
        if name.upper() not in _KNOWN or not sign or not _XTEXT.fullmatch(value):
            return _SYNTAX
        if name.upper() == "ADDR":
            found = _read_address(_decode(value))
            if isinstance(found, PathRejection):
                return found
            address = found
    return address


def _decode(value: str) -> str:
    return re.sub(r"\+([0-9A-F]{2})", lambda pair: chr(int(pair[1], 16)), value)


def _read_address(value: str) -> str | PathRejection:
    if value.upper() == _UNAVAILABLE:
        return ""
    if value[: len(_IPV6)].upper() == _IPV6:
        value = value[len(_IPV6) :]
    try:
        address = ip_address(value)
    except ValueError:
        return PathRejection("501 5.5.4 The value of ADDR is no IP address")
    # A zone means something on one host only, and may hold any character.
    if "%" in value:
        return PathRejection("501 5.5.4 The value of ADDR is no IP address")
    return str(getattr(address, "ipv4_mapped", None) or address)
