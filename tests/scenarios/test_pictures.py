"""Pictures that a person pasted between the lines are shown where they stood, to agents and to requesters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailgate.transport.relay import Outcome, Streamed
from tests.support.conversations import page_of
from tests.support.desk import Delivered, TestDesk, refused
from tests.support.screenshots import draw_logo

PNG = draw_logo().data
OTHER = PNG.replace(b"IDAT", b"IDAT", 1) + b"\0"
_SHOWN = re.compile(r'<img src="cid:([^"]+)" alt="\[([^"]+)\]"')

# How programs write the plain form of "above <picture> below".
FORMS = {
    "nothing": "I see this:\n\nHow do I get rid of it?",
    "Thunderbird's alternative text": "I see this:\n\nscreenshot\n\nHow do I get rid of it?",
    "Outlook": "I see this:\n\n[cid:image001.png@01DC.1]\n\nHow do I get rid of it?",
    "Gmail": "I see this:\n\n[image: screenshot]\n\nHow do I get rid of it?",
    "a name in brackets": "I see this:\n\n[screenshot.png]\n\nHow do I get rid of it?",
}


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    found = TestDesk(tmp_path, database=database_url)
    yield found
    found.close()


def illustrate(
    mail: EmailMessage, page: str, *, name: str = "screenshot.png", cid: str = "image001.png@01DC.1", data: bytes = PNG
) -> EmailMessage:
    """Adds an HTML form and a picture that it shows."""
    if mail.get_content_type() == "text/plain":
        mail.add_alternative(page, subtype="html")
    page_part = mail.get_payload(1)
    assert isinstance(page_part, EmailMessage)
    page_part.add_related(data, "image", "png", cid=f"<{cid}>", filename=name, disposition="inline")
    return mail


def images(mail: Delivered) -> dict[str, EmailMessage]:
    """The images of a mail by their Content-IDs."""
    found = [part for part in mail.message.walk() if part.get_content_maintype() == "image"]
    return {str(part["Content-ID"]).strip("<>"): part for part in found}


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_of_the_requester_is_shown_to_the_agent(form: str, desk: TestDesk) -> None:
    page = '<p>I see this:</p><p><img src="cid:image001.png@01DC.1" alt="screenshot" width="900"></p>'
    mail = illustrate(
        desk.mail("Anna <anna@example.org>", FORMS[form], subject="A window"), f"{page}<p>How do I get rid of it?</p>"
    )
    desk.send(mail)
    request = desk.last("level1@example.com", "request")
    assert "> I see this:\n>\n> [screenshot.png]\n>\n> How do I get rid of it?\n" in request.text
    ((cid, name),) = _SHOWN.findall(page_of(request))
    assert name == "screenshot.png"
    assert cid.endswith("@mailgate")
    assert 'width="520"' in page_of(request)
    (image,) = images(request).values()
    assert image.get_content() == PNG
    assert image.get_content_disposition() == "inline"
    assert images(request)[cid] is image
    assert "image001.png@01DC.1" not in request.raw.decode()
    place = [page_of(request).index(words) for words in ("I see this", "<img src", "How do I get rid")]
    assert place == sorted(place)


def test_a_picture_of_the_agent_is_shown_to_the_requester(desk: TestDesk) -> None:
    desk.send(desk.mail("anna@example.org", "Where do I click?", subject="A window"))
    mail = desk.answer("alice@example.com", "#resolve\n\nClick here:\n\nThen restart.", desk.last("level1@example.com"))
    page = '<p>#resolve</p><p>Click here:</p><p><img src="cid:a@b"></p><p>Then restart.</p>'
    logo = '<div class="moz-signature">-- <br>Alice<br><img src="cid:logo@b"></div>'
    mail = illustrate(mail, f"{page}{logo}", cid="a@b")
    desk.send(illustrate(mail, "", cid="logo@b", name="logo.png", data=OTHER))
    confirm = desk.last("anna@example.org", "confirm")
    assert "Click here:\n\n[screenshot.png]\n\nThen restart." in confirm.text
    ((cid, _),) = _SHOWN.findall(page_of(confirm))
    assert list(images(confirm)) == [cid]
    assert b"a@b" not in confirm.raw
    copy = desk.last("level1@example.com", "copy")
    assert len(_SHOWN.findall(page_of(copy))) == 1


def test_two_pictures_of_one_name_stand_each_in_its_place(desk: TestDesk) -> None:
    mail = desk.mail("anna@example.org", "First this:\n\n\nthen that:\n\n\nWhat now?", subject="Two windows")
    page = '<div>First this:<br><img src="cid:1@x"><br>then that: <br><img src="cid:2@x"><br>What now?</div>'
    mail = illustrate(mail, page, name="image.png", cid="1@x")
    desk.send(illustrate(mail, "", name="image.png", cid="2@x", data=OTHER))
    request = desk.last("level1@example.com", "request")
    shown = _SHOWN.findall(page_of(request))
    assert [name for _, name in shown] == ["image.png", "image-2.png"]
    assert [images(request)[cid].get_content() for cid, _ in shown] == [PNG, OTHER]
    assert "First this:\n>\n> [image.png]\n>\n> then that:\n>\n> [image-2.png]\n>\n> What now?" in request.text


def test_a_picture_alone_is_the_request(desk: TestDesk) -> None:
    desk.send(
        illustrate(desk.mail("anna@example.org", "", subject="This"), '<p><img src="cid:image001.png@01DC.1"></p>')
    )
    request = desk.last("level1@example.com", "request")
    assert "> [screenshot.png]" in request.text
    assert len(_SHOWN.findall(page_of(request))) == 1


def test_the_name_of_a_picture_is_no_answer(desk: TestDesk) -> None:
    """A yes stays a yes, and a picture is not read as one."""
    desk.send(desk.mail("anna@example.org", "Word does not start.", subject="Word"))
    desk.send(desk.answer("alice@example.com", "#resolve Reinstalled.", desk.last("level1@example.com")))
    confirm = desk.last("anna@example.org", "confirm")
    mail = desk.answer("anna@example.org", "Look at this.", confirm, quote=False)
    desk.send(illustrate(mail, '<p>Look at this.<img src="cid:image001.png@01DC.1"></p>', name="it works.png"))
    assert desk.ticket().state == "confirming"
    assert "> Look at this. [it works.png]" in desk.last("level1@example.com", "unclear").text
    mail = desk.answer("anna@example.org", "It works again, thank you!", confirm, quote=False)
    page = '<p>It works again, thank you! <img src="cid:image001.png@01DC.1"></p>'
    desk.send(illustrate(mail, page, name="does not work.png", data=OTHER))
    assert desk.ticket().state == "finalizing"


def test_only_images_of_the_mail_are_shown(desk: TestDesk) -> None:
    """No image of the web, no drawing that runs scripts, no name that only looks like a picture's."""
    mail = desk.mail("anna@example.org", "One\n\nTwo [secret.png] https://x.example/[screenshot.png]", subject="A")
    page = (
        '<p>One <img src="https://spy.example/pixel.png"><img src="cid:none@x"></p>'
        '<p>Two [secret.png] https://x.example/[screenshot.png]</p><p><img src="cid:drawn@x"></p>'
    )
    mail.add_alternative(page, subtype="html")
    page_part = mail.get_payload(1)
    assert isinstance(page_part, EmailMessage)
    page_part.add_related(b"<svg/>", "image", "svg+xml", cid="<drawn@x>", filename="screenshot.png")
    desk.send(mail)
    request = page_of(desk.last("level1@example.com", "request"))
    assert "<img" not in request
    assert "spy.example" not in request


def test_a_relay_that_finds_it_too_large_gets_it_without_pictures(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = desk.relay.send

    def refuse_pictures(sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        raw = message if isinstance(message, bytes) else b"".join(message.pieces())
        too_large = b"Content-ID: <picture." in raw
        return refused("552 5.3.4 too large", too_large=True) if too_large else send(sender, recipient, raw)

    monkeypatch.setattr(desk.relay, "send", refuse_pictures)
    page = '<p>I see this:</p><p><img src="cid:image001.png@01DC.1"></p><p>What now?</p>'
    desk.send(illustrate(desk.mail("anna@example.org", "I see this:\n\nWhat now?", subject="A window"), page))
    desk.pass_time("1 minute")
    request = desk.last("level1@example.com", "request")
    assert images(request) == {}
    assert "[screenshot.png]" in request.text
    assert "- screenshot.png (" in request.raw.decode().partition("Not attached, because")[2]
    assert PNG not in request.raw
    assert request.message.get_content_type() == "multipart/mixed"
    assert not request.message.defects


def test_level2_reads_the_request_with_the_names_of_its_pictures(desk: TestDesk) -> None:
    page = '<p>I see this:</p><p><img src="cid:image001.png@01DC.1"></p><p>What now?</p>'
    desk.send(illustrate(desk.mail("anna@example.org", "I see this:\n\nWhat now?", subject="A window"), page))
    desk.send(desk.answer("alice@example.com", "#escalate no idea", desk.last("level1@example.com")))
    assert "[screenshot.png]" in desk.last("level2@example.com", "escalation").text
