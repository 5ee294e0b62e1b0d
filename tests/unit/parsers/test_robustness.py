"""Whatever the bytes, a Mail comes back, in clean text, the same each time and in bounded time."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailgate.parsers import read_mail
from tests.support.examples import examples
from tests.support.parser_invariants import check_mail, check_text, load_corpus, mutate

MAILS = load_corpus()
RETURN_PATHS = st.sampled_from([None, "", "jo@customer.example", "\0\ud800\r\n"])
# The same examples each time; `make test-long` looks for new ones
LENIENT = settings(
    derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
# What parsers look for, so that drawn texts come near it
WORDS = st.sampled_from(
    [
        *(
            "#resolve",
            "#note",
            "#ask",
            "# ",
            "＃",
            "\\#",
            "```",
            "> ",
            ">",
            "-- ",
            "\n",
            "\n\n",
            "\r\n",
            "\t",
            "\xa0",
            " ",
        ),
        *("On Mon, 1 Jan 2024 at 10:00, A <a@b.example> wrote:", "Le 1 janv. a écrit :", "From: a", "____", "-----"),
        *(
            "yes",
            "no",
            "not",
            "works",
            "résolu",
            "ça marche pas",
            "nicht",
            "直りました",
            "👍",
            "👎",
            "?",
            ",",
            ".",
            "!",
        ),
        *("\u200b", "\u0301", "\u202e", "\ufeff", "\0", "\ud800", "İ", "ß", "\u2028", "\x85", "[SUP-1]", "Re: "),
    ]
)
TEXTS = st.lists(WORDS | st.text(max_size=8), max_size=40).map("".join)


@settings(LENIENT, max_examples=examples(700))
@given(st.sampled_from(MAILS), st.integers(0, 2**32), RETURN_PATHS)
def test_a_spoilt_mail_is_read_and_what_leaves_is_clean(raw: bytes, seed: int, envelope_from: str | None) -> None:
    mail = check_mail(mutate(raw, seed, MAILS), envelope_from)
    check_text(mail.new_text, mail.subject)


@settings(LENIENT, max_examples=examples(150))
@given(st.binary(max_size=400))
def test_noise_is_read(raw: bytes) -> None:
    check_mail(raw)


@settings(LENIENT, max_examples=examples(250))
@given(TEXTS, st.text(max_size=40))
def test_any_text_can_be_an_answer_and_commands(text: str, subject: str) -> None:
    check_text(text, subject)


@settings(LENIENT, max_examples=examples(150))
@given(TEXTS, st.sampled_from(["plain", "html"]), st.booleans())
def test_any_text_can_be_a_body(text: str, subtype: str, is_answer: bool) -> None:
    head = (
        b"Content-Type: text/" + subtype.encode() + b"; charset=utf-8\n" + b"In-Reply-To: <a@b.example>\n" * is_answer
    )
    check_mail(head + b"\n" + text.encode("utf-8", "surrogatepass"))


def test_the_corpus_is_sound_and_read_the_same_twice(whole: bool) -> None:
    for raw in MAILS[:: 1 if whole else 5]:
        mail = check_mail(raw)
        assert mail == read_mail(raw)
        check_text(mail.text, mail.subject)


@settings(LENIENT, max_examples=examples(60))
@given(st.sampled_from(MAILS), st.integers(0, 2**32))
def test_a_spoilt_mail_is_read_the_same_twice(raw: bytes, seed: int) -> None:
    spoilt = mutate(raw, seed, MAILS)
    assert read_mail(spoilt) == read_mail(spoilt)


MULTIPART = b"Content-Type: multipart/mixed; boundary=x\n\n"


@pytest.mark.parametrize(
    ("raw", "defect"),
    [
        (b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\n\nx", "header is longer"),
        (b"".join(b"X-%d: a\n" % number for number in range(20_000)) + b"\nx", "too many headers"),
        (MULTIPART + b"--x\n\na\n" * 3_000, "more than 1000 parts"),
        (MULTIPART + b"--x\nContent-Type: text/plain" + b';a="' * 50_000 + b"\n\nx\n--x--", "header of a part"),
        (b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (n, n) for n in range(80)), "levels"),
        (b"Content-Type: message/rfc822\n\n" * 2_000, "cannot be read"),
        (b"In-Reply-To: <a@b>\n\n" + b"> a\nb\n" * 30_000, ""),
        (b"\n" + b"--\n" * 50_000, ""),
        (b"In-Reply-To: <a@b>\n\n" + b"On 1 \nFrom: a\n" * 15_000, ""),
        (b"From: " + b"(" * 60_000 + b"\nTo: " + b'"<' * 30_000 + b"\n\nx", ""),
        (b"Content-Type: text/html\n\n" + b"<!--<p>" * 50_000, ""),
    ],
)
def test_hostile_mails_take_bounded_time(raw: bytes, defect: str) -> None:
    start = time.process_time()
    mail = read_mail(raw)
    assert time.process_time() - start < 3
    assert not defect or any(defect in found for found in mail.defects)
