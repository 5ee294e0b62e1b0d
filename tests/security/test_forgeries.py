"""Mails that claim to be what they are not: none of them closes, commands or tells anything, and none is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.support.attackers import ALICE, ANNA, BOB, CAROL, DAN, MALLORY, SECRET, ZOE, TargetDesk, change, raw
from tests.support.desk import Delivered

YES = f"Yes, it is resolved. {SECRET}"
CLOSE = f"#close withdrawn\n#priority urgent\n\n{SECRET}"
SOLVE = f"#resolve Call 0900 {SECRET}"
DESK = "support@example.com"
Forge = Callable[[TargetDesk], EmailMessage]


def answer(who: str, text: str, recipient: str, number: int, **changes: str) -> Forge:
    """A reply to another person's mail of a ticket, with headers replaced or added."""

    def make(target: TargetDesk) -> EmailMessage:
        return change(target.answer(who, text, target.of(recipient, number)), **changes)

    return make


def mail(who: str, text: str, subject: str = "", **changes: str) -> Forge:
    """A new mail."""
    return lambda target: change(target.mail(who, text, subject=subject), **changes)


def bare(message: EmailMessage) -> EmailMessage:
    """Without the ids that would thread it anyway."""
    return change(message, In_Reply_To="", References="")


def slip(token_of: Delivered) -> str:
    """A signed address with one letter changed."""
    local, _, domain = token_of.reply_to.partition("@")
    return f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"


def letter_changed(target: TargetDesk) -> EmailMessage:
    notice = target.of("anna@example.org", 1)
    return bare(change(target.answer(ANNA, YES, notice), To=slip(notice)))


def other_number(target: TargetDesk) -> EmailMessage:
    """The token of Mallory's ticket under another ticket's reference."""
    own = target.of("mallory@evil.example", 3).reply_to
    return bare(change(target.answer(ANNA, YES, target.of("anna@example.org", 1)), To=own.replace("SUP-3", "SUP-1")))


def tokens_in_the_text(target: TargetDesk) -> EmailMessage:
    address = target.of("anna@example.org", 1).reply_to
    text = f"resolved {SECRET}\n{address}\n> {address}\n{target.of(OF_ANNA, 1).message_id}"
    return target.mail(ANNA, text, subject="Word")


def tag_of_another(target: TargetDesk) -> EmailMessage:
    """Mallory's own signed tag, with Anna's bare one and her name."""
    token = target.of("mallory@evil.example", 3).reply_to.partition("+")[2].partition("@")[0]
    reference, _, rest = token.partition(".")
    return target.mail(ANNA, YES, subject=f"Re: [SUP-1] [{reference} {rest}] resolved")


def two_tokens(target: TargetDesk) -> EmailMessage:
    own, hers = target.of("mallory@evil.example", 3).reply_to, target.of("anna@example.org", 1).reply_to
    return change(target.mail(ANNA, YES), To=own, Cc=slip_of(hers))


def slip_of(address: str) -> str:
    return re.sub(r"\.\d+\.", ".9.", address)


def own_looking(target: TargetDesk) -> EmailMessage:
    message = target.mail(MALLORY, f"The server burns. {SECRET}", subject="Fire")
    return change(message, X_Mailgate="SUP-1; notice=confirm", Message_ID="<SUP-1.3.abcdefghijklmnop@example.com>")


def own_looking_order(target: TargetDesk) -> EmailMessage:
    message = target.answer(ALICE, CLOSE, target.of("level1@example.com", 2))
    return change(message, X_Mailgate="SUP-2; notice=request", Message_ID="<SUP-2.3.abcdefghijklmnop@example.com>")


def quoting(target: TargetDesk, who: str, text: str, notice: Delivered) -> EmailMessage:
    """A new mail that quotes a mail of ours whole, with everything in its head."""
    head = "\n".join(f"> {name}: {value}" for name, value in notice.message.items())
    return target.mail(who, f"{text}\n\nOn Monday Support wrote:\n{head}\n> {notice.reply_to}", subject="Hello")


def verdict(result: str, server: str = "mx.example.com") -> str:
    return f"{server}; dmarc={result} header.from=example.com"


def below(*results: str) -> Forge:
    """Alice's name on a mail with several verdicts, the topmost first."""

    def make(target: TargetDesk) -> EmailMessage:
        message = target.mail(ALICE, CLOSE, subject="[SUP-2]")
        for result in results:
            message["Authentication-Results"] = result
        return message

    return make


L1, L2 = "level1@example.com", "level2@example.com"
OF_ANNA, OF_ZOE, OF_DAN, OF_MALLORY = "anna@example.org", "zoe@example.net", "dan@example.org", "mallory@evil.example"
EVIL_PASS = "mx.example.com; dmarc=pass header.from=evil.example; spf=pass smtp.mailfrom=mallory@evil.example"
HELPED = {"List_Id": "Help <help.lists.example.com>"}
AUTO = {"Auto_Submitted": "auto-replied"}
NAMED = '"alice@example.com" <mallory@evil.example>'

FORGERIES: dict[str, Forge] = {
    # Tokens that are not what they should be.
    "another ticket's token": answer(ANNA, YES, OF_ZOE, 2),
    "another ticket's token, an agent": answer(ALICE, SOLVE, OF_ZOE, 2),
    "a changed letter": letter_changed,
    "another number": other_number,
    "the receipt's token after the solution": lambda target: target.answer(
        ANNA, YES, target.of(OF_ANNA, 1, "receipt"), quote=False
    ),
    "tokens in the text only": tokens_in_the_text,
    "a signed tag of another ticket": tag_of_another,
    "two tokens, the right one is false": two_tokens,
    "a requester's yes with Level 1's token": answer(ANNA, YES, L1, 1),
    "the confirm token in a stranger's hand": answer(MALLORY, YES, OF_ANNA, 1),
    # Requesters who order.
    "orders of the requester": answer(ZOE, CLOSE, OF_ZOE, 2),
    "orders of the requester with Level 1's token": answer(ZOE, SOLVE, L1, 2),
    "spam, says the requester of Level 2's ticket": answer(DAN, f"#close spam\n{SECRET}", OF_DAN, 4),
    "orders and an agent's Reply-To": answer(ZOE, CLOSE, OF_ZOE, 2, Reply_To=ALICE),
    "orders and an agent as Sender": answer(MALLORY, SOLVE, L1, 2, Sender=ALICE),
    # Agents' names without agents' proof.
    "Level 1's token, foreign From": answer(MALLORY, SOLVE, L1, 2),
    "Level 1's token, other case, foreign domain": answer("ALICE@EVIL.EXAMPLE", SOLVE, L1, 2),
    "Level 1's token, a homograph": answer("alice@ехample.com", SOLVE, L1, 2),
    "Level 1's token, the agent's address as a name": answer(NAMED, SOLVE, L1, 2),
    "Level 1's token, the operator": answer("operator@example.com", SOLVE, L1, 2),
    "Level 2's token, Level 1's agent": answer(ALICE, SOLVE, L2, 4),
    "Level 1's token, Level 2's agent, confirming": answer(CAROL, SOLVE, L1, 1),
    "Level 1's token, another queue's agent": answer("nils@example.com", CLOSE, L1, 1),
    "Level 1's token, two in From": answer(f"{MALLORY}, {ALICE}", SOLVE, L1, 2),
    "a requester's token, an agent's From": answer(ALICE, CLOSE, OF_ZOE, 2),
    "no token, an agent's From": mail(ALICE, CLOSE),
    "a bare tag, an agent's From": mail(ALICE, CLOSE, "Re: Printer [SUP-2]"),
    "a bare tag, the manager's From": mail("manager@example.com", CLOSE, "[SUP-2]"),
    "a bare tag, no From, an agent as Sender": mail(ALICE, CLOSE, "[SUP-2]", From="", Sender=ALICE),
    "a bare tag, an empty From": mail(ALICE, CLOSE, "[SUP-2]", From="<>"),
    "a bare tag, Mallory": mail(MALLORY, CLOSE, "Re: [SUP-2]"),
    "a bare tag, the requester's yes": mail(ANNA, YES, "Re: Word [SUP-1]"),
    "a bare tag, a copy to Mallory": mail(ANNA, f"I wait. {SECRET}", "Re: [SUP-2]", From=ZOE, Cc=MALLORY),
    "a right token of a stranger, a copy": answer("x@evil.example", f"Hm. {SECRET}", OF_ZOE, 2, Cc=MALLORY),
    # The pinned server.
    "another server's pass": mail(ALICE, CLOSE, "[SUP-2]", Authentication_Results=verdict("pass", "mx.evil.example")),
    "a pass of a server that only begins so": mail(
        ALICE, CLOSE, "[SUP-2]", Authentication_Results=verdict("pass", "mx.example.com.evil.example")
    ),
    "the pinned fail": answer(ALICE, CLOSE, L1, 2, Authentication_Results=verdict("fail")),
    "a pass of another domain": mail(ALICE, CLOSE, "[SUP-2]", Authentication_Results=EVIL_PASS),
    "a pass in a comment": mail(
        ALICE, CLOSE, "[SUP-2]", Authentication_Results="mx.example.com; none (dmarc=pass header.from=example.com)"
    ),
    "a forged pass below the pinned fail": below(verdict("fail"), verdict("pass")),
    "a forged pass below what the pinned server wrote unreadably": below(
        'mx.example.com; spf=fail smtp.mailfrom="(x"@evil.example;;=', verdict("pass")
    ),
    "a forged pass below hundreds of headers": below(*["mx.evil.example; none"] * 300, verdict("pass")),
    # Doors for others.
    "a form that nobody vouches for": mail(
        "noreply@www.example.com", CLOSE, "[SUP-2]", Reply_To=ALICE, Authentication_Results=verdict("none")
    ),
    "a form, filled in as an agent": mail(
        "noreply@www.example.com",
        CLOSE,
        "[SUP-2]",
        Reply_To=ALICE,
        Authentication_Results="mx.example.com; dmarc=pass header.from=www.example.com",
    ),
    "a form, filled in as the requester": mail(
        "noreply@www.example.com",
        YES,
        "[SUP-1]",
        Reply_To=ANNA,
        Authentication_Results="mx.example.com; dmarc=pass header.from=www.example.com",
    ),
    "the desk's list, an agent as its author": mail(
        MALLORY, CLOSE, "[SUP-2]", X_Original_From="alice@example.com", Authentication_Results=EVIL_PASS, **HELPED
    ),
    "the desk's list, the requester as its author": mail(
        MALLORY, YES, "[SUP-1]", X_Original_From="anna@example.org", Authentication_Results=EVIL_PASS, **HELPED
    ),
    "an own-looking mail": own_looking,
    # Holds.
    "the token of a hold that nobody opened": lambda target: change(
        target.mail(ALICE, "yes"), To="support+HOLD-1.1.abcdefghijklmnop@example.com"
    ),
    "a level's token as a hold's": lambda target: bare(
        change(target.answer(ALICE, CLOSE, target.of(L1, 2)), To=target.of(L1, 2).reply_to.replace("SUP-2", "HOLD-2"))
    ),
    "a guessed tag of a hold": mail(ALICE, CLOSE, "Re: [HOLD-1 1.abcdefghijklmnop] yes"),
    # Old mail, and tokens that stand where anybody reads them.
    "Level 1's token in a quoted text": lambda target: quoting(target, ALICE, CLOSE, target.of(L1, 2)),
    "the confirm token in a quoted text": lambda target: quoting(target, MALLORY, YES, target.of(OF_ANNA, 1)),
    "a bounce address in place of the token": lambda target: bare(
        change(target.answer(ALICE, CLOSE, target.of(L1, 2)), To=target.of(L1, 2).return_path)
    ),
    "a solution replayed under another name": answer(
        ALICE,
        "#resolve I reinstalled Word.",
        L1,
        1,
        Message_ID="<replay@evil.example>",
        Authentication_Results=verdict("fail"),
    ),
    # A name alone, in what was asked.
    "a bare tag, the requester's no": mail(ANNA, f"It is not fixed. {SECRET}", "Re: Word [SUP-1]"),
    "a requester's no with another ticket's token": answer(ANNA, f"It is not fixed. {SECRET}", OF_ZOE, 2),
    "Level 1's token, the manager orders": answer("manager@example.com", SOLVE, L1, 2),
    "a requester's token, the manager orders": answer("manager@example.com", CLOSE, OF_ZOE, 2),
    "Level 1's mailbox without a token": mail("level1@example.com", CLOSE, "[SUP-2]"),
    "Level 1's mailbox as Sender, no token": mail(MALLORY, CLOSE, "[SUP-2]", Sender="level1@example.com"),
    # What no human wrote.
    "an agent's automatic mail with a command": answer(ALICE, CLOSE, L1, 2, **AUTO),
    "the requester's automatic yes": answer(ANNA, YES, OF_ANNA, 1, **AUTO),
    "an automatic mail with a copy": mail(ZOE, SECRET, "[SUP-2]", Cc=MALLORY, **AUTO),
    "a mailing list's command": answer(ALICE, CLOSE, L1, 2, List_Id="<talk.evil.example>"),
    # Careless insiders.
    "a merge with somebody else's ticket": answer(BOB, f"#merge SUP-1\n\n{SECRET}", L1, 2),
    "a merge with itself": answer(BOB, f"#merge SUP-2\n\n{SECRET}", L1, 2),
    "a route to nowhere": answer(BOB, f"#route nowhere\n\n{SECRET}", L1, 2),
    "an assignment to an outsider": answer(BOB, f"#assign mallory@evil.example\n\n{SECRET}", L1, 2),
    "two addresses to ask": answer(BOB, f"#ask a@vendor.example b@vendor.example\n\n{SECRET}", L1, 2),
    "a note in the text": answer(BOB, f"Hello Zoé,\n\n{SECRET}\n\n#note she is rude\n\nSee you on Monday.", L1, 2),
    "a late level": answer(ALICE, f"Hello Dan, {SECRET}", L1, 4),
    "a command with a slip": answer(BOB, f"#resovle {SECRET}", L1, 2),
}

IGNORED: dict[str, tuple[Forge, str]] = {
    "the desk's own From": (mail(DESK, CLOSE, "[SUP-2]"), "mallory@evil.example"),
    "an automatic mail that names nothing": (mail(ALICE, CLOSE, **AUTO), "alice@example.com"),
    "a foreign list's new mail": (mail(ALICE, CLOSE, List_Id="<talk.evil.example>"), "talk@evil.example"),
    "a null sender's new mail": (mail(ALICE, CLOSE), ""),
    "an own-looking new mail of nobody": (own_looking, ""),
}


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    yield target
    target.close()


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_moves_nothing_and_is_not_lost(target: TargetDesk, name: str) -> None:
    row = target.receive(raw(FORGERIES[name](target)), "somebody@evil.example")
    target.assert_untouched()
    target.assert_silent()
    assert target.row(row).state == "done"
    assert target.is_recorded(row) or target.waits(row)


@pytest.mark.parametrize("name", IGNORED)
def test_what_nobody_is_asked_to_read_stays_in_the_journal_with_its_reason(target: TargetDesk, name: str) -> None:
    forge, sender = IGNORED[name]
    row = target.receive(raw(forge(target)), sender)
    target.assert_untouched()
    assert target.news(outside=True) == target.news(outside=False) == []
    assert (target.row(row).state, bool(target.row(row).last_error)) == ("ignored", True)


@pytest.mark.parametrize("make", [answer(ALICE, CLOSE, L1, 2), own_looking_order], ids=["plain", "own-looking"])
def test_a_null_sender_orders_nothing_whatever_else_is_right(target: TargetDesk, make: Forge) -> None:
    row = target.receive(raw(make(target)), "")
    target.assert_untouched()
    target.assert_silent()
    assert target.is_recorded(row)


def test_an_own_looking_mail_is_a_persons(target: TargetDesk) -> None:
    target.receive(raw(own_looking(target)), "mallory@evil.example")
    assert (target.ticket().id, target.ticket().requester) == (5, "mallory@evil.example")


# -- the pinned server, as Exchange Online writes it: without an id ---------------------------------------------------

EXCHANGE = """
[trust]
authserv_id = [""]
"""
PASS = "spf=pass smtp.mailfrom=example.com; dkim=pass header.d=example.com; dmarc=pass header.from=example.com"
FAIL = "spf=fail smtp.mailfrom=evil.example; dkim=none; dmarc=fail action=none header.from=example.com;compauth=fail"
UNSIGNED = "spf=none smtp.mailfrom=evil.example; dkim=none (message not signed); dmarc=none header.from=example.com"

EXCHANGE_FORGERIES: dict[str, tuple[str, ...]] = {
    "a forged pass below the server's fail": (FAIL, PASS),
    "a forged pass below the server's none": (UNSIGNED, PASS),
    "a forged pass with an id": (f"mx.evil.example; {PASS}",),
    "a forged pass below one with an id": (f"mx.evil.example; {PASS}", PASS),
    "a pass of another domain": (PASS.replace("example.com", "evil.example"),),
    "a pass in a comment": (f"spf=none smtp.mailfrom=evil.example ({PASS})",),
    "nothing that can be read": ("spf=pass smtp.mailfrom=(((;;=", PASS),
}


@pytest.mark.parametrize("name", EXCHANGE_FORGERIES)
def test_exchange_online_vouches_by_its_topmost_header_only(tmp_path: Path, database_url: str, name: str) -> None:
    target = TargetDesk(tmp_path, database=database_url, more=EXCHANGE)
    row = target.receive(raw(below(*EXCHANGE_FORGERIES[name])(target)), "somebody@evil.example")
    target.assert_untouched()
    target.assert_silent()
    assert target.waits(row)
    target.close()


def test_what_exchange_online_vouches_for_is_done(tmp_path: Path, database_url: str) -> None:
    target = TargetDesk(tmp_path, database=database_url, more=EXCHANGE)
    target.receive(raw(below(PASS)(target)), "alice@example.com")
    assert target.ticket_of(2).state == "finalizing"
    target.close()


# -- mail that comes again ---------------------------------------------------------------------------------------------


def test_a_solution_replayed_after_the_ticket_was_opened_again(target: TargetDesk) -> None:
    """The very same mail is known for ever; under another name, the pinned server says whose it is not."""
    solution = target.answer(BOB, "#resolve I restarted it.", target.of(L1, 2))
    target.receive(raw(solution), "bob@example.com")
    target.send(target.answer(ZOE, "It is not fixed.", target.of(OF_ZOE, 2, "confirm")))
    assert target.ticket_of(2).state == "level1"
    again = target.receive(b"Received: from evil.example by mx.example.com\r\n" + raw(solution), "bob@example.com")
    assert (target.row(again).state, target.ticket_of(2).state) == ("duplicate", "level1")
    renamed = change(solution, Message_ID="<replay@evil.example>", Authentication_Results=verdict("fail"))
    assert target.waits(target.receive(raw(renamed), "bob@example.com"))
    assert target.ticket_of(2).state == "level1"


def test_an_old_order_without_a_token_is_worth_nothing_again(target: TargetDesk) -> None:
    """A challenge proves one mail, and not the next one like it."""
    order = target.mail(ALICE, "#priority high", subject="[SUP-2]")
    target.receive(raw(order), "alice@example.com")
    target.send(target.answer(ALICE, "yes", target.last("alice@example.com", "challenge")))
    target.send(target.answer(BOB, "#priority low", target.of(L1, 2)))
    assert target.row(target.receive(raw(order), "alice@example.com")).state == "duplicate"
    assert target.waits(target.receive(raw(change(order, Message_ID="<again@evil.example>")), "alice@example.com"))
    assert target.ticket_of(2).priority == "low"


# -- questions without proof -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"Reply_To": MALLORY},
        {"Sender": MALLORY},
        {"Cc": MALLORY},
        {"From": f'"{SECRET}" <Alice@Example.COM>'},
        {"Disposition_Notification_To": MALLORY},
    ],
    ids=lambda changes: ", ".join(changes) or "plain",
)
def test_an_unproven_question_is_answered_to_the_listed_address_only(
    target: TargetDesk, changes: dict[str, str]
) -> None:
    """Whatever else the mail names, and without a word of it but the question."""
    before = len(target.relay.mails)
    target.receive(raw(change(target.mail(ALICE, "#list all\n#show SUP-2"), **changes)), "mallory@evil.example")
    answers = target.relay.mails[before:]
    assert {(one.recipient, one.notice) for one in answers} == {
        ("alice@example.com", "reply"),
        ("alice@example.com", "shown"),
    }
    assert not any(SECRET in one.message.as_string() or MALLORY in one.message.as_string() for one in answers)


def test_unproven_questions_cannot_flood_an_agent(target: TargetDesk) -> None:
    """Ten answers an hour, of whatever kind; then one question whether the mails are theirs, and nothing more."""
    before = len(target.relay.mails)
    for _ in range(10):
        target.receive(raw(target.mail(ALICE, "#show SUP-2")), "mallory@evil.example")
        target.receive(raw(target.mail(ALICE, "#list all")), "mallory@evil.example")
    got = [one.notice for one in target.relay.mails[before:] if one.recipient == "alice@example.com"]
    assert (got.count("shown") + got.count("reply"), got.count("challenge")) == (10, 1)


@pytest.mark.parametrize("text", ["#away until Friday", "#unblock mallory@evil.example"])
def test_a_question_that_changes_something_needs_proof(target: TargetDesk, text: str) -> None:
    before = len(target.relay.mails)
    target.receive(raw(target.mail(ALICE, f"{text}\n#help")), "mallory@evil.example")
    got = [one.notice for one in target.relay.mails[before:]]
    assert sorted(got) == ["challenge", "reply"]
