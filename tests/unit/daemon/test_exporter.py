"""The figures of a running desk for Prometheus: gauges, counters, histograms and the verdict."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from socket import create_connection

import pytest
from sqlalchemy import update

from mailgate.__main__ import main
from mailgate.cli.checks.desk import CheckResult, check_metrics
from mailgate.config import Listen, read_config
from mailgate.core.clock import HandClock
from mailgate.daemon.desk import build_desk
from mailgate.daemon.health.counters import Counters
from mailgate.daemon.health.exporter import MOST_CONNECTIONS, Exporter
from mailgate.daemon.roles import Daemon
from mailgate.store.schema import journal, outbox
from mailgate.store.work_queue import requeue
from mailgate.transport.relay import Deferred, Rejected
from tests.support.desk import CONFIG, MONDAY, TestDesk

Get = Callable[[str], tuple[int, str]]


def ask(port: int, path: str) -> tuple[int, str]:
    """Asks an exporter: the status of its answer, and the words."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


@pytest.fixture
def get(desk: TestDesk) -> Iterator[Get]:
    """Asks an exporter of the desk, that has not been asked before: the status of its answer, and the words."""
    exporter = Exporter(desk.desk, Listen("127.0.0.1", 0))
    exporter.start()
    yield lambda path: ask(exporter.port, path)
    exporter.stop()


def _read(page: str) -> dict[str, float]:
    """Reads the samples of a page, each by its name with the labels as they stand there; disks fill up meanwhile."""
    found = re.findall(r"^(mailgate_(?!disk_free)\S+) (\S+)$", page, re.MULTILINE)
    return {name: float(value) for name, value in found}


def _counters(samples: dict[str, float]) -> list[str]:
    return [name for name in samples if name.split("{")[0].endswith(("_total", "_count", "_bucket", "_sum"))]


def _write_to(desk: TestDesk, subject: str = "Printer") -> None:
    desk.send(desk.mail("anna@example.org", "It is broken.", subject=subject))


@pytest.mark.postgresql
def test_a_scrape_has_what_was_received_decided_and_sent(desk: TestDesk, get: Get) -> None:
    _write_to(desk)
    first = _read(get("/metrics")[1])
    assert first["mailgate_up"] == 1
    assert first['mailgate_tickets{state="level1"}'] == 1, "the gauges of `status --metrics` are there"
    assert first['mailgate_received_total{way="test"}'] == 1, "also what came in before the first look"
    assert first['mailgate_decided_total{result="done"}'] == 1
    assert first['mailgate_notices_queued_total{notice="receipt"}'] == 1
    assert first['mailgate_notices_total{notice="receipt",state="sent"}'] == 1
    assert first['mailgate_ticket_steps_total{step="opened"}'] == 1
    assert first["mailgate_send_seconds_count"] == 0, "the histograms begin with the process"
    again = _read(get("/metrics")[1])
    assert {name: again[name] for name in _counters(first)} == {name: first[name] for name in _counters(first)}

    _write_to(desk, "Screen")
    second = _read(get("/metrics")[1])
    assert second['mailgate_received_total{way="test"}'] == 2
    assert second['mailgate_decided_total{result="done"}'] == 2
    assert second['mailgate_notices_total{notice="request",state="sent"}'] == 2
    assert (second["mailgate_send_seconds_count"], second["mailgate_reply_seconds_count"]) == (2, 1)


@pytest.mark.postgresql
def test_a_deferred_notice_counts_each_attempt_and_how_long_it_took(desk: TestDesk, get: Get) -> None:
    get("/metrics")
    desk.relay.down = Deferred("451 later")
    _write_to(desk)
    desk.pass_time("10 minutes")
    down = _read(get("/metrics")[1])
    assert down["mailgate_notice_deferrals_total"] >= 2
    assert down['mailgate_notices_total{notice="receipt",state="sent"}'] == 0
    desk.relay.down = None
    desk.pass_time("4 hours")
    up = _read(get("/metrics")[1])
    assert up["mailgate_notice_deferrals_total"] >= down["mailgate_notice_deferrals_total"]
    assert up['mailgate_notices_total{notice="receipt",state="sent"}'] == 1
    assert up['mailgate_reply_seconds_bucket{le="300.0"}'] == 0, "the receipt came after ten minutes at the earliest"
    assert up["mailgate_reply_seconds_count"] == 1


@pytest.mark.postgresql
def test_what_is_put_back_counts_again_and_no_counter_falls(desk: TestDesk, get: Get) -> None:
    _write_to(desk)
    parked = update(journal).values(state="parked")
    with desk.desk.database.write() as connection:
        connection.execute(parked)
    first = _read(get("/metrics")[1])
    assert first['mailgate_decided_total{result="parked"}'] == 1
    with desk.desk.database.write() as connection:
        requeue(connection, journal, [1], desk.clock.now())
    assert _read(get("/metrics")[1])['mailgate_queue_waiting{queue="journal"}'] == 1
    with desk.desk.database.write() as connection:
        connection.execute(parked)
    second = _read(get("/metrics")[1])
    assert second['mailgate_decided_total{result="parked"}'] == 2
    assert all(second[name] >= first[name] for name in _counters(first))


def test_the_steps_of_tickets_are_counted(desk: TestDesk, get: Get) -> None:
    _write_to(desk)
    desk.pass_time("5 business hours")
    ticket = desk.ticket()
    config = str(desk.folder / "mailgate.toml")
    assert main(["close", ticket.reference, "done", "--config", config], desk.clock) == 0
    assert main(["reopen", ticket.reference, "--config", config], desk.clock) == 0
    found = _read(get("/metrics")[1])
    steps = {step: found[f'mailgate_ticket_steps_total{{step="{step}"}}'] for step in ("opened", "escalated")}
    assert steps == {"opened": 1, "escalated": 1}
    assert found['mailgate_ticket_steps_total{step="closed"}'] == 1
    assert found['mailgate_ticket_steps_total{step="reopened"}'] == 1


def test_a_refused_notice_is_failed_and_no_label_names_a_person(desk: TestDesk, get: Get) -> None:
    desk.relay.refuse["anna@example.org"] = Rejected("550 no such user")
    _write_to(desk)
    page = get("/metrics")[1]
    assert _read(page)['mailgate_notices_total{notice="receipt",state="failed"}'] == 1
    assert "anna" not in page
    assert "@" not in page


def test_late_tickets_are_counted_by_queue_and_level(desk: TestDesk, get: Get) -> None:
    _write_to(desk)
    name = 'mailgate_level_late{level="level1",queue="default"}'
    assert _read(get("/metrics")[1])[name] == 0
    desk.clock.advance(timedelta(hours=9))  # nothing is done meanwhile: the ticket is not escalated
    found = _read(get("/metrics")[1])
    assert found[name] == 1
    assert found['mailgate_level_tickets{level="level1",queue="default"}'] == 1


def test_healthz_is_the_verdict_with_its_reasons(desk: TestDesk, get: Get) -> None:
    assert get("/healthz") == (200, "well\n")
    _write_to(desk)
    with desk.desk.database.write() as connection:
        connection.execute(update(outbox).values(state="parked"))
    status, said = get("/healthz")
    assert (status, said.splitlines()[1:]) == (
        503,
        ["2 notices are parked → `mailgate outbox`, then `mailgate requeue outbox ID` or `mailgate dismiss outbox ID`"],
    )
    assert get("/other")[0] == 404


def test_what_is_settled_after_a_first_look_that_failed_is_counted(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.relay.down = Deferred("451 later")
    _write_to(desk)
    counters = Counters()
    with monkeypatch.context() as failing, desk.desk.database.read() as connection:
        failing.delattr("mailgate.daemon.health.counters.count_steps")
        with pytest.raises(NameError):
            counters.advance(connection)
    desk.relay.down = None
    desk.pass_time("4 hours")
    with desk.desk.database.read() as connection:
        counters.advance(connection)
    [notices] = [family for family in counters.families() if family.name == "notices"]
    sent = {sample.labels: sample.value for sample in notices.samples}
    assert sent[("notice", "receipt"), ("state", "sent")] == 1


def test_peers_that_are_slow_take_no_more_than_their_room(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailgate.daemon.health.exporter._LONGEST", 0.3)
    monkeypatch.setattr("mailgate.daemon.health.exporter._Handler.timeout", 1_000)  # as if they sent a letter each time
    exporter = Exporter(desk.desk, Listen("127.0.0.1", 0))
    exporter.start()
    slow = [create_connection(("127.0.0.1", exporter.port), timeout=30) for _ in range(MOST_CONNECTIONS)]
    one_more = create_connection(("127.0.0.1", exporter.port), timeout=30)
    try:
        for peer in slow:
            peer.sendall(b"GET /metr")
        assert one_more.recv(100) == b"", "it is hung up on"
        assert [peer.recv(100) for peer in slow] == [b""] * MOST_CONNECTIONS, "and so are those that go on too long"
        assert ask(exporter.port, "/healthz") == (200, "well\n")
    finally:
        for peer in (*slow, one_more):
            peer.close()
        exporter.stop()


@pytest.mark.parametrize(
    "request_",
    [
        b"POST /metrics HTTP/1.1\r\nContent-Length: 9999999999\r\n\r\n",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"GET /metrics HTTP/9.9\r\n\r\n",
        b"GET /<script> HTTP/1.0\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"\x16\x03\x01\x02\x00\x01\xff\xff\r\n\r\n",
    ],
)
def test_other_requests_get_an_error_and_nothing_of_the_desk(desk: TestDesk, request_: bytes) -> None:
    exporter = Exporter(desk.desk, Listen("127.0.0.1", 0))
    exporter.start()
    try:
        with create_connection(("127.0.0.1", exporter.port), timeout=30) as peer:
            peer.sendall(request_)
            answer = b"".join(iter(lambda: peer.recv(65536), b""))
        assert b"mailgate_" not in answer
        assert b"<script>" not in answer
        assert ask(exporter.port, "/healthz")[0] == 200
    finally:
        exporter.stop()


def test_a_database_that_cannot_be_read_is_down_and_not_well(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key that only the tests know\n")
    path = tmp_path / "mailgate.toml"
    path.write_text(f'{CONFIG}\n[store]\ndatabase = "sqlite:///{tmp_path}/gone/mailgate.db"\n')
    exporter = Exporter(build_desk(read_config(path), HandClock(MONDAY)), Listen("127.0.0.1", 0))
    exporter.start()
    try:
        status, page = ask(exporter.port, "/metrics")
        assert (status, _read(page)) == (200, {"mailgate_up": 0})
        assert ask(exporter.port, "/healthz") == (503, "the database cannot be read\n")
    finally:
        exporter.stop()


@pytest.mark.parametrize("roles", [("clock",), ("intake", "courier")])
def test_the_process_of_the_clock_listens(desk: TestDesk, roles: tuple[str, ...]) -> None:
    config = desk.folder / "mailgate.toml"
    config.write_text(config.read_text() + '[metrics]\nlisten = "127.0.0.1:0"\n')
    daemon = Daemon(build_desk(read_config(config), desk.clock, desk.relay), roles)
    daemon.start()
    try:
        if "clock" in roles:
            assert _read(ask(daemon.metrics_port, "/metrics")[1])["mailgate_up"] == 1
        else:
            with pytest.raises(AssertionError):
                assert daemon.metrics_port
    finally:
        daemon.stop()


def test_a_port_that_is_taken_does_not_stop_the_desk(desk: TestDesk, caplog: pytest.LogCaptureFixture) -> None:
    taken = Exporter(desk.desk, Listen("127.0.0.1", 0))
    taken.start()
    config = desk.folder / "mailgate.toml"
    config.write_text(config.read_text() + f'[metrics]\nlisten = "127.0.0.1:{taken.port}"\n')
    daemon = Daemon(build_desk(read_config(config), desk.clock, desk.relay), ("clock",))
    daemon.start()
    daemon.stop()
    taken.stop()
    assert f"action=listen protocol=http host=127.0.0.1 port={taken.port} result=failed" in caplog.text


def test_the_place_is_off_by_default_and_must_be_a_port(
    desk: TestDesk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert desk.settings.metrics.listen is None
    config = desk.folder / "mailgate.toml"
    before = config.read_text()
    config.write_text(before + '[metrics]\nlisten = "unix:/run/metrics"\n')
    assert main(["check", "--config", str(config)]) == 2
    assert "metrics.listen: must be a host and a port" in capsys.readouterr().err
    config.write_text(before + '[metrics]\nlisten = "0.0.0.0:9464"\n')
    settings = read_config(config)
    words = "metrics.listen: anyone who can reach 0.0.0.0:9464 can read the metrics; protect it with a firewall"
    assert words in settings.warnings
    assert [found.verdict for found in check_metrics(settings)] == [CheckResult.OK]
    monkeypatch.setattr("mailgate.cli.checks.desk.find_spec", lambda _name: None)
    assert [(found.verdict, found.words) for found in check_metrics(settings)] == [
        (
            CheckResult.FAILED,
            "metrics.listen: prometheus-client is not installed: install mailgate with the extra metrics",
        )
    ]
    # The process of its own would be a fork of one with threads.
    monkeypatch.setattr("mailgate.daemon.supervisor.run_apart", lambda examine: tuple(examine()))
    assert main(["serve", "--config", str(config)], desk.clock) == 2
    assert "the extra metrics" in capsys.readouterr().err
