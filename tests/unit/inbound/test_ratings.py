"""A rating as mail programs send it, what the notice that asks for it looks like, and what is kept of it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner

from mailgate.cli import cli
from mailgate.core.workflow.notice_catalogue import Notice
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.subject import mailto
from mailgate.notices.rendering.templates import SHIPPED, Templates
from mailgate.parsers.ratings import write_rating
from tests.support.clients import AppleMail, Client, Gmail, IPhone, Outlook, OutlookPhone
from tests.support.desk import TestDesk
from tests.support.mails import find_links
from tests.support.people import configured

ANNA = "anna@example.org"
CARD = "Anna Martin\nAccounts\n+33 1 23 45 67 89"
OURS = Templates()
CLIENTS = [
    Outlook("Anna Martin", ANNA, signature=CARD),
    OutlookPhone("Anna Martin", ANNA),
    Gmail("Anna Martin", ANNA, signature=CARD),
    AppleMail("Anna Martin", ANNA, "fr"),
    IPhone("Anna Martin", ANNA),
]


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    desk = TestDesk(tmp_path, database=database_url)
    yield desk
    desk.close()


@pytest.fixture
def asked(desk: TestDesk) -> TestDesk:
    """Anna has the final notice of her ticket, which asks her."""
    desk.send(desk.mail(f"Anna Martin <{ANNA}>", "Word does not start.", subject="Word"))
    desk.send(desk.answer("alice@example.com", "#resolve I reinstalled Word.", desk.last("level1@example.com")))
    desk.send(desk.answer(ANNA, "resolved", desk.last(ANNA)))
    assert desk.last(ANNA).notice == "final"
    return desk


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: type(client).__name__)
@pytest.mark.parametrize("words", ["", "Why did it take a week?"], ids=["alone", "with words"])
def test_a_link_opens_a_new_mail_in_every_client(asked: TestDesk, client: Client, words: str) -> None:
    address, subject, body = find_links(asked.last(ANNA, "final"))[3]
    text = f"{body}\n\n{words}" if words else body
    asked.receive(client.write(text, to=address, subject=subject, at=asked.clock.now()), ANNA, [address])
    ticket = asked.ticket()
    assert (ticket.state, ticket.rating, ticket.rated_at) == ("finalizing", 4, asked.clock.now())
    assert ticket.rating_words.replace("\xa0", " ") == words
    assert (asked.last("level1@example.com").notice == "unclear") == bool(words)


@pytest.mark.parametrize("client", CLIENTS, ids=lambda client: type(client).__name__)
def test_a_number_as_the_reply_of_every_client(asked: TestDesk, client: Client) -> None:
    final = asked.last(ANNA, "final")
    asked.receive(client.reply("2", final.message, asked.clock.now()), ANNA, [final.reply_to])
    assert (asked.ticket().state, asked.ticket().rating) == ("finalizing", 2)
    assert asked.last("alice@example.com").notice == "poor_rating"


@pytest.mark.parametrize("attached", [False, True], ids=["words alone", "a file"])
def test_words_beside_a_poor_rating_go_to_level_1_too_only_with_a_file_that_the_other_mail_lacks(
    desk: TestDesk, *, attached: bool
) -> None:
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    desk.send(desk.answer("alice@example.com", "#escalate", desk.last("level1@example.com")))
    desk.send(desk.answer("carol@example.com", "#resolve I reinstalled Word.", desk.last("level2@example.com")))
    desk.send(desk.answer(ANNA, "resolved", desk.last(ANNA)))
    mail = desk.answer(ANNA, "1\n\nWhy did it take a week?", desk.last(ANNA, "final"))
    if attached:
        mail.add_attachment(b"a screen", maintype="image", subtype="png", filename="screen.png")
    desk.send(mail)
    assert "Why did it take a week?" in desk.last("carol@example.com", "poor_rating").text
    assert "Why did it take a week?" in desk.last("manager@example.com", "poor_rating").text
    assert (desk.last("level1@example.com").notice == "unclear") is attached


def test_without_sub_addresses_the_subject_of_the_link_carries_the_token(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url, config=configured(['[desk] reply_address = "none"']))
    desk.send(desk.mail(ANNA, "Word does not start.", subject="Word"))
    desk.send(desk.answer("alice@example.com", "#resolve I reinstalled Word.", desk.last("level1@example.com")))
    desk.send(desk.answer(ANNA, "resolved", desk.last(ANNA)))
    address, subject, body = find_links(desk.last(ANNA, "final"))[0]
    assert address == "support@example.com"
    desk.send(desk.mail(ANNA, body, subject=subject, to=address))
    assert (desk.ticket().state, desk.ticket().rating) == ("finalizing", 1)
    desk.close()


def test_the_rating_is_shown(asked: TestDesk) -> None:
    config = str(asked.folder / "mailgate.toml")
    show = CliRunner().invoke(cli, ["show", "SUP-1", "--config", config], obj=asked.clock).output
    assert re.search(r"rating +asked for", show)
    asked.send(asked.answer(ANNA, "4/5\n\nA little slow, was it holidays?", asked.last(ANNA, "final")))
    show = CliRunner().invoke(cli, ["show", "SUP-1", "--config", config], obj=asked.clock).output
    assert re.search(r"rating +4 of 5, .*: A little slow, was it holidays\?", show)
    found = json.loads(CliRunner().invoke(cli, ["show", "SUP-1", "--json", "--config", config], obj=asked.clock).output)
    assert (found["rating"], found["rating_words"]) == (4, "A little slow, was it holidays?")
    assert found["rated_at"]


@pytest.mark.parametrize("language", sorted(SHIPPED))
def test_the_page_has_five_links_that_say_what_they_mean(language: str) -> None:
    content = sample(Notice.FINAL, language)
    rendered = OURS.render_strictly(content)
    links = re.findall(r'<a href="(mailto:[^"]*\?[^"]*)"([^>]*)>([^<]*)</a>', rendered.html)
    assert [unescape(link) for link, _, _ in links] == list(content.rating_links)
    assert [shown for _, _, shown in links] == ["1", "2", "3", "4", "5"]
    labels = [re.search(r'aria-label="(\d) – ([^"]+)"', attributes) for _, attributes, _ in links]
    names = [label[2] for label in labels if label is not None]
    assert len(set(names)) == 5
    assert f"5 – {names[4]}" in rendered.html
    assert f"1 – {names[0]}" in rendered.html
    assert all(len(link) < 500 and "%20" in link and "+" not in link.partition("?")[2] for link in content.rating_links)
    silent = OURS.render_strictly(replace(content, rating_links=()))
    assert 'class="rating"' not in silent.html
    assert names[4] not in silent.text
    assert " 1 (" in rendered.text
    assert " 5 (" in rendered.text


def test_a_long_address_still_fits_into_the_links() -> None:
    address = f"{'s' * 20}+LONGPREFIX-1000000.100.k7q2abcdefghijkl@{'d' * 60}.example"
    sentences = [write_rating(stars, language) for stars in range(1, 6) for language in SHIPPED]
    tag, answered = f"[LONGPREFIX-1000000 100.{'k' * 16}]", address.replace("+", "@")
    links = [mailto(address, "Printer", tag, sentence, answered) for sentence in sentences]
    for sentence, link in zip(sentences, links, strict=True):
        assert len(link) < 500
        assert f"&body={quote(sentence, safe='')}%0D%0A%0D%0A" in link
