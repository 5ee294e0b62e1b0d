"""A form that an agent sends is the agent's own mail: formatted, with its files, and not automatic."""

from __future__ import annotations

from pathlib import Path

from tests.support.conversations import page_of
from tests.support.desk import TestDesk
from tests.support.people import configured


def test_the_words_keep_their_format_and_the_file_goes_along(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, config=configured(["access form"]), database=database_url)
    try:
        desk.send(desk.mail("Anna <anna@example.org>", "I cannot get into our accounts.", subject="Accounts"))
        request = desk.last("level1@example.com", "request")
        mail = desk.answer("alice@example.com", "#form access\n\nPlease read *this* first.", request)
        page = "<p>#form access</p><p>Please read <b>this</b> first.</p>"
        mail.add_alternative(page, subtype="html")
        mail.add_attachment(b"rules of access", maintype="text", subtype="plain", filename="rules.txt")
        desk.send(mail)
        form = desk.last("anna@example.org", "details")
    finally:
        desk.close()
    assert ">this</strong> first." in page_of(form)
    assert "System:" in page_of(form)
    assert "I cannot get into" not in form.text
    assert [part.get_filename() for part in form.message.iter_attachments()] == ["rules.txt"]
    assert "Auto-Submitted" not in form.message
