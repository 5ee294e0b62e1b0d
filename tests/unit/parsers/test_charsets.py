"""Which charset a text is really in, whatever its label says."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from webencodings.labels import LABELS

from mailgate.parsers.mime import code_pages
from mailgate.parsers.mime.charsets import decode_bytes, find_codec
from tests.support.examples import examples

TEXTS = {
    "Проблема с принтером на втором этаже": ("koi8-r", "cp1251", "iso8859-5", "cp866"),
    "打印机今天早上无法使用": ("gb18030",),
    "プリンターが動きません": ("cp932", "euc_jp", "iso2022_jp"),
    "프린터가 작동하지 않습니다": ("cp949",),
    "印表機今天早上無法使用": ("big5",),
    "Ο εκτυπωτής δεν λειτουργεί": ("iso8859-7", "cp1253"),
    "המדפסת לא עובדת מהבוקר": ("cp1255", "iso8859-8"),
    "L’écran affiche « erreur n° 5 » à 20 €": ("cp1252",),
    "Das Gerät läuft nicht, Grüße": ("cp1252", "iso8859-15"),
    "ÉTÉ 2026 — ÇA NE VA PLUS": ("cp1252",),
    "é": ("cp1252",),
}
CASES = [(text, codec) for text, codecs in TEXTS.items() for codec in codecs]


@pytest.mark.parametrize(("text", "codec"), CASES)
@pytest.mark.parametrize("label", ["", "us-ascii", "iso-8859-1", "x-unknown", "utf-8"])
def test_a_wrong_label_does_not_hide_the_letters(text: str, codec: str, label: str) -> None:
    assert decode_bytes(text.encode(codec), label) == text


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("label", ["", "iso-8859-1", "koi8-r", "iso-8859-2", "shift_jis", "gb2312", "utf-16", "x-none"])
def test_utf8_is_utf8_under_every_label(text: str, label: str) -> None:
    if len(text) > 1 or label not in ("shift_jis", "gb2312"):
        assert decode_bytes(text.encode(), label) == text


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("utf8", "utf-8"), ("UTF-8;", "utf-8"), ('"utf-8"', "utf-8"), ("charset=utf-8", "utf-8"), ("gb2312", "gb18030"),
        ("ks_c_5601-1987", "cp949"), ("iso-8859-8-i", "iso8859-8"), ("x-mac-roman", "mac-roman"), ("tis-620", "cp874"),
        ("windows-874", "cp874"), ("cp-1251", "cp1251"), ("x-sjis", "cp932"), ("latin2", "iso8859-2"),
        ("utf-8 format=flowed", "utf-8"), ("Windows-1252", ""), ("ascii", ""), ("", ""), ("punycode", ""), ("idna", ""),
        ("base64", ""), ("rot13", ""), ("zlib", ""), ("unicode_escape", ""), ("a\0b", ""), ("../../x", ""),
    ],
)  # fmt: skip
def test_labels(label: str, codec: str) -> None:
    assert find_codec(label) == codec


@pytest.mark.parametrize(
    ("data", "label", "hint", "text"),
    [
        ("Сбой".encode("koi8-r"), "", "koi8-r", "Сбой"),
        ("故障".encode("gb18030"), "", "gb2312", "故障"),
        ("été".encode(), "", "koi8-r", "été"),
        (b"plain", "utf-7", "", "plain"),
        ("日本".encode("utf-16-be"), "utf-16", "", "日本"),
        ("日本 ok".encode("utf-16-le"), "utf-16", "", "日本 ok"),
        ("\ufeffé".encode("utf-16-le"), "", "", "é"),
        ("\ufeffé".encode("utf-32-le"), "utf-32", "", "é"),
        (b"a\0b", "", "", "a\0b"),
        (b"\x1b[31mred", "", "", "\x1b[31mred"),
        (b"\x1b$B$", "iso-2022-jp", "", ""),
        (b"\x1b$B$\"\xff\xff\x1b(Bx", "iso-2022-jp", "", "あ?x"),
        (b"\xff\xff\xff", "utf-8", "", "ÿÿÿ"),
    ],
)  # fmt: skip
def test_odd_bytes(data: bytes, label: str, hint: str, text: str) -> None:
    assert decode_bytes(data, label, hint) == text


WORDS = (
    "już źle proszę čeština příliš şifre değil lõpp žinutė œuvre été façade größer Straße naïve eXÉmple iPhone ½ € "
    "printer please dziękuję nejde yazıcı çalışmıyor imprimante größte nav ir"
)


@settings(max_examples=examples(300), deadline=None)
@given(
    st.one_of(
        st.builds(
            lambda words, page: " ".join(words).encode(page, "ignore"),
            st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=12),
            st.sampled_from(["cp1250", "cp1252", "cp1254", "cp1257", "iso8859-2", "iso8859-15"]),
        ),
        st.binary(max_size=60),
    ),
    st.booleans(),
)
def test_the_cheap_look_hides_no_code_page(data: bytes, is_labelled: bool) -> None:
    chosen = code_pages.choose_latin_page(data, is_labelled=is_labelled)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(code_pages, "_may_lead", lambda *_: True)
        assert code_pages.choose_latin_page(data, is_labelled=is_labelled) == chosen


@settings(max_examples=examples(300), deadline=None)
@given(
    st.binary(max_size=100), st.one_of(st.text(max_size=20), st.sampled_from(["utf-7", "hz", "utf-16", "iso-2022-kr"]))
)
def test_whatever_the_bytes_and_the_label_there_is_a_text(data: bytes, label: str) -> None:
    assert isinstance(decode_bytes(data, label, label), str)


@pytest.mark.parametrize(
    "data",
    [b"\xe9" * 2_000_000, b"\xc3\xa9\xe9" * 700_000, b"\x1b$B" * 700_000, b"\x1b$B!" * 500_000, b"\0" * 2_000_000,
     b"\x81\x40" * 1_000_000, b"+AOk" * 500_000],
)  # fmt: skip
@pytest.mark.parametrize("label", ["", "utf-8", "utf-7", "iso-2022-jp", "gb18030"])
def test_hostile_bytes_take_bounded_time(data: bytes, label: str, share: float) -> None:
    start = time.process_time()
    decode_bytes(data[: int(len(data) * share)], label)
    assert time.process_time() - start < 2 * share


UNLABELLED = {
    "Dzień dobry, drukarka znów nie działa. Proszę o pomoc, dziękuję.": ("cp1250", "iso8859-2"),
    "Wciąż to samo.": ("cp1250", "iso8859-2"),
    "Dobrý den, tiskárna stále nefunguje, děkuji za pomoc.": ("cp1250", "iso8859-2"),
    "Tiskárna už zase tiskne, díky.": ("cp1250", "iso8859-2"),
    "Yazıcı hâlâ çalışmıyor, yardımcı olur musunuz? Teşekkürler.": ("cp1254", "iso8859-9"),
    "Artık çalışıyor, teşekkür ederim.": ("cp1254", "iso8859-9"),
    "Dobrý deň, tlačiareň nefunguje, prosím o pomoc. Ďakujem.": ("cp1250", "iso8859-2"),
    "Jó napot, a nyomtató nem működik. Köszönöm a segítségét, üdvözlettel Gábor": ("cp1250", "iso8859-2"),
    "Laba diena, spausdintuvas neveikia, prašau padėti. Ačiū": ("cp1257",),
    "Добър ден, принтерът не работи.": ("cp1251", "koi8-r"),
    "Das Gerät läuft nicht, schöne Grüße.": ("cp1252",),
    "L'imprimante est réparée, merci à l'équipe.": ("cp1252", "iso8859-15"),
    "Le câble coûte 15 €, c'est noté.": ("cp1252", "iso8859-15"),
    "Skrivaren fungerar fortfarande inte på våning två.": ("cp1252",),
    "Não está a funcionar, já reiniciei três vezes.": ("cp1252",),
}


@pytest.mark.parametrize(("text", "codec"), [(text, codec) for text, codecs in UNLABELLED.items() for codec in codecs])
@pytest.mark.parametrize("label", ["", "us-ascii", "x-unknown"])
def test_the_language_of_an_unlabelled_text_chooses_its_code_page(text: str, codec: str, label: str) -> None:
    assert decode_bytes(text.encode(codec), label) == text


@pytest.mark.parametrize("text", [text for text, codecs in UNLABELLED.items() if "cp1250" in codecs and len(text) > 40])
def test_a_text_called_latin_1_is_read_by_its_language_if_that_is_clear(text: str) -> None:
    assert decode_bytes(text.encode("iso8859-2"), "iso-8859-1") == text
    assert decode_bytes(text.encode("cp1250"), "windows-1252") == text


@pytest.mark.parametrize("label", ["utf-8", "", "iso-8859-1"])
def test_a_footer_in_another_charset_does_not_spoil_the_text(label: str) -> None:
    footer = (
        "Esta informação é confidencial. É proibida a divulgação. Não imprima esta mensagem à toa, é desnecessário."
    )
    data = "Atención, señor\n".encode() + footer.encode("cp1252")
    assert decode_bytes(data, label) == "Atención, señor\n" + footer


def test_every_label_of_whatwg_is_known() -> None:
    unknown = [
        label
        for label, name in LABELS.items()
        if not find_codec(label) and name not in ("windows-1252", "replacement", "x-user-defined")
    ]
    assert len(LABELS) == 228
    assert not unknown
