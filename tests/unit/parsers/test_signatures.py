"""Where a signature begins, with a delimiter, a rule or none."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.forwards import read_own_commands
from mailgate.parsers.quoting.signatures import names_of
from mailgate.parsers.quoting.strip import read_new_text

NAMES = names_of("Alice Martin <alice@example.com>")
QUOTES = (
    "On 2026-11-29 00:46, Jo via Support wrote:\n> NEW REQUEST\n> It is broken.",
    "Am 24.11.26 um 10:00 schrieb Support:\n> Neue Anfrage",
    "-----Original Message-----\nFrom: Support\nSent: today\nTo: Alice\nSubject: x\n\nold",
)
CARDS = (
    "Alice Martin\nSupport Example SA",
    "Alice Martin\nSupport Example SA\nDurchwahl 4711",
    "*Alice Martin*\n/Support/",
    "Martin Alice\nService informatique\nPoste 4711",
    "Martin, Alice\nLeiterin Einkauf\nTel. 4711",
    "Dr. Alice P. Martin\nSupport Example SA",
    "Alice Martin | Example GmbH | Tel. 4711",
    "Alice Martin",
)
RULES = ("---", "___", "--", "—", "***", "-----", "________________________________")


def read(text: str, *, is_answer: bool = True) -> str:
    return read_new_text(text, is_answer=is_answer, names=NAMES)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("card", [*CARDS, "Alice\nSupport", "Bob Stone\nSupport Example SA", "Example SA\nTel. 4711"])
def test_a_card_below_a_rule_and_above_the_quote_is_cut(card: str, rule: str) -> None:
    for quote in QUOTES:
        assert read(f"It works.\n\n{rule}\n{card}\n\n{quote}") == "It works."


@pytest.mark.parametrize("card", CARDS)
def test_the_writers_own_card_above_the_quote_needs_no_rule(card: str) -> None:
    for quote in QUOTES:
        for gap in ("\n\n", "\n"):
            assert read(f"It works.\n\n{card}{gap}{quote}") == "It works."


@pytest.mark.parametrize("card", CARDS[:-1])
def test_a_card_above_answers_between_the_lines_is_cut(card: str) -> None:
    text = f"{card}\n\nOn 24/11/2026 10:00, Jo wrote:\n> Which?\nThis one.\n> Since when?\nMonday."
    assert read(text) == "> Which?\nThis one.\n> Since when?\nMonday."


@pytest.mark.parametrize("card", CARDS)
def test_the_writers_own_card_above_a_forwarded_mail_is_cut(card: str) -> None:
    forward = "---------- Forwarded message ---------\nFrom: a\nDate: b\nSubject: c\n\nBob Stone\nSales\nTel. 4712"
    text = f"Please see.\n\n{card}\n\n{forward}"
    for is_forward in (True, False):
        new = read_new_text(text, is_answer=False, is_forward=is_forward, names=NAMES)
        assert new == f"Please see.\n\n{forward}"


@pytest.mark.parametrize(
    "sender",
    [
        "Alice Martin <a@example.com>",
        '"Martin, Alice (IT)" <a@example.com>',
        '"Alice Martin | Example SA" <a@example.com>',
        "Alice Martin - Support <a@example.com>",
        "alice.martin@example.com",
    ],
)
def test_the_writers_name_is_known_however_from_shows_it(sender: str) -> None:
    text = f"It works.\n\nAlice Martin\nSupport\n\n{QUOTES[0]}"
    assert read_new_text(text, is_answer=True, names=names_of(sender)) == "It works."


def test_the_name_behind_a_shared_mailbox_is_known() -> None:
    names = names_of("Level 1 <level1@example.com>", "Alice Martin <alice@example.com>")
    text = f"It works.\n\nAlice Martin\nSupport\n\n{QUOTES[0]}"
    assert read_new_text(text, is_answer=True, names=names) == "It works."


def test_a_name_below_a_close_stays_and_its_card_goes() -> None:
    text = "Done.\n\nKind regards\nAlice Martin\nSupport Example SA"
    assert read(f"{text}\n\n{QUOTES[0]}") == "Done.\n\nKind regards\nAlice Martin"
    assert read(text) == "Done.\n\nKind regards\nAlice Martin"


@pytest.mark.parametrize(
    "text",
    [
        "Steps\n\n---\n\nPrinter One\nPrinter Two",
        "Done.\n\n---\n\n1. Foo Bar\n2. Baz Qux",
        "First part\n\n---\n\nSecond part. It is longer, and it says something.",
        "Name | Tel\n---\nJo | 4711",
        "Done\n\n---\n\nTel. 4711 does not work",
        "Who?\n\n---\nAlice Martin told me that it works again since this morning.",
        "The users:\n\nAlice Martin\nPaul Durand",
        "The users are:\n\n- Alice Martin\n- Paul Durand",
        "Alice Martin\nSupport",
        "It was Alice Martin\nSupport",
        "Hello,\n\nAlice Martin",
        "Done.\n\nAlice Martin\nplease call me back",
        "Done.\n\nAlice Martin\n\nMonday at 10",
        "Done.\n\nBob Stone\nSales",
        "Which phone is it?\n\nTel. 4711",
        "Done.\n\nAlice",
        "Chapter\n=====\n\nAlice writes",
    ],
)
def test_what_may_be_an_answer_is_kept(text: str) -> None:
    for quote in QUOTES[:2]:
        assert read(f"{text}\n\n{quote}") == text


def test_a_comma_between_the_words_of_a_name_is_no_part_of_it() -> None:
    text = "It does not print.\n\nAlice , Martin"
    assert read(text) == text


def test_a_request_keeps_a_name_with_entries_that_prove_nothing() -> None:
    text = "My printer is broken.\n\nAlice Martin\nRoom 12\nPrinter P-100"
    assert read(text, is_answer=False) == text


@pytest.mark.parametrize(
    "head", ["---\nAlice Martin\nSupport", "Alice Martin\nSupport\nTel. 4711", "-- \nAlice Martin"]
)
def test_a_command_below_a_signature_is_kept(head: str) -> None:
    new = read(f"It works.\n\n{head}\n\n#resolve\n#time 5m\n\n{QUOTES[0]}")
    assert [line for line in new.split("\n") if line] == ["It works.", "#resolve", "#time 5m"]


def test_a_mistyped_command_is_no_entry_of_a_card() -> None:
    for head in ("---\nAlice Martin\nSupport", "Alice Martin\nSupport\nTel. 4711"):
        assert "#reslove" in read(f"It works.\n\n{head}\n\n#reslove\n\n{QUOTES[0]}")


def reply(plain: str, html: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["In-Reply-To"] = "Level 1 <level1@example.com>", "Re: x", "<a@b>"
    mail.set_content(plain)
    mail.add_alternative(html, subtype="html")
    return mail.as_bytes()


SIGNED = (
    '<pre class="moz-signature" cols="72">{}</pre>',
    '<div id="_rc_sig">---<br>{}</div>',
    '<div id="signature">{}</div>',
    '<div class="gmail_signature" data-smartmail="gmail_signature">{}</div>',
    '<div id="Signature">{}</div>',
    '<div id="ms-outlook-mobile-signature">{}</div>',
    '<span class="-x-evo-signature-wrapper"><span class="-x-evo-signature">{}</span></span>',
    '<div class="geary-signature">{}</div>',
    '<div class="protonmail_signature_block">{}</div>',
    '<div class="k9mail-signature">{}</div>',
    '<div data-marker="__SIG_PRE__">{}</div>',
    '<div id="x_Signature">{}</div>',
    '<div id="AppleMailSignature">{}</div>',
)


@pytest.mark.parametrize("element", SIGNED)
def test_the_html_form_proves_which_lines_are_the_signature(element: str) -> None:
    html = (
        f"<p>#resolve</p><p>It runs again.</p>{element.format('Zoe Blum<br>Second floor')}"
        '<div class="moz-cite-prefix">On 11/29/26 00:41, Jo wrote:<br></div><blockquote type="cite">old</blockquote>'
    )
    rule = "---\n" if "---" in element else ""
    plain = f"#resolve\n\nIt runs again.\n\n{rule}Zoe Blum\nSecond floor\n\nOn 11/29/26 00:41, Jo wrote:\n> old"
    mail = read_mail(reply(plain, html))
    assert mail.new_text == "#resolve\n\nIt runs again."
    assert "Second floor" in mail.text
    assert read_own_commands(mail).public_text == "It runs again."


@pytest.mark.parametrize("element", [element for element in SIGNED if "---" not in element])
def test_a_sentence_that_begins_the_signature_element_was_typed(element: str) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["In-Reply-To"] = "Jo <jo@example.org>", "Re: x", "<a@b>"
    for typed, wanted in (("No, it still does not print at all, please come.", True), ("Sent from my iPhone", False)):
        mail.set_content(f"<html><body>{element.format(typed)}</body></html>", subtype="html")
        assert ("print" in read_mail(mail.as_bytes()).new_text) is wanted


def test_links_that_only_one_form_shows_do_not_hide_a_signature() -> None:
    html = (
        '<p>Works.</p><div class="gmail_signature"><b>Zoe Blum</b><br><a href="https://x.example/">x.example</a></div>'
    )
    plain = "Works.\n\n*Zoe Blum*\nx.example <https://x.example/>\n[image: logo]\n"
    assert read_mail(reply(plain, html)).new_text == "Works."


def test_words_that_a_client_put_into_the_signature_element_are_kept() -> None:
    html = '<div id="Signature">Zoe<br>No, it still does not work for me at all!</div>'
    assert "still" in read_mail(reply("Zoe\nNo, it still does not work for me at all!", html)).new_text


@pytest.mark.parametrize(
    ("plain", "html", "wanted"),
    [
        ("*#resolve*\n\n*\n*\n\nDone.", "<p><b>#resolve</b></p><p><b><br></b></p><p>Done.</p>", "#resolve\n\nDone."),
        ("/Perfect, thanks!/", "<p><i>Perfect, thanks!</i></p>", "Perfect, thanks!"),
        ("*/very/* good", "<p><b><i>very</i></b> good</p>", "very good"),
        ("*so /very/ good*, _yes_", "<b>so <i>very</i> good</b>, <u>yes</u>", "so very good, yes"),
        ("*two\nlines* here", "<strong>two lines</strong> here", "two\nlines here"),
        ("2*3*4 and *b*", "2*3*4 and *b*<b>3</b>", "2*3*4 and *b*"),
        ("see /etc/passwd, a_b_c", "see /etc/passwd, a_b_c<i>etc</i>", "see /etc/passwd, a_b_c"),
    ],
)
def test_marks_of_emphasis_go_where_the_html_form_proves_them(plain: str, html: str, wanted: str) -> None:
    assert "\n".join(line for line in read_mail(reply(plain, html)).new_text.replace("\n\n\n", "\n\n").split("\n")) == (
        wanted
    )


def test_marks_that_a_person_typed_stay() -> None:
    for text in ("It is *very* slow.", "/etc/passwd is _empty_", "a\n*\nb"):
        assert read_new_text(text, is_answer=True) == text
    assert read_new_text("a\n\n*\n*\n\nb", is_answer=True) == "a\n\n\nb"


@pytest.mark.parametrize(
    ("plain", "html"),
    [
        ("*w x* \n" * 20_000, "".join(f"<b>w{at} x</b> " for at in range(20_000))),
        ("*a " * 100_000, "<b>a</b>" * 20_000),
        ("*\n\n" * 20_000, "<b><br></b>" * 20_000),
        ("Jo\n" * 20_000, '<div class="signature">Jo</div>' * 5_000),
        ("Jo\nx\n" * 900, f'<div class="signature">{"Jo<br>x<br>" * 14}</div>'),
    ],
)
def test_two_hostile_forms_take_linear_time(plain: str, html: str, share: float) -> None:
    start = time.process_time()
    read_mail(reply(plain[: int(len(plain) * share)], html[: int(len(html) * share)]))
    assert time.process_time() - start < 4 * share
