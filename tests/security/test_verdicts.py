"""The pinned server's verdict: what a fail stops, what a pass is worth, and of whom it speaks."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select

from mailgate.core.mail import AuthResult
from mailgate.inbound.auth_results import read_auth_results
from mailgate.parsers.message import read_mail
from mailgate.store.schema import timers
from tests.support.attackers import ALICE, ANNA, DAN, MALLORY, SECRET, ZOE, TargetDesk, change, raw
from tests.support.desk import CONFIG, Delivered, TestDesk

L1, L2 = "level1@example.com", "level2@example.com"
OF_ALICE, OF_ANNA, OF_ZOE, OF_DAN = "alice@example.com", "anna@example.org", "zoe@example.net", "dan@example.org"
SOLVE = f"#resolve Call 0900 {SECRET}"


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


def says(result: str, domain: str) -> str:
    return f"mx.example.com; dmarc={result} header.from={domain}"


def list_timers(target: TestDesk, ticket: int) -> list[tuple[str, object]]:
    with target.desk.database.read() as connection:
        rows = connection.execute(
            select(timers.c.name, timers.c.due_at).where(timers.c.ticket_id == ticket, timers.c.state == "waiting")
        )
        return sorted((str(name), due) for name, due in rows)


def without_token(target: TargetDesk, who: str, text: str, notice: Delivered, **changes: str) -> EmailMessage:
    """A reply that only a stored Message-ID threads."""
    message = target.answer(who, text, notice, quote=False)
    first = str(notice.message["References"]).split()[0]
    return change(message, To="support@example.com", In_Reply_To=first, References="", **changes)


# -- a fail without a token --------------------------------------------------------------------------------------------

WORDS = {
    "a message": f"Any news? {SECRET}",
    "a yes": f"Yes, it is resolved. {SECRET}",
    "a no": f"It is not fixed. {SECRET}",
    "thanks": f"Thanks! {SECRET}",
}


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("by", ["a bare tag", "a stored Message-ID", "a level's token"])
def test_a_refused_mail_is_recorded_and_moves_nothing(target: TargetDesk, by: str, words: str) -> None:
    target.send(target.answer(ALICE, "#waiting\n\nWhich printer?", target.of(L1, 2)))
    target.before, before = target.snapshots(), list_timers(target, 2)
    if by == "a bare tag":
        message = target.mail(ZOE, WORDS[words], subject="Re: Printer [SUP-2]", cc=MALLORY)
    elif by == "a stored Message-ID":
        message = change(without_token(target, ZOE, WORDS[words], target.of(L1, 2, "request")), Cc=MALLORY)
    else:
        message = change(target.answer(ZOE, WORDS[words], target.of(L1, 2, "request")), Cc=MALLORY)
    seen = len(target.relay.mails)
    row = target.receive(raw(change(message, Authentication_Results=says("fail", "example.net"))), "x@evil.example")
    target.assert_untouched()
    assert list_timers(target, 2) == before
    assert target.is_recorded(row)
    assert [(mail.recipient, mail.notice) for mail in target.relay.mails[seen:]] == [("alice@example.com", "message")]
    shown = " ".join(target.relay.mails[-1].text.split())
    assert "your mail server says that this email isn’t from" in shown
    assert "mallory@evil.example" not in shown
    assert "#cc" not in shown


@pytest.mark.parametrize("words", WORDS)
def test_a_refused_mail_reopens_nothing_and_asks_nobody_outside(target: TargetDesk, words: str) -> None:
    target.send(target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1)))
    target.pass_time("5 business days")
    assert target.ticket_of(1).state == "closed"
    target.before, target.seen = target.snapshots(), len(target.relay.mails)
    message = target.mail(ANNA, WORDS[words], subject="Re: Word [SUP-1]")
    row = target.receive(raw(change(message, Authentication_Results=says("fail", "example.org"))), "x@evil.example")
    target.assert_untouched()
    assert target.is_recorded(row)
    assert target.news(outside=True) == []


@pytest.mark.parametrize("words", WORDS)
def test_a_refused_mail_answers_no_confirm_notice(target: TargetDesk, words: str) -> None:
    before = list_timers(target, 1)
    message = target.mail(ANNA, WORDS[words], subject="Re: Word [SUP-1]")
    target.receive(raw(change(message, Authentication_Results=says("fail", "example.org"))), "x@evil.example")
    target.assert_untouched()
    assert list_timers(target, 1) == before
    assert target.news(outside=True) == []
    assert "your mail server says" in " ".join(target.last(L1, "unclear").text.split())


@pytest.mark.parametrize("header", ["X_Original_From", "X_Original_Sender", "Reply_To"])
def test_a_claimed_list_makes_no_participant_of_its_author(target: TargetDesk, header: str) -> None:
    """The server vouches for Mallory, and a List-Id that they wrote turns them into Zoé."""
    target.send(target.answer(ALICE, "#waiting\n\nWhich printer?", target.of(L1, 2)))
    target.before, before = target.snapshots(), list_timers(target, 2)
    message = target.mail(MALLORY, f"Any news? {SECRET}", subject="Re: Printer [SUP-2]")
    message = change(message, List_Id="Help <help.lists.example.com>", **{header: "zoe@example.net"})
    row = target.receive(raw(change(message, Authentication_Results=says("pass", "evil.example"))), OF_ZOE)
    target.assert_untouched()
    assert list_timers(target, 2) == before
    assert target.is_recorded(row)


def test_a_token_goes_before_a_fail_of_a_participant(target: TargetDesk) -> None:
    """A forwarding mailbox breaks signatures; the token still proves who got the notice."""
    answer = target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1))
    target.receive(raw(change(answer, Authentication_Results=says("fail", "example.org"))), OF_ANNA)
    assert target.ticket_of(1).state == "finalizing"


# -- no verdict --------------------------------------------------------------------------------------------------------


def test_without_a_verdict_the_level_learns_it_and_new_people_are_named(target: TargetDesk) -> None:
    message = change(
        without_token(target, ZOE, "It beeps.", target.of(L1, 2, "request")), Cc=f"{MALLORY}, Bo <bo@x.de>"
    )
    target.receive(raw(message), OF_ZOE)
    shown = target.last(L1, "message").text
    assert "we couldn’t verify the sender" in " ".join(shown.split())
    assert "#cc mallory@evil.example, bo@x.de" in " ".join(shown.split())
    assert target.snapshots()[1].participants == (OF_ZOE,)
    target.send(target.answer(ALICE, "#cc mallory@evil.example, bo@x.de", target.of(L1, 2)))
    assert target.snapshots()[1].participants == ("bo@x.de", "mallory@evil.example", OF_ZOE)


@pytest.mark.parametrize("proof", ["token", "pass"])
def test_the_proven_requester_brings_people(target: TargetDesk, proof: str) -> None:
    if proof == "token":
        message = target.answer(ZOE, "It beeps.", target.of(OF_ZOE, 2))
    else:
        message = without_token(target, ZOE, "It beeps.", target.of(L1, 2, "request"))
        message = change(message, Authentication_Results=says("pass", "example.net"))
    target.receive(raw(change(message, Cc="bo@x.de")), OF_ZOE)
    assert target.snapshots()[1].participants == ("bo@x.de", OF_ZOE)
    assert "proves nothing" not in target.last(L1, "message").text


# -- a pass for another domain, and a From that names nobody -----------------------------------------------------------

FOREIGN = {
    "dmarc": "mx.example.com; dmarc=pass header.from=evil.example",
    "dmarc beside a signature": "mx.example.com; dmarc=pass header.from=evil.example; dkim=pass header.d=example.com",
    "dkim": "mx.example.com; dkim=pass header.d=evil.example; dmarc=none",
    "spf": "mx.example.com; spf=pass smtp.mailfrom=bounce@evil.example; dkim=none",
    "a public suffix": "mx.example.com; dkim=pass header.d=com",
    "a domain that ends alike": "mx.example.com; dkim=pass header.d=evilexample.com",
}
FROM = {
    "two lines": [ALICE, MALLORY],
    "two lines, the same": [ALICE, ALICE],
    "two mailboxes": [f"{ALICE}, {MALLORY}"],
    "two in brackets": ["<alice@example.com> <mallory@evil.example>"],
    "a group": ["Team: alice@example.com;"],
    "an encoded address": ["=?utf-8?q?alice=40example.com?="],
    "no From, but a Sender": [],
}


def with_from(message: EmailMessage, lines: list[str]) -> bytes:
    """The mail with other From lines; EmailMessage itself would refuse two."""
    head = "".join(f"From: {line}\r\n" for line in lines) or f"Sender: {ALICE}\r\n"
    return head.encode() + raw(change(message, From=""))


@pytest.mark.parametrize("name", FOREIGN)
def test_a_pass_for_another_domain_holds_an_agents_mail(target: TargetDesk, name: str) -> None:
    order = change(target.answer(ALICE, SOLVE, target.of(L1, 2)), Authentication_Results=FOREIGN[name])
    row = target.receive(raw(order), OF_ALICE)
    target.assert_untouched()
    assert target.waits(row)
    target.send(target.answer(ALICE, "yes", target.last(OF_ALICE, "challenge")))
    assert target.ticket_of(2).state == "confirming"


@pytest.mark.parametrize("verdict", ["", says("pass", "example.com")])
@pytest.mark.parametrize("name", FROM)
def test_a_from_that_names_no_one_author_holds_an_agents_mail(target: TargetDesk, name: str, verdict: str) -> None:
    order = change(target.answer(ALICE, SOLVE, target.of(L1, 2)), Authentication_Results=verdict)
    row = target.receive(with_from(order, FROM[name]), OF_ALICE)
    target.assert_untouched()
    assert target.waits(row)


@pytest.mark.parametrize("name", FOREIGN)
def test_a_pass_for_another_domain_proves_no_requester(target: TargetDesk, name: str) -> None:
    verdict = FOREIGN[name].replace("d=example.com", "d=example.org")
    yes = target.mail(ANNA, "Yes, it is resolved.", subject="Re: Word [SUP-1]")
    target.receive(raw(change(yes, Authentication_Results=verdict)), OF_ANNA)
    target.assert_untouched()


@pytest.mark.parametrize("lines", [[ANNA, MALLORY], [f"{ANNA}, {MALLORY}"], ["Us: anna@example.org;"]])
def test_a_yes_of_several_authors_is_none(target: TargetDesk, lines: list[str]) -> None:
    yes = target.answer(ANNA, "Yes, it is resolved.", target.of(OF_ANNA, 1))
    target.receive(with_from(change(yes, Authentication_Results=says("pass", "example.org")), lines), OF_ANNA)
    target.assert_untouched()


NAMED = (
    "Alice <alice@example.com>", '"Martin, Alice" <alice@example.com>', '"x@evil.example" <alice@example.com>',
    "x@evil.example <alice@example.com>", "=?utf-8?q?M=2C_A=40b?= <alice@example.com>", "alice@example.com (a@b.de)",
    "<alice@example.com>", "Martin, Alice <alice@example.com>", "Alice (a, b: c;) <alice@example.com>",
)  # fmt: skip


@pytest.mark.parametrize("line", NAMED)
def test_a_name_with_signs_in_it_is_one_author(line: str) -> None:
    mail = read_mail(
        f"From: {line}\r\nAuthentication-Results: mx.example.com; dkim=pass header.d=example.com\r\n\r\nHi".encode()
    )
    assert read_auth_results(mail, ["mx.example.com"]) is AuthResult.PASS


# -- how the header is read --------------------------------------------------------------------------------------------

PASS, FAIL, NONE, OTHER = AuthResult.PASS, AuthResult.FAIL, AuthResult.NONE, AuthResult.FOREIGN
FORGED = "mx.example.com; dmarc=pass header.from=example.com"
READ: dict[str, tuple[list[str], AuthResult]] = {
    "upper case": (["MX.EXAMPLE.COM; DMARC=PASS HEADER.FROM=EXAMPLE.COM"], PASS),
    "a version": (["mx.example.com 1; dmarc=pass header.from=example.com"], PASS),
    "folded": (["mx.example.com;\r\n\tdmarc=pass\r\n header.from=example.com"], PASS),
    "a comment first": (["(a (b) c) mx.example.com; dmarc=pass header.from=example.com"], PASS),
    "a pass in nested comments": (["mx.example.com; dkim=none (a (b) dkim=pass header.d=example.com)"], NONE),
    "a pass in a quoted local part": (
        ['mx.example.com; spf=pass smtp.mailfrom="a;dkim=pass header.d=example.com"@evil.example'], OTHER,
    ),
    "the domain as a local part": (["mx.example.com; spf=pass smtp.mailfrom=example.com@evil.example"], OTHER),
    "two domains in one result": (["mx.example.com; dkim=pass header.d=evil.example header.d=example.com"], OTHER),
    "another server above": ([FORGED.replace("mx.", "mx.evil."), "mx.example.com; dmarc=fail"], FAIL),
    "a forged one below": (["mx.example.com; dmarc=none", FORGED], NONE),
    "a forged one below an unreadable one": (
        ["(x) mx.example.com; spf=pass smtp.mailfrom=(((;;=", FORGED], NONE,
    ),
    "an id that ends alike": (["mx.example.com.evil.example; dmarc=pass header.from=example.com"], NONE),
    "a subdomain": (["mx.example.com; spf=pass smtp.mailfrom=bounces.example.com"], PASS),
    "a letter beyond ASCII in a comment": (["mx.example.com; dkim=pass (für) header.d=example.com"], PASS),
    "a wide semicolon": (["mx.example.com; dkim=fail header.d=x；dkim=pass header.d=example.com"], FAIL),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_the_header_is_read(name: str) -> None:
    lines, verdict = READ[name]
    head = "".join(f"Authentication-Results: {line}\r\n" for line in lines)
    mail = read_mail(f"{head}From: alice@example.com\r\n\r\nHi".encode())
    assert read_auth_results(mail, ["mx.example.com"]) is verdict


ALIGNED = {
    ("a.example.co.uk", "example.co.uk"): PASS,
    ("co.uk", "example.co.uk"): OTHER,
    ("bob.github.io", "alice.github.io"): OTHER,
    ("github.io", "alice.github.io"): OTHER,
    ("strasse.de", "straße.de"): OTHER,
    ("straße.de", "strasse.de"): OTHER,
    ("xn--strae-oqa.de", "straße.de"): PASS,
    ("mail.straße.de", "xn--strae-oqa.de"): PASS,
    ("example.com", "evil＠example.com"): OTHER,
}


@pytest.mark.parametrize(("signer", "author"), ALIGNED)
def test_a_pass_is_for_the_organisation_of_from(signer: str, author: str) -> None:
    head = f"Authentication-Results: mx.example.com; dkim=pass header.d={signer}\r\nFrom: alice@{author}\r\n\r\nHi"
    assert read_auth_results(read_mail(head.encode()), ["mx.example.com"]) is ALIGNED[signer, author]


# -- the strangers' door -----------------------------------------------------------------------------------------------

DOOR = """
[trust]
authserv_id = ["mx.example.com"]
own_lists = ["help.lists.example.com"]
networks = ["192.0.2.0/24"]
robots = ["robot@example.org"]
[directory]
people = "people.csv"
unknown = "hold"
"""
LISTED = {
    "List-Id alone": ("", "", False),
    "the stranger's own pass": (says("pass", "evil.example"), "", False),
    "another server's pass": ("mx.evil.example; dkim=pass header.d=lists.example.com", "", False),
    "a fail": (says("fail", "evil.example"), "", False),
    "a network of somebody else": ("", "203.0.113.7", False),
    "the list's pass": ("mx.example.com; dkim=pass header.d=lists.example.com", "", True),
    "an own network": ("", "192.0.2.7", True),
}


@pytest.mark.parametrize("name", LISTED)
def test_a_list_opens_the_strangers_door_only_with_proof(tmp_path: Path, database_url: str, name: str) -> None:
    (tmp_path / "people.csv").write_text("address,name\nanna@example.org,Anna\n")
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + DOOR)
    verdict, peer, opens = LISTED[name]
    mail = desk.mail(MALLORY, "The server burns.", subject="Fire")
    mail = change(mail, List_Id="Help <help.lists.example.com>", Authentication_Results=verdict)
    desk.receive(raw(mail), "mallory@evil.example", peer=peer)
    assert len(desk.tickets()) == opens
    desk.close()


@pytest.mark.parametrize(("verdict", "opens"), [("", True), (says("fail", "example.org"), False)])
def test_a_refused_robot_opens_no_door(tmp_path: Path, database_url: str, verdict: str, *, opens: bool) -> None:
    (tmp_path / "people.csv").write_text("address,name\nanna@example.org,Anna\n")
    desk = TestDesk(tmp_path, database=database_url, config=CONFIG + DOOR)
    mail = change(desk.mail("robot@example.org", "Disk full.", subject="Disk"), Authentication_Results=verdict)
    desk.receive(raw(mail), "robot@example.org")
    assert len(desk.tickets()) == opens
    desk.close()


def test_dan_is_left_alone(target: TargetDesk) -> None:
    """A fail on a mail of a person who is no participant opens a ticket of its own, as ever."""
    message = target.mail(DAN, "Same here.", subject="Re: Printer [SUP-2]")
    target.receive(raw(change(message, Authentication_Results=says("fail", "example.org"))), OF_DAN)
    target.assert_untouched()
    assert target.ticket().id == 5
