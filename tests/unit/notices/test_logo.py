"""The desk's look in the mails that people get: its logo beside the page, its signature below the words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from mailgate.config import ConfigError, read_config
from mailgate.config.branding import _measure_gif, _measure_jpeg, _measure_png, read_logo
from mailgate.notices.logo import Logos
from mailgate.notices.rendering.colours import make_palette
from mailgate.notices.rendering.content import Rendered
from mailgate.store.schema import blobs, logos
from mailgate.tickets.values import FileRef
from mailgate.transport.relay import Outcome, Rejected, Streamed
from tests.support.desk import CONFIG, Delivered, TestDesk
from tests.support.flowed import read_text
from tests.support.screenshots import draw_logo

LOGO = draw_logo()
LOOK = 'colour = "#8a1c1c"\nlogo = "logo.png"\nsignature = """\nThe support team\nRoom 12"""\n'


@pytest.fixture
def desk(tmp_path: Path, database_url: str) -> Iterator[TestDesk]:
    (tmp_path / "logo.png").write_bytes(LOGO.data)
    made = TestDesk(tmp_path, database=database_url, config=CONFIG.replace("[desk]\n", f"[desk]\n{LOOK}"))
    yield made
    made.close()


def page(mail: Delivered) -> str:
    part = mail.message.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def images(mail: Delivered) -> list[EmailMessage]:
    return [part for part in mail.message.walk() if part.get_content_maintype() == "image"]


def count(desk: TestDesk) -> list[int]:
    with desk.desk.database.read() as connection:
        return [connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (logos, blobs)]


def test_a_requester_sees_the_logo_and_the_level_does_not(desk: TestDesk) -> None:
    desk.send(desk.mail("anna@example.org", "The printer is broken.", subject="Printer"))
    receipt = desk.last("anna@example.org", "receipt")
    (image,) = images(receipt)
    assert image.get_content() == LOGO.data
    assert image.get_content_type() == "image/png"
    assert image.get_content_disposition() == "inline"
    cid = str(image["Content-ID"]).strip("<>")
    # A dark logo is on a white plate, whatever a mail program knows of dark pages; its own padding would squeeze it.
    plate = rf'<td bgcolor="#ffffff" style="padding:[^"]*"><img src="cid:{cid}" alt="Support" [^>]*style="([^"]*)"'
    found = re.search(plate, page(receipt))
    assert found is not None
    assert "padding" not in found[1]
    assert receipt.message.get_content_type() == "multipart/alternative"
    plain, related = receipt.message.iter_parts()
    assert (plain.get_content_type(), related.get_content_type()) == ("text/plain", "multipart/related")
    assert related.get_param("type") == "text/html"
    assert receipt.text.endswith("Kind regards,\nThe support team\nRoom 12")
    assert make_palette("#8a1c1c").accent in page(receipt)
    request = desk.last("level1@example.com", "request")
    assert images(request) == []
    assert make_palette("#8a1c1c").accent in page(request)


def test_a_logo_is_kept_once_for_all_notices(desk: TestDesk) -> None:
    for number in range(4):
        desk.send(desk.mail(f"anna{number}@example.org", "The printer is broken.", subject=f"Printer {number}"))
    kept, stored = count(desk)
    assert kept == 1
    assert stored == 1 + 4  # the logo, and each mail as it came
    bodies = {images(mail)[0].get_content() for mail in desk.relay.mails if mail.notice == "receipt"}
    assert bodies == {LOGO.data}


def test_what_was_undone_is_kept_anew(desk: TestDesk) -> None:
    mine, rendered = Logos(), Rendered("", "", "", "en", desk.settings.default_queue.logo)
    database = desk.desk.database
    with database.write() as connection:
        undone = connection.begin_nested()
        lost = mine.attach(connection, rendered)
        assert mine.attach(connection, rendered) == lost
        undone.rollback()
    assert count(desk) == [0, 0]
    with database.write() as connection:
        first = mine.attach(connection, rendered)
    with database.write() as connection:
        assert mine.attach(connection, rendered) == first
        assert Logos().attach(connection, rendered) == first
    assert isinstance(first, FileRef)
    assert count(desk) == [1, 1]


def test_an_answer_that_is_too_large_loses_its_files_and_keeps_its_logo(
    desk: TestDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.send(desk.mail("anna@example.org", "The printer is broken.", subject="Printer"))
    taken, tried = desk.relay.send, []

    def send(sender: str, recipient: str, message: bytes | Streamed) -> Outcome:
        tried.append(len(message))
        if len(message) > 20_000:
            return Rejected("552 5.3.4 too large", too_large=True)
        return taken(sender, recipient, message)

    monkeypatch.setattr(desk.relay, "send", send)
    answer = desk.answer("alice@example.com", "Please try this.", desk.last("level1@example.com"), quote=False)
    answer.add_attachment(b"a driver" * 5000, maintype="application", subtype="zip", filename="driver.zip")
    desk.send(answer)
    got = desk.last("anna@example.org", "answer")
    assert max(tried) > 20_000
    (image,) = images(got)
    assert image.get_content() == LOGO.data
    told = list(got.message.iter_parts())[-1]
    assert isinstance(told, EmailMessage)
    assert "too large for email: driver.zip (39.1\xa0kB)" in read_text(told)
    assert "driver.zip" not in {part.get_filename() for part in got.message.walk()}
    assert got.message.get_content_type() == "multipart/mixed"


def test_a_notice_that_is_too_large_without_files_is_given_up(desk: TestDesk) -> None:
    """The logo cannot be left out for it: there is no end of trying."""
    desk.relay.refuse["anna@example.org"] = Rejected("552 5.3.4 too large", too_large=True)
    desk.send(desk.mail("anna@example.org", "The printer is broken.", subject="Printer"))
    assert desk.delivered("anna@example.org") == []
    assert desk.last("level1@example.com", "failed")


def test_the_logo_that_comes_back_in_a_quotation_is_no_file_of_the_requester(desk: TestDesk) -> None:
    desk.send(desk.mail("anna@example.org", "The printer is broken.", subject="Printer"))
    receipt = desk.last("anna@example.org", "receipt")
    reply = desk.answer("anna@example.org", "It also smokes.", receipt)
    reply.add_alternative(f"<p>It also smokes.</p><blockquote>{page(receipt)}</blockquote>", subtype="html")
    html = reply.get_body(("html",))
    assert html is not None
    cid = str(images(receipt)[0]["Content-ID"])
    html.add_related(LOGO.data, "image", "png", cid=cid, filename="logo.png", disposition="inline")
    html.add_related(LOGO.data + b"\0", "image", "png", cid="<a@b>", filename="smoke.png", disposition="inline")
    desk.send(reply)
    message = desk.last("level1@example.com", "message")
    assert [part.get_filename() for part in message.message.iter_attachments()] == ["smoke.png"]


def test_a_logo_that_is_no_image_or_too_large_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a key")
    (tmp_path / "mailgate.toml").write_text(CONFIG.replace("[desk]\n", f"[desk]\n{LOOK}"))
    for content, said in (
        (None, "cannot read the image"),
        (b"<svg/>", "is not a PNG, JPEG or GIF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is not a PNG, JPEG or GIF"),
        (LOGO.data + bytes(100_000), "has more than 100000 bytes (limits.logo_size)"),
    ):
        if content is not None:
            (tmp_path / "logo.png").write_bytes(content)
        with pytest.raises(ConfigError) as caught:
            read_config(tmp_path / "mailgate.toml")
        assert len(caught.value.mistakes) == 1, "once, and not for the queue again"
        assert caught.value.mistakes[0].startswith("desk.logo: ")
        assert said in caught.value.mistakes[0]


@pytest.mark.parametrize(
    ("head", "mime_type"),
    [
        (b"GIF89a\x78\x00\x28\x00", "image/gif"),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x11\x08\x00\x28\x00\x78", "image/jpeg"),
        (b"\xff\xd8\xff\xe1\x00\x02\xff\xc0\x00\x11\x08\x00\x28\x00\x78", "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x78\0\0\0\x28", "image/png"),
    ],
)
def test_what_an_image_is_its_bytes_say(tmp_path: Path, head: bytes, mime_type: str) -> None:
    path = tmp_path / "logo.txt"
    path.write_bytes(head + bytes(20))
    logo = read_logo(path)
    assert (logo.mime_type, logo.width, logo.height) == (mime_type, 120, 40)


@given(st.binary(max_size=200))
def test_no_bytes_stop_the_reader(data: bytes) -> None:
    for start in (b"", b"\xff\xd8\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n"):
        for measure in (_measure_gif, _measure_jpeg, _measure_png):
            measure(start + data)
