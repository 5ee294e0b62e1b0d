"""One POST by HTTP, for what the configuration names: no redirect is followed, and all of it has its limits.

The certificate of an HTTPS server is verified. A proxy of the environment is used for HTTPS alone.
"""

from __future__ import annotations

import ssl
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import (
    HTTPRedirectHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
    build_opener,
    getproxies,
)

from mailgate.core.text import show_on_one_line
from mailgate.transport.errors import describe_connecting

FAILURES = (OSError, HTTPException, ValueError)
"""The errors that `post` raises where there is no answer."""
MOST_BYTES = 64 * 1024
"""Bytes of an answer that are read."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """Answer of a server: its status, and its first bytes, one more than `MOST_BYTES` where it is larger."""

    status: int
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds to wait: for the connection and for each piece of the answer, and for all of it."""

    piece: float
    whole: float


def post(request: Request, patience: Patience, *, ca_file: Path | None = None) -> HttpAnswer:
    """Sends a request and returns the answer, whatever its status. Raises one of FAILURES where there is none.

    It works in a thread that is abandoned at the end: a server that sends slowly meets no timeout of a socket.
    """
    done: Future[HttpAnswer] = Future()

    def ask() -> None:
        try:
            done.set_result(_exchange(request, patience, ca_file))
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=ask, name="http", daemon=True).start()
    return done.result(patience.whole)


def describe_failure(error: BaseException, request: Request, patience: Patience) -> str:
    """Describes one of FAILURES, without what a library may quote of the request."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, str):
        return show_on_one_line(cause)
    if isinstance(cause, TimeoutError):
        return f"it gave no answer within {patience.piece:.0f} seconds, or no whole one within {patience.whole:.0f}"
    if isinstance(cause, ssl.SSLError):
        host, _, port = request.host.rpartition(":")
        known = describe_connecting(
            cause, host or request.host, int(port) if host and port.isdigit() else 443, "implicit"
        )
        return known or show_on_one_line(cause.strerror or str(cause))
    if isinstance(cause, OSError):
        return show_on_one_line(cause.strerror or str(cause))
    return type(cause).__name__


class _Stay(HTTPRedirectHandler):
    """Follows no redirect: what we send is for the address in the configuration only."""

    def redirect_request(self, *_: object) -> None:
        return None


def _exchange(request: Request, patience: Patience, ca_file: Path | None) -> HttpAnswer:
    try:
        response: HTTPResponse | HTTPError = _opener(ca_file).open(request, timeout=patience.piece)
    except HTTPError as refused:
        response = refused
    with response:
        return HttpAnswer(response.status or 0, response.read(MOST_BYTES + 1))


def _opener(ca_file: Path | None) -> OpenerDirector:
    # Without a proxy for plain HTTP: that is for this machine only, and the proxy would read what is sent.
    proxies = {scheme: proxy for scheme, proxy in getproxies().items() if scheme == "https"}
    context = ssl.create_default_context(cafile=ca_file)
    return build_opener(ProxyHandler(proxies), _Stay(), HTTPSHandler(context=context))
