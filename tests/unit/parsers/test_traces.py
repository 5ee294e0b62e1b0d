"""The traces of a person are hidden in every spelling, and what only looks like one stays."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from mailgate.parsers.traces import Traces, decode_all, fold_lines

PAT = Traces("pat.obrien@example.org", ["Pat O'Brien"])


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/?email=pat.obrien@example.org&a=1",
        "bounces+pat.obrien=example.org@list.example",
        "b-12-pat.obrien=example.org@list.example",
        "SRS0=ab=cd=example.org=pat.obrien@forward.example",
        "https://x.example/u%3Dpat.obrien%40example.org",
        "%22pat.obrien@example.org%22",
        "pat.obrien&#64;example.org",
        "pat.obrien&#x40;example.org",
        "Write to PAT.OBRIEN@EXAMPLE.ORG.Thanks",
        '"pat.obrien"@example.org',
        "pat.obrien (at) example.org",
        "list of _pat.obrien@example.org_",
        "pat.obrien@example.org.pdf",
    ],
)
def test_an_address_is_found_in_each_spelling(text: str) -> None:
    assert PAT.has_address(text)
    assert "obrien" not in PAT.hide(text).lower()


@pytest.mark.parametrize(
    "text",
    [
        "xpat.obrien@example.org",
        "pat.obrien@example.org.uk",
        "pat.obrien@example.organic",
        "pat.obrien@example.org-eu.example",
        "me.pat.obrien@example.org",
        "pat.obrien@other.example",
        "pat.obrien+list@other.example",
    ],
)
def test_the_address_of_another_person_stays(text: str) -> None:
    traces = PAT.with_words(())
    assert not traces.has_address(text)
    assert not PAT.names_in(text)
    assert PAT.hide(text) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Pat O'Brien", "Pat O’Brien"),
        ("Pat O'Brien", "O'BRIEN, Pat"),
        ("Pat O'Brien", "Pat\n> O'Brien"),
        ("Pat O'Brien", "Pat\u200bO'Brien"),
        ("Pat O'Brien", "_Pat O'Brien_"),
        ("Müller, Anna", "Anna Müller"),
        ("Müller, Anna", "Anna Mueller"),
        ("Müller, Anna", "ANNA MULLER"),
        ("Mueller, Anna", "Anna Müller"),
        ("Müller, Anna", "Anna Mu\u0308ller"),
        ("'Anna Müller' (Sales)", "Anna Müller"),
        ("Anna Müller via Lists", "Müller Anna"),
        ("Dr. Anna Müller", "Anna Müller"),
        ("Eva Strauß", "EVA STRAUSS"),
        ("Jean-Luc d'Été", "Jean‑Luc d’Ete"),
        ("Ludwig van der Berg", "van der Berg, Ludwig"),
        ("王伟", "王伟说打印机坏了"),
    ],
)
def test_a_name_is_found_as_other_people_write_it(name: str, text: str) -> None:
    traces = Traces("x@example.org", [name])
    assert traces.names_in(text)
    assert set(traces.hide(text)) & set(text.replace("说打印机坏了", "")) <= {"_"}


@pytest.mark.parametrize(
    ("name", "text", "hidden"),
    [
        ("Rose May", "May I ask where the rose is? It may be red.", "May I ask where the rose is? It may be red."),
        ("Rose May", "Dear Rose,\nhi rose\nas Rose May said", "Dear …,\nhi …\nas … said"),
        ("Will", "I will do it. Will it work?\nDear Will,", "I will do it. Will it work?\nDear …,"),
        ("Bill Frank", "The bill is paid, says Bill", "The bill is paid, says …"),
        ("Xu Li", "Dear Xu, as Mr Li said, xu is no word", "Dear …, as Mr … said, xu is no word"),
        ("Printer", "The printer is out of order", "The printer is out of order"),
        ("Anna Müller (Sales)", "Sales are low, says anna", "Sales are low, says …"),
        ("Ludwig van der Berg", "the van is der best, Mr van der Berg", "the van is der best, Mr van der …"),
        ("pat@x.example via Lists", "via the lists", "via the lists"),
        ("Anna Müller", "Anna, write to anna@other.example", "…, write to anna@other.example"),
    ],
)
def test_a_part_of_a_name_is_no_word(name: str, text: str, hidden: str) -> None:
    assert Traces("x@example.org", [name]).with_words(()).hide(text) == hidden


def test_lines_that_everybody_writes_are_nobodys() -> None:
    mine = "The green lamp flickers since Monday morning.\nKind regards,\nthe printer is\nThank you!"
    traces = Traces("x@example.org", ["Anna Müller"]).with_words(fold_lines(mine))
    others = "I see that the printer is broken.\nKind regards,\nBert"
    assert traces.hide(others) == others
    assert not traces.quotes(others)
    assert traces.hide("> Kind regards,\nBert") == "…\nBert"
    assert traces.hide("The green lamp flickers since Monday morning.") == "…"
    wrapped = "She wrote: the green lamp\n> flickers since Monday morning. And I agree."
    assert traces.quotes(wrapped)
    assert traces.hide_quotations(wrapped) == "She wrote: … And I agree."


def test_everything_in_a_mail_is_read() -> None:
    mail = EmailMessage()
    mail["From"] = "Bert <bert@example.org>"
    mail.set_content("nothing")
    mail.add_alternative("<p>ask M&uuml;l<b>ler</b>, pat.obrien&#64;example.org</p>", subtype="html")
    mail.add_attachment(b"x", "application", "pdf", filename="Anna Müller.pdf")
    inner = EmailMessage()
    inner["Subject"] = "Grüße an Anna"
    inner.set_content("von pat.obrien@example.org", cte="base64")
    mail.add_attachment(inner)
    found = decode_all(mail.as_bytes())
    for words in ("ask Müller, pat.obrien@example.org", "Anna Müller.pdf", "Grüße an Anna", "von pat.obrien@"):
        assert words in found


def test_hostile_texts_take_no_time() -> None:
    traces = Traces("a.b@example.org", ["Anna " * 50, "'" * 500 + "x y", "-" * 400 + "a b"]).with_words(("anna " * 40,))
    began = time.process_time()
    for text in ("anna " * 20_000, "anna.b" * 20_000, "<" * 100_000, "@" * 100_000, "a.b=" * 30_000, "(at)" * 30_000):
        traces.hide(text)
        traces.names_in(text)
        traces.quotes(text)
    assert time.process_time() - began < 20
