"""One POST to a token endpoint: a form out, its JSON answer in (RFC 6749 section 3.2 and section 5).

The outcome is a value: an `EndpointResponse`, good or bad, or `NoAnswer` where the network or the server gave
none. What was sent as a secret never stands in the words of either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit
from urllib.request import Request

from mailgate.core.text import show_on_one_line
from mailgate.transport.http import FAILURES, MOST_BYTES, Patience, describe_failure, post

TIMEOUT = 20.0  # seconds, for connecting and for each piece of the answer
LONGEST = 60.0  # seconds for all of it; who asks holds a lock that others wait for
_WORDS_LIMIT = 300  # characters; error texts of some providers are pages long
_SECRET_FIELDS = ("client_secret", "refresh_token", "assertion", "device_code")


@dataclass(frozen=True, slots=True)
class EndpointResponse:
    """JSON answer of an endpoint. `host` is the host of the endpoint, `sent` the secrets to mask in its words."""

    host: str
    status: int
    fields: Mapping[str, object] = field(repr=False)
    sent: tuple[str, ...] = field(repr=False, default=())

    @property
    def is_good(self) -> bool:
        return self.status == 200 and not self.error

    @property
    def error(self) -> str:
        """The error code of RFC 6749 section 5.2, "" where there is none."""
        return self._say("error")

    @property
    def words(self) -> str:
        """The error in the endpoint's words, on one line."""
        said = ": ".join(text for text in (self.error, self._say("error_description")) if text)
        return f"{self.host}: {said or f'HTTP status {self.status}'}"

    def secret(self, name: str) -> str:
        """A token of the answer, "" where it is missing or has letters that no token has (RFC 6750 section 2.1)."""
        value = self.fields.get(name)
        return value if isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value else ""

    def text(self, name: str) -> str:
        """A text of the answer in one line, "" where there is none."""
        value = self.fields.get(name)
        return show_on_one_line(value) if isinstance(value, str) else ""

    def seconds(self, name: str, usual: float) -> float:
        """A number of seconds, at most a day; some servers write it as text."""
        value = self.fields.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            value = int(value[:9])
        if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
            return usual
        return float(min(value, 86400))

    def _say(self, name: str) -> str:
        text = self.text(name)
        for secret in self.sent:
            text = text.replace(secret, "[secret]")
        return text[:_WORDS_LIMIT]


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The endpoint could not be asked, or what it answered is no answer; trying again may help."""

    words: str


def post_form(url: str, form: Mapping[str, str]) -> EndpointResponse | NoAnswer:
    """Posts a form to an endpoint and returns its answer; fields that are "" are left out."""
    host = urlsplit(url).hostname or url
    filled = {name: value for name, value in form.items() if value}
    request = Request(url, urlencode(filled).encode("ascii"), {"Accept": "application/json"})
    patience = Patience(TIMEOUT, LONGEST)
    try:
        answer = post(request, patience)
    except FAILURES as error:
        why = describe_failure(error, request, patience)
        return NoAnswer(f"{host} cannot be reached: {why}; it is retried; if that does not help, check the address")
    fields = _read_object(answer.body)
    if fields is None:
        wrong = f"more than {MOST_BYTES // 1024} kB" if len(answer.body) > MOST_BYTES else "no JSON object"
        return NoAnswer(f"{host} answered with HTTP status {answer.status} and {wrong}; check the address {url}")
    return EndpointResponse(
        host, answer.status, fields, tuple(filled[name] for name in _SECRET_FIELDS if name in filled)
    )


def _read_object(body: bytes) -> dict[str, object] | None:
    if len(body) > MOST_BYTES:
        return None
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
