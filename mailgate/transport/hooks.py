"""Calls a hook: runs its command, or posts to its address, signed as Standard Webhooks.

The outcome is a value. The receiver of a call may get it more than once, always under the same id.
https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from urllib.request import Request

from mailgate import __version__
from mailgate.config import Hook
from mailgate.core.text import show_on_one_line
from mailgate.transport.http import FAILURES, Patience, describe_failure, post
from mailgate.transport.program import run_program

_AGAIN = (408, 425, 429)  # of the 4xx: the receiver asks for another attempt
_REFUSED = 65  # EX_DATAERR of sysexits.h: the command will never take this call
_LONGEST = 300  # characters of a reply that are kept


@dataclass(frozen=True, slots=True)
class HookCall:
    """A call as its receiver gets it: its id, its type, and its JSON."""

    uid: str
    type: str
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Called:
    """The receiver has the call; `reply` is what it said, "" for nothing."""

    reply: str


@dataclass(frozen=True, slots=True)
class Failed:
    """The receiver does not have the call, and may take it later, or has refused it for good."""

    words: str
    is_final: bool = False


def call_hook(
    hook: Hook, call: HookCall, now: datetime, is_stopped: Callable[[], bool] = lambda: False
) -> Called | Failed:
    """Makes one call, within the hook's time; a command is killed as soon as `is_stopped`."""
    return _post(hook, call, now) if hook.url else _run(hook, call, is_stopped)


def sign(keys: Sequence[bytes], uid: str, timestamp: int, body: bytes) -> str:
    """Signs a call with each of the keys, for the header webhook-signature."""
    signed = f"{uid}.{timestamp}.".encode() + body
    digests = (hmac.new(key, signed, hashlib.sha256).digest() for key in keys)
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)


def _post(hook: Hook, call: HookCall, now: datetime) -> Called | Failed:
    body, timestamp = call.body.encode(), int(now.timestamp())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"mailgate/{__version__}",
        "webhook-id": call.uid,
        "webhook-timestamp": str(timestamp),
    }
    if hook.keys:
        headers["webhook-signature"] = sign(hook.keys, call.uid, timestamp, body)
    request = Request(hook.url, body, headers)
    seconds = hook.timeout.span.total_seconds()
    patience = Patience(seconds, seconds)
    try:
        answer = post(request, patience, ca_file=hook.ca_file)
    except FAILURES as error:
        return Failed(describe_failure(error, request, patience))
    said = show_on_one_line(answer.body[: 4 * _LONGEST].decode(errors="replace"))[:_LONGEST]
    words = f"HTTP status {answer.status}{f': {said}' if said else ''}"
    if 200 <= answer.status < 300:
        return Called(words)
    return Failed(words, is_final=answer.status < 500 and answer.status not in _AGAIN)


def _run(hook: Hook, call: HookCall, is_stopped: Callable[[], bool]) -> Called | Failed:
    variables = {"MAILGATE_HOOK": hook.name, "MAILGATE_CALL": call.uid, "MAILGATE_TYPE": call.type}
    try:
        ended = run_program(
            hook.command, (call.body.encode(), b"\n"), hook.timeout.span.total_seconds(), variables, is_stopped
        )
    except OSError as error:
        return Failed(f"cannot run {hook.command[0]}: {(error.strerror or str(error)).lower()}")
    if ended.status == 0:
        return Called(ended.words[:_LONGEST])
    return Failed(ended.words[:_LONGEST], is_final=ended.status == _REFUSED)
