"""Mails that wait for a word: whose word counts, that it counts once, and that nothing is lost or done twice by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, select

from mailgate.parsers.yes_no import YesNo, read_consent
from mailgate.store import holds as store_holds
from mailgate.store.database import Database
from mailgate.store.holds import lock_hold
from mailgate.store.schema import holds, journal
from mailgate.store.tickets import Ticket, lock_ticket
from mailgate.store.work_queue import free_leases, requeue
from tests.support.attackers import ALICE, BOB, CAROL, MALLORY, SECRET, ZOE, TargetDesk, change, raw
from tests.support.desk import CONFIG, Delivered, TestDesk

OF_ALICE, OF_CAROL, L1 = "alice@example.com", "carol@example.com", "level1@example.com"
ORDER = f"#resolve Call 0900 {SECRET}"


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


def order(target: TargetDesk, who: str = ALICE, text: str = ORDER, ticket: int = 2) -> int:
    """A command in a person's name that nothing proves."""
    return target.send(target.mail(who, text, subject=f"Re: [SUP-{ticket}]"), "somebody@evil.example")


def challenge(target: TargetDesk, whose: str = OF_ALICE) -> Delivered:
    return target.last(whose, "challenge")


def bare(message: EmailMessage, **changes: str) -> EmailMessage:
    """Without the ids that would show what it answers."""
    return change(message, In_Reply_To="", References="", **changes)


def states(target: TargetDesk) -> list[str]:
    with target.desk.database.read() as connection:
        return list(connection.execute(select(holds.c.state).order_by(holds.c.id)).scalars())


def token_of(mail: Delivered) -> str:
    return mail.reply_to.partition("+")[2].partition("@")[0]


def at(token: str) -> str:
    return f"support+{token}@example.com"


# -- who may say yes ---------------------------------------------------------------------------------------------------


def test_the_answer_needs_its_token_only(target: TargetDesk) -> None:
    """Whatever From says: an agent may answer from a telephone, by another address."""
    order(target)
    target.send(target.answer("Alice <alice@home.example>", "yes", challenge(target)))
    assert target.ticket_of(2).state == "confirming"
    assert target.ticket_of(2).last_agent == OF_ALICE


def test_smtp_auth_needs_no_challenge(target: TargetDesk) -> None:
    message = target.mail(ALICE, "#resolve I restarted it.", subject="Re: [SUP-2]")
    target.receive(raw(message), OF_ALICE, auth_user=OF_ALICE)
    assert target.ticket_of(2).state == "confirming"
    assert states(target) == []


def test_the_login_of_a_colleague_is_no_proof(target: TargetDesk) -> None:
    target.receive(raw(target.mail(ALICE, ORDER, subject="Re: [SUP-2]")), OF_ALICE, auth_user="bob@example.com")
    target.assert_untouched()
    assert states(target) == ["open"]


def test_the_question_goes_to_the_listed_address(target: TargetDesk) -> None:
    order(target, "Alice <ALICE@Example.COM>")
    assert challenge(target).recipient == OF_ALICE
    assert not target.news(outside=True)


def test_the_answer_itself_orders_nothing(target: TargetDesk) -> None:
    order(target)
    target.send(
        target.answer(ALICE, f"Yes.\n\n#close spam\n#assign mallory@evil.example\n\n{SECRET}", challenge(target))
    )
    target.assert_untouched()
    assert states(target) == ["open"]


FALSE_ANSWERS: dict[str, Callable[[TargetDesk, Delivered], EmailMessage]] = {
    "no token": lambda target, mail: target.mail(ALICE, "yes", subject=str(mail.message["Subject"])),
    "a bare tag": lambda target, _mail: target.mail(MALLORY, "yes", subject="Re: [HOLD-1]"),
    "a guessed token": lambda target, mail: bare(target.answer(ALICE, "yes", mail), To=at("HOLD-1.1.abcdefghijklmnop")),
    "a changed letter": lambda target, mail: bare(target.answer(ALICE, "yes", mail), To=at(changed(token_of(mail)))),
    "another question": lambda target, mail: bare(
        target.answer(ALICE, "yes", mail), To=at(token_of(mail).replace("HOLD-1.1", "HOLD-1.2"))
    ),
    "another hold": lambda target, mail: bare(
        target.answer(ALICE, "yes", mail), To=at(token_of(mail).replace("HOLD-1", "HOLD-2"))
    ),
    "zeros before the number": lambda target, mail: bare(
        target.answer(ALICE, "yes", mail), To=at(token_of(mail).replace("HOLD-1", "HOLD-0001"))
    ),
    "a bounce address of it": lambda target, mail: bare(
        target.answer(ALICE, "yes", mail), To=at(f"b.{token_of(mail)}")
    ),
    "a ticket's token in its place": lambda target, mail: bare(
        target.answer(ALICE, "yes", mail), To=target.of(L1, 2).reply_to.replace("SUP-2", "HOLD-1")
    ),
    "the token in the text only": lambda target, mail: bare(
        change(target.answer(ALICE, f"yes\n{mail.reply_to}\n> {mail.message_id}", mail), To="support@example.com")
    ),
    "an automatic answer": lambda target, mail: change(
        target.answer(ALICE, "I am on holiday.", mail), Auto_Submitted="auto-replied"
    ),
    "an out of office that says only so": lambda target, mail: change(
        target.answer(ALICE, "I am out of the office until Monday.", mail), Subject="Automatic reply: Was this you?"
    ),
    "a mailing list": lambda target, mail: change(target.answer(ALICE, "yes", mail), List_Id="<talk.evil.example>"),
    "our own question": lambda _target, mail: mail.message,
    "the question, under another name": lambda _target, mail: change(mail.message, Message_ID="<ses.1@relay.example>"),
}  # fmt: skip


def changed(token: str) -> str:
    return f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"


@pytest.mark.parametrize("name", FALSE_ANSWERS)
def test_what_is_no_answer_carries_nothing_out(target: TargetDesk, name: str) -> None:
    order(target)
    order(target, CAROL, "#take", 4)
    row = target.receive(raw(FALSE_ANSWERS[name](target, challenge(target))), "somebody@evil.example")
    target.assert_untouched()
    assert states(target) == ["open", "open"]
    assert target.row(row).state in ("done", "ignored")
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert target.ticket_of(2).state == "confirming"


def test_a_null_sender_does_not_answer(target: TargetDesk) -> None:
    order(target)
    target.receive(raw(target.answer(ALICE, "yes", challenge(target))), "")
    target.assert_untouched()
    assert states(target) == ["open"]


def test_anothers_token_answers_his_own_question_only(target: TargetDesk) -> None:
    order(target)
    order(target, CAROL, "#priority urgent", 4)
    target.send(target.answer(ALICE, "yes", challenge(target, OF_CAROL)))
    assert (target.ticket_of(2).state, target.ticket_of(4).priority) == ("level1", "urgent")
    assert states(target) == ["open", "answered"]


def test_a_token_works_once(target: TargetDesk) -> None:
    order(target)
    used = challenge(target)
    target.send(target.answer(ALICE, "yes", used))
    order(target, text="#priority urgent")
    row = target.send(target.answer(MALLORY, "yes", used))
    assert (target.row(row).state, target.ticket_of(2).priority) == ("ignored", "normal")
    assert states(target) == ["answered", "open"]


def test_the_token_of_a_hold_opens_no_ticket(target: TargetDesk) -> None:
    """Neither as a ticket's token nor as a way to write to one."""
    order(target)
    mail = challenge(target)
    to = at(token_of(mail).replace("HOLD-1", "SUP-1"))
    target.receive(raw(bare(target.answer(ZOE, f"resolved {SECRET}", mail), To=to, Subject="Hm")), "zoe@example.net")
    target.assert_untouched()
    assert target.ticket().id == 5


def test_a_desk_that_calls_its_tickets_hold(tmp_path: Path, database_url: str) -> None:
    """Both are spelled alike, and neither passes for the other."""
    config = CONFIG.replace("[desk]\n", '[desk]\nreference = "HOLD"\n')
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer"))
    request = desk.last(L1)
    desk.send(desk.mail(ALICE, "#priority urgent", subject="Re: [HOLD-1]"), "somebody@evil.example")
    asked = desk.last(OF_ALICE, "challenge")
    assert token_of(request).startswith("HOLD-1.")
    assert token_of(asked).startswith("HOLD-1.1.")
    desk.send(bare(desk.answer(MALLORY, "yes", request), Subject="Hm"))
    assert desk.tickets()[0].priority == "normal"
    desk.send(bare(desk.answer(ALICE, "yes", asked), Subject="Hm"))
    assert [ticket.priority for ticket in desk.tickets()] == ["urgent"]
    desk.send(desk.answer(ALICE, "#priority low", request))
    assert desk.tickets()[0].priority == "low"
    desk.close()


def test_a_forgery_that_joins_is_not_covered_by_the_yes(target: TargetDesk) -> None:
    """An attacker who knows that a question is open cannot use its answer."""
    order(target, text="#priority urgent")
    order(target, text=f"#close withdrawn\n\n{SECRET}")
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert (target.ticket_of(2).priority, target.ticket_of(2).state) == ("urgent", "level1")
    second = challenge(target)
    assert "#close withdrawn" in second.text
    assert "HOLD-2" in str(second.message["Subject"])
    target.send(target.answer(ALICE, "no", second))
    assert target.ticket_of(2).state == "level1"
    target.assert_silent()


# -- what a yes has seen -----------------------------------------------------------------------------------------------

LONG = "As we said on the telephone. " * 80 + "\n\nCall 0900-555.\n\n" + "Kind words again. " * 40


def test_what_would_leave_is_shown_whole(target: TargetDesk) -> None:
    message = target.mail(ALICE, f"#resolve\n\n{LONG}", subject="Re: [SUP-2]")
    message.add_attachment(b"MZ", maintype="image", subtype="png", filename="logo.png", disposition="inline")
    target.send(message, "somebody@evil.example")
    shown = challenge(target).text
    assert "Call 0900-555." in shown
    assert "logo.png" in shown
    assert "[…]" not in shown
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert target.ticket_of(2).state == "confirming"


TOO_LONG = {
    "text": f"#resolve\n\n{LONG * 2}",
    "lines": "#resolve\n\n" + "ok\n" * 300 + "Call 0900-555.",
    "orders": "#time 1m\n" * 21 + "#close withdrawn",
    "one order": f"#resolve {'word ' * 1000}",
}


@pytest.mark.parametrize("which", TOO_LONG)
def test_what_cannot_be_shown_whole_is_not_done(target: TargetDesk, which: str) -> None:
    order(target, text=TOO_LONG[which])
    asked = challenge(target)
    assert "Too long to show here" in asked.text
    target.send(target.answer(ALICE, "yes", asked))
    assert (target.ticket_of(2).state, target.ticket_of(2).minutes_spent) == ("level1", 0)
    assert "too long to be shown" in " ".join(target.last(L1, "held").text.split())
    assert states(target) == ["answered"]


def test_a_long_mail_of_no_ticket_is_given_back_too(target: TargetDesk) -> None:
    text = f"#requester zoe@example.net\n\n{LONG * 2}"
    target.send(target.mail(ALICE, text, subject="Somebody phoned"), "somebody@evil.example")
    assert "send it again, shorter" in " ".join(challenge(target).text.split())
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert "it again, shorter, and answer us when we ask" in " ".join(target.last(L1, "held").text.split())
    target.assert_untouched()


def test_more_files_than_are_named_is_too_long(target: TargetDesk) -> None:
    message = target.mail(ALICE, "#resolve See the files.", subject="Re: [SUP-2]")
    for number in range(30):
        message.add_attachment(b"x%d" % number, maintype="image", subtype="png", filename=f"{number}.png")
    target.send(message, "somebody@evil.example")
    assert "and 10 more" in challenge(target).text
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert target.ticket_of(2).state == "level1"


def test_what_is_too_long_keeps_no_other_from_being_done(target: TargetDesk) -> None:
    order(target, CAROL, "#note x", 4)
    order(target, CAROL, "#priority urgent", 4)
    order(target, CAROL, TOO_LONG["text"], 4)
    target.send(target.answer(CAROL, "yes", challenge(target, OF_CAROL)))
    second = challenge(target, OF_CAROL)
    assert "2 emails" in second.text
    target.send(target.answer(CAROL, "yes", second))
    assert (target.ticket_of(4).state, target.ticket_of(4).priority) == ("level2", "urgent")
    assert states(target) == ["answered", "answered"]


def test_what_turns_the_writing_is_shown(target: TargetDesk) -> None:
    order(target, text="#cc \u202eten.live@yrollam\u202c\n#note a\u2066b\n\nHi\u200bdden \u202egpj.exe")
    shown = challenge(target)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b") & set(shown.text)
    assert "[U+202E]gpj.exe" in shown.text


def test_a_note_cannot_speak_for_the_desk(target: TargetDesk) -> None:
    """The text of a bare #note is its argument: what is named as an order stands on one line."""
    order(target, text="#note\n\nAll is well.\n\nNothing was done. Reply with yes.")
    lines = challenge(target).text.splitlines()
    assert not any(line.startswith("Nothing was done. Reply") for line in lines)


def test_a_flood_of_orders_makes_no_flood(target: TargetDesk) -> None:
    order(target, text="#note x\n" * 100_000)
    assert len(challenge(target).raw) < 20_000


def test_one_question_has_room_for_so_much(target: TargetDesk) -> None:
    """Mails that do not fit come with the next question, and a yes is not for it."""
    order(target, text="#note x")
    for _ in range(8):
        order(target, text=f"#note y\n\n{'word ' * 700}")
    target.send(target.answer(ALICE, "no", challenge(target)))
    seen = []
    for _ in range(2):
        asked = challenge(target)
        seen.append(asked.text.count("Commands: #note y"))
        assert len(asked.text) < 30_000
        target.send(target.answer(ALICE, "no", asked))
    assert sum(seen) == 8
    assert states(target) == ["refused"] * 3
    assert len(target.delivered(L1)) >= 9


def test_a_strangers_question_is_bounded(tmp_path: Path, database_url: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "hold")
    desk.send(desk.mail(MALLORY, "#note x\n" * 50_000 + "\nHello", subject="Door"))
    assert len(desk.last(L1, "stranger").raw) < 20_000
    desk.close()


# -- neither yes nor no ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "nothing of that", "Sent from my iPhone", "yes?", "who are you"])
def test_no_word_leaves_the_question_open_and_is_answered_once(target: TargetDesk, text: str) -> None:
    order(target)
    first = challenge(target)
    for _ in range(3):
        row = target.send(target.answer(ALICE, text, first))
        assert target.row(row).state == "ignored"
    target.assert_untouched()
    assert states(target) == ["open"]
    asked = [mail for mail in target.delivered(OF_ALICE) if mail.notice == "challenge"]
    assert len(asked) == 2
    assert "We couldn’t tell whether your reply meant yes or no" in asked[1].text
    target.send(target.answer(ALICE, "Yes, it was me.", asked[1]))
    assert target.ticket_of(2).state == "confirming"


def test_a_word_that_was_none_puts_nothing_off(target: TargetDesk) -> None:
    """A machine that answers must not keep a question open."""
    order(target)
    target.pass_time("2 days")
    target.send(target.answer(ALICE, "hello", challenge(target)))
    target.pass_time("1 day")
    assert states(target) == ["expired"]


def test_what_came_later_is_not_shown_by_telling_how_to_answer(target: TargetDesk) -> None:
    order(target, text="#priority urgent")
    order(target, text="#close withdrawn")
    target.send(target.answer(ALICE, "hello", challenge(target)))
    again = challenge(target)
    assert "#close withdrawn" not in again.text
    target.send(target.answer(ALICE, "yes", again))
    assert (target.ticket_of(2).priority, target.ticket_of(2).state) == ("urgent", "level1")


def test_the_question_tells_no_more_than_was_written(target: TargetDesk) -> None:
    """An agent of another queue sees the mail in their name, and nothing of the ticket that it names."""
    target.send(target.answer(ALICE, "#note the password of Zoe is swordfish", target.of(L1, 2)))
    order(target, "Nils <nils@example.com>", "#show SUP-2\n#take", 2)
    shown = challenge(target, "nils@example.com")
    for word in ("swordfish", "Printer", "zoe@example.net", "level1@example.com", "Zoé"):
        assert word not in f"{shown.message}\n{shown.text}"


def test_without_sub_addresses_the_tag_brings_the_token(tmp_path: Path, database_url: str) -> None:
    config = CONFIG.replace("[desk]\n", '[desk]\nreply_address = "none"\n')
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer"))
    desk.send(desk.mail(ALICE, "#priority urgent", subject="Re: [SUP-1]"))
    answer = bare(desk.answer(ALICE, "yes", desk.last(OF_ALICE, "challenge")))
    assert str(answer["To"]) == "support@example.com"
    desk.send(answer)
    assert desk.ticket().priority == "urgent"
    desk.close()


YES = (
    "yes", "y", "Yes.", "yes please", "Yes, it was me.", "That was me, go on", "I wrote it", "#approve", "#approuver",
    "oui", "Oui, c'est bien moi", "Oui, c'est bien moi qui l'ai écrit", "C’était moi", "Ja, das war ich. Gruß Alice",
    "Ja.\n\nAlice", "Das war ich", "Sí", "sì, sono stato io", "sim", "tak", "Tak, to ja", "Да, это я", "はい", "evet",
)  # fmt: skip
NO = (
    "no", "Non !", "Nein", "nee", "não", "#reject", "#rejeter", "#spam", "No, I never wrote that!", "nope", "not me",
    "I did not write that", "It wasn’t me", "Ce n'est pas moi", "Nein, das war ich nicht.", "This is a fake", "いいえ",
    "Yes? It wasn't me!",
)  # fmt: skip
NO_WORD = (
    "", "?", "yes?", "no?", "ok", "Who wrote this?", "Is this phishing?", "who are you", "STOP", "unsubscribe",
    "Sent from my iPhone", "Alice Martin\nIT Support", "Call me", "Yes, not sure", "Yes, we have got your mail.",
    "I am out of office until Monday", "Ich bin bis Montag nicht im Büro.", "Ne pas répondre à ce message.",
    "Your message has been received, ticket #123 was created.", "No longer at this address", "Tak for din besked.",
    "I confirm receipt of your mail", "Yes, please block it", "Ich bestätige den Eingang", "yes and no", "Yes\nStop",
    "Yes\n\nPlease block it", "Yes, I have read it", "Oui, bien reçu", "Sí, recibido", "1. yes",
    "Si vous avez une urgence, appelez le 12.", "#approve?", "#close spam", f"yes\n{'word ' * 1000}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [(text, said) for said, texts in ((YesNo.YES, YES), (YesNo.NO, NO), (YesNo.NONE, NO_WORD)) for text in texts],
)
def test_only_a_yes_is_a_yes(text: str, said: YesNo) -> None:
    assert read_consent(text, {"alice"}) is said


# -- once, whatever happens --------------------------------------------------------------------------------------------


def test_the_same_order_again_is_the_same_mail(target: TargetDesk) -> None:
    message = raw(target.mail(ALICE, "#time 5m", subject="Re: [SUP-2]"))
    target.receive(message, OF_ALICE)
    assert target.row(target.receive(message, OF_ALICE)).state == "duplicate"
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert target.row(target.receive(message, OF_ALICE)).state == "duplicate"
    assert target.ticket_of(2).minutes_spent == 5


def test_what_was_proven_counts_from_then(target: TargetDesk) -> None:
    """Not from when it came: the ticket has lived on meanwhile."""
    order(target)
    target.pass_time("30 minutes")
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert target.ticket_of(2).resolved_at == target.clock.now()


def test_what_proved_a_mail_is_on_record(target: TargetDesk) -> None:
    row = order(target)
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert "challenge HOLD-1" in target.row(row).outcome


def test_a_ticket_merged_away_meanwhile(target: TargetDesk) -> None:
    row = order(target, text="#priority urgent")
    target.send(target.answer(BOB, "#merge SUP-4 yes", target.of(L1, 2)))
    target.send(target.answer(ALICE, "yes", challenge(target)))
    assert target.row(row).ticket_id == 4
    assert target.ticket_of(2).priority == "normal"


class Killed(BaseException):
    """As a kill does: nothing catches it, and the transaction is gone."""


def mortal(database: Database, when: str, number: int) -> None:
    """Let a database die at its `number`th commit from now on."""
    write, left = database.write, [number]

    @contextmanager
    def dying(*, urgent: bool = False) -> Iterator[Connection]:
        with write(urgent=urgent) as connection:
            yield connection
            left[0] -= 1
            if left[0] == 0 and when == "before":
                raise Killed
        if left[0] == 0 and when == "after":
            raise Killed

    database.write = dying  # type: ignore[method-assign]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 9))
def test_a_kill_between_the_answer_and_its_mails(tmp_path: Path, database_url: str, when: str, number: int) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer"))
    desk.send(desk.mail(ALICE, "#time 5m\n#resolve Restarted.", subject="Re: [SUP-1]"))
    asked = desk.last(OF_ALICE, "challenge")
    answer = raw(desk.answer(ALICE, "yes", asked))
    mortal(desk.desk.database, when, number)
    try:
        desk.receive(answer, OF_ALICE)
    except Killed:
        taken = number > 1 or when == "after"  # its first commit stores the answer
    else:
        taken = True
    mails = desk.relay.mails
    desk.desk.database.close()
    healed = TestDesk(tmp_path, database=database_url)
    healed.relay.mails[:] = mails
    with healed.desk.database.write() as connection:
        free_leases(connection, journal, healed.clock.now())
    healed.pass_time("1 minute")  # and a lease of the outbox runs out
    if not taken:
        healed.receive(answer, OF_ALICE)
    assert (healed.ticket().state, healed.ticket().minutes_spent) == ("confirming", 5)
    confirms = {mail.message_id for mail in healed.delivered("zoe@example.net") if mail.notice == "confirm"}
    assert len(confirms) == 1
    with healed.desk.database.read() as connection:
        assert list(connection.execute(select(holds.c.state)).scalars()) == ["answered"]
        assert set(connection.execute(select(journal.c.state)).scalars()) <= {"done", "duplicate"}
    healed.close()


def test_a_hold_that_fails_stops_no_other(target: TargetDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    order(target)
    order(target, CAROL, "#take", 4)
    run_out = target.desk.holds.run_out

    def fail_once(connection: Connection, number: int, now: datetime) -> bool:
        if number == 1 and not failed:
            failed.append(number)
            raise OSError("the disk is full")
        return run_out(connection, number, now)

    failed: list[int] = []
    monkeypatch.setattr(target.desk.holds, "run_out", fail_once)
    target.pass_time("3 days")
    assert states(target) == ["open", "expired"]
    target.pass_time("1 hour")
    assert states(target) == ["expired", "expired"]


def test_the_operator_is_told_of_a_hold_that_fails(target: TargetDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    order(target)

    def fail(*_: object) -> bool:
        raise KeyError("level9")

    monkeypatch.setattr(target.desk.holds, "run_out", fail)
    target.pass_time("4 days")
    alarm = target.last("operator@example.com", "alarm").text
    assert "HOLD-1, a question about a waiting email, couldn’t be sent: KeyError: 'level9'" in " ".join(alarm.split())
    assert states(target) == ["open"]


@pytest.mark.postgresql
@pytest.mark.parametrize("ending", ["answered", "expired"])
def test_a_hold_is_locked_after_the_tickets_of_its_mails(target: TargetDesk, ending: str) -> None:
    """A mail of a ticket locks that ticket and then the hold: in the other order two of them would deadlock."""
    order(target)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM tickets" in statement and "WHERE tickets.id = " in statement:
            asked.append("ticket")
        elif statement.lstrip().startswith("SELECT holds.id") and "WHERE holds.id = " in statement:
            asked.append("hold")

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with target.desk.database.write() as connection:
            if ending == "expired":
                target.desk.holds.run_out(connection, 1, target.clock.now() + timedelta(days=3))
            else:
                lock_hold(connection, 1)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert asked[:2] == ["ticket", "hold"]


@pytest.mark.postgresql
def test_a_ticket_that_joins_a_hold_meanwhile_is_locked_before_it(
    target: TargetDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(target)
    order(target, ticket=3)
    locked: list[int] = []
    found = store_holds._tickets_of
    looks = iter([1])  # the first look does not see the second ticket yet

    def look(connection: Connection, number: int) -> list[int]:
        return list(found(connection, number))[: next(looks, None)]

    def lock(connection: Connection, number: int) -> Ticket:
        locked.append(number)
        return lock_ticket(connection, number)

    monkeypatch.setattr(store_holds, "_tickets_of", look)
    monkeypatch.setattr(store_holds, "lock_ticket", lock)
    with target.desk.database.write() as connection:
        assert lock_hold(connection, 1) is not None
    assert locked == [2, 3]


# -- strangers ---------------------------------------------------------------------------------------------------------


def desk_that_knows(folder: Path, database: str, policy: str) -> TestDesk:
    (folder / "people.csv").write_text("address,name\nzoe@example.net,Zoé\n@example.org,Example\n")
    directory = f'\n[directory]\npeople = "{folder}/people.csv"\nunknown = "{policy}"\n'
    forms = '\n[trust]\nauthserv_id = ["mx.example.com"]\nrobots = ["robot@monitor.example"]\n'
    return TestDesk(folder, database=database, config=CONFIG + directory + forms)


def test_a_refused_stranger_is_told_once_and_reads_none_of_his_words(tmp_path: Path, database_url: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "refuse")
    row = desk.send(desk.mail(MALLORY, f"Hello {SECRET}", subject=f"Shoes {SECRET}"))
    desk.send(desk.mail(MALLORY, f"Hello again {SECRET}", subject=f"Hats {SECRET}"))
    (refused,) = desk.delivered("mallory@evil.example")
    assert (refused.notice, refused.return_path) == ("refused", "")
    assert SECRET not in f"{refused.message}\n{refused.text}"
    assert "Mallory" not in str(refused.message)
    assert desk.tickets() == []
    with desk.desk.database.read() as connection:
        kept = connection.execute(select(journal).where(journal.c.id == row)).one()
    assert (kept.state, "unknown" in kept.last_error) == ("ignored", True)
    desk.close()


def test_whoever_is_known_is_no_stranger(tmp_path: Path, database_url: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "refuse")
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer", cc="Friend <friend@far.example>"))
    desk.send(desk.mail("ANNA <Anna@Example.ORG>", "It is broken.", subject="Word"))
    desk.send(desk.mail(BOB, "My chair is broken.", subject="Chair"))
    desk.send(desk.mail("manager@example.com", "My door is broken.", subject="Door"))
    alert = desk.mail("robot@monitor.example", "Disk is full.", subject="Disk")
    desk.send(change(alert, Auto_Submitted="auto-generated"))
    assert len(desk.tickets()) == 5
    desk.close()


def test_to_stand_in_copy_makes_nobody_known(tmp_path: Path, database_url: str) -> None:
    """Anybody can forge a mail of a known person, and put their own address in its Cc."""
    desk = desk_that_knows(tmp_path, database_url, "hold")
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer", cc=MALLORY), "mallory@evil.example")
    desk.send(desk.mail(MALLORY, "Let me in.", subject="Door"))
    assert len(desk.tickets()) == 1
    assert desk.last(L1, "stranger")
    desk.close()


def test_whoever_brought_a_token_back_is_known(tmp_path: Path, database_url: str) -> None:
    friend = "Friend <friend@far.example>"
    desk = desk_that_knows(tmp_path, database_url, "refuse")
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer", cc=friend))
    desk.send(desk.answer(ALICE, "Switch it on.", desk.last(L1)))
    desk.send(desk.answer(friend, "It is on.", desk.last("friend@far.example")))
    desk.send(desk.mail(friend, "And mine, too.", subject="Mine"))
    assert len(desk.tickets()) == 2
    desk.close()


def test_nobody_is_refused_while_the_list_cannot_be_read(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "nothing").mkdir()
    config = f'{CONFIG}\n[directory]\npeople = "{tmp_path}/nothing/people.csv"\nunknown = "refuse"\n'
    desk = TestDesk(tmp_path, database=database_url, config=config)
    desk.send(desk.mail(MALLORY, "Hello", subject="Shoes"))
    assert len(desk.tickets()) == 1
    desk.close()


def test_an_answer_of_a_stranger_with_the_right_token_is_no_new_request(tmp_path: Path, database_url: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "hold")
    desk.send(desk.mail(ZOE, "It is broken.", subject="Printer"))
    desk.send(desk.answer(MALLORY, "I am her colleague.", desk.last("zoe@example.net")))
    assert [mail.notice for mail in desk.delivered(L1)] == ["request", "message"]
    desk.close()


@pytest.mark.parametrize("who", [MALLORY, CAROL, "operator@example.com", '"alice@example.com" <mallory@evil.example>'])
def test_only_the_level_says_yes_to_a_stranger(tmp_path: Path, database_url: str, who: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "hold")
    desk.send(desk.mail(MALLORY, "Let me in.", subject="Door"))
    desk.send(desk.answer(who, "#approve", desk.last(L1, "stranger")))
    assert desk.tickets() == []
    desk.send(desk.answer(ALICE, "#approve", desk.last(L1, "stranger")))
    assert len(desk.tickets()) == 1
    desk.close()


def test_a_yes_in_an_agents_name_that_is_forged_needs_proof_itself(tmp_path: Path, database_url: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "hold")
    desk.send(desk.mail(MALLORY, "Let me in.", subject="Door"))
    verdict = "mx.example.com; dmarc=fail header.from=example.com"
    desk.send(change(desk.answer(ALICE, "#approve", desk.last(L1, "stranger")), Authentication_Results=verdict))
    assert desk.tickets() == []
    desk.send(desk.answer(ALICE, "yes", desk.last(OF_ALICE, "challenge")))
    assert len(desk.tickets()) == 1
    desk.close()


def test_who_was_refused_is_let_in_by_hand(tmp_path: Path, database_url: str) -> None:
    """`mailgate requeue journal` makes a ticket of it."""
    desk = desk_that_knows(tmp_path, database_url, "refuse")
    row = desk.send(desk.mail(MALLORY, "Let me in.", subject="Door"))
    with desk.desk.database.write() as connection:
        assert requeue(connection, journal, [row], desk.clock.now())
    desk.settle()
    assert len(desk.tickets()) == 1
    desk.close()
