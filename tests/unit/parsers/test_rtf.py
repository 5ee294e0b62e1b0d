"""Rich text: charsets of fonts and of the text, and mails that are nothing else."""

from __future__ import annotations

import time

import pytest

from mailgate.parsers import read_mail
from mailgate.parsers.mime.rtf import read_rtf

FONTS = (
    rb"{\fonttbl{\f0\fnil\fcharset0 Arial;}{\f1\fswiss\fcharset238 Arial CE;}{\f2\fcharset204 Arial Cyr;}"
    rb"{\f3\fcharset128 MS Mincho;}{\f4\fcharset161{\*\panose 02}Arial Greek;}{\f5\fcharset162 Arial Tur;}"
    rb"{\f6\cpg1257 x;}}"
)


def octets(text: str, codec: str) -> bytes:
    return b"".join(b"\\'%02x" % code for code in text.encode(codec))


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (rb"\f1 " + octets("Dzień", "cp1250"), "Dzień"),
        (rb"\f2 " + octets("Привет", "cp1251"), "Привет"),
        (rb"\f2 " + "Привет".encode("cp1251"), "Привет"),
        (rb"\f3 " + octets("日本", "cp932"), "日本"),
        (rb"\f4 " + octets("Γεια", "cp1253"), "Γεια"),
        (rb"\f5 " + octets("ışık", "cp1254"), "ışık"),
        (rb"\f6 " + octets("ačiū", "cp1257"), "ačiū"),
        (rb"\f0 " + octets("Grüße €", "cp1252"), "Grüße €"),
        (rb"\f9 " + octets("Grüße", "cp1252"), "Grüße"),
        (rb"{\f1 " + octets("ł", "cp1250") + rb"}" + octets("³", "cp1252"), "ł³"),
        (rb"\f1 " + octets("ł", "cp1250") + rb"\plain " + octets("³", "cp1252"), "ł³"),
        (rb"\f3 " + octets("あ", "cp932") + rb"\f2 " + octets("я", "cp1251"), "あя"),
        # the second byte of a letter written as itself
        (rb"\f3 \'83A\'83C", "アイ"),
        (rb"\f3 \'83\par x", "�\nx"),
        # what stands there for readers without Unicode counts in bytes
        (rb"\f3\uc2 \u26085\'93\'fa\u26412\'96\'7bx", "日本x"),
        (rb"\u322?\u243?d\u378?", "łódź"),
        (rb"\u-10179?\u-8704?", "\U0001f600"),
        (rb"\u-10179?x", "�x"),
    ],
)
def test_bytes_are_in_the_charset_of_their_font(words: bytes, text: str) -> None:
    assert read_rtf(rb"{\rtf1\ansi\ansicpg1252\deff0" + FONTS + words + b"}").text == text


@pytest.mark.parametrize(
    ("head", "codec", "text"),
    [
        (rb"\ansi\ansicpg1250", "cp1250", "Dzień"),
        (rb"\ansi\ansicpg932", "cp932", "日本"),
        (rb"\mac", "mac-roman", "Grüße"),
        (rb"\pc", "cp437", "Grüße"),
        (rb"\pca", "cp850", "Grüße"),
        (rb"\ansi\ansicpg1252\deff1{\fonttbl{\f0 A;}{\f1\fcharset204 B;}}", "cp1251", "Привет"),
        (rb"\ansi\ansicpg99999", "cp1252", "Grüße"),
    ],
)
def test_the_text_has_a_charset_too(head: bytes, codec: str, text: str) -> None:
    assert read_rtf(rb"{\rtf1" + head + b"\n" + octets(text, codec) + b"}").text == text


def test_tags_of_wrapped_html_are_in_the_charset_of_the_text() -> None:
    found = read_rtf(
        rb"{\rtf1\ansi\ansicpg1252\fromhtml1 \deff0{\fonttbl{\f0\fcharset204 A;}}{\*\htmltag64 <p title=\'e9>}"
        rb"\htmlrtf{\f0\htmlrtf0 " + octets("Да", "cp1251") + rb"\htmlrtf\f0}\htmlrtf0}"
    )
    assert (found.text, found.html) == ("<p title=é>Да", True)


def test_a_mail_that_is_only_rich_text_is_read_and_kept() -> None:
    raw = b"From: a@x.example\nContent-Type: application/rtf\n\n{\\rtf1\\ansi\\ansicpg1250 Dzie\\'f1 dobry}\n"
    mail = read_mail(raw)
    assert mail.new_text == "Dzień dobry"
    assert [file.filename for file in mail.attachments] == ["part-1.rtf"]


@pytest.mark.parametrize(
    "data",
    [b"{\\f1" * 500_000, b"\\'83" * 500_000, b"\\f3\\'83" * 250_000, b"\\u55357?" * 250_000, b"{\\fonttbl" * 200_000],
)
def test_hostile_rich_text_takes_bounded_time(data: bytes, share: float) -> None:
    start = time.process_time()
    read_rtf(b"{\\rtf1\\ansi" + FONTS + data[: int(len(data) * share)])
    assert time.process_time() - start < 5 * share
