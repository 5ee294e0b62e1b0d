"""The newly written text of a mail."""

from __future__ import annotations

import re
import time
import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailgate.parsers.html.marks import QUOTE_BELOW, SIGNATURE_FROM, SIGNATURE_TO
from mailgate.parsers.quoting.strip import cut_closing, cut_quotes, cut_signature, read_new_text
from tests.support.examples import examples
from tests.support.paths import CORPUS

QUOTED = tomllib.loads((CORPUS / "quoted.toml").read_text(encoding="utf-8"))["case"]


@pytest.mark.parametrize("case", QUOTED, ids=range(len(QUOTED)))
def test_what_was_written_now_is_left(case: dict[str, Any]) -> None:
    flags = {name: case[name] for name in ("is_forward", "has_ids") if name in case}
    new = read_new_text(case["text"], is_answer=case.get("is_answer", True), **flags)
    assert [line.rstrip() for line in new.split("\n")] == [line.rstrip() for line in case["new_text"].split("\n")]


@pytest.mark.parametrize(
    "below",
    [
        "On Tue, 24 Nov 2026 at 10:00, Support\n<support@example.com>\nwrote:\n\n> resolved?",
        "Le 24/11/2026 à 10:00, Support a écrit :\n> résolu ?",
        "Le 24/11/2026 à 10:00, Support a écrit\xa0:\n\nrésolu ?",
        "Am 24.11.26 um 10:00 schrieb Support:\n> gelöst?",
        "El 24/11/2026 a las 10:00, Support escribió:\n> ¿resuelto?",
        "Il 24/11/2026 10:00, Support ha scritto:\n> risolto?",
        "Op 24-11-2026 om 10:00 schreef Support:\n> opgelost?",
        "Em 24/11/2026 10:00, Support escreveu:\n> resolvido?",
        "Support <support@example.com> wrote:\n> resolved?",
        "-----Message d'origine-----\nDe : Support\nEnvoyé : hier\n\nrésolu ?",
        "________________________________\n*From:* Support\n*Sent:* today\n*To:* Jo\n*Subject:* x\n\nresolved?",
        "Von: Support\nGesendet: heute\nAn: Jo\nBetreff: x\n\ngelöst?",
        "> resolved?\nlooks like a wrapped line\n> or not",
    ],
)
def test_what_is_answered_is_cut(below: str) -> None:
    wanted = "No." if "wrapped" not in below else None
    result = cut_quotes(f"No.\n\n{below}\n", is_answer=True)
    assert result == wanted if wanted else result.startswith("No.")


@pytest.mark.parametrize(
    "marking",
    [
        "Internal",
        "INTERNAL USE ONLY",
        "Classification: Internal",
        "Sensitivity: General",
        "[INTERN]",
        "C2 - Internal",
        "C1: Public",
        "[EXTERNAL EMAIL]",
        "***EXTERNAL***",
        "TLP:AMBER",
        "[TLP:AMBER+STRICT]",
        "Vertraulichkeit: Intern",
        "Klassifizierung: Nur für den internen Gebrauch",
        "Sensibilité : Interne",
        "Clasificación: Uso interno",
        "Classificazione: Riservato",
        "Vertrouwelijkheid: Intern",
        "Classificação: Interna",
        "Klasyfikacja: Poufne",
        "Klassificering: Internt",
        "Klassifikation: Fortroligt",
        "Gradering: Fortrolig",
        "Luokitus: Luottamuksellinen",
        "Klasifikace: Interní",
        "Гриф: Для служебного пользования",
        "Gizlilik: Kurum içi",
        "機密区分：社外秘",
        "【社外秘】",
        "Intern / Internal",
        "[EXTERNAL]\nClassification: Internal",
    ],
)
def test_a_label_of_a_mail_system_on_top_is_no_text(marking: str) -> None:
    for text in ("Please restart it.", "#resolve\n\nI changed the drum."):
        assert read_new_text(f"{marking}\n\n{text}", is_answer=True) == text
        assert cut_quotes(f"\n{marking}\n\n{text}\n\n> old", is_answer=True) == text
    assert read_new_text(f"{marking}\n#resolve", is_answer=True) == "#resolve"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("[EXTERNAL] Hello,\nit is still broken.", "Hello,\nit is still broken."),
        ("Classification: Internal\nIt is broken.", "It is broken."),
        ("[EXTERNAL]", ""),
    ],
)
def test_what_stands_beside_a_label_on_top_stays(text: str, left: str) -> None:
    assert read_new_text(text, is_answer=True) == left


@pytest.mark.parametrize(
    "text",
    [
        "Internal",
        "Internal\n\nKind regards",
        "Internal\n\nAnna",
        "Internal\nor external?",
        "Internal: he is rude.",
        "Internal users see it.\n\nExternal ones do not.",
        "Public\n\nThat is the name of the network.",
        "External\n\nThe external screen.",
        "Still broken.\n\nInternal\n\nThat is what the screen says.",
        "Classification: wrong\n\nPlease move the ticket.",
        "Classification: Internal\nRoom: 12\nPrinter: HP",
        "Priority: high\n\nIt burns.",
        "[INTERNAL] he is rude.",
        "[1] is the printer.",
        "(see below)\n\nIt burns.",
        "1. Internal mail is late.",
    ],
)
def test_what_somebody_wrote_is_no_label(text: str) -> None:
    assert read_new_text(text, is_answer=True, names={"anna berg", "anna", "berg"}) == text


NAMES = {"jo martin", "jo", "martin"}
BLOCK = "From: Support\nSent: today\nTo: Jo\nSubject: x"


@pytest.mark.parametrize("name", ["Jo Martin", "Martin, Jo", "Jo"])
@pytest.mark.parametrize("above", ["See below.\n\n", ""])
def test_answers_that_outlook_marks_with_the_writers_name_are_new(name: str, above: str) -> None:
    old = f"Which tray?\n[{name}] The second.\n\n> since when?\n\n[{name}] {'It began on ' * 6}\nMonday.\n\nSupport"
    new = read_new_text(f"{above}{BLOCK}\n\nHello,\n\n{old}", is_answer=True, names=NAMES)
    answers = f"> Which tray?\n\nThe second.\n\n> since when?\n\n{'It began on ' * 6}\nMonday."
    assert new == f"{above}{answers}"
    assert read_new_text(new, is_answer=True, names=NAMES).endswith("Monday.")  # reading it again does no harm


@pytest.mark.parametrize(
    "old",
    [
        "Hello,\n[Ann Roy] The second.",
        "Hello,\n[Jo Roy] The second.",
        "Hello,\n[] The second.",
        "Hello,\n[a long name of many words] The second.",
        "Hello,\n> [Jo Martin] The second.",
        "Hello,\n[Jo Martin]",
        f"Hello,\n\n{BLOCK}\n\nWhich?\n[Jo Martin] The second.",
        "Hello,\n\nOn Tue, 24 Nov 2026, Support <s@example.org> wrote:\n\nWhich?\n[Jo Martin] The second.",
    ],
)
def test_other_lines_of_the_history_in_brackets_are_old(old: str) -> None:
    assert read_new_text(f"See below.\n\n{BLOCK}\n\n{old}", is_answer=True, names=NAMES) == "See below."


TIP = "https://aka.ms/LearnAboutSenderIdentification"


@pytest.mark.parametrize(
    "banner",
    [
        f"You don't often get email from jo@example.org. Learn why this is important<{TIP}>",
        f"[Some people who received this message don't often get email from jo@example.org. Learn why at {TIP} ]",
        f"Sie erhalten nicht häufig E-Mails von jo@example.org. Erfahren Sie, warum dies wichtig ist<{TIP}>",
        f"Vous n'obtenez pas souvent d'e-mail à partir de jo@example.org. Pourquoi c'est important<{TIP}>",
        f"jo@example.org adresinden sık sık e-posta almıyorsunuz. Bunun neden önemli olduğunu öğrenin<{TIP}>",
        f"jo@example.org からのメールを受け取ることはめったにありません。これが重要である理由<{TIP}>",
        "No suele recibir correo electrónico de jo@example.org.",
        "Non si ricevono spesso messaggi di posta elettronica da jo@example.org.",
        "U ontvangt niet vaak e-mail van jo@example.org.",
        "Não costuma receber e-mails de jo@example.org.",
        "Nie otrzymujesz często wiadomości e-mail z jo@example.org.",
        "Du får inte ofta e-post från jo@example.org.",
        "Du får ikke ofte mails fra jo@example.org.",
        "Du får ikke ofte e-post fra jo@example.org.",
        "Et saa usein sähköpostia osoitteesta jo@example.org.",
        "Nedostáváte často e-maily od jo@example.org.",
        "Вы нечасто получаете письма от jo@example.org.",
        "CAUTION: This email originated from outside of the organization.\nDo not click links.",
        "Warning - This message is from an external sender.",
        "[EXTERN] Diese E-Mail stammt von außerhalb der Firma.",
        "ACHTUNG! Diese Nachricht kommt von einem externen Absender.",
        "ATTENTION : ce message vient de l'extérieur.",
        "Precaución: este correo proviene de fuera de la organización.",
        "ATTENZIONE: Questo messaggio proviene da un mittente esterno.",
        "LET OP: Deze e-mail is afkomstig van buiten de organisatie.",
        "ATENÇÃO: Este e-mail foi enviado de fora da organização.",
        "UWAGA: Ta wiadomość pochodzi spoza organizacji. Nie klikaj w linki.",
        "VARNING: Det här meddelandet kommer från en extern avsändare.",
        "ADVARSEL: Denne mail kommer fra en ekstern afsender.",
        "ADVARSEL: Denne e-posten kommer fra utenfor organisasjonen.",
        "HUOMIO: Tämä viesti tulee organisaation ulkopuolelta.",
        "UPOZORNĚNÍ: Tento e-mail pochází z externího zdroje.",
        "ВНИМАНИЕ: Это письмо отправлено внешним отправителем.",
        "DİKKAT: Bu e-posta kurum dışından gönderilmiştir.",
        "【注意】このメールは社外から送信されました。",
    ],
)
def test_a_warning_of_a_mail_system_is_no_text(banner: str) -> None:
    assert read_new_text(f"{banner}\n\nPlease restart it.", is_answer=True) == "Please restart it."
    if TIP in banner:
        assert read_new_text(f"{banner}\nPlease restart it.", is_answer=True) == "Please restart it."


@pytest.mark.parametrize(
    "text",
    [
        "Attention: the mail server is not reachable from outside.",
        "Attenzione: questa stampante non funziona.",
        "Precaución: este equipo quema.",
        "Warning: this message appears when I print.",
        "Caution: this email originally worked, is it from outside?",
        f"What is {TIP}",
        f"Every mail says: You don't often get email from jo@example.org {TIP}",
        "Certaines personnes qui ont reçu ce message ne peuvent pas l'ouvrir.",
        "Uwaga: drukarka zewnętrzna nie działa.",
        "Achtung diese E-Mail von außen lesen.",
    ],
)
def test_what_somebody_wrote_is_no_warning(text: str) -> None:
    assert read_new_text(f"Hello,\n\n{text}", is_answer=True) == f"Hello,\n\n{text}"


@pytest.mark.parametrize("gap", ["\n\n", "\n"])
@pytest.mark.parametrize(
    ("label", "block"),
    [
        ("Sensitivity: Internal", "From: Support\nSent: today\nTo: Jo\nSubject: x"),
        ("Importance: High", "From: Support\nSent: today\nTo: Jo\nSubject: x"),
        ("Priority: High", "From: Support\nDate: today\nTo: Jo\nSubject: x"),
        ("Wichtigkeit: Hoch", "Von: Support\nGesendet: heute\nAn: Jo\nBetreff: x"),
        ("Priorität: Hoch", "Von: Support\nGesendet: heute\nAn: Jo\nBetreff: x"),
        ("Importance : Haute", "De : Support\nEnvoyé : hier\nÀ : Jo\nObjet : x"),
        ("Importancia: Alta", "De: Support\nEnviado: ayer\nPara: Jo\nAsunto: x"),
        ("Ważność: Wysoka", "Od: Support\nWysłano: dziś\nDo: Jo\nTemat: x"),
        ("重要度: 高", "差出人: Support\n送信日時: 今日\n宛先: Jo\n件名: x"),
    ],
)
def test_a_label_on_top_does_not_join_the_header_block_below_the_text(label: str, block: str, gap: str) -> None:
    text = f"{label}{gap}#resolve{gap}Tray 2 is still blank.{gap}{block}\n\nIs it solved?"
    assert "Tray 2 is still blank." in read_new_text(text, is_answer=True)
    text = f"Subject: printer\n\nTray 2 is still blank.\n\n{block}\n\nIs it solved?"
    assert read_new_text(text, is_answer=True) == "Subject: printer\n\nTray 2 is still blank."


@pytest.mark.parametrize(
    "block",
    [
        "Importance: High\nFrom: Support\nSent: today\nTo: Jo\nSubject: x",
        "From: Support\n<s@example.org>\nSent: today\nTo: Jo\nSubject: x",
        "From: Support\n\n<s@example.org>\n\nSent: today\n\nTo: Jo\n\nSubject: x",
        "From:\n\nSupport\n\nSent:\n\ntoday\n\nTo:\n\nJo\n\nSubject:\n\nx",
        "From: Support\nSent: today\nTo: Jo;\nAnn; Bob\nSubject: x",
    ],
)
def test_a_header_block_with_broken_values_is_one(block: str) -> None:
    assert read_new_text(f"No.\n\n{block}\n\nsolved?", is_answer=True) == "No."


@pytest.mark.parametrize(
    ("words", "below"),
    [
        ("It works again.", "On Tue, 24 Nov 2026 at 10:00, Support <support@example.com> wrote:\n> Solved?"),
        ("It works again", "On Tue, Nov 24, 2026 at 10:00 AM Support <support@example.com>\nwrote:\n> Solved?"),
        ("Rien à faire", "Le mar. 24 nov. 2026 à 10:00, Support <support@example.com> a écrit :\nRésolu ?"),
        ("Geht wieder!", "Am 24.11.2026 um 10:00 schrieb Support <support@example.com>:\n\n> Gelöst?"),
        ("On floor 3 it is still broken.", "On Tue, 24 Nov 2026, Support <support@example.com> wrote:\n> Solved?"),
        ("On my PC it is still broken", "On Tue, 24 Nov 2026, Support <support@example.com> wrote:\n> Solved?"),
    ],
)
def test_words_on_the_line_of_an_attribution_stay(words: str, below: str) -> None:
    for text in (f"{words} {below}", f"{words}--- {below}", f"Hello,\n{words} {below}"):
        assert read_new_text(text, is_answer=True).removeprefix("Hello,\n") == words


@pytest.mark.parametrize(
    "line",
    [
        "On Tue, Nov 24, 2026 at 10:00 AM On Call Team <support@example.com> wrote:",
        "Le 24 nov. 2026 A 10:00, Support <support@example.com> a écrit :",
        "El mar, 24 nov 2026 a las 10:00, El Equipo 24 (<support@example.com>) escribió:",
    ],
)
def test_no_part_of_an_attribution_is_taken_for_words(line: str) -> None:
    assert read_new_text(f"No.\n\n{line}\n> Solved?\n", is_answer=True) == "No."


def test_words_on_the_line_of_a_separator_stay() -> None:
    for separator in ("-----Original Message-----", "-------- Ursprüngliche Nachricht --------"):
        for text in (f"Works.{separator}\nFrom: Support\nSolved?", f"Works. {separator}From: Support Solved?"):
            assert read_new_text(text, is_answer=True) == "Works."
    own = "The words ----- Total price ----- stand there."
    assert read_new_text(own, is_answer=True) == own


def test_the_writers_name_in_a_list_of_names_stays() -> None:
    text = "Who needs it:\n- Alice\n- Jo"
    assert read_new_text(text, is_answer=True, names=["jo"]) == text
    assert read_new_text("It works.\n- Jo", is_answer=True, names=["jo"]) == "It works."


@pytest.mark.parametrize("line", ["« #resolve »", "(#resolve)", '"#resolve"', "1. #resolve", "- [ ] #resolve"])
def test_a_command_below_a_close_is_no_entry_of_a_card(line: str) -> None:
    assert cut_signature(f"Kind regards\nHello\nHello\n{line}").endswith(line)


def test_lines_that_the_text_shows_stay_above_the_history() -> None:
    quote = "\n\nOn Tue, 24 Nov 2026 at 10:00, Support <support@example.com> wrote:\n> Solved?\n"
    console = "I typed:\n\n> dir\n> exit\n\nand got an error."
    part = "I mean this:\n\n> the printer in room 5"
    for text in (console, part, "This one\n> the printer in room 5"):
        assert read_new_text(text + quote, is_answer=True) == text
    answered = "Hello Ann:\n\n> the printer in room 5\n\nIt works."
    assert "room 5" not in read_new_text(answered, is_answer=True)


@pytest.mark.parametrize(
    "inside",
    [
        "> View it (https://example.com/tickets\n?id=3dd518)\n>\n> Bye",
        ">\n(https://example.com/tickets)\n>\n> Bye",
        ">\n (https://example.com/tickets) >\n> Bye",
    ],
)
def test_a_broken_link_does_not_end_a_quote(inside: str) -> None:
    text = f"No\n\nOn Tue, 24 Nov 2026 at 10:00, Support <support@example.com> wrote:\n> Solved?\n{inside}\n"
    assert read_new_text(text, is_answer=True) == "No"


@pytest.mark.parametrize(
    "text",
    [
        "Yes\n—\nit works now, but slowly.",
        "This message is confidential: my password was stolen.\n\nWhat shall I do?",
        "It says:\n\nVirus-free. www.example.com\n\nWhat is that?",
        "Another mail.\n\nSent from my desk, which is easier than from the phone.",
    ],
)
def test_what_looks_like_a_footer_but_is_the_text_stays(text: str) -> None:
    assert read_new_text(text, is_answer=True) == text


def test_a_wrapped_line_of_a_quote_belongs_to_it() -> None:
    long = "> " + "word " * 14
    assert cut_quotes(f"No.\n\n{long}\nwrapped\n> end\n", is_answer=True) == "No."


def test_a_short_answer_below_a_long_question_is_no_wrapped_line() -> None:
    text = f"On 24/11/2026 10:00, Jo wrote:\n> {'word ' * 14}which?\nThis one.\n> Since when?\nMonday."
    assert read_new_text(text, is_answer=True) == text.partition("\n")[2]


def test_interleaved_answers_keep_their_questions() -> None:
    text = "On 24/11/2026 10:00, Support wrote:\n> Which?\nThis one.\n> Since when?\nMonday.\n> Bye"
    assert cut_quotes(text, is_answer=True) == "> Which?\nThis one.\n> Since when?\nMonday."


def test_a_quote_on_top_of_one_answer_is_cut() -> None:
    for head in ("", "On 24/11/2026 10:00, Support wrote:\n", "Hi Ann,\n\n"):
        answer = "Hi Ann,\n\nyes" if head.startswith("Hi") else "yes"
        assert cut_quotes(f"{head}> Is it resolved?\n\nyes", is_answer=True) == answer


def test_a_long_quote_between_answers_keeps_its_last_paragraph() -> None:
    text = "see below\n\n" + "> a\n" * 60 + ">\n> Is it resolved?\n\nyes"
    assert cut_quotes(text, is_answer=True) == "see below\n\n> Is it resolved?\n\nyes"


def test_a_signature_below_a_quote_is_nothing_new() -> None:
    text = "No.\n\nOn 24/11/2026 10:00, Support wrote:\n> resolved?\n\n-- \nACME NO Corp"
    assert cut_signature(cut_quotes(text, is_answer=True)) == "No."


def test_in_doubt_a_request_is_kept() -> None:
    for text in ("> prompt", "He said on day 1:\nnothing", "From: a\nSent: b\nTo: c\nSubject: d\n\nplease look"):
        assert cut_quotes(text, is_answer=False) == text
    assert cut_quotes("> prompt", is_answer=True) == ""


def test_a_forward_is_kept_but_not_one_inside_a_quote() -> None:
    forward = "---------- Forwarded message ---------\nFrom: a\nDate: b\nSubject: c\n\n> old"
    assert cut_quotes(f"see\n\n{forward}", is_answer=False) == f"see\n\n{forward}"
    assert cut_quotes(f"no\n\nLe 24/11/2026, Jo a écrit :\n\n{forward}", is_answer=True) == "no"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yes\n-- \nJo\nACME NO Corp", "Yes"),
        ("Oui\n\nEnvoyé à partir d’Outlook pour Android", "Oui"),
        ("Yes\n\nGet Outlook for iOS<https://aka.ms/x>", "Yes"),
        ("Yes\n\nSent from my phone", "Yes"),
        ("Done\n\nBest regards,\nJo", "Done\n\nBest regards,\nJo"),
        ("Done\n\nBest regards,\nJo\nACME NO Corp\n+33 1 23 45 67 89", "Done\n\nBest regards,\nJo"),
        ("a\n--\nb\n" + "c\n" * 30 + "d", "a\n--\nb\n" + "c\n" * 30 + "d"),
        ("Not fixed\n\nIf you are not the intended recipient, say yes\nto us.", "Not fixed"),
    ],
)
def test_signatures_are_cut(text: str, kept: str) -> None:
    assert cut_signature(text) == kept


def test_a_closing_is_cut_for_readers() -> None:
    assert cut_closing("#resolve\n\nCordialement,\nAlice") == "#resolve"
    assert cut_closing("Cordialement est un mot") == "Cordialement est un mot"


def test_a_postscript_below_the_close_is_read() -> None:
    text = "Works.\n\nCordialement,\nAlice\n\nPS : le scanner est en panne"
    assert cut_closing(text) == "Works.\n\nPS : le scanner est en panne"
    assert cut_signature(text) == text


def test_what_greets_is_no_close() -> None:
    text = "Pozdrav,\n\nprinter i dalje ne radi od jučer, molim pomoć odmah danas."
    assert cut_closing(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "This email was sent to the wrong person.",
        "Questa email non arriva mai.",
        "Before printing, a message appears.",
        "Please set the environment variable before printing.",
        "The print server in the test environment sends no mail.",
        "Disclaimer: I am no expert.",
        "I opened a confidential e-mail by mistake, what now?",
        "Sent from Outlook it does not work at all.",
        "Von meinem Platz aus druckt es nicht.",
        "Outlook für Mac stürzt ab.",
        "Get the printer to work on my mobile.",
        "We found that confidential salary lists were disclosed to unauthorised persons, please act now.",
        "Please unsubscribe me from the confidential list; the addressee left and the disclosure is a problem.",
        "Sent from my account it bounces, from hers it works, and from his it never even leaves.",
        "Part one.\n\n--\n\nPart two: the other printer does not work any more since this morning.",
        "Two servers\n\n---\n\nThe web server\nsee https://example.org/log\nfile A",
        "Done:\n\n---\n- see https://example.org/log\n- file A",
        "Name: Jo\n--\nRoom: 12\n--\nFloor: 3",
        "Result:\n________________\nA  B  C\n1  2  3",
        "Best regards\nJo\n\nPrinter: HP 200\nRoom: 12\nFloor: 3",
        "Changes\n-------\nnone so far, see https://example.org",
        "Steps\n\n---\n\n1. open it\n2. it is gone, call +44 20 7946 0000 and you will hear it yourself",
    ],
)
def test_what_somebody_wrote_is_no_footer(text: str) -> None:
    assert cut_signature(f"Hello,\n\n{text}") == f"Hello,\n\n{text}"


@pytest.mark.parametrize(
    "footer",
    [
        "This email was sent to jo@example.org. Unsubscribe: https://example.org/u",
        "Ce message et ses pièces jointes sont confidentiels et destinés exclusivement au destinataire.",
        "The content of this message is privileged; any unauthorised disclosure is strictly prohibited. If you are not "
        "the intended recipient, notify the sender.",
        "Virus-free. www.avast.com <https://example.org>",
        "Sent from Yahoo Mail on Android <https://example.org/x>",
        "Download TypeApp for Android",
        "Отправлено из мобильной Яндекс Почты",
        "Odesláno z mobilního telefonu",
        "Wysłano z telefonu Galaxy",
        "Envoyé avec l’application mobile Orange Mail",
        "Inviato da smartphone Samsung Galaxy.",
        "從我的 iPhone 傳送",
        "내 Galaxy에서 보냄",
        "_______________________________________________\nusers mailing list\nusers@lists.example.org",
        "________________________________\nJo Martin\nACME\n+44 20 7946 0000",
        "--\nJo",
        "—\nJo Martin",
    ],
)
def test_footers_are_cut(footer: str) -> None:
    assert cut_signature(f"Still broken.\n\n{footer}") == "Still broken."


def test_a_signature_above_a_quote_does_not_hide_the_answer_below() -> None:
    text = "-- \nJo\nACME\n\nOn 24/11/2026 10:00, Support wrote:\n> resolved?\n\nnot at all"
    assert read_new_text(text, is_answer=True) == "not at all"


def test_a_forward_keeps_its_own_signature_but_not_the_senders() -> None:
    forward = "-----Original Message-----\nFrom: a@example.org\nSent: b\nTo: c\nSubject: d\n\nhelp\n\n-- \nAnn"
    text = f"see\n\n-- \nJo\n\n{forward}"
    assert read_new_text(text, is_answer=False, is_forward=True) == f"see\n\n{forward}"


def test_a_card_below_the_writers_own_name_is_cut() -> None:
    text = "It works.\n\nJo Martin\nHead of IT\n+44 20 7946 0000"
    assert read_new_text(text, is_answer=True, names={"jo martin", "jo", "martin"}) == "It works."
    assert read_new_text(text, is_answer=True) == text
    assert read_new_text("It works.\n\n-Jo", is_answer=True, names={"jo"}) == "It works."


def test_marks_of_html_are_read_and_taken_out() -> None:
    signed = f"new\n{SIGNATURE_FROM}\nJo\n{SIGNATURE_TO}\n{QUOTE_BELOW}\nold"
    assert read_new_text(signed, is_answer=True) == "new"
    assert read_new_text(signed, is_answer=False, has_ids=False) == "new\nold"


def test_nothing_of_a_forward_is_left_below_a_certain_mark() -> None:
    below = "-----Original Message-----\nFrom: Desk\n\n> a\n\nTicket: SECRET\n\nSECRET too"
    assert read_new_text(f"Done.\n\n{below}", is_answer=True) == "Done."


def test_a_mail_without_own_words() -> None:
    text = "On 24/11/2026 10:00, Support <s@example.org> wrote:\n> resolved?"
    assert read_new_text(text, is_answer=True) == ""
    assert read_new_text(text, is_answer=True, has_ids=False) == text


WRITTEN = "Jo M <jo@example.org> wrote:"


@pytest.mark.parametrize("prefix", ["\t", "| ", ": ", "} ", "% ", "JM> ", "  ", "    "])
def test_text_below_a_quote_with_another_mark_is_new(prefix: str) -> None:
    quote = "\n".join(f"{prefix}{line}".rstrip(" ") for line in ("Dear Jo,", "", "which one?", "> older"))
    for head in (f"{WRITTEN}\n", f"{WRITTEN}\n\n", "On 24/11/2026 10:00, Jo M wrote:\n"):
        for below in ("The red one.", "\nThe red one.\n\n-- \nAnn"):
            assert read_new_text(f"{head}{quote}\n{below}", is_answer=True) == "The red one."
        assert read_new_text(f"The red one.\n\n{head}{quote}", is_answer=True) == "The red one."


@pytest.mark.parametrize(
    "footer", ["Sent from my phone", "Envoyé de mon iPhone", "Von meinem iPhone gesendet", "Get Outlook for iOS"]
)
def test_a_new_mail_of_nothing_but_a_footer_has_no_text(footer: str) -> None:
    assert read_new_text(footer, is_answer=False, has_ids=False) == ""
    assert read_new_text("-- \nJo", is_answer=False, has_ids=False) == "-- \nJo"


@pytest.mark.parametrize("prefix", ["\t", "| ", ": "])
def test_answers_between_lines_with_another_mark_keep_their_questions(prefix: str) -> None:
    quote = [f"{prefix}{line}".rstrip(" ") for line in ("Hi,", "", "which?", "since when?", "", "Bye")]
    text = "\n".join([WRITTEN, *quote[:3], "This.", quote[3], "", "Monday.", "", *quote[4:]])
    wanted = ["> Hi,", ">", "> which?", "This.", "> since when?", "Monday."]
    assert [line for line in read_new_text(text, is_answer=True).split("\n") if line] == wanted


def test_a_tab_below_a_bare_name_on_top_is_a_quote() -> None:
    assert read_new_text("Jo Martin wrote:\n\n\tq\n\tr\nThe red one.", is_answer=True) == "The red one."
    for text in ("She wrote:\n\terror 5\n\terror 6", "The log says:\n\tone\n\ttwo", "Server:\nmysql> select\nmysql> x"):
        assert read_new_text(text, is_answer=True) == text


HOSTILE = [
    "On ",
    "From: a\n",
    "De :\n",
    "From: a@b\nx\n\n",
    "> a\nb\n",
    ">" * 100 + "\n",
    "> wrote:\n<a@b\n",
    ">>> a: >>>\n",
    "--\n",
    "_____\n",
    "-----\na@b\n",
    "-- Reply above this line --x\n",
    "---------- Forwarded\n",
    "Sent from my \n",
    "sent from a outlook\n",
    "this email and any files\n",
    "this email and any files confidential\n\n",
    "To\ncc\n",
    "Best regards\n",
    "Best regards, Jo\n1\n",
    "a wrote: ",
    "From: a Sent: b ",
    "2026-11-24 10:00 ",
    "<a@b> ",
    "\ue003\n",
    "\ue002\n",
    "\ue005a\n",
    "\xa0",
    " \n",
    "\u200b",
    "\tq\n",
    "Jo <a@b> wrote:\n\tq\nr\n",
    "---\nJo\n",
    "Jo Martin\nTel. 1\n\n",
    "*\n",
]


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_texts_take_linear_time(shape: str, share: float) -> None:
    start, times = time.process_time(), int(20_000 * share)
    for text in (shape * times, (shape.strip() or "x") * times, "a\n" + shape * (times // 2) + "b"):
        read_new_text(text, is_answer=True, names={"jo"})
        read_new_text(text, is_answer=False, has_ids=False)
        cut_closing(text)
    assert time.process_time() - start < 8 * share


PIECES = st.sampled_from(
    [*HOSTILE, "words\n", "\n", "Best regards\n", "On 24/11/2026 10:00, a@b wrote:\n", "> q\n", "-- \n", "PS: x\n"]
)


@settings(max_examples=examples(200), deadline=None)
@given(st.lists(PIECES, max_size=25), st.booleans(), st.booleans())
def test_what_is_left_was_there(pieces: list[str], is_answer: bool, is_forward: bool) -> None:
    text = "".join(pieces)
    new = read_new_text(text, is_answer=is_answer, is_forward=is_forward)
    assert not re.search("[\ue002-\ue005]", new)
    there = {line.strip() for line in re.sub("[\ue002-\ue005]", "", text).split("\n")} | {""}
    there |= {line.partition("On 24/11/")[0].strip() for line in there}  # words in front of an attribution stay
    there |= {f"> {line}".rstrip() for line in there}  # quotes with another mark get this one
    assert {line.strip() for line in new.split("\n")} <= there
