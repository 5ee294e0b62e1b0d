"""Answers to "was this you?": only a whole reply of a closed list releases a mail, and no machine's answer does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.parsers.yes_no import YesNo, read_consent
from mailgate.store.schema import holds
from tests.support.attackers import ALICE, SECRET, TargetDesk, change, raw

OF_ALICE = "alice@example.com"

# In each language: a yes, a statement, and both.
WHOLE = (
    "Yes", "That was me.", "Yes, that was me", "Oui", "C'est moi", "Oui c'est moi.", "Ja", "Das war ich",
    "Ja, ich war's!", "Sí", "Fui yo", "Sí, fui yo", "Sì", "Sono stato io", "Sì, sono stata io", "Dat was ik",
    "Ja, dat was ik", "Sim",
    "Fui eu", "Sim, fui eu", "Det var jag", "Ja, det var jag", "Det var mig", "Ja, det var mig", "Det var meg",
    "Ja, det var meg", "Kyllä", "Se olin minä", "Kyllä, se olin minä", "Tak", "To ja", "Tak, to ja", "Ano",
    "To jsem byl já", "Ano, to jsem byla já", "Да", "Это был я", "Да, это я", "Evet", "Bendim", "Evet, bendim", "はい",
    "私です", "はい、私です。", "YES", "*Yes*", "Yes,\nthat was me.", "Yes\n\nAlice",
    "Yes\n\nBest regards\nAlice Martin",
    "Oui, c'est moi.\n\nCordialement,\nAlice Martin\nSupport informatique\nTél. : 01 23 45 67 89",
    "Ja.\n\nMit freundlichen Grüßen\nAlice Martin", "Yes\n\nSent from my iPhone", "Oui\n\nEnvoyé de mon iPhone",
    "Yes\n\nGet Outlook for iOS<https://aka.ms/o0ukef>",
)  # fmt: skip
MORE = (
    "I confirm", "I confirm receipt of your mail", "I confirm that I have received this", "Ich bestätige den Eingang",
    "Je confirme la bonne réception", "Confermo la ricezione", "Confirmo la recepción", "Potwierdzam odbiór",
    "Yes, please block it", "Yes block him", "Yes, but only the first", "Yes I am on holiday",
    "Yes, we have received it", "Yes, this is an automatic reply.", "yes and no", "yes or no?", "Yes?",
    "yes/no", "Yes no", "yes 2", "1) yes",
    "Oui, mais", "Oui mais bloquez-le", "Ja, aber", "Ja, bitte sperren", "Sí, pero no", "Ja, en nee",
    "はい、拒否します", "Yes\n\nPlease block it", "Yes\nStop", "Yes\n\nRegards\nplease stop it",
    "Yes\n\nRegards\nStop it",
    "Yes. Do not carry it out.", "Yes\n#reject", "Yes\n\n#close spam", "#approve\n#close spam", "#approve it?",
    "> yes", "Hello,\nyes I saw the mail", "Reply to this mail with the word yes", "“yes”?", "Received: yes", "ok", "1",
    "Yes\n\nBest regards\nAlice\nOut of office until Monday", "Ja\n\nGruß\nAlice\nIm Urlaub bis Montag",
    "Yes\n\nAlice Martin\nAway until 7 December", "Oui\n\nCordialement\nAlice\nEn congés",
    "Yes\n\nMallory", "Yes, approved for forwarding", "Certainly", "Thanks", "Correct", "Yes, it was me who was away",
)  # fmt: skip


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    target.send(target.mail(ALICE, f"#resolve Call 0900 {SECRET}", subject="Re: [SUP-2]"), "somebody@evil.example")
    yield target
    target.close()


def state_of_hold(target: TargetDesk) -> str:
    with target.desk.database.read() as connection:
        return str(connection.execute(select(holds.c.state)).scalar_one())


@pytest.mark.parametrize("text", WHOLE)
def test_a_whole_reply_is_a_yes(text: str) -> None:
    assert read_consent(text, {"alice", "alice martin", "martin"}) is YesNo.YES


@pytest.mark.parametrize("text", MORE)
def test_a_yes_with_any_other_word_is_none(text: str) -> None:
    assert read_consent(text, {"alice", "alice martin", "martin"}) is not YesNo.YES


@pytest.mark.parametrize("text", MORE[:12])
def test_what_is_no_whole_reply_releases_nothing(target: TargetDesk, text: str) -> None:
    row = target.send(target.answer(ALICE, text, target.last(OF_ALICE, "challenge")))
    target.assert_untouched()
    assert (target.row(row).state, state_of_hold(target)) == ("ignored", "open")
    assert (
        "We couldn’t tell whether your reply meant yes or no, so we haven’t done anything."
        in target.last(OF_ALICE, "challenge").text
    )


AUTOMATIC: dict[str, dict[str, str]] = {
    "Auto-Submitted": {"Auto_Submitted": "auto-replied"},
    "Exchange": {"X_Auto_Response_Suppress": "All", "Subject": "Automatic reply: Was this you?"},
    "Precedence": {"Precedence": "auto_reply"},
    "a responder's subject alone": {"Subject": "Automatic reply: Was this you? [HOLD-1]"},
    "a responder's subject in German": {"Subject": "Automatische Antwort: Was this you?"},
    "a responder's subject in French": {"Subject": "Réponse automatique : Was this you?"},
    "a responder that names a mail program": {
        "Subject": "Out of Office: Was this you?",
        "X_Mailer": "Microsoft Outlook",
    },
    "a list": {"List_Id": "<talk.example.com>"},
}


@pytest.mark.parametrize("name", AUTOMATIC)
def test_an_automatic_yes_is_none(target: TargetDesk, name: str) -> None:
    answer = change(target.answer(ALICE, "Yes", target.last(OF_ALICE, "challenge")), **AUTOMATIC[name])
    row = target.receive(raw(answer), OF_ALICE)
    target.assert_untouched()
    assert (target.row(row).state, state_of_hold(target)) == ("ignored", "open")


def test_a_yes_with_the_null_sender_is_none(target: TargetDesk) -> None:
    row = target.receive(raw(target.answer(ALICE, "Yes", target.last(OF_ALICE, "challenge"))), "")
    target.assert_untouched()
    assert (target.row(row).state, state_of_hold(target)) == ("ignored", "open")


RECEIPT = """\
From: Alice <alice@example.com>
To: {to}
Subject: Read: Was this you?
Message-ID: <receipt@example.com>
In-Reply-To: {about}
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary=b

--b
Content-Type: text/plain

Yes
--b
Content-Type: message/{part}

{fields}
--b--
"""
REPORTS = {
    "disposition-notification": "Disposition: manual-action/MDN-sent; displayed",
    "delivery-status": "Reporting-MTA: dns;mx\n\nAction: delivered\nStatus: 2.0.0",
}


@pytest.mark.parametrize("kind", REPORTS)
def test_a_receipt_or_report_is_no_yes(target: TargetDesk, kind: str) -> None:
    asked = target.last(OF_ALICE, "challenge")
    report = RECEIPT.format(
        to=asked.reply_to, about=f"<{asked.message_id}>", kind=kind, part=kind, fields=REPORTS[kind]
    )
    target.receive(report.encode(), OF_ALICE)
    target.assert_untouched()
    assert state_of_hold(target) == "open"
