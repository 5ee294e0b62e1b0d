"""The composer takes from the catalogue what follows from the notice alone."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from typing import cast

import pytest
from sqlalchemy import Connection

from mailgate.config import Queue, read_config
from mailgate.core.workflow.notice_catalogue import Automation, Notice
from mailgate.notices.composer import Composer, NoticeEnvelope
from mailgate.notices.rendering.samples import sample
from mailgate.notices.rendering.templates import Templates
from tests.support.desk import CONFIG

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)
NO_LOGO = cast(Connection, None)  # a logo alone is looked for in the database
COMPOSER = Composer(Templates())


@pytest.fixture(scope="module")
def queue(tmp_path_factory: pytest.TempPathFactory) -> Queue:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "secret").write_text("a key that only the tests know\n")
    (folder / "articles").mkdir()
    (folder / "mailgate.toml").write_text(CONFIG)
    return read_config(folder / "mailgate.toml").default_queue


def envelope(queue: Queue, *, probe: str = "", references: tuple[str, ...] = ()) -> NoticeEnvelope:
    return NoticeEnvelope(
        queue=queue,
        role="house",
        at=AT,
        message_id="one@example.com",
        reply_to="" if probe else queue.address,
        references=references,
        probe=probe,
    )


@pytest.mark.parametrize("notice", list(Notice))
def test_headers_and_row_say_whether_a_person_wrote_it(notice: Notice, queue: Queue) -> None:
    composed = COMPOSER.compose(NO_LOGO, sample(notice, "en"), envelope(queue))
    message = message_from_bytes(composed.queued.body)
    assert ("Auto-Submitted" in message) == (notice.info.automation is not Automation.HUMAN)
    assert composed.queued.human == (notice.info.automation is not Automation.LIMITED)
    assert (composed.queued.notice, composed.queued.message_id) == (notice.value, "one@example.com")


def test_the_mail_that_is_answered_ends_the_references(queue: Queue) -> None:
    thread = ("first@example.org", "last@example.org")
    composed = COMPOSER.compose(NO_LOGO, sample(Notice.REPLY, "en"), envelope(queue, references=thread))
    assert message_from_bytes(composed.queued.body)["In-Reply-To"] == "<last@example.org>"


def test_a_probe_is_text_alone_and_takes_no_reply(queue: Queue) -> None:
    composed = COMPOSER.compose(NO_LOGO, sample(Notice.PROBE, "en"), envelope(queue, probe="a" * 26))
    message = message_from_bytes(composed.queued.body)
    assert message.get_content_type() == "text/plain"
    assert message["Reply-To"] is None
    assert message["X-Mailgate-Probe"] == "a" * 26


def test_a_record_is_what_was_sent(queue: Queue) -> None:
    composed = COMPOSER.compose(NO_LOGO, sample(Notice.ANSWER, "en"), envelope(queue))
    record = composed.record(internal=False)
    assert (record.direction, record.notice, record.at) == ("out", "answer", AT)
    assert record.subject == composed.head.subject
    assert record.text == composed.rendered.text
    assert not record.internal
