"""A login with an access token: AUTH XOAUTH2 or OAUTHBEARER (RFC 4954, RFC 7628).

Fails with OSError where the connection is lost; what the relay says is a value.
"""

from __future__ import annotations

import smtplib
from base64 import b64encode
from dataclasses import dataclass

from mailgate.transport.oauth.sasl import Mechanism, choose, end_of_failure, first_message
from mailgate.transport.relay.outcomes import SmtpReply

_LINE_MAX = 510  # octets without the line's end, RFC 5321 section 4.5.3.1.4
_GO_ON = 334


@dataclass(frozen=True, slots=True)
class TokenLogin:
    """Result of a login with a token. `is_token_refused`: another token may be accepted."""

    reply: SmtpReply
    is_token_refused: bool


def offer_token(smtp: smtplib.SMTP, user: str, token: str, host: str, port: int) -> TokenLogin | None:
    """Logs in with an access token; None where the relay offers no mechanism for one."""
    mechanism = choose(smtp.esmtp_features.get("auth", "").split())
    if mechanism is None:
        return None
    reply = _say_token(smtp, mechanism, _encode(first_message(mechanism, user, token, host, port)))
    challenged = reply.code == _GO_ON  # the error as JSON; the refusal itself comes behind our answer
    if challenged:
        reply = SmtpReply.read(*smtp.docmd(_encode(end_of_failure(mechanism))))
    return TokenLogin(reply, challenged or reply.code == 535)


def _say_token(smtp: smtplib.SMTP, mechanism: Mechanism, message: str) -> SmtpReply:
    """The reply to the token, which goes on a line of its own where AUTH would become too long (RFC 4954 section 4)."""
    if len(f"AUTH {mechanism} {message}") <= _LINE_MAX:
        return SmtpReply.read(*smtp.docmd("AUTH", f"{mechanism} {message}"))
    reply = SmtpReply.read(*smtp.docmd("AUTH", mechanism))
    return SmtpReply.read(*smtp.docmd(message)) if reply.code == _GO_ON else reply


def _encode(message: bytes) -> str:
    return b64encode(message).decode("ascii")
