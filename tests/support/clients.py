"""How mail clients write: the bytes that Outlook, Gmail, Apple Mail and phones make of what a person types.

Each client takes the text as it was typed, with a line feed for every Enter, and does to it what the real one does:
dashes, quotation marks and spaces are corrected, addresses become links, long lines are wrapped or not, lists become
HTML, the signature and the quoted mail are put below, the headers name the thread in the client's own way.
`read_original` takes what is answered from a mail as it arrived.
"""

from __future__ import annotations

import base64
import hashlib
import html
import quopri
import re
import textwrap
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, getaddresses
from typing import ClassVar
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "fr": ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"),
    "de": ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    "it": ("lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato", "domenica"),
}
MONTHS = {
    "en": ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December"),
    "fr": ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
           "novembre", "décembre"),
    "de": ("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
           "Dezember"),
    "nl": ("januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober",
           "november", "december"),
    "es": ("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre",
           "noviembre", "diciembre"),
    "it": ("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre",
           "novembre", "dicembre"),
}  # fmt: skip
SHORT_MONTHS_FR = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PREFIX = re.compile(r"^(?:(?:re|fw|fwd|tr)\s*:\s*)+", re.IGNORECASE)
_GMAIL_BLOCK = (
    '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);'
    'padding-left:1ex">{}</blockquote>'
)
_ITEM = re.compile(r"[-*] (?=\S)")


@dataclass(frozen=True)
class Original:
    """The mail that a person answers or forwards, as their client shows it."""

    name: str
    address: str
    reply_to: str
    to: tuple[tuple[str, str], ...]
    cc: tuple[tuple[str, str], ...]
    subject: str
    at: datetime
    message_id: str
    references: str
    text: str
    html: str

    @property
    def people(self) -> str:
        return "; ".join(name or address for name, address in self.to)


def read_original(mail: EmailMessage) -> Original:
    """The facts that a client knows of a mail that it opened."""
    (name, address), *_ = getaddresses([str(mail["From"])])
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    text = str(plain.get_content()).replace("\r\n", "\n").strip("\n") if plain is not None else ""
    page = (
        str(rich.get_content())
        if rich is not None
        else "".join(f"<div>{_escape(line)}</div>" for line in text.split("\n"))
    )
    body = re.search(r"<body[^>]*>(.*)</body>", page, re.DOTALL)
    return Original(
        name=name,
        address=address,
        reply_to=str(mail["Reply-To"] or mail["From"]),
        to=tuple(getaddresses([str(mail["To"] or "")])),
        cc=tuple(getaddresses([str(mail["Cc"] or "")])),
        subject=str(mail["Subject"] or ""),
        at=mail["Date"].datetime.astimezone(PARIS),
        message_id=str(mail["Message-ID"]).strip(),
        references=" ".join(str(mail["References"] or mail["In-Reply-To"] or "").split()),
        text=text,
        html=body[1].strip() if body else page,
    )


@dataclass(frozen=True)
class Body:
    """A mail's text in its two forms; `plain` is what goes on the wire, lines wrapped as the client wraps them."""

    plain: str
    rich: str


@dataclass(frozen=True)
class Client(ABC):
    """One person's mail program. `html_only`: some gateways and apps send no plain form."""

    name: str
    address: str
    language: str = "en"
    signature: str = ""
    html_only: bool = False
    sent: list[str] = field(default_factory=list, compare=False)  # the ids of what it sent, to make each one new

    reply_prefix: ClassVar[Mapping[str, str]] = {"en": "Re: ", "fr": "Re: ", "es": "Re: ", "it": "Re: "}
    forward_prefix: ClassVar[Mapping[str, str]] = {"en": "Fwd: ", "fr": "Fwd: "}

    # -- what a person does ----------------------------------------------------------------------------------------

    def write(self, text: str, *, to: str, subject: str, at: datetime, cc: str = "") -> bytes:
        """A new mail."""
        return self._mail(self._compose(self._typed(text)), to=to, cc=cc, subject=subject, at=at)

    def reply(self, text: str, mail: EmailMessage, at: datetime, *, everybody: bool = False) -> bytes:
        """An answer above the quoted mail."""
        original = read_original(mail)
        return self._answer(self._quote(self._typed(text), original), original, at, everybody=everybody)

    def forward(self, text: str, mail: EmailMessage, *, to: str, at: datetime) -> bytes:
        """The mail passed on, with some words above it."""
        original = read_original(mail)
        subject = self.forward_prefix[self.language] + _PREFIX.sub("", original.subject)
        return self._mail(
            self._pass_on(self._typed(text), original), to=to, cc="", subject=subject, at=at, original=original
        )

    # -- what each client does in its own way ----------------------------------------------------------------------

    def _typed(self, text: str) -> str:
        """The text as the client corrects it while it is typed."""
        return text

    @abstractmethod
    def _compose(self, text: str) -> Body: ...

    @abstractmethod
    def _quote(self, text: str, original: Original) -> Body: ...

    @abstractmethod
    def _pass_on(self, text: str, original: Original) -> Body: ...

    @abstractmethod
    def _message_id(self, number: str) -> str: ...

    def _headers(self, _subject: str, _is_answer: bool) -> list[tuple[str, str]]:
        return []

    def _answer(self, body: Body, original: Original, at: datetime, *, everybody: bool = False) -> bytes:
        others = (one for one in (*original.to, *original.cc) if one[1] != self.address)
        cc = ", ".join(formataddr(one) for one in others) if everybody else ""
        subject = self.reply_prefix[self.language] + _PREFIX.sub("", original.subject)
        return self._mail(body, to=original.reply_to, cc=cc, subject=subject, at=at, original=original)

    # -- the bytes -------------------------------------------------------------------------------------------------

    def _mail(
        self, body: Body, *, to: str, cc: str, subject: str, at: datetime, original: Original | None = None
    ) -> bytes:
        number = hashlib.sha256(f"{self.address} {len(self.sent)} {at.isoformat()}".encode()).hexdigest()
        message_id = self._message_id(number)
        self.sent.append(message_id)
        headers = [
            ("From", f"{_word(self.name)} <{self.address}>"),
            ("To", _people(to)),
            *([("Cc", _people(cc))] if cc else []),
            ("Subject", _word(subject)),
            ("Date", format_datetime(at.astimezone(PARIS))),
            ("Message-ID", message_id),
        ]
        if original is not None:
            references = f"{original.references} {original.message_id}".split()
            headers += [("In-Reply-To", original.message_id), ("References", "\r\n ".join(references))]
        headers += [*self._headers(subject, original is not None), ("MIME-Version", "1.0")]
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        return head.encode("ascii") + self._parts(body, f"_000_{number[:24]}_")

    def _parts(self, body: Body, boundary: str) -> bytes:
        rich = _part("text/html", body.rich)
        if self.html_only:
            return rich
        pieces = (self._plain_part(body.plain), rich)
        opened = f'Content-Type: multipart/alternative;\r\n\tboundary="{boundary}"\r\n\r\n'.encode()
        return (
            opened
            + b"".join(f"--{boundary}\r\n".encode() + one + b"\r\n" for one in pieces)
            + f"--{boundary}--\r\n".encode()
        )

    def _plain_part(self, plain: str) -> bytes:
        return _part("text/plain", plain)


# -- Outlook ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outlook(Client):
    """Outlook on a desk with Exchange: every Enter a paragraph, the answered mail below a block of headers.

    `spread`: an account without Exchange, whose plain form has an empty line after every paragraph. `plain`: set to
    write plain text, which is wrapped at 76 columns.
    """

    spread: bool = False
    plain: bool = False

    reply_prefix: ClassVar[Mapping[str, str]] = {"en": "RE: ", "fr": "RE: ", "de": "AW: ", "nl": "RE: "}
    forward_prefix: ClassVar[Mapping[str, str]] = {"en": "FW: ", "fr": "TR: ", "de": "WG: ", "nl": "FW: "}
    labels: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "en": ("From:", "Sent:", "To:", "Cc:", "Subject:"),
        "fr": ("De\xa0:", "Envoyé\xa0:", "À\xa0:", "Cc\xa0:", "Objet\xa0:"),
        "de": ("Von:", "Gesendet:", "An:", "Cc:", "Betreff:"),
        "nl": ("Van:", "Verzonden:", "Aan:", "CC:", "Onderwerp:"),
    }

    def _typed(self, text: str) -> str:
        """Corrects a text as Word does: dashes, quotation marks, dots, and the space before French punctuation."""
        text = re.sub(r"(?<=\w) --? (?=\w)", " – ", text).replace("...", "…").replace("'", "’")
        if self.language == "fr":
            text = re.sub(r'"([^"\n]*)"', "«\xa0\\1\xa0»", text)
            return re.sub(r"(?<=\w) ?([:;!?])(?=\s|$)", "\xa0\\1", text)
        return re.sub(r'"([^"\n]*)"', "“\\1”", text)

    def _compose(self, text: str) -> Body:
        signed = f"{text}\n\n{self.signature}" if self.signature else text
        return Body(self._as_plain(signed), self._page(_paragraphs(signed, "MsoNormal")))

    def _quote(self, text: str, original: Original) -> Body:
        return self._with_block(text, original)

    def _pass_on(self, text: str, original: Original) -> Body:
        return self._with_block(text, original)

    def reply_formatted(
        self, typed: Body, mail: EmailMessage, at: datetime, *, pictures: Mapping[str, bytes] | None = None
    ) -> bytes:
        """An answer with lists, tables and the like; pasted pictures (PNG, by Content-ID) stand beside both forms."""
        original = read_original(mail)
        sign = f"\n\n{self.signature}\n\n" if self.signature else "\n\n"
        whole = Body(typed.plain + self._as_plain(sign), typed.rich + _paragraphs(sign, "MsoNormal"))
        raw = self._answer(self._above_block(whole, original), original, at)
        for content_id, content in (pictures or {}).items():
            raw = _with_picture(raw, content_id, content)
        return raw

    def _with_block(self, text: str, original: Original) -> Body:
        signed = f"{text}\n\n{self.signature}\n\n" if self.signature else f"{text}\n\n"
        return self._above_block(Body(self._as_plain(signed), _paragraphs(signed, "MsoNormal")), original)

    def _above_block(self, typed: Body, original: Original) -> Body:
        """A block of headers parts what is written from what is answered, which is not marked in any way."""
        block = self._block(original)
        rule = '<div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm">'
        rule += '<p class="MsoNormal">'
        rich = "<br>".join(f"<b>{label}</b> {_escape(value)}" for label, value in block)
        below = "\n".join(f"{label} {value}" for label, value in block) + f"\n\n{_bullets(original.text)}\n"
        page = f"{typed.rich}{rule}{rich}<o:p></o:p></p></div></div>{original.html}"
        if self.plain:
            opened = "-----Original Message-----" if self.language == "en" else "-----Message d'origine-----"
            return Body(f"{typed.plain}\n{opened}\n{below}", self._page(page))
        return Body(f"{typed.plain}\n{below}", self._page(page))

    def _block(self, original: Original) -> list[tuple[str, str]]:
        sender = f"{original.name} <{original.address}>" if original.name else original.address
        copied = "; ".join(name or address for name, address in original.cc)
        values = (sender, _long_date(original.at, self.language), original.people, copied, original.subject)
        return [(label, value) for label, value in zip(self.labels[self.language], values, strict=True) if value]

    def _as_plain(self, text: str) -> str:
        """Addresses are links, bullets stars; an empty paragraph holds a hard space."""
        if self.plain:
            return _wrap(text, 76)
        lines = [
            _ADDRESS.sub(lambda found: f"{found[0]}<mailto:{found[0]}>", line) for line in _bullets(text).split("\n")
        ]
        return "\n\n".join(line or "\xa0" for line in lines) if self.spread else "\n".join(lines)

    def _page(self, inner: str) -> str:
        style = "<style><!-- p.MsoNormal, li.MsoNormal, div.MsoNormal {margin:0cm; font-size:11.0pt;} --></style>"
        return (
            '<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns="http://www.w3.org/TR/REC-html40"><head>'
            f'<meta http-equiv="Content-Type" content="text/html; charset=utf-8">{style}</head>'
            f'<body lang="{self.language}" link="#0563C1"><div class="WordSection1">{inner}</div></body></html>'
        )

    def _message_id(self, number: str) -> str:
        host = f"DB9PR{number[:2].upper()}MB{int(number[2:6], 16) % 10_000:04}"
        return f"<{host}{number[6:30].upper()}@{host}.eurprd04.prod.outlook.com>"

    def _headers(self, _subject: str, _is_answer: bool) -> list[tuple[str, str]]:
        topic = _PREFIX.sub("", _subject)
        index = (
            b"\x01"
            + hashlib.md5(topic.encode()).digest()
            + b"\xdc\x01\x02\x03\x04"
            + b"\x80\x00\x10\x20\x30" * _is_answer
        )
        language = {"en": "en-GB", "fr": "fr-FR", "de": "de-DE", "nl": "nl-NL"}[self.language]
        return [
            ("Thread-Topic", _word(topic)),
            ("Thread-Index", base64.b64encode(index).decode()),
            ("Accept-Language", f"{language}, en-US"),
            ("Content-Language", language),
            ("X-MS-Has-Attach", ""),
            ("X-MS-TNEF-Correlator", ""),
            ("X-Originating-IP", "[192.0.2.7]"),
        ]

    def _parts(self, body: Body, boundary: str) -> bytes:
        return _part("text/plain", body.plain) if self.plain else super()._parts(body, boundary)


@dataclass(frozen=True)
class OutlookPhone(Outlook):
    """The Outlook app: a rule of underscores, and a line that names the app."""

    system: str = "iOS"

    def _typed(self, text: str) -> str:
        return _phone_keyboard(text)

    @property
    def _advert(self) -> tuple[str, str]:
        words = {"en": ("Get", "Outlook for"), "fr": ("Télécharger", "Outlook pour")}[self.language]
        return words[0], f"{words[1]} {self.system}"

    def _compose(self, text: str) -> Body:
        get, what = self._advert
        plain = f"{_bullets(text)}\n\n{get} {what}<https://aka.ms/o0ukef>\n"
        rich = f'{_divs(text)}<div id="ms-outlook-mobile-body-separator-line"><br></div>'
        rich += (
            f'<div id="ms-outlook-mobile-signature"><div>{get} <a href="https://aka.ms/o0ukef">{what}</a></div></div>'
        )
        return Body(plain, self._page(rich))

    def _with_block(self, text: str, original: Original) -> Body:
        body = self._compose(text)
        block = self._block(original)
        below = "\n".join(f"{label} {value}" for label, value in block)
        rich = "<br>".join(f"<b>{label}</b> {_escape(value)}" for label, value in block)
        quoted = '<div id="mail-editor-reference-message-container"><hr style="display:inline-block;width:98%">'
        quoted += f'<div id="divRplyFwdMsg">{rich}</div>{original.html}</div>'
        return Body(
            f"{body.plain}{'_' * 32}\n{below}\n\n{_bullets(original.text)}\n",
            body.rich.replace("</div></body></html>", f"{quoted}</div></body></html>"),
        )


# -- Gmail -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Gmail(Client):
    """Gmail in a browser: the plain form is wrapped at 72 to 78 columns, quoted lines too."""

    def _compose(self, text: str) -> Body:
        sign = f"\n\n-- \n{self.signature}" if self.signature else ""
        page = f'<div dir="ltr">{_divs(text)}'
        if self.signature:
            page += '<br clear="all"><div><br></div><span class="gmail_signature_prefix">-- </span><br>'
            page += (
                f'<div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature">{_divs(self.signature)}</div>'
            )
        return Body(_wrap(_bullets(text, "   - ") + sign, 78) + "\n", f"{page}</div>\n")

    def reply_inline(self, answers: Mapping[str, str], mail: EmailMessage, at: datetime) -> bytes:
        """An answer below each of the quoted lines that hold a key."""
        original = read_original(mail)
        pieces = _cut_below(original.text, answers)
        plain = "\n".join(_quoted(part, 76) if is_old else f"\n{_wrap(part, 78)}\n\n" for is_old, part in pieces)
        blocks = "".join(
            _GMAIL_BLOCK.format(_divs(part)) if is_old else f"<div><br></div>{_divs(part)}<div><br></div>"
            for is_old, part in pieces
        )
        line = self._attribution(original)
        page = f'<div dir="ltr">{self._quotation(line, blocks)}</div>\n'
        return self._answer(Body(f"{_wrap(line, 78)}\n\n{plain}\n", page), original, at)

    def _attribution(self, original: Original) -> str:
        date = _gmail_date(original.at, self.language)
        who = f"{original.name} <{original.address}>" if original.name else original.address
        match self.language:
            case "en":
                return f"On {date} {who} wrote:"
            case "es":
                return f"El {date}, {original.name} (<{original.address}>) escribió:"
            case "it":
                return f"Il giorno {date} {who} ha scritto:"
            case _:
                return f"Le {date}, {who} a écrit\xa0:"

    @staticmethod
    def _quotation(line: str, blocks: str) -> str:
        attribution = f'<div dir="ltr" class="gmail_attr">{_linked(line)}<br></div>'
        return f'<div class="gmail_quote gmail_quote_container">{attribution}{blocks}</div>'

    def _quote(self, text: str, original: Original) -> Body:
        line, body = self._attribution(original), self._compose(text)
        plain = f"{body.plain}\n{_wrap(line, 78)}\n\n{_quoted(original.text, 76)}\n"
        return Body(plain, f"{body.rich}<br>{self._quotation(line, _GMAIL_BLOCK.format(original.html))}\n")

    def _pass_on(self, text: str, original: Original) -> Body:
        who = f"{original.name} <{original.address}>" if original.name else f"<{original.address}>"
        labels = {
            "en": ("---------- Forwarded message ---------", "From", "Date", "Subject", "To"),
            "fr": ("---------- Forwarded message ---------", "De\xa0", "Date\xa0", "Subject\xa0", "To\xa0"),
        }[self.language]
        block = [
            labels[0],
            f"{labels[1]}: {who}",
            f"{labels[2]}: {_gmail_date(original.at, self.language)}",
            f"{labels[3]}: {original.subject}",
            f"{labels[4]}: {', '.join(f'{name} <{one}>' if name else f'<{one}>' for name, one in original.to)}",
        ]
        body = self._compose(text)
        lines = "<br>".join(map(_linked, block))
        rich = f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{lines}<br></div><br><br>'
        plain = "\n".join(_wrap(line, 78) for line in block)
        return Body(
            f"{body.plain}\n{plain}\n\n\n{_wrap(original.text, 78)}\n", f"{body.rich}<br>{rich}{original.html}</div>\n"
        )

    def _message_id(self, number: str) -> str:
        return f"<CA+{base64.urlsafe_b64encode(bytes.fromhex(number[:60])).decode().rstrip('=')}@mail.gmail.com>"


# -- Apple -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AppleMail(Client):
    """Mail on a Mac: plain text flows (RFC 3676, with DelSp), quotes are marked line by line, the attribution too."""

    def _typed(self, text: str) -> str:
        """Smart punctuation, as macOS sets it by default."""
        text = (
            re.sub(r'"([^"\n]*)"', "“\\1”", text)
            if self.language == "en"
            else re.sub(r'"([^"\n]*)"', "«\xa0\\1\xa0»", text)
        )
        return text.replace("--", "—").replace("'", "’").replace("...", "…")

    def _compose(self, text: str) -> Body:
        signed = f"{text}\n\n{self.signature}" if self.signature else text
        sign = (
            f'<br><br id="lineBreakAtBeginningOfSignature"><div>{_divs(self.signature)}</div>' if self.signature else ""
        )
        return Body(_flowed(_bullets(signed, "• ")), self._page(f"{_breaks(text)}{sign}"))

    def _quote(self, text: str, original: Original) -> Body:
        line = self._attribution(original)
        body = self._compose(text)
        quoted = "\n".join(_flowed(one, "> ") for one in (line, "", *original.text.split("\n")))
        inner = f'<div>{_linked(line)}</div><br class="Apple-interchange-newline"><div>{original.html}</div>'
        rich = f'<div><br><blockquote type="cite">{inner}</blockquote></div><br>'
        return Body(f"{body.plain}\n\n{quoted}\n", body.rich.replace("</body>", f"{rich}</body>"))

    def _attribution(self, original: Original) -> str:
        at, who = original.at, f"{original.name} <{original.address}>" if original.name else original.address
        if self.language == "fr":
            return f"Le {at.day} {SHORT_MONTHS_FR[at.month - 1]} {at.year} à {at:%H:%M}, {who} a écrit\xa0:"
        return f"On {at.day} {MONTHS['en'][at.month - 1][:3]} {at.year}, at {at:%H:%M}, {who} wrote:"

    def _pass_on(self, text: str, original: Original) -> Body:
        words = {
            "en": ("Begin forwarded message:", "From:", "Subject:", "Date:", "To:"),
            "fr": ("Début du message transféré :", "De: ", "Objet: ", "Date: ", "À: "),
        }[self.language]
        at = original.at
        to_time = {"en": "at", "fr": "à"}[self.language]
        date = f"{at.day} {MONTHS[self.language][at.month - 1]} {at.year} {to_time} {at:%H:%M:%S} CET"
        who = f"{original.name} <{original.address}>" if original.name else original.address
        to = ", ".join(f"{name} <{one}>" if name else one for name, one in original.to)
        block = [
            f"{label.strip()} {value}"
            for label, value in zip(words[1:], (who, original.subject, date, to), strict=True)
        ]
        body = self._compose(text)
        quoted = "\n".join(_flowed(one, "> ") for one in (*block, "", *original.text.split("\n")))
        rich = f'<div><br><blockquote type="cite"><div>{words[0]}</div><br class="Apple-interchange-newline">'
        rich += (
            "".join(f"<div><span><b>{_escape(one)}</b></span></div>" for one in block)
            + f"<br>{original.html}</blockquote></div>"
        )
        return Body(f"{body.plain}\n\n{words[0]}\n\n{quoted}\n", body.rich.replace("</body>", f"{rich}</body>"))

    def _page(self, inner: str) -> str:
        return (
            '<html><head><meta http-equiv="content-type" content="text/html; charset=utf-8"></head>'
            '<body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">'
            f"{inner}</body></html>"
        )

    def _message_id(self, number: str) -> str:
        upper = number.upper()
        return (
            f"<{upper[:8]}-{upper[8:12]}-{upper[12:16]}-{upper[16:20]}-{upper[20:32]}@{self.address.partition('@')[2]}>"
        )

    def _headers(self, _subject: str, _is_answer: bool) -> list[tuple[str, str]]:
        return [("X-Mailer", "Apple Mail (2.3864.100.1.1.5)")]

    def _plain_part(self, plain: str) -> bytes:
        return _part("text/plain", plain, "; format=flowed;\r\n\tdelsp=yes", "utf-8")


@dataclass(frozen=True)
class IPhone(AppleMail):
    """Mail on a phone: its keyboard corrects, its signature tells the device; nothing flows."""

    def _typed(self, text: str) -> str:
        return _phone_keyboard(super()._typed(text))

    def _compose(self, text: str) -> Body:
        sign = self.signature or {"en": "Sent from my iPhone", "fr": "Envoyé de mon iPhone"}[self.language]
        return Body(
            f"{text}\n\n{sign}",
            self._page(
                f'{_breaks(text)}<br><br id="lineBreakAtBeginningOfSignature"><div dir="ltr">{_breaks(sign)}</div>'
            ),
        )

    def _quote(self, text: str, original: Original) -> Body:
        line = self._attribution(original)
        body = self._compose(text)
        quoted = "\n".join(f"> {one}" for one in (line, "", *f"\ufeff{original.text}".split("\n")))
        rich = f'<div dir="ltr"><br><blockquote type="cite">{_linked(line)}<br><br></blockquote></div>'
        rich += f'<blockquote type="cite"><div dir="ltr">\ufeff{original.html}</div></blockquote>'
        return Body(f"{body.plain}\n\n{quoted}\n", body.rich.replace("</body>", f"{rich}</body>"))

    def _headers(self, _subject: str, _is_answer: bool) -> list[tuple[str, str]]:
        return [("X-Mailer", "iPhone Mail (23A341)")]

    def _plain_part(self, plain: str) -> bytes:
        return _part("text/plain", plain)


# -- what they share -------------------------------------------------------------------------------------------------


def _phone_keyboard(text: str) -> str:
    """A capital at the start of every sentence, also behind a hash, and a word that is a sentence gets no full stop."""
    return re.sub(r"(?m)^(#?)([a-zàâéèêîôûç])", lambda found: found[1] + found[2].upper(), text)


def _part(kind: str, text: str, more: str = "", charset: str = "") -> bytes:
    """A part as quoted-printable, which also carries lines of any length; bare ASCII with short lines goes as it is."""
    lines = text.replace("\n", "\r\n")
    if text.isascii() and max(map(len, lines.split("\r\n"))) < 200 and kind == "text/plain":
        head, content = (
            f'{kind}; charset="{charset or "us-ascii"}"{more}\r\nContent-Transfer-Encoding: 7bit',
            lines.encode(),
        )
    else:
        head = f'{kind}; charset="{charset or "utf-8"}"{more}\r\nContent-Transfer-Encoding: quoted-printable'
        content = b"\r\n".join(
            quopri.encodestring(line.encode(), quotetabs=False).replace(b"=\n", b"=\r\n")
            for line in lines.split("\r\n")
        )
    return f"Content-Type: {head}\r\n\r\n".encode() + content + b"\r\n"


def _with_picture(raw: bytes, content_id: str, content: bytes) -> bytes:
    """Puts a picture beside the text of a mail, as Outlook does: both in one multipart/related."""
    head, _, body = raw.partition(b"\r\n\r\n")
    before, _, kind = head.partition(b"Content-Type: ")
    boundary = f"_004_{hashlib.sha256(content_id.encode()).hexdigest()[:24]}_"
    name = content_id.partition("@")[0]
    opened = f'Content-Type: multipart/related;\r\n\tboundary="{boundary}";\r\n\ttype="multipart/alternative"\r\n\r\n'
    picture = (
        f'--{boundary}\r\nContent-Type: image/png; name="{name}"\r\nContent-Description: {name}\r\n'
        f'Content-Disposition: inline; filename="{name}"; size={len(content)}\r\nContent-ID: <{content_id}>\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
    )
    return b"".join([
        before, opened.encode(), f"--{boundary}\r\nContent-Type: ".encode(), kind, b"\r\n\r\n", body, b"\r\n",
        picture.encode(), base64.encodebytes(content).replace(b"\n", b"\r\n"), f"\r\n--{boundary}--\r\n".encode(),
    ])  # fmt: skip


def _word(value: str) -> str:
    """A header's value, as encoded words where it is not ASCII."""
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=70).encode(linesep="\r\n")


def _people(value: str) -> str:
    return ", ".join(f"{_word(name)} <{address}>" if name else address for name, address in getaddresses([value]))


def _wrap(text: str, width: int) -> str:
    """Hard line breaks between words; what is longer than a line stays whole."""
    wrapped = (textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) for line in text.split("\n"))
    return "\n".join("\n".join(lines) for lines in _kept(text, wrapped))


def _kept(text: str, wrapped: object) -> Sequence[Sequence[str]]:
    """Lines that need no break stay as they are, spaces too."""
    assert hasattr(wrapped, "__iter__")
    return [lines if len(lines) > 1 else [line] for line, lines in zip(text.split("\n"), wrapped, strict=True)]


def _quoted(text: str, width: int) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in _wrap(text, width).split("\n"))


def _flowed(text: str, mark: str = "") -> str:
    """Lines of at most 78 columns that flow: the space between two words, and one more that DelSp takes away."""
    out: list[str] = []
    for line in text.split("\n"):
        words = textwrap.wrap(line, 74, break_long_words=False, break_on_hyphens=False) if len(line) > 76 else [line]
        stuffed = [f" {word}" if not mark and word.startswith((" ", ">", "From ")) else word for word in words or [""]]
        out.extend(f"{mark}{word}  " for word in stuffed[:-1])
        out.append(f"{mark}{stuffed[-1]}" if stuffed[-1] == "-- " else f"{mark}{stuffed[-1].rstrip(' ')}")
    return "\n".join(out)


def _cut_below(text: str, answers: Mapping[str, str]) -> list[tuple[bool, str]]:
    """The quoted text cut below the lines that are answered: pieces, each old or not."""
    pieces: list[tuple[bool, str]] = []
    old: list[str] = []
    for line in text.split("\n"):
        old.append(line)
        answer = next((value for key, value in answers.items() if key in line), "")
        if answer:
            pieces += [(True, "\n".join(old)), (False, answer)]
            old = []
    return [*pieces, (True, "\n".join(old))] if any(old) else pieces


def _bullets(text: str, mark: str = "  *   ") -> str:
    """Lists as the client's plain form shows them."""
    return "\n".join(_ITEM.sub(mark, line, count=1) if _ITEM.match(line) else line for line in text.split("\n"))


def _escape(text: str) -> str:
    return html.escape(text, quote=False)


def _linked(line: str) -> str:
    """A line as HTML, its addresses as links."""
    return _ADDRESS.sub(lambda found: f'<a href="mailto:{found[0]}">{found[0]}</a>', _escape(line))


def _paragraphs(text: str, kind: str) -> str:
    out, items = "", False
    for line in text.split("\n"):
        is_item = bool(_ITEM.match(line))
        out += ('<ul style="margin-top:0cm" type="disc">' if is_item and not items else "") + (
            "</ul>" if items and not is_item else ""
        )
        items = is_item
        inner = _linked(_ITEM.sub("", line, count=1) if is_item else line) or "&nbsp;"
        tag = 'li class="MsoListParagraph"' if is_item else f'p class="{kind}"'
        out += f"<{tag}>{inner if line else '<o:p>&nbsp;</o:p>'}{'<o:p></o:p>' if line else ''}</{tag[:2].strip()}>\r\n"
    return out + ("</ul>" if items else "")


def _divs(text: str) -> str:
    out, items = "", False
    for line in text.split("\n"):
        is_item = bool(_ITEM.match(line))
        out += ("<ul>" if is_item and not items else "") + ("</ul>" if items and not is_item else "")
        items = is_item
        out += (
            f"<li>{_linked(_ITEM.sub('', line, count=1))}</li>" if is_item else f"<div>{_linked(line) or '<br>'}</div>"
        )
    return out + ("</ul>" if items else "")


def _breaks(text: str) -> str:
    return "<br>".join(_linked(line) for line in text.split("\n"))


def _long_date(at: datetime, language: str) -> str:
    day, month = DAYS[language][at.weekday()], MONTHS[language][at.month - 1]
    if language in ("fr", "nl"):
        return f"{day} {at.day} {month} {at.year} {at:%H:%M}"
    if language == "de":
        return f"{day}, {at.day}. {month} {at.year} {at:%H:%M}"
    return f"{day}, {month} {at.day}, {at.year} {at.hour % 12 or 12}:{at:%M %p}"


def _gmail_date(at: datetime, language: str) -> str:
    if language == "fr":
        return f"{DAYS['fr'][at.weekday()][:3]}. {at.day} {SHORT_MONTHS_FR[at.month - 1]} {at.year} à {at:%H:%M}"
    day, month = DAYS[language][at.weekday()][:3], MONTHS[language][at.month - 1][:3]
    if language == "es":
        return f"{day}, {at.day} {month} {at.year} a las {at.hour}:{at:%M}"
    if language == "it":
        return f"{day} {at.day} {month} {at.year} alle ore {at:%H:%M}"
    return f"{day}, {month} {at.day}, {at.year} at {at.hour % 12 or 12}:{at:%M}\u202f{at:%p}"
