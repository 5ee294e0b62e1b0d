"""Tokens: what is signed in them, and what one of another ticket, word, purpose or person is worth."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.tokens import Token, make_word, read_tags, read_token, sign, sign_hold, tag, verify, verify_hold

KEYS = (b"first key of the tests", b"an older one")
ANNA = "anna@example.org"
WORDS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=4, max_size=4) | st.just("")
NUMBERS = st.integers(1, 10**6 - 1)


@given(WORDS, NUMBERS, NUMBERS, st.booleans())
def test_a_token_is_read_back_as_it_was_signed(word: str, number: int, notice: int, bounce: bool) -> None:
    token = sign(KEYS, f"SUP-{number}", notice, ANNA, word=word, bounce=bounce)
    assert (token.word, len(token.mac)) == (word, 16 + len(word))
    read = read_token(str(token).upper())
    assert read == token
    assert verify(KEYS, token, ANNA)
    if not bounce:
        assert read_tags(f"Re: Printer {tag(token)}") == ((token,), ())


@given(WORDS, WORDS)
def test_the_word_in_a_token_is_signed(word: str, other: str) -> None:
    token = sign(KEYS, "SUP-1", 1, ANNA, word=word)
    changed = Token("SUP-1", 1, other + token.mac[-16:])
    assert verify(KEYS, changed, ANNA) is (word == other)


@pytest.mark.parametrize("word", ["", "hold", "abcd"])
def test_no_purpose_verifies_as_another(word: str) -> None:
    signed = sign(KEYS, "HOLD-1", 1, ANNA, word=word)
    asked = sign_hold(KEYS, 1, 1, ANNA, word=word)
    assert verify_hold(KEYS, asked, ANNA)
    assert not verify_hold(KEYS, signed, ANNA)
    assert not verify(KEYS, asked, ANNA)
    assert not verify(KEYS, Token("HOLD-1", 1, signed.mac, bounce=True), ANNA)


def test_every_key_verifies_and_the_first_signs() -> None:
    token = sign(KEYS[1:], "SUP-1", 1, ANNA, word="abcd")
    assert verify(KEYS, token, ANNA)
    assert not verify(KEYS[:1], token, ANNA)
    assert not verify(KEYS, token, "ben@example.org")


def test_a_secret_part_has_sixteen_or_twenty_letters() -> None:
    read = {length: read_token(f"SUP-1.1.{'a' * length}") is not None for length in range(14, 23)}
    assert [length for length, is_read in read.items() if is_read] == [16, 20]


def test_words_differ() -> None:
    words = {make_word() for _ in range(100)}
    assert len(words) > 90
    assert all(sign(KEYS, "SUP-1", 1, ANNA, word=word).word == word for word in words)
