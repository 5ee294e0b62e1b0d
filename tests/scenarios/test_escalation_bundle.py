"""The escalation bundle: what Level 2 gets, opened as a mail client opens it, on both databases."""

from __future__ import annotations

import email
import email.policy
import random
import re
import tracemalloc
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from mailgate.notices.mime.forwarded import is_seven_bit
from mailgate.notices.originals import MOST
from mailgate.store.blobs import read_blob
from mailgate.store.messages import NewMessage, add_messages
from mailgate.store.schema import journal
from mailgate.store.spool import PIECE
from tests.scenarios.test_large_mails import accept
from tests.support.desk import CONFIG, Delivered, TestDesk

ANNA, BEN = "Anna Martin <anna@example.org>", "Ben <ben@example.org>"
ALICE, CAROL = "Alice <alice@example.com>", "Carol <carol@example.com>"
LEVEL1, LEVEL2, MANAGER = "level1@example.com", "level2@example.com", "manager@example.com"
TOKEN = re.compile(r"\d\.[a-z2-7]{20}", re.IGNORECASE)


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    made = TestDesk(tmp_path, database=database_url)
    yield made
    made.close()


def originals(mail: Delivered) -> list[EmailMessage]:
    """The messages attached to a notice, as a client opens them."""
    found = [part for part in mail.message.iter_attachments() if part.get_content_type() == "message/rfc822"]
    assert all(part["Content-Transfer-Encoding"] in ("7bit", None) for part in found)
    inner = [part.get_content() for part in found]
    assert [part.defects for one in inner for part in one.walk() if part.defects] == []
    return inner


def names(mail: Delivered) -> list[str]:
    return [str(part.get_filename()) for part in mail.message.iter_attachments()]


def words_of(message: EmailMessage) -> str:
    return "\n".join(str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text")


def request(desk: TestDesk, text: str = "The printer smokes. Voilà !", **files: bytes) -> EmailMessage:
    mail = desk.mail(ANNA, text, subject="Printer")
    for name, content in files.items():
        mail.add_attachment(content, "image", "png", filename=f"{name}.png")
    return mail


def test_level2_gets_the_story_the_files_and_the_messages(desk: TestDesk) -> None:
    photo = random.Random(3).randbytes(3000)
    desk.send(request(desk, photo=photo))
    desk.send(desk.answer(ALICE, "What does it show?", desk.last(LEVEL1, "request")))
    reply = desk.answer(ANNA, "It shows E-42.", desk.last("anna@example.org", "answer"))
    reply.add_attachment(photo, "image", "png", filename="photo.png")
    reply.add_attachment(b"log of the day\n", "application", "octet-stream", filename="day.log")
    desk.send(reply)
    desk.send(
        desk.answer(
            ALICE, "#time 40m\n#cause fuser\n#note I changed the fuser.", desk.last("alice@example.com", "message")
        )
    )
    desk.send(desk.answer(ALICE, "#escalate no spare part", desk.last("alice@example.com", "message")))
    bundle = desk.last(LEVEL2, "escalation")
    assert names(bundle) == [
        "photo.png", "day.log", "2026-11-23 0900 anna@example.org.eml", "2026-11-23 0900 alice@example.com.eml",
        "2026-11-23 0900 anna@example.org.eml",
    ]  # fmt: skip
    first, answer, second = originals(bundle)
    assert (first["From"], first["Subject"]) == (ANNA, "Printer")
    assert "Voilà !" in words_of(first)
    assert "[photo.png: attached to this message]" in words_of(first)
    assert "What does it show?" in words_of(answer)
    assert "[day.log: attached to this message]" in words_of(second)
    story = bundle.text.partition("History (times in")[2]
    for piece in ("logged time: 40\xa0min", "cause: fuser", "escalated: no spare part", "I changed the fuser"):
        assert piece in story
    tried = bundle.text.partition("Already tried")[2].partition("Attached:")[0]
    assert "What does it show?" in tried
    assert "I changed the fuser." in tried
    assert "#" not in tried
    assert bundle.text.count("I changed the fuser.") == 2  # once as tried, once in the story
    assert "signed address" not in bundle.text


def test_nobody_gets_the_requesters_token(desk: TestDesk) -> None:
    """Level 2 could answer as the requester with it."""
    desk.send(request(desk))
    desk.send(desk.answer(ALICE, "#resolve I fixed it.", desk.last(LEVEL1, "request")))
    confirm = desk.last("anna@example.org", "confirm")
    reply = desk.answer(ANNA, f"not fixed, and I wrote to {confirm.reply_to}", confirm)
    reply["Delivered-To"] = confirm.reply_to
    reply.add_alternative(f'<p>not fixed</p><a href="mailto:{confirm.reply_to}?subject=x">x</a>', "html")
    desk.send(reply)
    desk.send(desk.answer(ALICE, "#escalate", desk.last("alice@example.com", "not_fixed")))
    bundle = desk.last(LEVEL2, "escalation")
    mine = TOKEN.findall(" ".join(str(bundle.message[name]) for name in ("Reply-To", "References", "Message-ID")))
    assert len(originals(bundle)) == 2  # the solution stands on a line of orders, and in the story
    raw = bundle.raw.decode()
    decoded = raw + bundle.text + "".join(words_of(one) + str(one.items()) for one in originals(bundle))
    assert set(TOKEN.findall(decoded)) == set(mine)
    assert "masked" in decoded


def test_orders_alone_are_no_original_and_automatic_mail_neither(desk: TestDesk) -> None:
    desk.send(request(desk))
    away = desk.answer(ANNA, "I am away.", desk.last("anna@example.org", "receipt"))
    away["Auto-Submitted"] = "auto-replied"
    desk.send(away, sender="")
    desk.send(desk.answer(ALICE, "#time 5m\n#type incident", desk.last(LEVEL1, "request")))
    desk.pass_time("4 business hours")
    bundle = desk.last(LEVEL2, "escalation")
    assert [one["From"] for one in originals(bundle)] == [ANNA]
    assert "the deadline at Level 1 passed" in bundle.text


def test_of_many_messages_the_first_and_the_newest_are_attached(desk: TestDesk) -> None:
    desk.send(request(desk))
    receipt = desk.last("anna@example.org", "receipt")
    for number in range(MOST + 3):
        desk.send(desk.answer(ANNA, f"Reminder {number}", receipt))
    desk.send(desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request")))
    bundle = desk.last(LEVEL2, "escalation")
    found = originals(bundle)
    assert len(found) == MOST
    assert "smokes" in words_of(found[0])
    assert f"Reminder {MOST + 2}" in words_of(found[-1])
    assert bundle.text.partition("mailgate export SUP-1")[2].count(".eml") == 4


@pytest.mark.parametrize(
    "raw",
    [
        b"From: anna@example.org\r\nSubject: x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\nHello",
        b"From: anna@example.org\nSubject: \xe9t\xe9\nContent-Transfer-Encoding: x-odd\n\n\xe9t\xe9 " + b"z" * 2000,
        b"From: anna@example.org\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    ],
)
def test_a_mail_that_is_not_sound_is_attached_all_the_same(desk: TestDesk, raw: bytes) -> None:
    desk.receive(raw, "anna@example.org")
    desk.pass_time("4 business hours")
    bundle = desk.last(LEVEL2, "escalation")
    assert is_seven_bit(bundle.raw)
    assert len(originals(bundle)) == 1


def test_what_is_too_large_is_left_out_and_named(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + "\n[limits]\nnotice_max_size = 200_000\n")
    desk.send(request(desk, photo=random.Random(3).randbytes(3000), film=random.Random(4).randbytes(150_000)))
    desk.send(desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request")))
    bundle = desk.last(LEVEL2, "escalation")
    assert names(bundle) == ["photo.png", "2026-11-23 0900 anna@example.org.eml"]
    assert "- film.png (146.5\xa0kB)" in bundle.text.partition("Not attached, because")[2]
    assert "- film.png" not in bundle.text.partition("Not attached, because")[0]
    assert len(bundle.raw) < 200_000
    desk.close()


def test_a_text_that_nobody_reads_to_its_end_is_left_out(desk: TestDesk) -> None:
    desk.send(request(desk, "a long, long text\n" * 70_000))
    desk.pass_time("4 business hours")
    bundle = desk.last(LEVEL2, "escalation")
    assert originals(bundle) == []
    assert "- 2026-11-23 0900 anna@example.org.eml" in bundle.text.partition("`mailgate export SUP-1`")[2]


@pytest.mark.parametrize(
    ("language", "words"), [("en", "steps are left out here"), ("fr", "étapes ne sont pas reprises")]
)
def test_a_story_is_cut_to_what_a_relay_takes(tmp_path: Path, database_url: str, language: str, words: str) -> None:
    one = CONFIG.replace('languages = ["en", "fr"]', f'languages = ["{language}"]')
    desk = TestDesk(tmp_path, database=database_url, config=one)
    desk.send(desk.mail("Anna <anna@example.org>", "The printer smokes.", subject="Printer"))
    long = " ".join(["lorem ipsum dolor"] * 1100)
    with desk.desk.database.write() as connection:
        for number in range(60):
            text = f"Mail {number:03}. {long}"
            mail = NewMessage("in", "anna@example.org", (), "Printer", f"{number}@far", desk.clock.now(), text)
            add_messages(connection, 1, [mail])
    desk.send(desk.answer("Alice <alice@example.com>", "#escalate", desk.last("level1@example.com"), quote=False))
    escalation = desk.last("level2@example.com", "escalation")
    assert len(escalation.raw) < 3_000_000
    told = " ".join(escalation.text.split())
    assert "The printer smokes." in told
    assert "Mail 059." in told
    assert "Mail 000." not in told
    assert words in told
    assert "`mailgate show SUP-1`" in told
    body = escalation.message.get_body(("html",))
    assert body is not None
    page = body.get_content()
    assert len(page.encode()) < 60_000  # Gmail hides the end of a large one
    shown = " ".join(page.split())
    assert "The printer smokes." in shown
    assert "Mail 059." in shown
    assert "Mail 040." not in shown
    assert re.search(words.replace(" ", r"\s"), shown)
    desk.close()


def test_each_attempt_sends_the_same_bytes(desk: TestDesk) -> None:
    desk.send(request(desk, photo=b"\x89PNG" * 500))
    desk.send(desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request")))
    sent = desk.last(LEVEL2, "escalation").raw
    from mailgate.core.message_parts import Insert, Message, assemble
    from mailgate.store.blobs import get_blob
    from mailgate.store.schema import outbox

    with desk.desk.database.read() as connection:
        row = connection.execute(select(outbox).where(outbox.c.notice == "escalation")).one()
        message = Message(row.body, tuple(Insert(*place) for place in row.inserts), row.size)
        again = assemble(message, lambda *place: get_blob(connection, *place))
    assert again == sent
    assert row.size == len(sent)


def test_the_manager_gets_the_bundle_once_and_then_only_reminders(desk: TestDesk) -> None:
    desk.send(request(desk, photo=b"\x89PNG" * 500))
    desk.send(desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request")))
    desk.send(desk.answer(CAROL, "#escalate nobody knows it", desk.last(LEVEL2, "escalation")))
    assert names(desk.last(MANAGER)) == ["photo.png", "2026-11-23 0900 anna@example.org.eml"]
    assert "nobody knows it" in desk.last(MANAGER).text
    desk.pass_time("6 business days")
    assert [names(mail) for mail in desk.delivered(MANAGER)][-1] == []


def test_a_ticket_with_a_file_of_25_mb_is_escalated_piece_by_piece(desk: TestDesk) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ANNA, "support@example.com", "The film"
    message["Message-ID"] = "<film@example.org>"
    message.set_content("It is attached.")
    message.add_attachment(random.Random(1).randbytes(18 * 2**20), "video", "mp4", filename="film.mp4")
    accept(desk, message.as_bytes(policy=email.policy.SMTP))
    del message
    desk.settle()
    order = desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request"), quote=False)
    desk.relay.mails.clear()
    tracemalloc.start()
    try:
        desk.receive(order.as_bytes(policy=email.policy.SMTP), "alice@example.com", [str(order["To"])])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    bundle = desk.last(LEVEL2, "escalation")
    assert names(bundle) == ["2026-11-23 0900 anna@example.org.eml"]
    assert "[film.mp4: too large, not attached]" in words_of(originals(bundle)[0])
    assert "- film.mp4 (18\xa0MB)" in bundle.text.partition("Not attached, because")[2]
    assert peak < 12 * PIECE


def with_checklist(folder: Path, database: str, text: str) -> TestDesk:
    (folder / "level2.txt").write_text(text, encoding="utf-8")
    config = CONFIG.replace('"2 business days"', '"2 business days"\nchecklist = "level2.txt"')
    return TestDesk(folder, database=database, config=config)


def test_the_checklist_of_the_level_is_filled_in(tmp_path: Path, database_url: str) -> None:
    desk = with_checklist(tmp_path, database_url, "- Backup of {{ requester.address }} there?\n- Type: {{ type }}\n")
    desk.send(request(desk))
    desk.send(desk.answer(ALICE, "#type incident\n#escalate", desk.last(LEVEL1, "request")))
    text = desk.last(LEVEL2, "escalation").text
    assert "Checklist\n---------\n\n- Backup of anna@example.org there?\n- Type: incident\n\nAlready tried" in text
    assert "Backup" not in "".join(mail.text for mail in desk.delivered("anna@example.org"))
    desk.close()


@pytest.mark.parametrize("text", ["{{ nonsense }}", "{% if %}", "{{ ''.__class__.__mro__ }}", "x" * 70_000])
def test_a_broken_checklist_holds_up_no_ticket(
    tmp_path: Path, database_url: str, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    desk = with_checklist(tmp_path, database_url, text)
    desk.send(request(desk))
    desk.send(desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request")))
    assert "Checklist" not in desk.last(LEVEL2, "escalation").text
    assert "level2.txt is ignored" in caplog.text
    desk.close()


def test_a_checklist_that_vanished_holds_up_no_ticket(tmp_path: Path, database_url: str) -> None:
    desk = with_checklist(tmp_path, database_url, "- anything")
    (tmp_path / "level2.txt").unlink()
    desk.send(request(desk))
    desk.send(desk.answer(ALICE, "#escalate", desk.last(LEVEL1, "request")))
    assert "Checklist" not in desk.last(LEVEL2, "escalation").text
    desk.close()


# -- signed and encrypted mail (rule 21) -------------------------------------------------------------------------------


def sign(mail: EmailMessage, *, eight_bit: bool = False) -> bytes:
    """The mail as an S/MIME client signs it; what is signed are the bytes between the first two boundaries."""
    text = str(mail.get_content())
    head = b"".join(
        email.policy.SMTP.fold(name, value).encode() for name, value in mail.items()
        if not name.lower().startswith(("content-", "mime-"))
    )  # fmt: skip
    how = "8bit" if eight_bit else "7bit"
    inner = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {how}\r\n\r\n{text}".encode()
    return (
        head + b"MIME-Version: 1.0\r\n"
        b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; micalg=sha-256; boundary=s\r\n\r\n'
        b"--s\r\n" + inner.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n--s\r\n"
        b"Content-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"MIIBAAAA\r\n--s--\r\n"
    )


def test_a_signed_request_comes_with_the_original_unchanged(desk: TestDesk) -> None:
    raw = sign(desk.mail(ANNA, "Please block my card.", subject="Card"))
    desk.receive(raw, "anna@example.org")
    forward = desk.last(LEVEL1, "request")
    assert "The email is signed.\nThe original is attached." in forward.text
    assert raw in forward.raw
    assert originals(forward)[0]["Subject"] == "Card"
    assert names(forward) == ["original.eml"]
    assert "smime.p7s" not in forward.text
    assert "original.eml" not in forward.text


def test_a_signed_request_with_eight_bits_comes_as_a_file(desk: TestDesk) -> None:
    raw = sign(desk.mail(ANNA, "Bloquez ma carte, s'il vous plaît.", subject="Carte"), eight_bit=True)
    desk.receive(raw, "anna@example.org")
    forward = desk.last(LEVEL1, "request")
    (file,) = (part for part in forward.message.iter_attachments() if part.get_filename() == "original.eml")
    assert (file.get_content_type(), file.get_payload(decode=True)) == ("application/octet-stream", raw)
    assert forward.raw.isascii()


def test_a_signed_answer_keeps_what_is_signed_and_loses_the_token(desk: TestDesk) -> None:
    desk.send(request(desk))
    reply = desk.answer(ANNA, "It smokes still.", desk.last("anna@example.org", "receipt"), quote=False)
    raw = sign(reply)
    desk.receive(raw, "anna@example.org", [str(reply["To"])])
    forward = desk.last(LEVEL1, "message")
    assert raw.partition(b"\r\n\r\n")[2] in forward.raw
    assert str(reply["To"]) not in forward.raw.decode()
    assert TOKEN.search(str(originals(forward)[0]["To"])) is None


def test_a_signed_no_comes_with_the_original_and_says_so(desk: TestDesk) -> None:
    desk.send(request(desk))
    desk.send(desk.answer(ALICE, "#resolve I changed the drum.", desk.last(LEVEL1, "request"), quote=False))
    reply = desk.answer(ANNA, "It does not work.", desk.last("anna@example.org", "confirm"), quote=False)
    desk.receive(sign(reply), "anna@example.org", [str(reply["To"])])
    forward = desk.last("alice@example.com", "not_fixed")
    assert "The email is signed.\nThe original is attached." in forward.text
    assert names(forward) == ["original.eml"]


def test_a_signed_answer_that_quotes_the_token_is_kept_here(desk: TestDesk) -> None:
    desk.send(request(desk))
    receipt = desk.last("anna@example.org", "receipt")
    reply = desk.answer(ANNA, f"I wrote to {receipt.reply_to} before.", receipt, quote=False)
    desk.receive(sign(reply), "anna@example.org", [str(reply["To"])])
    forward = desk.last(LEVEL1, "message")
    assert "original.eml" not in names(forward)
    assert "`mailgate export SUP-1`" in forward.text
    assert TOKEN.search(forward.text) is None


def test_an_encrypted_request_comes_with_the_original(desk: TestDesk) -> None:
    from tests.support.mails import encrypt

    mail = encrypt(desk.mail(ANNA, "", subject="Secret"))
    desk.send(mail)
    forward = desk.last(LEVEL1, "request")
    assert "original.eml" in names(forward)
    assert "The original is attached." in forward.text
    assert b"multipart/encrypted" in originals(forward)[0].as_bytes()


def test_an_agents_signature_stays_in_the_house(desk: TestDesk) -> None:
    desk.send(request(desk))
    answer = desk.answer(ALICE, "It is on its way.", desk.last(LEVEL1, "request"), quote=False)
    desk.receive(sign(answer), "alice@example.com", [str(answer["To"])])
    told = desk.last("anna@example.org", "answer")
    assert "It is on its way." in told.text
    assert names(told) == []
    with desk.desk.database.read() as connection:
        assert connection.execute(select(journal.c.state)).scalars().all() == ["done", "done"]


# -- images of signatures (rule 16) ------------------------------------------------------------------------------------

LOGO, SCREENSHOT = random.Random(5).randbytes(500), random.Random(6).randbytes(500)
SIGNATURES = {
    "outlook": '<div id="Signature"><p>Alice</p><p><img src="cid:logo@x" alt="logo"></p></div>',
    "gmail": '<div class="gmail_signature" data-smartmail="gmail_signature">Alice<br><img src="cid:logo@x"></div>',
    "dashes": '<div>-- <br>Alice Durand<br><img src="cid:logo@x"></div>',
    "thunderbird": '<div class="moz-signature">-- <br>Alice<br><img moz-do-not-send="false" src="cid:logo@x"></div>',
    "quote": '<blockquote type="cite"><p>hello</p><img src="cid:logo@x"></blockquote>',
}


@pytest.mark.parametrize("client", SIGNATURES)
def test_an_image_of_the_signature_is_not_sent_and_a_new_one_is(desk: TestDesk, client: str) -> None:
    desk.send(request(desk))
    answer = desk.answer(ALICE, "Click here, as shown.", desk.last(LEVEL1, "request"), quote=False)
    html = f'<p>Click here, as shown.</p><p><img src="cid:shot@x"></p>{SIGNATURES[client]}'
    answer.add_alternative(html, "html")
    page = answer.get_body(("html",))
    assert isinstance(page, EmailMessage)
    page.add_related(SCREENSHOT, "image", "png", cid="<shot@x>", filename="shot.png")
    page.add_related(LOGO, "image", "png", cid="<logo@x>", filename="logo.png")
    desk.send(answer)
    told = desk.last("anna@example.org", "answer")
    shown = [part.get_filename() for part in told.message.walk() if part.get_content_maintype() == "image"]
    assert shown == ["shot.png"]
    assert names(told) == []


def test_check_proves_the_checklists(tmp_path: Path) -> None:
    from mailgate.cli.checks.desk import CheckResult, check_templates

    database = f"sqlite:///{tmp_path}/desk.db"
    for text, verdict in (("- {{ reference }}", CheckResult.OK), ("{{ nonsense }}", CheckResult.FAILED)):
        desk = with_checklist(tmp_path, database, text)
        (found,) = (one for one in check_templates(desk.settings) if one.what == "checklist")
        assert found.verdict is verdict
        assert "level2.txt" in found.words
        desk.close()


def holds(mail: Delivered, mac: str) -> list[str]:
    """The files of a notice in which a token can be read, by whatever means."""
    found = []
    for part in mail.message.iter_attachments():
        if part.get_content_type() == "message/rfc822":
            content = part.get_content().as_bytes()
        else:
            content = part.get_payload(decode=True) or b""
        opened = email.message_from_bytes(content, policy=email.policy.default)
        texts = [one.get_payload(decode=True) or b"" for one in opened.walk() if not one.is_multipart()]
        if any(mac.encode() in one.replace(b"\0", b"") for one in (content, *texts)):
            found.append(str(part.get_filename()))
    return found


def test_no_attached_notice_hands_the_requesters_address_to_a_level(desk: TestDesk) -> None:
    desk.send(request(desk))
    desk.send(desk.answer(ALICE, "#resolve Toner changed.", desk.last(LEVEL1, "request")))
    confirm = desk.last("anna@example.org", "confirm")
    token = TOKEN.search(confirm.reply_to)
    assert token is not None
    mac = token[0].partition(".")[2]
    wrapped = EmailMessage()
    wrapped["From"], wrapped["Subject"] = ANNA, "inside"
    wrapped.set_content("words\n" * 50)
    wrapped.add_attachment(f"é {confirm.reply_to}", cte="base64", filename="inner.txt")
    reply = desk.answer(ANNA, "It is still broken.", confirm)
    reply.add_attachment(confirm.message, filename="mail.eml")
    reply.add_attachment(b"X-Saved: 1\r\n" + confirm.raw, "application", "octet-stream", filename="notice.eml")
    reply.add_attachment(wrapped.as_bytes(), "application", "octet-stream", filename="wrapped.eml")
    reply.add_attachment(b"x" * 100_000 + confirm.reply_to.encode(), "text", "plain", filename="note.txt")
    reply.add_attachment(f"<p>{confirm.reply_to}</p>", subtype="html", filename="page.html")
    reply.add_attachment(confirm.reply_to.encode("utf-16-le"), "application", "octet-stream", filename="notice.msg")
    reply.add_attachment(b"no token at all", "text", "plain", filename="log.txt")
    desk.send(reply)
    told = desk.last("alice@example.com", "not_fixed")
    desk.send(desk.answer(ALICE, "#escalate no idea", told))
    for mail in (told, desk.last(LEVEL2, "escalation")):
        assert holds(mail, mac) == []
        assert {"mail.eml", "notice.eml", "wrapped.eml", "note.txt", "page.html", "log.txt"} <= set(names(mail))
        assert "notice.msg" not in names(mail)
        assert "- notice.msg" in mail.text
        assert "mailgate export SUP-1" in mail.text
    page = next(part for part in told.message.iter_attachments() if part.get_filename() == "page.html")
    assert "masked@example.com" in str(page.get_content())
    log = next(part for part in told.message.iter_attachments() if part.get_filename() == "log.txt")
    assert str(log.get_content()).strip() == "no token at all"


def test_of_a_photo_only_the_first_bytes_are_read_for_tokens(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    def read(reading: Any, blob: int, start: int, end: int) -> Iterator[bytes]:
        assert end - start <= 1024, "a photo was read"
        return read_blob(reading, blob, start, end)

    monkeypatch.setattr("mailgate.notices.redaction.read_blob", read)
    desk.send(request(desk, photo=b"\x89PNG\r\n\x1a\n\0" + random.Random(3).randbytes(3000)))
    assert names(desk.last(LEVEL1, "request")) == ["photo.png"]


def test_the_mails_and_files_of_merged_tickets_are_in_the_bundle_of_the_one_that_was_kept(desk: TestDesk) -> None:
    desk.send(request(desk))
    for number in (2, 3):
        desk.clock.set(desk.clock.now().replace(minute=number))
        desk.send(request(desk, f"It smokes again, for the time number {number}.", **{f"photo{number}": b"P" * number}))
        desk.send(desk.answer(ALICE, f"#merge SUP-{number - 1}", desk.last(LEVEL1, "request")))
    desk.send(desk.answer(ALICE, "#escalate no spare part", desk.last(LEVEL1, "request")))
    bundle = desk.last(LEVEL2, "escalation")
    assert names(bundle) == [
        "photo2.png", "photo3.png", "2026-11-23 0900 anna@example.org.eml", "2026-11-23 0902 anna@example.org.eml",
        "2026-11-23 0903 anna@example.org.eml",
    ]  # fmt: skip
    texts = [words_of(one) for one in originals(bundle)]
    assert ["number 2" in one for one in texts] == [False, True, False]
    assert bundle.text.count("for the time number 3.") == 1
