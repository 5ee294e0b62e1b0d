"""Compares the parsers with those of other libraries, on the same mails, in rounds that change the order.

The standard library parses and decodes every part; so does mail-parser. Libraries that only cut quotes are installed
from PyPI, each into a virtual environment of its own, and get the decoded text of the mail.
"""

from __future__ import annotations

import email
import email.policy
import json
import statistics
import time
from collections.abc import Callable, Iterable
from email.message import Message
from pathlib import Path

import mailparser

from bench.corpus import make_corpus
from bench.processes import NotInstalled, install, run_tool, scratch
from mailgate.parsers import read_answer, read_commands, read_mail

# Each sets `read`, which takes a text
PEERS = {
    "mail-parser-reply": "from mailparser_reply import EmailReplyParser as R\n"
    "read = lambda text: R(languages=['en', 'fr', 'de']).parse_reply(text=text)",
    "email-reply-parser": "from email_reply_parser import EmailReplyParser as R\nread = R.parse_reply",
    "quotequail": "import quotequail\nread = quotequail.quote",
}
_SCRIPT = """
import json, sys, time
{setup}
texts = json.load(open(sys.argv[1], encoding="utf-8"))
for text in texts[:5]:
    read(text)
found = []
for text in texts * {rounds}:
    began = time.perf_counter()
    try:
        read(text)
    except Exception:
        pass
    found.append(time.perf_counter() - began)
json.dump(found, sys.stdout)
"""


def measure_readers(mails: int, rounds: int, *, alone: bool) -> dict[str, dict[str, float | str]]:
    """Returns milliseconds a mail: median, 95th percentile and mean of each reader; `error` for an unavailable one."""
    raws = [sample.raw for sample in make_corpus(mails)]
    texts = [read_mail(raw) for raw in raws]
    jobs: dict[str, tuple[Callable[[int], object], list[float]]] = {
        "standard library": (lambda at: _parse(email.message_from_bytes(raws[at])), []),
        "standard library, new policy": (
            lambda at: _parse(email.message_from_bytes(raws[at], policy=email.policy.default)),
            [],
        ),
        "mail-parser": (lambda at: mailparser.parse_from_bytes(raws[at]).text_plain, []),
        "read_mail": (lambda at: read_mail(raws[at]), []),
        "read_answer": (lambda at: read_answer(texts[at].new_text, texts[at].subject), []),
        "read_commands": (lambda at: read_commands(texts[at].new_text), []),
        "all three": (lambda at: _read_all(raws[at]), []),
    }
    order = list(jobs.values())
    for turn in range(rounds):
        for at in range(len(raws)):
            for job, found in order[turn:] + order[:turn]:
                began = time.perf_counter()
                job(at)
                found.append(time.perf_counter() - began)
    figures: dict[str, dict[str, float | str]] = {name: _summary(found) for name, (_, found) in jobs.items()}
    return figures if alone else figures | _measure_peers([mail.text for mail in texts], rounds)


def _read_all(raw: bytes) -> object:
    mail = read_mail(raw)
    return read_answer(mail.new_text, mail.subject), read_commands(mail.new_text)


def _parse(message: Message) -> list[object]:
    return [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]


def _summary(seconds: Iterable[float]) -> dict[str, float | str]:
    values = sorted(value * 1000 for value in seconds)
    places = {"p50": values[len(values) // 2], "p95": values[int(len(values) * 0.95)], "mean": statistics.mean(values)}
    return {name: round(value, 4) for name, value in places.items()}


def _measure_peers(texts: list[str], rounds: int) -> dict[str, dict[str, float | str]]:
    figures: dict[str, dict[str, float | str]] = {}
    with scratch("readers") as folder:
        file = Path(folder) / "texts.json"
        file.write_text(json.dumps(texts), "utf-8")
        for package, setup in PEERS.items():
            script = _SCRIPT.format(setup=setup, rounds=rounds)
            try:
                python = install(f"reader-{package}", package) / "python"
                figures[package] = _summary(json.loads(run_tool([python, "-c", script, file])))
            except NotInstalled as reason:
                figures[package] = {"error": str(reason).strip().rpartition("\n")[2][:100]}
    return figures
