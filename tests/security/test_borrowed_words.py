"""A yes must be its writer's own, and wholly one: not forwarded, not beside a poor mark, not of a doubtful From."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.core.mail import AuthResult
from mailgate.inbound.auth_results import read_auth_results
from mailgate.parsers.message import read_mail
from tests.support.attackers import ALICE, ANNA, MALLORY, ZOE, TargetDesk, change, raw
from tests.support.mails import find_links

L1, OF_ANNA, OF_ZOE = "level1@example.com", "anna@example.org", "zoe@example.net"
FAIL = "mx.example.com; dmarc=fail header.from=example.org"
HEAD = "From: Bo <bo@x.example>\nDate: Mon, 23 Nov 2026\nSubject: Re: Word\nTo: anna@example.org\n\n"
FORWARDS = {
    "Gmail": f"---------- Forwarded message ---------\n{HEAD}Yes, it is resolved.",
    "Apple Mail": f"Begin forwarded message:\n\n{HEAD}Yes, it is resolved.",
    "Thunderbird": f"-------- Forwarded Message --------\n{HEAD}Yes, it is resolved.",
    "mutt": f"----- Forwarded message from Bo <bo@x.example> -----\n\n{HEAD}Yes, it is resolved.\n\n"
    "----- End forwarded message -----",
}


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


@pytest.mark.parametrize("subject", ["Fwd: Word", "Re: Word"])
@pytest.mark.parametrize("above", ["", "FYI\n\n"])
@pytest.mark.parametrize("client", FORWARDS)
def test_a_forwarded_yes_is_not_the_forwarders(target: TargetDesk, client: str, above: str, subject: str) -> None:
    message = target.answer(ANNA, above + FORWARDS[client], target.of(OF_ANNA, 1), quote=False)
    row = target.receive(raw(change(message, Subject=subject)), OF_ANNA)
    target.assert_untouched()
    assert target.is_recorded(row)
    assert "Yes, it is resolved." in target.last(L1).text


def test_the_forwarders_own_yes_counts(target: TargetDesk) -> None:
    text = f"Yes, it is resolved.\n\n{FORWARDS['Gmail']}"
    target.send(target.answer(ANNA, text, target.of(OF_ANNA, 1), quote=False))
    assert target.ticket_of(1).state == "finalizing"


@pytest.mark.parametrize("subject", ["Fwd: resolved", "WG: erledigt", "TR: résolu"])
def test_the_subject_of_a_forward_is_no_answer(target: TargetDesk, subject: str) -> None:
    message = target.answer(ANNA, "", target.of(OF_ANNA, 1))
    target.receive(raw(change(message, Subject=subject)), OF_ANNA)
    target.assert_untouched()


def test_a_forwarded_yes_is_no_early_yes(target: TargetDesk) -> None:
    target.send(target.answer(ALICE, "Please restart it.", target.of(L1, 2)))
    target.before = target.snapshots()
    text = "FYI\n\n" + FORWARDS["Gmail"].replace("Yes, it is resolved.", "Thanks, it works again now.")
    target.send(target.answer(ZOE, text, target.of(OF_ZOE, 2, "answer"), quote=False))
    target.assert_untouched()


POOR = ("1/5 resolved", "resolved 1/5", "resolved 0/5", "1/10, resolved", "★ resolved", "resolved - 2 stars",
        "Rating 1, but it works now")  # fmt: skip


@pytest.mark.parametrize("text", POOR)
def test_no_yes_stands_beside_what_may_be_a_poor_mark(target: TargetDesk, text: str) -> None:
    row = target.send(target.answer(ANNA, text, target.of(OF_ANNA, 1)))
    target.assert_untouched()
    assert target.is_recorded(row)


@pytest.mark.parametrize("text", ["1/5 Thanks, it works again now.", "★ It works again now."])
def test_nor_does_an_early_yes(target: TargetDesk, text: str) -> None:
    target.send(target.answer(ALICE, "Please restart it.", target.of(L1, 2)))
    target.before = target.snapshots()
    target.send(target.answer(ZOE, text, target.of(OF_ZOE, 2, "answer")))
    target.assert_untouched()


@pytest.mark.parametrize(
    "text", ["resolved since 12/5/2026", "It works again, version 1.2/5.", "4/5 resolved", "★★★★★ resolved"]
)
def test_another_number_takes_no_yes_away(target: TargetDesk, text: str) -> None:
    target.send(target.answer(ANNA, text, target.of(OF_ANNA, 1)))
    assert target.ticket_of(1).state == "finalizing"


FROM = {
    "two lines": [ANNA, MALLORY],
    "the same twice": [ANNA, ANNA],
    "a group": ["Team: anna@example.org;"],
    "an encoded address": ["=?utf-8?q?anna=40example.org?="],
    "two mailboxes": ["anna@example.org; mallory@evil.example"],
    "empty brackets": ["anna@example.org <>"],
    "brackets without an address": ["anna@example.org <anna>"],
}


def with_from(message: bytes, lines: list[str]) -> bytes:
    return b"".join(f"From: {line}\r\n".encode() for line in lines) + message


@pytest.mark.parametrize("verdict", ["", FAIL])
@pytest.mark.parametrize("name", FROM)
def test_a_right_token_does_not_make_up_for_from(target: TargetDesk, name: str, verdict: str) -> None:
    """Also where the pinned server says fail, which is no better than nothing."""
    notice = target.of(OF_ANNA, 1)
    answer = change(target.answer(ANNA, "Yes, it is resolved.", notice), From="", Authentication_Results=verdict)
    row = target.receive(with_from(raw(answer), FROM[name]), "x@evil.example")
    by_link = change(target.mail(ANNA, "resolved", subject=find_links(notice)[0][1]), From="")
    change(by_link, Authentication_Results=verdict)
    target.receive(with_from(raw(by_link), FROM[name]), "x@evil.example")
    target.assert_untouched()
    assert target.is_recorded(row)


@pytest.mark.parametrize("line", ["alice@example.com <>", "alice@example.com <x>"])
def test_an_agent_in_front_of_empty_brackets_is_held(target: TargetDesk, line: str) -> None:
    order = change(target.answer(ALICE, "#resolve Call 0900", target.of(L1, 2)), From="")
    row = target.receive(with_from(raw(order), [line]), "x@evil.example")
    target.assert_untouched()
    assert target.waits(row)


@pytest.mark.parametrize("verdict", ["", "mx.example.com; dmarc=pass header.from=evil.example"])
def test_a_claimed_list_brings_no_yes_whatever_the_token(target: TargetDesk, verdict: str) -> None:
    answer = target.answer(MALLORY, "Yes, it is resolved.", target.of(OF_ANNA, 1))
    change(answer, List_Id="Help <help.lists.example.com>", X_Original_From=OF_ANNA, Authentication_Results=verdict)
    row = target.receive(raw(answer), "mallory@evil.example")
    target.assert_untouched()
    assert target.is_recorded(row)


VERDICTS = {
    "mx.example.com; spf=fail smtp.mailfrom=anna@example.org; dkim=pass header.d=evil.example": AuthResult.FAIL,
    "mx.example.com; spf=fail smtp.mailfrom=anna@mail.example.org; dkim=pass header.d=evil.example": AuthResult.FAIL,
    "mx.example.com; spf=fail smtp.mailfrom=x@evil.example; dkim=pass header.d=evil.example": AuthResult.FOREIGN,
    "mx.example.com; spf=fail smtp.mailfrom=anna@example.org; dkim=pass header.d=example.org": AuthResult.PASS,
    "mx.example.com; spf=pass smtp.mailfrom=x@evil.example@example.org": AuthResult.NONE,
    "mx.example.com; spf=pass smtp.mailfrom=x@example.org@evil.example": AuthResult.NONE,
}


@pytest.mark.parametrize("line", VERDICTS)
def test_a_foreign_signature_makes_no_fail_better(line: str) -> None:
    mail = read_mail(f"Authentication-Results: {line}\r\nFrom: {OF_ANNA}\r\n\r\nHi".encode())
    assert read_auth_results(mail, ["mx.example.com"]) is VERDICTS[line]
