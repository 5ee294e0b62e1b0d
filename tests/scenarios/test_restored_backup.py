"""A backup is restored that is older than the last mails: nothing reaches the wrong person, and people hear of it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.__main__ import main
from mailgate.core.tokens import sign
from mailgate.daemon.numbering import continue_numbers
from mailgate.store.database import Database
from mailgate.store.schema import journal, tickets
from tests.support.desk import CONFIG, Delivered, TestDesk
from tests.support.mails import bounce_of, find_links

ALICE, CAMILLE, DORA, ZOE = "alice@example.com", "camille@example.org", "dora@example.org", "zoe@example.net"
L1, OPERATOR = "level1@example.com", "operator@example.com"
SECRET = "your password is hunter2"


class RestoredDesk(TestDesk):
    """A desk whose database file is saved, and put back by hand later, as docs/operations.md says."""

    __test__ = False

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        self._config = config
        super().__init__(folder, database=f"sqlite:///{folder}/desk.db", config=config)

    @property
    def mark(self) -> Path:
        return self.folder / "desk.db.highest"

    def save(self) -> None:
        self.close()
        shutil.copy(self.folder / "desk.db", self.folder / "saved.db")
        self.restart(self._config)

    def restore(self, *, forget_mark: bool = False) -> None:
        self.close()
        for name in ("desk.db-wal", "desk.db-shm"):
            (self.folder / name).unlink(missing_ok=True)
        shutil.copy(self.folder / "saved.db", self.folder / "desk.db")
        if forget_mark:
            self.mark.unlink()
        database = Database(self.settings.store.database)
        continue_numbers(self.settings, database, self.clock)
        database.close()
        self.relay.mails.clear()
        self.restart(self._config)

    def outcome(self, row: int) -> tuple[str, str]:
        with self.desk.database.read() as connection:
            state, outcome = connection.execute(
                select(journal.c.state, journal.c.outcome + journal.c.last_error).where(journal.c.id == row)
            ).one()
        return str(state), str(outcome)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[RestoredDesk]:
    desk = RestoredDesk(tmp_path)
    yield desk
    desk.close()


@pytest.fixture
def lost(desk: RestoredDesk) -> Delivered:
    """Level 1's mail of SUP-2, Camille's, which was lost with a restored backup that ends with SUP-1."""
    desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
    desk.save()
    desk.send(desk.mail(CAMILLE, "I forgot my password.", subject="Password"))
    return desk.last(L1, "request")


@pytest.mark.usefixtures("lost")
def test_numbers_go_on_behind_the_lost_ones(desk: RestoredDesk) -> None:
    assert desk.mark.stat().st_mode & 0o777 == 0o600
    desk.restore()
    desk.settle()
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    assert [one.reference for one in desk.tickets()] == ["SUP-1", "SUP-3"]


@pytest.mark.usefixtures("lost")
def test_a_lost_ticket_is_named_as_one(desk: RestoredDesk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.restore()
    config = ["--config", str(desk.folder / "mailgate.toml")]
    for words in (["show", "SUP-2"], ["show", "2"], ["note", "sup-2", "lost"]):
        capsys.readouterr()
        assert main([*words, *config], desk.clock) == 1
        assert f"mailgate: {words[1]} was issued, but is not in this database" in capsys.readouterr().err
    for never in ("SUP-3", "FOO-2", "SUP-0", "0"):
        assert main(["show", never, *config], desk.clock) == 1
        assert capsys.readouterr().err == f"mailgate: there is no ticket {never}\n"


@pytest.mark.usefixtures("lost")
def test_the_operator_hears_of_it_once(desk: RestoredDesk) -> None:
    desk.restore()
    words = " ".join(desk.last(OPERATOR, "alarm").text.split())
    assert "Its highest ticket number is 1, but the desk had already assigned SUP-2" in words
    continue_numbers(desk.settings, desk.desk.database, desk.clock)
    desk.settle()
    assert len(desk.delivered(OPERATOR)) == 1


@pytest.mark.parametrize("key", ["signed address", "signed message-id", "signed tag"])
def test_an_agents_reply_to_a_lost_ticket_reaches_nobody(desk: RestoredDesk, lost: Delivered, key: str) -> None:
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    zoes = desk.tickets()[-1]
    assert zoes.reference == "SUP-2"
    desk.relay.mails.clear()
    answer = desk.answer(ALICE, f"Dear Camille, {SECRET}.\n\n#resolve", lost)
    if key != "signed address":
        answer.replace_header("To", "support@example.com")
    if key == "signed tag":
        token = lost.message_id.strip("<>").partition("@")[0].replace(".", " ", 1)
        answer.replace_header("Subject", f"Re: Password [{token}]")
        answer.replace_header("In-Reply-To", "<gone@example.com>")
        answer.replace_header("References", "<gone@example.com>")
    state, why = desk.outcome(desk.send(answer))
    assert (state, why.partition(" SUP")[0]) == ("ignored", key)
    assert "SUP-2 is not in this database" in why
    assert sorted(mail.recipient for mail in desk.relay.mails) == [ALICE, OPERATOR]
    assert [one for one in desk.tickets() if one.id == zoes.id] == [zoes]
    assert len(desk.tickets()) == 2
    told = desk.last(ALICE, "reply").text
    assert all(words in told for words in ("SUP-2", SECRET, "Nothing in it was carried out"))
    alarm = desk.last(OPERATOR, "alarm").text
    assert all(words in alarm for words in ("SUP-2", ALICE))
    assert SECRET not in alarm


@pytest.mark.usefixtures("lost")
def test_a_key_of_the_lost_ticket_is_not_beaten_by_the_bare_tag(desk: RestoredDesk) -> None:
    """Also where it cannot be known to whom the lost mail went, and the author is proven otherwise."""
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    zoes = desk.tickets()[-1]
    token = sign(desk.settings.desk.keys, "SUP-2", 7, "left@example.com", word="aaaa")
    mail = desk.mail(ALICE, f"Dear Camille, {SECRET}.", subject="Re: [SUP-2]", to=f"support+{token}@example.com")
    mail.make_mixed()
    desk.receive(mail.as_bytes(), ALICE, auth_user=ALICE)
    assert SECRET not in " ".join(one.text for one in desk.delivered(ZOE))
    assert next(one for one in desk.tickets() if one.id == zoes.id) == zoes


def test_an_answer_to_a_number_that_is_not_there_raises_the_counter(desk: RestoredDesk, lost: Delivered) -> None:
    desk.restore(forget_mark=True)
    desk.send(desk.answer(ALICE, f"Dear Camille, {SECRET}.", lost))
    assert [one.reference for one in desk.tickets()] == ["SUP-1"]
    assert sorted(mail.recipient for mail in desk.relay.mails) == [ALICE, OPERATOR]
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    assert [one.reference for one in desk.tickets()] == ["SUP-1", "SUP-3"]


def test_the_operator_is_told_once_a_day_of_a_lost_ticket(desk: RestoredDesk, lost: Delivered) -> None:
    desk.restore(forget_mark=True)
    for words in ("First.", "Second.", "Third."):
        desk.send(desk.answer(ALICE, words, lost))
    assert len(desk.delivered(OPERATOR)) == 1
    assert len(desk.delivered(ALICE)) == 3


@pytest.mark.usefixtures("lost")
def test_a_requesters_reply_to_a_lost_ticket_is_a_new_one(desk: RestoredDesk) -> None:
    receipt = desk.last(CAMILLE, "receipt")
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    zoes = desk.tickets()[-1]
    desk.relay.mails.clear()
    desk.send(desk.answer(CAMILLE, "It is urgent.", receipt))
    new = desk.tickets()[-1]
    assert (zoes.reference, new.reference, new.requester) == ("SUP-2", "SUP-3", CAMILLE)
    assert desk.tickets()[-2] == zoes
    assert "It replies to SUP-2, which the desk no longer has" in desk.last(L1, "request").text
    assert not desk.delivered(ZOE)
    assert len(desk.delivered(OPERATOR)) == 1


def test_a_bounce_of_a_lost_notice_is_not_noted_at_the_new_ticket(desk: RestoredDesk, lost: Delivered) -> None:
    """Though the new ticket has a notice of the same number to the same address."""
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    assert desk.last(L1, "request").return_path.split(".")[:3] == lost.return_path.split(".")[:3]
    zoes = desk.tickets()[-1]
    row = desk.receive(bounce_of(lost), "", (lost.return_path,))
    assert desk.outcome(row) == ("ignored", "a bounce of no notice of ours" * 2)
    assert desk.tickets()[-1] == zoes


@pytest.mark.usefixtures("lost")
def test_a_yes_to_a_lost_challenge_carries_nothing_out(desk: RestoredDesk) -> None:
    order = desk.mail(ALICE, f"#resolve {SECRET}", subject="[SUP-1]")
    desk.send(order)
    challenge = desk.last(ALICE, "challenge")
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ALICE, "#resolve I changed the cable.", subject="[SUP-1]"))
    before = desk.tickets()[0]
    desk.relay.mails.clear()
    desk.send(desk.answer(ALICE, "yes", challenge))
    assert desk.tickets() == [before]
    assert "HOLD-1" in desk.last(ALICE, "reply").text
    assert desk.delivered(DORA) == []


@pytest.mark.parametrize("is_taken", [False, True])
def test_a_ticket_that_is_brought_back_from_a_bundle_is_answered_again(
    desk: RestoredDesk, lost: Delivered, tmp_path: Path, capsys: pytest.CaptureFixture[str], is_taken: bool
) -> None:
    """Under its own number, or under another one: then the Message-ID that is answered leads to it."""
    config = ["--config", str(tmp_path / "mailgate.toml")]
    assert main(["export", "SUP-2", "--output", str(tmp_path / "SUP-2.zip"), *config], desk.clock) == 0
    desk.restore(forget_mark=is_taken)
    if is_taken:
        desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    assert main(["import", str(tmp_path / "SUP-2.zip"), *config], desk.clock) == 0, capsys.readouterr().err
    desk.send(desk.answer(ALICE, "Dear Camille, I reset it.", lost))
    if is_taken:  # its token names SUP-2, and proves nobody in SUP-3
        desk.send(desk.answer(ALICE, "yes", desk.last(ALICE, "challenge")))
    assert "I reset it." in desk.last(CAMILLE, "answer").text
    assert not any("I reset it." in mail.text for mail in desk.delivered(ZOE))


def test_a_reply_to_a_lost_notice_of_a_ticket_that_is_there_needs_proof(desk: RestoredDesk) -> None:
    desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
    desk.save()
    desk.send(desk.answer(DORA, "It flickers, too.", desk.last(DORA, "receipt")))
    later = desk.relay.mails[-1]
    assert later.recipient == L1
    desk.restore()
    answer = desk.answer(ALICE, "#resolve I changed the cable.", later)
    answer.replace_header("Subject", "Re: Screen")
    answer.replace_header("References", later.message_id)
    desk.send(answer)
    assert desk.ticket().state == "level1"
    desk.send(desk.answer(ALICE, "yes", desk.last(ALICE, "challenge")))
    assert desk.ticket().state == "confirming"


def test_tokens_from_before_words_still_answer_their_ticket(desk: RestoredDesk) -> None:
    desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
    request = desk.last(L1, "request")
    with desk.desk.database.write() as connection:
        connection.execute(tickets.update().values(word=""))
    old = sign(desk.settings.desk.keys, "SUP-1", 2, L1)
    assert len(old.mac) == 16
    number = int(request.message_id.split(".")[1])
    old = sign(desk.settings.desk.keys, "SUP-1", number, L1)
    desk.send(desk.mail(ALICE, "#resolve I changed the cable.", subject="Re: Screen", to=f"support+{old}@example.com"))
    assert desk.ticket().state == "confirming"


def test_a_token_without_its_word_is_none_of_a_ticket_that_has_one(desk: RestoredDesk) -> None:
    desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
    number = int(desk.last(L1, "request").message_id.split(".")[1])
    old = sign(desk.settings.desk.keys, "SUP-1", number, L1)
    desk.send(desk.mail(ALICE, "#resolve I changed the cable.", subject="Re: Screen", to=f"support+{old}@example.com"))
    assert desk.ticket().state == "level1"
    assert "SUP-1" in desk.last(ALICE, "reply").text


def test_a_token_of_another_key_is_named(desk: RestoredDesk) -> None:
    desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
    receipt = desk.last(DORA, "receipt")
    word = receipt.message_id.split(".")[2][:4]
    forged = sign((b"another key" * 4,), "SUP-1", 1, DORA, word=word)
    mail = desk.mail(DORA, "It flickers, too.", subject="Re: [SUP-1]", to=f"support+{forged}@example.com")
    assert "signed address SUP-1.1 does not verify: signed by another key" in desk.outcome(desk.send(mail))[1]


@pytest.mark.usefixtures("lost")
def test_an_id_of_a_lost_notice_never_becomes_one_of_another_ticket(desk: RestoredDesk) -> None:
    """Also where an agent threads their answer to the new ticket with a mail of the lost one."""
    lost = desk.last(L1, "request")
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    answer = desk.answer(ALICE, "Please switch it off and on.", desk.last(L1, "request"))
    answer.replace_header("In-Reply-To", lost.message_id)
    answer.replace_header("References", f"{lost.message_id} {answer['References']}")
    desk.send(answer)
    assert "Please switch it off and on." in desk.last(ZOE, "answer").text
    desk.send(desk.answer(ALICE, f"Dear Camille, {SECRET}.", lost))
    assert not any(SECRET in mail.text for mail in desk.delivered(ZOE))
    assert SECRET in desk.last(ALICE, "reply").text


@pytest.mark.usefixtures("lost")
def test_a_bare_tag_beside_a_lost_token_does_not_lead_to_what_the_new_ticket_was_merged_into(
    desk: RestoredDesk,
) -> None:
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    desk.send(desk.answer(ALICE, "#merge SUP-1 yes", desk.last(L1, "request")))
    assert [one.reference for one in desk.tickets()] == ["SUP-1"]
    desk.relay.mails.clear()
    token = sign(desk.settings.desk.keys, "SUP-2", 7, "left@example.com", word="aaaa")
    mail = desk.mail(ALICE, f"Dear Camille, {SECRET}.", subject="Re: [SUP-2]", to=f"support+{token}@example.com")
    desk.send(mail)
    for challenge in [one for one in desk.delivered(ALICE) if one.notice == "challenge"]:
        desk.send(desk.answer(ALICE, "yes", challenge))
    assert not any(SECRET in one.text for one in (*desk.delivered(ZOE), *desk.delivered(DORA)))


@pytest.mark.usefixtures("lost")
def test_a_notice_after_the_restore_has_no_message_id_of_a_lost_one(desk: RestoredDesk) -> None:
    """Servers drop a second mail of the same Message-ID, and a yes to the lost question would answer the new one."""
    desk.send(desk.answer(ALICE, "#resolve Press the left button.", _first_request(desk)))
    lost = desk.last(DORA, "confirm")
    request = _first_request(desk)
    desk.restore()
    desk.send(desk.answer(ALICE, "#resolve Throw it away.", request))
    new = desk.last(DORA, "confirm")
    assert new.message_id != lost.message_id
    desk.send(desk.answer(DORA, "Yes, solved, thank you.", lost))
    assert desk.tickets()[0].state == "confirming"
    desk.send(desk.answer(DORA, "Yes, solved, thank you.", new))
    assert desk.tickets()[0].state == "finalizing"


def _first_request(desk: RestoredDesk) -> Delivered:
    return next(one for one in desk.delivered(L1) if one.notice == "request")


@pytest.mark.usefixtures("lost")
@pytest.mark.parametrize("who", [ALICE, OPERATOR])
def test_an_answer_to_what_the_desk_says_of_a_lost_ticket_reaches_nobody_else(desk: RestoredDesk, who: str) -> None:
    lost = desk.last(L1, "request")
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    desk.send(desk.answer(ALICE, f"Dear Camille, {SECRET}.", lost))
    told = desk.delivered(who)[-1]
    desk.relay.mails.clear()
    desk.send(desk.answer(who, f"It was: {SECRET}", told))
    for challenge in [one for one in desk.relay.mails if one.notice == "challenge"]:
        desk.send(desk.answer(who, "yes", challenge))
    assert not any(SECRET in one.text for one in desk.delivered(ZOE))


def test_a_mark_that_the_operator_writes_by_hand_is_kept(desk: RestoredDesk) -> None:
    """A backup on a new machine: the file beside the database is missing there."""
    desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
    desk.save()
    desk.mark.write_text("2000\n")
    desk.restore()
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    desk.send(desk.mail(ZOE, "The scanner, too.", subject="Scanner"))
    assert [one.reference for one in desk.tickets()] == ["SUP-1", "SUP-2001", "SUP-2002"]
    desk.restore()
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    assert desk.tickets()[-1].reference == "SUP-2003"


@pytest.mark.parametrize("style", ["minus", "catch-all", "none"])
@pytest.mark.parametrize("change", ["capitals", "no ids", "all addressed", "new in copy", "forwarded"])
def test_no_style_of_signed_address_lets_a_lost_answer_through(tmp_path: Path, style: str, change: str) -> None:
    desk = RestoredDesk(tmp_path, CONFIG.replace("[desk]", f'[desk]\nreply_address = "{style}"'))
    try:
        desk.send(desk.mail(DORA, "My screen is dark.", subject="Screen"))
        desk.save()
        desk.send(desk.mail(CAMILLE, "I forgot my password.", subject="Password"))
        lost = desk.last(L1, "request")
        desk.restore(forget_mark=True)
        desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
        desk.send(_changed(desk.answer(ALICE, f"Dear Camille, {SECRET}.", lost), change, desk.last(L1, "request")))
        for challenge in [one for one in desk.delivered(ALICE) if one.notice == "challenge"]:
            desk.send(desk.answer(ALICE, "yes", challenge))
        assert not any(SECRET in one.text for one in (*desk.delivered(ZOE), *desk.delivered(DORA)))
    finally:
        desk.close()


def _changed(answer: EmailMessage, change: str, new: Delivered) -> EmailMessage:
    """An answer to a lost ticket as clients and people change it; `new` is the mail of the ticket of its number."""
    match change:
        case "capitals":
            answer.replace_header("To", str(answer["To"]).upper())
            answer.replace_header("Subject", str(answer["Subject"]).upper())
        case "no ids":
            del answer["In-Reply-To"], answer["References"]
        case "all addressed":
            answer.replace_header("To", f"support@example.com, {answer['To']}")
            answer["Cc"] = L1
        case "new in copy":
            answer["Cc"] = new.reply_to
        case "forwarded":
            answer.replace_header("Subject", f"Fwd: {str(answer['Subject']).removeprefix('Re: ')}")
    return answer


@pytest.mark.usefixtures("lost")
def test_what_a_third_party_answers_to_a_lost_question_reaches_nobody_else(desk: RestoredDesk) -> None:
    """Nor does it where another person than the one asked answers from the same mail."""
    expert = "expert@example.net"
    desk.send(desk.answer(ALICE, "#ask expert@example.net\nWhat can we do?", desk.last(L1, "request")))
    asked = desk.last(expert)
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    zoes = desk.tickets()[-1]
    for person in (expert, "colleague@example.net"):
        desk.send(desk.answer(person, f"For Camille: {SECRET}", asked))
    assert next(one for one in desk.tickets() if one.id == zoes.id) == zoes
    assert not desk.delivered(ZOE)[1:]
    assert [one.requester for one in desk.tickets()[2:]] == [expert, "colleague@example.net"]


@pytest.mark.usefixtures("lost")
def test_links_of_a_lost_question_answer_no_other_ticket(desk: RestoredDesk) -> None:
    desk.send(desk.answer(ALICE, "#resolve I reset it.", desk.last(L1, "request")))
    links = find_links(desk.last(CAMILLE, "confirm"))
    assert len(links) == 2
    desk.restore(forget_mark=True)
    desk.send(desk.mail(ZOE, "The printer jams.", subject="Printer"))
    desk.send(desk.answer(ALICE, "#resolve Take the paper out.", desk.last(L1, "request")))
    zoes = desk.tickets()[-1]
    assert (zoes.reference, zoes.state) == ("SUP-2", "confirming")
    for to, subject, body in links:
        desk.send(desk.mail(CAMILLE, body, subject=subject, to=to))
    assert next(one for one in desk.tickets() if one.id == zoes.id) == zoes
