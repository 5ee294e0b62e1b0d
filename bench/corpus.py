"""Makes support mails for measurements, the same for the same seed (standard library only).

The mix: 60 % first mails, 40 % replies that quote. 45 % plain text of 1-4 kB, 45 % text and HTML of 8-20 kB, 10 % with
one attachment of 60-300 kB. UTF-8 50 %, ISO-8859-1 20 %, Windows-1252 20 %, ISO-2022-JP 10 %, in French, English,
German and Japanese. About 42 kB a mail. Every mail has the trace headers that real mail has.

    python -m bench.corpus 1000     # prints what is in a corpus
"""

from __future__ import annotations

import base64
import json
import quopri
import random
import statistics
import sys
from bisect import bisect
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from email.header import Header
from email.utils import formatdate

WORDS = {
    "fr": "le poste du deuxième étage n'imprime plus depuis ce matin après une mise à jour côté réseau les collègues "
    "ont déjà redémarré l'imprimante où reste affiché un message étrange à chaque démarrage merci d'intervenir très "
    "vite façade clé œuvre été contrôle",
    "en": "our printer on the second floor stopped this morning after an update of the network colleagues have already "
    "restarted it but every start shows a strange message please have a look soon invoice account password screen "
    "meeting room cable",
    "de": "unser Drucker im zweiten Stock druckt seit heute früh nicht mehr nach einer Änderung am Netz haben Kollegen "
    "ihn schon neu gestartet aber es erscheint jedes Mal eine merkwürdige Meldung bitte schauen Sie bald danach "
    "Schlüssel größer Straße",
    "ja": "二階の プリンターが 今朝から 動きません 更新の後 同僚が 再起動しましたが 毎回 変な "
    "メッセージが 出ます 早めに 確認を お願いします 請求書 画面",
}
GREETINGS = {"fr": "Bonjour,", "en": "Hello,", "de": "Guten Tag,", "ja": "お世話になっております。"}
QUOTES = {
    "fr": "Le {date}, {desk} a écrit :",
    "en": "On {date}, {desk} wrote:",
    "de": "Am {date} schrieb {desk}:",
    "ja": "{date} {desk}:",
}
NAMES = (
    *("Amélie", "Bernard", "Clara", "Dörte", "Émile", "Fatima", "Gaël", "Hiro"),
    *("Inès", "Jörg", "Katja", "Luc", "Maïa", "Nils", "Océane", "Pablo"),
)
CHARSETS = {"utf-8": 50, "iso-8859-1": 20, "windows-1252": 20, "iso-2022-jp": 10}
FILES = (("application/pdf", "pdf"), ("image/png", "png"), ("application/zip", "zip"))
GAP = 16
FIRST_DATE = 1_772_400_000  # seconds since 1970


@dataclass(frozen=True)
class Sample:
    """One mail with CR LF line ends; `answers` is the rank of the thread it replies to, None for a first mail."""

    raw: bytes
    sender: str
    message_id: str
    kind: str
    charset: str
    answers: int | None


@dataclass
class _Thread:
    subject: str
    sender: str
    name: str
    language: str
    charset: str
    message_ids: list[str] = field(default_factory=list)


def make_corpus(
    count: int,
    *,
    seed: int = 1,
    senders: int = 200,
    desk: str = "support@example.com",
    tag: Callable[[int], str] = lambda rank: f"[SUP-{rank + 1}]",
    replies: float = 0.4,
    crowd: int | None = None,
) -> list[Sample]:
    """Makes that many mails. `senders` is the number of people; with `count` or more every first mail has a new one.

    Another seed has other people, unless `crowd` says whose they are.

    `tag` gives what a reply has in its subject, from the rank of its thread; `replies` is their share. Nobody
    replies to one of the last GAP mails: over several connections the reply could arrive before it.
    """
    dice = random.Random(seed)
    threads: list[_Thread] = []
    begun: list[int] = []  # which mail began each thread
    samples: list[Sample] = []
    for number in range(count):
        settled = bisect(begun, number - GAP)
        rank = dice.randrange(settled) if settled and dice.random() < replies else None
        if rank is None:
            begun.append(number)
            threads.append(_begin_thread(dice, len(threads) % senders, seed if crowd is None else crowd))
        thread = threads[-1 if rank is None else rank]
        message_id = f"<{seed}.{number}.{dice.getrandbits(48):x}@mail.customer.example>"
        subject = thread.subject if rank is None else f"Re: {tag(rank)} {thread.subject}"
        date = FIRST_DATE + 40 * number
        header = _header(dice, thread, desk, subject, message_id, date)
        kind, body = _body(dice, thread, desk, date, quotes=rank is not None)
        samples.append(Sample(header + body, thread.sender, message_id, kind, thread.charset, rank))
        thread.message_ids.append(message_id)
    return samples


def make_address(person: int, crowd: int) -> str:
    """Returns the address of a sender."""
    return f"user{person}.{crowd}@customer{person % 37}.example"


def make_large_mail(number: int, size: int, desk: str = "support@example.com") -> Sample:
    """Makes a first mail whose raw bytes, file in base64 included, are just under `size`."""
    dice = random.Random(number)
    thread = _begin_thread(dice, number, crowd=0)
    message_id = f"<large.{number}.{dice.getrandbits(48):x}@mail.customer.example>"
    header = _header(dice, thread, desk, thread.subject, message_id, FIRST_DATE + number)
    text = _text_part(dice, "plain", "\r\n".join(_sentences(dice, thread.language, 1000)) + "\r\n", thread.charset)
    room = (size - len(header) - len(text) - 2000) // 78 * 57  # a line of base64 is 76 and its end, for 57 bytes
    body = _multipart(dice, "mixed", text, _file_part(dice, room))
    return Sample(header + body, thread.sender, message_id, "attachment", thread.charset, None)


def _begin_thread(dice: random.Random, person: int, crowd: int) -> _Thread:
    charset = dice.choices(list(CHARSETS), list(CHARSETS.values()))[0]
    language = "ja" if charset == "iso-2022-jp" else dice.choice(("fr", "en", "de"))
    subject = _fit(" ".join(dice.choices(WORDS[language].split(), k=dice.randint(3, 8))), charset)
    sender = make_address(person, crowd)
    return _Thread(subject, sender, NAMES[person % len(NAMES)], language, charset)


def _header(dice: random.Random, thread: _Thread, desk: str, subject: str, message_id: str, date: int) -> bytes:
    hops = [
        f"Received: from mx{hop}.customer.example (mx{hop}.customer.example [192.0.2.{hop + 1}])\r\n"
        f"\tby in{hop}.example.com (Postfix) with ESMTPS id {dice.getrandbits(44):011X}\r\n"
        f"\tfor <{desk}>; {formatdate(date - hop)}"
        for hop in range(dice.randint(3, 6))
    ]
    signature = "\r\n\t ".join(base64.b64encode(dice.randbytes(51)).decode("ascii") for _ in range(5))
    lines = [
        *hops,
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=customer.example; s=s1;\r\n\tb={signature}",
        f"From: {_encode(thread.name, 'utf-8')} <{thread.sender}>",
        f"To: Support <{desk}>",
        f"Subject: {_encode(subject, thread.charset)}",
        f"Message-ID: {message_id}",
        f"Date: {formatdate(date)}",
        "MIME-Version: 1.0",
    ]
    if thread.message_ids:
        lines.append(f"In-Reply-To: {thread.message_ids[-1]}")
        lines.append("References: " + "\r\n ".join(thread.message_ids[-10:]))
    return ("\r\n".join(lines) + "\r\n").encode("ascii")


def _body(dice: random.Random, thread: _Thread, desk: str, date: int, quotes: bool) -> tuple[str, bytes]:
    """Returns the kind of body and the body, from its own headers on."""
    lines = [GREETINGS[thread.language], "", *_sentences(dice, thread.language, dice.randint(800, 3600))]
    if quotes:
        attribution = QUOTES[thread.language].format(date=formatdate(date - 3600), desk=desk)
        quoted = _sentences(dice, thread.language, dice.randint(500, 2500))
        lines = [*lines[: max(6, len(lines) // 2)], "", attribution, *("> " + line for line in quoted)]
    lines += ["", "-- ", thread.name]
    draw = dice.random()
    kind = "attachment" if draw < 0.10 else "plain" if draw < 0.55 else "alternative"
    body = _text_part(dice, "plain", "\r\n".join(lines) + "\r\n", thread.charset)
    if kind == "alternative" or (kind == "attachment" and dice.random() < 0.5):
        html = _html(lines, dice.randint(8_000, 20_000))
        body = _multipart(dice, "alternative", body, _text_part(dice, "html", html, thread.charset))
    if kind == "attachment":
        body = _multipart(dice, "mixed", body, _file_part(dice))
    return kind, body


def _sentences(dice: random.Random, language: str, size: int) -> list[str]:
    words = WORDS[language].split()
    lines: list[str] = []
    while sum(map(len, lines)) < size:
        lines.append(" ".join(dice.choices(words, k=dice.randint(6, 12))).capitalize() + ".")
        if dice.random() < 0.15:
            lines.append("")
    return lines


def _html(lines: list[str], size: int) -> str:
    rows = ["<html><head><style>p.MsoNormal{margin:0cm;font-size:11.0pt}</style></head><body>"]
    length = number = 0
    while length < size:
        text = lines[number % len(lines)] or "&nbsp;"
        rows.append(f'<p class="MsoNormal" style="margin:0cm"><span lang="x">{text}<o:p></o:p></span></p>')
        length += len(rows[-1])
        number += 1
    return "\r\n".join([*rows, "</body></html>\r\n"])


def _text_part(dice: random.Random, subtype: str, text: str, charset: str) -> bytes:
    data = text.encode(charset, "replace")
    if charset == "iso-2022-jp":
        encoding = "7bit"
    elif dice.random() < 0.7:
        encoding = "quoted-printable"
        data = quopri.encodestring(data.replace(b"\r\n", b"\n")).replace(b"\n", b"\r\n")
    else:
        encoding, data = "base64", base64.encodebytes(data).replace(b"\n", b"\r\n")
    header = f'Content-Type: text/{subtype}; charset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return header.encode("ascii") + data


def _file_part(dice: random.Random, size: int = 0) -> bytes:
    mime_type, extension = dice.choice(FILES)
    header = (
        f"Content-Type: {mime_type}\r\nContent-Transfer-Encoding: base64\r\n"
        f'Content-Disposition: attachment; filename="scan-{dice.randrange(10_000)}.{extension}"\r\n\r\n'
    )
    content = dice.randbytes(size or dice.randint(60_000, 300_000))
    return header.encode("ascii") + base64.encodebytes(content).replace(b"\n", b"\r\n")


def _multipart(dice: random.Random, subtype: str, *parts: bytes) -> bytes:
    boundary = f"=_{dice.getrandbits(64):016x}".encode("ascii")
    header = b"Content-Type: multipart/" + subtype.encode("ascii") + b'; boundary="' + boundary + b'"\r\n\r\n'
    inside = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return header + inside + b"--" + boundary + b"--\r\n"


def _encode(text: str, charset: str) -> str:
    if text.isascii():
        return text
    return Header(text, "iso-8859-1" if charset == "windows-1252" else charset).encode(linesep="\r\n")


def _fit(text: str, charset: str) -> str:
    """Replaces characters that header and body cannot both hold by question marks."""
    narrow = "iso-8859-1" if charset == "windows-1252" else charset
    return text.encode(narrow, "replace").decode(narrow)


def describe(samples: list[Sample]) -> dict[str, object]:
    """Describes a corpus, for the record of a measurement."""
    sizes = [len(sample.raw) for sample in samples]
    return {
        "mails": len(samples),
        "replies": sum(sample.answers is not None for sample in samples),
        "kinds": dict(Counter(sample.kind for sample in samples)),
        "charsets": dict(Counter(sample.charset for sample in samples)),
        "senders": len({sample.sender for sample in samples}),
        "bytes_median": int(statistics.median(sizes)),
        "bytes_mean": int(statistics.mean(sizes)),
        "bytes_max": max(sizes),
    }


if __name__ == "__main__":
    json.dump(describe(make_corpus(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)), sys.stdout, indent=1)
