"""The periodic jobs of the daemon are run by the desk's clock, with `schedule`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from mailgate.core.clock import HandClock
from mailgate.daemon.periodic import PeriodicJob, PeriodicJobs

START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def _build() -> tuple[HandClock, PeriodicJobs, list[PeriodicJob]]:
    clock, done = HandClock(START), list[PeriodicJob]()
    jobs = PeriodicJobs(clock)
    for job in (PeriodicJob.HEARTBEAT, PeriodicJob.ROLE_SIGNS):
        jobs.add(job, partial(done.append, job))
    return clock, jobs, done


def test_each_job_is_run_at_once_and_then_by_its_interval() -> None:
    clock, jobs, done = _build()
    for _ in range(121):
        jobs.run_pending()
        clock.advance(timedelta(seconds=1))
    assert done.count(PeriodicJob.HEARTBEAT) == 13
    assert done.count(PeriodicJob.ROLE_SIGNS) == 3


def test_a_job_that_was_missed_is_run_once() -> None:
    clock, jobs, done = _build()
    jobs.run_pending()
    clock.advance(timedelta(hours=5))
    jobs.run_pending()
    jobs.run_pending()
    assert done.count(PeriodicJob.HEARTBEAT) == 2


def test_a_clock_that_is_set_makes_nothing_due_and_delays_nothing() -> None:
    clock, jobs, done = _build()
    jobs.run_pending()
    clock.jump(timedelta(days=1))
    jobs.run_pending()
    assert len(done) == 2
    clock.jump(timedelta(days=-3))
    clock.advance(timedelta(seconds=10))
    jobs.run_pending()
    assert done.count(PeriodicJob.HEARTBEAT) == 2
    jobs.run_all()
    assert done.count(PeriodicJob.HEARTBEAT) == 3


def test_a_job_that_fails_is_tried_again_at_the_next_look() -> None:
    clock = HandClock(START)
    jobs, tries = PeriodicJobs(clock), list[int]()

    def fail() -> None:
        tries.append(1)
        raise OSError

    jobs.add(PeriodicJob.DESK_SIGN, fail)
    for _ in range(2):
        try:
            jobs.run_pending()
        except OSError:
            clock.advance(timedelta(seconds=1))
    assert len(tries) == 2
