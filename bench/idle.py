"""How quick an idle desk is and what it costs: `python -m bench.idle [--mails 50] [--idle 20]`.

Times each mail from its 250 to the moment its receipt is at the relay, one mail at a time, then leaves the desk
alone and reads its processor time and memory from the system. Prints figures and writes them to bench/results/.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import smtplib
import statistics
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from bench.corpus import make_corpus
from bench.servers import DESK, cpu_seconds, run_mailgate

PAUSE = 0.2  # seconds between two mails: the desk is idle again


class Relay:
    """Takes notices and tells when the receipt of a sender arrived."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._changed = threading.Condition()
        self._arrived: dict[str, float] = {}
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        made = self._loop.create_server(lambda: SMTP(self, hostname="bench", loop=self._loop), "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(made, self._loop).result(10)
        self.port = int(server.sockets[0].getsockname()[1])

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        now = time.perf_counter()
        with self._changed:
            for recipient in envelope.rcpt_tos:
                self._arrived.setdefault(recipient, now)
            self._changed.notify_all()
        return "250 OK"

    def wait(self, recipient: str, seconds: float = 30.0) -> float:
        with self._changed:
            if not self._changed.wait_for(lambda: recipient in self._arrived, seconds):
                raise SystemExit(f"no receipt for {recipient} within {seconds} s")
            return self._arrived[recipient]


def measure(mails: int, idle: float) -> dict[str, float]:
    relay = Relay()
    with run_mailgate([], relay.port) as (pid, port):
        times = sorted(_receipts(relay, port, mails))
        time.sleep(2)
        before, began = cpu_seconds(pid), time.perf_counter()
        time.sleep(idle)
        share = (cpu_seconds(pid) - before) / (time.perf_counter() - began)
        return {
            "receipt_ms_min": round(times[0], 1),
            "receipt_ms_median": round(statistics.median(times), 1),
            "receipt_ms_p95": round(times[int(len(times) * 0.95)], 1),
            "receipt_ms_max": round(times[-1], 1),
            "idle_core_percent": round(share * 100, 2),
            "rss_mb": round(_rss_mb(pid), 1),
        }


def _receipts(relay: Relay, port: int, count: int) -> list[float]:
    """Milliseconds from the 250 to the receipt, one mail at a time."""
    times = []
    with smtplib.SMTP("127.0.0.1", port, timeout=30) as smtp:
        for number, mail in enumerate(make_corpus(count, seed=3, senders=count, desk=DESK)):
            sender = f"idle{number}@customer.example.net"
            head, _, rest = mail.raw.partition(b"\r\nFrom: ")
            raw = head + b"\r\nFrom: " + sender.encode() + rest[rest.index(b"\r\n") :]
            smtp.sendmail(sender, [DESK], raw)
            stored = time.perf_counter()
            times.append((relay.wait(sender) - stored) * 1000)
            time.sleep(PAUSE)
    return times


def _rss_mb(pid: int) -> float:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=50)
    parser.add_argument("--idle", type=float, default=20.0, help="seconds")
    chosen = parser.parse_args()
    figures = measure(chosen.mails, chosen.idle)
    for name, value in figures.items():
        print(f"{name:20} {value}")
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / f"idle-{datetime.now(UTC):%Y%m%d-%H%M%S}.json").write_text(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
