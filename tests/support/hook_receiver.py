"""A receiver of webhooks: keeps what comes, and answers with the statuses that a test sets."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

KEY = "whsec_" + base64.b64encode(b"the first key of this receiver, as it shows it").decode()
OTHER_KEY = "whsec_" + base64.b64encode(b"the key that was used before the first").decode()


@dataclass(frozen=True)
class ReceivedCall:
    """A call as it came: its headers by their names in lower case, its body, and the status it was answered with."""

    headers: dict[str, str]
    body: bytes
    status: int

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HookReceiver:
    """An HTTP server of this process. `answers` are the next statuses, `always` the one after them."""

    answers: list[int] = field(default_factory=list)
    always: int = 200
    calls: list[ReceivedCall] = field(default_factory=list)
    heard: Callable[[], object] = lambda: None

    def __enter__(self) -> Self:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answers.pop(0) if receiver.answers else receiver.always
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.calls.append(ReceivedCall(headers, body, status))
                receiver.heard()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", "/elsewhere")
                said = b"" if status == 204 else b"as told\n"
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"


def write_keys(path: Path, *keys: str) -> None:
    path.write_text("".join(f"{key}\n" for key in keys))
    path.chmod(0o600)
