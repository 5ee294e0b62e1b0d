"""An outage has a beginning and an end, whatever fails in between."""

from __future__ import annotations

from mailgate.core.outage import Outage


def test_each_reason_of_an_outage_is_new_once() -> None:
    outage = Outage()
    reasons = ("full", "full", "gone", "full", "gone")
    assert [outage.fail(reason) for reason in reasons] == [True, False, True, False, False]
    assert outage.end() == 5
    assert outage.end() == 0
    assert outage.fail("full")


def test_reasons_that_differ_each_time_are_not_told_for_ever() -> None:
    outage = Outage()
    assert sum(outage.fail(f"mail {number}") for number in range(1_000)) == 10
    assert len(outage._reasons) == 10
    assert outage.end() == 1_000
