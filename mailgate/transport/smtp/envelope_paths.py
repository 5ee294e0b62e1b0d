"""Reading the argument of MAIL and RCPT: an address and its parameters (RFC 5321 section 4.1.2).

Pure. A sender is read leniently, since its mail must not bounce for an oddity of its own address. A recipient is read
strictly: it is ours or it is not. What is wrong is a PathRejection that holds the whole reply, never an exception.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_ADDRESS_LIMIT = 320  # octets of local part, @ and domain; RFC 5321 says less, senders do not care

_QUOTED = r'"(?:[^"\\]|\\.)*"'
_ARGUMENT = re.compile(rf"(?:<((?:{_QUOTED}|[^<>\"])*)>|([^\s<>]+))(?:\s+(.*))?", re.DOTALL)
_ROUTE = re.compile(r"@[^:@]*(?:,@[^:@]*)*:")
_QUOTED_PART = re.compile(_QUOTED)
_SPACE = re.compile(r"\s")
_SIZE = re.compile(r"[0-9]{1,20}")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_ATOM = r"[^\s\"(),:;<>@\[\\\].]+"
_LABEL = r"[^\W_](?:[^\W_]|-)*"
_RECIPIENT = re.compile(rf"(?:{_ATOM}(?:\.{_ATOM})*|{_QUOTED})@(?:{_LABEL}(?:\.{_LABEL})*\.?|\[[^\s\[\]\\]+\])")
_POSTMASTER = "postmaster"  # the one address that needs no domain (RFC 5321 section 4.5.1)

_MAIL_PARAMETERS = frozenset({"SIZE", "BODY", "SMTPUTF8", "AUTH", "RET", "ENVID"})
_RCPT_PARAMETERS = frozenset({"NOTIFY", "ORCPT"})


@dataclass(frozen=True, slots=True)
class SenderPath:
    """Argument of MAIL. `address` "" is the null sender; `size` is what the client declares, in bytes; 0 for none."""

    address: str
    size: int = 0
    smtputf8: bool = False


@dataclass(frozen=True, slots=True)
class PathRejection:
    """Rejection of an argument, as the reply to send: code, enhanced code, words."""

    reply: str


def read_sender(argument: str | None) -> SenderPath | PathRejection:
    """Reads the argument of MAIL. AUTH=, RET= and ENVID= are accepted and ignored."""
    parts = _split("FROM:", argument)
    if parts is None:
        return PathRejection("501 5.5.4 Syntax: MAIL FROM:<address>")
    address, parameters = parts
    if _is_unclean(address) or _SPACE.search(_QUOTED_PART.sub("", address)):
        return PathRejection("553 5.1.7 This sender address is not well formed")
    if not parameters.keys() <= _MAIL_PARAMETERS:
        return PathRejection("555 5.5.4 A parameter of MAIL is not known here")
    if parameters.get("BODY", "7BIT").upper() not in ("7BIT", "8BITMIME") or parameters.get("SMTPUTF8"):
        return PathRejection("501 5.5.4 A parameter of MAIL has a wrong value")
    size = parameters.get("SIZE", "0")
    if not _SIZE.fullmatch(size):
        return PathRejection("501 5.5.4 A parameter of MAIL has a wrong value")
    return SenderPath(address, int(size), "SMTPUTF8" in parameters)


def read_recipient(argument: str | None, smtputf8: bool) -> str | PathRejection:
    """The address behind RCPT. NOTIFY= and ORCPT= are taken and not used.

    `smtputf8` tells whether the sender asked for addresses beyond ASCII (RFC 6531 section 3.4).
    """
    parts = _split("TO:", argument)
    if parts is None or not parts[0]:
        return PathRejection("501 5.5.4 Syntax: RCPT TO:<address>")
    address, parameters = parts
    well_formed = _RECIPIENT.fullmatch(address) or address.lower() == _POSTMASTER
    if _is_unclean(address) or not well_formed:
        return PathRejection("553 5.1.3 This recipient address is not well formed")
    if not address.isascii() and not smtputf8:
        return PathRejection("553 5.6.7 This recipient address needs SMTPUTF8")
    if not parameters.keys() <= _RCPT_PARAMETERS:
        return PathRejection("555 5.5.4 A parameter of RCPT is not known here")
    return address


def _split(keyword: str, argument: str | None) -> tuple[str, dict[str, str]] | None:
    """The address, without brackets and source route, and the parameters with upper-case names."""
    if argument is None or argument[: len(keyword)].upper() != keyword:
        return None
    found = _ARGUMENT.fullmatch(argument[len(keyword) :].strip(" \t"))
    if found is None:
        return None
    address = found[1] if found[1] is not None else found[2]
    if ":" in address:
        address = _ROUTE.sub("", address, count=1)
    pairs = [word.partition("=") for word in (found[3] or "").split()]
    return address.strip(" "), {name.upper(): value for name, _, value in pairs}


def _is_unclean(address: str) -> bool:
    return len(address) > _ADDRESS_LIMIT or _CONTROL.search(address) is not None
