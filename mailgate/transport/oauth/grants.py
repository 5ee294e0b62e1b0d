"""The three ways to an access token: client secret, refresh token, service account.

Fails with `NoToken`. A new refresh token is safe on the disk before the access token that came with it is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from mailgate.transport.oauth import assertion
from mailgate.transport.oauth.assertion import ServiceAccount, Unsigned
from mailgate.transport.oauth.endpoint import EndpointResponse, NoAnswer, post_form
from mailgate.transport.oauth.token_file import hold

if TYPE_CHECKING:
    from mailgate.config.tables import OAuth2Table

_USUAL_LIFETIME = 3600.0  # seconds, where the server names none; a token that ends sooner is refused and renewed
_ADVICE = {
    "invalid_client": "check client_id and client_secret_file",
    "unauthorized_client": "allow this grant for the client at the provider",
    "unsupported_grant_type": "check token_url, or use another grant",
    "invalid_scope": "check scope",
}


class NoToken(Exception):
    """There is no access token now; the words say why and what to do, in one line. Back off before the next try."""

    @property
    def words(self) -> str:
        return str(self)


@dataclass(frozen=True, slots=True)
class Access:
    """An access token and how long it is good for."""

    token: str = field(repr=False)
    lifetime: timedelta


def fetch_access(settings: OAuth2Table, user: str, now: datetime) -> Access:
    """A fresh token for `user`, by the way that the settings describe. Raises NoToken."""
    if settings.service_account_file is not None:
        return _by_service_account(settings, user, now)
    if settings.refresh_token_file is not None:
        return _by_refresh_token(settings)
    form = {"grant_type": "client_credentials", **client_fields(settings), "scope": settings.scope}
    return _read_access(post_form(settings.token_url, form), "check client_secret_file")


def client_fields(settings: OAuth2Table) -> dict[str, str]:
    """Returns the form fields of the client's credentials (RFC 6749 section 2.3.1); a public client's secret is ""."""
    secret = settings.client_secret_file
    return {"client_id": settings.client_id, "client_secret": secret.text if secret else ""}


def _by_service_account(settings: OAuth2Table, user: str, now: datetime) -> Access:
    assert settings.service_account_file is not None
    subject = settings.subject or user
    try:
        account = ServiceAccount.read(settings.service_account_file, settings.token_url)
        signed = account.sign(subject, settings.scope, now)
    except Unsigned as error:
        raise NoToken(str(error)) from None
    answer = post_form(account.token_url, {"grant_type": assertion.GRANT, "assertion": signed})
    return _read_access(answer, f"check this machine's clock, and that {account.email} may act for {subject}")


def _by_refresh_token(settings: OAuth2Table) -> Access:
    path = settings.refresh_token_file
    assert path is not None
    anew = "run `mailgate authorize`" if settings.device_url else f"put a new refresh token into {path}"
    try:
        with hold(path) as file:
            token = file.read()
            if not token:
                raise NoToken(f"there is no refresh token in {path}: {anew}")
            form = {"grant_type": "refresh_token", **client_fields(settings), "refresh_token": token}
            answer = post_form(settings.token_url, form | {"scope": settings.scope})
            new = answer.secret("refresh_token") if isinstance(answer, EndpointResponse) and answer.is_good else ""
            if new not in ("", token):
                file.write(new)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise NoToken(f"{path} cannot be saved: {reason}; give the desk write access to its folder") from None
    return _read_access(answer, anew)


def _read_access(answer: EndpointResponse | NoAnswer, on_invalid_grant: str) -> Access:
    """Reads the token of an answer; `on_invalid_grant` advises where the server rejects the grant. Raises NoToken."""
    if isinstance(answer, NoAnswer):
        raise NoToken(answer.words)
    if not answer.is_good:
        raise NoToken(_with_advice(answer.words, (_ADVICE | {"invalid_grant": on_invalid_grant}).get(answer.error)))
    token = answer.secret("access_token")
    kind = answer.text("token_type") or "bearer"
    if not token or kind.lower() != "bearer":
        raise NoToken(f"{answer.host} returned no bearer token; check token_url")
    return Access(token, timedelta(seconds=answer.seconds("expires_in", _USUAL_LIFETIME)))


def _with_advice(words: str, advice: str | None) -> str:
    return f"{words.rstrip('.')}; {advice}" if advice else words
