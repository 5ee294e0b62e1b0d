"""Who gets a digest when: once for each morning, whatever happens meanwhile, and never for nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mailgate.config import Settings
from mailgate.daemon.workers.digest import DigestWorker
from mailgate.notices.digest import list_recipients
from mailgate.store.people import end_absence, put_absence
from mailgate.store.schedules import claim_day, last_day
from tests.support.desk import CONFIG, Delivered, TestDesk

EVENING = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # Monday, 18:00 in Paris
TUESDAY = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)  # 8 o'clock there
MORNING = CONFIG.replace('[digest]\nat = ""', '[digest]\nat = "08:00"')
NETWORK = """
[queues.network]
address = "network@example.com"
name = "Network"
languages = ["fr"]
timezone = "America/Montreal"
levels.level1.mailbox = "network-l1@example.com"
levels.level1.agents = ["Alice@example.com"]
levels.level1.resolve_within = "2 business days"
levels.level2.mailbox = "network-l2@example.com"
levels.level2.agents = []
"""
ALICE, BOB = "alice@example.com", "bob@example.com"


@pytest.fixture
def build(tmp_path: Path, database_url: str) -> Iterator[Callable[[str], TestDesk]]:
    """A desk of another configuration."""
    built: list[TestDesk] = []

    def build_one(config: str) -> TestDesk:
        built.append(TestDesk(tmp_path, database=database_url, config=config))
        return built[-1]

    yield build_one
    for desk in built:
        desk.close()


@pytest.fixture
def desk(build: Callable[[str], TestDesk]) -> TestDesk:
    assert MORNING != CONFIG
    return build(MORNING)


def digests_of(desk: TestDesk, address: str) -> list[Delivered]:
    return [mail for mail in desk.delivered(address) if mail.notice == "digest"]


def write(desk: TestDesk, count: int = 1) -> None:
    for number in range(count):
        desk.send(desk.mail("Anna <anna@example.org>", f"Word does not start {number}.", subject=f"Word {number}"))


def restart(desk: TestDesk) -> None:
    """Another process, which remembers nothing."""

    desk.workers["digest"] = DigestWorker(desk.desk)


def test_one_digest_a_day_whatever_restarts(desk: TestDesk) -> None:
    desk.pass_until(EVENING)
    write(desk)
    desk.pass_until(TUESDAY)
    assert [mail.at for mail in digests_of(desk, ALICE)] == [TUESDAY]
    restart(desk)
    desk.pass_until(TUESDAY + timedelta(hours=1))
    assert len(digests_of(desk, ALICE)) == len(digests_of(desk, BOB)) == 1


def test_it_sleeps_until_the_morning(desk: TestDesk) -> None:
    assert desk.workers["digest"].step() == 0
    assert desk.workers["digest"].next_due() == TUESDAY
    desk.pass_until(TUESDAY)
    assert desk.workers["digest"].next_due() == TUESDAY + timedelta(days=1)


@pytest.mark.parametrize(("hours", "given"), [(3.9, 2), (4.1, 1)])
def test_a_morning_that_was_missed_for_long_is_left_out(desk: TestDesk, hours: float, given: int) -> None:
    desk.pass_until(EVENING)
    write(desk)
    desk.pass_until(TUESDAY + timedelta(hours=10))
    write(desk)
    desk.clock.set(TUESDAY + timedelta(days=1, hours=hours))  # nobody worked meanwhile
    restart(desk)
    for _ in range(5):
        desk.workers["digest"].step()
    desk.settle()
    assert len(digests_of(desk, ALICE)) == given
    desk.pass_until(TUESDAY + timedelta(days=2))
    assert digests_of(desk, "carol@example.com")[-1].at == TUESDAY + timedelta(days=2), "the next morning comes as ever"


def test_a_desk_that_starts_in_the_morning_sends_no_digest_that_was_due_before(desk: TestDesk) -> None:
    desk.clock.set(TUESDAY + timedelta(hours=1))
    restart(desk)
    write(desk)
    desk.pass_until(TUESDAY + timedelta(hours=8))
    assert digests_of(desk, ALICE) == []
    write(desk)
    desk.pass_until(TUESDAY + timedelta(days=1))
    assert [mail.at for mail in digests_of(desk, ALICE)] == [TUESDAY + timedelta(days=1)]


def test_two_quiet_weeks_send_no_digest(build: Callable[[str], TestDesk]) -> None:
    """Three tickets that are nobody's and not due: they are listed once."""
    desk = build(MORNING.replace('resolve_within = "4 business hours"', 'resolve_within = "30 business days"'))
    desk.pass_until(EVENING)
    write(desk, 3)
    desk.pass_until(TUESDAY + timedelta(days=14))
    assert [mail.at for mail in digests_of(desk, ALICE)] == [TUESDAY]


def test_who_comes_back_gets_what_came_meanwhile(build: Callable[[str], TestDesk]) -> None:
    desk = build(MORNING.replace('resolve_within = "4 business hours"', 'resolve_within = "30 business days"'))
    desk.pass_until(TUESDAY)
    with desk.desk.database.write() as connection:
        put_absence(connection, BOB, TUESDAY + timedelta(days=3, hours=-1))
    write(desk)
    desk.pass_until(TUESDAY + timedelta(days=3))
    assert [mail.at for mail in digests_of(desk, ALICE)] == [TUESDAY + timedelta(days=1)]
    (back,) = digests_of(desk, BOB)
    assert back.at == TUESDAY + timedelta(days=3)
    assert "SUP-1 Word 0" in back.text


@pytest.mark.postgresql
def test_two_who_give_it_at_once_give_it_once(desk: TestDesk) -> None:
    with desk.desk.database.write() as connection:
        assert claim_day(connection, "Alice@example.com", date(2026, 11, 24))
        assert not claim_day(connection, ALICE, date(2026, 11, 24))
        assert not claim_day(connection, ALICE, date(2026, 11, 23))
        assert claim_day(connection, ALICE, date(2026, 11, 25))
        assert last_day(connection, "ALICE@example.com") == date(2026, 11, 25)
        assert last_day(connection, BOB) is None


def test_who_is_away_gets_none_and_the_others_read_it(desk: TestDesk) -> None:
    desk.pass_until(EVENING)
    write(desk)
    with desk.desk.database.write() as connection:
        put_absence(connection, "Bob@example.com", TUESDAY + timedelta(hours=10))
        put_absence(connection, "carol@example.com", TUESDAY + timedelta(days=9))
        put_absence(connection, ALICE, TUESDAY - timedelta(hours=1))
    desk.pass_until(TUESDAY + timedelta(hours=5))
    assert digests_of(desk, BOB) == []
    text = digests_of(desk, ALICE)[0].text
    assert "Away\n----\n\n- bob@example.com, until Tuesday 24 November at 18:00 (Paris time)" in text
    assert "carol" not in text, "she is of another level"
    with desk.desk.database.write() as connection:
        end_absence(connection, "BOB@example.com")
    write(desk)
    desk.pass_until(TUESDAY + timedelta(hours=6))
    assert digests_of(desk, BOB) == [], "a morning that he was away for is over"


def test_that_somebody_is_away_is_no_reason_to_write(desk: TestDesk) -> None:
    with desk.desk.database.write() as connection:
        put_absence(connection, BOB, TUESDAY + timedelta(days=9))
    desk.pass_until(TUESDAY + timedelta(hours=1))
    assert digests_of(desk, ALICE) == []


def test_a_long_list_is_cut_and_counted(build: Callable[[str], TestDesk]) -> None:
    config = MORNING.replace('at = "08:00"', 'at = "08:00"\nsay = "all"')
    desk = build(f"{config}\n[limits]\nlist_lines = 3\n")
    desk.pass_until(EVENING)
    write(desk, 5)
    desk.pass_until(TUESDAY)
    text = digests_of(desk, ALICE)[0].text
    assert "Due today (5)" in text
    assert text.count("· SUP-") == 3, "three due today, which are not listed once more as new"
    assert "And 2 more: send #list unassigned to support@example.com." in text


def test_a_breaching_ticket_is_named_as_late(build: Callable[[str], TestDesk]) -> None:
    """Within the share that is warned of, and over: the last level keeps what is late."""
    config = MORNING.replace('resolve_within = "2 business days"', 'resolve_within = "8 hours"')
    desk = build(config)
    write(desk, 2)
    for number in (0, 1):
        desk.send(desk.answer("Alice <alice@example.com>", "#escalate", desk.delivered("level1@example.com")[number]))
    desk.pass_until(TUESDAY)
    mail = digests_of(desk, "carol@example.com")[0]
    assert str(mail.message["Subject"]) == "Your tickets today: 2 overdue"
    assert "- Overdue since Monday 23 November, 17:00 · SUP-1 Word 0 · Anna" in mail.text
    assert "Due today" not in mail.text


def test_an_agent_of_two_queues_gets_one_and_a_level_without_agents_gets_it_by_its_mailbox(
    build: Callable[[str], TestDesk],
) -> None:
    desk = build(MORNING + NETWORK)
    recipients = {
        recipient.address: (recipient.places, recipient.queue.name) for recipient in list_recipients(desk.settings)
    }
    assert recipients == {
        ALICE: ((("default", "level1"), ("network", "level1")), "default"),
        BOB: ((("default", "level1"),), "default"),
        "carol@example.com": ((("default", "level2"),), "default"),
        "network-l2@example.com": ((("network", "level2"),), "network"),
    }
    desk.pass_until(EVENING)
    write(desk)
    desk.send(desk.mail("Zoe <zoe@example.net>", "The line is down.", subject="Line", to="network@example.com"))
    desk.send(desk.answer("Alice <alice@example.com>", "#escalate", desk.last("network-l1@example.com")))
    desk.send(desk.mail("Zoe <zoe@example.net>", "The door is shut.", subject="Door", to="network@example.com"))
    desk.pass_until(TUESDAY + timedelta(hours=12))
    (alice,) = digests_of(desk, ALICE)
    assert "Word 0 · Anna" in alice.text
    assert "Door · Zoe" in alice.text
    assert "Line" not in alice.text
    assert "· Network" in alice.text
    (mailbox,) = digests_of(desk, "network-l2@example.com")
    assert mailbox.at == datetime(2026, 11, 24, 13, 0, tzinfo=UTC), "eight in Montréal"
    assert str(mailbox.message["Subject"]).startswith("Vos tickets du jour")
    assert digests_of(desk, "network-l1@example.com") == []


def test_a_digest_that_fails_keeps_nobody_elses_back(desk: TestDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.pass_until(EVENING)
    write(desk)
    real, broken = desk.desk.system_notices.send_digest, [True]

    def tell(*words: object) -> None:
        if broken[0] and getattr(words[1], "address", "") == ALICE:
            raise RuntimeError("a bug")
        real(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.desk.system_notices, "send_digest", tell)
    desk.pass_until(TUESDAY + timedelta(minutes=1))
    assert (len(digests_of(desk, ALICE)), len(digests_of(desk, BOB))) == (0, 1)
    broken[0] = False
    desk.pass_until(TUESDAY + timedelta(minutes=6))
    assert (len(digests_of(desk, ALICE)), len(digests_of(desk, BOB))) == (1, 1)


def test_it_says_that_no_human_wrote_it_and_belongs_to_no_ticket(desk: TestDesk) -> None:
    desk.pass_until(EVENING)
    write(desk)
    desk.pass_until(TUESDAY)
    head = digests_of(desk, ALICE)[0].message
    assert head["Auto-Submitted"] == "auto-replied"
    assert head["X-Mailgate"] == "notice=digest"
    assert "In-Reply-To" not in head


def test_off_is_off(build: Callable[[str], TestDesk]) -> None:
    desk = build(CONFIG)
    settings: Settings = desk.settings
    assert settings.digest.at is None
    assert "digest" not in desk.workers
    desk.pass_until(EVENING)
    write(desk)
    desk.pass_until(TUESDAY + timedelta(days=1))
    assert digests_of(desk, ALICE) == []


def test_every_day_where_that_is_wanted(build: Callable[[str], TestDesk]) -> None:
    config = MORNING.replace('at = "08:00"', 'at = "07:15"\ndays = "all"\nsay = "all"')
    desk = build(config)
    desk.pass_until(datetime(2026, 11, 27, 17, 0, tzinfo=UTC))  # Friday evening
    write(desk)
    desk.pass_until(datetime(2026, 11, 30, 8, 0, tzinfo=UTC))
    assert [f"{mail.at:%a %H:%M}" for mail in digests_of(desk, ALICE)] == ["Sat 06:15", "Sun 06:15", "Mon 06:15"]


def test_a_spam_mail_that_cannot_be_read_costs_nobody_his_digest(
    build: Callable[[str], TestDesk], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise IndexError("a bug of the parser")

    monkeypatch.setattr("mailgate.notices.digest.read_mail", fail)
    desk = build(MORNING.replace("[intake.smtp]", '[intake]\nspam_headers = ["X-Spam-Flag: YES"]\n[intake.smtp]'))
    desk.pass_until(EVENING)
    spam = desk.mail("Shop <shop@evil.example>", "Buy!", subject="Hats")
    spam["X-Spam-Flag"] = "YES"
    row = desk.send(spam)
    desk.pass_until(TUESDAY)
    (digest,) = digests_of(desk, ALICE)
    assert "shop@evil.example" in digest.text
    assert f"mailgate requeue journal {row}" in digest.text
