"""Lists the jobs that the daemon runs by an interval, and runs them by the desk's clock, with `schedule`.

Work with a due time in the database (timers, digests, reports, holds, probes) is none of them: its worker reads that
time, so that a restart forgets nothing (`workers/registry`). A job that was missed is run once, not several times.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any

from schedule import Job, Scheduler

from mailgate.core.clock import Clock

_ORIGIN = datetime(1970, 1, 1, tzinfo=UTC)


class PeriodicJob(Enum):
    """A job: the seconds between two runs, and its work."""

    HEARTBEAT = 10, "each process tells the parent that its roles work"
    ROLE_SIGNS = 60, "each process records that its roles work; rarely, since each commit wakes every role"
    DESK_SIGN = 60, "the clock role records that the desk works"
    SOURCES = 60, "the clock role looks at sources, disks, the clock and held alarms, at the latest"
    ARTICLES = 60, "the clock role looks for changed articles"

    @property
    def every(self) -> timedelta:
        return timedelta(seconds=self.value[0])


class PeriodicJobs(Scheduler):
    """Runs jobs of one thread, each for the first time at once; a clock that is set changes nothing."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def passed(self) -> datetime:
        """Returns the time by which jobs are due: it goes on by as much as passes."""
        return _ORIGIN + timedelta(seconds=self._clock.passed())

    def add(self, job: PeriodicJob, run: Callable[[], object]) -> None:
        """Adds a job, which `run_pending` runs with its interval, and `run_all` now."""
        _ClockJob(job.value[0], self).seconds.do(run)


class _ClockJob(Job):
    """A job of `schedule` that is due by our clock: the library reads the machine's."""

    scheduler: Any

    @property
    def should_run(self) -> bool:
        return bool(self.next_run is not None and self.scheduler.passed() >= self.next_run)

    def _schedule_next_run(self) -> None:
        pause = timedelta(seconds=self.interval if self.last_run is not None else 0)
        self.next_run = self.scheduler.passed() + pause
