"""An OAuth2 token endpoint with scripted answers, and the settings that lead there."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from mailgate.config import OAuth2Table

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Response:
    """One response of the endpoint; a body that is no bytes is sent as JSON."""

    body: Any
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def raw(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def access(token: str = "access-1", **more: Any) -> Response:
    """A good answer with an access token."""
    return Response({"access_token": token, "token_type": "Bearer", "expires_in": 3600} | more)


def error(code: str, words: str = "", status: int = 400) -> Response:
    return Response({"error": code, "error_description": words}, status)


class TokenEndpoint:
    """Gives one response after the other, the last one for ever. `heard` holds every form, `paths` where each came."""

    def __init__(self, *answers: Response) -> None:
        self.answers = list(answers)
        self.heard: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.then: Callable[[dict[str, str]], Response] | None = None
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=lambda: self._server.serve_forever(poll_interval=0.01))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> TokenEndpoint:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()

    def settings(self, folder: Path, **keys: Any) -> OAuth2Table:
        """An oauth2 table that asks this endpoint; `secret` and `refresh` are written to files in `folder`."""
        for name, key in (("secret", "client_secret_file"), ("refresh", "refresh_token_file")):
            if name in keys:
                path = folder / name
                path.write_text(keys.pop(name) + "\n")
                path.chmod(0o600)
                keys[key] = path
        return OAuth2Table.model_validate({"token_url": f"{self.url}/token", "client_id": "mailgate"} | keys)

    def _answer(self, path: str, form: dict[str, str], headers: dict[str, str]) -> Response:
        with self._lock:
            self.paths.append(path)
            self.heard.append(form)
            self.headers.append(headers)
            if self.then is not None:
                return self.then(form)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode("ascii")
                said = endpoint._answer(self.path, dict(parse_qsl(body, strict_parsing=True)), dict(self.headers))
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said.raw)

            def do_GET(self) -> None:
                endpoint.paths.append(f"GET {self.path}")
                self.send_error(404)

            def log_message(self, *_: object) -> None: ...

        return Handler
