"""Checks that the secret is long enough, and that it signed the mails that are out.

With another secret no reply to them is recognised. So `serve` says it as well.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from mailgate.cli.checks.desk import CheckResult, Finding, read_if_there
from mailgate.config import Settings
from mailgate.core.addressing import read_message_id_token
from mailgate.core.tokens import verify
from mailgate.store.queries.places import list_open_mails

_LONG, _SHORTEST = 32, 16  # bytes of a key; 32 hexadecimal digits are 128 bits
_LOOKED_AT = 50  # mails
_NEW_KEY = "put a new one at the top of the file (openssl rand -hex 32)"


def describe_foreign_secret(connection: Connection, settings: Settings) -> str:
    """Describes that the secret signed none of the newest mails of open tickets; "" where it did, or there are none."""
    mails = list_open_mails(connection, _LOOKED_AT)
    signed = [(token, recipient) for key, recipient in mails if (token := read_message_id_token(key)) is not None]
    if not signed or any(verify(settings.desk.keys, token, recipient) for token, recipient in signed):
        return ""
    mails_out = "the newest email" if len(signed) == 1 else f"the {len(signed)} newest emails"
    return (
        f"{settings.desk.secret_file.path} signed none of {mails_out} of open tickets: replies to them will not "
        "be recognised. Is this the right file? If the key is new, keep the old one below it"
    )


def check_secret(settings: Settings, *, connect: bool) -> Iterator[Finding]:
    """Reports a short secret, or another desk's; reads a SQLite file if it exists, PostgreSQL with `connect`."""
    secret = settings.desk.secret_file
    shortest = min(len(key.strip()) for key in secret.lines)
    if shortest < _LONG:
        verdict = CheckResult.FAILED if shortest < _SHORTEST else CheckResult.WARNING
        words = f"{secret.path}: a key of {shortest} bytes can be guessed; {_NEW_KEY}, and remove the short one later"
        yield Finding("secret", verdict, words)
    foreign = read_if_there(settings, lambda one: describe_foreign_secret(one, settings), connect=connect)
    if foreign:
        yield Finding("secret", CheckResult.FAILED, foreign)
