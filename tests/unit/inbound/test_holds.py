"""Mails that wait for a word: whose word counts, that it counts once, and that nothing is lost or done twice by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, event, select

from mailgate.parsers.consent import Consent, read_consent
from mailgate.store import holds as store_holds
from mailgate.store.database import Database
from mailgate.store.holds import lock_hold
from mailgate.store.queue import free_leases, requeue
from mailgate.store.schema import holds, journal
from mailgate.store.tickets import Ticket, lock_ticket
from tests.support.attackers import ALICE, BOB, CAROL, MALLORY, SECRET, ZOE, Town, change, raw
from tests.support.desk import CONFIG, Delivered, TestDesk

OF_ALICE, OF_CAROL, L1 = "alice@example.com", "carol@example.com", "level1@example.com"
ORDER = f"#resolve Call 0900 {SECRET}"


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[Town]:
    town = Town(tmp_path, database=database_url)
    yield town
    town.close()


def order(town: Town, who: str = ALICE, text: str = ORDER, ticket: int = 2) -> int:
    """An order in somebody's name that nothing proves."""
    return town.send(town.mail(who, text, subject=f"Re: [SUP-{ticket}]"), "somebody@evil.example")


def challenge(town: Town, whose: str = OF_ALICE) -> Delivered:
    return town.last(whose, "challenge")


def bare(message: EmailMessage, **changes: str) -> EmailMessage:
    """Without the ids that would show what it answers."""
    return change(message, In_Reply_To="", References="", **changes)


def states(town: Town) -> list[str]:
    with town.desk.database.read() as connection:
        return list(connection.execute(select(holds.c.state).order_by(holds.c.id)).scalars())


def token_of(mail: Delivered) -> str:
    return mail.reply_to.partition("+")[2].partition("@")[0]


def at(token: str) -> str:
    return f"support+{token}@example.com"


# -- who may say yes ---------------------------------------------------------------------------------------------------


def test_the_answer_needs_its_token_only(town: Town) -> None:
    """Whatever From says: an agent may answer from his telephone, by another address."""
    order(town)
    town.send(town.answer("Alice <alice@home.example>", "yes", challenge(town)))
    assert town.ticket_of(2).state == "confirming"
    assert town.ticket_of(2).last_agent == OF_ALICE


def test_smtp_auth_needs_no_challenge(town: Town) -> None:
    message = town.mail(ALICE, "#resolve I restarted it.", subject="Re: [SUP-2]")
    town.receive(raw(message), OF_ALICE, auth_user=OF_ALICE)
    assert town.ticket_of(2).state == "confirming"
    assert states(town) == []


def test_the_login_of_a_colleague_is_no_proof(town: Town) -> None:
    town.receive(raw(town.mail(ALICE, ORDER, subject="Re: [SUP-2]")), OF_ALICE, auth_user="bob@example.com")
    town.assert_untouched()
    assert states(town) == ["open"]


def test_the_question_goes_to_the_listed_address(town: Town) -> None:
    order(town, "Alice <ALICE@Example.COM>")
    assert challenge(town).recipient == OF_ALICE
    assert not town.news(outside=True)


def test_the_answer_itself_orders_nothing(town: Town) -> None:
    order(town)
    town.send(town.answer(ALICE, f"Yes.\n\n#close spam\n#assign mallory@evil.example\n\n{SECRET}", challenge(town)))
    assert (town.ticket_of(2).state, town.ticket_of(2).assignee) == ("confirming", "")


FALSE_ANSWERS: dict[str, Callable[[Town, Delivered], EmailMessage]] = {
    "no token": lambda town, mail: town.mail(ALICE, "yes", subject=str(mail.message["Subject"])),
    "a bare tag": lambda town, _mail: town.mail(MALLORY, "yes", subject="Re: [HOLD-1]"),
    "a guessed token": lambda town, mail: bare(town.answer(ALICE, "yes", mail), To=at("HOLD-1.1.abcdefghijklmnop")),
    "a changed letter": lambda town, mail: bare(town.answer(ALICE, "yes", mail), To=at(changed(token_of(mail)))),
    "another question": lambda town, mail: bare(
        town.answer(ALICE, "yes", mail), To=at(token_of(mail).replace("HOLD-1.1", "HOLD-1.2"))
    ),
    "another hold": lambda town, mail: bare(
        town.answer(ALICE, "yes", mail), To=at(token_of(mail).replace("HOLD-1", "HOLD-2"))
    ),
    "zeros before the number": lambda town, mail: bare(
        town.answer(ALICE, "yes", mail), To=at(token_of(mail).replace("HOLD-1", "HOLD-0001"))
    ),
    "a bounce address of it": lambda town, mail: bare(town.answer(ALICE, "yes", mail), To=at(f"b.{token_of(mail)}")),
    "a ticket's token in its place": lambda town, mail: bare(
        town.answer(ALICE, "yes", mail), To=town.of(L1, 2).reply_to.replace("SUP-2", "HOLD-1")
    ),
    "the token in the text only": lambda town, mail: bare(
        change(town.answer(ALICE, f"yes\n{mail.reply_to}\n> {mail.message_id}", mail), To="support@example.com")
    ),
    "an automatic answer": lambda town, mail: change(
        town.answer(ALICE, "I am on holiday.", mail), Auto_Submitted="auto-replied"
    ),
    "an out of office that says only so": lambda town, mail: change(
        town.answer(ALICE, "I am out of the office until Monday.", mail), Subject="Automatic reply: Was this you?"
    ),
    "a mailing list": lambda town, mail: change(town.answer(ALICE, "yes", mail), List_Id="<talk.evil.example>"),
    "our own question": lambda _town, mail: mail.message,
    "the question, under another name": lambda _town, mail: change(mail.message, Message_ID="<ses.1@relay.example>"),
}  # fmt: skip


def changed(token: str) -> str:
    return f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}"


@pytest.mark.parametrize("name", FALSE_ANSWERS)
def test_what_is_no_answer_carries_nothing_out(town: Town, name: str) -> None:
    order(town)
    order(town, CAROL, "#take", 4)
    row = town.receive(raw(FALSE_ANSWERS[name](town, challenge(town))), "somebody@evil.example")
    town.assert_untouched()
    assert states(town) == ["open", "open"]
    assert town.row(row).state in ("done", "ignored")
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert town.ticket_of(2).state == "confirming"


def test_a_null_sender_does_not_answer(town: Town) -> None:
    order(town)
    town.receive(raw(town.answer(ALICE, "yes", challenge(town))), "")
    town.assert_untouched()
    assert states(town) == ["open"]


def test_anothers_token_answers_his_own_question_only(town: Town) -> None:
    order(town)
    order(town, CAROL, "#priority urgent", 4)
    town.send(town.answer(ALICE, "yes", challenge(town, OF_CAROL)))
    assert (town.ticket_of(2).state, town.ticket_of(4).priority) == ("level1", "urgent")
    assert states(town) == ["open", "answered"]


def test_a_token_works_once(town: Town) -> None:
    order(town)
    used = challenge(town)
    town.send(town.answer(ALICE, "yes", used))
    order(town, text="#priority urgent")
    row = town.send(town.answer(MALLORY, "yes", used))
    assert (town.row(row).state, town.ticket_of(2).priority) == ("ignored", "normal")
    assert states(town) == ["answered", "open"]


def test_the_token_of_a_hold_opens_no_ticket(town: Town) -> None:
    """Neither as a ticket's token nor as a way to write to one."""
    order(town)
    mail = challenge(town)
    to = at(token_of(mail).replace("HOLD-1", "SUP-1"))
    town.receive(raw(bare(town.answer(ZOE, f"resolved {SECRET}", mail), To=to, Subject="Hm")), "zoe@example.net")
    town.assert_untouched()
    assert town.ticket().id == 5


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
    desk.send(bare(desk.answer(ALICE, "yes\n\n#priority low", asked), Subject="Hm"))
    assert [ticket.priority for ticket in desk.tickets()] == ["urgent"]
    desk.send(desk.answer(ALICE, "#priority low", request))
    assert desk.tickets()[0].priority == "low"
    desk.close()


def test_a_forgery_that_joins_is_not_covered_by_the_yes(town: Town) -> None:
    """Whoever knows that a question is open cannot ride on its answer."""
    order(town, text="#priority urgent")
    order(town, text=f"#close withdrawn\n\n{SECRET}")
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert (town.ticket_of(2).priority, town.ticket_of(2).state) == ("urgent", "level1")
    second = challenge(town)
    assert "#close withdrawn" in second.text
    assert "HOLD-2" in str(second.message["Subject"])
    town.send(town.answer(ALICE, "no", second))
    assert town.ticket_of(2).state == "level1"
    town.assert_silent()


# -- what a yes has seen -----------------------------------------------------------------------------------------------

LONG = "As we said on the telephone. " * 80 + "\n\nCall 0900-555.\n\n" + "Kind words again. " * 40


def test_what_would_leave_is_shown_whole(town: Town) -> None:
    message = town.mail(ALICE, f"#resolve\n\n{LONG}", subject="Re: [SUP-2]")
    message.add_attachment(b"MZ", maintype="image", subtype="png", filename="logo.png", disposition="inline")
    town.send(message, "somebody@evil.example")
    shown = challenge(town).text
    assert "Call 0900-555." in shown
    assert "logo.png" in shown
    assert "[…]" not in shown
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert town.ticket_of(2).state == "confirming"


TOO_LONG = {
    "text": f"#resolve\n\n{LONG * 2}",
    "lines": "#resolve\n\n" + "ok\n" * 300 + "Call 0900-555.",
    "orders": "#time 1m\n" * 21 + "#close withdrawn",
    "one order": f"#resolve {'word ' * 1000}",
}


@pytest.mark.parametrize("which", TOO_LONG)
def test_what_cannot_be_shown_whole_is_not_done(town: Town, which: str) -> None:
    order(town, text=TOO_LONG[which])
    asked = challenge(town)
    assert "Too long to be shown here" in asked.text
    town.send(town.answer(ALICE, "yes", asked))
    assert (town.ticket_of(2).state, town.ticket_of(2).minutes_spent) == ("level1", 0)
    assert "too long to be shown" in " ".join(town.last(L1, "held").text.split())
    assert states(town) == ["answered"]


def test_a_long_mail_of_no_ticket_is_given_back_too(town: Town) -> None:
    text = f"#requester zoe@example.net\n\n{LONG * 2}"
    town.send(town.mail(ALICE, text, subject="Somebody phoned"), "somebody@evil.example")
    assert "send it again, shorter" in " ".join(challenge(town).text.split())
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert "write it again, shorter, and answer" in " ".join(town.last(L1, "held").text.split())
    town.assert_untouched()


def test_more_files_than_are_named_is_too_long(town: Town) -> None:
    message = town.mail(ALICE, "#resolve See the files.", subject="Re: [SUP-2]")
    for number in range(30):
        message.add_attachment(b"x%d" % number, maintype="image", subtype="png", filename=f"{number}.png")
    town.send(message, "somebody@evil.example")
    assert "and 10 more" in challenge(town).text
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert town.ticket_of(2).state == "level1"


def test_what_is_too_long_keeps_no_other_from_being_done(town: Town) -> None:
    order(town, CAROL, "#note x", 4)
    order(town, CAROL, "#priority urgent", 4)
    order(town, CAROL, TOO_LONG["text"], 4)
    town.send(town.answer(CAROL, "yes", challenge(town, OF_CAROL)))
    second = challenge(town, OF_CAROL)
    assert "2 mails" in second.text
    town.send(town.answer(CAROL, "yes", second))
    assert (town.ticket_of(4).state, town.ticket_of(4).priority) == ("level2", "urgent")
    assert states(town) == ["answered", "answered"]


def test_what_turns_the_writing_is_shown(town: Town) -> None:
    order(town, text="#cc \u202eten.live@yrollam\u202c\n#note a\u2066b\n\nHi\u200bdden \u202egpj.exe")
    shown = challenge(town)
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b") & set(shown.text)
    assert "[U+202E]gpj.exe" in shown.text


def test_a_note_cannot_speak_for_the_desk(town: Town) -> None:
    """The text of a bare #note is its argument: what is named as an order stands on one line."""
    order(town, text="#note\n\nAll is well.\n\nNothing was done. Reply with yes.")
    lines = challenge(town).text.splitlines()
    assert not any(line.startswith("Nothing was done. Reply") for line in lines)


def test_a_flood_of_orders_makes_no_flood(town: Town) -> None:
    order(town, text="#note x\n" * 100_000)
    assert len(challenge(town).raw) < 20_000


def test_one_question_has_room_for_so_much(town: Town) -> None:
    """What does not fit comes with the next question, and a yes is not for it."""
    order(town, text="#note x")
    for _ in range(8):
        order(town, text=f"#note y\n\n{'word ' * 700}")
    town.send(town.answer(ALICE, "no", challenge(town)))
    seen = []
    for _ in range(2):
        asked = challenge(town)
        seen.append(asked.text.count("Orders: #note y"))
        assert len(asked.text) < 30_000
        town.send(town.answer(ALICE, "no", asked))
    assert sum(seen) == 8
    assert states(town) == ["refused"] * 3
    assert len(town.delivered(L1)) >= 9


def test_a_strangers_question_is_bounded(tmp_path: Path, database_url: str) -> None:
    desk = desk_that_knows(tmp_path, database_url, "hold")
    desk.send(desk.mail(MALLORY, "#note x\n" * 50_000 + "\nHello", subject="Door"))
    assert len(desk.last(L1, "stranger").raw) < 20_000
    desk.close()


# -- neither yes nor no ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["", "nothing of that", "Sent from my iPhone", "yes?", "who are you"])
def test_no_word_leaves_the_question_open_and_is_answered_once(town: Town, text: str) -> None:
    order(town)
    first = challenge(town)
    for _ in range(3):
        row = town.send(town.answer(ALICE, text, first))
        assert town.row(row).state == "ignored"
    town.assert_untouched()
    assert states(town) == ["open"]
    asked = [mail for mail in town.delivered(OF_ALICE) if mail.notice == "challenge"]
    assert len(asked) == 2
    assert "could not be read as a yes or a no" in asked[1].text
    town.send(town.answer(ALICE, "Yes, it was me.", asked[1]))
    assert town.ticket_of(2).state == "confirming"


def test_a_word_that_was_none_puts_nothing_off(town: Town) -> None:
    """A machine that answers must not keep a question open."""
    order(town)
    town.pass_time("2 days")
    town.send(town.answer(ALICE, "hello", challenge(town)))
    town.pass_time("1 day")
    assert states(town) == ["expired"]


def test_what_came_later_is_not_shown_by_telling_how_to_answer(town: Town) -> None:
    order(town, text="#priority urgent")
    order(town, text="#close withdrawn")
    town.send(town.answer(ALICE, "hello", challenge(town)))
    again = challenge(town)
    assert "#close withdrawn" not in again.text
    town.send(town.answer(ALICE, "yes", again))
    assert (town.ticket_of(2).priority, town.ticket_of(2).state) == ("urgent", "level1")


def test_the_question_tells_no_more_than_was_written(town: Town) -> None:
    """An agent of another queue is told what came in his name, and nothing of the ticket that it names."""
    town.send(town.answer(ALICE, "#note the password of Zoe is swordfish", town.of(L1, 2)))
    order(town, "Nils <nils@example.com>", "#show SUP-2\n#take", 2)
    shown = challenge(town, "nils@example.com")
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
    "Si vous avez une urgence, appelez le 12.", "#approve?", "#close spam", f"yes\n{'word ' * 1000}",
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [(text, said) for said, texts in ((Consent.YES, YES), (Consent.NO, NO), (Consent.NONE, NO_WORD)) for text in texts],
)
def test_only_a_yes_is_a_yes(text: str, said: Consent) -> None:
    assert read_consent(text) is said


# -- once, whatever happens --------------------------------------------------------------------------------------------


def test_the_same_order_again_is_the_same_mail(town: Town) -> None:
    message = raw(town.mail(ALICE, "#time 5m", subject="Re: [SUP-2]"))
    town.receive(message, OF_ALICE)
    assert town.row(town.receive(message, OF_ALICE)).state == "duplicate"
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert town.row(town.receive(message, OF_ALICE)).state == "duplicate"
    assert town.ticket_of(2).minutes_spent == 5


def test_what_was_proven_counts_from_then(town: Town) -> None:
    """Not from when it came: the ticket has lived on meanwhile."""
    order(town)
    town.pass_time("30 minutes")
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert town.ticket_of(2).resolved_at == town.clock.now()


def test_what_proved_a_mail_is_on_record(town: Town) -> None:
    row = order(town)
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert "challenge HOLD-1" in town.row(row).outcome


def test_a_ticket_merged_away_meanwhile(town: Town) -> None:
    row = order(town, text="#priority urgent")
    town.send(town.answer(BOB, "#merge SUP-4 yes", town.of(L1, 2)))
    town.send(town.answer(ALICE, "yes", challenge(town)))
    assert town.row(row).ticket_id == 4
    assert town.ticket_of(2).priority == "normal"


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
    mails = desk.far_end.mails
    desk.desk.database.close()
    healed = TestDesk(tmp_path, database=database_url)
    healed.far_end.mails[:] = mails
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


def test_a_hold_that_fails_stops_no_other(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order(town)
    order(town, CAROL, "#take", 4)
    run_out = town.desk.holds.run_out

    def fail_once(connection: Connection, number: int, now: datetime) -> bool:
        if number == 1 and not failed:
            failed.append(number)
            raise OSError("the disk is full")
        return run_out(connection, number, now)

    failed: list[int] = []
    monkeypatch.setattr(town.desk.holds, "run_out", fail_once)
    town.pass_time("3 days")
    assert states(town) == ["open", "expired"]
    town.pass_time("1 hour")
    assert states(town) == ["expired", "expired"]


def test_the_operator_is_told_of_a_hold_that_fails(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    order(town)

    def fail(*_: object) -> bool:
        raise KeyError("level9")

    monkeypatch.setattr(town.desk.holds, "run_out", fail)
    town.pass_time("4 days")
    alarm = town.last("operator@example.com", "alarm").text
    assert "HOLD-1, a question about mail that waits, failed: KeyError: 'level9'" in " ".join(alarm.split())
    assert states(town) == ["open"]


@pytest.mark.parametrize("ending", ["answered", "expired"])
def test_a_hold_is_locked_after_the_tickets_of_its_mails(town: Town, ending: str) -> None:
    """Whoever brings a mail of a ticket holds that ticket and then wants the hold: the other way they would meet."""
    order(town)
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FROM tickets" in statement and "WHERE tickets.id = " in statement:
            asked.append("ticket")
        elif statement.lstrip().startswith("SELECT holds.id") and "WHERE holds.id = " in statement:
            asked.append("hold")

    event.listen(Engine, "before_cursor_execute", note)
    try:
        with town.desk.database.write() as connection:
            if ending == "expired":
                town.desk.holds.run_out(connection, 1, town.clock.now() + timedelta(days=3))
            else:
                lock_hold(connection, 1)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert asked[:2] == ["ticket", "hold"]


def test_a_ticket_that_joins_a_hold_meanwhile_is_locked_before_it(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(town)
    order(town, ticket=3)
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
    with town.desk.database.write() as connection:
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
    """Anybody can forge a mail of somebody known, and put himself in its Cc."""
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
        assert requeue(connection, journal, row, desk.clock.now())
    desk.settle()
    assert len(desk.tickets()) == 1
    desk.close()
