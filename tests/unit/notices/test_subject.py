"""Subject lines and answer links."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.content import Rendered
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.subject import mailto, subject_line
from mailgate.parsers.phrases import load_phrases

RENDERED = Rendered("[SUP-1042] We have received your request", "x", "")
TAG = "[SUP-1042]"
SIGNED = "[SUP-1042 7.k7q2abcdefghijkl]"


@pytest.mark.parametrize(
    ("theirs", "line"),
    [
        ("Printer", "Re: Printer [SUP-1042]"),
        ("Re: AW: Tr : Fwd: RE[2]: Printer", "Re: Printer [SUP-1042]"),
        ("Re: [SUP-1042] Re: [sup-9 3.k7q2abcdefghijkl] Printer [SUP-1042]", "Re: Printer [SUP-1042]"),
        ("PD: Printer", "Re: Printer [SUP-1042]"),
        ("转发：VB: I: Odp: Printer", "Re: Printer [SUP-1042]"),
        ("Réf: printer [ABC-7]", "Re: printer [ABC-7] [SUP-1042]"),
        ("Area: regress", "Re: Area: regress [SUP-1042]"),
        ("a\r\nBcc: b\x00", "Re: a Bcc: b [SUP-1042]"),
        ("Re: ", "[SUP-1042] We have received your request"),
        ("x" * 300, "Re: " + "x" * 184 + "… [SUP-1042]"),
    ],
)
def test_a_known_requester_reads_his_own_subject(theirs: str, line: str) -> None:
    assert subject_line(replace(sample(Notice.ANSWER, "en"), subject=theirs), RENDERED, TAG) == line
    assert len(line) <= 200


def test_who_reads_which_subject() -> None:
    """Rule 13, and the third party who shall not see it at all."""

    def line(notice: Notice, tag: str = TAG, *, known: bool = True, first: bool = False) -> str:
        content = replace(sample(notice, "en"), subject="Printer", known=known, first=first)
        return subject_line(content, RENDERED, tag)

    assert line(Notice.RECEIPT, known=False) == "[SUP-1042] We have received your request"
    assert line(Notice.RECEIPT, SIGNED, known=False) == f"{SIGNED} We have received your request"
    assert line(Notice.REQUEST, SIGNED, first=True) == f"Printer {SIGNED}"
    assert line(Notice.MESSAGE) == "Re: Printer [SUP-1042]"
    assert line(Notice.MISTYPED, first=True) == "Re: Printer [SUP-1042]"
    assert line(Notice.REQUEST, known=False, first=True) == "Printer [SUP-1042]"
    assert "Printer" not in line(Notice.ASK)
    assert line(Notice.ALARM, "") == "We have received your request"


@given(st.text(max_size=400))
def test_any_subject_is_one_line_of_at_most_200_with_its_tag(theirs: str) -> None:
    line = subject_line(replace(sample(Notice.MESSAGE, "en"), subject=theirs), RENDERED, SIGNED)
    assert len(line) <= 200
    assert SIGNED in line
    assert line.isprintable() or not any(mark in line for mark in "\r\n\x00\u2028")


ADDRESS = "support+SUP-1042.7.k7q2abcdefghijkl@example.com"
ID = "SUP-1042.7.k7q2abcdefghijkl@example.com"


def _open(link: str) -> tuple[str, dict[str, str]]:
    """Reads a link as a mail program does: the addressee, and the fields of the new mail (RFC 6068)."""
    parts = urlsplit(link)
    fields = (pair.partition("=") for pair in parts.query.split("&"))
    return unquote(parts.path), {name.lower(): unquote(value) for name, _, value in fields}


@given(
    st.text(alphabet=st.characters(codec="utf-8"), max_size=900),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=300),
)
def test_a_link_opens_the_mail_that_was_meant(body: str, words: str) -> None:
    """Rule 15: whatever is cut, the tag, the id and the line ends below the words stay whole."""
    link = mailto(ADDRESS, words, SIGNED, body, ID)
    assert len(link) < 500
    assert link.isascii()
    assert " " not in link
    assert "\n" not in link
    to, fields = _open(link)
    assert to == ADDRESS
    assert fields["subject"].startswith("Re: ")
    assert fields["subject"].endswith(SIGNED)
    assert not {"\r", "\n"}.intersection(fields["subject"])
    assert fields["body"].endswith("\r\n\r\n")
    assert "\r\n".join(body.splitlines()).startswith(fields["body"].removesuffix("\r\n\r\n"))
    assert fields.get("in-reply-to", f"<{ID}>") == f"<{ID}>"


def test_a_link_is_percent_encoded() -> None:
    link = mailto("a&b@example.com", "R&D: 50 %", "[SUP-1 x]", "Not fixed:\n50 % & more", "c&d@e")
    assert link == (
        "mailto:a%26b@example.com?subject=Re%3A%20R%26D%3A%2050%20%25%20%5BSUP-1%20x%5D"
        "&body=Not%20fixed%3A%0D%0A50%20%25%20%26%20more%0D%0A%0D%0A&In-Reply-To=%3Cc%26d%40e%3E"
    )


@pytest.mark.parametrize(
    ("words", "subject"),
    [
        ("Lecteur réseau introuvable", f"Re: Lecteur réseau introuvable {SIGNED}"),
        ("", f"Re: {SIGNED}"),
        ("a\r\nBcc: b", f"Re: a Bcc: b {SIGNED}"),
        ("طابعة الطابق الثاني " * 3, f"Re: طابعة الطابق الثاني طابعة الطابق الثاني طابعة الطا… {SIGNED}"),
    ],
)
def test_the_subject_of_an_answer_can_be_read_in_the_folder_of_sent_mails(words: str, subject: str) -> None:
    """The words are cut where the link would grow too long; the tag never is."""
    assert _open(mailto(ADDRESS, words, SIGNED, "nicht gelöst", ID))[1]["subject"] == subject


def test_in_a_very_long_domain_the_thread_is_left_out_and_not_the_answer() -> None:
    domain = f"{'d' * 63}.{'e' * 63}.{'f' * 63}.example"
    link = mailto(f"support@{domain}", "Printer", SIGNED, "not fixed", f"SUP-1042.7.k7q2abcdefghijkl@{domain}")
    assert len(link) < 500
    assert _open(link)[1] == {"subject": f"Re: Printer {SIGNED}", "body": "not fixed\r\n\r\n"}


def test_every_prefix_that_tells_a_forward_from_an_answer_is_taken_off() -> None:
    """Else an agent's answer to the notice, its prefix kept, counts as a forward and quotes all of it."""
    phrases = load_phrases("quoting")
    for prefix in {*phrases["reply"], *phrases["forward"]} - {"tr : re"}:
        for subject in (f"{prefix}: Printer", f"{prefix.upper()} : Printer", f"Re: {prefix}[2]: Printer"):
            content = replace(sample(Notice.REQUEST, "en"), subject=subject, first=True)
            assert subject_line(content, RENDERED, TAG) == f"Printer {TAG}"
