"""The text that an agent typed is the text that is read, with any mail program and any text that it adds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.commands import Command, Commands, read_commands
from mailgate.parsers.forwards import read_own_commands
from mailgate.parsers.quoting.signatures import names_of
from tests.support.clients import AppleMail, Client, Gmail, IPhone, Outlook, OutlookPhone

AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
WHO = ("Alice Moreau", "alice@example.com")
CARDS = {
    "close and card": "Kind regards,\n\nAlice Moreau\nIT Support | Room B-214\nInternal ext. 4711\nalice@example.com",
    "card with a mail address": "Alice Moreau\nIT Support Engineer\nInternal ext. 4711 | Room B-214\nalice@example.com",
    "card with an extension only": "Alice Moreau\nIT Support\next. 4711, room B-214",
    "first name": "Alice\nIT Service Desk\nTel: 4711\nB-214",
    "initial": "A. Moreau\nIT Support · ext 4711",
    "surname first": "MOREAU Alice\nIngénieure support\nBâtiment B-214 – poste 4711",
    "a row": "Alice Moreau | IT Support | ext. 4711",
    "a long entry": "Alice Moreau\nIT Support, Example Ltd, 1 High Street, London, ext. 4711",
    "French": "Cordialement,\n\nAlice Moreau\nSupport informatique | DSI\nPoste 4711 | Bureau B-214",
    "legal text": "Best,\nAlice\n\n-- \nAlice Moreau\nTel 4711 / B-214\n\nThis message is confidential and meant only "
    "for the addressee. If you received it in error, please delete it.",
}
INTERNAL = ("4711", "B-214", "IT Support", "Service Desk", "DSI", "Ingénieure", "confidential")
NAMES = names_of("Alice Moreau <alice@example.com>")
TYPED = (
    "#time 5m\n#note she is in a hurry\n#resolve\n\n"
    "I changed the drum of the printer and printed ten pages without an error.",
    "#ask service@printers.example\n\nSerial number X-200, error E-42 after three pages. Is that the fuser?",
    "#note The customer is difficult to reach, so please call her only between ten and twelve o'clock in the morning."
    "\n\nWe are looking into it.",
    "Hello Anna,\n\nplease do this:\n\n- restart the printer\n- print a page\n\nRegards\nAlice\n\n#waiting\n#time 10m",
    "#escalate The log points to the print server -- and I have no access to it.",
    "#cc ben@example.org, Carl <carl@example.net>\n\n"
    "Write to help@acme.example or look at https://acme.example/kb/12 for more.",
    "#link SUP-2, SUP-3\n#cause worn drum (120,000 pages)\n#resolve\n\nThe server runs again...",
    "#take",
)
_SIGNED = re.compile(r"(?:\s*\b(?:kind regards|regards|best|cordialement|alice|a\.|moreau),?)+$")


def programs(card: str) -> Iterator[Client]:
    for language in ("en", "fr"):
        for kind in (Outlook, OutlookPhone, Gmail, AppleMail, IPhone):
            one = kind(*WHO, language, card)
            yield from (one, replace(one, html_only=True))
        yield Outlook(*WHO, language, card, spread=True)
        yield Outlook(*WHO, language, card, plain=True)


def request() -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = (
        "Anna via Support <support@example.com>",
        "level1@example.com",
        "Printer [SUP-1]",
    )
    mail["Reply-To"], mail["Message-ID"] = (
        "support+SUP-1.2.abcdefghijklmnop@example.com",
        "<SUP-1.2.abcdefghijklmnop@example.com>",
    )
    mail["Date"] = AT
    mail.set_content(
        "SUP-1: Printer\n\n- From: Anna <anna@example.org>\n\n> It prints empty pages.\n\n#help lists them all.\n"
    )
    return mail


def plain(words: str) -> str:
    """Without what clients correct: case, quotation marks, dashes, spaces, bullets."""
    words = re.sub(
        r"(?m)^\s*[*•-]\s+", "- ", words.replace("’", "'").replace("…", "...").replace("—", "--").replace("–", "--")
    )
    return re.sub(r" (?=[?!:;])", "", " ".join(words.replace("\xa0", " ").split())).casefold()


def told(read: Commands) -> tuple[list[tuple[str, str]], str]:
    public = _SIGNED.sub("", plain(read.public_text))
    return [(one.name, plain(one.args)) for one in read.commands], public


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_every_program_says_what_was_typed_and_nothing_of_its_signature(card: str) -> None:
    for text in TYPED:
        wanted = told(read_commands(text))
        for program in programs(card):
            raw = program.reply(text, request(), AT)
            read = read_own_commands(read_mail(raw, program.address))
            case = f"{type(program).__name__}, {program.language}, html_only={program.html_only}:\n{raw.decode()}"
            assert not read.errors, case
            assert told(read) == wanted, case
            assert not any(word in read.public_text for word in INTERNAL), case


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_a_mail_of_commands_only_says_nothing_to_the_requester(card: str) -> None:
    for program in programs(card):
        for text in ("#take", "#escalate no access", "#priority high\n#note\xa0she is rude"):
            read = read_own_commands(read_mail(program.reply(text, request(), AT), program.address))
            assert read.public_text == "", type(program).__name__


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_an_answer_without_commands_leaves_the_signature_behind(card: str) -> None:
    for program in programs(card):
        read = read_own_commands(read_mail(program.reply("I am on it.", request(), AT), program.address))
        assert read.public_text.startswith("I am on it.")
        assert not any(word in read.public_text for word in INTERNAL), type(program).__name__


def test_what_stands_below_a_name_is_kept_where_it_says_something() -> None:
    for below in (
        "P.S. Room B-214 is closed.",
        "Which printer is it?",
        "Please restart the printer and print one page.",
    ):
        text = f"Done.\n\nAlice Moreau\n{below}"
        assert read_commands(text, names=NAMES).public_text == text


def test_commands_below_a_name_are_commands() -> None:
    for close in ("Regards\nAlice", "Alice Moreau", "Regards\n\nAlice Moreau\next. 4711"):
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["In-Reply-To"] = "Alice Moreau <alice@example.com>", "Re: x", "<a@b>"
        mail.set_content(f"Which one is it?\n\n{close}\n\n#waiting\n#time 10m\n")
        read = read_own_commands(read_mail(mail.as_bytes()))
        assert read.commands == (Command("waiting", ""), Command("time", "10m")), close
        assert "4711" not in read.public_text


def test_a_mistyped_command_above_a_close_stops_the_mail() -> None:
    for below in ("", "\n\nRegards\nAlice", "\n\nAlice Moreau"):
        read = read_commands(f"Which one is it?\n\n#waitng\n#time 5m{below}", names=NAMES)
        assert [error.nearest for error in read.errors] == ["waiting"], below


def test_a_link_that_outlook_shows_twice_is_shown_once() -> None:
    text = (
        "See www.acme.example<http://www.acme.example/>, (a@b.example<mailto:a@b.example>) or x<https://other.example>."
    )
    assert read_commands(text).public_text == "See www.acme.example, (a@b.example) or x<https://other.example>."


@pytest.mark.parametrize("name", ["Anna Martin", "Tom Weber", "Jo Martin"])
def test_an_answer_of_nothing_but_a_signature_is_empty(name: str) -> None:
    """Only the name above a card is left, and a name is neither a yes nor a no: "Jo" is Swedish for yes."""
    for card in (name, name.partition(" ")[0], f"{name}\nHead of Sales | Example SA\n+33 6 12 34 56 78"):
        for kind in (Outlook, Gmail, AppleMail, IPhone):
            raw = kind(name, "person@example.org", signature=card).reply("", request(), AT)
            assert read_mail(raw).new_text == "", (kind.__name__, card)
            raw = kind(name, "person@example.org", signature=card).reply("Works", request(), AT)
            assert read_mail(raw).new_text.startswith("Works"), (kind.__name__, card)
