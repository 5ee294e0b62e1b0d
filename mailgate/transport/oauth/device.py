"""The first refresh token: a person consents in a browser anywhere while the token endpoint is polled (RFC 8628).

The outcome is a value. Nothing is stored here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from mailgate.core.clock import Clock
from mailgate.transport.oauth.endpoint import EndpointResponse, NoAnswer, post_form
from mailgate.transport.oauth.grants import client_fields

if TYPE_CHECKING:
    from mailgate.config.tables import OAuth2Table

_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_USUAL_INTERVAL = 5.0  # seconds, section 3.2
_SLOWER = 5.0  # seconds, section 3.5
_USUAL_LIFETIME = 900.0  # seconds; the server must name one, and not all do


@dataclass(frozen=True, slots=True)
class Prompt:
    """Instructions for the person: open `url` and type `code`, within `lifetime` seconds.

    `interval` is in seconds, between two questions.
    """

    url: str
    code: str
    lifetime: float
    interval: float
    device_code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DeviceConsent:
    """The person consented."""

    refresh_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoConsent:
    """Outcome of the device grant without consent; `words` say why and what to do."""

    words: str


def ask_for_consent(settings: OAuth2Table) -> Prompt | NoConsent:
    """Requests a code for the person (RFC 8628 section 3.1), also with the secret of a confidential client."""
    answer = post_form(settings.device_url, client_fields(settings) | {"scope": settings.scope})
    if isinstance(answer, NoAnswer):
        return NoConsent(answer.words)
    if not answer.is_good:
        return NoConsent(f"{answer.words.rstrip('.')}; check client_id, scope and device_url")
    url = answer.text("verification_uri") or answer.text("verification_url")  # the latter is Google's
    code, device_code = answer.text("user_code"), answer.secret("device_code")
    if not url or not code or not device_code:
        return NoConsent(f"{answer.host} returned no code to enter; check device_url")
    interval = max(answer.seconds("interval", _USUAL_INTERVAL), 1.0)
    return Prompt(url, code, answer.seconds("expires_in", _USUAL_LIFETIME), interval, device_code)


def wait_for_consent(
    settings: OAuth2Table, prompt: Prompt, clock: Clock, sleep: Callable[[float], None]
) -> DeviceConsent | NoConsent:
    """Asks until the person has decided or the code has expired (section 3.5)."""
    form = {"grant_type": _GRANT, "device_code": prompt.device_code, **client_fields(settings)}
    end = clock.now() + timedelta(seconds=prompt.lifetime)
    interval = prompt.interval
    while clock.now() < end:
        sleep(interval)
        answer = post_form(settings.token_url, form)
        if isinstance(answer, NoAnswer) or answer.status >= 500:
            interval *= 2
        elif answer.error == "slow_down":
            interval += _SLOWER
        elif answer.error != "authorization_pending":
            return _decide(answer)
    return _EXPIRED


_EXPIRED = NoConsent("the code was not entered in time; run `mailgate authorize` again")


def _decide(answer: EndpointResponse) -> DeviceConsent | NoConsent:
    if answer.is_good:
        token = answer.secret("refresh_token")
        missing = f'{answer.host} returned no refresh token; some servers need "offline_access" in scope'
        return DeviceConsent(token) if token else NoConsent(missing)
    if answer.error == "expired_token":
        return _EXPIRED
    if answer.error == "access_denied":
        return NoConsent("access was denied in the browser; run `mailgate authorize` again, and allow it")
    return NoConsent(f"{answer.words.rstrip('.')}; check client_id, client_secret_file and token_url")
