"""Mailed forms: what stands in them, and what is read from replies as clients make them."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailgate.core.form_fields import FieldKind, FormField, Texts
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from mailgate.parsers import read_mail
from mailgate.parsers.forms import FilledForm, InvalidValue, read_form, write_form
from mailgate.parsers.forms.values import LONGEST, LONGEST_LONG, check_value
from mailgate.parsers.forms.wording import WORDINGS

HINTS = ("(required; one of: SAP, Mail, Mail archive, Réseau)", "(optional; a number)", "(End of the form)")
TODAY = date(2026, 11, 24)


def texts(**said: str) -> Texts:
    return Texts(tuple(said.items()))


SYSTEM = FormField(
    "system", texts(en="System", fr="Système"), FieldKind.CHOICE, True, ("SAP", "Mail", "Mail archive", "Réseau")
)
SINCE = FormField("since", texts(en="Wanted from", fr="À partir du"), FieldKind.DATE, True)
USERS = FormField("users", texts(en="How many users?", fr="Combien d'utilisateurs ?"), FieldKind.NUMBER)
OWNER = FormField("owner", texts(en="Approved by", fr="Accord de"), FieldKind.ADDRESS, help=texts(en="your manager"))
WHY = FormField("why", texts(en="Why", fr="Pourquoi"), FieldKind.LONG, True, help=texts(en="in short", fr="en bref"))
BLANKS = (SYSTEM, SINCE, USERS, OWNER, WHY)


def notice(language: str = "en") -> tuple[str, str]:
    """The mailed form as its requester gets it: text and HTML."""
    content = replace(sample(Notice.FORM, language), form=write_form(BLANKS, language), fields=())
    rendered = Templates().render(content)
    return rendered.text, rendered.html


def reply(text: str, html: str = "") -> bytes:
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Anna Martin <anna@example.org>"
    mail["To"] = "support@example.com"
    mail["Subject"] = "Re: [SUP-1042] We have received your request"
    mail["In-Reply-To"] = "<1@example.com>"
    mail.set_content(text)
    if html:
        mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


def read(raw: bytes, language: str = "en", blanks: tuple[FormField, ...] = BLANKS) -> FilledForm:
    mail = read_mail(raw)
    return read_form(blanks, mail.text, mail.new_text, language, TODAY)


def quote(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


ATTRIBUTION = "On Tue, 24 Nov 2026 at 10:00, Support <support@example.com> wrote:"
ALL = {
    "system": "SAP", "since": "2026-12-01", "users": "12", "owner": "bo@example.org", "why": "New colleague.",
}  # fmt: skip


# What is written


def test_a_form_is_labels_with_room_and_hints_in_brackets() -> None:
    assert write_form((SYSTEM, USERS, WHY), "en") == (
        "System:\n(required; one of: SAP, Mail, Mail archive, Réseau)\n\n"
        "How many users?\n(optional; a number)\n\n"
        "Why:\n(required; as many lines as you like; in short)\n\n"
        "(End of the form)"
    )
    assert write_form((SINCE,), "fr") == (
        "À partir du\xa0:\n(obligatoire\xa0; une date, par exemple 31/01/2027)\n\n(Fin du formulaire)"
    )
    assert write_form((), "en") == ""


def test_choices_with_commas_are_told_apart_by_slashes() -> None:
    blank = FormField("where", texts(en="Where"), FieldKind.CHOICE, choices=("Lyon, centre", "Paris"))
    assert "one of: Lyon, centre / Paris" in write_form((blank,), "en")


# Replies as clients make them


def gmail_inline(text: str) -> bytes:
    """Plain text, the answers between the quoted lines."""
    quoted = quote(text)
    for label, answer in (
        ("System:", "sap"), ("Wanted from:", "1 December"), ("How many users?", "12"),
        ("Approved by:", "bo@example.org"), ("Why:", "New colleague."),
    ):  # fmt: skip
        quoted = re.sub(rf"(> {re.escape(label)}\n> \([^)]*\))", rf"\1\n\n{answer}\n", quoted)
    return reply(f"{ATTRIBUTION}\n\n{quoted}\n")


def mutt_behind_the_labels(text: str) -> bytes:
    """Typed behind the colons of the quoted lines, the rest of the quote cut away."""
    filled = (
        text.replace("System:", "System: SAP").replace("Wanted from:", "Wanted from: 2026-12-01")
        .replace("users?", "users? 12").replace("Approved by:", "Approved by: Bo <bo@example.org>")
        .replace("Why:", "Why: New colleague.")
    )  # fmt: skip
    body = filled.partition("either way.\n")[2]
    return reply(f"Hello,\n\n{ATTRIBUTION}\n{quote(body)}\n\n-- \nAnna Martin\nSystem: Debian\n")


def outlook(html: str) -> bytes:
    """Posted above; below it the form as Outlook quotes it, without marks, filled in."""
    filled = (
        html.replace("System:</strong>", "System: <span style='color:red'>SAP</span></strong>")
        .replace("from:</strong>", "from:&nbsp;1st of December 2026</strong>")
        .replace("users?</strong>", "users?</strong> 12")
        .replace("by:</strong>", "by:</strong> <a href='mailto:bo@example.org'>bo@example.org</a>")
        .replace("Why:</strong>", "Why:</strong> New colleague.")
    )
    inner = re.sub(r"(?s)^.*<body[^>]*>|</body>.*$", "", filled)
    page = (
        "<html><body><div class='WordSection1'><p class='MsoNormal'>See below.</p><p class='MsoNormal'>Anna</p>"
        "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class='MsoNormal'>"
        "<b>From:</b> Support &lt;support@example.com&gt;<br><b>Sent:</b> Tuesday, November 24, 2026 10:00 AM<br>"
        "<b>To:</b> Anna Martin<br><b>Subject:</b> [SUP-1042] We have received your request</p></div>"
        f"{inner}</div></body></html>"
    )
    return reply("", page)


def apple_mail(html: str) -> bytes:
    """Answers typed in the cited HTML, each on a line of its own below the hint."""
    inner = re.sub(r"(?s)^.*<body[^>]*>|</body>.*$", "", html)
    for label, answer in (
        ("System:", "SAP"), ("Wanted from:", "01.12.2026"), ("How many users\\?", "12"),
        ("Approved by:", "bo@example.org"), ("Why:", "New colleague."),
    ):  # fmt: skip
        inner = re.sub(rf"({label}</strong><br><span[^>]*>\([^)]*\)</span>)</p>", rf"\1<br><b>{answer}</b></p>", inner)
    page = (
        '<html><body><div><br><blockquote type="cite"><div>On 24 Nov 2026, at 10:00, Support &lt;support@example.com'
        f"&gt; wrote:</div><br><div>{inner}</div></blockquote></div></body></html>"
    )
    return reply("", page)


def phone(text: str) -> bytes:
    """All of it typed above the quote, in any order, with other case and without a colon too many."""
    typed = "why - New colleague.\nSYSTEM: Sap\nhow many users ? 12\napproved by : bo@example.org\nwanted from: 1.12.26"
    return reply(f"{typed}\n\nSent from my iPhone\n\n{ATTRIBUTION}\n\n{quote(text)}\n")


@pytest.mark.parametrize("shape", [gmail_inline, mutt_behind_the_labels, phone])
def test_replies_in_text(shape: Callable[[str], bytes]) -> None:
    found = read(shape(notice()[0]))
    assert (dict(found.values), found.missing, found.wrong) == (ALL, (), ())


@pytest.mark.parametrize("shape", [outlook, apple_mail])
def test_replies_in_html(shape: Callable[[str], bytes]) -> None:
    found = read(shape(notice()[1]))
    assert (dict(found.values), found.missing, found.wrong) == (ALL, (), ())


@pytest.mark.parametrize("language", sorted(WORDINGS))
def test_a_form_that_comes_back_as_it_was_fills_in_nothing(language: str) -> None:
    text, html = notice(language)
    for raw in (
        reply(f"Hello!\n\n{ATTRIBUTION}\n\n{quote(text)}\n"),
        reply(f"Hello!\n\n-----Original Message-----\nFrom: Support\nSent: today\n\n{text}\n"),
        reply(text),
        reply("Hello!", f"<p>Hello!</p><blockquote type='cite'>{html}</blockquote>"),
    ):
        found = read(raw, language)
        assert (found.values, found.wrong) == ((), ())
        assert found.missing == ("system", "since", "why")


def test_a_client_that_wraps_at_72_and_one_that_joins_lines() -> None:
    long = FormField("system", texts(en="System"), FieldKind.CHOICE, True, tuple(f"Application {n}" for n in range(12)))
    form = write_form((long, SINCE), "en")
    words, lines = form.replace("System:", "System: Application 7").split(" "), [""]
    for word in words:
        lines[-1:] = [lines[-1] + " " + word] if len(lines[-1]) + len(word) < 70 else [lines[-1], word]
    wrapped = "\n".join(lines).replace("\n", "\n> ")
    joined = form.replace("System:\n", "System: ").replace("Wanted from:\n", "Wanted from: tomorrow ")
    assert dict(read_form((long, SINCE), f"> {wrapped}", "", "en", TODAY).values) == {"system": "Application 7"}
    found = read_form((long, SINCE), joined, "", "en", TODAY)
    assert (dict(found.values), found.wrong) == ({"since": "2026-11-25"}, ())


def test_a_french_form_answered_in_french_and_with_english_labels() -> None:
    text, _ = notice("fr")
    filled = text.replace("Système\xa0:", "Système\xa0: 2) mail archive").replace("du\xa0:", "du : 1er décembre 2026")
    le = "Le mar. 24 nov. 2026 à 10:00, Support <support@example.com> a écrit :"
    raw = reply(f"Bonjour,\n\nreason - pas celui-là\nwhy: parce que\n\n{le}\n\n{quote(filled)}\n")
    assert dict(read(raw, "fr").values) == {"system": "Mail archive", "since": "2026-12-01", "why": "parce que"}
    raw = reply("pourquoi :\nune arrivée\n\nsysteme = RESEAU\nA partir du : demain\n")
    assert dict(read(raw, "fr").values) == {"system": "Réseau", "since": "2026-11-25", "why": "une arrivée"}


@pytest.mark.parametrize(
    ("language", "typed", "hint"),
    [
        ("pl", "1 grudnia 2026 r.", "(wymagane; data, na przykład 31.01.2027)"),
        ("sv", "den 1:a december", "(obligatoriskt; ett datum, till exempel 2027-01-31)"),
        ("da", "d. 1/12-2026", "(obligatorisk; en dato, for eksempel 31.01.2027)"),
        ("pt-br", "1º de dezembro de 2026", "(obrigatório; uma data, por exemplo 31/01/2027)"),
        ("es", "1 de diciembre del 2026", "(obligatorio; una fecha, por ejemplo 31/01/2027)"),
    ],
)
def test_a_form_is_written_and_answered_in_its_language(language: str, typed: str, hint: str) -> None:
    text, _ = notice(language)
    assert hint in text
    filled = text.replace("System:", "System: mail archive").replace("Wanted from:", f"Wanted from: {typed}")
    quoted = f"{ATTRIBUTION}\n\n{quote(filled.replace('Why:', 'Why: Alice'))}\n"
    given = {"system": "Mail archive", "since": "2026-12-01", "why": "Alice"}
    for answer in (reply(quoted), reply(filled.replace("Why:", "Why: Alice"))):
        found = read(answer, language)
        assert (dict(found.values), found.missing, found.wrong) == (given, (), ())


@pytest.mark.parametrize("language", sorted(WORDINGS))
def test_a_date_is_read_with_every_name_of_a_month_and_in_the_form_of_the_hint(language: str) -> None:
    words = WORDINGS[language]
    assert set(words.months.values()) == set(range(1, 13))
    for name, month in words.months.items():
        assert check_value(SINCE, f"3. {name} 2027", language, TODAY) == f"2027-{month:02}-03"
    assert check_value(SINCE, words.kinds["date"].rpartition(" ")[2], language, TODAY) == "2027-01-31"


def test_a_table_a_list_and_emphasis() -> None:
    raw = reply(
        "", "<table><tr><td>System</td><td>SAP</td></tr><tr><td>Wanted from</td><td>2026-12-01</td></tr></table>"
    )
    assert dict(read(raw).values) == {"system": "SAP", "since": "2026-12-01"}
    typed = "1. *System:* SAP\n2) Wanted from (a date): 2026-12-01\n- **Why**: New colleague."
    assert dict(read(reply(typed)).values) == {"system": "SAP", "since": "2026-12-01", "why": "New colleague."}


def test_several_lines_and_what_ends_them() -> None:
    typed = "Why:\nA colleague begins\n- on Monday\n\nand needs it.\n\nSystem: SAP\n\nBest regards\nAnna"
    assert dict(read(reply(typed)).values) == {
        "system": "SAP",
        "why": "A colleague begins\n- on Monday\n\nand needs it.",
    }
    last = "System: SAP\nWhy: A colleague begins.\n\nBest regards\nAnna\n"
    assert dict(read(reply(last)).values)["why"] == "A colleague begins."
    bottom = f"{ATTRIBUTION}\n\n{quote(notice()[0])}".replace("> (End of", "One.\n\nTwo.\n> (End of")
    assert dict(read(reply(bottom)).values)["why"] == "One.\n\nTwo."


def test_new_words_go_before_quoted_ones() -> None:
    quoted = quote(notice()[0]).replace("> System:", "> System: Mail")
    assert dict(read(reply(f"System: SAP\n\n{ATTRIBUTION}\n\n{quoted}")).values)["system"] == "SAP"


def test_an_empty_label_takes_nothing_from_below() -> None:
    raw = reply(f"System:\n\n{ATTRIBUTION}\n\n{quote(notice()[0])}")
    assert read(raw).values == ()
    assert read(reply("System:\nWhy:\n\nThank you,\nAnna")).values == ()


def test_the_rest_of_a_mail_counts_only_where_the_form_was_answered() -> None:
    assert read_form(BLANKS, "", "Thanks.", "en", TODAY).values == ()
    assert not read_form(BLANKS, "", "The system: it hangs. I wonder why.", "en", TODAY)


def test_wrong_answers_are_named_and_nothing_is_guessed() -> None:
    found = read(reply("System: Sapp\nWanted from: soon\nHow many users? some\nApproved by: Bo"))
    assert found.values == ()
    assert found.wrong == (
        InvalidValue("system", "Sapp"), InvalidValue("since", "soon"), InvalidValue("users", "some"),
        InvalidValue("owner", "Bo"),
    )  # fmt: skip
    assert found.missing == ("system", "since", "why")
    assert found


# Values


@pytest.mark.parametrize(
    ("written", "taken"),
    [
        ("SAP", "SAP"), ("sap.", "SAP"), ("1. SAP", "SAP"), ("[x] SAP", "SAP"), ("SAP, please", "SAP"),
        ("reseau", "Réseau"), ("Mail  Archive", "Mail archive"), ("mail", "Mail"), ("“Mail”", "Mail"),
        ("(required; one of: SAP)", "SAP"), ("SAP, Mail", None), ("not SAP", None), ("SAP or Mail", None), ("2", None),
        ("Mails", None), ("(SAP, Mail, Mail archive, Réseau)", None), ("x" * 500, None),
    ],
)  # fmt: skip
def test_a_choice(written: str, taken: str | None) -> None:
    assert check_value(SYSTEM, written, "en", TODAY) == taken


@pytest.mark.parametrize(
    ("written", "language", "taken"),
    [
        ("2026-12-01", "en", "2026-12-01"), ("2026/12/1", "en", "2026-12-01"), ("1.12.2026", "en", "2026-12-01"),
        ("1.12.26", "fr", "2026-12-01"), ("01/12/2026", "fr", "2026-12-01"), ("01/12/2026", "en", None),
        ("13/12/2026", "en", "2026-12-13"), ("12/13/2026", "en", "2026-12-13"), ("12/13/2026", "fr", None),
        ("12/12/2026", "en", "2026-12-12"), ("Tuesday, 1 December 2026", "en", "2026-12-01"),
        ("December 1st, 2026", "en", "2026-12-01"), ("1st of Dec. 2026", "en", "2026-12-01"),
        ("1er déc. 2026", "fr", "2026-12-01"), ("mardi 1 decembre", "fr", "2026-12-01"),
        ("5 January", "en", "2027-01-05"),
        ("tomorrow", "en", "2026-11-25"), ("Aujourd’hui !", "fr", "2026-11-24"), ("hier", "fr", "2026-11-23"),
        ("1 December at 10:30", "en", "2026-12-01"), ("31.02.2026", "fr", None),
        ("between 1 and 3 December", "en", None),
        ("dzisiaj", "pl", "2026-11-24"), ("od jutra", "pl", "2026-11-25"), ("3 września", "pl", "2026-09-03"),
        ("środa, 1 gru 2026", "pl", "2026-12-01"), ("w grudniu", "pl", None), ("1 lub 2 grudnia", "pl", None),
        ("idag", "sv", "2026-11-24"), ("fr.o.m. imorgon", "sv", "2026-11-25"), ("1/12 2026", "sv", "2026-12-01"),
        ("i morgen", "da", "2026-11-25"), ("tirsdag den 1. december", "da", "2026-12-01"), ("1/12-20", "da", None),
        ("1o de dezembro de 2026", "pt-br", "2026-12-01"), ("1 de 12", "pt-br", None),
        ("soon", "en", None), ("2026", "en", None), ("1.12.2026 or 2.12.2026", "en", None),
        ("٣٣.١٢.٢٠٢٦", "fr", None), ("99999999-12-01", "en", None),
    ],
)  # fmt: skip
def test_a_date(written: str, language: str, taken: str | None) -> None:
    assert check_value(SINCE, written, language, TODAY) == taken


@pytest.mark.parametrize(
    ("written", "language", "taken"),
    [
        ("12", "en", "12"), ("about 12 people", "en", "12"), ("1,200", "en", "1200"), ("1,200", "fr", "1.200"),
        ("1.200", "fr", "1200"), ("1\xa0200,50 €", "fr", "1200.50"), ("1,200.50", "en", "1200.50"), ("-3", "en", "-3"),
        ("1.000.000", "en", "1000000"), ("1 200,50 zł", "pl", "1200.50"), ("1.200,50 kr.", "da", "1200.50"),
        ("3 or 4", "en", None), ("none", "en", None), ("1" * 100, "en", None),
    ],
)  # fmt: skip
def test_a_number(written: str, language: str, taken: str | None) -> None:
    assert check_value(USERS, written, language, TODAY) == taken


def test_texts_are_cut_where_they_are_too_long() -> None:
    note = FormField("note", texts(en="Note"))
    assert len(check_value(note, "x" * 10_000, "en", TODAY) or "") == LONGEST
    found = read_form((note, WHY), "", "Note: " + "y" * 10_000 + "\nWhy: " + "x\n" * 10_000, "en", TODAY)
    assert [len(value) <= LONGEST_LONG for _, value in found.values] == [True, True]


# Hostile


def spoil(rng: random.Random, text: str) -> str:
    """A filled form as gateways, clients and attackers leave it."""
    lines = text.split("\n")
    for _ in range(rng.randrange(1, 12)):
        at = rng.randrange(len(lines))
        match rng.randrange(8):
            case 0:
                lines[at] = "> " * rng.randrange(40) + lines[at]
            case 1:
                lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
            case 2:
                lines.insert(
                    at, rng.choice(["(" * 50, ":" * 50, "System:" * 30, "\u202eWhy: x", "|" * 99, "\t\t", "-- "])
                )
            case 3:
                lines[at] = lines[at].upper()
            case 4:
                lines[at : at + 2] = [" ".join(lines[at : at + 2])]
            case 5:
                lines[at] = lines[at].replace(":", rng.choice(["：", " : ", "=", "", "?:", "::"]))
            case 6:
                lines[at] += rng.choice([" (required", ")", " SAP", " 1/1/1", " \U0001f600", " ´`", " a@b@c"])
            case _:
                rng.shuffle(lines)
    return "\n".join(lines)


def test_whatever_comes_back_is_values_that_the_form_allows() -> None:
    rng = random.Random(11)
    for language in sorted(WORDINGS):
        text = notice(language)[0]
        for _ in range(200):
            spoiled = spoil(rng, text)
            found = read_form(BLANKS, spoiled, spoil(rng, spoiled), language, TODAY)
            given = dict(found.values)
            assert given.get("system", "SAP") in SYSTEM.choices
            date.fromisoformat(given.get("since", "2026-01-01"))
            float(given.get("users", "1"))
            assert given.get("owner", "a@b").count("@") == 1
            assert {name for name, _ in found.values}.isdisjoint(one.name for one in found.wrong)
            assert not any(hint in value for value in given.values() for hint in HINTS)


@pytest.mark.parametrize(
    "piece",
    ["System: ", "System:\n", "(", "> ", "a:b:c:d\n", "System (", "1 1 1 1 ", "Why: (required; ", "SAP Mail ", "a@"],
)
def test_time_grows_no_faster_than_size(piece: str) -> None:
    def seconds(size: int) -> float:
        text = piece * (size // len(piece))
        start = time.process_time()
        read_form(BLANKS, text, text, "en", TODAY)
        return time.process_time() - start

    small, large = min(seconds(50_000) for _ in range(3)), min(seconds(400_000) for _ in range(3))
    assert large < 2
    assert large < 24 * small + 0.05  # eight times as much text
