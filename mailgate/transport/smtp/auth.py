"""SMTP AUTH: the dialogues of AUTH PLAIN (RFC 4616) and AUTH LOGIN, which ask the client for its credentials.

`users` verifies the credentials. Where the dialogue itself fails its reply was sent already, and there are none.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials that a client sent."""

    address: str
    password: str = field(repr=False)


async def ask_credentials(session: SMTP, argument: str | None) -> Credentials | None:
    """Runs the dialogue that the argument of AUTH asks for; None after a reply that refuses it."""
    words = (argument or "").split()
    mechanism = words[0].upper() if 1 <= len(words) <= 2 else ""
    if mechanism == "PLAIN":
        return await _ask_plain(session, words[1:])
    if mechanism == "LOGIN":
        return await _ask_login(session, words[1:])
    await session.push("504 5.5.4 Only PLAIN and LOGIN are known here")
    return None


async def _ask_plain(session: SMTP, initial: list[str]) -> Credentials | None:
    answer = await _ask(session, "", initial)
    if answer is None:
        return None
    parts = answer.split("\0")
    if len(parts) != 3:
        await session.push("501 5.5.2 This is no PLAIN login")
        return None
    return Credentials(parts[1], parts[2])


async def _ask_login(session: SMTP, initial: list[str]) -> Credentials | None:
    address = await _ask(session, "Username:", initial)
    password = None if address is None else await _ask(session, "Password:", [])
    return None if address is None or password is None else Credentials(address, password)


async def _ask(session: SMTP, question: str, initial: list[str]) -> str | None:
    """One answer, which the client may have given with the command already ("=" is an empty one, RFC 4954)."""
    if not initial:
        answer = await session.challenge_auth(question)
        return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else None
    try:
        return base64.b64decode(initial[0].removeprefix("="), validate=True).decode("utf-8", "replace")
    except ValueError:
        await session.push("501 5.5.2 This is not base64")
        return None
