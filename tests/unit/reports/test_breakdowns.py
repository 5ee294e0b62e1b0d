"""Figures by type, priority, department, channel, tag and agent, of a small desk whose numbers are counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mailgate.config import Settings
from mailgate.config.tables import FiguresTable
from mailgate.reports.counting import Report, count
from mailgate.reports.measures import MEASURES
from mailgate.reports.periods import whole_days
from mailgate.reports.sections import list_items
from tests.support.story_runner import StoryRunner

STORY = r"""
with [trust] authserv_id = ["mx.example.com"]

# SUP-1: solved after 30 minutes, and that held
anna writes "Word does not start." about "Word"
30 minutes pass
alice replies "#type incident\n#tag office word\n#time 15m\n#resolve I restarted it." of ticket 1
anna replies "resolved" of ticket 1

# SUP-2: answered after an hour, solved in vain, and again
ben writes "The printer is dead." about "Printer"
1 hour passes
alice replies "#tag office\nIs there toner?" of ticket 2
bob replies "#resolve The toner was empty." of ticket 2
ben replies "not fixed" of ticket 2
bob replies "#resolve Another toner." of ticket 2
ben replies "resolved" of ticket 2

# SUP-3: nothing is known of it
zoe writes "The mail is slow." about "Mail"
"""
DAY = date(2026, 11, 23)


@pytest.fixture
def runner(tmp_path: Path, database_url: str) -> Iterator[StoryRunner]:
    found = StoryRunner(tmp_path, STORY, database_url)
    found.run()
    yield found
    found.desk.close()


def report_of(runner: StoryRunner, *, by_agent: bool = False) -> Report:
    desk = runner.desk
    settings: Settings = desk.settings.model_copy(update={"figures": FiguresTable(by_agent=by_agent)})
    with desk.desk.database.read() as connection:
        return count(connection, settings, whole_days(DAY, DAY, settings.default_queue.zone), desk.clock.now())


def things(report: Report, name: str) -> dict[str, float | None]:
    return {one.item: one.value for one in report.items(name)}


def test_the_tickets_of_each_type_and_tag(runner: StoryRunner) -> None:
    report = report_of(runner)
    assert things(report, "opened_by_type") == {"": 2, "incident": 1}
    assert things(report, "opened_by_tag") == {"office": 2, "word": 1}
    assert things(report, "closed_by_tag") == {"office": 2, "word": 1}
    assert things(report, "first_try_by_tag") == {"office": 50, "word": 100}
    assert things(report, "first_try_by_type") == {"": 0, "incident": 100}
    assert things(report, "first_answer_median_by_tag") == {"office": 45, "word": 30}
    assert things(report, "solution_within_by_tag") == {"office": 100, "word": 100}
    assert things(report, "opened_by_channel") == {"mail": 3}


def test_the_channel_that_an_agent_names_counts(runner: StoryRunner) -> None:
    for order in ("by phone", "im Chat", "(telefonisch)"):
        words = f"#requester ben@example.org {order}\\n\\nPaint does not start: {order}."
        runner.play(f'alice writes "{words}" about "Paint" and the pinned server says pass')
    assert things(report_of(runner), "opened_by_channel") == {"mail": 3, "phone": 2, "chat": 1}


def test_a_property_in_which_no_tickets_differ_has_no_section(runner: StoryRunner) -> None:
    report = report_of(runner)
    shown = [section for section in dict.fromkeys(one.section for one in MEASURES) if section.startswith("by_")]
    assert [section for section in shown if list_items(report, section)] == ["by_type", "by_tag"]


def test_agents_are_counted_only_where_the_operator_wants_it(runner: StoryRunner) -> None:
    assert [one for one in report_of(runner).figures if one.measure.section == "by_agent"] == []
    report = report_of(runner, by_agent=True)
    assert things(report, "solved_by_agent") == {"bob@example.com": 2, "alice@example.com": 1}
    assert things(report, "answers_by_agent") == {"alice@example.com": 1}
    assert things(report, "time_spent_by_agent") == {"alice@example.com": 15}


def test_an_agent_reads_them_by_mail(runner: StoryRunner) -> None:
    runner.play('alice writes "#report day" about "Figures" and the pinned server says pass')
    text = runner.desk.last("alice@example.com", "reply").text
    assert "By tag\n------\n" in text
    assert "- office: opened 2, closed 2, median first reply 45\xa0min" in text
    assert "- (none): opened 2" in text
    assert "By priority" not in text
    assert "By agent" not in text


def test_a_ticket_that_was_opened_before_the_period_has_a_number_beside_its_times(runner: StoryRunner) -> None:
    words = "#requester ben@example.org by phone\\n\\nPaint does not start."
    runner.play(f'alice writes "{words}" about "Paint" and the pinned server says pass')
    runner.play("10 minutes pass")
    runner.play('alice replies "Please restart it." of ticket 4')
    runner.play('anna writes "Paint does not start." about "Paint"')
    runner.play("1435 minutes pass")
    runner.play('alice writes "#report day" about "Figures" and the pinned server says pass')
    text = runner.desk.last("alice@example.com", "reply").text
    assert "- phone: opened 0, median first reply 10\xa0min" in text
