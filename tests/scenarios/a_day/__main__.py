"""Plays the day and prints its table: `python -m tests.scenarios.a_day`; with `--mails` each mail to the staff, too."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.scenarios.a_day.judgement import judge
from tests.scenarios.a_day.office import StaffOffice
from tests.scenarios.a_day.script import play_the_day, play_the_two_weeks
from tests.scenarios.a_day.table import list_mails, table


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.scenarios.a_day", description=__doc__)
    parser.add_argument("--mails", action="store_true", help="list each mail to the staff")
    wants_mails = parser.parse_args().mails
    with tempfile.TemporaryDirectory() as folder:
        office = StaffOffice(Path(folder), f"sqlite:///{folder}/mailgate.db")
        play_the_day(office)
        evening = office.clock.now()
        play_the_two_weeks(office)
        mails = judge(office)
        office.close()
    print(table(mails, evening))
    if wants_mails:
        print(list_mails(mails))


if __name__ == "__main__":
    main()
