"""The questions of `init`. Each is an option of the command as well, so that a script asks nothing.

`Question.read` turns the words of an answer into its value; ValueError says what is wrong with them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from mailgate.cli.setup.machine import STATE_FOLDER, Machine, country_of
from mailgate.config.types import check_address, check_mailbox_or_domain, is_this_machine
from mailgate.core.calendar.week import PublicHolidays
from mailgate.core.domains import domain_of, fold_address
from mailgate.notices.rendering.templates import SHIPPED

Answers = Mapping[str, Any]
"""Answers by the name of their question, as far as they are given."""

_WAYS = ("smtp", "lmtp", "imap", "maildir", "pipe")
_IMAP_TLS = ("implicit", "starttls", "none")
_RELAY_TLS = ("opportunistic", *_IMAP_TLS)
_SERVER = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[^\s:\[\]/@]+))(?::(?P<port>\d{1,5}))?")
_EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Server:
    """A host and its port; 0 where the answer names none."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


def _required(_given: Answers, _machine: Machine) -> str | None:
    return None


def _always(_given: Answers) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question. `words` stand at the prompt, `help` at the option.

    `default` is what Enter answers, None where there is no default. The question is for answers that `applies` takes;
    where `is_asked` is false, a dialog takes the default without asking. `settings` are those that the answer alone
    decides: a mistake in one of them is the answer's.
    """

    name: str
    metavar: str
    words: str
    help: str
    read: Callable[[str], Any]
    default: Callable[[Answers, Machine], str | None] = _required
    applies: Callable[[Answers], bool] = _always
    is_asked: Callable[[Answers], bool] = _always
    is_password: bool = False
    settings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The name of the answer, which is that of the option's parameter."""
        return self.name.replace("-", "_")


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions that are asked, and tried, together."""

    title: str
    questions: tuple[Question, ...]


# -- reading -----------------------------------------------------------------------------------------------------------


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f'"{text}" is none of {", ".join(choices)}')
        return text.lower()

    return read


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,\s]+", text) if part)


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(check_address(part) for part in _split(text))


def _server(text: str) -> Server:
    found = _SERVER.fullmatch(text)
    port = int(found["port"] or 0) if found else 0
    if found is None or port > 65535:
        raise ValueError(f'"{text}" is not a server: write HOST or HOST:PORT')
    return Server(found["six"] or found["host"], port)


def _languages(text: str) -> tuple[str, ...]:
    codes = tuple(code.lower().replace("_", "-") for code in _split(text))
    unknown = [code for code in codes if code not in SHIPPED]
    if unknown or not codes:
        what = f'there are no notices in "{unknown[0]}"' if unknown else "name at least one language"
        raise ValueError(f"{what}; the languages are {', '.join(sorted(SHIPPED))}")
    return tuple(dict.fromkeys(codes))


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text).key
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'there is no time zone "{text}": write one such as Europe/London or UTC') from None


def _holidays(text: str) -> str:
    return PublicHolidays("" if text == "none" else text).place


def _names(text: str) -> tuple[str, ...]:
    return () if text == "none" else _split(text)


def _recipients(text: str) -> tuple[str, ...]:
    return () if text == _EVERYONE else tuple(check_mailbox_or_domain(part) for part in _split(text))


def _folder(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return str(Path(text).absolute())


def _listen(text: str) -> str:
    return f"unix:{_folder(text[5:])}" if text.startswith("unix:") else text


def _text(text: str) -> str:
    if not text:
        raise ValueError("must not be empty")
    return text


# -- defaults ----------------------------------------------------------------------------------------------------------


def _fixed(value: str) -> Callable[[Answers, Machine], str]:
    return lambda _given, _machine: value


def _is_way(*ways: str) -> Callable[[Answers], bool]:
    return lambda given: given.get("intake") in ways


def _default_listen(given: Answers, _machine: Machine) -> str:
    return "127.0.0.1:8024" if given.get("intake") == "lmtp" else "127.0.0.1:8025"


def _default_imap_tls(given: Answers, _machine: Machine) -> str:
    server: Server = given["imap"]
    if is_this_machine(server.host) and server.port in (0, 143):
        return "none"  # nothing leaves the machine, and no certificate is for its inner name
    return "starttls" if server.port == 143 else "implicit"


def _default_relay_tls(given: Answers, _machine: Machine) -> str:
    return {465: "implicit", 587: "starttls"}.get(given["relay"].port, "opportunistic")


def _default_operator(given: Answers, _machine: Machine) -> str | None:
    return f"postmaster@{domain_of(given['address'])}" if "address" in given else None


def _default_manager(given: Answers, _machine: Machine) -> str | None:
    return given.get("operator")


def _default_languages(_given: Answers, machine: Machine) -> str:
    return machine.language


def _default_zone(_given: Answers, machine: Machine) -> str:
    return machine.zone


def _default_holidays(given: Answers, _machine: Machine) -> str:
    return country_of(given.get("timezone", "")) or "none"


def _default_database(_given: Answers, machine: Machine) -> str:
    return f"sqlite:///{STATE_FOLDER}/mailgate.db" if machine.is_system else "sqlite:///mailgate.db"


def _default_recipients(given: Answers, _machine: Machine) -> str | None:
    """The desk's domain, and the people of the desk who have another one: they must get what is theirs."""
    if "address" not in given:
        return None
    own = domain_of(given["address"])
    names = ("level1", "level2", "operator", "manager")
    people = [given[name] for name in names if name in given]
    people += [*given.get("level1_agents", ()), *given.get("level2_agents", ())]
    others = dict.fromkeys(fold_address(one) for one in people if domain_of(one) != own)
    return ",".join((f"@{own}", *others))


def _has_far_relay(given: Answers) -> bool:
    return "relay" in given and not is_this_machine(given["relay"].host)


def _has_user(given: Answers) -> bool:
    return bool(given.get("relay_user"))


# -- the questions -----------------------------------------------------------------------------------------------------

_PASSWORD_HELP = 'A file with the password in its first line, or "-" for a line of standard input. It is copied.'

QUESTION_GROUPS = (
    QuestionGroup(
        "The address that requesters write to",
        (
            Question(
                name="address", metavar="ADDRESS", words="Address of the desk", read=check_address,
                help="The address that requesters write to.",
            ),
        ),
    ),
    QuestionGroup(
        "How email reaches the desk: smtp or lmtp from your mail server, imap, a maildir, or a pipe",
        (
            Question(
                name="intake", metavar="WAY", words=f"Way in ({', '.join(_WAYS)})", read=_one_of(*_WAYS),
                help="How email reaches the desk: smtp, lmtp, imap, maildir or pipe.",
            ),
            Question(
                name="listen", metavar="PLACE", words="Host and port where the desk listens", read=_listen,
                default=_default_listen, applies=_is_way("smtp", "lmtp"),
                settings=("intake.smtp.listen", "intake.lmtp.listen"),
                help="Where the desk listens, as HOST:PORT or, for LMTP, unix:PATH. "
                "Default: 127.0.0.1:8025 for SMTP, 127.0.0.1:8024 for LMTP.",
            ),
            Question(
                name="imap", metavar="HOST[:PORT]", words="IMAP server, as HOST or HOST:PORT", read=_server,
                applies=_is_way("imap"), help="The server of the mailbox.",
            ),
            Question(
                name="imap-tls", metavar="TLS", words=f"Encryption ({', '.join(_IMAP_TLS)})", read=_one_of(*_IMAP_TLS),
                default=_default_imap_tls, applies=lambda given: "imap" in given,
                help="implicit, starttls or none. Default: none for this machine, starttls for port 143, otherwise "
                "implicit.",
            ),
            Question(
                name="imap-user", metavar="NAME", words="User of the mailbox", read=_text, applies=_is_way("imap"),
                default=lambda given, _machine: given.get("address"),
                help="The user who logs in. Default: the desk's address.",
            ),
            Question(
                name="imap-password-file", metavar="FILE", words="Password of the mailbox", read=_text,
                applies=_is_way("imap"), is_password=True, help=_PASSWORD_HELP,
            ),
            Question(
                name="maildir", metavar="FOLDER", words="Folder of the Maildir", read=_folder,
                applies=_is_way("maildir"), help="The Maildir that a delivery agent fills.",
            ),
        ),
    ),
    QuestionGroup(
        "The SMTP server that sends the desk's notices",
        (
            Question(
                name="relay", metavar="HOST[:PORT]", words="Relay, as HOST or HOST:PORT", read=_server,
                default=_fixed("127.0.0.1:25"), help="The SMTP server that sends notices. Default: 127.0.0.1:25.",
            ),
            Question(
                name="relay-tls", metavar="TLS", words=f"Encryption ({', '.join(_RELAY_TLS)})",
                read=_one_of(*_RELAY_TLS), default=_default_relay_tls, applies=lambda given: "relay" in given,
                is_asked=_has_far_relay,
                help="opportunistic, starttls, implicit or none. Default: implicit for port 465, starttls for port "
                "587, otherwise opportunistic.",
            ),
            Question(
                name="relay-user", metavar="NAME", words="User (Enter for none)", read=str, default=_fixed(""),
                is_asked=_has_far_relay, help="The user who logs in to the relay. Default: no login.",
            ),
            Question(
                name="relay-password-file", metavar="FILE", words="Password at the relay", read=_text,
                applies=_has_user, is_password=True, help=_PASSWORD_HELP,
            ),
        ),
    ),
    QuestionGroup(
        "The two levels and their people",
        (
            Question(
                name="level1", metavar="ADDRESS", words="Mailbox of Level 1, which gets new tickets",
                read=check_address, settings=("levels.level1.mailbox",),
                help="The mailbox of Level 1, which gets new tickets.",
            ),
            Question(
                name="level1-agents", metavar="ADDRESSES", words="Agents of Level 1, with commas (Enter for none)",
                read=_addresses, default=_fixed(""),
                help="The addresses of the agents of Level 1, with commas between them.",
            ),
            Question(
                name="level2", metavar="ADDRESS", words="Mailbox of Level 2, which gets what Level 1 passes on",
                read=check_address, settings=("levels.level2.mailbox",),
                help="The mailbox of Level 2, which gets what Level 1 passes on.",
            ),
            Question(
                name="level2-agents", metavar="ADDRESSES", words="Agents of Level 2, with commas (Enter for none)",
                read=_addresses, default=_fixed(""), help="The addresses of the agents of Level 2.",
            ),
            Question(
                name="operator", metavar="ADDRESS", words="Operator, who gets technical alarms", read=check_address,
                default=_default_operator,
                help="Gets the technical alarms. Default: the postmaster of the desk's domain.",
            ),
            Question(
                name="manager", metavar="ADDRESS", words="Manager, who gets what no level can take",
                read=check_address, default=_default_manager,
                help="Gets what no level can take. Default: the operator.",
            ),
        ),
    ),
    QuestionGroup(
        "The languages of the desk's emails; people who have not shown another language get the first",
        (
            Question(
                name="languages", metavar="CODES", words=f"Languages, with commas ({', '.join(sorted(SHIPPED))})",
                read=_languages, default=_default_languages,
                help="The languages of notices, such as en,fr. Default: the language of this terminal ($LANG).",
            ),
        ),
    ),
    QuestionGroup(
        "The time zone and public holidays of the desk",
        (
            Question(
                name="timezone", metavar="ZONE", words="Time zone", read=_zone, default=_default_zone,
                help="The time zone, such as Europe/London. Default: that of this machine.",
            ),
            Question(
                name="holidays", metavar="COUNTRY", words="Country of the public holidays, such as GB-ENG (or none)",
                read=_holidays, default=_default_holidays,
                help="The public holidays of a country or region, such as GB-ENG, or none. Default: the country of "
                "the time zone.",
            ),
        ),
    ),
    QuestionGroup(
        "The name with which your mail server signs its verdict on senders (Authentication-Results)",
        (
            Question(
                name="authserv-id", metavar="NAMES", words="Name in Authentication-Results (none if it writes none)",
                read=_names, default=_fixed("none"),
                help="The names of your servers in Authentication-Results, with commas, or none. Default: none.",
            ),
        ),
    ),
    QuestionGroup(
        "The database: an SQLite file for one host, PostgreSQL for any number",
        (
            Question(
                name="database", metavar="URL", words="Database", read=_text, default=_default_database,
                settings=("store.database",),
                help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME. Default: an SQLite file, for root in "
                "/var/lib/mailgate, otherwise in FOLDER.",
            ),
            Question(
                name="only-to", metavar="LIST", words="", read=_recipients, default=_default_recipients,
                is_asked=lambda _given: False,
                help="At first, send notices only to these addresses and domains (@example.com), with commas, or to "
                f"{_EVERYONE}. Default: the desk's domain and the people named here.",
            ),
        ),
    ),
)  # fmt: skip
QUESTIONS = tuple(question for group in QUESTION_GROUPS for question in group.questions)
