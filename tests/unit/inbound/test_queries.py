"""Questions by mail as their askers get them answered: what proves them, what they may see, and what no mail can do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.config.people import People
from mailgate.inbound.queries.lists import list_for
from mailgate.notices.digest import Digests, list_recipients
from mailgate.store.events import list_events
from mailgate.store.knowledge import ArticleKind, NewArticle, put_article
from mailgate.store.people import get_absence
from tests.support.desk import CONFIG, TestDesk, refused

ANNA, ALICE, CAROL = "Anna Martin <anna@example.org>", "Alice <alice@example.com>", "Carol <carol@example.com>"
NILS = "Nils <nils@network.example>"
NETWORK = """
[trust]
authserv_id = ["mx.example.com"]
[limits]
list_lines = 3
agent_mails_per_hour = 8
automatic_per_address_hour = 0
[queues.network]
address = "network@example.com"
levels.level1.mailbox = "level1@network.example"
levels.level1.agents = ["nils@network.example"]
levels.level2.mailbox = "level2@network.example"
"""
CANARY = "Zorglub"


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + NETWORK)
    yield desk
    desk.close()


def request(desk: TestDesk, subject: str = CANARY, sender: str = ANNA) -> None:
    desk.send(desk.mail(sender, f"{subject} does not start.", subject=subject))


def proven(mail: EmailMessage) -> EmailMessage:
    domain = str(mail["From"]).rpartition("@")[2].rstrip(">")
    mail["Authentication-Results"] = f"mx.example.com; dmarc=pass header.from={domain}"
    return mail


def ask(desk: TestDesk, agent: str, text: str, to: str = "support@example.com") -> list[str]:
    """The mails that an agent gets for their questions, each with its subject."""
    before = len(desk.relay.mails)
    desk.send(proven(desk.mail(agent, text, subject="A question", to=to)))
    return [f"{one.message['Subject']}\n{one.text}" for one in desk.relay.mails[before:]]


def test_smtp_auth_proves_an_agent(desk: TestDesk) -> None:
    request(desk)
    mail = desk.mail(ALICE, "#list level1", subject="Work")
    desk.receive(mail.as_bytes(), "alice@example.com", auth_user="alice@example.com")
    assert CANARY in desk.last("alice@example.com", "reply").text
    assert len(desk.tickets()) == 1


def test_a_reply_with_the_levels_token_may_ask_without_more_proof(desk: TestDesk) -> None:
    request(desk)
    request(desk, "Another word")
    desk.send(desk.answer(ALICE, "#find another", desk.delivered("level1@example.com")[0]))
    assert "SUP-2" in desk.last("alice@example.com", "reply").text


def test_the_answer_is_one_thread_with_the_question_and_says_that_no_human_wrote_it(desk: TestDesk) -> None:
    mail = proven(desk.mail(ALICE, "#list", subject="My work"))
    desk.send(mail)
    reply = desk.last("alice@example.com", "reply").message
    assert str(reply["In-Reply-To"]) == str(mail["Message-ID"])
    assert str(reply["References"]).split()[0] == str(mail["Message-ID"])
    assert str(reply["Subject"]) == "Re: My work"
    assert str(reply["Auto-Submitted"]).startswith("auto-")


def test_a_question_in_a_ticket_answers_without_its_signed_tag(desk: TestDesk) -> None:
    request(desk)
    desk.send(desk.answer(ALICE, "#list", desk.delivered("level1@example.com")[0]))
    assert str(desk.last("alice@example.com", "reply").message["Subject"]) == f"Re: {CANARY}"


@pytest.mark.parametrize(
    "text",
    [
        "#list", "#list all", "#list level1", "#list mine default", "#list all default", "#find zorglub", "#find anna",
        "#find sup", "#show SUP-1", "#explain SUP-1", "#report month", "#help", "#show sup-1\n#explain [SUP-1]",
        "#find %", "#find _", "#find ' OR 1=1 --", "#list all' OR '1'='1",
    ],
)  # fmt: skip
def test_another_queues_agent_learns_nothing(desk: TestDesk, text: str) -> None:
    request(desk)
    for mail in ask(desk, NILS, text):
        assert CANARY not in mail
        assert "Anna" not in mail
        assert "anna@" not in mail.replace("such as “#requester anna@example.org”", "").replace(
            "Begin with #requester anna@example.org", ""
        )


def test_a_hidden_ticket_is_answered_as_one_that_is_not_there(desk: TestDesk) -> None:
    request(desk)
    hidden, missing = ask(desk, NILS, "#show SUP-1")[0], ask(desk, NILS, "#show SUP-7")[0]
    assert hidden.replace("SUP-1", "SUP-7") == missing.replace("SUP-1", "SUP-7")


def test_a_requester_asks_in_vain(desk: TestDesk) -> None:
    request(desk)
    assert [mail.partition("\n")[0] for mail in ask(desk, ANNA, "#list all\n#show SUP-1")] == [
        "[SUP-2] We’ve received your request", "A question [SUP-2]",
    ]  # fmt: skip


def test_lists_end_with_how_many_there_are_more(desk: TestDesk) -> None:
    for number in range(5):
        request(desk, f"Word {number}")
    (mail,) = ask(desk, ALICE, "#list all")
    assert "All open tickets (5)" in mail
    assert mail.count(" Word ") == 3
    assert "And 2 more." in mail


def test_late_tickets_are_listed_as_breaching(desk: TestDesk) -> None:
    request(desk)
    assert "Overdue or due soon (0)" in ask(desk, ALICE, "#list breaching")[0]
    desk.pass_time("200 minutes")
    assert CANARY in ask(desk, ALICE, "#list breaching")[0]


@pytest.mark.parametrize(("minutes", "overdue"), [(-1, False), (0, True), (1, True)])
def test_lists_and_the_digest_agree_at_the_minute_of_the_deadline(desk: TestDesk, minutes: int, overdue: bool) -> None:
    request(desk)
    (ticket,) = desk.tickets()
    rights, digests = People(desk.settings).access_of("alice@example.com"), Digests(desk.settings)
    directory, due = desk.desk.directory.current(), ticket.promise_due
    assert rights is not None
    assert due is not None
    recipient = next(one for one in list_recipients(desk.settings) if one.key == "alice@example.com")
    now = due + timedelta(minutes=minutes)
    with desk.desk.database.read() as connection:
        listed = list_for(connection, desk.settings, rights, "alice@example.com", "level1", now)
        told = digests.gather(connection, recipient, None, directory, now)
    (line,) = (line for section in listed.sections for line in section.lines)
    in_digest = [one.overdue for section in told.sections for one in section.lines]
    assert line.overdue is overdue
    assert set(in_digest) == {overdue}


def test_what_waits_for_the_requester_is_listed_as_waiting(desk: TestDesk) -> None:
    request(desk)
    desk.send(desk.answer(ALICE, "#waiting\nWhich version?", desk.last("level1@example.com", "request")))
    mail = ask(desk, ALICE, "#list waiting\n#list breaching")[0]
    assert "with Level 1 · waiting for the requester" in mail
    assert mail.count(CANARY) == 1


def test_the_figures_of_a_report(desk: TestDesk) -> None:
    request(desk)
    request(desk, "Another")
    desk.pass_time("30 minutes")
    desk.send(desk.answer(ALICE, "#resolve Restarted.", desk.delivered("level1@example.com")[0]))
    desk.pass_time("30 minutes")
    desk.send(desk.answer(ANNA, "not fixed", desk.last("anna@example.org", "confirm")))
    desk.pass_time("30 minutes")
    desk.send(desk.answer(ALICE, "#resolve Replaced.", desk.last("alice@example.com", "not_fixed")))
    desk.send(desk.answer(ANNA, "resolved", desk.last("anna@example.org", "confirm")))
    desk.send(desk.answer(ALICE, "#escalate", desk.delivered("level1@example.com")[1]))
    text = ask(desk, ALICE, "#report day")[0]
    for line in (
        "- New: 2", "- Resolved: 2", "- Confirmed by the requester: 1", "- Reopened: 1", "- Escalated: 1",
        "- Still open: 1", "- Overdue: 0", "- Median time to the first answer: 30\xa0min",
        "- Median time to the solution: 30\xa0min", "Level 1: 2 resolved, 1 escalated, 0 open, 0 overdue",
        "Level 2: 0 resolved, 0 escalated, 1 open, 0 overdue",
    ):  # fmt: skip
        assert line in text
    desk.pass_time("3 days")
    assert "- New: 0" in ask(desk, ALICE, "#report day")[0]


def test_the_breaker_of_agents_counts_answers(desk: TestDesk) -> None:
    for number in range(10):
        desk.send(proven(desk.mail(ALICE, f"#find word{number}", subject="x")))
    assert len(desk.delivered("alice@example.com")) == 8
    assert "alice@example.com" in desk.last("operator@example.com", "alarm").text
    desk.pass_time("2 hours")
    assert ask(desk, ALICE, "#list")


def test_so_many_questions_of_one_mail_are_answered(desk: TestDesk) -> None:
    for number in range(7):
        request(desk, f"{CANARY} {number}")
    (mail,) = ask(desk, ALICE, "\n".join(f"#find word{number}" for number in range(12)))
    assert mail.count("Results for") == 10
    assert "10 questions" in mail
    mails = ask(desk, ALICE, "\n".join(f"#show SUP-{number}" for number in range(1, 8)))
    assert len([one for one in mails if "Recent activity" in one]) == 5


@pytest.mark.parametrize(
    "text",
    [
        "#find " + "a" * 100_000,
        "#find " + "word " * 20_000,
        "#list " + "x" * 100_000,
        "#list mine\n" * 20_000,
        "#away " + "until " * 20_000,
        "#explain SUP-999999999999",
        "#show SUP-0",
        "#report \x0b\x1f",
        "#find \ud83d\ude00é ÉCOLE <script>".encode("utf-16", "surrogatepass").decode("utf-16"),
    ],
)
def test_hostile_arguments_are_answered_in_no_time(desk: TestDesk, text: str) -> None:
    request(desk)
    began = time.process_time()
    mails = ask(desk, ALICE, text)
    assert time.process_time() - began < 5
    assert len(mails) == 1
    assert max(map(len, mails)) < 60_000
    assert len(desk.tickets()) == 1


def test_words_of_a_requester_are_no_line_of_the_desks(desk: TestDesk) -> None:
    """A subject that looks like a command, a heading or a quote is shown between marks."""
    for subject in ("#close spam", "> quoted", "- item", "-----", "    typed"):
        request(desk, subject)
    text = ask(desk, ALICE, "#list all\n#explain SUP-1")[0]
    assert not [line for line in text.splitlines()[1:] if line.startswith(("#", ">", "    "))]


def test_explain_names_what_was_not_sent(desk: TestDesk) -> None:
    desk.relay.refuse["anna@example.org"] = refused()
    request(desk)
    text = flat(ask(desk, ALICE, "#explain SUP-1")[0])
    assert " Sent to level1@example.com: the request" in text
    assert "Not sent to Anna" in text


def test_find_does_not_care_about_case_and_takes_every_word(desk: TestDesk) -> None:
    request(desk, "Écran noir")
    request(desk, "Écran blanc")
    for words in ("écran NOIR", "ÉCRAN noir", "noir anna@example.org", "sup-1"):
        mail = ask(desk, ALICE, f"#find {words}")[0]
        assert " Écran noir ·" in mail, words
        assert "blanc" not in mail, words
        desk.pass_time("1 hour")


def test_find_names_articles_too_but_none_of_another_queue(desk: TestDesk) -> None:
    with desk.desk.database.write() as connection:
        for what, queue in (("toner", "default"), ("router", "network")):
            title = f"How to replace the {what}"
            writing = NewArticle(ArticleKind.SOLUTION, f"OLD-{what}", title, f"{title}.", "en", queue)
            put_article(connection, writing, desk.clock.now())
    assert "Knowledge base (1) ------------------ Article 1: How to replace the toner" in flat(
        ask(desk, ALICE, "#find replace toner")[0]
    )
    assert "router" not in ask(desk, ALICE, "#find replace it")[0]


def flat(text: str) -> str:
    return " ".join(text.split())


def test_who_is_away_is_known(desk: TestDesk) -> None:
    ask(desk, ALICE, "#away 3 days")
    with desk.desk.database.read() as connection:
        until = get_absence(connection, "alice@example.com", desk.clock.now())
    assert until is not None
    assert until.astimezone(desk.settings.default_queue.zone).isoformat() == "2026-11-26T00:00:00+01:00"
    ask(desk, ALICE, "#away back")
    with desk.desk.database.read() as connection:
        assert get_absence(connection, "alice@example.com", desk.clock.now()) is None


# -- requests written down for a requester -----------------------------------------------------------------------------


def submit(desk: TestDesk, text: str, *, to: str = "support@example.com", agent: str = ALICE) -> None:
    desk.send(proven(desk.mail(agent, text, subject="Word", to=to)))


def test_nothing_internal_of_a_submission_reaches_the_requester(desk: TestDesk) -> None:
    orders = f"#requester anna@example.org\n#note {CANARY}\n#cause {CANARY}\n#resolve Restarted."
    submit(desk, f"{orders}\n\nWord is broken.")
    mails = desk.delivered("anna@example.org")
    assert [mail.notice for mail in mails] == ["receipt", "confirm"]
    for mail in mails:
        assert CANARY not in mail.raw.decode()
        assert "alice" not in mail.raw.decode().casefold()


def test_a_bare_note_keeps_all_of_it_inside(desk: TestDesk) -> None:
    submit(desk, f"#requester anna@example.org\n#note\n\n{CANARY}")
    assert desk.ticket().requester == "anna@example.org"
    assert all(CANARY not in mail.raw.decode() for mail in desk.delivered("anna@example.org"))


def test_an_agent_of_another_queue_may_write_a_request_down_and_classify_it(desk: TestDesk) -> None:
    submit(desk, "#requester anna@example.org\n#type incident\n#close spam\n\nWord is broken.", agent=NILS)
    ticket = desk.ticket()
    assert (ticket.queue, ticket.state, ticket.type, ticket.submitter) == (
        "default", "level1", "incident", "nils@network.example",
    )  # fmt: skip
    assert desk.last("nils@network.example", "late_level")


def test_the_queue_is_that_of_the_address(desk: TestDesk) -> None:
    submit(desk, "#requester anna@example.org\n\nNo network.", to="network@example.com")
    assert desk.ticket().queue == "network"
    assert desk.last("level1@network.example", "request")


def test_people_in_copy_of_the_agents_mail_are_not_of_the_ticket(desk: TestDesk) -> None:
    mail = desk.mail(ALICE, "#requester anna@example.org\n\nWord is broken.", subject="Word", cc="ben@example.org")
    desk.send(proven(mail))
    assert desk.delivered("ben@example.org") == []
    desk.send(desk.answer(ALICE, "Restart it.", desk.last("level1@example.com", "request")))
    assert desk.delivered("ben@example.org") == []


def test_the_requester_is_written_to_in_the_language_that_is_known(desk: TestDesk) -> None:
    desk.send(desk.mail(ANNA, "Bonjour, mon clavier ne marche plus depuis ce matin. Merci !", subject="Clavier"))
    submit(desk, "#requester anna@example.org\n\nThe mouse of this woman is broken now as well.")
    assert "Nous avons enregistré votre demande" in desk.last("anna@example.org", "receipt").text


def test_a_levels_mailbox_cannot_be_a_requester(desk: TestDesk) -> None:
    submit(desk, "#requester level2@example.com\n\nLoop.")
    assert desk.tickets() == []
    assert "can’t be a requester" in desk.last("alice@example.com", "reply").text


@pytest.mark.parametrize("forged", [ALICE, CAROL, "level1@example.com", "manager@example.com"])
def test_a_forged_submission_opens_nothing(desk: TestDesk, forged: str) -> None:
    mail = desk.mail(forged, "#requester anna@example.org\n#resolve Call 0900-555.\n\nHello", subject="Word")
    mail["Authentication-Results"] = "mx.evil.example; dmarc=pass header.from=example.com"
    desk.send(mail)
    assert desk.tickets() == []
    assert desk.delivered("anna@example.org") == []


def test_what_a_customer_wrote_orders_nothing_when_it_is_forwarded(desk: TestDesk) -> None:
    text = (
        "#requester\n\nFrom: Anna Martin <anna@example.org>\nSent: Monday, November 23, 2026 8:00 AM\n"
        "To: Alice <alice@example.com>\nSubject: Word\n\nWord is broken.\n\n#resolve Nothing.\n#priority urgent\n"
    )
    mail = proven(desk.mail(ALICE, text, subject="FW: Word"))
    desk.send(mail)
    ticket = desk.ticket()
    assert (ticket.requester, ticket.state, ticket.priority) == ("anna@example.org", "level1", "normal")
    assert "#resolve Nothing." in desk.last("level1@example.com", "request").text


def test_a_question_that_is_asked_again_is_answered_once(desk: TestDesk) -> None:
    request(desk)
    questions = "#list all\n#LIST  All\n#find word\n#list all\n#find Word\n#report week\n#report week\n#find pen"
    (answer,) = ask(desk, ALICE, questions)
    assert answer.count("All open tickets") == 1
    assert answer.count("Results for") == 2
    assert answer.count("first answer") <= 1
    assert len(ask(desk, ALICE, "#show SUP-1\n#show sup-1\n#show SUP-1")) == 1


def test_what_the_desk_does_by_itself_is_told_without_a_name_and_in_one_time_zone(desk: TestDesk) -> None:
    desk.relay.refuse["anna@example.org"] = refused()
    request(desk)
    desk.pass_time("4 business hours")
    desk.restart((CONFIG + NETWORK).replace("2 business days", "3 business days"))
    desk.pass_time("1 minute")
    told = "\n".join(ask(desk, ALICE, "#show SUP-1\n#explain SUP-1"))
    assert "an email couldn’t be delivered" in told
    assert "the deadlines were recalculated" in told
    assert " ·  " not in told
    assert "desk the deadlines" not in told
    with desk.desk.database.read() as connection:
        fired = next(row for row in list_events(connection, 1) if row.event == "timer escalation")
    assert fired.reason == "due 2026-11-23 14:00 (Europe/Paris)"
