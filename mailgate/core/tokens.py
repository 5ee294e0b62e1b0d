"""Signs and verifies tokens: what a reply brings back in its signed address, tag or Message-ID.

Pure. A token names a ticket and one of its notices and carries 80 bits of HMAC-SHA-256 over ticket, notice and
recipient (docs/rules.md#2), a hold and one of its questions, or a mail to staff that belongs to no ticket. Its purpose
is signed too: where a desk calls its tickets HOLD, both look the same, but neither verifies as the other. So is the
random word of the ticket or hold, which the token shows: a database that is restored gives a number again, but not the
word. What was signed before version 0007 has no word. The first key signs, every key verifies, so that keys can be
rolled. A text that does not parse or verify gives None or False, never an exception: an attacker's text is ordinary
input. `addressing` writes tokens into addresses and reads them back.
"""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from dataclasses import dataclass

MAC_LENGTH = 16  # base32 letters: 80 bits
WORD_LENGTH = 4  # base32 letters that stand before them
MAC = rf"[a-z2-7]{{{MAC_LENGTH}}}(?:[a-z2-7]{{{WORD_LENGTH}}})?"
"""Regular expression: the secret part of a token, in lower case."""
TAG = rf"\[[A-Z][A-Z0-9]{{0,15}}-\d{{1,12}}(?:[ _]\d{{1,6}}\.{MAC})?\]"
"""Regular expression: a tag, signed or bare; to be compiled without regard to case."""
HOLD = "HOLD"  # what a hold is called in its reference: HOLD-12
STAFF = "DESK"  # what stands in place of a reference in the token of a mail to staff that belongs to no ticket
_SECRET = re.compile(rf"\.[A-Za-z2-7]{{{MAC_LENGTH}}}")  # ten times as fast as the next, for the many texts without
_SHOWN = re.compile(rf"([A-Z][A-Z0-9]{{0,15}}-\d{{1,12}}[. _]\d{{1,6}})\.{MAC}", re.IGNORECASE | re.ASCII)
_SHAPE = re.compile(rf"([A-Z][A-Z0-9]{{0,15}}-\d{{1,12}})\.(\d{{1,6}})\.({MAC})", re.IGNORECASE | re.ASCII)
_TAG = re.compile(rf"\[([A-Z][A-Z0-9]{{0,15}}-\d{{1,12}})(?:[ _](\d{{1,6}})\.({MAC}))?\]", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as read from an address, a tag or a Message-ID; it proves nothing until `verify` accepts it.

    `mac` is its secret part: the word, if it has one, and the signature.
    """

    reference: str
    notice: int
    mac: str
    bounce: bool = False

    @property
    def word(self) -> str:
        """The word of the ticket or hold that it was signed for; "" before version 0007."""
        return self.mac[:-MAC_LENGTH].lower()

    def __str__(self) -> str:
        return f"{'b.' if self.bounce else ''}{self.reference}.{self.notice}.{self.mac}"


def make_word() -> str:
    """Makes the random word of a new ticket or hold."""
    return "".join(secrets.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(WORD_LENGTH))


def sign(
    keys: tuple[bytes, ...], reference: str, notice: int, recipient: str, *, word: str = "", bounce: bool = False
) -> Token:
    """Signs the token of a notice for its recipient, with the word of its ticket.

    A bounce token only says which notice a bounce is about.
    """
    return Token(reference, notice, _mac(keys[0], _purpose(bounce), reference, notice, recipient, word), bounce)


def verify(keys: tuple[bytes, ...], token: Token, recipient: str) -> bool:
    """Tells whether one of the keys signed a token for a recipient; in constant time, without regard to case.

    Whether the word in it is the ticket's is for the caller to compare.
    """
    return _is_signed(keys, token, _purpose(token.bounce), recipient)


def sign_hold(keys: tuple[bytes, ...], number: int, asking: int, asked: str, *, word: str = "") -> Token:
    """Signs the token of a question of a hold, the `asking`th, for the person asked, with the word of the hold."""
    reference = hold_reference(number)
    return Token(reference, asking, _mac(keys[0], "hold", reference, asking, asked, word))


def verify_hold(keys: tuple[bytes, ...], token: Token, asked: str) -> bool:
    """Tells whether one of the keys signed a token for the question of a hold to that address; as `verify`."""
    return not token.bounce and _is_signed(keys, token, "hold", asked)


def sign_for_staff(keys: tuple[bytes, ...], number: int, recipient: str) -> Token:
    """Signs the token of a mail to staff that belongs to no ticket, for its recipient; it proves who got that mail."""
    reference = f"{STAFF}-{number}"
    return Token(reference, 0, _mac(keys[0], "staff", reference, 0, recipient, ""))


def verify_for_staff(keys: tuple[bytes, ...], token: Token, recipient: str) -> bool:
    """Tells whether one of the keys signed a token for a mail to staff that went to that address; as `verify`."""
    is_staff = token.reference.partition("-")[0] == STAFF and not token.bounce
    return is_staff and _is_signed(keys, token, "staff", recipient)


def staff_number(token: Token) -> int:
    """Returns the number that a token for staff was signed with; 0 for another token."""
    word, _, number = token.reference.partition("-")
    return int(number) if word == STAFF else 0


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


def mask_tokens(text: str) -> str:
    """Replaces the secret part of each plainly written token: no reader of a log may answer for others."""
    return _SHOWN.sub(r"\1.masked", text) if _SECRET.search(text) is not None else text


def _purpose(bounce: bool) -> str:
    return "bounce" if bounce else "reply"


def _mac(key: bytes, purpose: str, reference: str, notice: int, recipient: str, word: str) -> str:
    # Not compared with any other address: the recipient's spelling in the store is signed, and is verified.
    text = f"{purpose}\0{reference.upper()}\0{notice}\0{recipient.casefold()}"
    text = f"{word}\0{text}" if word else text
    digest = hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")
    return word + base64.b32encode(digest[:10]).decode("ascii").lower()


def _is_signed(keys: tuple[bytes, ...], token: Token, purpose: str, recipient: str) -> bool:
    given = token.mac.lower().encode()
    wanted = [_mac(key, purpose, token.reference, token.notice, recipient, token.word) for key in keys]
    return any(hmac.compare_digest(given, mac.encode()) for mac in wanted)
