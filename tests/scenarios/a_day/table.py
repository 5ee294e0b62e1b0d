"""The table of the mails to the staff, as docs/agents.md has it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from tests.scenarios.a_day.judgement import StaffMail
from tests.scenarios.a_day.office import READERS
from tests.support.clients import PARIS

NAMES = {
    "level1@example.com": "Level 1", "alice@example.com": "Alice", "bob@example.com": "Bob",
    "level2@example.com": "Level 2", "carol@example.com": "Carol", "manager@example.com": "manager",
}  # fmt: skip


def table(mails: Sequence[StaffMail], evening: datetime) -> str:
    """Two tables in Markdown: the day until the evening, and the two weeks after it."""
    day = [one for one in mails if one.mail.at <= evening]
    after = [one for one in mails if one.mail.at > evening]
    return f"The day\n\n{_one_table(day)}\n\nThe two weeks after\n\n{_one_table(after)}"


def _one_table(mails: Sequence[StaffMail]) -> str:
    kinds = Counter(one.mail.notice for one in mails)
    rows = [["mail", *NAMES.values(), "all", "needless"], ["---"] * (len(NAMES) + 3)]
    rows += [_row(kind, [one for one in mails if one.mail.notice == kind]) for kind, _ in kinds.most_common()]
    rows.append(_row("all", mails))
    read = [_count(address in one.readers for one in mails) if address in READERS[address] else "" for address in NAMES]
    rows.append(["read by", *read, "", ""])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _row(name: str, mails: Sequence[StaffMail]) -> list[str]:
    to = [_count(one.mail.recipient == address for one in mails) for address in NAMES]
    return [name, *to, str(len(mails)), _count(bool(one.needless) for one in mails)]


def _count(found: Iterable[bool]) -> str:
    return str(sum(found) or "")


def list_mails(mails: Sequence[StaffMail]) -> str:
    """One line for each mail: when, to whom, which, about what, whose mail caused it, and why it is needless."""
    lines = []
    for one in mails:
        cause = one.act.author if one.act is not None else "a time was over"
        subject, at = str(one.mail.message["Subject"]), one.mail.at.astimezone(PARIS)
        line = f"{at:%a %d %b %H:%M}  {NAMES[one.mail.recipient]:8} {one.mail.notice:18} {subject[:60]:60} {cause}"
        lines.append(f"{line}  NEEDLESS: {one.needless}" if one.needless else line)
    return "\n".join(lines)
