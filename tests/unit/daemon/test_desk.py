"""The parts of a desk that are loaded before its processes are forked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from mailgate.core.calendar import week
from mailgate.core.clock import HandClock
from mailgate.daemon.desk import load_ahead
from tests.support.desk import MONDAY, TestDesk


def test_the_public_holidays_are_loaded_ahead_on_a_day_that_is_closed_too(tmp_path: Path, database_url: str) -> None:
    desk = TestDesk(tmp_path, database=database_url)
    settings = desk.desk.settings
    desk.close()
    week._holidays_of.cache_clear()
    load_ahead(settings, HandClock(MONDAY - timedelta(days=1)))
    assert week._holidays_of.cache_info().currsize == 1
