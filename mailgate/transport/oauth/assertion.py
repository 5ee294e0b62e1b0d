"""Assertions: the JSON Web Token that a Google service account signs to get a token (RFC 7523 section 3).

Fails with `Unsigned`, whose words say what to do: the extra that signs is missing, or the key file is not one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mailgate.config.types import check_https_url

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NO_JWT = "the signing library for service accounts is not installed: install mailgate with the extra oauth"
_GOOGLE = "https://oauth2.googleapis.com/token"
_LIFETIME = 3600  # seconds; Google takes no longer ones


class Unsigned(Exception):
    """Raised where no assertion can be signed; the text says why and holds no secret."""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """Service account, as read from its key file. `token_url` is the endpoint and the audience of its assertions."""

    email: str
    token_url: str
    key: str = field(repr=False)
    key_id: str = ""

    @classmethod
    def read(cls, path: Path, token_url: str = "") -> ServiceAccount:
        """The JSON key file of Google's console. `token_url` is for a file that names none. Raises Unsigned."""
        try:
            found = json.loads(path.read_bytes())
        except OSError as error:
            raise Unsigned(f"cannot read {path}: {(error.strerror or str(error)).lower()}") from None
        except (ValueError, RecursionError):
            raise Unsigned(f"{path} is not JSON: put the key file of the service account there") from None
        words = found if isinstance(found, dict) else {}
        email, key, key_id, url = (
            str(words.get(name) or "") for name in ("client_email", "private_key", "private_key_id", "token_uri")
        )
        if not email or not key:
            raise Unsigned(f"{path} has no client_email and private_key: put the key file of the service account there")
        try:
            return cls(email, check_https_url(url or token_url or _GOOGLE), key, key_id)
        except ValueError as error:
            raise Unsigned(f"{path}: token_uri: {error}") from None

    def sign(self, subject: str, scope: str, now: datetime) -> str:
        """The assertion by which the account acts for `subject`, signed with RS256. Raises Unsigned."""
        try:
            import jwt
            from jwt.algorithms import has_crypto
        except ImportError:
            raise Unsigned(NO_JWT) from None
        if not has_crypto:
            raise Unsigned(NO_JWT)
        issued = int(now.timestamp())
        claims = {"iss": self.email, "sub": subject, "scope": scope, "aud": self.token_url}
        times = {"iat": issued, "exp": issued + _LIFETIME}
        try:
            return jwt.encode(claims | times, self.key, "RS256", {"kid": self.key_id} if self.key_id else None)
        except (ValueError, TypeError, jwt.PyJWTError):  # their words may quote the key
            raise Unsigned("the private_key of the service account is not an RSA key: create a new key file") from None
