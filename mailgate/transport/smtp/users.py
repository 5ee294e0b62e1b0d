"""The agents who may log in by SMTP AUTH: a file of `address:hash` lines, the hashes made by scrypt (RFC 7914).

A hash is `scrypt$N$R$P$SALT$KEY`, salt and key in base64. Blank lines and lines that begin with `#` do not count.
A line that is not of that shape is a ValueError that names it: the file is the operator's, and a typing mistake
must not quietly lock an agent out. A wrong password is False.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from pathlib import Path

from mailgate.core.domains import fold_address
from mailgate.transport import private_file

_MEMORY = 256 * 2**20  # bytes that one check may take; parameters beyond that are a mistake
_MOST_P = 16  # p costs time, not memory
_COST = 2**14
_BLOCK = 8


@dataclass(frozen=True, slots=True)
class _Hash:
    n: int
    r: int
    p: int
    salt: bytes
    key: bytes

    def matches(self, password: str) -> bool:
        given = _derive(password, self.salt, (self.n, self.r, self.p), len(self.key))
        return hmac.compare_digest(given, self.key)


class SmtpUsers:
    """Addresses and the hashes of their passwords. Safe to use from several threads."""

    def __init__(self, hashes: dict[str, _Hash]) -> None:
        self._hashes = hashes
        # An unknown address costs as much time as a known one, so that the time of the reply tells no names.
        self._nobody = _Hash(_COST, _BLOCK, 1, secrets.token_bytes(16), secrets.token_bytes(32))

    @classmethod
    def from_file(cls, path: Path) -> SmtpUsers:
        """Reads the file. Raises OSError where it cannot be read, ValueError with file and line on a malformed one."""
        lines = path.read_text("utf-8").splitlines()
        return cls(dict(one for at, line in enumerate(lines, 1) if (one := _read_line(line, path, at)) is not None))

    def verify(self, address: str, password: str) -> bool:
        """Verifies the password of an agent. Takes tens of milliseconds of CPU: call it in a thread."""
        known = self._hashes.get(fold_address(address))
        matches = (known or self._nobody).matches(password)
        return known is not None and matches


def hash_password(password: str) -> str:
    """The hash to write into the file for this password; another one at every call."""
    salt = secrets.token_bytes(16)
    key = _derive(password, salt, (_COST, _BLOCK, 1), 32)
    words = (base64.b64encode(part).decode("ascii") for part in (salt, key))
    return "$".join(["scrypt", str(_COST), str(_BLOCK), "1", *words])


def put_user(path: Path, address: str, password: str) -> bool:
    """Writes the line of an agent into the file, in place of the one that they had; returns whether they had one.

    All other lines stay as they are, comments included. Raises OSError where the file cannot be written, ValueError
    with file and line on a malformed line; then nothing is changed.
    """
    with private_file.hold(path) as file:
        lines, key = file.read().splitlines(), fold_address(address)
        found = [_read_line(line, path, at) for at, line in enumerate(lines, 1)]
        own = [at for at, one in enumerate(found) if one is not None and one[0] == key]
        place = own[-1] if own else len(lines)
        lines[place : place + 1] = [f"{address}:{hash_password(password)}"]
        kept = (line for at, line in enumerate(lines) if at == place or at not in own)
        file.write("".join(f"{line}\n" for line in kept))
    return bool(own)


def _read_line(line: str, path: Path, number: int) -> tuple[str, _Hash] | None:
    """Reads a line: the folded address and the hash; None for a comment or a blank line."""
    text = line.strip()
    if not text or text.startswith("#"):
        return None
    address, _, spelled = text.partition(":")
    found = _read_hash(spelled.strip())
    if found is None or "@" not in address:
        raise ValueError(f"{path}, line {number}: expected address:scrypt$N$R$P$SALT$KEY")
    return fold_address(address.strip()), found


def _derive(password: str, salt: bytes, cost: tuple[int, int, int], length: int) -> bytes:
    n, r, p = cost
    secret = password.encode("utf-8", "surrogatepass")
    return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=2 * _MEMORY, dklen=length)


def _read_hash(spelled: str) -> _Hash | None:
    try:
        name, n, r, p, salt, key = spelled.split("$")
        found = _Hash(int(n), int(r), int(p), _read_base64(salt), _read_base64(key))
    except (ValueError, binascii.Error):
        return None
    power_of_two = found.n > 1 and found.n & (found.n - 1) == 0
    sane = 0 < found.p <= _MOST_P and found.r > 0 and 128 * found.n * found.r <= _MEMORY and 16 <= len(found.key) <= 64
    return found if name == "scrypt" and power_of_two and sane else None


def _read_base64(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
