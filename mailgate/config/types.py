"""Types of configuration values: durations, sizes, addresses, hours.

Each type carries the validator that converts the text. Text that is not valid raises ValueError; `loader` reports its
sentence with the key.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, PlainValidator

from mailgate.core.calendar.business_time import Duration, PublicHolidays, Week, read_duration, read_week
from mailgate.core.domains import to_a_labels

_SIZE = re.compile(r"(\d{1,12}(?:\.\d{1,3})?)\s*(bytes|B|kB|KiB|MB|MiB|GB|GiB)")
_FACTORS = {"bytes": 1, "B": 1, "kB": 10**3, "KiB": 2**10, "MB": 10**6, "MiB": 2**20, "GB": 10**9, "GiB": 2**30}
_LOCAL = r'[^\s@<>()\[\],;:"\\\x00-\x1f\x7f]{1,64}'
_DOMAIN = r"(?!-)[\w-]{1,63}(?<!-)(?:\.(?!-)[\w-]{1,63}(?<!-))*"
_ADDRESS = re.compile(f"{_LOCAL}@{_DOMAIN}")
_AT_DOMAIN = re.compile(f"@{_DOMAIN}")
_HEADER = re.compile(r"[!-9;-~]+:\s*\S.*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2})?")
_LONGEST_CAUSE = 60  # letters: a report shows so many
_MODE = re.compile(r"0?[0-7]{3}")
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")


class LanguageCode(str):
    """Code of a language, such as "pt"; `tag` is with the country whose texts are wanted, such as "pt-br"."""

    __slots__ = ("tag",)
    tag: str

    def __new__(cls, tag: str) -> LanguageCode:
        code = super().__new__(cls, tag.partition("-")[0])
        code.tag = tag
        return code


@dataclass(frozen=True, slots=True)
class PutAwayAction:
    """How a mail is put away in its IMAP folder once it is stored; `folder` only with "move"."""

    action: Literal["move", "flag", "delete"]
    folder: str = ""


def is_this_machine(host: str) -> bool:
    """Tells whether a host is this machine."""
    return host in ("localhost", "::1") or host.startswith("127.")


def read_size(text: str) -> int:
    """Reads a size such as "25 MiB" (binary) or "500 kB" (decimal) and returns it in bytes."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f'"{text}" is not a size: write a number and a unit, such as "25 MiB" or "500 kB"')
    size = int(float(found[1]) * _FACTORS[found[2]])
    if size == 0:
        raise ValueError("must be greater than zero")
    return size


def check_address(text: str) -> str:
    """The bare address itself, if it looks like one (RFC 5321 §4.1.2, quoted local parts left out)."""
    if not _ADDRESS.fullmatch(text):
        raise ValueError(f'"{text}" is not an address: write only the address, such as "support@example.com"')
    _check_domain(text)
    return text


def _check_domain(address: str) -> None:
    """Raises ValueError where nobody can write to a domain: it must be one by IDNA 2008."""
    if to_a_labels(address.rpartition("@")[2]) is None:
        raise ValueError(f'"{address}" has a domain that cannot receive email (IDNA 2008)')


def read_text(value: object) -> str:
    """The text itself; ValueError for any other kind of value."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def _duration(value: object) -> Duration:
    return value if isinstance(value, Duration) else read_duration(read_text(value))


def _wait(value: object) -> Duration:
    duration = _duration(value)
    if duration.amount == 0:
        raise ValueError("must be longer than zero")
    return duration


def _clock_time(value: object) -> Duration:
    duration = _wait(value)
    if duration.business:
        raise ValueError("must be clock time: write it without the word business")
    return duration


def _optional_wait(value: object) -> Duration | None:
    return None if value is None or value == "" else _wait(value)


def _retention(value: object) -> Duration | None:
    return None if value is None or value == "forever" else _clock_time(value)


def _warning(value: object) -> float | Duration:
    if isinstance(value, Duration):
        return value
    if isinstance(value, str):
        return _wait(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 1:
        raise ValueError('must be a share from 0 to 1, or a time before the end, such as "1 business hour"')
    return float(value)


def _optional_time(value: object) -> time | None:
    if value is None or isinstance(value, time):
        return value
    text = read_text(value)
    if not text:
        return None
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(f'"{text}" is not a time of day: write hours and minutes, such as "08:00", or "" for never')
    return time(int(found[1]), int(found[2]))


def _time_of_day(value: object) -> time:
    found = _optional_time(value)
    if found is None:
        raise ValueError('must be a time of day, such as "07:00"')
    return found


def _language(value: object) -> LanguageCode:
    if isinstance(value, LanguageCode):
        return value
    text = read_text(value)
    if not _LANGUAGE.fullmatch(text):
        raise ValueError("must be a language code, such as fr, or one of a country, such as pt-BR")
    return LanguageCode(text.lower())


def _size(value: object) -> int:
    return value if type(value) is int and value > 0 else read_size(read_text(value))


def _zone(value: object) -> ZoneInfo:
    if isinstance(value, ZoneInfo):
        return value
    name = read_text(value)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{name}": write one such as Europe/Paris or UTC') from None


def _week(value: object) -> Week:
    if isinstance(value, tuple):
        return value
    if not isinstance(value, dict):
        raise ValueError('must be a table such as { mon-fri = ["09:00-12:30", "13:30-18:00"] }')
    for day, texts in value.items():
        if not isinstance(texts, tuple) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f'{day} must be a list of intervals, such as ["09:00-12:30"]')
    return read_week(value)


def _country(text: str) -> str:
    return PublicHolidays(text).place


def _closing_days(value: object) -> frozenset[date]:
    if isinstance(value, frozenset):
        return value
    if not isinstance(value, tuple):
        raise ValueError("must be a list of dates in [brackets]")
    return frozenset(_day(item) for item in value)


def _day(value: object) -> date:
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError(f'"{value}" is not a date: write year, month and day, such as 2026-12-24') from None


def check_mailbox_or_domain(text: str) -> str:
    """The text itself, if it is a bare address or `@example.com`."""
    if not _AT_DOMAIN.fullmatch(text) and not _ADDRESS.fullmatch(text):
        raise ValueError(f'"{text}" is neither an address nor a domain such as "@example.com"')
    _check_domain(text)
    return text


def _optional_mailbox(text: str) -> str:
    return check_address(text) if text else ""


def _optional_clock_time(value: object) -> Duration | None:
    return None if value is None or value == "" else _clock_time(value)


def check_https_url(text: str) -> str:
    """The address itself, if secrets may be sent there: by HTTPS, or on this machine.

    The error does not quote it: its path may be a secret, and the log and an alarm have the error.
    """
    parts = urlsplit(text)
    host = parts.hostname or ""
    if (sent := to_a_labels(host)) is None:
        raise ValueError(f'the host "{host}" is one that no server can have (IDNA 2008)')
    if not host.isascii():
        parts = parts._replace(netloc=sent if parts.port is None else f"{sent}:{parts.port}")
        text = parts.geturl()
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
        return text
    raise ValueError("must begin with https://, because secrets are sent there")


def _optional_https_url(text: str) -> str:
    return check_https_url(text) if text else ""


def _file_mode(value: object) -> int:
    if type(value) is int:
        return value
    text = read_text(value)
    if not _MODE.fullmatch(text):
        raise ValueError(f'"{text}" is not a file mode: write octal digits in quotes, such as "0660"')
    return int(text, 8)


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(read_text(value))
    except ValueError as error:
        raise ValueError(f'{error}; write a network such as "192.0.2.0/24"') from None


def _header(text: str) -> str:
    if not _HEADER.fullmatch(text):
        raise ValueError(f'"{text}" is not a header: write name and value, such as "X-Spam-Flag: YES"')
    return text


def _cause(text: str) -> str:
    if not text.strip() or len(text) > _LONGEST_CAUSE or text != " ".join(text.split()):
        raise ValueError(f"a cause must have 1 to {_LONGEST_CAUSE} characters on one line, with single spaces")
    return text


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and not words[0].startswith("/"):
        raise ValueError(f'"{words[0]}" must be the whole path of a program, such as "/usr/local/bin/notify"')
    if any("\0" in word for word in words):
        raise ValueError("must not contain a NUL")
    return words


def _processes(value: object) -> int | Literal["auto"]:
    if value == "auto":
        return "auto"
    if type(value) is int and value > 0:
        return value
    raise ValueError('must be "auto" or a number from 1')


def _after(value: object) -> PutAwayAction:
    match value:
        case PutAwayAction():
            return value
        case "flag":
            return PutAwayAction("flag")
        case "delete":
            return PutAwayAction("delete")
        case {"move": str(folder), **others} if folder and not others:
            return PutAwayAction("move", folder)
    raise ValueError('must be { move = "FOLDER" }, "flag" or "delete"')


DurationRead = Annotated[Duration, PlainValidator(_duration)]
Wait = Annotated[Duration, PlainValidator(_wait)]
OptionalWait = Annotated[Duration | None, PlainValidator(_optional_wait)]
Retention = Annotated[Duration | None, PlainValidator(_retention)]
WarnAt = Annotated[float | Duration, PlainValidator(_warning)]
ClockTime = Annotated[Duration, PlainValidator(_clock_time)]
OptionalClockTime = Annotated[Duration | None, PlainValidator(_optional_clock_time)]
TimeOfDay = Annotated[time, PlainValidator(_time_of_day)]
OptionalTime = Annotated[time | None, PlainValidator(_optional_time)]
SizeRead = Annotated[int, PlainValidator(_size)]
Mailbox = Annotated[str, AfterValidator(check_address)]
MailboxOrDomain = Annotated[str, AfterValidator(check_mailbox_or_domain)]
OptionalMailbox = Annotated[str, AfterValidator(_optional_mailbox)]
Language = Annotated[LanguageCode, PlainValidator(_language)]
OptionalLanguage = Annotated[str, Field(pattern=r"^([a-z]{2,3})?$")]
Reference = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9]{0,15}$")]
PortNumber = Annotated[int, Field(ge=1, le=65535)]
ZoneRead = Annotated[ZoneInfo, PlainValidator(_zone)]
WeekRead = Annotated[Week, PlainValidator(_week)]
Country = Annotated[str, AfterValidator(_country)]
ClosingDays = Annotated[frozenset[date], PlainValidator(_closing_days)]
IpNetwork = Annotated[IPv4Network | IPv6Network, PlainValidator(_network)]
OptionalHttpsUrl = Annotated[str, AfterValidator(_optional_https_url)]
FileMode = Annotated[int, PlainValidator(_file_mode)]
Header = Annotated[str, AfterValidator(_header)]
Cause = Annotated[str, AfterValidator(_cause)]
Program = Annotated[tuple[str, ...], AfterValidator(_program)]
"""A program and its arguments, which are passed as they are: no shell reads them."""
Processes = Annotated[int | Literal["auto"], PlainValidator(_processes)]
PutAwayActionRead = Annotated[PutAwayAction, PlainValidator(_after)]
