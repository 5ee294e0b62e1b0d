"""Tokens as they come back: in other letters, too late, twice, as bounces, and in answers to what the desk answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.attackers import ALICE, ANNA, BOB, CAROL, MALLORY, SECRET, ZOE, TargetDesk, change, raw
from tests.support.desk import Delivered
from tests.support.mails import bounce_of, encrypt

L1, L2, OF_ANNA, OF_ZOE = "level1@example.com", "level2@example.com", "anna@example.org", "zoe@example.net"
BEN, OF_BEN, OF_VENDOR = "Ben <ben@example.org>", "ben@example.org", "sales@vendor.example"


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


def test_a_client_that_writes_the_token_in_capitals_answers_all_the_same(target: TargetDesk) -> None:
    notice = target.of(OF_ANNA, 1)
    local, _, domain = notice.reply_to.partition("@")
    message = change(
        target.answer("ANNA@Example.ORG", "Yes, it is resolved.", notice),
        To=f"{local.upper()}@{domain.upper()}",
        In_Reply_To="",
        References="",
    )
    target.send(message)
    assert target.ticket_of(1).state == "finalizing"


def test_yesterdays_yes_is_no_answer_to_todays_solution(target: TargetDesk) -> None:
    old = target.of(OF_ANNA, 1, "confirm")
    target.send(target.answer(ANNA, "It is not fixed.", old))
    target.send(target.answer(BOB, "#resolve I reinstalled it again.", target.of("alice@example.com", 1, "not_fixed")))
    assert target.ticket_of(1).state == "confirming"
    target.send(target.answer(ANNA, "Yes, it is resolved.", old))
    assert target.ticket_of(1).state == "confirming"
    target.send(target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1, "confirm")))
    assert target.ticket_of(1).state == "finalizing"


def test_the_same_yes_replayed_is_the_same_mail(target: TargetDesk) -> None:
    yes = raw(target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1)))
    target.receive(yes, OF_ANNA)
    target.send(target.answer(ANNA, "It is not fixed, sorry.", target.of(OF_ANNA, 1)))
    target.send(target.answer(BOB, "#resolve I reinstalled it again.", target.of("alice@example.com", 1, "not_fixed")))
    row = target.receive(b"Received: from replay.example by mx.example.com\r\n" + yes, OF_ANNA)
    assert (target.ticket_of(1).state, target.row(row).state) == ("confirming", "duplicate")


def bounce(target: TargetDesk, *, to: str, names: str) -> bytes:
    """A report of the confirm notice's failure, to that address and about that Message-ID."""
    notice = target.of(OF_ANNA, 1, "confirm")
    report = bounce_of(notice).replace(notice.return_path.encode(), to.encode())
    return report.replace(notice.message_id.encode(), names.encode())


@pytest.mark.parametrize("kind", ["a changed letter", "a reply token", "no token"])
def test_a_forged_bounce_tells_nobody_that_a_notice_failed(target: TargetDesk, kind: str) -> None:
    notice = target.of(OF_ANNA, 1, "confirm")
    local, _, domain = notice.return_path.partition("@")
    reply = notice.reply_to.partition("+")[2]
    to = {
        "a changed letter": f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}",
        "a reply token": f"support+b.{reply}",
        "no token": "support@example.com",
    }[kind]
    row = target.receive(bounce(target, to=to, names="<foreign@evil.example>"), "", (to,))
    target.assert_untouched()
    assert target.news(outside=False) == target.news(outside=True) == []
    assert target.row(row).last_error == "a bounce of no notice of ours"


def test_a_true_bounce_is_heard(target: TargetDesk) -> None:
    to = target.of(OF_ANNA, 1, "confirm").return_path
    target.receive(bounce(target, to=to, names="<foreign@evil.example>"), "", (to,))
    assert [mail.notice for mail in target.news(outside=False)] == ["decision"]


def test_spam_in_an_agents_name_does_not_shut_the_agent_out(target: TargetDesk) -> None:
    target.send(target.mail(ALICE, "Buy now!", subject="Offer"))
    target.send(target.answer(BOB, "#close spam", target.of(L1, 5)))
    assert target.ticket_of(5).state == "closed"
    target.send(target.answer(ALICE, "#resolve Toner changed.", target.of(L1, 2)))
    assert target.ticket_of(2).state == "confirming"


def test_the_manager_may_answer_what_the_desk_answered_him(target: TargetDesk) -> None:
    target.send(target.answer(CAROL, "#escalate beyond me", target.of(L2, 4)))
    target.send(target.answer("manager@example.com", f"#note {SECRET}\n#status", target.of("manager@example.com", 4)))
    target.send(target.answer("manager@example.com", "#close withdrawn", target.of("manager@example.com", 4, "status")))
    assert target.ticket_of(4).state == "finalizing"


# -- the token of another person of the ticket -------------------------------------------------------------------------

VERDICTS = {
    "no verdict": "",
    "fail": "mx.example.com; dmarc=fail header.from={0}",
    "the holder's pass": "mx.example.com; dmarc=pass header.from={1}",
}


def holds(target: TargetDesk, how: str) -> Delivered:
    """A mail of SUP-1 to another person than Anna, for whom that ticket is."""
    if how == "merged":
        target.send(target.answer(BOB, "#merge SUP-1 yes", target.of(L1, 2)))
        return target.of(OF_ZOE, 2)
    target.send(target.answer(BOB, "#cc ben@example.org", target.of(L1, 1)))
    target.send(target.answer(BOB, "#resolve I reinstalled it again.", target.of(L1, 1)))
    target.send(target.answer(BOB, "Do restart it, too.", target.of(L1, 1)))
    return target.of(OF_BEN, 1)


@pytest.mark.parametrize("verdict", VERDICTS)
@pytest.mark.parametrize("words", ["Yes, it is resolved.", "It is still broken.", "Please keep my colleague informed."])
@pytest.mark.parametrize("how", ["merged", "in copy"])
def test_a_token_of_another_person_proves_no_requester(target: TargetDesk, how: str, words: str, verdict: str) -> None:
    token = holds(target, how)
    target.before, target.seen = target.snapshots(), len(target.relay.mails)
    domains = "example.org", token.recipient.partition("@")[2].replace("example.org", "evil.example")
    forged = change(target.answer(ANNA, f"{words} {SECRET}", token), Cc=MALLORY)
    forged = change(forged, Authentication_Results=VERDICTS[verdict].format(*domains))
    row = target.receive(raw(forged), token.recipient, [token.reply_to])
    target.assert_untouched()
    target.assert_silent()
    assert target.is_recorded(row)
    assert ("your mail server says" in " ".join(target.news(outside=False)[-1].text.split())) is (verdict == "fail")


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_person_in_copy_brings_nobody_in_the_requesters_name(target: TargetDesk, verdict: str) -> None:
    target.send(target.answer(ALICE, "#cc ben@example.org\n\nHello both.", target.of(L1, 2)))
    token = target.of(OF_BEN, 2)
    forged = change(target.answer(ZOE, "Please keep my colleague informed.", token), Cc=MALLORY)
    forged = change(forged, Authentication_Results=VERDICTS[verdict].format("example.net", "example.org"))
    target.receive(raw(forged), OF_BEN, [token.reply_to])
    assert target.snapshots()[1].participants == (OF_BEN, OF_ZOE)
    assert ("#cc mallory@evil.example" in target.last("alice@example.com", "message").text) is (verdict != "fail")


@pytest.mark.parametrize("who", [ANNA, BEN])
def test_a_persons_own_token_counts_in_copy_as_well(target: TargetDesk, who: str) -> None:
    token = holds(target, "in copy")
    own = target.of(OF_ANNA, 1) if who == ANNA else token
    yes = change(target.answer(who, "Yes, it is resolved.", own), Authentication_Results=VERDICTS["fail"])
    target.receive(raw(yes), own.recipient, [own.reply_to])
    assert target.ticket_of(1).state == "finalizing"


@pytest.mark.parametrize(
    ("how", "state"), [("in copy", "finalizing"), ("in copy, older", "confirming"), ("merged", "confirming")]
)
def test_a_pass_proves_the_requester_with_the_token_of_another(target: TargetDesk, how: str, state: str) -> None:
    """Who answers all on the mail of a person in copy brings that person's token."""
    token = holds(target, how)
    if how == "in copy, older":
        target.send(target.answer(BOB, "#resolve I reinstalled it a third time.", target.of(L1, 1)))
    yes = change(target.answer(ANNA, "Yes, it is resolved.", token), Cc="bo@x.de")
    yes = change(yes, Authentication_Results="mx.example.com; dmarc=pass header.from=example.org")
    target.receive(raw(yes), OF_ANNA, [token.reply_to])
    assert target.ticket_of(1).state == state
    assert "bo@x.de" in target.snapshots()[0].participants


def test_a_token_of_a_merged_ticket_proves_whom_it_was_sent_to(target: TargetDesk) -> None:
    """Zoé joined the kept ticket: her old token speaks for her, and closes nothing."""
    token = holds(target, "merged")
    target.send(target.answer(BOB, "#cc zoe@example.net", target.of(L1, 1)))
    fail = VERDICTS["fail"].format("example.net")
    for words, state in (("Yes, it is resolved.", "confirming"), ("It is not fixed.", "level1")):
        mail = change(target.answer(ZOE, words, token), Authentication_Results=fail)
        target.receive(raw(mail), OF_ZOE, [token.reply_to])
        assert target.ticket_of(1).state == state


# -- encrypted mails ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "recipient", "verdict", "asked"),
    [
        (ZOE, OF_ZOE, "", [OF_ZOE]),
        (ZOE, OF_ZOE, "fail", [OF_ZOE]),
        (ZOE, OF_BEN, "", []),
        (ZOE, OF_BEN, "fail", []),
        (BEN, OF_BEN, "", []),
        (OF_VENDOR, OF_VENDOR, "", []),
        (MALLORY, OF_ZOE, "", []),
    ],
)
def test_only_an_encrypted_mail_of_the_requester_asks_them_to_write_in_clear(
    target: TargetDesk, who: str, recipient: str, verdict: str, asked: list[str]
) -> None:
    target.send(target.answer(ALICE, f"#ask {OF_VENDOR}\n\nDo you know this?", target.of(L1, 2)))
    target.send(target.answer(ALICE, "#cc ben@example.org\n\nHello both.", target.of(L1, 2)))
    token, target.seen = target.of(recipient, 2), len(target.relay.mails)
    mail = encrypt(target.answer(who, "x", token))
    mail = change(mail, Authentication_Results=VERDICTS[verdict].format("example.net") if verdict else "")
    row = target.receive(raw(mail), recipient, [token.reply_to])
    assert target.is_recorded(row)
    assert target.news(outside=False)
    assert [mail.recipient for mail in target.news(outside=True) if mail.notice == "write_in_clear"] == asked
