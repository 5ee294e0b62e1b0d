"""Measures an IMAP source: `python -m bench.mailbox [--mails 2000] [--rounds 3] [--letters 60] [--idle 20]`.

    letters   the time from the server's storing of a mail (its 250 by LMTP) to the receipt at the relay, with IDLE
    backlog   mails that are in the mailbox when the desk starts, against the same mails sent by SMTP: mails decided a
              second from the first of them to the last, and the peak memory of the desk (its processes, PSS)
    meanwhile the time to a receipt for a mail that arrives while a backlog is drained
    waiting   processor time of a desk that waits: in IDLE, and with an unavailable server

A real Dovecot (tests/support/dovecot.py) on the loopback. Rounds of backlog and SMTP alternate.
"""

from __future__ import annotations

import argparse
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.client import DESK, Load, send
from bench.desk import Desk, run_desk, url_of
from bench.figures import print_table, save, spread
from bench.processes import MemoryPeak, cpu_seconds, free_port, scratch
from bench.sink import Sink, run_sink
from tests.support.dovecot import PASSWORD, USER, Dovecot

PAUSE = 0.7  # seconds between two letters: the desk waits again
SETTLED = 3.0  # seconds


def _mailbox(folder: Path, port: int) -> str:
    (folder / "imap-password").write_text(f"{PASSWORD}\n", "ascii")
    (folder / "imap-password").chmod(0o600)
    return (
        f'[[intake.imap]]\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\nuser = "{USER}"\n'
        'password_file = "imap-password"\nfirst_start = "all"\n'
    )


@contextmanager
def _run(port: int, *, timed: bool = False) -> Iterator[tuple[Desk, Sink]]:
    """Runs a desk that reads the mailbox at that port."""
    with scratch("mailbox") as folder, run_sink(timed=timed) as sink:
        url = url_of(folder / "mailgate.db")
        with run_desk(folder, url, sink.port, also=_mailbox(folder, port)) as desk:
            yield desk, sink


def measure_letters(count: int) -> list[float]:
    """Returns the milliseconds from the server's 250 to each receipt, in ascending order."""
    stored: dict[str, float] = {}
    samples = Load(count, replies=0).samples()
    with Dovecot() as server, _run(server.imap, timed=True) as (desk, sink):
        with smtplib.LMTP("127.0.0.1", server.lmtp, timeout=20) as lmtp:
            for sample in samples:
                time.sleep(PAUSE)
                lmtp.sendmail(sample.sender, [USER], sample.raw)
                stored[sample.sender] = time.monotonic()
        _wait_done(desk, count)
        desk.wait_delivered()
        arrived = sink.arrivals()
    return sorted((arrived[sender] - moment) * 1000 for sender, moment in stored.items())


@dataclass(frozen=True, slots=True)
class Drained:
    """Mails decided a second, and MB of memory at most."""

    rate: float
    pss: float


def drain_mailbox(load: Load) -> Drained:
    """Starts a desk on a full mailbox; the clock starts when the desk answers its port."""
    with Dovecot() as server:
        with server.client() as client:
            samples = load.samples()
            for start in range(0, len(samples), 200):
                client.multiappend("INBOX", [sample.raw for sample in samples[start : start + 200]])
        with _run(server.imap) as (desk, _):
            return _watch(desk, load.mails, lambda: None)


def measure_meanwhile(load: Load) -> list[float]:
    """Returns the milliseconds to the receipt for a mail a second, while the desk empties a full mailbox."""
    stored: dict[str, float] = {}
    with Dovecot() as server:
        with server.client() as client:
            samples = load.samples()
            for start in range(0, len(samples), 200):
                client.multiappend("INBOX", [sample.raw for sample in samples[start : start + 200]])
        letters = iter(Load(100, replies=0, seed=load.seed + 500).samples())
        with _run(server.imap, timed=True) as (desk, sink), smtplib.LMTP("127.0.0.1", server.lmtp) as lmtp:
            while desk.tally("journal").get("done", 0) < load.mails:
                time.sleep(1.0)
                letter = next(letters)
                lmtp.sendmail(letter.sender, [USER], letter.raw)
                stored[letter.sender] = time.monotonic()
            _wait_done(desk, load.mails + len(stored))
            desk.wait_delivered()
            arrived = sink.arrivals()
    return sorted((arrived[sender] - moment) * 1000 for sender, moment in stored.items())


def drain_smtp(load: Load) -> Drained:
    """Sends the mails of the backlog by SMTP, over eight connections."""
    with scratch("smtp") as folder, run_sink() as sink, run_desk(folder, url_of(folder / "m.db"), sink.port) as desk:
        return _watch(desk, load.mails, lambda: send(desk.port, load))


def _watch(desk: Desk, mails: int, offer: Callable[[], object]) -> Drained:
    with MemoryPeak(desk.pid) as peak:
        began = time.monotonic()
        offer()
        _wait_done(desk, mails)
        rate = mails / (time.monotonic() - began)
    return Drained(rate, peak.pss)


def _wait_done(desk: Desk, mails: int) -> None:
    while desk.tally("journal").get("done", 0) < mails:
        time.sleep(0.1)


def measure_waiting(seconds: float) -> dict[str, float]:
    """Returns the share of one core, in percent, that a waiting desk takes."""
    shares = {}
    with Dovecot() as server, _run(server.imap) as (desk, _):
        shares["idle"] = _share(desk, seconds)
    with _run(free_port()) as (desk, _):
        shares["server away"] = _share(desk, seconds)
    return shares


def _share(desk: Desk, seconds: float) -> float:
    time.sleep(SETTLED)
    used, began = cpu_seconds(desk.pid), time.monotonic()
    time.sleep(seconds)
    return round(100 * (cpu_seconds(desk.pid) - used) / (time.monotonic() - began), 2)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.mailbox", description="A mailbox as the way in.")
    parser.add_argument("--mails", type=int, default=2000, help="of a backlog; 0: none")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--letters", type=int, default=60, help="0: none")
    parser.add_argument("--idle", type=float, default=20.0, help="seconds; 0: none")
    options = parser.parse_args()
    summary: dict[str, object] = {}
    if options.letters:
        waits = measure_letters(options.letters)
        low, middle, high = spread(waits, 0)
        p95 = round(waits[int(len(waits) * 0.95)])
        summary |= {"receipt_ms_min": low, "receipt_ms_median": middle, "receipt_ms_p95": p95, "receipt_ms_max": high}
    if options.mails:
        ratios, imap, smtp = [], [], []
        for number in range(options.rounds):
            load = Load(options.mails, seed=number + 1)
            imap.append(drain_mailbox(load))
            smtp.append(drain_smtp(load))
            ratios.append(imap[-1].rate / smtp[-1].rate)
            print(f"round {number + 1}: mailbox {imap[-1].rate:.0f}/s, SMTP {smtp[-1].rate:.0f}/s", flush=True)
        summary |= {
            "mailbox_rate": spread([one.rate for one in imap], 0),
            "smtp_rate": spread([one.rate for one in smtp], 0),
            "mailbox_of_smtp": spread(ratios, 2),
            "mailbox_pss_mb": round(max(one.pss for one in imap)),
            "smtp_pss_mb": round(max(one.pss for one in smtp)),
            "meanwhile_receipt_ms": spread(measure_meanwhile(Load(options.mails, seed=77)), 0),
        }
    if options.idle:
        summary |= {f"core_percent_{name}": share for name, share in measure_waiting(options.idle).items()}
    print_table(["figure", "value"], [[name, str(value)] for name, value in summary.items()])
    save("mailbox", {"desk": DESK, "options": vars(options), "summary": summary})


if __name__ == "__main__":
    main()
