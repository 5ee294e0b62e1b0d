"""The two CSV files as spreadsheets and exports really write them, and what is said of lines that cannot be used."""

from __future__ import annotations

import time
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailgate.config.directory.csv_rows import UnreadableFile
from mailgate.config.directory.entries import Directory, Equipment, Person
from mailgate.config.directory.reader import read_equipment, read_people

ANNA = Person("anna@example.org", "Anna Martin", "Comptabilité", "fr", ZoneInfo("Europe/Paris"), True)
ENGLISH = """address,name,department,language,timezone,vip
anna@example.org,Anna Martin,Comptabilité,fr,Europe/Paris,yes
"""
FRENCH = """Nom;Adresse e-mail;VIP;Service;Langue;Fuseau horaire
"Anna Martin";anna@example.org;oui;Comptabilité;français;Europe/Paris
"""


@pytest.mark.parametrize(
    "raw",
    [
        ENGLISH.encode(),
        ENGLISH.encode("utf-8-sig"),
        ENGLISH.encode("cp1252"),
        ENGLISH.replace("\n", "\r\n").encode(),
        ENGLISH.replace("\n", "\r").encode(),
        ENGLISH.replace(",", "\t").encode("utf-16"),
        FRENCH.encode(),
        FRENCH.encode("cp1252"),
        f"sep=;\n{FRENCH}".encode(),
        f"\n\n{ENGLISH}\n,,,,,\n\n".encode(),
        ENGLISH.upper().replace("YES", "1").replace("EUROPE/PARIS", "Europe/Paris").encode(),
        b"first name;last name;E_MAIL;Department;language;time_zone;vip\n"
        b"Anna;Martin;anna@example.org;Comptabilit\xe9;fr-FR;Europe/Paris;x\n",
    ],
)  # fmt: skip
def test_people_are_read_whatever_wrote_them(raw: bytes) -> None:
    found = read_people(raw)
    assert found.remarks == ()
    (person,) = found.entries
    assert person.address.casefold() == ANNA.address
    assert person.name.casefold() == ANNA.name.casefold()
    assert person.department.casefold() == ANNA.department.casefold()
    assert (person.language, person.zone, person.vip) == ("fr", ANNA.zone, True)


def test_a_line_that_cannot_be_used_is_named_and_the_others_count() -> None:
    raw = b"""address,name,language,timezone,vip
anna@example.org,Anna,fr,Europe/Paris,yes
not an address,Ben,en,UTC,no
,Carl,en,UTC,no
dora@example.org,Dora,klingon!,Paris,perhaps
ANNA@example.org,Anna again,en,UTC,no
eve@example.org,"Eve
of two lines",en,UTC,no
"frank@example.org,Frank,en,UTC,no
gina@example.org,Gina,en,UTC,no
"""
    found = read_people(raw)
    assert [person.address for person in found.entries] == [
        "anna@example.org", "dora@example.org", "eve@example.org", "gina@example.org",
    ]  # fmt: skip
    assert found.remarks == (
        'line 3 is left out: "not an address" is not an address; write only the address, or @example.com for '
        "everyone there",
        "line 4 is left out: it has no address",
        'line 5: "klingon!" is not a language; write a code such as fr. The rest of the line is used',
        'line 5: there is no time zone "Paris"; write one such as Europe/Paris. The rest of the line is used',
        'line 5: vip is "perhaps"; write yes or no. The rest of the line is used',
        "line 6 is left out: ANNA@example.org is already in line 2",
        "line 9 is left out: a quotation mark is never closed; double those inside a quoted field",
    )
    assert found.entries[2].name == "Eve of two lines"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "it is empty; its first row must name the columns"),
        (b"name,department\nAnna,Accounts\n",
         'line 1: no column is named "address"; the first row must name the columns'),
        (b"address\n", "none of its rows can be used"),
        (b"address\nAnna\n",
         'none of its rows can be used; line 2 is left out: "Anna" is not an address; write only the address, or'
         " @example.com for everyone there"),
        (b"address\nanna@example.org\0\n", "it is not UTF-8 or Windows-1252 text; save it as CSV UTF-8"),
        (b"PK\x03\x04\x14\x00\x06\x00", "it is not UTF-8 or Windows-1252 text; save it as CSV UTF-8"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_says_what_to_do(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_people(raw)
    assert str(caught.value) == words


def test_a_domain_stands_for_everybody_there() -> None:
    raw = b"address,name,department,vip\n@Vendor.example,Vendor Ltd,,\nboss@vendor.example,Bo Boss,Direction,yes\n"
    directory = Directory(read_people(raw).entries)
    somebody, boss = directory.person("Sam@VENDOR.example"), directory.person("boss@vendor.example")
    assert somebody is not None
    assert (somebody.name, somebody.department) == ("", "Vendor Ltd")
    assert boss is not None
    assert (boss.name, boss.vip) == ("Bo Boss", True)
    assert directory.knows("x@vendor.example")
    assert not directory.knows("x@mail.vendor.example")
    assert not directory.knows("vendor.example")


def test_equipment_belongs_to_an_address_a_domain_or_a_department() -> None:
    raw = """Adresse ou département;Matériel;Service;Dernier changement
anna@example.org;Portable T14;VPN;2026-11-20 : nouveau pilote
comptabilité;Imprimante 2e étage;;
@example.org;Wi-Fi;réseau;
zoe@example.net;Portable X1;;
;Fantôme;;
""".encode()
    found = read_equipment(raw)
    assert found.remarks == ("line 6 is left out: it has neither an address nor a department",)
    directory = Directory((), found.entries)
    assert [one.asset for one in directory.equipment_of("Anna@example.org", "COMPTABILITÉ ")] == [
        "Portable T14", "Wi-Fi", "Imprimante 2e étage",
    ]  # fmt: skip
    assert directory.equipment_of("ben@example.com", "") == ()
    assert directory.equipment_of("anna@example.org", "")[0] == Equipment(
        "anna@example.org", "Portable T14", "VPN", "2026-11-20 : nouveau pilote"
    )


def test_equipment_with_two_columns_of_owners() -> None:
    raw = b"asset,address,department\nLaptop,anna@example.org,Accounts\nPrinter,,Accounts\nPhone,anna,\n,,Accounts\n"
    found = read_equipment(raw)
    assert [(one.owner, one.asset) for one in found.entries] == [
        ("anna@example.org", "Laptop"),
        ("Accounts", "Printer"),
    ]
    assert [remark.partition(":")[0] for remark in found.remarks] == ["line 4 is left out", "line 5 is left out"]


@given(st.binary(max_size=300))
def test_whatever_a_file_holds_it_is_read_or_named(raw: bytes) -> None:
    for read in (read_people, read_equipment):
        with suppress(UnreadableFile):
            assert read(b"address,asset\nanna@example.org,Laptop\n" + raw).entries


def test_a_hostile_file_takes_time_in_proportion() -> None:
    spent = []
    for count in (5_000, 20_000):
        raw = b"address,name\nanna@example.org,Anna\n" + b'a@example.org,"x\n' * count
        began = time.process_time()
        assert len(read_people(raw).remarks) == count
        spent.append(time.process_time() - began)
    assert spent[1] < 12 * spent[0]
