"""The finding of `check --connect` on the relay."""

from __future__ import annotations

from pathlib import Path

import pytest

from mailgate.cli.checks.desk import CheckResult, check_relay
from mailgate.config import read_config
from mailgate.core.clock import HandClock
from tests.support.desk import CONFIG, MONDAY
from tests.support.relay import SmtpSink


@pytest.mark.parametrize(
    ("limit", "verdict", "words"),
    [
        (10_240_000, CheckResult.WARNING, "takes mails up to 9.8 MiB, less than limits.notice_max_size (20.0 MiB)"),
        (30_000_000, CheckResult.OK, "answers; it offers SIZE"),
    ],
)
def test_a_relay_that_takes_less_than_the_desk_plans_with(
    tmp_path: Path, limit: int, verdict: CheckResult, words: str
) -> None:
    with SmtpSink(data_size_limit=limit) as sink:
        (tmp_path / "secret").write_text("a key that only the tests know\n")
        (tmp_path / "mailgate.toml").write_text(f"{CONFIG}\n[relay]\nport = {sink.port}\n")
        found = check_relay(read_config(tmp_path / "mailgate.toml"), HandClock(MONDAY))
    assert found.verdict is verdict
    assert words in found.words
