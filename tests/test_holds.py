"""Mails that wait for a word: whose word counts, that it counts once, and that nothing is lost or done twice by it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import Connection, select

from mailgate.parsers.consent import denies
from mailgate.store.database import Database
from mailgate.store.queue import free_leases, requeue
from mailgate.store.schema import holds, journal
from tests.desk import CONFIG, Delivered, TestDesk
from tests.town import ALICE, BOB, CAROL, MALLORY, SECRET, ZOE, Town, change, raw

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


def test_orders_are_named_however_long_the_mail_is(town: Town) -> None:
    order(town, text="\n".join([*["#time 1m"] * 300, "", "Hello", "", *["word " * 20] * 200, "", "#close spam"]))
    asked = challenge(town).text
    assert "#close spam" in asked
    assert len(asked) < 10_000


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


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("yes", False), ("Oui, c'est bien moi qui l'ai écrit", False), ("ok", False), ("", False), ("#approve", False),
        ("Ja.", False), ("That was me, go on", False), ("Yes, not a forgery.", False),
        ("no", True), ("Non !", True), ("Nein", True), ("nee", True), ("não", True), ("#reject", True),
        ("#rejeter", True),
        ("I did not write that", True), ("It wasn’t me", True), ("Ce n'est pas moi", True), ("Who wrote this?", True),
        ("This is a fake", True), ("いいえ", True), ("?", True),
    ],
)  # fmt: skip
def test_a_doubt_is_no_yes(text: str, denied: bool) -> None:
    assert denies(text) is denied


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
    desk.send(desk.mail("Friend <friend@far.example>", "And mine, too.", subject="Mine"))
    desk.send(desk.mail(BOB, "My chair is broken.", subject="Chair"))
    desk.send(desk.mail("manager@example.com", "My door is broken.", subject="Door"))
    alert = desk.mail("robot@monitor.example", "Disk is full.", subject="Disk")
    desk.send(change(alert, Auto_Submitted="auto-generated"))
    assert len(desk.tickets()) == 6
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
