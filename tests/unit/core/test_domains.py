"""Domains as they are compared and sent: by IDNA 2008, and nothing becomes another domain on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.core.domains import domain_of, fold_address, fold_domain, is_aligned, to_a_labels

ONE = {
    "straße.de": ("Straße.DE", "STRASSE.DE".replace("SS", "ẞ"), "xn--strae-oqa.de", "XN--STRAE-OQA.DE", "straße.de."),
    "strasse.de": ("STRASSE.DE", "strasse.de."),
    "bücher.example": ("BÜCHER.example", "bu\u0308cher.example", "xn--bcher-kva.example"),
    "παράδειγμα.ελ": ("ΠΑΡΆΔΕΙΓΜΑ.ΕΛ", "xn--hxajbheg2az3al.xn--qxam"),
    "example.com": ("EXAMPLE.com", "ｅxample.com", "example。com"),
    "i❤.ws": ("I❤.ws",),
    "xn--a.de": ("xn--A.de",),
}


@pytest.mark.parametrize("domain", ONE)
def test_one_domain_has_one_form(domain: str) -> None:
    assert {fold_domain(spelled) for spelled in (domain, *ONE[domain])} == {domain}


def test_domains_of_several_owners_stay_apart() -> None:
    apart = (
        "straße.de",
        "strasse.de",
        "faß.de",
        "fass.de",
        "exampleſ.com",
        "еxample.com",
        "example.com",
        "ex-ample.com",
    )
    assert len({fold_domain(domain) for domain in apart} - {"examples.com"}) == len(apart) - 1


@pytest.mark.parametrize(
    ("domain", "sent"),
    [
        ("straße.de", "xn--strae-oqa.de"), ("Bücher.example", "xn--bcher-kva.example"), ("example.com", "example.com"),
        ("i❤.ws", None), ("ü" * 80 + ".de", None), ("a＠b.de", None), ("a；b.de", None), ("ü..de", None),
    ],
)  # fmt: skip
def test_a_domain_is_sent_in_a_labels_or_not_at_all(domain: str, sent: str | None) -> None:
    assert to_a_labels(domain) == sent


def test_an_address_keeps_its_local_part_apart() -> None:
    assert fold_address("Straße@Straße.DE") == "straße@straße.de"
    assert fold_address("\u212aate@example.com") != fold_address("kate@example.com")
    assert fold_address("ſam@example.com") != fold_address("sam@example.com")
    assert domain_of("alice@evil＠example.com") != "example.com"


@pytest.mark.parametrize(
    ("one", "other", "aligned"),
    [
        ("mail.example.co.uk", "example.co.uk", True), ("a.example.com", "b.example.com", True),
        ("co.uk", "example.co.uk", False), ("a.github.io", "b.github.io", False), ("com", "com", False),
        ("xn--strae-oqa.de", "mail.straße.de", True), ("strasse.de", "straße.de", False), ("", "example.com", False),
    ],
)  # fmt: skip
def test_domains_of_one_organisation_are_aligned(one: str, other: str, *, aligned: bool) -> None:
    assert is_aligned(one, other) is is_aligned(other, one) is aligned


@given(st.text(max_size=40))
def test_any_text_folds_once(text: str) -> None:
    folded = fold_address(text)
    assert fold_address(folded) == folded
    assert folded.count("@") == text.count("@")
