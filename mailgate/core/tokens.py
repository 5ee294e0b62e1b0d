"""Signs and verifies tokens: what a reply brings back in its signed address, tag or Message-ID.

Pure. A token names a ticket and one of its notices and carries 80 bits of HMAC-SHA-256 over ticket, notice and
recipient (docs/rules.md#2), or a hold and one of its questions. Its purpose is signed too: where a desk calls its
tickets HOLD, both look the same, but neither verifies as the other. The first key signs, every key verifies,
so that keys can be rolled. A text that does not parse or verify gives None or False, never an exception: an attacker's
text is ordinary input. `addressing` writes tokens into addresses and reads them back.
"""

from __future__ import annotations

import base64
import hmac
import re
from dataclasses import dataclass

MAC_LENGTH = 16  # base32 letters: 80 bits
HOLD = "HOLD"  # what a hold is called in its reference: HOLD-12
_SHAPE = re.compile(r"([A-Za-z][A-Za-z0-9]{0,15}-\d{1,12})\.(\d{1,6})\.([a-z2-7A-Z]{16})")
_TAG = re.compile(r"\[([A-Za-z][A-Za-z0-9]{0,15}-\d{1,12})(?:[ _](\d{1,6})\.([a-z2-7A-Z]{16}))?\]")


@dataclass(frozen=True, slots=True)
class Token:
    """A token as read from an address, a tag or a Message-ID; it proves nothing until `verify` accepts it."""

    reference: str
    notice: int
    mac: str
    bounce: bool = False

    def __str__(self) -> str:
        return f"{'b.' if self.bounce else ''}{self.reference}.{self.notice}.{self.mac}"


def sign(keys: tuple[bytes, ...], reference: str, notice: int, recipient: str, *, bounce: bool = False) -> Token:
    """Signs the token of a notice for its recipient. A bounce token only says which notice a bounce is about."""
    return Token(reference, notice, _mac(keys[0], reference, notice, recipient, bounce), bounce)


def verify(keys: tuple[bytes, ...], token: Token, recipient: str) -> bool:
    """Tells whether one of the keys signed a token for a recipient; in constant time, without regard to case."""
    return _is_one_of(token, [_mac(key, token.reference, token.notice, recipient, token.bounce) for key in keys])


def sign_hold(keys: tuple[bytes, ...], number: int, asking: int, asked: str) -> Token:
    """Signs the token of a question of a hold, the `asking`th, for the person asked."""
    reference = hold_reference(number)
    return Token(reference, asking, _digest(keys[0], "hold", reference, asking, asked))


def verify_hold(keys: tuple[bytes, ...], token: Token, asked: str) -> bool:
    """Tells whether one of the keys signed a token for the question of a hold to that address."""
    wanted = [_digest(key, "hold", token.reference, token.notice, asked) for key in keys]
    return not token.bounce and _is_one_of(token, wanted)


def hold_reference(number: int) -> str:
    """Returns the reference of a hold, such as HOLD-12."""
    return f"{HOLD}-{number}"


def hold_number(token: Token) -> int | None:
    """Returns the number of the hold that a token names; None for the token of a ticket."""
    word, _, number = token.reference.partition("-")
    return int(number) if word == HOLD and not token.bounce else None


def read_token(text: str) -> Token | None:
    """Reads a text that is a token and nothing else; None for other texts."""
    bounce = text[:2].lower() == "b."
    found = _SHAPE.fullmatch(text[2:] if bounce else text)
    if found is None:
        return None
    return Token(found[1].upper(), int(found[2]), found[3].lower(), bounce)


def read_tags(subject: str) -> tuple[tuple[Token, ...], tuple[str, ...]]:
    """Reads the signed tags `[SUP-1042 7.k7q2…]` and the bare tags `[SUP-1042]` of a subject, left to right."""
    signed: list[Token] = []
    bare: list[str] = []
    for found in _TAG.finditer(subject):
        if found[2]:
            signed.append(Token(found[1].upper(), int(found[2]), found[3].lower()))
        else:
            bare.append(found[1].upper())
    return tuple(signed), tuple(bare)


def tag(token: Token) -> str:
    """Returns the signed tag of a token, for a subject."""
    return f"[{token.reference} {token.notice}.{token.mac}]"


def _mac(key: bytes, reference: str, notice: int, recipient: str, bounce: bool) -> str:
    return _digest(key, "bounce" if bounce else "reply", reference, notice, recipient)


def _digest(key: bytes, purpose: str, reference: str, notice: int, recipient: str) -> str:
    # Not compared with any other address: the recipient's spelling in the store is signed, and is verified.
    text = f"{purpose}\0{reference.upper()}\0{notice}\0{recipient.casefold()}"
    digest = hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
    return base64.b32encode(digest[:10]).decode("ascii").lower()


def _is_one_of(token: Token, wanted: list[str]) -> bool:
    given = token.mac.lower().encode()
    return any(hmac.compare_digest(given, mac.encode()) for mac in wanted)
