"""Approvals: only the person who was asked decides, by one clear word of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mailgate.store.approvals import list_approvals
from tests.support.attackers import ALICE, CAROL, ZOE, TargetDesk, change
from tests.support.mails import find_links

BOSS, OF_BOSS, L1 = "Bo Berg <boss@example.org>", "boss@example.org", "level1@example.com"


@pytest.fixture
def target(tmp_path: Path, database_url: str) -> Iterator[TargetDesk]:
    target = TargetDesk(tmp_path, database=database_url)
    ask(target)
    yield target
    target.close()


def ask(target: TargetDesk) -> None:
    target.send(target.answer(ALICE, f"#approve-by {OF_BOSS} May she have one?", target.of(L1, 2, "request")))


def decisions(target: TargetDesk) -> list[str]:
    with target.desk.database.read() as connection:
        return [row.decision for row in list_approvals(connection, 2)]


def answer(target: TargetDesk, words: str, who: str = BOSS, **headers: str) -> None:
    target.send(change(target.answer(who, words, target.of(OF_BOSS, 2, "approval")), **headers))


@pytest.mark.parametrize(
    "words", ["approved", "Approved, thanks.", "Yes, approved.", "#approve", "approved\n\nBo Berg"]
)
def test_one_clear_word_approves(target: TargetDesk, words: str) -> None:
    answer(target, words)
    assert decisions(target) == ["approved"]


@pytest.mark.parametrize("words", ["rejected", "abgelehnt", "#reject", "Rejected: too expensive."])
def test_one_clear_word_rejects(target: TargetDesk, words: str) -> None:
    answer(target, words)
    assert decisions(target) == ["rejected"]


@pytest.mark.parametrize(
    "words",
    ["approved\nrejected", "- approved\n- rejected", "not approved", "approved?", "Is it approved?", "tak",
     "I am on holiday. Requests are approved by Jo.", "Rejected? No, approved.", "#approve #reject", ""],
)  # fmt: skip
def test_anything_else_decides_nothing_and_a_second_answer_may(target: TargetDesk, words: str) -> None:
    answer(target, words)
    assert decisions(target) == [""]
    answer(target, "approved")
    assert decisions(target) == ["approved"]


def test_a_forwarded_link_from_another_address_moves_nothing(target: TargetDesk) -> None:
    for who in (ZOE, "Mallory <mallory@evil.example>", ALICE):
        answer(target, "approved", who)
    assert decisions(target) == [""]
    assert "couldn’t verify" in target.of(L1, 2, "third_party").text


def test_a_fail_of_the_pinned_server_moves_nothing(target: TargetDesk) -> None:
    answer(target, "approved", Authentication_Results="mx.example.com; dmarc=fail header.from=example.org")
    assert decisions(target) == [""]


def test_an_automatic_answer_moves_nothing(target: TargetDesk) -> None:
    answer(target, "approved", Auto_Submitted="auto-replied")
    assert decisions(target) == [""]


def test_the_first_decision_stands(target: TargetDesk) -> None:
    answer(target, "rejected")
    answer(target, "approved")
    assert decisions(target) == ["rejected"]


def test_the_token_of_an_approval_that_is_withdrawn_decides_nothing(target: TargetDesk) -> None:
    old = target.of(OF_BOSS, 2, "approval")
    ask(target)
    target.send(target.answer(BOSS, "approved", old))
    assert decisions(target) == ["withdrawn", ""]


def test_a_merged_ticket_takes_no_decision(target: TargetDesk) -> None:
    old = target.of(OF_BOSS, 2, "approval")
    target.send(target.answer(ALICE, "#merge SUP-3 yes", target.of(L1, 2)))
    target.send(target.answer(BOSS, "approved", old))
    assert decisions(target) == ["withdrawn"]


def test_the_requester_cannot_approve_their_own_request(target: TargetDesk) -> None:
    target.send(target.answer(ALICE, "#approve-by zoe@example.net", target.of(L1, 2)))
    assert len(decisions(target)) == 1


def test_the_approver_sees_no_address_of_the_staff(target: TargetDesk) -> None:
    shown = target.of(OF_BOSS, 2, "approval").text
    assert "May she have one?" in shown
    assert "Printer does not work." in shown
    assert not any(word in shown for word in ("alice@", "level1@", "zoe@"))


def remind(target: TargetDesk) -> None:
    target.pass_time("2 business days")


def test_a_reminder_carries_the_two_answers_and_counts_as_automatic(target: TargetDesk) -> None:
    remind(target)
    told = target.of(OF_BOSS, 2, "approval_reminder")
    assert told.message["Auto-Submitted"]
    assert len(find_links(told)) == 2
    assert "May she have one?" in told.text
    target.send(target.answer(BOSS, "approved", told))
    assert decisions(target) == ["approved"]
    target.send(target.answer(BOSS, "rejected", target.of(OF_BOSS, 2, "approval")))
    assert decisions(target) == ["approved"]


def test_the_reminder_of_an_approval_that_is_withdrawn_decides_nothing(target: TargetDesk) -> None:
    remind(target)
    old = target.of(OF_BOSS, 2, "approval_reminder")
    target.send(target.answer(CAROL, f"#approve-by {OF_BOSS}", target.of("level2@example.com", 2)))
    target.send(target.answer(BOSS, "approved", old))
    assert decisions(target) == ["withdrawn", ""]


def test_a_forwarded_reminder_moves_nothing(target: TargetDesk) -> None:
    remind(target)
    for who in (ZOE, "Mallory <mallory@evil.example>", ALICE):
        target.send(target.answer(who, "approved", target.of(OF_BOSS, 2, "approval_reminder")))
    assert decisions(target) == [""]


def answer_in_html(target: TargetDesk, html: str) -> None:
    """Answers by a mail that has no plain form; PAGE is what the desk's own mail shows."""
    asked = target.of(OF_BOSS, 2, "approval")
    part = asked.message.get_body(("html",))
    assert part is not None
    page = str(part.get_content()).partition("<body")[2].partition(">")[2].partition("</body>")[0]
    mail = target.answer(BOSS, "", asked, quote=False)
    mail.set_content(html.replace("PAGE", page), subtype="html")
    target.send(mail)


_CITED = "<p>On Mon, 23 Nov 2026 Support wrote:</p><blockquote>PAGE</blockquote>"


@pytest.mark.parametrize("frame", ["{}", "{}PAGE", "PAGE{}", "{}" + _CITED, _CITED + "{}"])
@pytest.mark.parametrize("word", ["approved", "rejected"])
def test_an_answer_in_html_alone_decides_above_and_below_the_quotation(
    target: TargetDesk, frame: str, word: str
) -> None:
    answer_in_html(target, frame.format(f"<p><b>{word}</b></p>"))
    assert decisions(target) == [word]


@pytest.mark.parametrize(
    "html",
    [
        "PAGE", "<blockquote>PAGE</blockquote>", "<blockquote>approved</blockquote><p>Hello</p>",
        "PAGE<p>What for?</p>", "<p>What for?</p>PAGE", "<p style='display:none'>approved</p>",
        "<p hidden>approved</p><p>What for?</p>",
        "<p style='font-size:0'>approved</p>", "<p><s>approved</s></p>", "<p><del>approved</del> Let us talk.</p>",
        "<p style='text-decoration:line-through'>approved</p>", "<img alt='approved'>", "<!-- approved -->",
        "<p>not</p><p>approved</p>", "<p><span style='color:#fff'>not</span> approved</p>", "<p title='approved'></p>",
        "<ul><li>approved</li><li>rejected</li></ul>", "<table><tr><td>approved</td><td>rejected</td></tr></table>",
        "<a href='mailto:x@example.org'>approved</a>",
    ],
)  # fmt: skip
def test_hidden_struck_or_quoted_words_of_html_decide_nothing(target: TargetDesk, html: str) -> None:
    answer_in_html(target, html)
    assert decisions(target) == [""]


@pytest.mark.parametrize("signature", ["", "\n\nBo Berg"])
def test_an_answer_below_the_quotation_decides(target: TargetDesk, signature: str) -> None:
    asked = target.of(OF_BOSS, 2, "approval")
    quoted = "\n".join(f"> {line}" for line in asked.text.splitlines())
    target.send(target.answer(BOSS, f"{quoted}\n\napproved{signature}", asked, quote=False))
    assert decisions(target) == ["approved"]


@pytest.mark.parametrize(
    "frame", ["> approved\n\nNo idea.", "> approved", "{}", "{}\n\nnot approved", "{}\n\nWhat for?"]
)
def test_the_words_offered_by_the_notice_decide_nothing(target: TargetDesk, frame: str) -> None:
    asked = target.of(OF_BOSS, 2, "approval")
    for shown in (asked.text, asked.text.replace("- rejected\n", "")):
        target.send(target.answer(BOSS, frame.format(shown), asked, quote=False))
    assert decisions(target) == [""]
