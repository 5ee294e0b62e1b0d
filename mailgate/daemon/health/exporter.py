"""Answers Prometheus over HTTP: `/metrics` with the gauges and counters of the desk, `/healthz` with the verdict.

Runs in one process, that of the role clock, in threads of its own; reads the database when it is asked, and never
writes. Needs prometheus-client, the extra `metrics`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socket import AF_INET6, SHUT_RDWR, socket
from socketserver import ThreadingTCPServer
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from mailgate.config import Listen
from mailgate.daemon.desk import Desk
from mailgate.daemon.health.counters import Counters
from mailgate.daemon.health.measurement import measure_health
from mailgate.daemon.health.metrics import PREFIX, Family, Sample, list_gauges
from mailgate.store.errors import log_error

log = logging.getLogger("mailgate.metrics")

_PATIENCE = 10  # seconds for a peer to send its request
_LONGEST = 30  # seconds for a whole connection: a peer that sends a letter now and then has no patience of ours
MOST_CONNECTIONS = 20  # at once; each takes a thread and a file of the process that keeps the deadlines


class _DeskCollector(Collector):
    """Computes the metrics when they are asked for. Where that fails, `up` is 0, and alone."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._counters = Counters()
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        try:
            families = self._measure()
        except Exception as error:  # the page must come whatever the database does: it says that it cannot be read
            log_error(log, error, action="measure", result="failed")
            families = []
        yield _make(Family("up", "Whether the metrics of the desk could be read.", [Sample(bool(families))]))
        yield from map(_make, families)

    def _measure(self) -> list[Family]:
        with self._lock, self._desk.database.read() as connection:
            self._counters.advance(connection)
            health = measure_health(connection, self._desk.settings, self._desk.clock)
            return [*list_gauges(health), *self._counters.families()]

    def describe(self) -> Iterable[Metric]:
        return ()  # without it the registry would collect once to learn the names


def _make(family: Family) -> Metric:
    metric = Metric(f"{PREFIX}{family.name}", family.words, family.kind)
    for sample in family.samples:
        if sample.value is not None:
            metric.add_sample(f"{metric.name}{sample.suffix}", dict(sample.labels), float(sample.value))
    return metric


class _Server(ThreadingTCPServer):  # HTTPServer would ask the DNS for its name
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, *place: Any) -> None:
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)
        super().__init__(*place)

    def process_request(self, request: Any, client: Any) -> None:
        """Answers in a thread; more peers than there is room for are hung up on."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client)
        except BaseException:
            self._room.release()
            raise

    def process_request_thread(self, request: Any, client: Any) -> None:
        """Answers, and cuts a peer that takes too long."""
        end = threading.Timer(_LONGEST, _cut, (request,))
        end.daemon = True
        end.start()
        try:
            super().process_request_thread(request, client)
        finally:
            end.cancel()
            self._room.release()

    def handle_error(self, _request: Any, _client: Any) -> None:
        """Stays silent about peers that hang up."""


def _cut(connection: socket) -> None:
    with suppress(OSError):  # it has ended
        connection.shutdown(SHUT_RDWR)


class _IPv6Server(_Server):
    address_family = AF_INET6


class Exporter:
    """The HTTP server of a desk. Raises OSError where it cannot listen."""

    def __init__(self, desk: Desk, listen: Listen) -> None:
        registry = CollectorRegistry()
        registry.register(_DeskCollector(desk))
        server = _IPv6Server if ":" in listen.host else _Server
        self._server = server((listen.host, listen.port), partial(_Handler, desk, registry))
        self._thread = threading.Thread(target=self._server.serve_forever, name="metrics", daemon=True)

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self._server.server_address[1])

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(2)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a peer."""

    timeout = _PATIENCE
    server_version = "mailgate"
    sys_version = ""

    def __init__(self, desk: Desk, registry: CollectorRegistry, *connection: Any) -> None:
        self._desk = desk
        self._registry = registry
        super().__init__(*connection)

    def do_GET(self) -> None:
        """Answers `/metrics` and `/healthz`."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            encode, kind = choose_encoder(self.headers.get("Accept", ""))
            self._answer(HTTPStatus.OK, kind, encode(self._registry))
        elif path == "/healthz":
            reasons = list(self._find_reasons())
            status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
            self._say(status, "\n".join(reasons) or "well")
        else:
            self._say(HTTPStatus.NOT_FOUND, "the paths are /metrics and /healthz")

    def _find_reasons(self) -> Iterator[str]:
        try:
            with self._desk.database.read() as connection:
                yield from measure_health(connection, self._desk.settings, self._desk.clock).reasons
        except Exception as error:  # as for the collector
            log_error(log, error, action="measure", result="failed")
            yield "the database cannot be read"

    def _say(self, status: HTTPStatus, words: str) -> None:
        self._answer(status, "text/plain; charset=utf-8", f"{words}\n".encode())

    def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Keeps requests out of the log."""
