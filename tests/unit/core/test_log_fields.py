"""Fields of a log record: what is left out, what is quoted, and that nothing in a mail can forge one."""

from __future__ import annotations

from mailgate.core.log_fields import Fields


def test_what_is_empty_is_left_out_and_words_are_quoted() -> None:
    fields = Fields(action="store", journal=47, peer="", reference=None, from_="jo@example.org", size=0, reason="full")
    assert str(fields) == "action=store journal=47 from=jo@example.org size=0 reason='full'"


def test_a_value_forges_neither_a_field_nor_a_line() -> None:
    line = str(Fields(message_id="<a b=c>", to='x"y', by="a\u202eb", event="two\nlines level=info"))
    assert line == "message_id='<a b=c>' to='x\"y' by='a\\u202eb' event='two\\nlines level=info'"


def test_no_token_is_shown() -> None:
    token = "SUP-7.1.abcdefghijklmnop"
    line = str(Fields(message_id=f"<{token}2345@example.com>", words=f"550 <a+b.{token}@x>"))
    assert line == "message_id=<SUP-7.1.masked@example.com> words='550 <a+b.SUP-7.1.masked@x>'"
